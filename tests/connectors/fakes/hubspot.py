"""HubSpot: upsert by a unique property, 207 with errors of single inputs, search that pages by
time.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.connectors.fakes.server import Answer, Request, VendorServer

TOKEN = "pat-na1-secreto-55"


class FakeHubSpot(VendorServer):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {"contacts": []}
        self.changes = 0

    def is_write(self, request: Request) -> bool:
        return request.path.endswith("/upsert")

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
        rows = self.rows["contacts"]
        if request.path.endswith("/upsert"):
            return self._upsert(request.body["inputs"][0])
        if request.path.endswith("/batch/read"):
            name, wanted = (
                request.body["idProperty"],
                {item["id"] for item in request.body["inputs"]},
            )
            found = [row for row in rows if row["properties"].get(name) in wanted]
            return Answer(
                200 if len(found) == len(wanted) else 207, {"status": "COMPLETE", "results": found}
            )
        bounds = {
            item["operator"]: int(item["value"])
            for item in request.body["filterGroups"][0]["filters"]
        }
        hits = [row for row in rows if bounds["GTE"] <= _at(row) <= bounds["LTE"]]
        return Answer(
            200,
            {
                "total": len(hits),
                "results": sorted(hits, key=_at)[: min(request.body["limit"], 100)],
            },
        )

    def _upsert(self, given: dict[str, Any]) -> Answer:
        held = given["properties"]
        if "@" not in held.get("email", "a@b"):
            error = {
                "status": "error",
                "category": "VALIDATION_ERROR",
                "message": f"{held['email']} is no e-mail",
            }
            return Answer(207, {"status": "COMPLETE", "results": [], "errors": [error]})
        self.changes += 1
        at = datetime(2026, 1, 15, tzinfo=UTC) + timedelta(seconds=self.changes)
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


def _at(row: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(row["properties"]["lastmodifieddate"]).timestamp() * 1000)
