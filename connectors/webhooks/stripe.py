"""Stripe: ``Stripe-Signature: t=<seconds>,v1=<hex>[,v1=…]`` over ``t.body`` (the vendor's own SDK;
the key ``whsec_…`` is used as it is written). Any v1 counts. Two events may tell of one change, and
in any order: the id is the key against repeats, the object is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.webhooks.delivery import (
    BadSignature,
    Delivery,
    Notice,
    Scheme,
    from_seconds,
    object_of,
    refuse_unless,
    refuse_untimely,
    sha256_hmac,
    text_of,
)


def check(delivery: Delivery, keys: Sequence[str]) -> None:
    parts = [part.partition("=") for part in delivery.header("Stripe-Signature").split(",")]
    stamps = [value.strip() for name, _, value in parts if name.strip() == "t"]
    given = [value.strip().encode() for name, _, value in parts if name.strip() == "v1"]
    if len(stamps) != 1 or not stamps[0].isascii() or not stamps[0].isdigit():
        raise BadSignature("no instant")
    signed = (stamps[0].encode(), b".", delivery.body)
    expected = [sha256_hmac(key.encode(), *signed).hex().encode() for key in keys]
    refuse_unless(expected, given)
    refuse_untimely(float(stamps[0]), delivery.at)


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    event = object_of(value)
    about = object_of(object_of(event.get("data")).get("object"))
    kind = text_of(about, "object")
    return [
        Notice(
            text_of(event, "id"),
            text_of(event, "type"),
            kind if kind in ("charge", "payout", "refund") else "",
            str(about.get("id") or ""),
            from_seconds(event.get("created")),
            delivery.body,
        )
    ]


SCHEME = Scheme(notices, check)
