"""What vendors send by themselves: who signed it, and which records it hints at.

A scheme (one module a vendor) checks a delivery over its raw bytes, before anything is parsed, and
says what it hints at. Hints name records; what they changed to is read from the vendor's API.
"""

from __future__ import annotations

from collections.abc import Mapping

from connectors.webhooks import (
    hubspot,
    quickbooks,
    shopify,
    standard,
    stripe,
    unsigned,
    xero,
)
from connectors.webhooks.delivery import BadBody, BadSignature, Delivery, Notice, Scheme

SCHEMES: Mapping[str, Scheme] = {
    "stripe": stripe.SCHEME,
    "hubspot": hubspot.SCHEME,
    "xero": xero.SCHEME,
    "quickbooks": quickbooks.SCHEME,
    "shopify": shopify.SCHEME,
    "standard": standard.SCHEME,
    "odoo": unsigned.ODOO,
    "siigo": unsigned.SIIGO,
    "zoho": unsigned.ZOHO_BOOKS,
    "zoho_crm": unsigned.ZOHO_CRM,
    "alegra": unsigned.ALEGRA,
    "sandbox": standard.SANDBOX,
}
"""By the name a person chooses."""

__all__ = ["SCHEMES", "BadBody", "BadSignature", "Delivery", "Notice", "Scheme"]
