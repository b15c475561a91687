"""Holded, both versions: nothing is unique, version 1 says no with HTTP 200 and shows web pages,
version 2 has cursors, amounts with a decimal comma and a search by number that finds too much.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

KEY = "holded-key-0123456789"
TOKEN = "pat_holded_0123456789"
CONTACT = "5ab0000000000000000000c1"
INVOICE, BILL = "5ab0000000000000000000d1", "5ab0000000000000000000d2"
TREASURY = "5ab0000000000000000000b1"
ACCOUNTS = {"43000000": "5ab0a1", "70000000": "5ab0a2", "57200001": "5ab0a3"}
MADRID = ZoneInfo("Europe/Madrid")
YEAR = 366 * 86_400
_LINES = {
    "type": "array",
    "minItems": 2,
    "items": {
        "required": ["account"],
        "additionalProperties": False,
        "properties": {
            "account": {},
            "debit": {"type": "number", "minimum": 0},
            "credit": {"type": "number", "minimum": 0},
            "description": {"type": "string"},
            "tags": {"type": "array"},
        },
    },
}
_ITEMS = {
    "type": "array",
    "minItems": 1,
    "items": {
        "required": ["name", "units"],
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string"},
            "units": {"type": "number"},
            "subtotal": {"type": "number"},
            "price": {"type": "number"},
            "tax": {"type": "number"},
            "taxes": {"type": "array"},
            "accountingAccountId": {"type": "string"},
        },
    },
}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_V1: dict[str, Any] = {
    "contacts": {
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            name: {"type": "string"}
            for name in ("name", "code", "vatnumber", "CustomId", "email", "phone", "type")
        }
        | {"billAddress": {"type": "object"}, "isperson": {"type": "boolean"}},
    },
    "documents": {
        "required": ["date", "contactId"],
        "additionalProperties": False,
        "properties": {
            "contactId": {"type": "string"},
            "date": {"type": "integer"},
            "dueDate": {"type": "integer"},
            "invoiceNum": {"type": "string"},
            "notes": {"type": "string"},
            "currency": {"type": "string", "pattern": "^[a-z]{3}$"},
            "approveDoc": {"type": "boolean"},
            "applyContactDefaults": {"const": False},
            "items": _ITEMS,
        },
    },
    "pay": {
        "required": ["date", "amount"],
        "additionalProperties": False,
        "properties": {
            "date": {"type": "integer"},
            "amount": {"type": "number"},
            "treasury": {"type": "string"},
            "desc": {"type": "string"},
        },
    },
    "entry": {
        "required": ["date", "lines"],
        "additionalProperties": False,
        "properties": {"date": {"type": "integer"}, "notes": {"type": "string"}, "lines": _LINES},
    },
}
_V2: dict[str, Any] = {
    "contacts": {
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            name: {"type": "string"}
            for name in ("name", "code", "vat_number", "email", "phone", "type")
        },
    },
    "documents": {
        "required": ["contact_id", "date", "items"],
        "additionalProperties": False,
        "properties": {
            "contact_id": {"type": "string"},
            "contact_name": {"type": "string"},
            "date": _DATE,
            "due_date": _DATE,
            "number": {"type": "string"},
            "notes": {"type": "string"},
            "description": {"type": "string"},
            "currency": {"type": "string"},
            "items": _ITEMS,
        },
    },
    "pay": {
        "required": ["date", "amount"],
        "additionalProperties": False,
        "properties": {
            "date": _DATE,
            "amount": {"type": "number"},
            "treasury_id": {"type": "string"},
            "description": {"type": "string"},
        },
    },
    "entry": {
        "required": ["date", "lines"],
        "additionalProperties": False,
        "properties": {"date": _DATE, "notes": {"type": "string"}, "lines": _LINES},
    },
}


class Refused(Exception):
    """Holded's own no."""


