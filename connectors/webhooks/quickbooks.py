"""QuickBooks Online: ``intuit-signature`` is the base64 of HMAC-SHA256 over the body, with the
verifier token. Since May 2026 a delivery is a list of CloudEvents; source and id tell repeats.
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

_RECORDS = {
    "customer": "contact",
    "vendor": "contact",
    "invoice": "invoice",
    "bill": "bill",
    "creditmemo": "refund",
    "vendorcredit": "bill-refund",
    "payment": "receipt",
    "billpayment": "payment",
    "journalentry": "entry",
}


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    return each(rows_of(value), _notice)


def _notice(row: Mapping[str, Any]) -> Notice:
    kind = text_of(row, "type")
    entity = [*kind.split("."), "", ""][1]
    data = object_of(row.get("data") or {})
    return Notice(
        hashed(text_of(row, "source"), text_of(row, "id")),
        kind,
        _RECORDS.get(entity, ""),
        text_of(row, "intuitentityid"),
        from_iso(row.get("time")),
        piece(row),
        (str(data["deletedid"]),) if data.get("deletedid") else (),
    )


SCHEME = Scheme(notices, body_signed("intuit-signature"))
