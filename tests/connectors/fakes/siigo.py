"""Siigo Nube: idempotency keys, ``already_exists``, balance and totals as it computes them, flat
429 bodies.
"""

from __future__ import annotations

import re
import uuid
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

KEY = "clave-siigo-9f2"
ACCOUNTS = {"11050501", "11100501", "41359501", "51353001", "13050501"}
KINDS = {
    "invoices": "FV",
    "credit-notes": "NC",
    "purchases": "FC",
    "vouchers": "RC",
    "payment-receipts": "RP",
    "journals": "CC",
}
KEYED = {"invoices", "credit-notes", "vouchers", "journals"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
_PARTY = {
    "type": "object",
    "required": ["identification"],
    "additionalProperties": False,
    "properties": {
        "identification": {"type": "string", "pattern": "^[0-9]{3,15}$"},
        "branch_office": {"type": "integer"},
    },
}
_HEAD = {
    "document": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    "date": _DATE,
    "observations": {"type": "string", "maxLength": 4000},
}
JOURNAL = {
    "type": "object",
    "required": ["document", "date", "items"],
    "additionalProperties": False,
    "properties": {
        **_HEAD,
        "items": {
            "type": "array",
            "minItems": 2,
            "items": {
                "type": "object",
                "required": ["account", "value", "description"],
                "additionalProperties": False,
                "properties": {
                    "account": {
                        "type": "object",
                        "required": ["code", "movement"],
                        "properties": {
                            "code": {"type": "string"},
                            "movement": {"enum": ["Debit", "Credit"]},
                        },
                    },
                    "customer": _PARTY,
                    "description": {"type": "string", "maxLength": 255},
                    "value": {"type": "number"},
                },
            },
        },
    },
}
_LINE = {
    "type": "object",
    "required": ["code", "quantity", "price"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["Product", "FixedAsset", "Account"]},
        "code": {"type": "string"},
        "description": {"type": "string"},
        "quantity": {"type": "number"},
        "price": {"type": "number"},
        "taxes": {"type": "array"},
    },
}
DOCUMENT = {
    "type": "object",
    "required": ["document", "date"],
    "additionalProperties": False,
    "properties": {
        **_HEAD,
        "customer": _PARTY,
        "supplier": _PARTY,
        "seller": {"type": "integer"},
        "stamp": {"type": "object"},
        "mail": {"type": "object"},
        "items": {"type": "array"},
        "payments": {"type": "array"},
        "payment": {"type": "object"},
        "number": {"type": "integer"},
        "type": {"type": "string"},
        "discount_type": {"type": "string"},
        "provider_invoice": {
            "type": "object",
            "properties": {
                "prefix": {"type": "string", "maxLength": 6},
                "number": {"type": "string", "pattern": "^[0-9]{1,11}$"},
            },
        },
    },
}
CUSTOMER = {
    "type": "object",
    "required": ["person_type", "id_type", "identification", "name", "contacts"],
    "properties": {
        "identification": {"type": "string", "pattern": "^[0-9]{3,15}$"},
        "name": {"type": "array"},
    },
}


