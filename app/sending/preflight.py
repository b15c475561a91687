"""Everything that stands in the way of sending, told at once and before anything is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import sqlalchemy as sa

from app.company import field_owners, policy
from app.company.policy import Approval
from app.documents.contact import Partners, payload, source_contacts
from app.documents.records import OWN_SOURCE, voucher_line
from app.journal import Journal, blocks, schema
from app.journal.outbox import Intent, State
from app.reconciling import adjustment_vouchers
from app.reconciling.standing_adjustments import Proposed
from app.sending.maps import Kind, Maps, NotMapped
from app.translation import QT_TRANSLATE_NOOP
from connectors import JournalEntry
from connectors import Kind as DocumentKind
from connectors.contract import Connector
from connectors.documents import RemotePartner
from importers import VoucherLine
from importers.values import plain


class Problem(StrEnum):
    UNMAPPED_ACCOUNT = "unmapped-account"
    UNMAPPED_JOURNAL = "unmapped-journal"
    UNMAPPED_PARTY = "unmapped-party"
    PARTNER_NOT_IN_TARGET = "partner-not-in-target"
    ACCOUNT_NOT_IN_TARGET = "account-not-in-target"
    JOURNAL_NOT_IN_TARGET = "journal-not-in-target"
    PERIOD_CLOSED = "period-closed"
    FOREIGN_CURRENCY = "foreign-currency"
    BLOCKED = "blocked"
    CHANGED_AFTER_SENDING = "changed-after-sending"
    CHANGED_AFTER_SKIPPING = "changed-after-skipping"
    FILE_HAS_ERRORS = "file-has-errors"
    WARNINGS_NOT_ACCEPTED = "warnings-not-accepted"
    NOT_APPROVED = "not-approved"
    ARCHIVED = "archived"
    NOT_PROPOSED = "not-proposed"
    LINES_CHANGED = "lines-changed"
    NO_CONTACTS = "no-contacts"


PROBLEM_TEXTS: Mapping[Problem, str] = {
    Problem.UNMAPPED_ACCOUNT: QT_TRANSLATE_NOOP(
        "preflight", "Account {what} has no counterpart in the map."
    ),
    Problem.UNMAPPED_JOURNAL: QT_TRANSLATE_NOOP(
        "preflight", "Voucher type {what} has no journal in the map."
    ),
    Problem.UNMAPPED_PARTY: QT_TRANSLATE_NOOP(
        "preflight", "Party {what} has no counterpart in the map."
    ),
    Problem.ACCOUNT_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Account {what} of the map does not exist in the target."
    ),
    Problem.JOURNAL_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Journal {what} of the map does not exist in the target."
    ),
    Problem.PARTNER_NOT_IN_TARGET: QT_TRANSLATE_NOOP(
        "preflight", "Partner {what} of the map does not exist in the target."
    ),
    Problem.PERIOD_CLOSED: QT_TRANSLATE_NOOP(
        "preflight", "The target's books are closed up to {what}."
    ),
    Problem.FOREIGN_CURRENCY: QT_TRANSLATE_NOOP(
        "preflight",
        "The voucher is in {what}, the target's books in another currency; such entries are not"
        " sent by this version.",
    ),
    Problem.BLOCKED: QT_TRANSLATE_NOOP("preflight", "Blocked at import: {what}."),
    Problem.CHANGED_AFTER_SENDING: QT_TRANSLATE_NOOP(
        "preflight", "Already sent with other content; correct it in the target: {what}."
    ),
    Problem.CHANGED_AFTER_SKIPPING: QT_TRANSLATE_NOOP(
        "preflight", "Skipped by a person, and its content has changed since: {what}."
    ),
    Problem.FILE_HAS_ERRORS: QT_TRANSLATE_NOOP(
        "preflight",
        "File {what} has errors; by the company's policy nothing of it goes until somebody lets"
        " it go.",
    ),
    Problem.WARNINGS_NOT_ACCEPTED: QT_TRANSLATE_NOOP(
        "preflight", "File {what} has warnings nobody has accepted."
    ),
    Problem.NOT_APPROVED: QT_TRANSLATE_NOOP(
        "preflight", "File {what} waits for another person's approval."
    ),
    Problem.NO_CONTACTS: QT_TRANSLATE_NOOP("preflight", "{what} takes no contacts."),
    Problem.NOT_PROPOSED: QT_TRANSLATE_NOOP(
        "preflight", "No reconciliation proposes this adjustment as it stands here: {what}."
    ),
    Problem.LINES_CHANGED: QT_TRANSLATE_NOOP(
        "preflight",
        "The lines this adjustment settles have changed; withdraw it or look at its reconciliation:"
        " {what}.",
    ),
    Problem.ARCHIVED: QT_TRANSLATE_NOOP(
        "preflight",
        "Its lines were moved to an archive on {what}; import the file again from there.",
    ),
}

MAPPING_PROBLEMS = frozenset(
    {
        Problem.UNMAPPED_ACCOUNT,
        Problem.UNMAPPED_JOURNAL,
        Problem.UNMAPPED_PARTY,
        Problem.ACCOUNT_NOT_IN_TARGET,
        Problem.JOURNAL_NOT_IN_TARGET,
        Problem.PARTNER_NOT_IN_TARGET,
    }
)
APPROVALS = {
    Problem.FILE_HAS_ERRORS: Approval.ERRORS,
    Problem.WARNINGS_NOT_ACCEPTED: Approval.WARNINGS,
    Problem.NOT_APPROVED: Approval.SENDING,
}
"""What a person can let go, and as what."""
_LOCAL_WORDS = {
    "MXN": ("MN", "PESO", "PESOS", "PESO MEXICANO", "PESOS MEXICANOS", "MXP", "$"),
    "COP": ("PESO", "PESOS", "PESO COLOMBIANO", "PESOS COLOMBIANOS", "$"),
}
_MISSING = {
    Kind.ACCOUNT: Problem.UNMAPPED_ACCOUNT,
    Kind.JOURNAL: Problem.UNMAPPED_JOURNAL,
    Kind.PARTY: Problem.UNMAPPED_PARTY,
}


@dataclass
class Obstacle:
    """One problem, what it is about, and the documents (external references) it holds up."""

    problem: Problem
    what: str
    documents: list[str] = field(default_factory=list)


@dataclass
class Preflight:
    """``intents`` may be sent now; ``already`` are confirmed with the same content; ``obstacles``
    hold the rest.
    """

    intents: list[Intent] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    """Documents a person decided not to send."""
    remapped: list[Intent] = field(default_factory=list)
    moved: list[Intent] = field(default_factory=list)
    """In the outbox already, with this content, under a document of an earlier batch."""
    superseded: list[str] = field(default_factory=list)
    """Documents a newer file brings with other content before they were sent; the newest is the one
    that counts.
    """
    obstacles: dict[tuple[Problem, str], Obstacle] = field(default_factory=dict)

    @property
    def mapping_incomplete(self) -> bool:
        return any(problem in MAPPING_PROBLEMS for problem, _ in self.obstacles)

    @property
    def held(self) -> set[str]:
        return {
            reference for obstacle in self.obstacles.values() for reference in obstacle.documents
        }

    def hold(self, problem: Problem, what: str, reference: str) -> None:
        self.obstacles.setdefault((problem, what), Obstacle(problem, what)).documents.append(
            reference
        )


def check(
    journal: Journal,
    connection_name: str,
    target: Connector,
    batch: int | None = None,
    contacts: bool = False,
) -> Preflight:
    """Examine every document (of one batch, or of all complete ones) against map, target and
    outbox; ``contacts`` too where that is asked for. Vouchers are not looked at where the target
    takes no entries.
    """
    maps = Maps.load(journal, connection_name)
    identity = target.identify()
    lists = _TargetLists(
        {item.code for item in target.accounts()} if target.capabilities.lists_accounts else None,
        {item.code for item in target.journals()},
        {item.code for item in target.partners()} if _names_partners(maps) else set(),
        identity.locked_until,
        identity.currency,
    )
    result = Preflight()
    sent = _outbox_rows(journal, connection_name)
    documents = (
        _documents(journal, connection_name, batch, result)
        if DocumentKind.ENTRY in target.capabilities.push
        else []
    )
    movements = _movements(journal, [row for row in documents if row.state == "ready"])
    gate = _Gate(journal)
    proposed = Proposed(journal)
    for row in documents:
        known = sent.get(row.external_ref)
        if row.source_system == OWN_SOURCE and _holds_back(row, known, proposed, result):
            continue
        if known is not None and known.state == State.SKIPPED:
            if known.content_hash == row.content_hash:
                result.skipped.append(row.external_ref)
            else:
                result.hold(Problem.CHANGED_AFTER_SKIPPING, row.external_ref, row.external_ref)
        elif row.state == "blocked":
            result.hold(Problem.BLOCKED, row.blocked_by, f"{row.external_ref} (L{row.line})")
        elif known is not None and known.state == State.CONFIRMED:
            if known.content_hash == row.content_hash:
                result.already.append(row.external_ref)
            else:
                result.hold(Problem.CHANGED_AFTER_SENDING, row.external_ref, row.external_ref)
        elif obstacle := gate.obstacle(row):
            result.hold(*obstacle, row.external_ref)
        elif row.archived:
            result.hold(Problem.ARCHIVED, row.archived[:10], row.external_ref)
        else:
            _prepare(row, movements[row.id], maps, lists, known, result)
    if contacts:
        _check_contacts(journal, target, batch, sent, gate, result)
    return result


def _holds_back(
    row: sa.Row[tuple[object, ...]],
    known: sa.Row[tuple[object, ...]] | None,
    proposed: Proposed,
    result: Preflight,
) -> bool:
    """Whether a voucher Cuadre wrote itself is not to go: nobody proposed what it says, it was
    taken back, or what it settles is no longer there.
    """
    said = row.external_ref, row.content_hash
    queued = known is not None and known.content_hash == row.content_hash
    if queued and known is not None and known.state in (State.CONFIRMED, State.SKIPPED):
        return False
    if proposed.is_withdrawn(*said) and not queued:
        result.skipped.append(row.external_ref)
    elif not proposed.is_proposed(*said):
        document = row.external_ref if queued else f"{row.external_ref} (L{row.line})"
        result.hold(Problem.NOT_PROPOSED, row.external_ref, document)
    elif proposed.is_stale(row.external_ref):
        result.hold(Problem.LINES_CHANGED, row.external_ref, row.external_ref)
    else:
        return False
    return True


def batches_of(journal: Journal, references: Sequence[str]) -> list[int]:
    """The newest batch of each of these documents."""
    table = schema.document
    found: set[int] = set()
    with journal.reading() as connection:
        for start in range(0, len(references), 500):
            some = table.c.external_ref.in_(references[start : start + 500])
            query = (
                sa.select(sa.func.max(table.c.batch_id)).where(some).group_by(table.c.external_ref)
            )
            found.update(connection.execute(query).scalars())
    return sorted(found)


def entry_payload(entry: JournalEntry) -> dict[str, object]:
    """A journal entry as the outbox keeps it."""
    return {
        "reference": entry.reference,
        "date": entry.date.isoformat(),
        "journal": entry.journal,
        "description": entry.description,
        "lines": [
            [line.account, str(line.debit), str(line.credit), line.label, line.partner]
            for line in entry.lines
        ],
    }


def _check_contacts(
    journal: Journal,
    target: Connector,
    batch: int | None,
    sent: Mapping[str, sa.Row[tuple[object, ...]]],
    gate: _Gate,
    result: Preflight,
) -> None:
    """Contacts the target does not have yet; one whose tax id it has is there already."""
    found = source_contacts(journal, batch)
    if found and DocumentKind.CONTACT not in target.capabilities.push:
        for contact in found:
            result.hold(Problem.NO_CONTACTS, target.capabilities.system, contact.reference)
        return
    partners = Partners(target.partners() if found else ())
    owned = field_owners.load(journal)
    for contact in found:
        known = sent.get(contact.reference)
        intent = Intent(
            contact.reference, contact.document, contact.digest, payload(contact, owned), "contact"
        )
        if known is not None and known.state == State.SKIPPED:
            result.skipped.append(contact.reference)
        elif known is not None and known.state == State.CONFIRMED:
            result.already.append(contact.reference)
        elif obstacle := gate.batch_obstacle(contact.batch):
            result.hold(*obstacle, contact.reference)
        elif known is not None:
            if json.loads(known.payload) != intent.payload and known.state in (
                State.REJECTED,
                State.QUEUED,
            ):
                result.remapped.append(intent)
        elif partners.same(contact):
            result.already.append(contact.reference)
        else:
            result.intents.append(intent)
            partners.add(
                RemotePartner(contact.reference, contact.fields["name"], contact.fields["tax_id"])
            )


def _prepare(
    row: sa.Row[tuple[object, ...]],
    lines: Sequence[VoucherLine],
    maps: Maps,
    lists: _TargetLists,
    known: sa.Row[tuple[object, ...]] | None,
    result: Preflight,
) -> None:
    day = date.fromisoformat(row.date)
    said = row.external_ref, day, row.source_kind, row.description, lines
    try:
        entry = (
            adjustment_vouchers.entry(*said)
            if row.source_system == OWN_SOURCE
            else maps.entry(*said)
        )
    except NotMapped as missing:
        for kind, source in missing.missing:
            result.hold(_MISSING[kind], source, row.external_ref)
        return
    foreign = sorted({line.currency for line in lines if lists.is_foreign(line.currency)})
    obstacles = [
        *lists.obstacles(entry),
        *((Problem.FOREIGN_CURRENCY, currency) for currency in foreign),
    ]
    for problem, what in obstacles:
        result.hold(problem, what, row.external_ref)
    if obstacles:
        return
    intent = Intent(row.external_ref, row.id, row.content_hash, entry_payload(entry))
    if known is None:
        result.intents.append(intent)
    elif known.state in (State.REJECTED, State.QUEUED) and (
        known.content_hash != row.content_hash or json.loads(known.payload) != intent.payload
    ):
        result.remapped.append(intent)
    elif known.content_hash != row.content_hash:
        result.hold(Problem.CHANGED_AFTER_SENDING, row.external_ref, row.external_ref)
    elif known.document_id != row.id:
        result.moved.append(intent)


@dataclass(frozen=True)
class _TargetLists:
    """What the target has, by code (``accounts`` None where it does not list them), and up to when
    it is closed.
    """

    accounts: set[str] | None
    journals: set[str]
    partners: set[str]
    locked_until: date | None
    currency: str

    def is_foreign(self, currency: str) -> bool:
        """Whether a source's word for a currency names another than the target's books are kept
        in.
        """
        word = plain(currency).replace(".", "").upper()
        local = {"", self.currency.upper(), *_LOCAL_WORDS.get(self.currency.upper(), ())}
        return word not in local

    def obstacles(self, entry: JournalEntry) -> Iterator[tuple[Problem, str]]:
        known = self.accounts
        for account in sorted(
            {
                line.account
                for line in entry.lines
                if known is not None and line.account not in known
            }
        ):
            yield Problem.ACCOUNT_NOT_IN_TARGET, account
        for partner in sorted(
            {line.partner for line in entry.lines if line.partner} - self.partners
        ):
            yield Problem.PARTNER_NOT_IN_TARGET, partner
        if entry.journal not in self.journals:
            yield Problem.JOURNAL_NOT_IN_TARGET, entry.journal
        if self.locked_until is not None and entry.date <= self.locked_until:
            yield Problem.PERIOD_CLOSED, str(self.locked_until)


class _Gate:
    """What the company's policy holds back: files with errors, vouchers with warnings, files nobody
    approved.
    """

    def __init__(self, journal: Journal) -> None:
        self._policy, self._approvals = policy.load(journal), policy.approvals(journal)
        document, finding, batch = schema.document, schema.finding, schema.batch
        with journal.reading() as connection:
            names = sa.select(batch.c.id, schema.file.c.name).join(
                schema.file, schema.file.c.id == batch.c.file_id
            )
            self._names = {row.id: str(row.name) for row in connection.execute(names)}
            self._wrong: set[int] = set()
            self._doubtful: set[int] = set()
            if self._policy.errors == "file":
                blocked = sa.select(document.c.batch_id).where(document.c.state == "blocked")
                wrong = sa.select(finding.c.batch_id).where(finding.c.severity == "error")
                self._wrong = set(connection.execute(blocked.union(wrong)).scalars())
            if self._policy.warnings == "ask":
                query = sa.select(finding.c.document_id).where(finding.c.severity == "warning")
                self._doubtful = set(connection.execute(query.distinct()).scalars()) - {None}

    def obstacle(self, row: sa.Row[tuple[object, ...]]) -> tuple[Problem, str] | None:
        if row.id in self._doubtful and Approval.WARNINGS not in self._approvals.get(
            row.batch_id, set()
        ):
            return Problem.WARNINGS_NOT_ACCEPTED, self._names[row.batch_id]
        return self.batch_obstacle(row.batch_id)

    def batch_obstacle(self, batch: int) -> tuple[Problem, str] | None:
        """What holds back everything of a batch."""
        given, name = self._approvals.get(batch, set()), self._names[batch]
        if batch in self._wrong and Approval.ERRORS not in given:
            return Problem.FILE_HAS_ERRORS, name
        if self._policy.approval == "other" and Approval.SENDING not in given:
            return Problem.NOT_APPROVED, name
        return None


def _names_partners(maps: Maps) -> bool:
    return any(link.partner or link.kind is Kind.PARTY for link in maps.links.values())


def _documents(
    journal: Journal, connection_name: str, batch: int | None, result: Preflight
) -> list[sa.Row[tuple[object, ...]]]:
    """Documents of the batch, or of all, without adjustments for another connection. Of one that
    came in several files the newest good one counts, and blocked ones only when they came after it:
    a corrected file settles what blocked its forerunner. Adjustments are never superseded: only
    what was proposed goes.
    """
    document = schema.document
    archived = schema.batch.c.compacted_at.label("archived")
    source = schema.batch.c.source_system
    query = sa.select(document, archived, source).join(
        schema.batch, schema.batch.c.id == document.c.batch_id
    )
    query = query.where(document.c.kind == "voucher").order_by(document.c.id)
    if batch is not None:
        query = query.where(document.c.batch_id == batch)
    good: dict[str, sa.Row[tuple[object, ...]]] = {}
    blocked: list[sa.Row[tuple[object, ...]]] = []
    with journal.reading() as connection:
        for row in connection.execute(query):
            if row.source_system == OWN_SOURCE and not adjustment_vouchers.is_for(
                row.source_kind, connection_name
            ):
                continue
            if row.state == "ready":
                if row.source_system == OWN_SOURCE:
                    good[f"{row.external_ref} {row.content_hash}"] = row
                    continue
                older = good.get(row.external_ref)
                if older is not None and row.archived and not older.archived:
                    continue
                if older is not None and older.content_hash != row.content_hash:
                    result.superseded.append(row.external_ref)
                good[row.external_ref] = row
            else:
                blocked.append(row)
    standing = [
        row for row in blocked if row.external_ref not in good or row.id > good[row.external_ref].id
    ]
    return sorted([*good.values(), *standing], key=lambda row: row.id)


def _movements(
    journal: Journal, documents: Sequence[sa.Row[tuple[object, ...]]]
) -> dict[int, list[VoucherLine]]:
    """Document id → its movements; each batch is gone through once."""
    found: dict[int, list[VoucherLine]] = {row.id: [] for row in documents}
    with journal.reading() as connection:
        for batch in sorted({row.batch_id for row in documents}):
            for movement in blocks.movements(connection, batch):
                if movement.document in found:
                    found[movement.document].append(voucher_line(movement))
    return found


def _outbox_rows(journal: Journal, connection_name: str) -> dict[str, sa.Row[tuple[object, ...]]]:
    table = schema.outbox
    with journal.reading() as connection:
        rows = connection.execute(
            sa.select(table).where(table.c.connection == connection_name)
        ).all()
    return {row.external_ref: row for row in rows}
