"""Any table of the window as a file or on paper, as it is filtered and sorted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from PySide6.QtGui import QPageLayout, QTextDocument
from PySide6.QtPrintSupport import QPrinter, QPrintPreviewDialog
from PySide6.QtWidgets import QWidget

from app.refusals import Refused
from app.sheets import write_csv, write_rows
from app.translation import QT_TRANSLATE_NOOP
from app.ui.plain import escaped
from app.ui.tables import Table

MOST_PRINTED = 5_000
"""Rows; Qt lays a longer table out for minutes."""
_AMOUNT = re.compile(r"-?(0|[1-9]\d{0,2}(,\d{3})+|[1-9]\d*)(\.\d+)?")
"""Not what begins with zeros: that is a code."""
_WIDEST = 60
_SHEET_NAME = 31
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")


MOST_OF_A_SHEET = 1_048_576
"""Rows of a sheet of Excel, the heading among them."""


class TooManyRows(Refused):
    """A sheet does not hold them; the argument is how many there are."""

    words = QT_TRANSLATE_NOOP(
        "decide", "{what} rows do not fit on a sheet of Excel. Export them as CSV."
    )


def rows_of(table: Table) -> tuple[list[str], list[list[str]]]:
    """Headings and cells of what is shown, in its order; a column without a heading and without
    texts is none.
    """
    model = table.rows_model
    shown = [model.row_at(place) for place in range(model.rowCount())]
    heading = [column.title for column in model.columns]
    return heading, [[column.value(row) for column in model.columns] for row in shown]


def write_table(
    path: Path,
    title: str,
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    right: Sequence[bool],
) -> None:
    """As a workbook, or as CSV where the file's name ends so. Amounts (cells of a column at the
    ``right``) are numbers, everything else is text. Raises TooManyRows, OSError.
    """
    if path.suffix.lower() == ".csv":
        write_csv(path, [heading, *rows])
        return
    if len(rows) >= MOST_OF_A_SHEET:
        raise TooManyRows(len(rows))
    cells = [
        [_number(text) if is_right else text for is_right, text in zip(right, row, strict=True)]
        for row in rows
    ]
    widths = [
        min(_WIDEST, 2 + max(len(text) for text in column))
        for column in zip(heading, *rows, strict=True)
    ]
    write_rows(path, _NO_SHEET_NAME.sub(" ", title)[:_SHEET_NAME], heading, cells, widths)


def print_table(table: Table, title: str, parent: QWidget) -> None:
    """Shown before it is printed, in landscape, headings on each page."""
    heading, rows = rows_of(table)
    right = [column.right for column in table.rows_model.columns]
    document = QTextDocument(parent)
    document.setHtml(printed(title, heading, rows[:MOST_PRINTED], right))
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageOrientation(QPageLayout.Orientation.Landscape)
    printer.setDocName(title)
    dialog = QPrintPreviewDialog(printer, parent)
    dialog.setWindowTitle(title)
    dialog.paintRequested.connect(document.print_)
    dialog.finished.connect(document.deleteLater)
    dialog.open()


def printed(
    title: str, heading: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[bool]
) -> str:
    """The page as Qt's HTML."""
    sides = [" align='right'" if is_right else "" for is_right in right]
    head = "".join(
        f"<th{side}>{escaped(text)}</th>" for side, text in zip(sides, heading, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{side}>{escaped(text)}</td>" for side, text in zip(sides, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return (
        f"<h3>{escaped(title)}</h3><table width='100%' cellspacing='0' cellpadding='3' border='1'"
        f" style='border-collapse: collapse; font-size: 8pt'><thead><tr>{head}</tr></thead>"
        f"{body}</table>"
    )


def _number(text: str) -> object:
    return Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) else text
