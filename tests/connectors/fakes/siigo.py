"""Siigo Nube: idempotency keys, ``already_exists``, balance and totals as it computes them, flat
429 bodies.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

KEY = "clave-siigo-9f2"
ACCOUNTS: dict[str, str] = {
    "11050501": "",
    "11100501": "",
    "41359501": "",
    "51353001": "",
    "13050501": "due",
    "24080501": "tax",
    "14350101": "product",
}
"""Accounts and what a journal's line on each has to say besides its third party."""
COST_CENTERS = {235: "Bogotá", 236: "Medellín"}
KINDS = {
    "invoices": "FV",
    "credit-notes": "NC",
    "purchases": "FC",
    "vouchers": "RC",
    "payment-receipts": "RP",
    "journals": "CC",
}
PAYMENT_TYPES = {"FV": 5636, "FC": 8467, "NC": 5640, "RC": 5638, "RP": 5639}
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
                "required": ["account", "customer", "value", "description"],
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
                    "cost_center": {"type": "integer"},
                    "due": {
                        "type": "object",
                        "required": ["prefix", "consecutive", "quote", "date"],
                        "additionalProperties": False,
                        "properties": {
                            "prefix": {"type": "string", "minLength": 1},
                            "consecutive": {"type": "integer"},
                            "quote": {"type": "integer"},
                            "date": _DATE,
                        },
                    },
                    "tax": {"type": "object"},
                    "product": {"type": "object"},
                },
            },
        },
        "number": {"type": "integer"},
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
        "invoice": {"type": "string"},
        "reason": {"enum": ["1", "2", "3", "4", "5", "6", "7"]},
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
    "required": ["person_type", "id_type", "identification", "name", "contacts", "address"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["Customer", "Supplier", "Other"]},
        "person_type": {"enum": ["Person", "Company"]},
        "id_type": {"enum": ["13", "31", "22", "42", "50", "91", "41", "11", "21", "12"]},
        "identification": {"type": "string", "pattern": "^[0-9]{3,13}$"},
        "check_digit": {"type": "string"},
        "name": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"minLength": 1}},
        "branch_office": {"type": "integer"},
        "vat_responsible": {"type": "boolean"},
        "fiscal_responsibilities": {"type": "array"},
        "phones": {
            "items": {"properties": {"number": {"type": "string", "pattern": "^[0-9]{1,10}$"}}}
        },
        "contacts": {
            "minItems": 1,
            "maxItems": 10,
            "items": {
                "required": ["first_name", "last_name"],
                "properties": {"email": {"type": "string", "pattern": "^[^@ ]+@[^@ ]+$"}},
            },
        },
        "address": {
            "required": ["address", "city"],
            "properties": {
                "address": {"type": "string", "minLength": 1, "maxLength": 256},
                "city": {
                    "required": ["country_code", "state_code", "city_code"],
                    "properties": {
                        "country_code": {"type": "string"},
                        "state_code": {"type": "string", "pattern": r"^\d{2}$"},
                        "city_code": {"type": "string", "pattern": r"^\d{5}$"},
                    },
                },
            },
        },
    },
    "if": {"properties": {"person_type": {"const": "Person"}}},
    "then": {"properties": {"name": {"minItems": 2}}},
}


class FakeSiigo(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.tokens: set[str] = set()
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in (*KINDS, "customers")}
        self.keys: dict[str, dict[str, Any]] = {}
        self.blocked_until = ""
        self.types: list[dict[str, Any]] = [
            {
                "id": 24446,
                "code": "1",
                "name": "Comprobante",
                "automatic_number": True,
                "cost_center_mandatory": False,
                "active": True,
            },
            {
                "id": 24447,
                "code": "2",
                "name": "Comprobante con número propio",
                "automatic_number": False,
                "cost_center_mandatory": True,
                "active": True,
            },
        ]

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
            return Answer(200, [{**row, "type": query["type"]} for row in self.types])
        if name == "payment-types":
            cash = {"id": 5630, "name": "Efectivo", "due_date": False, "active": True}
            credit = {"id": PAYMENT_TYPES[query["document_type"]], "name": "Crédito"}
            return Answer(200, [cash, {**credit, "due_date": True, "active": True}])
        if name == "cost-centers":
            rows = [
                {"id": key, "code": str(key), "name": text, "active": True}
                for key, text in COST_CENTERS.items()
            ]
            return Answer(200, rows)
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
        at = datetime.fromtimestamp(self.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        row["metadata"]["last_updated"] = at
        if name != "customers":
            given = body.get("number", len(self.rows[name]) + 1)
            row |= {"number": given, "name": f"{KINDS[name]}-1-{given}"}
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
        if refused := self._refuse_type(name, body):
            return refused
        if name == "journals":
            sides = {"Debit": Decimal(0), "Credit": Decimal(0)}
            for item in body["items"]:
                if item["account"]["code"] not in ACCOUNTS:
                    return _error(400, "invalid_account", item["account"]["code"])
                asked = ACCOUNTS[item["account"]["code"]]
                if asked and asked not in item:
                    return _error(400, "parameter_required", f"items.{asked}")
                if item.get("cost_center", 235) not in COST_CENTERS:
                    return _error(400, "invalid_cost_center", str(item["cost_center"]))
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
            if name == "credit-notes" and not (body.get("invoice") and body.get("reason")):
                return _error(400, "parameter_required", "invoice, reason")
            right = PAYMENT_TYPES[KINDS[name]]
            if any(item["id"] != right for item in body["payments"]):
                return _error(400, "invalid_payment", f"not a way of payment of {KINDS[name]}")
            if body.get("stamp", {}).get("send"):
                return _error(400, "document_settings", "this document type is not electronic")
        return None

    def _refuse_type(self, name: str, body: Any) -> Answer | None:
        """A number where the type has none of its own, and only there; cost centres where they are
        mandatory.
        """
        known = {row["id"]: row for row in self.types}
        if body["document"]["id"] not in known:
            return _error(400, "invalid_document", "document.id")
        kind, given = known[body["document"]["id"]], body.get("number")
        if not kind["automatic_number"] and given is None:
            return _error(400, "parameter_required", "number")
        if given is not None and given in {row["number"] for row in self.rows[name]}:
            return _error(400, "already_exists", "The number already exists")
        mandatory = kind["cost_center_mandatory"] and name == "journals"
        if mandatory and any("cost_center" not in item for item in body["items"]):
            return _error(400, "parameter_required", "items.cost_center")
        return None

    def _list(self, name: str, query: Any) -> Answer:
        rows = self.rows[name]
        if "date_start" in query:
            rows = [row for row in rows if query["date_start"] <= row["date"] <= query["date_end"]]
        if "updated_start" in query:
            start, end = query["updated_start"], query["updated_end"]
            rows = [row for row in rows if start <= row["metadata"]["last_updated"] <= end]
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
