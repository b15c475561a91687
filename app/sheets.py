"""Plain sheets out: texts stay text, whatever they begin with, and characters a workbook cannot
hold are replaced.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

_NUMBER = re.compile(r"[-+]?[0-9][0-9.,]*")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def write_rows(
    path: Path,
    title: str,
    heading: Sequence[str],
    rows: Sequence[Sequence[object]],
    widths: Sequence[int],
) -> None:
    """One sheet with a bold heading. Raises OSError when the file cannot be written."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    for place, row in enumerate((heading, *rows)):
        cells = []
        for value in row:
            is_number = isinstance(value, int | float | Decimal)
            shown: Any = value if is_number else _UNPRINTABLE.sub("\ufffd", str(value))
            cell = WriteOnlyCell(sheet, value=shown)
            if not is_number:
                cell.data_type = "s"
            if place == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    # Whole before it is written: a place that cannot be written to costs no half of a file.
    made = io.BytesIO()
    book.save(made)
    path.write_bytes(made.getvalue())


def write_csv(path: Path, rows: Iterable[Sequence[object]], mark: bool = True) -> None:
    """Rows as CSV in which no cell is a formula, with the mark Excel knows UTF-8 by. Raises
    OSError.
    """
    with path.open("w", encoding="utf-8-sig" if mark else "utf-8", newline="") as file:
        csv.writer(file).writerows([harmless(str(cell)) for cell in row] for row in rows)


def harmless(text: str) -> str:
    """A CSV cell no spreadsheet takes for a formula; a number stays one."""
    begins = text.startswith(("=", "+", "-", "@", "\t", "\r"))
    return "'" + text if begins and not _NUMBER.fullmatch(text) else text


def as_written(text: str) -> str:
    """A cell of a CSV as it was before :func:`harmless`."""
    inner = text[1:]
    return inner if text.startswith("'") and harmless(inner) == text else text
