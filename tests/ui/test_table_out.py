"""Any table of the window as a workbook, as CSV, on paper."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from PySide6.QtGui import QTextDocument
from PySide6.QtPrintSupport import QPrintPreviewDialog
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from app.intake.importing import import_file
from app.ui import table_out
from app.ui.main_window import MainWindow
from app.ui.table_out import printed, write_table
from tests.conftest import SAMPLE

Idle = Callable[[], None]
HEADING = ["Cuenta", "Importe", "Concepto"]
ROWS = [["0012", "1,234.50", "=1+1"], ["110505", "-0.10", "Ñandú\t€"], ["007", "0012", ""]]
RIGHT = [False, True, False]


def test_amounts_are_numbers_and_everything_else_is_text(tmp_path: Path) -> None:
    path = tmp_path / "tabla.xlsx"
    write_table(path, "Líneas: [enero]", HEADING, ROWS, RIGHT)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == HEADING
    assert [Decimal(str(row[1])) for row in rows[1:3]] == [Decimal("1234.5"), Decimal("-0.1")]
    assert rows[1][0] == "0012" and rows[1][2] == "=1+1"
    assert sheet.cell(2, 3).data_type == "s", "no formula"
    assert rows[3][1] == "0012", "what begins with zeros is a code"


def test_a_csv_opens_in_a_spreadsheet_without_formulas(tmp_path: Path) -> None:
    path = tmp_path / "tabla.CSV"
    write_table(path, "x", HEADING, ROWS, RIGHT)
    text = path.read_bytes().decode("utf-8-sig")
    assert text.splitlines()[1] == '0012,"1,234.50",\'=1+1'


def test_on_paper_nothing_of_a_file_is_markup(qtbot: QtBot) -> None:
    page = printed("<i>título</i>", ["A"], [["<b>1</b>"]], [True])
    document = QTextDocument()
    document.setHtml(page)
    assert document.toPlainText().split() == ["<i>título</i>", "A", "<b>1</b>"]


@pytest.fixture
def listed(window: MainWindow, idle: Idle) -> MainWindow:
    import_file(window.session.journal, SAMPLE)
    window.session.changed.emit()
    window.go_to("log")
    idle()
    return window


def test_the_table_of_the_page_is_written(
    listed: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "bitácora.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    listed.table_menu.export()
    idle()
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None and sheet.max_row > 1
    assert path.name in listed.statusBar().currentMessage()


def test_a_table_that_cannot_be_written_is_told(
    listed: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *given, **_: told.append(given[2]))
    path = tmp_path / "no hay" / "x.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    listed.table_menu.export()
    idle()
    assert len(told) == 1 and "no hay" in told[0]


def test_printing_is_shown_before(listed: MainWindow, idle: Idle, qtbot: QtBot) -> None:
    listed.table_menu.print()
    (dialog,) = listed.findChildren(QPrintPreviewDialog)
    assert dialog.isVisible()
    dialog.reject()
    idle()


def test_a_page_without_lines_says_so(window: MainWindow, idle: Idle) -> None:
    window.go_to("reconciling")
    idle()
    window.table_menu.export()
    assert "ninguna tabla" in window.statusBar().currentMessage()


def test_more_rows_than_a_sheet_holds_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_out, "MOST_OF_A_SHEET", 3)
    with pytest.raises(table_out.TooManyRows):
        write_table(tmp_path / "x.xlsx", "x", HEADING, ROWS, RIGHT)
    write_table(tmp_path / "x.csv", "x", HEADING, ROWS, RIGHT)
    assert not (tmp_path / "x.xlsx").exists() and (tmp_path / "x.csv").exists()
