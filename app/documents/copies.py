"""Which of several copies of a document counts."""

from __future__ import annotations

from collections.abc import Sequence

from app.journal import Journal, folios, outbox_rows
from app.journal.outbox import State
from app.journal.rows import DocumentRow


class Settled:
    """Which copy of a document counts, as far as it is settled."""

    def __init__(self, journal: Journal, connection_name: str) -> None:
        self._decided = folios.decided(journal)
        self._sent = {
            row.external_ref
            for row in outbox_rows.every(journal, connection_name)
            if row.state != State.QUEUED or row.attempts
        }

    def of(self, rows: Sequence[DocumentRow], batch: int | None) -> DocumentRow | None:
        """The copy that counts (where several say the same that of the ``batch``, else the
        newest); None where nobody said which.
        """
        kept = [row for row in rows if not row.compacted_at] or rows
        contents = {row.content_hash for row in kept}
        if len(contents) == 1 or kept[0].external_ref in self._sent:
            mine = [row for row in kept if row.batch_id == batch]
            return (mine or kept)[-1]
        by_person = [row for row in kept if row.batch_id in self._decided]
        if not by_person:
            return kept[-1] if len({row.batch_id for row in kept}) == 1 else None
        return max(by_person, key=lambda row: (self._decided[row.batch_id], row.id))
