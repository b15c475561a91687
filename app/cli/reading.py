"""``cuadre read``: what a file says, without a journal."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

from app.cli.intake import exports_of, options_of
from app.cli.output import Stop, answer, table
from app.company import settings
from app.intake.extract import FIELDS, Extract, extract
from app.journal import Journal
from app.sheets import write_csv, write_rows
from app.system_words import system_words
from app.translation import translate

SHOWN = 40
"""Records shown to a person; all of them go into a file."""


def read(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    options = options_of(chosen, known_tax_ids(home))
    exports, profiles = exports_of(*chosen.files), settings.profiles(home)
    found = [extract(export, options, profiles) for export in exports]
    if chosen.csv:
        _write_csv(Path(chosen.csv), found)
    if chosen.xlsx:
        _write_xlsx(Path(chosen.xlsx), found)
    if Path(chosen.files[0]).is_dir() or len(exports) > 1:
        answer(chosen.json, {"files": [one.as_json() for one in found]}, _lines_of_all(found))
    else:
        answer(chosen.json, found[0].as_json(), _lines(found[0]))
    return max(_status(one) for one in found)


def _status(found: Extract) -> int:
    if found.refused:
        return 2
    return 1 if found.has_errors else 0


def known_tax_ids(home: Path) -> Sequence[str]:
    """The company's, where the home has a journal already; none is made for reading."""
    if not (home / "journal.db").is_file():
        return ()
    journal: Journal = settings.open_journal(home)
    try:
        return settings.own_tax_ids(journal)
    finally:
        journal.close()


def _lines_of_all(found: Sequence[Extract]) -> Iterator[str]:
    for one in found:
        yield from _lines(one, most=0)


def _lines(found: Extract, most: int = SHOWN) -> Iterator[str]:
    yield f"{found.file}: {found.profile or '–'}"
    if found.refused:
        yield f"  ▲ {found.refused['message']}"
    rows = [
        (
            record["line"],
            record["date"],
            record["account"],
            record["reference"],
            record["party"],
            record["debit"],
            record["credit"],
            record["currency"],
        )
        for record in found.records[:most]
    ]
    yield from (f"  {text}" for text in table(rows, right=(0, 5, 6)))
    if len(found.records) > len(rows):
        text = translate("cli", "{count} records in all")
        yield f"  … {text.format(count=len(found.records))}"
    for currency, (debit, credit) in sorted(found.totals.items()):
        yield f"  {currency or '–'}  {debit:,.2f}  {credit:,.2f}"
    for finding in found.findings:
        where = f"{finding['sheet']} {finding['line']}".strip()
        yield f"  {finding['severity']} · {where} · {finding['message']}"


def _rows(found: Sequence[Extract]) -> Iterator[tuple[str, ...]]:
    for one in found:
        for record in one.records:
            yield (one.file, *(str(record[name]) for name in FIELDS))


def _write_csv(path: Path, found: Sequence[Extract]) -> None:
    try:
        write_csv(path, chain([("file", *FIELDS)], _rows(found)))
    except OSError as error:
        raise Stop(f"{path}: {system_words(error)}") from None


def _write_xlsx(path: Path, found: Sequence[Extract]) -> None:
    widths = (24, *(16 for _ in FIELDS))
    try:
        write_rows(path, "records", ("file", *FIELDS), list(_rows(found)), widths)
    except OSError as error:
        raise Stop(f"{path}: {system_words(error)}") from None
