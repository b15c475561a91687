"""Shopify: ``X-Shopify-Hmac-Sha256`` is the base64 of HMAC-SHA256 over the body, with the client
secret. ``X-Shopify-Webhook-Id`` is the same on each repeat, which carries the old body.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.webhooks.delivery import (
    Delivery,
    Notice,
    Scheme,
    body_signed,
    from_iso,
    object_of,
)

_RECORDS = {"orders": "order", "customers": "contact", "products": "product"}


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
    body_signed("X-Shopify-Hmac-Sha256"),
    headers=("x-shopify-topic", "x-shopify-webhook-id", "x-shopify-triggered-at"),
)
