"""How fast a file becomes journaled lines, vouchers and findings, beside what people write in its
place.

Each case is a process of its own on one core: Cuadre from file to committed journal (original kept,
every line stored, every voucher validated), and pandas reading the same file and writing it with
``to_sql`` into SQLite, without either. The files are made anew, seeded. Run with::

    .venv/bin/python -m tests.benchmarks.import_speed [--lines 1000000] [--rows 200000]
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests import polizas
from tests.benchmarks import one_core

TEXTS = (
    "Pago factura",
    "Depreciación del año",
    "Nómina quincenal",
    "Comisión bancaria",
    "Venta de mercancía",
    "SPEI",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the text files")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the workbook")
    parser.add_argument("--one", nargs=2, metavar=("CASE", "FILE"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(CASES[chosen.one[0]](Path(chosen.one[1]))))
        return
    with tempfile.TemporaryDirectory() as folder:
        files = {
            "pólizas TXT": write_polizas(Path(folder) / "polizas.txt", chosen.lines),
            "comprobantes CSV": write_csv(Path(folder) / "comprobantes.csv", chosen.lines),
            "comprobantes xlsx": write_workbook(Path(folder) / "comprobantes.xlsx", chosen.rows),
        }
        print(
            f"{'file':<20} {'MB':>6} {'reader':<16} {'lines':>10} {'s':>7} {'lines/s':>9}"
            f" {'peak MB':>8} {'database MB':>12}"
        )
        for name, path in files.items():
            for case in CASES:
                print_row(name, path, case, measure(case, path))


def measure(case: str, path: Path) -> dict[str, float]:
    return one_core.run("tests.benchmarks.import_speed", case, str(path))


def print_row(name: str, path: Path, case: str, found: dict[str, float]) -> None:
    rate = found["lines"] / found["seconds"]
    print(
        f"{name:<20} {path.stat().st_size / 1e6:>6.0f} {case:<16} {found['lines']:>10,}"
        f" {found['seconds']:>7.1f} {rate:>9,.0f} {found['peak_mb']:>8.0f}"
        f" {found['database_mb']:>12.0f}",
        flush=True,
    )


def cuadre(path: Path) -> dict[str, float]:
    from app.intake.importing import import_file
    from app.journal import Journal

    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder) / "journal.db")
        started = time.perf_counter()
        result = import_file(journal, path, "ACME")
        seconds = time.perf_counter() - started
        assert result.state == "complete" and not result.findings["error"], result
        journal.close()
        return figures(result.lines["total"], seconds, Path(folder))


def pandas_to_sql(path: Path) -> dict[str, float]:
    import pandas as pd

    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "table.db")
        started, lines = time.perf_counter(), 0
        for chunk in _chunks(pd, path):
            chunk.to_sql("lines", connection, if_exists="append", index=False)
            lines += len(chunk)
        connection.commit()
        seconds = time.perf_counter() - started
        connection.close()
        return figures(lines, seconds, Path(folder))


def _chunks(pd: object, path: Path) -> Iterator[object]:
    match path.suffix:
        case ".txt":
            widths = [(0, 3), (3, 33), (34, 64), (65, 66), (67, 87), (120, 220), (263, 271)]
            yield from pd.read_fwf(
                path, colspecs=widths, header=None, dtype=str, encoding="cp1252", chunksize=50_000
            )  # type: ignore[attr-defined]
        case ".csv":
            yield from pd.read_csv(path, sep=";", dtype=str, encoding="cp1252", chunksize=50_000)  # type: ignore[attr-defined]
        case _:
            yield pd.read_excel(path, dtype=str)  # type: ignore[attr-defined]


def figures(lines: int, seconds: float, folder: Path) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
    return {"lines": lines, "seconds": seconds, "peak_mb": peak, "database_mb": size}


CASES: dict[str, Callable[[Path], dict[str, float]]] = {
    "Cuadre": cuadre,
    "pandas + to_sql": pandas_to_sql,
}


def vouchers(lines: int) -> Iterator[tuple[int, str, list[tuple[str, int]]]]:
    """Number, date ``yyyymmdd`` and movements (account, cents; the last is the credit) until there
    are ``lines``.
    """
    r, number, written = random.Random(7), 0, 0
    while written < lines:
        number += 1
        debits = [
            (f"6{r.randint(1, 800):05d}000", r.randint(100, 10**7))
            for _ in range(r.choice((1, 2, 4, 6, 12)))
        ]
        day = f"2026{r.randint(1, 12):02d}{r.randint(1, 28):02d}"
        yield number, day, [*debits, ("102010001", sum(cents for _, cents in debits))]
        written += len(debits) + 2


def write_polizas(path: Path, lines: int) -> Path:
    r = random.Random(8)
    with path.open("w", encoding="cp1252", newline="\r\n") as file:
        for number, day, movements in vouchers(lines):
            file.write(polizas.header(number, day, 3, r.choice(TEXTS)) + "\n")
            for at, (account, cents) in enumerate(movements, 1):
                side = int(at == len(movements))
                text = f"{cents // 100}.{cents % 100:02d}"
                file.write(
                    polizas.movement(account, side, text, f"F-{number}-{at}", r.choice(TEXTS), day)
                    + "\n"
                )
    return path


def table_rows(lines: int) -> Iterator[tuple[str, str, str, str, str, str, int, int]]:
    r = random.Random(9)
    for number, day, movements in vouchers(lines):
        for at, (account, cents) in enumerate(movements, 1):
            credit = at == len(movements)
            shown = f"{day[6:]}/{day[4:6]}/{day[:4]}"
            party = str(900_000_000 + r.randint(1, 999))
            yield (
                shown,
                "CC",
                f"{number:07d}",
                account,
                party,
                r.choice(TEXTS),
                0 if credit else cents,
                cents if credit else 0,
            )


HEADING = ("Fecha", "Tipo", "Numero", "Cuenta", "Tercero", "Concepto", "Debito", "Credito")


def write_csv(path: Path, lines: int) -> Path:
    with path.open("w", encoding="cp1252", newline="\r\n") as file:
        file.write(";".join(HEADING) + "\n")
        for *texts, debit, credit in table_rows(lines):
            amounts = (
                f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02d}"
                for cents in (debit, credit)
            )
            file.write(";".join([*map(str, texts), *amounts]) + "\n")
    return path


def write_workbook(path: Path, rows: int) -> Path:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Hoja1")
    sheet.append(HEADING)
    for *texts, debit, credit in table_rows(rows):
        sheet.append([*texts, debit / 100, credit / 100])
    book.save(path)
    return path


if __name__ == "__main__":
    main()
