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
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import httpx

from connectors.contract import Capabilities, OneByOne, Unsupported
from connectors.documents import (
    Change,
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


_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


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
            limits=("hubspot-contacts",),
            changes=kinds,
            deletes=kinds,
            reads=kinds,
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
        """A token that may not read them says nothing of them."""
        try:
            rows = self._transport.read_json("GET", "/crm/v3/properties/contacts")["results"]
        except Unauthorized:
            return
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
        for row in self._changed(_FIRST, _LAST):
            record = _record(row)
            found.append(
                RemotePartner(
                    record.remote_id, record.name, record.number, record.reference, record.fields
                )
            )
        return found

    def create(self, document: Document) -> RemoteRecord:
        if not isinstance(document, Contact):
            raise Unsupported(f"HubSpot has no {document.kind.value}", "unsupported")
        known, value = self._key(document)
        one = {"idProperty": known, "id": value, "properties": _properties(document)}
        body = {"inputs": [one]}
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

    def _key(self, contact: Contact) -> tuple[str, str]:
        """By what HubSpot is to recognise it. A contact people made there has no reference of
        ours, but its e-mail, which HubSpot allows only once: that one becomes ours. Raises Conflict
        where it is another's.
        """
        if not contact.email or self._by(REFERENCE, contact.reference):
            return REFERENCE, contact.reference
        for record in self._by("email", contact.email):
            if record.reference:
                raise Conflict(f"{contact.email} is of {record.reference} there", "CONFLICT")
            return "email", contact.email
        return REFERENCE, contact.reference

    def find(self, document: Document) -> Sequence[RemoteRecord]:
        """By the unique property, in the way that sees a contact at once (a search lags behind)."""
        return self._by(REFERENCE, document.reference) if isinstance(document, Contact) else []

    def _by(self, name: str, value: str) -> list[RemoteRecord]:
        body = {"idProperty": name, "properties": list(_PROPERTIES), "inputs": [{"id": value}]}
        answer = self._transport.read_json("POST", f"{_PATH}/batch/read", json=body)
        return [_record(row) for row in answer.get("results", ())]

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return []

    def documents(self, kind: Kind, start: date, end: date) -> Iterator[RemoteRecord]:
        """Contacts last changed from ``start`` to ``end``, oldest contact first, each once."""
        if kind is not Kind.CONTACT:
            raise Unsupported(f"HubSpot has no {kind.value}", "unsupported")
        since = datetime.combine(max(start, _FIRST.date()), time.min, UTC)
        until = datetime.combine(min(end, _LAST.date()), time.max, UTC)
        yield from map(_record, self._changed(since, until))

    def changed(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Change]:
        """By ``lastmodifieddate`` (the search lags by up to a minute [V]), then what was archived:
        that list is read whole.
        """
        if kind is not Kind.CONTACT:
            raise Unsupported(f"HubSpot has no {kind.value}", "unsupported")
        for row in self._changed(since, until - timedelta(milliseconds=1)):
            yield Change(_record(row), at=_instant(row))
        for row in self._archived():
            at = datetime.fromisoformat(str(row["archivedAt"]))
            if since <= at < until:
                yield Change(replace(_record(row), state="cancelled"), is_gone=True, at=at)

    def read_records(self, kind: Kind, remote_ids: Sequence[str]) -> Mapping[str, Change]:
        """A hundred a call, in the way that sees a change at once; what was archived is not in
        it.
        """
        if kind is not Kind.CONTACT:
            raise Unsupported(f"HubSpot has no {kind.value}", "unsupported")
        found = {}
        for start in range(0, len(remote_ids), PAGE):
            inputs = [{"id": one} for one in remote_ids[start : start + PAGE]]
            body = {"properties": list(_PROPERTIES), "inputs": inputs}
            answer = self._transport.read_json("POST", f"{_PATH}/batch/read", json=body)
            for row in answer.get("results", ()):
                found[str(row["id"])] = Change(_record(row), at=_instant(row))
        return found

    def change_contact(self, remote_id: str, fields: Mapping[str, str]) -> RemoteRecord:
        if unknown := fields.keys() - _FIELDS.keys():
            raise Rejected(f"HubSpot has no {', '.join(sorted(unknown))}", "field")
        body = {"properties": {_FIELDS[name]: value for name, value in fields.items()}}
        self._transport.write_json("PATCH", f"{_PATH}/{remote_id}", json=body)
        try:
            return self.read_records(Kind.CONTACT, [remote_id])[remote_id].record
        except KeyError:
            raise Rejected(f"no contact {remote_id}", "gone") from None

    def _archived(self) -> Iterator[Mapping[str, Any]]:
        query = {"archived": "true", "limit": str(PAGE), "properties": ",".join(_PROPERTIES)}
        while True:
            answer = self._transport.read_json("GET", _PATH, params=query)
            yield from answer["results"]
            after = ((answer.get("paging") or {}).get("next") or {}).get("after")
            if not after:
                return
            query["after"] = str(after)

    def _changed(self, start: datetime, end: datetime) -> Iterator[Mapping[str, Any]]:
        since, until = (int(at.timestamp() * 1000) for at in (start, end))
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
        fields={name: str(held.get(own) or "") for name, own in _FIELDS.items()},
    )


def _instant(row: Mapping[str, Any]) -> datetime | None:
    stated = str(row["properties"].get("lastmodifieddate") or row.get("updatedAt") or "")
    return datetime.fromisoformat(stated) if stated else None
