"""Standard Webhooks (standardwebhooks.com; Svix and others): ``webhook-signature`` is a
list of ``v1,<base64>`` over ``id.seconds.body``; the key is the base64 after ``whsec_``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from connectors.webhooks.delivery import (
    BadBody,
    BadSignature,
    Delivery,
    Notice,
    Scheme,
    from_iso,
    object_of,
    refuse_unless,
    refuse_untimely,
    sha256_hmac,
    text_of,
)


def check(delivery: Delivery, keys: Sequence[str]) -> None:
    number, stamp = delivery.header("webhook-id"), delivery.header("webhook-timestamp")
    if not stamp.isascii() or not stamp.isdigit():
        raise BadSignature("no instant")
    signatures = [one.partition(",") for one in delivery.header("webhook-signature").split()]
    given = [value.encode() for version, _, value in signatures if version == "v1"]
    signed = (number.encode(), b".", stamp.encode(), b".", delivery.body)
    expected = [base64.b64encode(sha256_hmac(_key(key), *signed)) for key in keys]
    refuse_unless(expected, given)
    refuse_untimely(float(stamp), delivery.at)


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    """By ``type`` (``contact.updated``) and the id in ``data``."""
    event = object_of(value)
    kind, data = text_of(event, "type"), object_of(event.get("data") or {})
    number = data.get("id")
    if not isinstance(number, str | int):
        raise BadBody("data has no id")
    at = from_iso(event.get("timestamp"))
    return [
        Notice(
            delivery.header("webhook-id"),
            kind,
            kind.partition(".")[0],
            str(number),
            at,
            delivery.body,
        )
    ]


def _key(text: str) -> bytes:
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


SCHEME = Scheme(notices, check, headers=("webhook-id", "webhook-timestamp"))
SANDBOX = SCHEME
"""The sandbox follows the standard."""