class FakeHolded(VendorServer):
    """What both versions keep. Instants are seconds; a document's total is its items' with their
    tax.
    """

    schemas = _V1

    def __init__(self) -> None:
        super().__init__()
        self.contacts: list[dict[str, Any]] = [{"id": CONTACT, "name": "ACME", "code": "B1"}]
        self.documents: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.lags = False
        """Whether what is made is in no list yet."""
        self.unlisted: set[int] = set()
        self.entries = 0

    def checked(self, name: str, body: Any) -> Any:
        try:
            jsonschema.validate(body, self.schemas[name])
        except jsonschema.ValidationError as error:
            raise Refused(error.message[:200]) from None
        return body

    def new_id(self) -> str:
        made = len(self.contacts) + len(self.documents) + len(self.payments)
        return f"{made:024x}"

    def keep_document(
        self, kind: str, at: int, body: Any, price: str, reference: str, number: str
    ) -> dict[str, Any]:
        """``price`` names the field of a unit's price."""
        contact = body.get("contactId") or body.get("contact_id")
        if contact not in {row["id"] for row in self.contacts}:
            raise Refused("Contact not found")
        total = sum(
            Decimal(str(item["units"]))
            * Decimal(str(item[price]))
            * (100 + item.get("tax", 0))
            / 100
            for item in body["items"]
        )
        row = {
            "id": self.new_id(),
            "kind": kind,
            "at": at,
            "contact": contact,
            "notes": reference,
            "number": number,
            "total": float(Decimal(total).quantize(Decimal("0.01"), ROUND_HALF_UP)),
            "approved": False,
        }
        self.documents.append(row)
        return row

    def keep_payment(
        self, kind: str, document: str, at: int, amount: float, description: str
    ) -> dict[str, Any]:
        row = {
            "id": self.new_id(),
            "kind": kind,
            "document": document,
            "at": at,
            "amount": amount,
            "desc": description,
        }
        self.payments.append(row)
        return row

    @property
    def listed(self) -> list[dict[str, Any]]:
        return [row for row in self.lines if row["entry"] not in self.unlisted]

    def keep_entry(self, at: int, lines: Any) -> int:
        if round(sum(line.get("debit", 0) - line.get("credit", 0) for line in lines), 2):
            raise Refused("The entry is not balanced")
        for line in lines:
            if str(line["account"]) not in ACCOUNTS:
                raise Refused(f"Account {line['account']} does not exist")
        self.entries += 1
        if self.lags:
            self.unlisted.add(self.entries)
        for place, line in enumerate(lines, 1):
            self.lines.append({"entry": self.entries, "line": place, "at": at, **line})
        return self.entries


