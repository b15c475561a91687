"""Reconciliation as a use case: sides from files, batches and pulls; decisions from the journal; the result."""

from __future__ import annotations

import calendar
import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import sqlalchemy as sa

import importers
from app import settings
from app.bridge.documents import external_reference
from app.bridge.mapping import Maps
from app.bridge.pull import latest
from app.journal import Journal, anchors, blocks, events, roles, schema
from app.journal.compaction import archive_of
from app.journal.events import NewEvent
from app.journal.outbox import State
from app.journal.roles import Role
from app.journal.store import now
from app.money import to_minor
from app.reconcile import Matching, MatchState, Proof, Side, SideBuilder, match, prove
from app.reconcile.matching import Decision
from app.reconcile.report import reason
from importers import (
    Balance,
    Disposition,
    Failure,
    Finding,
    LedgerLine,
    Line,
    Source,
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


@dataclass(frozen=True)
class Reconciliation:
    """``identifier`` names the pair of sides; decisions hang on it. ``anchor`` is the journal's after the run."""

    identifier: str
    specs: tuple[str, str]
    left: Side
    right: Side
    matching: Matching
    proof: Proof
    anchor: str = ""

    @property
    def settled(self) -> bool:
        """Nothing to decide and nothing to explain."""
        open_left = [index for index in self.matching.only_left if index not in self.left.explained]
        undecided = self.matching.count(MatchState.SUGGESTED) + self.matching.count(MatchState.DIFFERENT)
        return not (open_left or self.matching.only_right or undecided or self.proof.unexplained)


def reconcile(journal: Journal, left: str, right: str) -> Reconciliation:
    """Match two sides given as a file, ``batch:ID`` or ``pull:CONNECTION``. Raises UnreadableSide, OSError.

    Of a connection's pulls the newest that covers the other side's dates is taken, and of it the months of those
    dates only, so that a month is compared with itself.
    """
    connection_name = next((spec.partition(":")[2] for spec in (right, left) if spec.startswith("pull:")), "")
    maps = Maps.load(journal, connection_name) if connection_name else None
    sides: dict[str, Side] = {}
    for spec in sorted({left, right}, key=lambda spec: spec.startswith("pull:")):
        months = _months(next(iter(sides.values()), None))
        sides[spec] = _load(journal, spec, maps, connection_name, months)
    mine, theirs = sides[left], sides[right]
    identifier = _identifier(left, right)
    matching = match(mine, theirs, decisions(journal, identifier))
    proof = prove(mine, theirs, matching)
    result = Reconciliation(identifier, (left, right), mine, theirs, matching, proof)
    months = _months(mine)
    period = {"from": str(months[0]), "to": str(months[1])} if months else {}
    facts = {
        "left_spec": left, "right_spec": right, "settled": result.settled, **period, **summary(result),
        "open_documents": _open_documents(result),
    }  # fmt: skip
    events.record(journal, "reconciliation.run", f"reconciliation:{identifier}", **facts)
    anchors.keep(journal)
    return replace(result, anchor=str(anchors.head(journal) or ""))


def _open_documents(result: Reconciliation) -> list[str]:
    """External references of the documents of either side that some line is not matched of."""
    found: set[str] = set()
    for group in result.matching.groups:
        if group.state is not MatchState.MATCHED:
            found.update(result.left.document[index] for index in group.left)
            found.update(result.right.document[index] for index in group.right)
    found.update(result.left.document[index] for index in result.matching.only_left)
    found.update(result.right.document[index] for index in result.matching.only_right)
    return sorted(found - {""})


def _identifier(left: str, right: str) -> str:
    """A name for a pair of sides that fits its column and is never shared by two pairs."""
    plain = f"{left}|{right}"
    return plain if len(plain) <= 120 else hashlib.sha256(plain.encode("utf-8", "surrogateescape")).hexdigest()


def _months(side: Side | None) -> tuple[date, date] | None:
    """First and last day of the months a side's lines lie in."""
    if side is None or not len(side):
        return None
    first, last = date.fromordinal(int(side.day.min())), date.fromordinal(int(side.day.max()))
    return first.replace(day=1), last.replace(day=calendar.monthrange(last.year, last.month)[1])


def summary(result: Reconciliation) -> dict[str, object]:
    """The stable answer of ``cuadre reconcile --json``; amounts as text."""
    from app.money import from_minor

    matching, proof = result.matching, result.proof

    def side(side: Side) -> dict[str, object]:
        return {
            "name": side.name, "lines": len(side), "total": str(from_minor(side.total)),
            "debit": str(from_minor(side.debit)), "credit": str(from_minor(side.credit)),
        }  # fmt: skip

    return {
        "left": side(result.left),
        "right": side(result.right),
        "matched": matching.count(MatchState.MATCHED),
        "suggested": matching.count(MatchState.SUGGESTED),
        "different": matching.count(MatchState.DIFFERENT),
        "only_left": len(matching.only_left),
        "only_right": len(matching.only_right),
        "only_left_explained": sum(1 for index in matching.only_left if index in result.left.explained),
        "explained": {category: str(from_minor(amount)) for category, amount in sorted(proof.explained.items())},
        "difference": str(from_minor(proof.difference)),
        "unexplained": str(from_minor(proof.unexplained)),
    }


def decisions(journal: Journal, identifier: str) -> list[Decision]:
    """What people decided about this pair of sides and did not take back, oldest first."""
    table = schema.decision
    query = sa.select(table).where(table.c.reconciliation == identifier, table.c.undone == 0).order_by(table.c.id)
    with journal.reading() as connection:
        return [
            Decision(row.action, tuple(json.loads(row.left_keys)), tuple(json.loads(row.right_keys)), row.reason)
            for row in connection.execute(query)
        ]


def decide(journal: Journal, identifier: str, decision: Decision) -> None:
    """Keep a decision; it holds for every later run over the same sides. Raises NotAllowed."""
    roles.require(journal, Role.SIGN)
    table = schema.decision
    with journal.writing() as connection:
        values = {"left_keys": json.dumps(decision.left), "right_keys": json.dumps(decision.right)}
        connection.execute(
            table.insert().values(
                reconciliation=identifier, action=decision.action, reason=decision.reason, at=now(), **values
            )
        )
        data = {"left": decision.left, "right": decision.right, "reason": decision.reason}
        subject = f"reconciliation:{identifier}"
        events.append(connection, journal.actor, [NewEvent(f"decision.{decision.action}", subject, data)])


def undo(journal: Journal, identifier: str) -> bool:
    """Take back the last decision; False when there is none."""
    table = schema.decision
    with journal.writing() as connection:
        query = sa.select(sa.func.max(table.c.id)).where(table.c.reconciliation == identifier, table.c.undone == 0)
        last = connection.execute(query).scalar()
        if last is None:
            return False
        connection.execute(table.update().where(table.c.id == last).values(undone=1))
        subject = f"reconciliation:{identifier}"
        events.append(connection, journal.actor, [NewEvent("decision.undone", subject, {"decision": last})])
    return True


def write_links(path: Path, result: Reconciliation) -> None:
    """links.csv: a row a pair of lines of matched groups, with 1-based data rows of both sides."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("left_row", "right_row", "group", "rule", "confidence", "reason"))
        number = 0
        for group in result.matching.groups:
            if group.state is not MatchState.MATCHED:
                continue
            number += 1
            for a in group.left:
                for b in group.right:
                    rows = (result.left.row[a], result.right.row[b])
                    writer.writerow((*rows, number, group.rule.value, f"{group.confidence:.2f}", reason(group)))


def _load(
    journal: Journal, spec: str, maps: Maps | None, connection_name: str, months: tuple[date, date] | None
) -> Side:
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
        known = (
            number.isdigit()
            and connection.execute(sa.select(schema.batch.c.id).where(schema.batch.c.id == int(number))).scalar()
        )
        if not known:
            raise UnreadableSide(spec)
        archive = archive_of(journal, known)
        if archive:
            raise UnreadableSide(spec, Finding("batch-archived", 0, 0, {"archive": archive}))
        movements = list(blocks.movements(connection, known))
        table = schema.document
        documents = {row.id: row for row in connection.execute(sa.select(table).where(table.c.batch_id == known)).all()}
        balances = connection.execute(sa.select(schema.balance).where(schema.balance.c.batch_id == known)).all()
        not_sent = _not_confirmed(connection, connection_name)
    side = SideBuilder(spec)
    _balances(side, ((row.account, row.opening, row.closing) for row in balances), maps)
    for line in movements:
        owner = documents.get(line.document) if line.document is not None else None
        reference, state = (owner.external_ref, owner.state) if owner else ("", "")
        side.add(
            f"batch:{known}:{line.position}", date.fromisoformat(line.date), line.debit - line.credit,
            account=maps.target_account(line.account) if maps else line.account,
            reference=line.reference or line.number, document=reference if state == "ready" else "",
            party=line.party, tax_id=line.tax_id, text=line.description,
            explained=owner.blocked_by if owner and state == "blocked" else not_sent.get(reference, ""),
        )  # fmt: skip
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
    side = SideBuilder(spec)
    with journal.reading() as connection:
        query = sa.select(table).where(table.c.pull_id == identifier).order_by(table.c.position)
        if months:
            query = query.where(table.c.date >= months[0].isoformat(), table.c.date <= months[1].isoformat())
        for row in connection.execute(query):
            side.add(
                f"{spec}:{row.remote_id}", date.fromisoformat(row.date), row.debit - row.credit, account=row.account,
                reference=row.reference or row.number, document=row.reference, party=row.partner, tax_id=row.tax_id,
                text=row.label,
            )  # fmt: skip
    return side.build()


def _file_side(path: Path, maps: Maps | None, company: str, profiles: Mapping[str, Profile]) -> Side:
    """A file as it is, mapped and referenced as its documents would be sent. Rows count its records, those that could
    not be read included, so that they are the data rows a person sees."""
    side = SideBuilder(path.name)
    balances: list[tuple[str, int | None, int | None]] = []
    rows: dict[int, int] = {}
    found: list[tuple[LedgerLine | VoucherLine, date, str, str, str]] = []
    try:
        source = Source.open(path, None, profiles)
        for item in importers.read(source):
            match item:
                case Failure():
                    raise UnreadableSide(str(path), item.finding)
                case Line() if item.disposition is not Disposition.HEADING and item.rule != CONTINUED:
                    rows[item.number] = len(rows) + 1
                case LedgerLine():
                    found.append((item, item.date, item.reference or item.number, "", item.description))
                case Voucher():
                    document = external_reference(company, source.profile.source_system, item) if maps else ""
                    for line in item.lines:
                        text = line.description or item.description
                        found.append((line, item.date, line.reference or item.number, document, text))
                case Balance():
                    amounts = [None if value is None else to_minor(value) for value in (item.opening, item.closing)]
                    balances.append((item.account, amounts[0], amounts[1]))
                case _:
                    pass
    except Unreadable as unreadable:
        raise UnreadableSide(str(path), Finding(unreadable.code, 0, 0, unreadable.parameters)) from None
    keys: Counter[int] = Counter()
    for movement, day, reference, document, text in found:
        keys[movement.line] += 1
        again = f".{keys[movement.line]}" if keys[movement.line] > 1 else ""
        side.add(
            f"{path.name}:{movement.line}{again}", day, to_minor(movement.debit - movement.credit),
            account=maps.target_account(movement.account) if maps else movement.account, reference=reference,
            document=document, party=movement.party, tax_id=movement.tax_id, text=text, row=rows.get(movement.line, movement.line),
        )  # fmt: skip
    _balances(side, balances, maps)
    return side.build()


def _balances(side: SideBuilder, balances: Iterable[tuple[str, int | None, int | None]], maps: Maps | None) -> None:
    """Opening and closing by (mapped) account; several source accounts may share one target account."""
    for account, opening, closing in balances:
        code = maps.target_account(account) if maps else account
        if opening is not None:
            side.opening[code] = side.opening.get(code, 0) + opening
        if closing is not None:
            side.closing[code] = side.closing.get(code, 0) + closing
