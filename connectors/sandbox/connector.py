"""The connector to the sandbox ERP. Exactly once by the sandbox's unique external reference."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx

from connectors.contract import ALL_KINDS, Capabilities, Outcome, refuse_foreign
from connectors.documents import (
    CONTACT_FIELDS,
    Application,
    Attachment,
    Change,
    Contact,
    Document,
    EntryLine,
    Identity,
    Invoice,
    JournalEntry,
    Kind,
    LedgerMove,
    Payment,
    PeriodLock,
    RemoteAccount,
    RemoteDimension,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
    RemoteTax,
)
from connectors.errors import (
    Conflict,
    ConnectorError,
    PeriodClosed,
    Rejected,
    Unauthorized,
    Uncertain,
)
from connectors.session import Session
from connectors.transport import Transport

BATCH = 20
_IDS = 500


INVOICES = (Kind.INVOICE, Kind.REFUND, Kind.BILL, Kind.BILL_REFUND)


class SandboxConnector(Session):
    """Signed in as ``user``; logs in again once when the session has expired."""

    def __init__(self, transport: Transport, user: str, password: str, batch: int = BATCH) -> None:
        self._transport = transport
        self._user, self._password = user, password
        self._batch = batch
        self._unique = True
        self._currency = ""
        transport.hide(password)
        transport.classify = _classify

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            "sandbox",
            self._unique,
            self._batch,
            push=ALL_KINDS | {Kind.ATTACHMENT},
            pull=ALL_KINDS,
            balances=True,
            dimensions=True,
            changes=ALL_KINDS,
            deletes=ALL_KINDS,
            reads=ALL_KINDS,
            fiscal_documents=True,
            foreign_invoices=True,
            foreign_payments=True,
            leaves_out=frozenset(f"{kind.value}.product" for kind in INVOICES),
        )

    def identify(self) -> Identity:
        company = self._read("GET", "/api/company")
        self._unique = company["unique_references"] == "1"
        self._currency = str(company["currency"])
        until = company["locked_until"]
        locks = (PeriodLock("locked_until", date.fromisoformat(until)),) if until else ()
        return Identity(
            self._user,
            company["company"],
            company["tax_id"],
            company["currency"],
            "Cuadre sandbox",
            locks,
        )

    def _own_currency(self) -> str:
        """Of the books, asked for once."""
        return self._currency or self.identify().currency

    def accounts(self) -> Sequence[RemoteAccount]:
        return [
            RemoteAccount(row["code"], row["name"])
            for row in self._read("GET", "/api/accounts")["accounts"]
        ]

    def journals(self) -> Sequence[RemoteJournal]:
        rows = self._read("GET", "/api/journals")["journals"]
        return [RemoteJournal(row["code"], row["name"], row["kind"]) for row in rows]

    def dimensions(self) -> Sequence[RemoteDimension]:
        rows = self._read("GET", "/api/dimensions")["dimensions"]
        return [RemoteDimension(row["code"], row["name"]) for row in rows]

    def partners(self) -> Sequence[RemotePartner]:
        rows = self._read("GET", "/api/partners")["partners"]
        made = {row["number"]: row for row in self._listed(Kind.CONTACT, date.min, date.max)}
        found = []
        for row in rows:
            own = made.get(row["code"], {"reference": "", "body": "{}"})
            fields = {"name": row["name"], "tax_id": row["tax_id"], **json.loads(own["body"])}
            found.append(
                RemotePartner(row["code"], row["name"], row["tax_id"], own["reference"], fields)
            )
        return found

    def taxes(self) -> Sequence[RemoteTax]:
        return [_tax(row) for row in self._read("GET", "/api/taxes")["taxes"]]

    def create(self, document: Document) -> RemoteRecord:
        if isinstance(document, JournalEntry):
            (outcome,) = self.create_entries([document])
            if isinstance(outcome, ConnectorError):
                raise outcome
            return outcome
        if not isinstance(document, Contact) and document.rate is None:
            refuse_foreign(document, self._own_currency)
        answer = self._signed(
            self._transport.write_json, "POST", "/api/documents", json=_document_body(document)
        )
        try:
            number = str(answer["number"])
            identifier = number if isinstance(document, Contact) else str(answer["id"])
        except (KeyError, TypeError):
            raise Uncertain("the answer is not the sandbox's") from None
        if isinstance(document, Contact):
            return RemoteRecord(
                identifier,
                document.tax_id,
                document.reference,
                None,
                "posted",
                kind=document.kind,
                name=document.name,
            )
        return RemoteRecord(
            identifier, number, document.reference, document.date, "posted", kind=document.kind
        )

    def attach(self, file: Attachment) -> RemoteRecord:
        body = {
            "id": file.of,
            "name": file.name,
            "content": base64.b64encode(file.content).decode(),
        }
        answer = self._signed(self._transport.write_json, "POST", "/api/attachments", json=body)
        try:
            return _attached(file, answer)
        except (KeyError, TypeError):
            raise Uncertain("the answer is not the sandbox's") from None

    def attached(self, file: Attachment) -> Sequence[RemoteRecord]:
        rows = self._read("GET", "/api/attachments", params={"id": file.of})["attachments"]
        return [_attached(file, row) for row in rows if row["name"] == file.name]

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        if isinstance(document, JournalEntry):
            return self.find_entries([document])[document.reference]
        body = {"kind": document.kind.value, "reference": document.reference}
        found = self._read("PUT", "/api/documents/search", json=body)["documents"]
        return [_document_record(row) for row in found]

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        if kind is Kind.ENTRY:
            entries = {move.reference: None for move in self.ledger(start, end) if move.reference}
            body = {"references": list(entries)}
            yield from (
                _record(row)
                for row in self._read("PUT", "/api/entries/search", json=body)["entries"]
            )
            return
        yield from (_document_record(row) for row in self._listed(kind, start, end))

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        after: int | None = 0
        while after is not None:
            query = {
                "kind": kind.value,
                "since": repr(since.timestamp()),
                "until": repr(until.timestamp()),
                "after": str(after),
            }
            page = self._read("GET", "/api/changes", params=query)
            yield from (_change(row, kind) for row in page["changes"])
            after = page["next_after"]

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        found = {}
        for start in range(0, len(remote_ids), _IDS):
            body = {"kind": kind.value, "ids": list(remote_ids[start : start + _IDS])}
            for row in self._read("PUT", "/api/records", json=body)["changes"]:
                change = _change(row, kind)
                found[change.record.remote_id] = change
        return found

    def change_contact(self, remote_id: str, fields: Mapping[str, str]) -> RemoteRecord:
        body = {"code": remote_id, "fields": dict(fields)}
        self._signed(self._transport.write_json, "POST", "/api/contacts/change", json=body)
        return self.read_records(Kind.CONTACT, [remote_id])[remote_id].record

    def _listed(self, kind: Kind, start: date, end: date) -> Iterator[dict[str, Any]]:
        after: int | None = 0
        while after is not None:
            query = {
                "kind": kind.value,
                "from": start.isoformat(),
                "to": end.isoformat(),
                "after": str(after),
            }
            page = self._read("GET", "/api/documents", params=query)
            yield from page["documents"]
            after = page["next_after"]

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        body = {"entries": [_entry_body(entry) for entry in entries]}
        answer = self._signed(self._transport.write_json, "POST", "/api/entries", json=body)
        try:
            return [
                _outcome(entry, result)
                for entry, result in zip(entries, answer["results"], strict=True)
            ]
        except (KeyError, TypeError, ValueError):
            raise Uncertain("the answer is not the sandbox's") from None

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        found: dict[str, list[RemoteRecord]] = {entry.reference: [] for entry in entries}
        body = {"references": list(found)}
        for entry in self._read("PUT", "/api/entries/search", json=body)["entries"]:
            found[entry["reference"]].append(_record(entry))
        return found

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        body = {"numbers": [number]}
        return [
            _record(entry)
            for entry in self._read("PUT", "/api/entries/search", json=body)["entries"]
        ]

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        after: int | None = 0
        while after is not None:
            query = {"from": start.isoformat(), "to": end.isoformat(), "after": str(after)}
            page = self._read("GET", "/api/ledger", params=query)
            for line in page["lines"]:
                yield _move(line)
            after = page["next_after"]

    def balances(self, until: date, year: int) -> Mapping[str, Decimal]:
        query = {"until": until.isoformat(), "year": str(year)}
        rows = self._read("GET", "/api/balances", params=query)["balances"]
        return {row["account"]: _amount(row["balance"]) for row in rows}

    def close(self) -> None:
        self._transport.close()

    def _read(self, method: str, path: str, **options: object) -> Any:
        return self._signed(self._transport.read_json, method, path, **options)

    def _log_in(self) -> None:
        body = {"user": self._user, "password": self._password}
        token = str(self._transport.read_json("POST", "/api/login", json=body)["token"])
        self._transport.hide(token)
        self._transport.set_header("Authorization", f"Bearer {token}")


def _classify(response: httpx.Response) -> ConnectorError | None:
    try:
        error = response.json()["error"]
        code, words = str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return None
    if code in ("unauthorized", "bad_credentials"):
        return Unauthorized(words, code)
    if code == "duplicate":
        return Conflict(words, code)
    if code == "period_closed":
        return PeriodClosed(words, code)
    return Rejected(words, code) if response.status_code < 500 else None


def _document_body(document: Contact | Invoice | Payment) -> dict[str, object]:
    body: dict[str, object] = {"kind": document.kind.value, "reference": document.reference}
    match document:
        case Contact():
            values = {name: getattr(document, name) for name in CONTACT_FIELDS}
            fields = {name: str(value) for name, value in values.items() if value not in ("", None)}
            return body | {"fields": fields}
        case Payment():
            body |= {
                "amount": str(document.amount),
                "account": document.account,
                "memo": document.memo,
                "applied": [_application(item) for item in document.applied],
            }
        case Invoice():
            lines = [
                {
                    "description": line.description,
                    "quantity": str(line.quantity),
                    "unit_price": str(line.unit_price),
                    "account": line.account,
                    "taxes": list(line.taxes),
                    "stated": [[code, str(amount)] for code, amount in line.quotas],
                    "dimension": line.dimension,
                }
                for line in document.lines
            ]
            total = "" if document.total is None else str(document.total)
            body |= {"number": document.number, "lines": lines, "total": total}
            body |= {"due": document.due.isoformat()} if document.due else {}
            body |= {
                "fiscal_id": document.fiscal_id,
                "settles": list(document.settles),
                "tax_amounts": {code: str(amount) for code, amount in document.tax_amounts},
            }
    rate = {} if document.rate is None else {"rate": format(document.rate, "f")}
    return {
        **body,
        **rate,
        "date": document.date.isoformat(),
        "contact": document.contact,
        "currency": document.currency,
    }


def _application(item: Application) -> dict[str, str]:
    body = {"id": item.remote_id, "amount": str(item.amount)}
    return body if item.paid is None else body | {"paid": str(item.paid)}


def _attached(file: Attachment, row: Mapping[str, Any]) -> RemoteRecord:
    return RemoteRecord(
        str(row["id"]), "", file.reference, None, "posted", kind=file.kind, name=str(row["name"])
    )


def _tax(row: Mapping[str, Any]) -> RemoteTax:
    rate = None if row["rate"] is None else Decimal(row["rate"])
    return RemoteTax(
        row["code"],
        row["name"],
        -rate if rate is not None and row["is_withheld"] else rate,
        authority=row["authority"],
        is_exempt=row["is_exempt"],
        details=f"{row['sale_account']} / {row['purchase_account']}",
    )


def _change(row: Mapping[str, Any], kind: Kind) -> Change:
    """Of what is gone only its id is left."""
    at = datetime.fromtimestamp(row["at"], UTC)
    held = row["row"]
    if held is None:
        number = str(row["number"] if kind is Kind.CONTACT else row["id"])
        return Change(RemoteRecord(number, "", "", None, "cancelled", kind=kind), True, at)
    record = _record({**held, "lines": ()}) if kind is Kind.ENTRY else _document_record(held)
    return Change(record, at=at)


def _document_record(row: Mapping[str, Any]) -> RemoteRecord:
    kind, held = Kind(row["kind"]), json.loads(row["body"])
    if kind is Kind.CONTACT:
        return RemoteRecord(
            row["number"],
            held.get("tax_id", ""),
            row["reference"],
            None,
            "posted",
            kind=kind,
            name=held.get("name", ""),
            fields={name: str(held.get(name, "")) for name in CONTACT_FIELDS},
        )
    return RemoteRecord(
        str(row["id"]),
        row["number"],
        row["reference"],
        date.fromisoformat(row["date"]),
        "posted",
        (),
        (),
        kind,
        _amount(row["total"]),
        _amount(row["residual"]),
        row["contact"],
        currency=row["currency"],
    )


def _entry_body(entry: JournalEntry) -> dict[str, object]:
    return {
        "reference": entry.reference,
        "date": entry.date.isoformat(),
        "journal": entry.journal,
        "description": entry.description,
        "note": " ".join(filter(None, (entry.folio, *entry.uuids))),
        "lines": [
            {
                "account": line.account,
                "debit": str(line.debit),
                "credit": str(line.credit),
                "label": line.label,
                "partner": line.partner,
                "dimension": line.dimension,
            }
            for line in entry.lines
        ],
    }


def _outcome(entry: JournalEntry, result: Mapping[str, Any]) -> Outcome:
    if result["status"] == "created":
        return RemoteRecord(
            str(result["id"]), result["number"], entry.reference, entry.date, "posted", entry.lines
        )
    if result["status"] == "duplicate":
        return Conflict(f"reference {entry.reference} exists as {result['number']}", "duplicate")
    kind = PeriodClosed if result["code"] == "period_closed" else Rejected
    return kind(str(result["message"]), str(result["code"]))


def _record(entry: Mapping[str, Any]) -> RemoteRecord:
    lines = tuple(
        EntryLine(
            line["account"],
            _amount(line["debit"]),
            _amount(line["credit"]),
            line["label"],
            line["partner"],
            line["dimension"],
        )
        for line in entry["lines"]
    )
    day = date.fromisoformat(entry["date"])
    return RemoteRecord(str(entry["id"]), entry["number"], entry["reference"], day, "posted", lines)


def _move(line: Mapping[str, Any]) -> LedgerMove:
    return LedgerMove(
        remote_id=str(line["id"]),
        entry_id=str(line["entry"]),
        date=date.fromisoformat(line["date"]),
        account=line["account"],
        account_name=line["account_name"],
        debit=_amount(line["debit"]),
        credit=_amount(line["credit"]),
        number=line["number"],
        reference=line["reference"],
        label=line["label"],
        partner=line["partner"],
        tax_id=line["tax_id"],
    )


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
