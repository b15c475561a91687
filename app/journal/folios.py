"""Which file counts where several bring one folio with different content: a person says it of a
file, and the last who was asked decides.
"""

from __future__ import annotations

from app.journal import events
from app.journal.store import Journal

FOLIOS = "folios"
"""What of a file is let go: that its folios replace those of other files."""


def decided(journal: Journal) -> dict[int, int]:
    """Batch → when (number of the event) a person last said that its folios count."""
    return {
        int(event.subject.removeprefix("batch:")): event.sequence
        for event in events.of(journal, area="batch", kinds=("batch.approved",))
        if event.data.get("what") == FOLIOS
    }
