"""Zoho Books: a code in every body, unique numbers and names, upsert by custom field, lists without
lines.
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

SECRET = "refresh-zoho-0"
ORGANIZATION = "10234695"
CUSTOMER = "460000000026049"
ACCOUNTS = {"1000": "460000000000361", "4000": "460000000000362", "1010": "460000000000358"}
SINGULAR = {
    "contacts": "contact",
    "invoices": "invoice",
    "bills": "bill",
    "customerpayments": "payment",
    "vendorpayments": "vendorpayment",
    "journals": "journal",
}
IDS = {
    "contacts": "contact_id",
    "invoices": "invoice_id",
    "bills": "bill_id",
    "customerpayments": "payment_id",
    "vendorpayments": "payment_id",
    "journals": "journal_id",
}
_ID = {"type": "string", "pattern": "^[0-9]{10,19}$"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
SCHEMAS: dict[str, Any] = {
    "journals": {
        "required": ["journal_date", "line_items"],
        "additionalProperties": False,
        "properties": {
            "journal_date": _DATE,
            "reference_number": {"type": "string", "maxLength": 100},
            "notes": {"type": "string", "maxLength": 500},
            "status": {"enum": ["draft", "published"]},
            "line_items": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "required": ["account_id", "debit_or_credit", "amount"],
                    "additionalProperties": False,
                    "properties": {
                        "account_id": _ID,
                        "debit_or_credit": {"enum": ["debit", "credit"]},
                        "amount": {"type": "number"},
                        "description": {"type": "string", "maxLength": 500},
                        "customer_id": _ID,
                    },
                },
            },
        },
    },
    "contacts": {
        "required": ["contact_name"],
        "additionalProperties": False,
        "properties": {
            "contact_name": {"type": "string", "maxLength": 200},
            "contact_type": {"enum": ["customer", "vendor"]},
            "legal_name": {"type": "string"},
            "tax_id": _ID,
            "tax_reg_no": {"type": "string", "pattern": "^[A-Z&Ñ]{3,4}[0-9]{6}[A-Z0-9]{3}$"},
            "tax_treatment": {
                "enum": ["home_country_mexico", "border_region_mexico", "non_mexico"]
            },
            "notes": {"type": "string"},
            "payment_terms": {"type": "integer"},
            "contact_persons": {"type": "array"},
            "custom_fields": {"type": "array"},
            "billing_address": {
                "additionalProperties": False,
                "properties": {
                    name: {"type": "string"}
                    for name in ("address", "city", "state", "zip", "country")
                },
            },
        },
        "dependentRequired": {"tax_reg_no": ["tax_treatment"]},
    },
    "invoices": {
        "required": ["customer_id", "line_items"],
        "properties": {"customer_id": _ID, "date": _DATE},
    },
    "bills": {
        "required": ["vendor_id", "bill_number"],
        "properties": {"vendor_id": _ID, "date": _DATE},
    },
    "customerpayments": {"required": ["customer_id", "payment_mode", "amount", "date", "invoices"]},
    "vendorpayments": {"required": ["amount"]},
}


class FakeZoho(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.refresh = SECRET
        self.access: set[str] = set()
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SINGULAR}
        self.locked = ""

    def expire(self) -> None:
        self.access = set()

    def is_write(self, request: Request) -> bool:
        return request.method in ("POST", "PUT") and request.path.startswith("/books")

    def throttled(self) -> Answer:
        words = (
            "For security reasons your organization has been blocked as it have exceeded the"
            " maximum number of requests"
        )
        return Answer(429, {"code": 44, "message": words}, {"Retry-After": "1800"})

    def broken(self) -> Answer:
        return Answer(500, {"code": 1, "message": "Internal Error"})

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth/v2/token":
            if request.body.get("refresh_token") != self.refresh:
                return Answer(200, {"error": "invalid_code"})
            self.access.add(token := str(uuid.uuid4()))
            return Answer(200, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"})
        if (
            request.headers.get("authorization", "").removeprefix("Zoho-oauthtoken ")
            not in self.access
        ):
            return Answer(
                401, {"code": 57, "message": "You are not authorized to perform this operation"}
            )
        if request.query.get("organization_id") != ORGANIZATION:
            return Answer(
                400, {"code": 6041, "message": "This user is not associated with the CompanyID"}
            )
        parts = request.path.removeprefix("/books/v3/").split("/")
        name = parts[0]
        if name == "organizations":
            found = {"organization_id": ORGANIZATION, "name": "ACME", "currency_code": "MXN"}
            return Answer(200, {"code": 0, "organizations": [found]})
        if name == "chartofaccounts":
            rows = [
                {"account_id": key, "account_code": code, "account_name": code}
                for code, key in ACCOUNTS.items()
            ]
            return Answer(
                200, {"code": 0, "chartofaccounts": rows, "page_context": {"has_more_page": False}}
            )
        if request.method == "GET" and len(parts) == 2:
            row = next(row for row in self.rows[name] if row[IDS[name]] == parts[1])
            return Answer(200, {"code": 0, SINGULAR[name]: row})
        return (
            self._list(name, request.query)
            if request.method == "GET"
            else self._create(name, request)
        )

    def _create(self, name: str, request: Request) -> Answer:
        body, rows = request.body, self.rows[name]
        try:
            jsonschema.validate(body, SCHEMAS[name])
        except jsonschema.ValidationError as error:
            return Answer(400, {"code": 2, "message": error.message[:200]})
        if request.method == "PUT":
            value = request.headers.get("x-unique-identifier-value")
            for row in rows:
                if any(item["value"] == value for item in row.get("custom_fields", ())):
                    row.update(body)
                    return Answer(200, {"code": 0, "message": "updated", SINGULAR[name]: row})
        if name == "contacts" and body["contact_name"] in {row["contact_name"] for row in rows}:
            return Answer(
                400,
                {"code": 3062, "message": f'The customer "{body["contact_name"]}" already exists.'},
            )
        for field in ("invoice_number", "bill_number"):
            if field in body and body[field] in {row[field] for row in rows}:
                return Answer(
                    400, {"code": 1001, "message": f"{field} {body[field]} already exists"}
                )
        at = body.get("journal_date") or body.get("date") or ""
        if at and at <= self.locked:
            return Answer(
                400,
                {"code": 1038, "message": "The transactions before this date have been locked."},
            )
        if name == "journals":
            known, sums = set(ACCOUNTS.values()), {"debit": 0.0, "credit": 0.0}
            for line in body["line_items"]:
                if line["account_id"] not in known:
                    return Answer(400, {"code": 1002, "message": "Account does not exist."})
                sums[line["debit_or_credit"]] += line["amount"]
            if round(sums["debit"] - sums["credit"], 2):
                return Answer(
                    400,
                    {
                        "code": 2015,
                        "message": "Please ensure that the Debits and Credits are equal",
                    },
                )
        row = {**body, IDS[name]: f"46000000{len(rows) + 100000:07d}{list(SINGULAR).index(name)}00"}
        at = datetime.fromtimestamp(self.now(), UTC)
        row["last_modified_time"] = at.strftime("%Y-%m-%dT%H:%M:%S+0000")
        if name == "journals":
            row["entry_number"] = str(len(rows) + 1)
        if name in ("invoices", "bills"):
            row["total"] = round(
                sum(line["rate"] * line["quantity"] for line in body["line_items"]), 2
            )
            row["balance"] = row["total"]
            row["status"] = "draft" if name == "invoices" else "open"
        rows.append(row)
        return Answer(201, {"code": 0, "message": "created", SINGULAR[name]: row})

    def _list(self, name: str, query: Any) -> Answer:
        rows = self.rows[name]
        for field in ("reference_number", "contact_name", "entry_number"):
            if field in query:
                rows = [row for row in rows if row.get(field) == query[field]]
        if "last_modified_time" in query:
            since = query["last_modified_time"]
            rows = [row for row in rows if row["last_modified_time"] >= since]
        if "date_start" in query:
            key = "journal_date" if name == "journals" else "date"
            rows = [row for row in rows if query["date_start"] <= row[key] <= query["date_end"]]
        page, size = int(query["page"]), min(int(query["per_page"]), 11)
        some = rows[(page - 1) * size : page * size]
        if name == "journals":
            some = [
                {key: value for key, value in row.items() if key != "line_items"} for row in some
            ]
        context = {"page": page, "per_page": size, "has_more_page": len(rows) > page * size}
        return Answer(200, {"code": 0, name: some, "page_context": context})