class FakeHoldedV1(FakeHolded):
    def broken(self) -> Answer:
        return Answer(500, {"status": 0, "info": "Server error"})

    def answer(self, request: Request) -> Answer:
        if request.headers.get("key") != KEY:
            return Answer(401, {"status": 0, "info": "Wrong key"})
        try:
            found = self._routed(request)
        except Refused as refused:
            return Answer(200, {"status": 0, "info": str(refused)})
        if found is None:
            return Answer(
                200, b"<!doctype html><title>Holded</title>", {"Content-Type": "text/html"}
            )
        return Answer(200, found)

    def _routed(self, request: Request) -> Any:
        parts = request.path.removeprefix("/api/").split("/")
        match request.method, parts:
            case "GET", ["accounting", "v1", "chartofaccounts"]:
                if request.query.get("includeEmpty") != "1":
                    return []  # nothing was booked yet
                return [
                    {"id": key, "num": int(code), "name": f"Cuenta {code}"}
                    for code, key in ACCOUNTS.items()
                ]
            case "GET", ["invoicing", "v1", "contacts"]:
                wanted = request.query.get("customId")
                return self._page(
                    [row for row in self.contacts if not wanted or row.get("customId") == wanted],
                    request,
                )
            case "POST", ["invoicing", "v1", "contacts"]:
                body = dict(self.checked("contacts", request.body))
                row = {"id": self.new_id(), "customId": body.pop("CustomId", ""), **body}
                self.contacts.append(row)
                return {"status": 1, "info": "Created", "id": row["id"]}
            case "GET", ["invoicing", "v1", "documents", kind]:
                rows = [
                    _v1_document(row)
                    for row in self.documents
                    if row["kind"] == kind and _within(row, request)
                ]
                return self._page(rows, request)
            case "POST", ["invoicing", "v1", "documents", kind]:
                body = self.checked("documents", request.body)
                row = self.keep_document(
                    kind,
                    body["date"],
                    body,
                    "subtotal",
                    body.get("notes", ""),
                    body.get("invoiceNum", ""),
                )
                row["approved"] = body.get("approveDoc", False)
                return {
                    "status": 1,
                    "id": row["id"],
                    "invoiceNum": row["number"],
                    "contactId": row["contact"],
                }
            case "POST", ["invoicing", "v1", "documents", kind, document, "pay"]:
                body = self.checked("pay", request.body)
                self.keep_payment(
                    kind, document, body["date"], body["amount"], body.get("desc", "")
                )
                return {"status": 1, "invoiceId": document}
            case "GET", ["invoicing", "v1", "payments"]:
                rows = [
                    {
                        "id": row["id"],
                        "desc": row["desc"],
                        "date": row["at"],
                        "amount": row["amount"],
                        "documentType": row["kind"],
                        "contactId": CONTACT,
                    }
                    for row in self.payments
                    if _within(row, request)
                ]
                return self._page(rows, request)
            case "POST", ["accounting", "v1", "entry"]:
                body = self.checked("entry", request.body)
                self.keep_entry(body["date"], body["lines"])
                return {"status": 1, "entryGroupId": f"{self.entries:024x}"}
            case "GET", ["accounting", "v1", "dailyledger"]:
                return self._page(self._ledger(request), request)
        return None

    def _ledger(self, request: Request) -> list[dict[str, Any]]:
        if not {"starttmp", "endtmp"} <= request.query.keys():
            raise Refused("Query params starttmp & endtmp are mandatory")
        if int(request.query["endtmp"]) - int(request.query["starttmp"]) > YEAR:
            raise Refused("The window is one year at most")
        rows = [
            {
                "entryNumber": row["entry"],
                "line": row["line"],
                "timestamp": row["at"],
                "type": "manual",
                "description": row["description"],
                "account": row["account"],
                "debit": row.get("debit", 0),
                "credit": row.get("credit", 0),
                "tags": [],
                "checked": "No",
            }
            for row in self.listed
            if _within(row, request)
        ]
        return sorted(rows, key=lambda row: (row["line"], -row["entryNumber"]))

    @staticmethod
    def _page(rows: list[Any], request: Request) -> list[Any]:
        """Pages of 11; a row may stand on two of them."""
        page = int(request.query.get("page", 1))
        return rows[max((page - 1) * 11 - 1, 0) : page * 11]


