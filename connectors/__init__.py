"""What an ERP's API takes and gives: typed documents, errors told apart by what to do, and a
connector a system.

Usable alone; the README pushes an entry to the sandbox in ten lines.
"""

from connectors.contract import Capabilities, Connector, DocumentConnector, Outcome
from connectors.documents import (
    Application,
    Contact,
    EntryLine,
    Identity,
    Invoice,
    InvoiceLine,
    JournalEntry,
    Kind,
    LedgerMove,
    Payment,
    RemoteRecord,
)
from connectors.transport import Transport

__all__ = [
    "Application",
    "Capabilities",
    "Connector",
    "Contact",
    "DocumentConnector",
    "EntryLine",
    "Identity",
    "Invoice",
    "InvoiceLine",
    "JournalEntry",
    "Kind",
    "LedgerMove",
    "Outcome",
    "Payment",
    "RemoteRecord",
    "Transport",
]
