"""How often something may happen: a bucket that fills at a rate and holds a burst."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Bucket:
    """``rate`` a second, ``burst`` at once. Instants are seconds of a clock that never goes back.
    Whoever uses it from several threads holds a lock.
    """

    rate: float
    burst: float

    def __post_init__(self) -> None:
        self._held, self._at = self.burst, 0.0

    def take(self, at: float) -> bool:
        """Whether one more may happen; if so, it counts."""
        self._held = min(self.burst, self._held + max(at - self._at, 0.0) * self.rate)
        self._at = at
        if self._held < 1:
            return False
        self._held -= 1
        return True
