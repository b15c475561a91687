"""The sides of a reconciliation: a file, an imported batch, or the books pulled of a connection, as
columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import sqlalchemy as sa

import importers
from app.company import settings
from app.documents.records import external_reference
from app.journal import Journal, blocks, schema
from app.journal.compaction import archive_of
from app.journal.outbox import State
from app.matching import Side, SideBuilder
from app.matching.fingerprints import Fingerprints
from app.matching.proof import without_summaries
from app.money import to_minor
from app.sending import pull
from app.sending.maps import Maps
from app.sending.pull import latest
from importers import (
    Balance,
    Disposition,
    Failure,
    Finding,
    LedgerLine,
    Line,
    Source,
    TitleBlock,
    Unreadable,
    Voucher,
    VoucherLine,
)
from importers.profile import Profile, load_profiles
from importers.records import CONTINUED


class UnreadableSide(Exception):
    """A side cannot be used; ``finding`` says why (None: there is no such batch or pull)."""

    def __init__(self, spec: str, finding: Finding | None = None) -> None:
        super().__init__(spec)
        self.spec, self.finding = spec, finding


def load(
    journal: Journal,
    spec: str,
    maps: Maps | None,
    connection_name: str,
    months: tuple[date, date] | None,
) -> Side:
    """A side by what names it: a file, ``batch:ID`` or ``pull:CONNECTION``. Raises UnreadableSide,
    OSError.
    """
    if spec.startswith("batch:"):
        return _batch_side(journal, spec, maps, connection_name)
    if spec.startswith("pull:"):
        return _pull_side(journal, spec, months)
    return _file_side(Path(spec), maps, settings.company_code(journal), _profiles(journal))


def _profiles(journal: Journal) -> Mapping[str, Profile]:
    return settings.profiles(journal.home) if journal.home else load_profiles()


def _batch_side(journal: Journal, spec: str, maps: Maps | None, connection_name: str) -> Side:
    number = spec.partition(":")[2]
    with journal.reading() as connection:
        own = sa.select(schema.batch.c.id, schema.batch.c.title).where(
            schema.batch.c.id == (int(number) if number.isdigit() else 0)
        )
        kept = connection.execute(own).first()
        if kept is None:
            raise UnreadableSide(spec)
        known = kept.id
        archive = archive_of(journal, known)
        if archive:
            raise UnreadableSide(spec, Finding("batch-archived", 0, 0, {"archive": archive}))
        movements = list(blocks.movements(connection, known))
        table = schema.document
        documents = {
            row.id: row
            for row in connection.execute(sa.select(table).where(table.c.batch_id == known)).all()
        }
        balances = connection.execute(
            sa.select(schema.balance).where(schema.balance.c.batch_id == known)
        ).all()
        not_sent = _not_confirmed(connection, connection_name)
    side, names = SideBuilder(spec), Fingerprints()
    stated = [(row.account, row.opening, row.closing) for row in balances]
    side.balances_only = not movements and bool(stated)
    _balances(side, without_summaries(stated) if side.balances_only else stated, maps)
    title = json.loads(kept.title)
    if title.get("start") and title.get("end"):
        side.period = date.fromisoformat(title["start"]), date.fromisoformat(title["end"])
    for line in movements:
        owner = documents.get(line.document) if line.document is not None else None
        reference, state = (owner.external_ref, owner.state) if owner else ("", "")
        side.add(
            names.of(
                line.date,
                line.account,
                line.debit - line.credit,
                line.reference or line.number,
                line.party,
                line.tax_id,
                line.description,
                reference,
            ),
            date.fromisoformat(line.date),
            line.debit - line.credit,
            account=maps.target_account(line.account) if maps else line.account,
            reference=line.reference or line.number,
            document=reference if state == "ready" else "",
            party=line.party,
            tax_id=line.tax_id,
            text=line.description,
            explained=owner.blocked_by
            if owner and state == "blocked"
            else not_sent.get(reference, ""),
        )
    return side.build()


def _not_confirmed(connection: sa.Connection, connection_name: str) -> dict[str, str]:
    """External reference → why the target does not have it, by the outbox."""
    table = schema.outbox
    query = sa.select(table.c.external_ref, table.c.state).where(
        table.c.connection == connection_name, table.c.state != State.CONFIRMED
    )
    return {row.external_ref: row.state for row in connection.execute(query)}


def _pull_side(journal: Journal, spec: str, months: tuple[date, date] | None) -> Side:
    name = spec.partition(":")[2]
    identifier = latest(journal, name, months)
    if identifier is None and months and latest(journal, name) is not None:
        period = {"name": name, "start": months[0], "end": months[1]}
        raise UnreadableSide(spec, Finding("pull-does-not-cover", 0, 0, period))
    if identifier is None:
        raise UnreadableSide(spec)
    table = schema.remote_line
    side, names = SideBuilder(spec), Fingerprints()
    with journal.reading() as connection:
        side.opening, side.closing = map(dict, pull.stated(connection, identifier, months))
        query = sa.select(table).where(table.c.pull_id == identifier).order_by(table.c.position)
        if months:
            query = query.where(
                table.c.date >= months[0].isoformat(), table.c.date <= months[1].isoformat()
            )
        for row in connection.execute(query):
            side.add(
                names.of(
                    row.remote_id,
                    row.date,
                    row.account,
                    row.debit - row.credit,
                    row.reference or row.number,
                ),
                date.fromisoformat(row.date),
                row.debit - row.credit,
                account=row.account,
                reference=row.reference or row.number,
                document=row.reference,
                party=row.partner,
                tax_id=row.tax_id,
                text=row.label,
            )
    return side.build()


def _file_side(
    path: Path, maps: Maps | None, company: str, profiles: Mapping[str, Profile]
) -> Side:
    """A file as it is, mapped and referenced as its documents would be sent. Rows count its
    records, those that could not be read included, so that they are the data rows a person sees.
    """
    side = SideBuilder(path.name)
    balances: list[tuple[str, int | None, int | None]] = []
    title = TitleBlock()
    rows: dict[int, int] = {}
    found: list[tuple[LedgerLine | VoucherLine, date, str, str, str]] = []
    try:
        source = Source.open(path, None, profiles)
        for item in importers.read(source):
            match item:
                case Failure():
                    raise UnreadableSide(str(path), item.finding)
                case Line() if (
                    item.disposition is not Disposition.HEADING and item.rule != CONTINUED
                ):
                    rows[item.number] = len(rows) + 1
                case LedgerLine():
                    found.append(
                        (item, item.date, item.reference or item.number, "", item.description)
                    )
                case Voucher():
                    document = (
                        external_reference(company, source.profile.source_system, item)
                        if maps
                        else ""
                    )
                    for line in item.lines:
                        text = line.description or item.description
                        found.append(
                            (line, item.date, line.reference or item.number, document, text)
                        )
                case Balance():
                    amounts = [
                        None if value is None else to_minor(value)
                        for value in (item.opening, item.closing)
                    ]
                    balances.append((item.account, amounts[0], amounts[1]))
                case TitleBlock():
                    title = item
                case _:
                    pass
    except Unreadable as unreadable:
        raise UnreadableSide(
            str(path), Finding(unreadable.code, 0, 0, unreadable.parameters)
        ) from None
    names = Fingerprints()
    for movement, day, reference, document, text in found:
        cents = to_minor(movement.debit - movement.credit)
        side.add(
            names.of(
                day, movement.account, cents, reference, movement.party, movement.tax_id, text
            ),
            day,
            cents,
            account=maps.target_account(movement.account) if maps else movement.account,
            reference=reference,
            document=document,
            party=movement.party,
            tax_id=movement.tax_id,
            text=text,
            row=rows.get(movement.line, movement.line),
        )
    side.balances_only = not found and bool(balances)
    _balances(side, without_summaries(balances) if side.balances_only else balances, maps)
    side.period = (title.start, title.end) if title.start and title.end else None
    return side.build()


def _balances(
    side: SideBuilder, balances: Iterable[tuple[str, int | None, int | None]], maps: Maps | None
) -> None:
    """Opening and closing by (mapped) account; several source accounts may share one target
    account.
    """
    for account, opening, closing in balances:
        code = maps.target_account(account) if maps else account
        if opening is not None:
            side.opening[code] = side.opening.get(code, 0) + opening
        if closing is not None:
            side.closing[code] = side.closing.get(code, 0) + closing
