"""What a legacy accounting file says: encoding, layout, lines, records and findings.

Usable alone::

    from pathlib import Path
    from importers import Source, inspect, read

    print(inspect(Path("polizas.txt")).profile)
    for item in read(Source.open(Path("polizas.txt"))):
        ...
"""

from importers.findings import Finding, Severity
from importers.reading import Failure, Inspection, inspect, read
from importers.records import (
    Balance,
    Disposition,
    LedgerLine,
    Line,
    Party,
    TitleBlock,
    Voucher,
    VoucherLine,
)
from importers.source import Options, Source
from importers.unreadable import Unreadable

__all__ = [
    "Balance",
    "Disposition",
    "Failure",
    "Finding",
    "Inspection",
    "LedgerLine",
    "Line",
    "Options",
    "Party",
    "Severity",
    "Source",
    "TitleBlock",
    "Unreadable",
    "Voucher",
    "VoucherLine",
    "inspect",
    "read",
]
