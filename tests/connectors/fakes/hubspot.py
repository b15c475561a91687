"""HubSpot: upsert by a unique property, 207 with errors of single inputs, a search of at most 100
rows by every filter and sort it is given.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.fakes.server import Answer, Request, VendorServer

STANDARD = [
    "firstname",
    "lastname",
    "email",
    "phone",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "company",
    "lastmodifieddate",
    "hs_object_id",
]
TOKEN = "pat-na1-secreto-55"


class FakeHubSpot(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {"contacts": []}
        self.changes = 0
        self.clock: datetime | None = None
        self.archived: list[dict[str, Any]] = []
        self.own = {"erp_contact_ref": True, "erp_tax_id": False}
        """Properties somebody made, and whether each asks for unique values."""

    def is_write(self, request: Request) -> bool:
        return request.path.endswith("/upsert") or request.method == "PATCH"

    def is_list(self, request: Request) -> bool:
        return request.path.endswith("/search")

    def throttled(self) -> Answer:
        body = {
            "status": "error",
            "category": "RATE_LIMITS",
            "policyName": "TEN_SECONDLY_ROLLING",
            "message": "limit",
        }
        return Answer(429, body)

    def broken(self) -> Answer:
        return Answer(502, {"status": "error", "category": "INTERNAL", "message": "internal"})

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return Answer(
                401, {"status": "error", "category": "INVALID_AUTHENTICATION", "message": "expired"}
            )
        if request.path.endswith("/details"):
            return Answer(200, {"portalId": 7, "companyCurrency": "MXN"})
        if request.path == "/crm/v3/properties/contacts":
            known = {**dict.fromkeys(STANDARD, False), **self.own}
            listed = [{"name": name, "hasUniqueValue": only} for name, only in known.items()]
            return Answer(200, {"results": listed})
        if request.method == "GET" and request.path.endswith("/contacts"):
            assert request.query["archived"] == "true"
            return Answer(200, {"results": self.archived})
        rows = self.rows["contacts"]
        if request.path.endswith("/upsert"):
            return self._upsert(request.body["inputs"][0])
        if request.method == "PATCH":
            return self._patch(request.path.rpartition("/")[2], request.body["properties"])
        if request.path.endswith("/batch/read"):
            name, wanted = (
                request.body.get("idProperty", ""),
                {item["id"] for item in request.body["inputs"]},
            )
            assert len(wanted) <= 100, "more than HubSpot takes"
            found = [
                row
                for row in rows
                if (row["properties"].get(name) if name else row["id"]) in wanted
            ]
            return Answer(
                200 if len(found) == len(wanted) else 207, {"status": "COMPLETE", "results": found}
            )
        return self._search(request.body)

    def _patch(self, number: str, held: dict[str, Any]) -> Answer:
        """E-mails are kept in lower case."""
        for row in self.rows["contacts"]:
            if row["id"] == number:
                self.changes += 1
                at = self.clock or datetime(2026, 1, 15, tzinfo=UTC) + timedelta(
                    seconds=self.changes
                )
                stored = {
                    name: value.lower() if name == "email" else value
                    for name, value in held.items()
                }
                row["properties"].update(stored, lastmodifieddate=at.isoformat())
                return Answer(200, row)
        return Answer(404, {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "?"})

    def _search(self, asked: dict[str, Any]) -> Answer:
        filters = asked["filterGroups"][0]["filters"]
        hits = [row for row in self.rows["contacts"] if all(_meets(row, item) for item in filters)]
        (by,) = asked["sorts"]
        hits.sort(
            key=lambda row: _property(row, by["propertyName"]),
            reverse=by["direction"] == "DESCENDING",
        )
        return Answer(200, {"total": len(hits), "results": hits[: min(asked["limit"], 100)]})

    def _upsert(self, given: dict[str, Any]) -> Answer:
        held = given["properties"]
        for name in held:
            if name not in (*STANDARD, *self.own):
                words = f'Property "{name}" does not exist'
                error = {"status": "error", "category": "VALIDATION_ERROR", "message": words}
                return Answer(207, {"status": "COMPLETE", "results": [], "errors": [error]})
        if "@" not in held.get("email", "a@b"):
            error = {
                "status": "error",
                "category": "VALIDATION_ERROR",
                "message": f"{held['email']} is no e-mail",
            }
            return Answer(207, {"status": "COMPLETE", "results": [], "errors": [error]})
        mine = held.get("email", "").lower()
        owners = [
            row
            for row in self.rows["contacts"]
            if mine and row["properties"].get("email", "").lower() == mine
        ]
        key = given["idProperty"]
        if any(row["properties"].get(key) != given["id"] for row in owners):
            words = f"Contact already exists. Existing ID: {owners[0]['id']}"
            error = {"status": "error", "category": "CONFLICT", "message": words}
            return Answer(207, {"status": "COMPLETE", "results": [], "errors": [error]})
        self.changes += 1
        at = self.clock or datetime(2026, 1, 15, tzinfo=UTC) + timedelta(seconds=self.changes)
        for row in self.rows["contacts"]:
            if row["properties"].get(given["idProperty"]) == given["id"]:
                row["properties"].update(held, lastmodifieddate=at.isoformat())
                return Answer(200, {"status": "COMPLETE", "results": [{**row, "new": False}]})
        row = {
            "id": str(1000 + len(self.rows["contacts"])),
            "properties": {**held, "lastmodifieddate": at.isoformat()},
        }
        self.rows["contacts"].append(row)
        return Answer(200, {"status": "COMPLETE", "results": [{**row, "new": True}]})


def _property(row: dict[str, Any], name: str) -> int:
    if name == "hs_object_id":
        return int(row["id"])
    return int(datetime.fromisoformat(row["properties"][name]).timestamp() * 1000)


def _meets(row: dict[str, Any], asked: dict[str, str]) -> bool:
    held, value = _property(row, asked["propertyName"]), int(asked["value"])
    return {"GTE": held >= value, "LTE": held <= value, "GT": held > value}[asked["operator"]]
