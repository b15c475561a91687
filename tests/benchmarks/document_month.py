"""How fast a folder of CFDI becomes one journaled batch, beside a plain loop of lxml over the same
files.

Each case is a process of its own on one core. Cuadre finds the documents in the folder, keeps every
original, reads and validates each, remembers its UUID and commits; the plain loop parses each file
and takes UUID, date and total, keeping nothing. The documents are one real CFDI with other folios,
so they are alike in length. Run with::

    .venv/bin/python -m tests.benchmarks.document_month [--documents 1000 10000]
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import one_core
from tests.conftest import DATA

SAMPLE = DATA / "cfdi" / "cfdi40-valid.xml"
UUID = b"6F35D3B5-3651-5370-BC2C-14CDBE384CD7"
OWN = ("EKU9003173C9",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 10_000])
    parser.add_argument("--one", nargs=2, metavar=("CASE", "FOLDER"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(CASES[chosen.one[0]](Path(chosen.one[1]))))
        return
    print(f"{'documents':>9} {'reader':<12} {'s':>7} {'a second':>9} {'peak MB':>8}")
    for count in chosen.documents:
        with tempfile.TemporaryDirectory() as folder:
            write_month(Path(folder), count)
            for case in CASES:
                found = measure(case, folder)
                print(
                    f"{count:>9,} {case:<12} {found['seconds']:>7.1f}"
                    f" {count / found['seconds']:>9,.0f} {found['peak_mb']:>8.0f}",
                    flush=True,
                )


def write_month(folder: Path, count: int) -> None:
    data = SAMPLE.read_bytes()
    for number in range(count):
        uuid = f"6F35D3B5-3651-5370-BC2C-{number:012}".encode()
        (folder / f"F-{number:06}.xml").write_bytes(data.replace(UUID, uuid))


def measure(case: str, folder: str) -> dict[str, float]:
    return one_core.run("tests.benchmarks.document_month", case, folder)


def cuadre(folder: Path) -> dict[str, float]:
    from app.intake.importing import import_export
    from app.journal import Journal
    from importers import Options
    from importers.document_months import gathered

    with tempfile.TemporaryDirectory() as home:
        journal = Journal(Path(home) / "journal.db")
        started = time.perf_counter()
        (export,) = gathered(folder).exports
        result = import_export(journal, export, "ACME", Options(own_tax_ids=OWN))
        seconds = time.perf_counter() - started
        assert result.lines["record"] == len(list(folder.iterdir())), result
        journal.close()
    return figures(seconds)


def plain_lxml(folder: Path) -> dict[str, float]:
    from lxml import etree

    started = time.perf_counter()
    found = []
    for file in sorted(folder.iterdir()):
        root = etree.parse(str(file)).getroot()
        stamp = root.find(".//{http://www.sat.gob.mx/TimbreFiscalDigital}TimbreFiscalDigital")
        found.append((stamp.get("UUID"), root.get("Fecha"), root.get("Total")))
    return figures(time.perf_counter() - started)


def figures(seconds: float) -> dict[str, float]:
    return {
        "seconds": seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


CASES: dict[str, Callable[[Path], dict[str, float]]] = {
    "Cuadre": cuadre,
    "plain lxml": plain_lxml,
}

if __name__ == "__main__":
    main()
