"""Plain sheets out: texts stay text, whatever they begin with, and characters a workbook cannot
hold are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

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
            shown = (
                value if isinstance(value, int | float) else _UNPRINTABLE.sub("\ufffd", str(value))
            )
            cell = WriteOnlyCell(sheet, value=shown)
            if isinstance(shown, str):
                cell.data_type = "s"
            if place == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    book.save(path)


def harmless(text: str) -> str:
    """A CSV cell no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
