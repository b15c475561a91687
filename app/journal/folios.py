"""Which file counts where several bring one folio with different content: a person says it of a
file, and the last who was asked decides.
"""

from __future__ import annotations

import sqlalchemy as sa

from app.journal import events, schema
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


def disputed(journal: Journal, own_source: str) -> list[str]:
    """References several files bring with different content, nobody having said which counts, and
    of which nothing was sent yet; vouchers of ``own_source`` are not asked about.
    """
    document, batch, outbox = schema.document, schema.batch, schema.outbox
    sent = sa.select(outbox.c.external_ref).where(
        (outbox.c.state != "queued") | (outbox.c.attempts > 0)
    )
    copies = document.join(batch, batch.c.id == document.c.batch_id)
    ready = sa.and_(
        document.c.state == "ready", batch.c.source_system != own_source, batch.c.compacted_at == ""
    )
    several = (
        sa.select(document.c.external_ref)
        .select_from(copies)
        .where(ready, document.c.movements > 0, document.c.external_ref.not_in(sent))
        .group_by(document.c.external_ref)
        .having(sa.func.count(sa.distinct(document.c.content_hash)) > 1)
        .having(sa.func.count(sa.distinct(document.c.batch_id)) > 1)
    )
    settled = sorted(decided(journal))
    said = sa.select(document.c.external_ref).where(document.c.batch_id.in_(settled))
    with journal.reading() as connection:
        found = connection.execute(several.where(document.c.external_ref.not_in(said)))
        return sorted(found.scalars())
