"""HubSpot (apps, v3): ``X-HubSpot-Signature-v3`` is the base64 of HMAC-SHA256 over method, address,
body and ``X-HubSpot-Request-Timestamp`` (milliseconds), with the client secret. In the address
exactly the escapes of ``:/?@!$'()*,;`` are decoded, as the vendor's page says; its SDKs decode
nothing, so either is accepted. A delivery holds up to a hundred events in any order.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.webhooks.delivery import (
    BadSignature,
    Delivery,
    Notice,
    Scheme,
    each,
    from_milliseconds,
    hashed,
    piece,
    refuse_unless,
    refuse_untimely,
    rows_of,
    sha256_hmac,
    text_of,
)

_DECODED = {
    f"%{ord(sign):02X}": sign for sign in (":", "/", "?", "@", "!", "$", "'", "(", ")", "*", ",")
} | {"%3B": ";"}
_ESCAPE = re.compile("|".join(_DECODED), re.IGNORECASE)
_IDENTITY = ("portalId", "subscriptionId", "eventId", "objectId", "occurredAt")
_REPEATS = (*_IDENTITY, "subscriptionType", "propertyName")
"""What a repeat has in common; ``attemptNumber`` is not."""


def check(delivery: Delivery, keys: Sequence[str]) -> None:
    given = delivery.header("X-HubSpot-Signature-v3").encode()
    stamp = delivery.header("X-HubSpot-Request-Timestamp")
    if not stamp.isascii() or not stamp.isdigit():
        raise BadSignature("no instant")
    plain = _ESCAPE.sub(lambda found: _DECODED[found.group().upper()], delivery.url)
    expected = []
    for key in keys:
        for url in (plain, delivery.url):
            signed = (delivery.method + url).encode(), delivery.body, stamp.encode()
            expected.append(base64.b64encode(sha256_hmac(key.encode(), *signed)))
    refuse_unless(expected, [given])
    refuse_untimely(int(stamp) / 1000, delivery.at)


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    return each(rows_of(value), _notice)


def _notice(row: Mapping[str, Any]) -> Notice:
    kind = text_of(row, "subscriptionType")
    others = row.get("mergedObjectIds")
    merged = [str(one) for one in others] if isinstance(others, list) else []
    number = text_of(row, "newObjectId" if row.get("newObjectId") else "objectId")
    return Notice(
        hashed(*(row.get(name, "") for name in _REPEATS)),
        kind,
        "contact" if kind.startswith("contact.") else "",
        number,
        from_milliseconds(row.get("occurredAt")),
        piece(row),
        tuple(one for one in [*merged, text_of(row, "objectId")] if merged and one != number),
    )


SCHEME = Scheme(notices, check, headers=("x-hubspot-request-timestamp",))