class FakeHoldedV2(FakeHolded):
    schemas = _V2

    def throttled(self) -> Answer:
        reset = str(int(self.now()) + 30)
        headers = {"Retry-After": "30", "X-RateLimit-Window": "minute", "X-RateLimit-Reset": reset}
        return _problem(429, "Too many requests", headers)

    def broken(self) -> Answer:
        return _problem(500, "Internal error")

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return _problem(401, "Invalid token")
        try:
            found = self._routed(request)
        except Refused as refused:
            return _problem(422, str(refused))
        if found is None:
            return _problem(404, "Not found")
        return Answer(201 if request.method == "POST" else 200, found)

    def _routed(self, request: Request) -> Any:
        parts = request.path.removeprefix("/api/v2/").split("/")
        query = request.query
        match request.method, parts:
            case "GET", ["accounting-accounts"]:
                rows = [
                    {"id": key, "number": int(code), "name": f"Cuenta {code}"}
                    for code, key in ACCOUNTS.items()
                ]
                return self._page(rows, request)
            case "GET", ["contacts"]:
                code = query.get("code")
                return self._page(
                    [row for row in self.contacts if not code or row.get("code") == code], request
                )
            case "GET", ["contacts", "search"]:
                return self._page(
                    [row for row in self.contacts if query["name"] in row["name"]], request
                )
            case "POST", ["contacts"]:
                row = {"id": self.new_id(), **self.checked("contacts", request.body)}
                self.contacts.append(row)
                return {"id": row["id"]}
            case "GET", ["invoices", "find-by-number"]:
                wanted = query["document_number"]
                rows = [
                    row
                    for row in self.documents
                    if row["kind"] == "invoices" and row["number"].startswith(wanted)
                ]
                return {"items": [_v2_document(row) for row in rows]}
            case "GET", ["invoices" | "purchases" | "credit-notes" as kind]:
                rows = [
                    _v2_document(row)
                    for row in self.documents
                    if row["kind"] == kind and _on(row, query)
                ]
                return self._page(rows, request)
            case "POST", ["invoices" | "purchases" | "credit-notes" as kind]:
                body = self.checked("documents", request.body)
                reference = body.get("notes") or body.get("description", "")
                row = self.keep_document(
                    kind, _instant(body["date"]), body, "price", reference, body.get("number", "")
                )
                return {"id": row["id"]}
            case "POST", ["invoices" | "purchases" | "credit-notes", document, "approve"]:
                next(row for row in self.documents if row["id"] == document)["approved"] = True
                return {"id": document}
            case "POST", ["invoices" | "purchases" as kind, document, "payments"]:
                body = self.checked("pay", request.body)
                made = self.keep_payment(
                    kind,
                    document,
                    _instant(body["date"]),
                    body["amount"],
                    body.get("description", ""),
                )
                return {"id": made["id"]}
            case "GET", ["payments"]:
                rows = [
                    {
                        "id": row["id"],
                        "description": row["desc"],
                        "date": _shown(row["at"]),
                        "amount": _spanish(row["amount"]),
                        "document_type": row["kind"],
                        "contact_id": CONTACT,
                    }
                    for row in self.payments
                    if _on(row, query)
                ]
                return self._page(rows, request)
            case "POST", ["ledger-entries"]:
                body = self.checked("entry", request.body)
                return {"id": str(self.keep_entry(_instant(body["date"]), body["lines"]))}
            case "GET", ["ledger-entries"]:
                rows = [
                    {
                        "entry_number": row["entry"],
                        "line": row["line"],
                        "date": datetime.fromtimestamp(row["at"], MADRID).strftime("%d/%m/%Y"),
                        "account": row["account"],
                        "description": row["description"],
                        "debit": _spanish(row.get("debit", 0)),
                        "credit": _spanish(row.get("credit", 0)),
                    }
                    for row in self.listed
                    if _before_the_end(row, query)
                ]
                return self._page(rows, request)
        return None

    @staticmethod
    def _page(rows: list[Any], request: Request) -> dict[str, Any]:
        start = int(request.query.get("cursor", 0))
        more = len(rows) > start + 11
        return {
            "items": rows[start : start + 11],
            "cursor": str(start + 11) if more else None,
            "has_more": more,
        }


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Answer:
    content = {"type": "about:blank", "title": "Error", "status": status, "detail": detail}
    return Answer(status, content, {"Content-Type": "application/problem+json", **(headers or {})})


def _v1_document(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "docNumber": row["number"],
        "notes": row["notes"],
        "date": row["at"],
        "contact": row["contact"],
        "total": row["total"],
        "paymentsPending": row["total"],
        "draft": not row["approved"],
        "status": 1 if row["approved"] else 0,
    }


def _v2_document(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "document_number": row["number"],
        "notes": row["notes"],
        "date": _shown(row["at"]),
        "contact_id": row["contact"],
        "total": _spanish(row["total"]),
        "payments_pending": _spanish(row["total"]),
        "status": "pending" if row["approved"] else "draft",
    }


def _spanish(value: float) -> str:
    return f"{value:,.2f}".replace(",", "_").replace(".", ",").replace("_", ".")


def _instant(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=MADRID).timestamp())


def _shown(at: int) -> str:
    return datetime.fromtimestamp(at, MADRID).strftime("%Y-%m-%dT00:00:00+00:00")


def _within(row: dict[str, Any], request: Request) -> bool:
    query = request.query
    return (
        int(query.get("starttmp", 0))
        <= row["at"]
        < int(query.get("endtmp", datetime.max.replace(tzinfo=UTC).timestamp()))
    )


def _before_the_end(row: dict[str, Any], query: Any) -> bool:
    """The ledger's last day is not part of it, as a client saw live."""
    day = _shown(row["at"])[:10]
    return str(query.get("start_date", "")) <= day < str(query.get("end_date", "9999"))


def _on(row: dict[str, Any], query: Any) -> bool:
    day = _shown(row["at"])[:10]
    return str(query.get("start_date", "")) <= day <= str(query.get("end_date", "9999"))