class FakeSiigo(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (*KINDS, "customers")}
        self.keys: dict[str, dict[str, Any]] = {}
        self.blocked_until = ""

    def expire(self) -> None:
        self.tokens.clear()

    def throttled(self) -> Answer:
        return Answer(429, {"Status": 429, "Message": "requests_limit"}, {"Retry-After": "1"})

    def broken(self) -> Answer:
        return _error(500, "unhandled_error", "An unhandled error occurred")

    def is_write(self, request: Request) -> bool:
        return request.method == "POST" and request.path != "/auth"

    def answer(self, request: Request) -> Answer:
        if "partner-id" not in request.headers:
            return _error(400, "header_required", "The header Partner-Id is required")
        if request.path == "/auth":
            if request.body != {"username": "contador@acme.co", "access_key": KEY}:
                return _error(401, "unauthorized", "bad credentials")
            self.tokens.add(token := uuid.uuid4().hex)
            return Answer(201, {"access_token": token, "expires_in": 86400, "token_type": "Bearer"})
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error(401, "unauthorized", "The token is not valid")
        name = request.path.removeprefix("/v1/")
        if name in self.rows:
            return (
                self._create(name, request)
                if request.method == "POST"
                else self._list(name, request.query)
            )
        return self._catalogue(name, request.query)

    def _catalogue(self, name: str, query: Any) -> Answer:
        if name == "document-types":
            return Answer(
                200,
                [
                    {
                        "id": 24446,
                        "code": "1",
                        "name": query["type"],
                        "automatic_number": True,
                        "active": True,
                    }
                ],
            )
        if name == "payment-types":
            return Answer(200, [{"id": 5636, "name": "Crédito"}])
        if name == "users":
            return Answer(
                200, {"results": [{"id": 629, "username": "contador@acme.co"}], "pagination": {}}
            )
        if name == "account-groups":
            return Answer(200, [{"id": 1, "name": "Productos"}])
        return _error(404, "not_found", name)

    def _create(self, name: str, request: Request) -> Answer:
        key, body = request.headers.get("idempotency-key", ""), request.body
        if key and not re.fullmatch("[A-Za-z0-9]{1,30}", key):
            return _error(400, "invalid_idempotency-key", "The Idempotency-Key is not valid")
        if key and name in KEYED and f"{name}{key}" in self.keys:
            return Answer(201, self.keys[f"{name}{key}"])
        refused = self._refuse(name, body)
        if refused:
            return refused
        row = {**body, "id": str(uuid.uuid4()), "metadata": {"created": "2026-01-05T00:00:00Z"}}
        if name != "customers":
            row |= {
                "number": len(self.rows[name]) + 1,
                "name": f"{KINDS[name]}-1-{len(self.rows[name]) + 1}",
            }
            row |= {"total": float(_total(body)), "balance": float(_total(body))}
        self.rows[name].append(row)
        if key:
            self.keys[f"{name}{key}"] = row
        return Answer(201, row)

    def _refuse(self, name: str, body: Any) -> Answer | None:
        schema = {"journals": JOURNAL, "customers": CUSTOMER}.get(name, DOCUMENT)
        try:
            jsonschema.validate(body, schema)
        except jsonschema.ValidationError as error:
            code = (
                "invalid_identification"
                if "identification" in error.absolute_path
                else "parameter_not_allowed"
            )
            return _error(400, code, error.message[:200])
        if name == "customers":
            known = {row["identification"] for row in self.rows[name]}
            taken = body["identification"] in known
            return _error(400, "already_exists", "The customer already exists") if taken else None
        if self.blocked_until and body["date"] <= self.blocked_until:
            return _error(400, "blocked_transactions", f"blocked until {self.blocked_until}")
        if name == "journals":
            sides = {"Debit": Decimal(0), "Credit": Decimal(0)}
            for item in body["items"]:
                if item["account"]["code"] not in ACCOUNTS:
                    return _error(400, "invalid_account", item["account"]["code"])
                sides[item["account"]["movement"]] += Decimal(repr(item["value"]))
            return (
                None
                if sides["Debit"] == sides["Credit"]
                else _error(400, "invalid_balance", "unbalanced")
            )
        if name in ("invoices", "purchases", "credit-notes"):
            paid = sum((Decimal(repr(item["value"])) for item in body["payments"]), Decimal(0))
            if paid != _total(body):
                return _error(400, "invalid_total_payments", f"{paid} is not {_total(body)}")
            if body.get("stamp", {}).get("send"):
                return _error(400, "document_settings", "this document type is not electronic")
        return None

    def _list(self, name: str, query: Any) -> Answer:
        rows = self.rows[name]
        if "date_start" in query:
            rows = [row for row in rows if query["date_start"] <= row["date"] <= query["date_end"]]
        for field in ("identification", "name"):
            if field in query:
                rows = [row for row in rows if row[field] == query[field]]
        page, size = int(query.get("page", 1)), min(int(query.get("page_size", 25)), 100)
        some = rows[(page - 1) * size : page * size]
        return Answer(
            200, {"pagination": {"page": page, "total_results": len(rows)}, "results": some}
        )


def _total(body: Any) -> Decimal:
    if "items" not in body or "payments" not in body:
        return Decimal(repr((body.get("payment") or {}).get("value", 0)))
    cent = Decimal("0.01")
    found = Decimal(0)
    for item in body["items"]:
        base = (Decimal(repr(item["quantity"])) * Decimal(repr(item["price"]))).quantize(
            cent, ROUND_HALF_UP
        )
        found += base
        for _ in item.get("taxes", ()):
            found += (base * 19 / 100).quantize(cent, ROUND_HALF_UP)
    return found


def _error(status: int, code: str, message: str) -> Answer:
    return Answer(
        status,
        {
            "Status": status,
            "Errors": [{"Code": code, "Message": message, "Params": [], "Detail": ""}],
        },
    )
