"""SAP Business One's Service Layer: cookies, code 301, twenty rows a page, silent duplicates,
drafts by approval.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import jsonschema

from tests.connectors.fakes.server import Answer, Request, VendorServer

PASSWORD = "clave-sap-77"
ACCOUNTS = {"_SYS00000000019": "Bancos", "_SYS00000000120": "Ventas", "_SYS00000000004": "Caja"}
CONTROL = "_SYS00000000077"
"""An account kept from invoices, locked against manual entries."""
RULES = {"CC-NORTE": 1, "P-7": 2}
UDF_ON = {
    "Invoices",
    "PurchaseInvoices",
    "CreditNotes",
    "PurchaseCreditNotes",
    "IncomingPayments",
    "VendorPayments",
    "JournalEntries",
    "Drafts",
}
PARTNER = "C900123456"
KEYS = {
    "BusinessPartners": "CardCode",
    "Invoices": "DocEntry",
    "PurchaseInvoices": "DocEntry",
    "CreditNotes": "DocEntry",
    "PurchaseCreditNotes": "DocEntry",
    "IncomingPayments": "DocEntry",
    "VendorPayments": "DocEntry",
    "JournalEntries": "JdtNum",
    "Drafts": "DocEntry",
}
_TEXT = {"type": "string"}
_DATE = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
SCHEMAS = {
    "JournalEntries": {
        "required": ["ReferenceDate", "JournalEntryLines"],
        "additionalProperties": False,
        "properties": {
            "ReferenceDate": _DATE,
            "DueDate": _DATE,
            "TaxDate": _DATE,
            "Memo": {"type": "string", "maxLength": 50},
            "Reference": {"type": "string", "maxLength": 100},
            "U_CuadreRef": _TEXT,
            "JournalEntryLines": {
                "type": "array",
                "items": {
                    "additionalProperties": False,
                    "properties": {
                        "AccountCode": _TEXT,
                        "ShortName": _TEXT,
                        "Debit": {"type": "number"},
                        "Credit": {"type": "number"},
                        "LineMemo": {"type": "string", "maxLength": 50},
                        "CostingCode": _TEXT,
                        "CostingCode2": _TEXT,
                        "BPLID": {"type": "integer"},
                        "AdditionalReference": {"type": "string", "maxLength": 27},
                    },
                },
            },
        },
    },
    "BusinessPartners": {
        "required": ["CardCode", "CardName", "CardType"],
        "additionalProperties": False,
        "properties": {
            "CardCode": {"type": "string", "maxLength": 15},
            "CardName": {"type": "string", "maxLength": 100},
            "CardType": {"enum": ["cCustomer", "cSupplier", "cLid"]},
            "FederalTaxID": {"type": "string", "maxLength": 32},
            "EmailAddress": _TEXT,
            "Phone1": {"type": "string", "maxLength": 20},
            "BPAddresses": {
                "type": "array",
                "items": {
                    "required": ["AddressName"],
                    "additionalProperties": False,
                    "properties": {
                        "AddressName": _TEXT,
                        "AddressType": {"enum": ["bo_BillTo", "bo_ShipTo"]},
                        "Street": {"type": "string", "maxLength": 100},
                        "City": {"type": "string", "maxLength": 100},
                        "ZipCode": {"type": "string", "maxLength": 20},
                        "Country": {"type": "string", "maxLength": 3},
                    },
                },
            },
        },
    },
}


class FakeSapB1(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.session = ""
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in KEYS}
        self.locked = date.min
        self.approval = False
        self.branches = False
        self.without_field: set[str] = set()
        self.categories: dict[int, list[dict[str, Any]]] = {1: [], 2: []}

    def expire(self) -> None:
        self.session = "over"

    def is_write(self, request: Request) -> bool:
        name = request.path.rpartition("/")[2]
        return request.method == "POST" and name in KEYS

    def throttled(self) -> Answer:
        return Answer(
            429,
            {"error": {"code": 429, "message": {"lang": "en-us", "value": "busy"}}},
            {"Retry-After": "2"},
        )

    def broken(self) -> Answer:
        return Answer(502, b"<html>bad gateway</html>", {"Content-Type": "text/html"})

    def answer(self, request: Request) -> Answer:
        return (
            _as_v2(self._answer(request))
            if request.path.startswith("/b1s/v2/")
            else self._answer(request)
        )

    def _answer(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        if name == "Login":
            if request.body != {
                "CompanyDB": "SBO_ACME",
                "UserName": "manager",
                "Password": PASSWORD,
                "Language": "3",
            }:
                return _error(401, 100000027, "Login failed")
            self.session = self.session if self.session not in ("", "over") else uuid.uuid4().hex
            cookie = f"B1SESSION={self.session};HttpOnly;"
            return Answer(
                200, {"SessionId": self.session, "SessionTimeout": 30}, {"Set-Cookie": cookie}
            )
        if f"B1SESSION={self.session}" not in request.headers.get("cookie", "") or not self.session:
            return _error(401, 301, "Invalid session or session already timeout.")
        if name == "Logout":
            return Answer(204, b"")
        if name == "CompanyService_GetCompanyInfo":
            return Answer(200, {"CompanyName": "ACME", "Version": 1000210})
        if name == "CompanyService_GetAdminInfo":
            return Answer(200, {"FederalTaxID": "900123456", "LocalCurrency": "COP"})
        if name == "CompanyService_GetPeriods":
            known = [{"AbsoluteEntry": number} for number in self.categories]
            return Answer(200, {"PeriodCategories": known})
        if name == "CompanyService_GetFinancePeriods":
            asked = request.body["PeriodCategoryParams"]["AbsoluteEntry"]
            return Answer(200, {"FinancePeriods": self.categories[asked]})
        if name == "DistributionRules":
            rows = [
                {"FactorCode": code, "FactorDescription": code.title(), "InWhichDimension": axis}
                for code, axis in RULES.items()
            ]
            return Answer(200, {"value": rows})
        if name == "ChartOfAccounts":
            rows = [
                {
                    "Code": code,
                    "Name": text,
                    "AcctCurrency": "##",
                    "LockManualTransaction": "tYES" if code == CONTROL else "tNO",
                }
                for code, text in {**ACCOUNTS, CONTROL: "Clientes"}.items()
            ]
            return Answer(200, {"value": rows})
        if name not in KEYS:
            return _error(404, -2028, f"No matching records found ({name})")
        return (
            self._create(name, request.body)
            if request.method == "POST"
            else self._list(name, request)
        )

    def _create(self, name: str, body: dict[str, Any]) -> Answer:
        try:
            jsonschema.validate(body, SCHEMAS.get(name, {}))
        except jsonschema.ValidationError as error:
            return _error(400, -1000, error.message[:200])
        known = {row[KEYS[name]] for row in self.rows[name]}
        if name == "BusinessPartners" and body["CardCode"] in known:
            text = (
                f"1320000140 - Business partner code '{body['CardCode']}' already assigned to a"
                " business partner"
            )
            return _error(400, -10, text)
        at = body.get("ReferenceDate") or body.get("DocDate")
        if at and date.fromisoformat(at) <= self.locked:
            return _error(400, -4013, "Posting period locked; specify an alternative date")
        today = datetime.fromtimestamp(self.now(), UTC).date().isoformat()
        row = dict(body) | ({"UpdateDate": today} if name != "JournalEntries" else {})
        if name == "JournalEntries":
            lines = body["JournalEntryLines"]
            if any(line.get("AccountCode") == CONTROL for line in lines):
                return _error(400, -5002, "You cannot post directly to a control account")
            if self.branches and any("BPLID" not in line for line in lines):
                return _error(400, -5002, "Specify a branch")
            for line in lines:
                for axis, field in ((1, "CostingCode"), (2, "CostingCode2")):
                    if field in line and RULES.get(line[field]) != axis:
                        return _error(400, -10, f"Distribution rule {line[field]} is invalid")
            if any(line.get("AccountCode", "_SYS00000000019") not in ACCOUNTS for line in lines):
                return _error(400, -5002, "Enter valid account code")
            if sum(Decimal(repr(line["Debit"])) - Decimal(repr(line["Credit"])) for line in lines):
                return _error(400, -5002, "Unbalanced Transaction")
            row |= {"JdtNum": len(known) + 1, "Number": 1000 + len(known)}
            row["JournalEntryLines"] = [
                {"ShortName": line.get("AccountCode"), **line} for line in lines
            ]
        elif name != "BusinessPartners":
            if self.approval and name in ("Invoices", "PurchaseInvoices"):
                self.rows["Drafts"].append(
                    {**row, "DocEntry": 9000, "DocNum": 1, "DocObjectCode": f"o{name}"}
                )
                return Answer(201, self.rows["Drafts"][-1])
            total = sum(line["LineTotal"] for line in body.get("DocumentLines", ()))
            row |= {
                "DocEntry": len(known) + 1,
                "DocNum": 500 + len(known),
                "DocTotal": total,
                "Cancelled": "tNO",
            }
        self.rows[name].append(row)
        return Answer(201, row)

    def _list(self, name: str, request: Request) -> Answer:
        rows = sorted(self.rows[name], key=lambda row: row[KEYS[name]])
        for clause in filter(None, request.query.get("$filter", "").split(" and ")):
            found = re.fullmatch(r"(\w+) (eq|gt|ge|le) (?:'(.*)'|(\d+))", clause)
            missing = name in self.without_field or name not in UDF_ON
            if found and found[1].startswith("U_") and missing:
                return _error(400, -1000, f"Property '{found[1]}' of '{name}' is invalid")
            assert found, f"a filter the Service Layer would refuse: {clause}"
            value: Any = found[3].replace("''", "'") if found[3] is not None else int(found[4])
            test = {
                "eq": lambda a, b: a == b,
                "gt": lambda a, b: a > b,
                "ge": lambda a, b: a >= b,
                "le": lambda a, b: a <= b,
            }[found[2]]
            rows = [
                row for row in rows if row.get(found[1]) is not None and test(row[found[1]], value)
            ]
        wanted = re.search(r"maxpagesize=(\d+)", request.headers.get("prefer", ""))
        size = min(int(wanted[1]) if wanted else 20, 7)
        answer: dict[str, Any] = {"value": rows[:size]}
        if len(rows) > size:
            answer["odata.nextLink"] = f"{request.path}?$skip={size}"
        return Answer(200, answer)


def _as_v2(found: Answer) -> Answer:
    """The same in OData 4: the code and the words are texts, the next page has another name."""
    content = found.content
    if isinstance(content, dict) and "error" in content:
        error = content["error"]
        content = {"error": {"code": str(error["code"]), "message": error["message"]["value"]}}
    elif isinstance(content, dict) and "odata.nextLink" in content:
        content = {**content, "@odata.nextLink": content["odata.nextLink"]}
        del content["odata.nextLink"]
    return Answer(found.status, content, found.headers)


def _error(status: int, code: int, words: str) -> Answer:
    return Answer(status, {"error": {"code": code, "message": {"lang": "en-us", "value": words}}})
