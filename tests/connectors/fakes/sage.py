"""Sage Accounting: idempotency ids for seven days, bodies in the singular, errors as a list, tokens
of five minutes.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from typing import Any

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

SECRET = "refresh-sage-0"
BUSINESS = "biz-0001"
CONTACT = "c0000000000000000000000000000001"
ACCOUNTS = {"1200": "a1200", "4000": "a4000", "1100": "a1100"}
CONTROL = {"1100"}
"""Kept from invoices: not to be used in journals."""
SINGULAR = {
    "contacts": "contact",
    "sales_invoices": "sales_invoice",
    "purchase_invoices": "purchase_invoice",
    "contact_payments": "contact_payment",
    "journals": "journal",
}
_ID = {"idempotency_id": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_LINE = {
    "type": "object",
    "required": ["description", "ledger_account_id", "quantity", "unit_price"],
}
SCHEMAS: dict[str, Any] = {
    "journals": {
        "required": ["date", "reference", "journal_lines"],
        "additionalProperties": False,
        "properties": {
            **_ID,
            "date": _DATE,
            "reference": {"type": "string", "maxLength": 100},
            "description": {"type": "string", "maxLength": 500},
            "journal_lines": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "required": ["ledger_account_id", "debit", "credit"],
                    "additionalProperties": False,
                    "properties": {
                        "ledger_account_id": {"type": "string"},
                        "debit": {"type": "number"},
                        "credit": {"type": "number"},
                        "details": {"type": "string", "maxLength": 200},
                    },
                },
            },
        },
    },
    "contacts": {
        "required": ["name", "contact_type_ids"],
        "additionalProperties": False,
        "properties": {
            **_ID,
            "name": {"type": "string"},
            "contact_type_ids": {"type": "array", "items": {"enum": ["CUSTOMER", "VENDOR"]}},
            "reference": {"type": "string", "maxLength": 100},
            "tax_number": {"type": "string"},
            "credit_days": {"type": "integer"},
            "main_address": {
                "additionalProperties": False,
                "properties": {
                    name: {"type": "string"}
                    for name in ("address_line_1", "city", "postal_code", "country_id")
                },
            },
            "main_contact_person": {
                "required": ["name", "contact_person_type_ids"],
                "additionalProperties": False,
                "properties": {
                    "name": {"type": "string"},
                    "contact_person_type_ids": {"type": "array"},
                    "email": {"type": "string"},
                    "telephone": {"type": "string"},
                },
            },
        },
    },
    "sales_invoices": {
        "required": ["contact_id", "date", "invoice_lines"],
        "properties": {**_ID, "date": _DATE, "invoice_lines": {"items": _LINE}},
    },
    "purchase_invoices": {
        "required": ["contact_id", "date", "due_date", "invoice_lines"],
        "properties": {**_ID, "invoice_lines": {"items": _LINE}},
    },
    "contact_payments": {
        "required": [
            "transaction_type_id",
            "contact_id",
            "bank_account_id",
            "date",
            "total_amount",
        ],
        "properties": _ID,
    },
}


class FakeSage(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.refresh = SECRET
        self.access: set[str] = set()
        self.issued = {SECRET}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SINGULAR}
        self.keys: dict[str, tuple[float, dict[str, Any]]] = {}
        self.locked = ""

    def expire(self) -> None:
        self.access = set()

    def is_write(self, request: Request) -> bool:
        return request.method == "POST" and request.path.startswith("/v3.1")

    def broken(self) -> Answer:
        return _error(500, "UnexpectedError", "internal")

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            if request.body.get("refresh_token") not in self.issued:
                return Answer(400, {"error": "invalid_grant"})
            self.refresh, access = f"refresh-sage-{uuid.uuid4()}", str(uuid.uuid4())
            self.issued.add(self.refresh)
            self.access.add(access)
            return Answer(
                200, {"access_token": access, "refresh_token": self.refresh, "expires_in": 300}
            )
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.access:
            return _error(401, "AuthenticationFailed", "Invalid token")
        if request.headers.get("x-business") != BUSINESS:
            return _error(403, "MultiUserAccessDenied", "no such business")
        name = request.path.removeprefix("/v3.1/")
        if name == "businesses":
            return Answer(200, {"$items": [{"id": BUSINESS, "name": "ACME"}], "$next": None})
        if name == "financial_settings":
            until = self.locked or None
            return Answer(200, {"base_currency": {"id": "GBP"}, "year_end_lockdown_date": until})
        if name == "ledger_accounts":
            rows = [
                {
                    "id": key,
                    "nominal_code": code,
                    "name": code,
                    "visible_in_journals": code not in CONTROL,
                }
                for code, key in ACCOUNTS.items()
            ]
            return Answer(200, {"$items": rows, "$next": None})
        return (
            self._create(name, request.body)
            if request.method == "POST"
            else self._list(name, request.query)
        )

    def _create(self, name: str, wrapped: dict[str, Any]) -> Answer:
        body = wrapped.get(SINGULAR[name])
        try:
            jsonschema.validate(body, SCHEMAS[name])
        except jsonschema.ValidationError as error:
            return _error(422, "ValidationError", error.message[:200])
        key = f"{name}{body.get('idempotency_id')}"
        if key in self.keys and self.now() - self.keys[key][0] < 7 * 86_400:
            return Answer(201, self.keys[key][1])
        if body.get("date", "9") <= self.locked:
            return _error(422, "RecordInvalid", "The date is before the lock date")
        if name == "journals":
            lines = body["journal_lines"]
            allowed = [key for code, key in ACCOUNTS.items() if code not in CONTROL]
            if any(line["ledger_account_id"] not in allowed for line in lines):
                return _error(422, "RecordInvalid", "Ledger account is invalid")
            if round(sum(line["debit"] - line["credit"] for line in lines), 2):
                return _error(422, "RecordInvalid", "The journal does not balance")
        made = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        stamps = {"created_at": made, "updated_at": made}
        row: dict[str, Any] = {**body, "id": uuid.uuid4().hex, **stamps}
        row.pop("idempotency_id", None)
        if "contact_id" in row:
            row["contact"] = {"id": row["contact_id"]}
        if "transaction_type_id" in row:
            row["transaction_type"] = {"id": row["transaction_type_id"]}
        if name == "journals":
            row["journal_lines"] = [
                {**line, "ledger_account": {"id": line["ledger_account_id"]}} for line in lines
            ]
        if "invoice_lines" in row:
            total = round(
                sum(line["quantity"] * line["unit_price"] for line in row["invoice_lines"]), 2
            )
            row |= {"total_amount": total, "outstanding_amount": total}
        self.rows[name].append(row)
        self.keys[key] = (self.now(), row)
        return Answer(201, row)

    def _list(self, name: str, query: Any) -> Answer:
        if name == "ledger_entries":
            rows = [
                {
                    "id": f"{row['id']}-{place}",
                    "date": row["date"],
                    "ledger_account": line["ledger_account"],
                    "deleted": "deleted_at" in row,
                    "debit": line["debit"],
                    "credit": line["credit"],
                    "description": line.get("details"),
                    "transaction": {
                        "id": row["id"],
                        "displayed_as": row["reference"],
                        **(
                            {"reference": row["reference"]}
                            if query.get("nested_attributes") == "transaction:reference"
                            else {}
                        ),
                    },
                }
                for row in self.rows["journals"]
                for place, line in enumerate(row["journal_lines"])
            ]
        else:
            rows = list(self.rows[name])
        if "updated_or_created_since" in query:
            since = query["updated_or_created_since"]
            rows = [row for row in rows if row["updated_at"] >= since]
        if "deleted_since" in query:
            since = query["deleted_since"]
            rows = [row for row in rows if row.get("deleted_at", "") > since]
        if "search" in query:
            rows = [
                row
                for row in rows
                if query["search"] in f"{row.get('reference')} {row.get('name')}"
            ]
        if "contact_id" in query:
            rows = [row for row in rows if row["contact"]["id"] == query["contact_id"]]
        if "from_date" in query:
            rows = [row for row in rows if query["from_date"] <= row["date"] <= query["to_date"]]
        assert re.fullmatch(r"\d+", query["page"]) and query.get("attributes") == "all"
        page, size = int(query["page"]), min(int(query["items_per_page"]), 9)
        last = max(-(-len(rows) // size), 1)
        page = min(page, last)
        more = f"/v3.1/{name}?page={page + 1}" if page < last else None
        return Answer(
            200,
            {
                "$total": len(rows),
                "$page": page,
                "$next": more,
                "$items": rows[(page - 1) * size : page * size],
            },
        )


def _error(status: int, code: str, words: str) -> Answer:
    return Answer(
        status, [{"$severity": "error", "$dataCode": code, "$message": words, "$source": ""}]
    )
