"""How fast a month of fiscal documents is read, journaled whole and sent: ``python -m
tests.benchmarks.fiscal_documents [--documents N]``. Beside it, in the same run, what a loop of lxml
takes that only parses the same files and keeps nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from lxml import etree

from app.company import settings
from app.company.settings import ConnectionSettings
from app.documents import FISCAL
from app.documents.maps import Link, MapKind
from app.intake.importing import import_export
from app.sending import maps, proposals
from app.sending import push as pushing
from connectors import Transport
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from importers import Options
from importers.document_months import gathered
from tests import cfdi_month

NAME = "sandbox"
LINKS = (
    ("item", "sale:*", "401.01"),
    ("item", "purchase:*", "601.34"),
    ("bank", "receipt:*", "102.01"),
    ("bank", "payment:*", "102.01"),
    ("tax", "MX:IVA:R:0.106667@purchase", "RIVA106667"),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=2000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), chosen.documents)


def measure(folder: Path, count: int) -> None:
    month = cfdi_month.month(int(count / 1.25), seed=1)
    month.write(folder / "marzo")
    files = len(month.files)
    began = time.perf_counter()
    for path in (folder / "marzo").glob("*.xml"):
        etree.parse(path)
    _print("a loop of lxml, nothing kept", files, time.perf_counter() - began)
    journal = settings.open_journal(folder / "home")
    began = time.perf_counter()
    for export in gathered(folder / "marzo").exports:
        import_export(journal, export, "DEMO", Options(own_tax_ids=(cfdi_month.OWN,)))
    _print("read, validated, journaled", files, time.perf_counter() - began)
    store = SandboxStore(folder / "erp.db")
    server = SandboxServer(store).start()
    target = SandboxConnector(Transport(server.url), DEFAULT_USER, DEFAULT_PASSWORD)
    settings.add_connection(
        journal, ConnectionSettings(NAME, "sandbox", server.url, user=DEFAULT_USER)
    )
    maps.save(journal, NAME, [Link(MapKind(kind), one, two) for kind, one, two in LINKS])
    found = proposals.unmapped(journal, NAME, target, fiscal=True)
    maps.accept_suggestions(journal, NAME, found)
    began = time.perf_counter()
    sent = pushing.push(journal, NAME, target, also=FISCAL, deadline=3600.0)
    _print("sent with their files", sent.confirmed, time.perf_counter() - began)
    began = time.perf_counter()
    pushing.push(journal, NAME, target, also=FISCAL)
    _print("sent again: nothing to do", sent.confirmed, time.perf_counter() - began)
    target.close()
    server.stop()
    store.close()
    journal.close()


def _print(what: str, count: int, seconds: float) -> None:
    print(f"{what:<32} {count:>7,}  {seconds:>8.2f} s  {count / seconds:>9,.0f}/s")


if __name__ == "__main__":
    main()
