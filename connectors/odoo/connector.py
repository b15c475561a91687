"""The connector to Odoo. Exactly once by ``load()`` with external ids on the entry and on every
line.

What was observed on Odoo 19 and decides this code:

* ``ref`` is not unique; search-then-create is a race. ``load()`` with an ``id`` column for the
  entry *and* its lines is a race-free upsert for a plain accountant; without line ids it appends
  the lines again.
* A batch of ``load()`` is all or nothing and names its bad rows; ``action_post`` does not, so it is
  split.
* Posting into a locked period never fails: Odoo moves the date. So locks are read first, and date
  and state are read back after posting; any change is reported.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from connectors.contract import ALL_KINDS, Capabilities, Outcome
from connectors.documents import (
    EntryLine,
    Identity,
    JournalEntry,
    Kind,
    LedgerMove,
    PeriodLock,
    RemoteAccount,
    RemoteDimension,
    RemoteJournal,
    RemoteRecord,
)
from connectors.errors import (
    Conflict,
    ConnectorError,
    PeriodClosed,
    Rejected,
    Unauthorized,
    Unavailable,
)
from connectors.odoo import attachments
from connectors.odoo.balances import Balances
from connectors.odoo.external import external_id
from connectors.odoo.invoicing import OdooDocuments
from connectors.odoo.rows import (
    ENTRY_LOCKS,
    account_of,
    bad_entries,
    by_lines,
    first_words,
    last_lock,
    move_of,
    names_partner,
    narration_of,
    record_of,
    with_changes,
)
from connectors.odoo.rpc import Dialect, Json2, JsonRpc, server_version
from connectors.transport import Transport

BATCH = 100
PAGE = 1000
LOCK_FIELDS = (
    "fiscalyear_lock_date",
    "tax_lock_date",
    "sale_lock_date",
    "purchase_lock_date",
    "hard_lock_date",
)
LOCK_FIELDS_BEFORE_18 = ("fiscalyear_lock_date", "tax_lock_date", "period_lock_date")


class OdooConnector(OdooDocuments):
    """One user in one company of one database. ``key`` is an API key, or a password below 19;
    ``company`` is the name or id of the company, the user's default one where empty; ``attach``
    keeps each voucher's own text beside its entry.
    """

    def __init__(
        self,
        transport: Transport,
        database: str,
        user: str,
        key: str,
        batch: int = BATCH,
        company: str = "",
        attach: bool = False,
    ) -> None:
        transport.hide(key)
        self._transport, self._batch = transport, batch
        self._database, self._user, self._key = database, user, key
        self._chosen_company, self._attach = company, attach
        self._rpc: Dialect | None = None
        self._context: dict[str, object] = {"lang": "en_US"}
        self._accounts: dict[str, int] = {}
        self._journals: dict[str, int] = {}
        self._journal_kinds: dict[str, str] = {}
        self._partners: dict[str, int] = {}
        self._company: dict[str, Any] = {}
        self._language = ""
        self.version = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            "odoo",
            unique_reference=True,
            batch=self._batch,
            push=ALL_KINDS | {Kind.ATTACHMENT},
            pull=ALL_KINDS,
            balances=True,
            dimensions=True,
            leaves_out=frozenset({"contact.region", "contact.terms"}),
            keeps_original=self._attach,
            changes=ALL_KINDS,
            reads=ALL_KINDS,
            fiscal_documents=True,
            foreign_invoices=self._carries_rates,
        )

    def identify(self) -> Identity:
        company = self._load_company()
        return Identity(
            self._user,
            company["name"],
            company["vat"] or "",
            company["currency_id"][1],
            f"Odoo {self.version}",
            tuple(self._locks(company)),
            self._may_write(),
        )

    def _may_write(self) -> bool | None:
        """Whether the user may make entries; None where this version does not say."""
        try:
            if self.version >= 18:
                answer = self._call("account.move", "has_access", True, [], operation="create")
            else:  # a method of the model: ids would take the place of the operation
                named = {"operation": "create", "raise_exception": False}
                answer = self._call("account.move", "check_access_rights", True, None, **named)
            return bool(answer)
        except (Rejected, Unavailable):
            return None

    def _locks(self, company: Mapping[str, Any]) -> Iterator[PeriodLock]:
        for name in self._lock_fields():
            if company.get(name):
                yield PeriodLock(name, date.fromisoformat(company[name]), name in ENTRY_LOCKS)

    def accounts(self) -> Sequence[RemoteAccount]:
        company = self._load_company()["id"]
        ours = (
            ["company_ids", "in", [company]] if self.version >= 18 else ["company_id", "=", company]
        )
        typed = ["account_type"] if self.version >= 16 else ["internal_type"]
        names = ["id", "code", "name", "currency_id", *typed]
        rows = [row for row in self._search("account.account", [ours], names) if row["code"]]
        rows.sort(key=lambda row: str(row["code"]))
        self._accounts = {row["code"]: row["id"] for row in rows}
        spoken = self._spoken("account.account", [ours])
        return [account_of(row, spoken.get(row["id"], "")) for row in rows]

    def _spoken(self, model: str, domain: list[Any]) -> Mapping[int, str]:
        """Names by id in the user's language, where that is not English."""
        language, kept = self._language, self._context.get("lang")
        if not language or language == kept:
            return {}
        self._context["lang"] = language
        try:
            return {row["id"]: row["name"] for row in self._search(model, domain, ["id", "name"])}
        finally:
            self._context.pop("lang", None)
            if kept:
                self._context["lang"] = kept

    def journals(self) -> Sequence[RemoteJournal]:
        domain = [["company_id", "=", self._load_company()["id"]]]
        names = ["id", "code", "name", "type", "sequence", "default_account_id"]
        rows = self._search("account.journal", domain, names)
        rows.sort(key=lambda row: (row["sequence"], row["id"]))
        self._journals = {row["code"]: row["id"] for row in rows}
        self._journal_kinds = {row["code"]: row["type"] for row in rows}
        codes = self._codes_by_id()
        return [
            RemoteJournal(
                row["code"],
                row["name"],
                row["type"],
                account=codes.get((row["default_account_id"] or [0])[0], "")
                if row["type"] in ("bank", "cash")
                else "",
            )
            for row in rows
        ]

    def dimensions(self) -> Sequence[RemoteDimension]:
        """Analytic accounts, by their id. Raises Rejected for a user without analytic rights."""
        company = self._load_company()["id"]
        plan = "plan_id" if self.version >= 16 else "group_id"
        rows = self._search(
            "account.analytic.account",
            [["company_id", "in", [company, False]]],
            ["id", "code", "name", plan],
        )
        return [
            RemoteDimension(
                str(row["id"]),
                f"{row['code']} {row['name']}" if row["code"] else row["name"],
                row[plan][1] if row[plan] else "",
            )
            for row in rows
        ]

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        outcomes: dict[str, Outcome] = {**self._refuse_locked(entries)}
        open_entries = [entry for entry in entries if entry.reference not in outcomes]
        outcomes |= self._resolve(open_entries)
        open_entries = [entry for entry in open_entries if entry.reference not in outcomes]
        for chunk in self._chunks(open_entries):
            loaded = self._load(chunk, outcomes)
            self._post_and_read_back(loaded, outcomes)
            if self._attach:
                self._attach_originals(loaded, outcomes)
        return [outcomes[entry.reference] for entry in entries]

    def _chunks(self, entries: Sequence[JournalEntry]) -> Iterator[list[JournalEntry]]:
        """Entries with dimensions apart from those without: a column that is there and empty would
        keep Odoo from giving the lines the analytic account its own rules say.
        """
        for with_dimensions in (False, True):
            some = [entry for entry in entries if _has_dimension(entry) is with_dimensions]
            yield from by_lines(some)

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        found: dict[str, list[RemoteRecord]] = {entry.reference: [] for entry in entries}
        for record in self._entries([["ref", "in", list(found)], ["move_type", "=", "entry"]]):
            found[record.reference].append(record)
        return found

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return self._entries([["name", "=", number]])

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        codes = self._codes_by_id()
        domain = [
            ["parent_state", "=", "posted"],
            ["company_id", "=", self._load_company()["id"]],
            ["date", ">=", start.isoformat()],
            ["date", "<=", end.isoformat()],
            ["account_id", "!=", False],
        ]
        for row in self._each("account.move.line", domain, _LINE_FIELDS):
            yield move_of(row, codes)

    def balances(self, until: date, year: int) -> Mapping[str, Decimal]:
        company = int(self._load_company()["id"])
        return Balances(self._call, self._search, self.version, company).at(
            until, year, self._codes_by_id()
        )

    def close(self) -> None:
        self._transport.close()

    def _entries(self, conditions: list[list[object]]) -> list[RemoteRecord]:
        domain = [*conditions, ["company_id", "=", self._load_company()["id"]]]
        moves = self._search("account.move", domain, ["id", "name", "ref", "date", "state"])
        lines = self._lines_of([move["id"] for move in moves])
        return [record_of(move, tuple(lines[move["id"]])) for move in moves]

    # -- creating

    def _refuse_locked(self, entries: Sequence[JournalEntry]) -> dict[str, PeriodClosed]:
        company = self._load_company(fresh=True)
        if not self._journals:
            self.journals()
        refused: dict[str, PeriodClosed] = {}
        for entry in entries:
            until = last_lock(company, self._journal_kinds.get(entry.journal, ""))
            if entry.date.isoformat() <= until:
                refused[entry.reference] = PeriodClosed(
                    f"the period up to {until} is locked in Odoo"
                )
        return refused

    def _locked_until(self, kinds: Sequence[str]) -> str:
        company = self._load_company(fresh=True)
        return max((last_lock(company, kind) for kind in kinds), default="")

    def _account(self, code: str) -> int:
        if not self._accounts:
            self.accounts()
        if code not in self._accounts:
            raise Rejected(f"no account {code!r} in Odoo", "unknown_account")
        return self._accounts[code]

    def _journal(self, code: str) -> int:
        if not self._journals:
            self.journals()
        if code not in self._journals:
            raise Rejected(f"no journal {code!r} in Odoo", "unknown_journal")
        return self._journals[code]

    def _resolve(self, entries: Sequence[JournalEntry]) -> dict[str, Outcome]:
        """Refuse what names an account, journal or partner the company does not have."""
        if not self._accounts:
            self.accounts()
        if not self._partners and any(map(names_partner, entries)):
            self._partners = {partner.code: int(partner.code) for partner in self.partners()}
        refused: dict[str, Outcome] = {}
        for entry in entries:
            if entry.journal not in self._journals:
                refused[entry.reference] = Rejected(
                    f"no journal {entry.journal!r} in Odoo", "unknown_journal"
                )
            for line in entry.lines:
                if line.account not in self._accounts:
                    refused[entry.reference] = Rejected(
                        f"no account {line.account!r} in Odoo", "unknown_account"
                    )
                elif line.partner and line.partner not in self._partners:
                    refused[entry.reference] = Rejected(
                        f"no partner {line.partner!r} in Odoo", "unknown_partner"
                    )
        return refused

    def _load(
        self, entries: Sequence[JournalEntry], outcomes: dict[str, Outcome]
    ) -> dict[str, JournalEntry]:
        """Create drafts by ``load()``; bad rows become outcomes, the rest is loaded again without
        them. Odoo puts the error of the whole batch under the name of its first entry, so what is
        said of that one is believed only when it is loaded by itself.
        """
        remaining = list(entries)
        doubted: list[JournalEntry] = []
        while remaining:
            rows, owners = self._cells(remaining)
            answer = self._load_rows(rows)
            if answer.get("ids"):
                break
            bad = bad_entries(answer.get("messages") or [], owners)
            if not bad:
                raise Unavailable(first_words(answer), "load")
            for index, words in bad.items():
                entry = remaining[index]
                if index == 0 and len(remaining) > 1:
                    doubted.append(entry)
                else:
                    outcomes[entry.reference] = self._refused_row(entry, words)
            remaining = [entry for index, entry in enumerate(remaining) if index not in bad]
        loaded = {entry.reference: entry for entry in remaining}
        for entry in doubted:
            loaded |= self._load([entry], outcomes)
        return loaded

    def _cells(self, entries: Sequence[JournalEntry]) -> tuple[list[list[str]], list[int]]:
        """Rows for ``load()``, a line each, and for each row the index of its entry."""
        rows: list[list[str]] = []
        owners: list[int] = []
        with_dimensions = any(map(_has_dimension, entries))
        for index, entry in enumerate(entries):
            identifier = external_id(entry.reference)
            head = [
                identifier,
                "entry",
                entry.reference,
                entry.date.isoformat(),
                str(self._journals[entry.journal]),
                narration_of(entry),
            ]
            for place, line in enumerate(entry.lines, start=1):
                cells = [
                    f"{identifier}_{place}",
                    str(self._accounts[line.account]),
                    line.label or entry.description or "/",
                    str(line.debit),
                    str(line.credit),
                    str(self._partners.get(line.partner, "") or ""),
                    *([self._analytic(line.dimension)] if with_dimensions else []),
                ]
                rows.append([*(head if place == 1 else [""] * len(head)), *cells])
                owners.append(index)
        return rows, owners

    def _analytic(self, dimension: str) -> str:
        """The whole line on one analytic account; before 16 a line has only one."""
        if not dimension or self.version < 16:
            return dimension
        return json.dumps({dimension: 100})

    def _load_rows(self, rows: list[list[str]]) -> dict[str, Any]:
        """``load()`` without the taxes an account carries by default: the entry brings its own tax
        lines.
        """
        fields = [*_LOAD_FIELDS, _ANALYTIC if self.version >= 16 else _ANALYTIC_BEFORE_16]
        fields = fields[: len(rows[0])]
        self._context["skip_computed_taxes"] = True
        try:
            answer = self._call("account.move", "load", False, fields=fields, data=rows)
        finally:
            del self._context["skip_computed_taxes"]
        return answer if isinstance(answer, dict) else {}

    def _refused_row(self, entry: JournalEntry, words: str) -> Outcome:
        """A row ``load()`` refused: a conflict when that is because the entry is already posted."""
        held = self.find_entries([entry])[entry.reference]
        kind = Conflict if any(record.state == "posted" for record in held) else Rejected
        return kind(self._transport.redact(words), "load")

    def _post_and_read_back(
        self, loaded: Mapping[str, JournalEntry], outcomes: dict[str, Outcome]
    ) -> None:
        found = self.find_entries(list(loaded.values()))
        every = chain.from_iterable(found.values())
        drafts = {record.remote_id: record for record in every}
        ids = [int(record.remote_id) for record in drafts.values() if record.state == "draft"]
        refused: dict[int, ConnectorError] = {}
        if ids:
            refused = self._locked_meanwhile(loaded, found)
            refused |= self._post([identifier for identifier in ids if identifier not in refused])
        if ids:
            found = self.find_entries(list(loaded.values()))
        for reference, entry in loaded.items():
            records = found[reference]
            if not records:
                outcomes[reference] = Unavailable(
                    "the entry was loaded but cannot be found", "load"
                )
            elif records[0].state == "cancelled":
                outcomes[reference] = Conflict(
                    f"entry {records[0].number} was cancelled in Odoo", "cancelled"
                )
            elif int(records[0].remote_id) in refused and records[0].state == "draft":
                outcomes[reference] = refused[int(records[0].remote_id)]
            else:
                outcomes[reference] = with_changes(records[0], entry)

    def _attach_originals(
        self, loaded: Mapping[str, JournalEntry], outcomes: dict[str, Outcome]
    ) -> None:
        """An entry whose text could not be kept is posted all the same, and said to be without."""
        posted = {
            reference: record
            for reference in loaded
            if isinstance(record := outcomes[reference], RemoteRecord) and record.state == "posted"
        }
        texts = {
            int(record.remote_id): (attachments.name_of(entry.folio), entry.original)
            for reference, record in posted.items()
            if (entry := loaded[reference]).original
        }
        try:
            values = attachments.missing(self._search, texts) if texts else []
            if values:
                self._dialect().create(attachments.MODEL, values)
        except ConnectorError as error:
            words = f"voucher text not attached: {error.words}"
            for reference, record in posted.items():
                outcomes[reference] = replace(record, changes=(*record.changes, words))

    def move_to(self, remote_id: str, day: date) -> RemoteRecord:
        """Back to draft, to the day, and posted again; where that fails, as it was."""
        identifier, at = int(remote_id), day.isoformat()
        fields = ["id", "journal_id", "date", "state"]
        found = self._search("account.move", [["id", "=", identifier]], fields)
        if not found:
            raise Rejected(f"entry {remote_id} is no longer in Odoo", "deleted")
        (move,) = found
        self.journals()
        codes = {number: code for code, number in self._journals.items()}
        kind = self._journal_kinds.get(codes.get(move["journal_id"][0], ""), "")
        if at <= (until := self._locked_until([kind])):
            raise PeriodClosed(f"the period up to {until} is locked in Odoo")
        if move["state"] == "posted":
            self._call("account.move", "button_draft", False, ids=[identifier])
        try:
            self._post_on(identifier, at)
        except (Rejected, Unavailable) as error:
            self._put_back(identifier, str(move["date"]), error)
        (record,) = self._entries([["id", "=", identifier]])
        changes = () if record.date == day else (f"date: {day} → {record.date}",)
        return replace(record, changes=changes)

    def _post_on(self, identifier: int, at: str) -> None:
        self._call("account.move", "write", False, ids=[identifier], vals={"date": at})
        self._call("account.move", "action_post", False, ids=[identifier])

    def _put_back(self, identifier: int, at: str, error: ConnectorError) -> None:
        """Post it again where it stood, and raise why it could not be moved."""
        try:
            self._post_on(identifier, at)
        except ConnectorError as again:
            words = f"{error.words}; draft {identifier} remains in Odoo: {again.words}"
            raise type(error)(words, error.code) from None
        raise error

    def _locked_meanwhile(
        self, loaded: Mapping[str, JournalEntry], found: Mapping[str, Sequence[RemoteRecord]]
    ) -> dict[int, ConnectorError]:
        """Drafts whose period was locked after it was last looked at: posting them would move
        their dates. By id.
        """
        closed = self._refuse_locked(list(loaded.values()))
        return {
            int(record.remote_id): PeriodClosed(
                f"{error.words} (draft {record.remote_id} remains in Odoo)"
            )
            for reference, error in closed.items()
            for record in found[reference]
            if record.state == "draft"
        }

    def _post(self, ids: list[int]) -> dict[int, ConnectorError]:
        """Post drafts; a refused batch is halved until the culprits stand alone."""
        if not ids:
            return {}
        try:
            self._call("account.move", "action_post", False, ids=ids)
        except (Rejected, Unavailable) as error:
            if len(ids) == 1:
                words = f"{error.words} (draft {ids[0]} remains in Odoo)"
                return {ids[0]: type(error)(words, error.code)}
            middle = len(ids) // 2
            return self._post(ids[:middle]) | self._post(ids[middle:])
        return {}

    # -- reading

    def _lines_of(self, moves: list[int]) -> dict[int, list[EntryLine]]:
        lines: dict[int, list[EntryLine]] = defaultdict(list)
        if moves:
            codes = self._codes_by_id()
            for row in self._search("account.move.line", [["move_id", "in", moves]], _LINE_FIELDS):
                move = move_of(row, codes)
                partner = str(row["partner_id"][0]) if row["partner_id"] else ""
                lines[row["move_id"][0]].append(
                    EntryLine(move.account, move.debit, move.credit, move.label, partner)
                )
        return lines

    def _codes_by_id(self) -> dict[int, str]:
        if not self._accounts:
            self.accounts()
        return {identifier: code for code, identifier in self._accounts.items()}

    def _search(self, model: str, domain: list[Any], names: Sequence[str]) -> list[dict[str, Any]]:
        return list(self._each(model, domain, names))

    def _each(
        self, model: str, domain: list[Any], names: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        beyond: list[Any] = []
        while True:
            options = {"fields": list(names), "order": "id", "limit": PAGE}
            rows = self._call(
                model, "search_read", True, None, domain=[*domain, *beyond], **options
            )
            yield from rows
            if len(rows) < PAGE:
                return
            beyond = [["id", ">", rows[-1]["id"]]]

    def _load_company(self, fresh: bool = False) -> dict[str, Any]:
        if fresh or not self._company:
            uid = self._dialect().uid
            who = ["id", "=", uid] if uid else ["login", "=", self._user]
            names = ["id", "login", "lang", "company_id", "company_ids"]
            users = self._search("res.users", [who], names)
            if not users:
                raise Unauthorized(f"user {self._user!r} is not visible in Odoo", "AccessDenied")
            login = str(users[0]["login"])
            if self._user and login.casefold() != self._user.casefold():
                raise Unauthorized(f"the key is of {login}, not of {self._user}", "AccessDenied")
            self._user, self._language = login, str(users[0]["lang"] or "")
            self._company = self._company_of(users[0])
            self._context["allowed_company_ids"] = [self._company["id"]]
        return self._company

    def _company_of(self, user: Mapping[str, Any]) -> dict[str, Any]:
        """The company chosen, else the user's default one. Every call names it, so that a default
        that changes meanwhile changes nothing here.
        """
        chosen = self._company.get("id") or self._chosen_company or user["company_id"][0]
        names = ["id", "name", "vat", "currency_id", "country_id", *self._lock_fields()]
        rows = self._search("res.company", [["id", "in", list(user["company_ids"])]], names)
        for row in rows:
            if str(chosen) == str(row["id"]) or chosen == row["name"]:
                return row
        known = ", ".join(f"{row['id']} {row['name']}" for row in rows)
        raise Unauthorized(f"no company {chosen!r} for {self._user}; there are {known}", "company")

    def _lock_fields(self) -> tuple[str, ...]:
        self._dialect()
        return LOCK_FIELDS if self.version >= 18 else LOCK_FIELDS_BEFORE_18

    def _call(
        self, model: str, method: str, reads: bool, ids: list[int] | None = None, **named: object
    ) -> Any:
        if not reads:
            self._load_company()
        named = {**named, "context": dict(self._context)}
        try:
            return self._dialect().call(model, method, reads, ids, **named)
        except Rejected as error:
            if "Invalid language code" not in error.words or "lang" not in self._context:
                raise
            del self._context["lang"]
            return self._dialect().call(
                model, method, reads, ids, **{**named, "context": dict(self._context)}
            )

    def _dialect(self) -> Dialect:
        """JSON-2 where the server has it and takes the key; a password works only by JSON-RPC."""
        if self._rpc is None:
            self.version = server_version(self._transport)
            if self.version >= 19 and self._key.isascii():
                rpc: Json2 | JsonRpc = Json2(self._transport, self._database, self._key)
                try:
                    rpc.uid = int(
                        (rpc.call("res.users", "context_get", True) or {}).get("uid") or 0
                    )
                except Unauthorized:
                    rpc = JsonRpc(self._transport, self._database, self._user, self._key)
            else:
                rpc = JsonRpc(self._transport, self._database, self._user, self._key)
            self._rpc = rpc
        return self._rpc


_LINE_FIELDS = (
    "id",
    "move_id",
    "move_name",
    "account_id",
    "partner_id",
    "debit",
    "credit",
    "ref",
    "name",
    "date",
)
_LOAD_FIELDS = (
    "id",
    "move_type",
    "ref",
    "date",
    "journal_id/.id",
    "narration",
    "line_ids/id",
    "line_ids/account_id/.id",
    "line_ids/name",
    "line_ids/debit",
    "line_ids/credit",
    "line_ids/partner_id/.id",
)


_ANALYTIC = "line_ids/analytic_distribution"
_ANALYTIC_BEFORE_16 = "line_ids/analytic_account_id/.id"


def _has_dimension(entry: JournalEntry) -> bool:
    return any(line.dimension for line in entry.lines)
