"""Información exógena of the DIAN: sums of a year by third party, which are no movements of a
ledger.
"""

from __future__ import annotations

from collections.abc import Iterator

from importers.records import Line
from importers.source import Source
from importers.unreadable import Unreadable


def read(source: Source) -> Iterator[Line]:
    """Raises Unreadable: such a file is recognised to be refused in words."""
    raise Unreadable("yearly-sums", seen=source.profile.title)
