"""Shopify: ``X-Shopify-Hmac-Sha256`` is the base64 of HMAC-SHA256 over the body, with the client
secret. ``X-Shopify-Webhook-Id`` is the same on each repeat, which carries the old body.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from connectors.webhooks.delivery import (
    BadSignature,
    Delivery,
    Notice,
    Scheme,
    any_of,
    from_iso,
    object_of,
    sha256_hmac,
)

_RECORDS = {"orders": "order", "customers": "contact", "products": "product"}


def check(delivery: Delivery, keys: Sequence[str]) -> None:
    given = delivery.header("X-Shopify-Hmac-Sha256").encode()
    expected = [base64.b64encode(sha256_hmac(key.encode(), delivery.body)) for key in keys]
    if not any_of(expected, [given]):
        raise BadSignature("the signature is not of this key")


def notices(delivery: Delivery, value: Any) -> Sequence[Notice]:
    topic = delivery.header("X-Shopify-Topic")
    return [
        Notice(
            delivery.header("X-Shopify-Webhook-Id"),
            topic,
            _RECORDS.get(topic.partition("/")[0], ""),
            str(object_of(value).get("id") or ""),
            from_iso(delivery.headers.get("x-shopify-triggered-at", "")),
            delivery.body,
        )
    ]


SCHEME = Scheme(
    notices,
    check,
    headers=("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-triggered-at"),
)
