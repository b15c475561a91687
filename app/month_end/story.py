"""The whole story of a document: read where, mapped to what, sent when and by whom, answered how,
reconciled or not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.journal import Journal, listings, schema
from app.journal.event_words import event_text, facts_text
from app.translation import translate


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to a document: ``at`` an instant in UTC (ISO), ``what`` and ``facts``
    in words.
    """

    at: str
    actor: str
    what: str
    facts: str


def document_story(journal: Journal, reference: str) -> list[Moment]:
    """Everything the journal knows about the document of that external reference, in order of time;
    empty when it knows none.
    """
    document = schema.document
    with journal.reading() as connection:
        copies = connection.execute(
            sa.select(document, schema.file.c.name)
            .join(schema.batch, schema.batch.c.id == document.c.batch_id)
            .join(schema.file, schema.file.c.id == schema.batch.c.file_id)
            .where(document.c.external_ref == reference)
            .order_by(document.c.id)
        ).all()
    moments = []
    for copy in copies:
        moments += [
            _read(event, copy)
            for event in listings.story(journal, f"batch:{copy.batch_id}")
            if event.kind == "import.closed"
        ]
    for event in listings.story(journal, reference):
        moments.append(_moment(event))
        if event.kind == "outbox.queued":
            moments += _mapped(journal, reference, event)
    moments += _reconciled(journal, reference, [copy.batch_id for copy in copies])
    return sorted(moments, key=lambda moment: moment.at)


def _moment(event: listings.Row) -> Moment:
    return Moment(event.at, event.actor, event_text(event.kind), facts_text(event.data))


def _read(event: listings.Row, copy: sa.Row[tuple[Any, ...]]) -> Moment:
    text = translate("story", "{file}, lines {first} to {last}, {movements} movements")
    facts = text.format(
        file=copy.name, first=copy.line, last=copy.last_line, movements=copy.movements
    )
    if copy.state == "blocked":
        what = translate("story", "read from a file and blocked")
        facts += f"; {copy.blocked_by}"
    else:
        what = translate("story", "read from a file")
    return Moment(event.at, event.actor, what, facts)


def _mapped(journal: Journal, reference: str, event: listings.Row) -> list[Moment]:
    table = schema.outbox
    connection_name = json.loads(event.data)["connection"]
    query = sa.select(table.c.payload).where(
        table.c.external_ref == reference,
        table.c.connection == connection_name,
        table.c.payload != "{}",
    )
    with journal.reading() as connection:
        text = connection.execute(query).scalar()
    if not text:
        return []
    payload: Mapping[str, Any] = json.loads(text)
    accounts = ", ".join(dict.fromkeys(line[0] for line in payload["lines"]))
    facts = translate("story", "journal {journal}, accounts {accounts}").format(
        journal=payload["journal"], accounts=accounts
    )
    return [Moment(event.at, event.actor, translate("story", "mapped to the target"), facts)]


def _reconciled(journal: Journal, reference: str, batches: list[int]) -> list[Moment]:
    """The reconciliations a file of the document was a side of, and whether the document matched in
    them.
    """
    table = schema.event
    query = (
        sa.select(table)
        .where(table.c.subject >= "reconciliation:", table.c.subject < "reconciliation;")
        .where(table.c.kind == "reconciliation.run")
        .order_by(table.c.sequence)
    )
    specs = {f"batch:{batch}" for batch in batches}
    moments = []
    with journal.reading() as connection:
        events = connection.execute(query).all()
    for event in events:
        data = json.loads(event.data)
        sides = (data.get("left_spec", ""), data.get("right_spec", ""))
        if not specs & set(sides) or "open_documents" not in data:
            continue
        what = translate("story", "reconciled: matched")
        if reference in data["open_documents"]:
            what = translate("story", "reconciled: not matched")
        facts = translate("story", "{left} against {right}").format(left=sides[0], right=sides[1])
        moments.append(Moment(event.at, event.actor, what, facts))
    return moments
