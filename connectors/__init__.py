"""What an ERP's API takes and gives: typed documents, errors told apart by what to do, and a connector a system.

Usable alone; the README pushes an entry to the sandbox in ten lines.
"""

from connectors.contract import Capabilities, Connector, Outcome
from connectors.documents import EntryLine, Identity, JournalEntry, LedgerMove, RemoteRecord
from connectors.transport import Transport

__all__ = [
    "Capabilities",
    "Connector",
    "EntryLine",
    "Identity",
    "JournalEntry",
    "LedgerMove",
    "Outcome",
    "RemoteRecord",
    "Transport",
]
