"""Vendors that sign nothing: the secret path is all that tells who sent it, so that what comes is a
hint and costs at worst a read.

Retries fall together, a later change that looks the same does not: the key is the body's hash and
ten minutes of time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.webhooks.delivery import (
    BadBody,
    Delivery,
    Notice,
    Scheme,
    from_milliseconds,
    object_of,
    piece,
    text_of,
)

_SPAN = 600
_MOST_IDS = 100
_ODOO = {
    "res.partner": "contact",
    "account.move": "document",
    "account.payment": "receipt",
    "product.product": "product",
}
_ZOHO_CRM = {"Contacts": "contact", "Accounts": "contact", "Invoices": "invoice"}
_ALEGRA = {"client": "contact", "invoice": "invoice", "bill": "bill", "item": "product"}
_ZOHO_BOOKS = {
    "contact": "contact",
    "invoice": "invoice",
    "bill": "bill",
    "creditnote": "refund",
    "payment": "receipt",
}


def _odoo(delivery: Delivery, value: Any) -> Sequence[Notice]:
    """The server action *Send webhook* [V]."""
    row = object_of(value)
    model = text_of(row, "_model")
    return [_notice(delivery, model, _ODOO.get(model, ""), text_of(row, "_id"))]


def _siigo(delivery: Delivery, value: Any) -> Sequence[Notice]:
    row = object_of(value)
    topic = text_of(row, "topic")
    record = "product" if ".products." in topic else ""
    return [_notice(delivery, topic, record, text_of(row, "id"))]


def _zoho_crm(delivery: Delivery, value: Any) -> Sequence[Notice]:
    row = object_of(value)
    module, ids = text_of(row, "module"), row.get("ids")
    if not isinstance(ids, list) or len(ids) > _MOST_IDS:
        raise BadBody("ids is missing, or more than Zoho sends")
    kind = f"{module}.{row.get('operation') or ''}"
    at = from_milliseconds(row.get("server_time"))
    return [
        replace(
            _notice(delivery, kind, _ZOHO_CRM.get(module, ""), str(one)),
            occurred_at=at,
            body=piece({"module": module, "operation": row.get("operation"), "id": str(one)}),
        )
        for one in ids
    ]


def _zoho_books(delivery: Delivery, value: Any) -> Sequence[Notice]:
    """A workflow's payload: one object under its own name, with ``<name>_id``."""
    for name, row in object_of(value).items():
        if isinstance(row, Mapping) and row.get(f"{name}_id"):
            return [_notice(delivery, name, _ZOHO_BOOKS.get(name, ""), str(row[f"{name}_id"]))]
    raise BadBody("no record with an id")


def _alegra(delivery: Delivery, value: Any) -> Sequence[Notice]:
    """A topic such as ``new-client``; an empty request when the subscription is made."""
    row = object_of(value)
    subject = text_of(row, "subject")
    message = object_of(row.get("message") or {})
    name = subject.partition("-")[2]
    held = message.get(name)
    about = held if isinstance(held, Mapping) else message
    return [_notice(delivery, subject, _ALEGRA.get(name, ""), text_of(about, "id"))]


def _notice(delivery: Delivery, kind: str, record: str, remote_id: str) -> Notice:
    content = hashlib.sha256(delivery.body).hexdigest()
    suffix = hashlib.sha256(remote_id.encode()).hexdigest()[:8]
    return Notice(
        f"{content}@{int(delivery.at // _SPAN)}:{suffix}",
        kind,
        record,
        remote_id,
        body=delivery.body,
    )


ODOO = Scheme(_odoo)
SIIGO = Scheme(_siigo)
ZOHO_CRM = Scheme(_zoho_crm)
ZOHO_BOOKS = Scheme(_zoho_books)
ALEGRA = Scheme(_alegra, takes_empty=True)
