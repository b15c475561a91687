"""Every system there is a connector to."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from connectors.holded import VENDOR as HOLDED
from connectors.hubspot import VENDOR as HUBSPOT
from connectors.odoo import VENDOR as ODOO
from connectors.sage import VENDOR as SAGE
from connectors.sandbox import VENDOR as SANDBOX
from connectors.sap_b1 import VENDOR as SAP_B1
from connectors.siigo import VENDOR as SIIGO
from connectors.stripe import VENDOR as STRIPE
from connectors.vendor import Vendor
from connectors.xero import VENDOR as XERO
from connectors.zoho import VENDOR as ZOHO

_EVERY = (ODOO, SANDBOX, HOLDED, HUBSPOT, SAGE, SAP_B1, SIIGO, STRIPE, XERO, ZOHO)
SYSTEMS: Mapping[str, Vendor] = {vendor.name: vendor for vendor in _EVERY}
LIMIT_TEXTS: Mapping[str, str] = dict(
    chain.from_iterable(vendor.limits.items() for vendor in _EVERY)
)
"""What a person has to know of a system before sending, by code."""
