"""Xero: every request checked against its own OpenAPI document with closed objects, then its rules:
unique sales numbers, silent second bills and journals, keys remembered for six minutes,
``/Date()/``, rotating refresh tokens.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import yaml
import zstandard
from openapi_core import OpenAPI
from openapi_core.configurations import Config
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from tests.conftest import DATA
from tests.connectors.fakes.server import Answer, Request, VendorServer

SECRET = "refresh-xero-0"
TENANT = "45e4708e-d862-4111-ab3a-dd8cd03913e1"
CONTACT = "5b96e86b-418e-48e8-8949-308c14aec278"
ACCOUNTS = {
    "090": "Bank",
    "200": "Sales",
    "416": "Depreciation",
    "469": "Rent",
    "610": "Accounts Receivable",
    "800": "Accounts Payable",
    "960": "Retained Earnings",
}
CLASSES = {
    "090": "ASSET",
    "200": "REVENUE",
    "416": "EXPENSE",
    "469": "EXPENSE",
    "610": "ASSET",
    "800": "LIABILITY",
    "960": "EQUITY",
}
SYSTEM = {"610": "DEBTORS", "800": "CREDITORS", "960": "RETAINEDEARNINGS"}
TRACKING = {
    "Name": "Region",
    "TrackingCategoryID": "e2f2f732-e92a-4f3a-9c4d-ee4da0182a13",
    "Options": [
        {
            "TrackingOptionID": "ae777a87-5ef3-4fa0-a4f0-d10e1f13073a",
            "Name": "North",
            "Status": "ACTIVE",
        }
    ],
}
INVOICE = "b16d6bd7-2a4e-4a3c-8d2f-7a27a8c8b6f1"
BILL = "0d3ac8b8-1f6e-4b47-9b1c-6a3b1f1f9a11"
IDS = {
    "Contacts": "ContactID",
    "Invoices": "InvoiceID",
    "CreditNotes": "CreditNoteID",
    "Payments": "PaymentID",
    "ManualJournals": "ManualJournalID",
}


@lru_cache(maxsize=1)
def contract() -> OpenAPI:
    """Xero's document; ``forbid`` closes its objects. It is itself not quite valid, so it is not
    validated.
    """

    class Loader(yaml.CSafeLoader):
        yaml_implicit_resolvers = {
            key: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
            for key, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
        }

    text = zstandard.ZstdDecompressor().decompress(
        (DATA / "xero" / "xero_accounting.yaml.zst").read_bytes()
    )
    config = Config(spec_validator_cls=None, additional_properties_default_policy="forbid")
    document = yaml.load(text, Loader=Loader)
    for operations in document["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict):
                operation.pop("security", None)
    return OpenAPI.from_dict(document, config=config)


class FakeXero(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.refresh, self.access = SECRET, {"nothing yet"}
        self.used: dict[str, float] = {}
        self.keys: dict[str, tuple[float, bytes, Answer]] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in IDS}
        self.locked = date.min

    def expire(self) -> None:
        self.access = {"over"}

    def is_write(self, request: Request) -> bool:
        return request.method == "PUT"

    def throttled(self) -> Answer:
        return Answer(429, None, {"X-Rate-Limit-Problem": "minute", "Retry-After": "7"})

    def broken(self) -> Answer:
        return Answer(500, {"Title": "An error occurred", "Detail": "internal"})

    def answer(self, request: Request) -> Answer:
        if request.path == "/connect/token":
            return self._token(request.body)
        if request.headers.get("authorization", "").removeprefix("Bearer ") not in self.access:
            return Answer(401, {"Title": "Unauthorized", "Status": 401, "Detail": "TokenExpired"})
        broken = self._breach(request)
        if broken:
            return Answer(
                400, {"ErrorNumber": 17, "Type": "PostDataInvalidException", "Message": broken}
            )
        key = request.headers.get("idempotency-key", "")
        if key in self.keys:
            at, raw, answer = self.keys[key]
            if self.now() - at < 360:
                same = raw == request.raw
                return (
                    answer
                    if same
                    else Answer(
                        400, {"Message": "This Idempotency-Key is used with another request"}
                    )
                )
        found = self._route(request)
        if key:
            self.keys[key] = (self.now(), request.raw, found)
        return found

    def _token(self, form: Any) -> Answer:
        given = form.get("refresh_token", "")
        if given != self.refresh and self.now() - self.used.get(given, 0.0) > 1800:
            return Answer(400, {"error": "invalid_grant"})
        for old in (given, self.refresh):
            self.used.setdefault(old, self.now())
        self.refresh, access = f"refresh-xero-{uuid.uuid4()}", str(uuid.uuid4())
        self.access.add(access)
        return Answer(
            200, {"access_token": access, "refresh_token": self.refresh, "expires_in": 1800}
        )

    def _breach(self, request: Request) -> str:
        """What of the contract a request breaks; empty when nothing."""
        headers = {"xero-tenant-id": request.headers.get("xero-tenant-id", "")}
        if request.headers.get("idempotency-key"):
            headers["Idempotency-Key"] = request.headers["idempotency-key"]
        path = "/api.xro/2.0" + request.path.removeprefix("/api.xro/2.0")
        mocked = MockRequest(
            "https://api.xero.com",
            request.method.lower(),
            path,
            args=dict(request.query),
            headers=headers,
            data=request.raw or None,
            content_type="application/json",
        )
        try:
            contract().validate_request(mocked)
        except OpenAPIError as error:
            return f"{type(error).__name__}: {error.__cause__ or error}"[:500]
        return ""

    def _route(self, request: Request) -> Answer:
        parts = request.path.removeprefix("/api.xro/2.0/").split("/")
        if parts[0] == "Organisation":
            return Answer(
                200,
                {
                    "Organisations": [
                        {"Name": "ACME Ltd", "BaseCurrency": "GBP", "TaxNumber": "GB1"}
                    ]
                },
            )
        if parts[0] == "Accounts":
            rows = [
                {
                    "Code": code,
                    "Name": name,
                    "Class": CLASSES[code],
                    "Type": "BANK" if code == "090" else CLASSES[code],
                    "SystemAccount": SYSTEM.get(code, ""),
                }
                for code, name in ACCOUNTS.items()
            ]
            return Answer(200, {"Accounts": rows})
        if parts[0] == "TrackingCategories":
            return Answer(200, {"TrackingCategories": [TRACKING]})
        if parts == ["Reports", "TrialBalance"]:
            return Answer(
                200, {"Reports": [self._trial_balance(date.fromisoformat(request.query["date"]))]}
            )
        name = parts[0]
        if request.method == "PUT":
            return self._create(name, request.body[name][0])
        if len(parts) > 1:
            return Answer(
                200, {name: [row for row in self.rows[name] if row[IDS[name]] == parts[1]]}
            )
        return self._list(name, request.query, request.headers.get("if-modified-since", ""))

    def _trial_balance(self, until: date) -> dict[str, Any]:
        """As the vendor's document shows it: sections by class, the code in brackets, empty cells
        for nothing.
        """
        sums = dict.fromkeys(ACCOUNTS, Decimal(0))
        for row in self.rows["ManualJournals"]:
            on = datetime.fromtimestamp(int(row["Date"][6:-7]) / 1000, UTC).date()
            for line in row["JournalLines"] if on <= until else ():
                code = line["AccountCode"]
                if CLASSES[code] not in ("REVENUE", "EXPENSE") or on.year == until.year:
                    sums[code] += Decimal(str(line["LineAmount"]))
        rows: list[dict[str, Any]] = [
            {
                "RowType": "Header",
                "Cells": [
                    {"Value": title}
                    for title in ("Account", "Debit", "Credit", "YTD Debit", "YTD Credit")
                ],
            }
        ]
        for code, balance in sums.items():
            if balance:
                year = (f"{balance:.2f}", "") if balance > 0 else ("", f"{-balance:.2f}")
                values = (f"{ACCOUNTS[code]} ({code})", "", "", *year)
                row = {"RowType": "Row", "Cells": [{"Value": value} for value in values]}
                rows.append({"RowType": "Section", "Title": CLASSES[code], "Rows": [row]})
        total = {"RowType": "SummaryRow", "Cells": [{"Value": "Total"}, *[{"Value": "0.00"}] * 4]}
        return {
            "ReportName": "Trial Balance",
            "Rows": [*rows, {"RowType": "Section", "Title": "", "Rows": [total]}],
        }

    def _create(self, name: str, body: dict[str, Any]) -> Answer:
        refused = self._refuse(name, body)
        if refused:
            return Answer(
                200,
                {
                    name: [
                        {
                            **body,
                            "StatusAttributeString": "ERROR",
                            "ValidationErrors": [{"Message": refused}],
                        }
                    ]
                },
            )
        row = {**body, IDS[name]: str(uuid.uuid4()), "StatusAttributeString": "OK"}
        row["UpdatedDateUTC"] = f"/Date({int(self.now() * 1000)}+0000)/"
        if "Date" in row:
            day = datetime.fromisoformat(row["Date"]).replace(tzinfo=UTC)
            row["Date"] = f"/Date({int(day.timestamp() * 1000)}+0000)/"
        if name in ("Invoices", "CreditNotes"):
            total = sum(
                round(line["Quantity"] * line["UnitAmount"], 2) for line in body["LineItems"]
            )
            row |= {"Total": total, "AmountDue": total}
        if name == "Payments":
            row["PaymentType"] = (
                "ACCPAYPAYMENT" if body["Invoice"]["InvoiceID"] == BILL else "ACCRECPAYMENT"
            )
            row["Invoice"] = {**body["Invoice"], "Contact": {"ContactID": CONTACT}}
        self.rows[name].append(row)
        return Answer(200, {name: [row]})

    def _refuse(self, name: str, body: dict[str, Any]) -> str:
        rows = self.rows[name]
        if name == "Contacts" and any(row["Name"] == body["Name"] for row in rows):
            return f"The contact name {body['Name']} is already assigned to another contact."
        numbers = {row["ContactNumber"] for row in rows} if name == "Contacts" else set()
        if name == "Contacts" and body["ContactNumber"] in numbers:
            return "The Contact Number is already assigned to another contact."
        if "Date" in body and date.fromisoformat(body["Date"]) <= self.locked:
            return "The document date cannot be before the period lock date."
        taken = {row["InvoiceNumber"] for row in rows if row.get("Type") == "ACCREC"}
        if name == "Invoices" and body["Type"] == "ACCREC" and body["InvoiceNumber"] in taken:
            return "Invoice # must be unique."
        lines = body.get("LineItems") or body.get("JournalLines") or ()
        for line in lines:
            if line["AccountCode"] not in ACCOUNTS:
                return f"Account code '{line['AccountCode']}' is not a valid code."
            closed = line["AccountCode"] in {"090", *SYSTEM}
            if name == "ManualJournals" and closed:
                return f"Account {line['AccountCode']} can not be used in a manual journal."
            for tracked in line.get("Tracking", ()):
                if tracked != {"Name": "Region", "Option": "North"}:
                    return "The tracking option is not valid."
        if name == "ManualJournals" and round(sum(line["LineAmount"] for line in lines), 2):
            return "The total debits must equal total credits."
        return ""

    def _list(self, name: str, query: Any, since: str) -> Answer:
        rows = [row for row in self.rows[name] if all(test(row) for test in _tests(query))]
        if not query.get("includeArchived"):
            rows = [row for row in rows if row.get("ContactStatus") != "ARCHIVED"]
        if since:
            at = datetime.fromisoformat(since).replace(tzinfo=UTC).timestamp() * 1000
            rows = [row for row in rows if int(row["UpdatedDateUTC"][6:-7]) >= at]
        page, size = int(query.get("page", 1)), int(query.get("pageSize", 100))
        some = json.loads(json.dumps(rows[(page - 1) * size : page * size]))
        if name == "ManualJournals":
            some = [{**row, "JournalLines": []} for row in some]
        return Answer(
            200,
            {name: some, "pagination": {"page": page, "pageSize": size, "itemCount": len(rows)}},
        )


def _tests(query: Any) -> list[Callable[[dict[str, Any]], bool]]:
    """The clauses of ``where`` and the fast filters this client uses; anything else fails
    loudly.
    """
    tests: list[Callable[[dict[str, Any]], bool]] = []
    if "IDs" in query:
        wanted = query["IDs"].split(",")
        keys = ("ContactID", "InvoiceID")
        tests.append(lambda row: any(row.get(key) in wanted for key in keys))
    if "InvoiceNumbers" in query:
        tests.append(lambda row: row.get("InvoiceNumber") in query["InvoiceNumbers"].split(","))
    for clause in filter(None, query.get("where", "").split(" AND ")):
        if found := re.fullmatch(r'(\w+)=="(.*)"', clause):
            name, value = found[1], found[2]
            tests.append(lambda row, name=name, value=value: row.get(name) == value)  # type: ignore[misc]
        elif found := re.fullmatch(r'Contact\.ContactID==guid\("(.*)"\)', clause):
            tests.append(lambda row, value=found[1]: row["Contact"]["ContactID"] == value)  # type: ignore[misc]
        elif found := re.fullmatch(r"Date(>=|<=)DateTime\((\d+),(\d+),(\d+)\)", clause):
            at = (
                datetime(int(found[2]), int(found[3]), int(found[4]), tzinfo=UTC).timestamp() * 1000
            )
            sign = 1 if found[1] == ">=" else -1
            tests.append(
                lambda row, at=at, sign=sign: (
                    sign * (int(re.findall(r"-?\d+", row["Date"])[0]) - at) >= 0
                )
            )  # type: ignore[misc]
        else:
            raise AssertionError(f"a clause Xero would refuse: {clause}")
    return tests
