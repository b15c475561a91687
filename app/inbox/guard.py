"""How many records may be gone at once before it is more likely a lost permission or half an
answer than that somebody deleted them.
"""

from __future__ import annotations

LEAST, MOST = 3, 100
_SHARE = 0.05


def most_gone(known: int) -> int:
    """Of so many known records."""
    return min(MOST, max(LEAST, int(known * _SHARE)))
