"""The connector to HubSpot's CRM: contacts, by a unique property of our own. Exactly once by upsert
on that property.

Rules (vendor's documents; S spec, D vendor page, 2 secondary, I inferred):

* ``POST …/batch/upsert`` with ``idProperty`` creates or updates, and each result says which
  (``new``) [S]; the property (``erp_contact_ref``, unique values) is made by an administrator once.
* A hit is updated: only the fields handed over are written, so the caller hands over only what the
  ERP owns.
* A batch may answer 207 with errors of its own for single inputs [S].
* 100 to 190 calls in ten seconds; ``X-HubSpot-RateLimit-Remaining`` says what is left of them [D].
* Changes are found by search on ``lastmodifieddate``; a search answers at most 10,000 rows [2], and
  a bulk import gives thousands one instant, so it goes on from the last ``hs_object_id`` seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

import httpx

from connectors.contract import Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Contact,
    Document,
    Identity,
    Kind,
    LedgerMove,
    RemoteAccount,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
)
from connectors.errors import Conflict, ConnectorError, Rejected, Throttled, Unauthorized, Uncertain
from connectors.transport import Transport, retry_after

URL = "https://api.hubapi.com"
REFERENCE = "erp_contact_ref"
TAX_ID = "erp_tax_id"
PAGE = 100
_PATH = "/crm/v3/objects/contacts"
_FIELDS = {
    "tax_id": TAX_ID,
    "name": "company",
    "email": "email",
    "phone": "phone",
    "street": "address",
    "city": "city",
    "region": "state",
    "postcode": "zip",
    "country": "country",
}
_PROPERTIES = (REFERENCE, "firstname", "lastname", "lastmodifieddate", *_FIELDS.values())


class HubSpotConnector(OneByOne):
    """One account, by the token of a private app."""

    def __init__(self, transport: Transport, token: str) -> None:
        self._transport = transport
        transport.hide(token)
        transport.set_header("Authorization", f"Bearer {token}")
        transport.classify = classify
        transport.observe = _silence

    @property
    def capabilities(self) -> Capabilities:
        kinds = frozenset({Kind.CONTACT})
        return Capabilities(
            "hubspot",
            True,
            1,
            ledger=False,
            push=kinds,
            pull=kinds,
            lists_accounts=False,
            leaves_out=frozenset({"contact.terms"}),
        )

    def identify(self) -> Identity:
        """Raises Rejected where a property of ours was not made yet."""
        self._look_for_properties()
        found = self._transport.read_json("GET", "/account-info/v3/details")
        return Identity(
            "",
            f"HubSpot {found['portalId']}",
            "",
            str(found.get("companyCurrency") or ""),
            "HubSpot",
        )

    def _look_for_properties(self) -> None:
        rows = self._transport.read_json("GET", "/crm/v3/properties/contacts")["results"]
        known = {str(row["name"]): bool(row.get("hasUniqueValue")) for row in rows}
        missing = [name for name in _PROPERTIES if name not in known]
        if missing:
            raise Rejected(f"no property {', '.join(missing)} of contacts", "property")
        if not known[REFERENCE]:
            raise Rejected(f"property {REFERENCE} has to ask for unique values", "property")

    def accounts(self) -> Sequence[RemoteAccount]:
        return []

    def journals(self) -> Sequence[RemoteJournal]:
        return []

    def partners(self) -> Sequence[RemotePartner]:
        found = []
        for row in self._changed(date.min, date.max):
            record, held = _record(row), row["properties"]
            fields = {name: str(held.get(own) or "") for name, own in _FIELDS.items()}
            found.append(
                RemotePartner(
                    record.remote_id, record.name, record.number, record.reference, fields
                )
            )
        return found

    def create(self, document: Document) -> RemoteRecord:
        if not isinstance(document, Contact):
            raise Unsupported(f"HubSpot has no {document.kind.value}", "unsupported")
        body = {
            "inputs": [
                {
                    "idProperty": REFERENCE,
                    "id": document.reference,
                    "properties": _properties(document),
                }
            ]
        }
        answer = self._transport.write_json("POST", f"{_PATH}/batch/upsert", json=body)
        if answer.get("errors"):
            raise _meaning(
                str(answer["errors"][0].get("category") or ""),
                str(answer["errors"][0].get("message") or ""),
            )
        try:
            return _record(answer["results"][0])
        except (KeyError, IndexError):
            raise Uncertain("the answer is not HubSpot's") from None

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        """By the unique property, in the way that sees a contact at once (a search lags behind)."""
        if not isinstance(document, Contact):
            return []
        body = {
            "idProperty": REFERENCE,
            "properties": list(_PROPERTIES),
            "inputs": [{"id": document.reference}],
        }
        answer = self._transport.read_json("POST", f"{_PATH}/batch/read", json=body)
        return [_record(row) for row in answer.get("results", ())]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return []

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        """Contacts last changed from ``start`` to ``end``, oldest contact first, each once."""
        if kind is not Kind.CONTACT:
            raise Unsupported(f"HubSpot has no {kind.value}", "unsupported")
        yield from map(_record, self._changed(start, end))

    def _changed(self, start: date, end: date) -> Iterator[Mapping[str, Any]]:
        since, until = _instant(start, time.min), _instant(end, time.max)
        last = "0"
        while True:
            filters = [
                {"propertyName": "lastmodifieddate", "operator": "GTE", "value": str(since)},
                {"propertyName": "lastmodifieddate", "operator": "LTE", "value": str(until)},
                {"propertyName": "hs_object_id", "operator": "GT", "value": last},
            ]
            sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
            body = {
                "filterGroups": [{"filters": filters}],
                "properties": list(_PROPERTIES),
                "sorts": sorts,
                "limit": PAGE,
                "after": "0",
            }
            rows = self._transport.read_json("POST", f"{_PATH}/search", json=body)["results"]
            yield from rows
            if len(rows) < PAGE:
                return
            last = str(rows[-1]["id"])

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        yield from ()

    def close(self) -> None:
        self._transport.close()


def classify(response: httpx.Response) -> ConnectorError | None:
    """The error a HubSpot answer means, by its ``category``."""
    try:
        body = response.json()
        words, category = str(body.get("message") or ""), str(body.get("category") or "")
    except (ValueError, AttributeError):
        return None
    if response.status_code == 429:
        wait = (
            86_400.0 if body.get("policyName") == "DAILY" else retry_after(response.headers, 10.0)
        )
        return Throttled(words, str(body.get("policyName") or category), wait)
    if response.status_code in (401, 403):
        return Unauthorized(words, category)
    if response.status_code >= 500:
        return Uncertain(words, category)
    return _meaning(category, words)


def _meaning(category: str, words: str) -> ConnectorError:
    return Conflict(words, category) if category == "CONFLICT" else Rejected(words, category)


def _silence(headers: httpx.Headers) -> float:
    """Nothing is left of these ten seconds: wait them out."""
    return 10.0 if headers.get("X-HubSpot-RateLimit-Remaining") == "0" else 0.0


def _properties(contact: Contact) -> dict[str, str]:
    known = {own: getattr(contact, name) for name, own in _FIELDS.items() if getattr(contact, name)}
    return {REFERENCE: contact.reference, **known}


def _record(row: Mapping[str, Any]) -> RemoteRecord:
    held = row["properties"]
    person = f"{held.get('firstname') or ''} {held.get('lastname') or ''}".strip()
    changed = date.fromisoformat(
        str(held.get("lastmodifieddate") or row.get("updatedAt") or "1970-01-01")[:10]
    )
    return RemoteRecord(
        str(row["id"]),
        str(held.get(TAX_ID) or ""),
        str(held.get(REFERENCE) or ""),
        changed,
        "cancelled" if row.get("archived") else "posted",
        kind=Kind.CONTACT,
        name=str(held.get("company") or person),
    )


def _instant(day: date, at: time) -> int:
    return int(datetime.combine(day, at, UTC).timestamp() * 1000)
