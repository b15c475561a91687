"""Xero: ``x-xero-signature`` is the base64 of HMAC-SHA256 over the body. Nothing in it says when:
a replay only hints again. While the webhook is set up, deliveries without events come, rightly and
wrongly signed, and each has to be answered as such (*intent to receive*). Events have no id, but a
sequence: a hole in it means that some did not come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.webhooks.delivery import (
    Delivery,
    Notice,
    Scheme,
    body_signed,
    each,
    from_iso,
    hashed,
    object_of,
    piece,
    rows_of,
    text_of,
)

_IDENTITY = ("tenantId", "eventCategory", "resourceId", "eventType", "eventDateUtc")
_RECORDS = {"CONTACT": "contact", "INVOICE": "document", "CREDITNOTE": "document"}
"""An invoice of Xero's may be one of sale or of purchase: which, its record says."""


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    return each(rows_of(object_of(value).get("events")), _notice)


def _notice(row: Mapping[str, Any]) -> Notice:
    category, what = text_of(row, "eventCategory"), text_of(row, "eventType")
    return Notice(
        hashed(*(row.get(name, "") for name in _IDENTITY)),
        f"{category}.{what}",
        _RECORDS.get(category, ""),
        text_of(row, "resourceId"),
        from_iso(row.get("eventDateUtc")),
        piece(row),
    )


def sequence(value: Any) -> tuple[int, int] | None:
    first, last = value.get("firstEventSequence"), value.get("lastEventSequence")
    is_counted = all(isinstance(one, int) and 0 <= one < 2**53 for one in (first, last))
    return (first, last) if is_counted and value.get("events") else None


SCHEME = Scheme(notices, body_signed("x-xero-signature"), sequence=sequence)
