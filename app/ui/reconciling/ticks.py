"""Lines of both sides that a person ticks to add them up until nothing is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.matching.outcome import MatchState
from app.reconciling.runs import Reconciliation
from app.ui.reconciling.alignment import LEFT, RIGHT, Aligned
from app.ui.reconciling.saying import missing_of


@dataclass
class Ticks:
    """The indexes of the ticked lines of either side. They stay while a person filters and
    searches.
    """

    left: set[int] = field(default_factory=set)
    right: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.left or self.right)

    def toggle(self, items: Sequence[Aligned], sides: Sequence[int] = (LEFT, RIGHT)) -> bool:
        """Tick the lines of some rows, on these sides, or take their ticks away where all have
        one. False where nothing can be ticked: what is matched has to be taken apart before.
        """
        free = [item for item in items if item.state != MatchState.MATCHED]
        wanted = {
            (side, index)
            for item in free
            for side, index in ((LEFT, item.left), (RIGHT, item.right))
            if side in sides and index >= 0
        }
        has_all = all(index in self._of(side) for side, index in wanted)
        for side, index in wanted:
            (self._of(side).discard if has_all else self._of(side).add)(index)
        return bool(wanted)

    def clear(self) -> None:
        self.left.clear()
        self.right.clear()

    def has(self, side: int, index: int) -> bool:
        return index in self._of(side)

    @property
    def lines(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        return tuple(sorted(self.left)), tuple(sorted(self.right))

    def missing(self, result: Reconciliation) -> int:
        """What the right side lacks, in minor units."""
        return missing_of(result, *self.lines)

    def _of(self, side: int) -> set[int]:
        return (self.left, self.right)[side]
