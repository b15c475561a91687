"""References that are longer than a field of the target."""

from __future__ import annotations

import base64
import hashlib


def shortened(text: str, most: int) -> str:
    """The text where it fits; else its beginning and enough of a hash that two never share one."""
    if len(text) <= most:
        return text
    digest = base64.b32encode(hashlib.sha256(text.encode()).digest()).decode()[:12]
    return f"{text[: max(most - 13, 0)]}{'-' if most > 13 else ''}{digest}"[:most]
