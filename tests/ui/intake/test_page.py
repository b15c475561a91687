"""Importar: a month of documents, and what a person says of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.company import settings
from app.ui.intake.layout_editor import LayoutEditor
from app.ui.main_window import MainWindow
from tests.app.cli.test_profiles import PRINTED
from tests.conftest import DATA

Idle = Callable[[], None]
CFDI = sorted((DATA / "cfdi").glob("*.xml"))


def open_(window: MainWindow, idle: Idle, path: Path) -> None:
    window.go_to("intake")
    window.intake.open(path)
    idle()


def test_a_month_of_xml_is_imported_as_one(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    folder = tmp_path / "abril"
    folder.mkdir()
    for file in CFDI:
        (folder / file.name).write_bytes(file.read_bytes())
    open_(window, idle, folder)
    page = window.intake
    assert f"abril · {len(CFDI)} XML" in page.facts.text()
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    idle()
    assert "Importado como lote 1" in page.facts.text()


def test_the_companys_own_tax_ids_are_kept_and_read_by(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    open_(window, idle, CFDI[0])
    page = window.intake
    codes = lambda: {row.code for row in page.findings.model.rows}  # noqa: E731 - asked twice
    assert "whose-books-unsaid" in codes()
    page.corrections.own_tax_ids.setText("eku9003173c9, 800333444-2")
    qtbot.keyClick(page.corrections.own_tax_ids, Qt.Key.Key_Return)
    idle()
    assert "whose-books-unsaid" not in codes()
    assert settings.own_tax_ids(window.session.journal) == ["EKU9003173C9", "800333444"]


def test_whose_debit_and_credit_they_are_can_be_said(
    window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    path = tmp_path / "tabla.csv"
    path.write_text("Fecha,Concepto,Cargo,Abono\n13/03/2026,a,100.00,\n14/03/2026,b,,3.00\n")
    open_(window, idle, path)
    page = window.intake
    assert page._preview is not None
    assert page._preview.inspection.debit == 100
    page.corrections.sides.setCurrentIndex(page.corrections.sides.findData("bank"))
    idle()
    assert page._preview.inspection.debit == 3


def test_a_table_nobody_knows_says_so_and_its_layout_comes_filled_in(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    path = tmp_path / "impreso.txt"
    path.write_text(PRINTED)
    open_(window, idle, path)
    page = window.intake
    assert "Cargos = cargo (débito), Abonos = abono (crédito)" in page.evidence.toPlainText()
    qtbot.mouseClick(page.layout_button, Qt.MouseButton.LeftButton)
    editor = page.findChild(LayoutEditor)
    assert editor.header_line.value() == 3
    assert [box.currentData() for box in editor._boxes] == [
        "date",
        "reference",
        "description",
        "debit",
        "credit",
    ]
    editor.name.setText("impreso")
    qtbot.mouseClick(editor.try_button, Qt.MouseButton.LeftButton)
    assert editor.outcome.text().startswith("✓ 4 movimientos, cargos 4,250.00")
    editor.accept()
    idle()
    qtbot.mouseClick(page.import_button, Qt.MouseButton.LeftButton)
    idle()
    assert "Importado como lote 1" in page.facts.text()
