"""Names of lines that hang on what they say, not on where they stand: a file exported again has the
same lines under the same names, and what a person decided about them stays.
"""

from __future__ import annotations

import hashlib
from collections import Counter


class Fingerprints:
    """Gives each line its name; lines that say the same are numbered."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, *said: object) -> str:
        digest = hashlib.blake2b("\x1f".join(map(str, said)).encode(), digest_size=12).hexdigest()
        self._seen[digest] += 1
        return f"{digest}.{self._seen[digest]}"
