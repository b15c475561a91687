"""The table model by Qt's own tester, and the manners of the view on a million rows."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from app.ui.tables import Column, RowsModel, Table

COLUMNS = [
    Column("Texto", str),
    Column("Importe", lambda row: f"{row:,.2f}", right=True, order=lambda row: row),
]


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    model = RowsModel(
        COLUMNS,
        background=lambda row, _: QColor("#ffc9c4") if row > 2 else None,
        bold=lambda row, _: row > 2,
    )
    model.set_rows([3, 1, 2])
    qtmodeltester.check(model, force_py=True)
    model.sort(1)
    assert [model.row_at(place) for place in range(3)] == [1, 2, 3]
    model.show_only([2, 0])
    assert (model.rowCount(), model.row_at(0)) == (2, 2)
    assert model.data(model.index(1, 0), Qt.ItemDataRole.BackgroundRole) is not None
    assert model.position_of(lambda row: row == 3) == 1
    qtmodeltester.check(model, force_py=True)


def test_a_million_rows_scroll_and_select_all_does_not_freeze(qtbot: QtBot) -> None:
    model = RowsModel(COLUMNS)
    table = Table(model, "millón")
    qtbot.addWidget(table)
    model.set_rows(range(1_000_000))
    table.show()
    begun = time.monotonic()
    table.scrollToBottom()
    qtbot.keyClick(table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.wait(10)
    assert time.monotonic() - begun < 5
    assert not table.selectionModel().hasSelection()


def test_copy_has_headings_and_is_a_table_too(qtbot: QtBot) -> None:
    model = RowsModel(COLUMNS)
    table = Table(model, "copia")
    qtbot.addWidget(table)
    model.set_rows([1000, 2])
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Texto\tImporte\n1000\t1,000.00\n2\t2.00"
    table_text = QGuiApplication.clipboard().mimeData().html()
    text = """<td style='mso-number-format:"\\@"'>1000</td>"""
    assert f"<tr><th>Texto</th><th>Importe</th></tr><tr>{text}<td>1,000.00</td>" in table_text


def test_a_cell_with_tabs_and_ends_of_lines_stays_one_cell(qtbot: QtBot) -> None:
    model = RowsModel([Column("Texto", str)])
    table = Table(model, "copia")
    qtbot.addWidget(table)
    model.set_rows(["a\tb\r\nc <b>"])
    table.selectAll()
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    data = QGuiApplication.clipboard().mimeData()
    assert (data.text(), "&lt;b&gt;" in data.html()) == ("Texto\na b c <b>", True)


def test_other_rows_keep_order_selection_and_place(qtbot: QtBot) -> None:
    model = RowsModel(COLUMNS)
    table = Table(model, "cola", sortable=True)
    qtbot.addWidget(table)
    table.show()
    model.set_rows(list(range(100)))
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    table.go_to(model.position_of(lambda row: row == 7))
    table.show_rows(list(range(2, 120)), key=lambda row: row)
    assert [model.row_at(place) for place in range(3)] == [119, 118, 117]
    assert table.selected_rows() == [7]
    table.show_rows([1, 2], key=lambda row: row)
    assert table.selected_rows() == [] and model.row_at(0) == 2
