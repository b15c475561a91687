"""The window driven as a person would: drop, look, import, map, send, read, reconcile, decide,
search, export.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from app.intake.importing import import_file
from app.journal import listings
from app.matching.outcome import MatchState
from app.matching.rules import RuleSet
from app.ui.company.company_dialog import CompanyDialog
from app.ui.company.field_owners import FieldsDialog
from app.ui.company.policy import RulesDialog
from app.ui.keys import KeysDialog
from app.ui.language import install
from app.ui.main_window import PAGE_NAMES, MainWindow
from app.ui.reconciling.rules_editor import RulesEditor
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.step_dialog import StepDialog
from app.ui.reconciling.sure_dialog import SureDialog
from app.ui.sending.document_dialogs import DocumentsDialog, StoryDialog
from connectors.sandbox import Faults, SandboxServer, SandboxStore
from tests import polizas
from tests.conftest import SAMPLE

Idle = Callable[[], None]


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    action, buttons, keys = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.intake.drop.dropEvent(QDropEvent(QPointF(5, 5), action, data, buttons, keys))


def press(qtbot: QtBot, button: object) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_every_page_is_reached_by_keyboard(qtbot: QtBot, window: MainWindow, idle: Idle) -> None:
    for place in range(len(PAGE_NAMES)):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda place=place: window.pages.currentIndex() == place, timeout=2000)
    idle()


def test_a_dropped_file_is_shown_with_evidence_and_a_finding_jumps_to_its_line(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    page = window.intake
    window.go_to("intake")
    drop(window, SAMPLE)
    idle()
    assert page.lines.rows_model.rowCount() == 1112
    shown = [
        page.lines.rows_model.data(page.lines.rows_model.index(1, column))
        for column in range(page.lines.rows_model.columnCount())
    ]
    assert shown[2:10] == [
        "2026-01-02",
        "3 1",
        "601550001",
        "F-00001",
        "Gasto del período",
        "",
        "8,002.30",
        "",
    ]
    assert shown[10].startswith("M1 601550001")
    assert page.evidence.toPlainText().startswith("Reporte: CONTPAQi Contabilidad: pólizas (TXT)")
    assert "cp1252" in page.facts.text()
    assert "como mac_roman se leería" in page.evidence.toPlainText()
    assert page.findings.model.rowCount() == 2
    page.findings.table.selectRow(0)
    assert page.lines.selected_rows()[0].number == 456
    with window.session.journal.reading() as connection:
        from sqlalchemy import func, select

        from app.journal import schema

        assert connection.execute(select(func.count()).select_from(schema.block)).scalar_one() == 0


def test_another_encoding_changes_the_text_and_is_journaled(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    page = window.intake
    drop(window, SAMPLE)
    idle()
    before = page.lines.rows_model.row_at(0).text
    page.corrections.encoding.setCurrentIndex(page.corrections.encoding.findData("cp850"))
    idle()
    assert "PROVISIÓN" in before
    assert "PROVISIÓN" not in page.lines.rows_model.row_at(0).text
    window.log.search.setText("preview")
    qtbot.wait(300)
    idle()
    assert window.log._model.rowCount() == 1


def test_import_counts_and_a_second_time_is_recognised(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    drop(window, SAMPLE)
    idle()
    press(qtbot, window.intake.import_button)
    idle()
    assert "236 pólizas listas, 2 bloqueadas" in window.intake.facts.text()
    press(qtbot, window.intake.import_button)
    idle()
    assert "No se duplicó nada" in window.intake.facts.text()
    assert window.close_page.period.currentText() == "2026-01"
    assert window.close_page._steps[1].done == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "vacío"), (b"%PDF-1", "PDF"), (polizas.file(polizas.balanced())[:-80], "cortado")],
)
def test_an_unreadable_file_is_explained(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    drop(window, path)
    idle()
    texts = [
        window.intake.findings.model.columns[2].value(row)
        for row in window.intake.findings.model.rows
    ]
    assert any(words in text for text in texts)


@pytest.fixture
def imported(sandboxed: MainWindow, idle: Idle) -> MainWindow:
    import_file(sandboxed.session.journal, SAMPLE)
    sandboxed.session.changed.emit()
    idle()
    return sandboxed


def test_check_map_send_read_reconcile(
    qtbot: QtBot, imported: MainWindow, idle: Idle, store: SandboxStore
) -> None:
    window, page = imported, imported.sending
    window.go_to("sending")
    press(qtbot, page.send)
    idle()
    assert "No se envió nada" in page.status.text()
    press(qtbot, page.check)
    idle()
    assert page.mapping.model.rowCount() > 20
    assert page.tabs.currentIndex() == 2
    press(qtbot, page.mapping.accept)
    idle()
    assert page.mapping.model.rowCount() == 0
    press(qtbot, page.send)
    idle()
    assert "Confirmadas 236" in page.status.text()
    assert page._queue.rowCount() == store.count() == 236
    assert window.figures[0].value.text().startswith("✓")
    window.go_to("reconciling")
    book = window.reconciling
    assert book.sides.start.date().toString("yyyy-MM-dd") == "2026-01-01"
    press(qtbot, book.sides.pull_button)
    idle()
    assert "698" in book.reason.text()
    press(qtbot, book.sides.run_button)
    idle()
    assert "0.00 ✓" in book.proof.text()
    assert [model.rowCount() for model in book.lines.models] == [702, 702]
    window.close_page.refresh()
    idle()
    assert [step.state.value for step in window.close_page._steps] == [
        "done",
        "attention",
        "done",
        "done",
        "done",
        "done",
        "todo",
    ]


@pytest.fixture
def reconciled(imported: MainWindow, idle: Idle) -> MainWindow:
    from datetime import date

    from app.sending import maps, proposals
    from app.sending.pull import pull
    from app.sending.push import push

    journal = imported.session.journal
    target = imported.session.connect_to("sandbox", imported)
    assert target is not None
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    push(journal, "sandbox", target)
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    target.close()
    imported.go_to("reconciling")
    imported.reconciling.run("batch:1", "pull:sandbox")
    idle()
    return imported


def test_the_two_sides_move_as_one(qtbot: QtBot, reconciled: MainWindow) -> None:
    left, right = reconciled.reconciling.lines.tables
    left.verticalScrollBar().setValue(300)
    assert right.verticalScrollBar().value() == 300
    right.selectRow(320)
    assert left.selected_rows() == right.selected_rows() != []
    left.setColumnWidth(3, 222)
    assert right.columnWidth(3) == 222
    assert left.rows_model.rowCount() == right.rows_model.rowCount()


def test_a_match_says_why_and_can_be_taken_apart_and_back(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle
) -> None:
    page = reconciled.reconciling
    page.filter.setCurrentIndex(page.filter.findData("matched"))
    page.lines.tables[0].go_to(5)
    assert "Mismo documento" in page.reason.text()
    press(qtbot, page.part_button)
    idle()
    assert page.result is not None
    assert page.result.matching.count(MatchState.MATCHED) == 697
    assert "▲" in page.proof.text()
    page.filter.setCurrentIndex(page.filter.findData("open"))
    rows = page.lines.models[0].rowCount()
    assert rows in (1, 2)
    press(qtbot, page.undo_button)
    idle()
    assert page.result.matching.count(MatchState.MATCHED) == 698
    press(qtbot, page.undo_button)
    idle()
    assert "No hay ninguna decisión" in page.reason.text()


def test_the_working_paper_is_written(
    qtbot: QtBot,
    reconciled: MainWindow,
    idle: Idle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "papel.xlsx"), "")
    )
    press(qtbot, reconciled.reconciling.report_button)
    idle()
    assert (tmp_path / "papel.xlsx").stat().st_size > 20_000


def test_the_journal_is_searched_verified_and_exported(
    qtbot: QtBot,
    reconciled: MainWindow,
    idle: Idle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = reconciled.log
    reconciled.go_to("log")
    page.search.setText("DEMO EMPRESA/contpaqi/2/2026-01/39")
    page.search.setText("contpaqi/2/2026-01/39")
    qtbot.wait(300)
    idle()
    assert "EMPRESA/contpaqi/2/2026-01/39" in {row.subject for row in page._model.rows}
    assert page._model.rowCount() < 10
    press(qtbot, page.verify)
    idle()
    assert "cadena íntegra" in page.status.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "b.csv"), ""))
    press(qtbot, page.export)
    idle()
    assert "confirmed" in (tmp_path / "b.csv").read_text("utf-8")


def test_a_refused_log_in_is_told_and_nothing_is_lost(
    qtbot: QtBot,
    imported: MainWindow,
    idle: Idle,
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: told.append(arguments[2]))
    sandbox.password = "otra"
    press(qtbot, imported.sending.send)
    idle()
    assert any("rechazó el inicio de sesión" in text for text in told)
    assert imported.sending.send.isEnabled()


def test_cancel_stops_a_push_and_the_next_one_goes_on(
    qtbot: QtBot, imported: MainWindow, idle: Idle, store: SandboxStore
) -> None:
    window, page = imported, imported.sending
    press(qtbot, page.check)
    idle()
    press(qtbot, page.mapping.accept)
    idle()
    store.set_faults(Faults(hang=1.0, hang_seconds=0.15))
    press(qtbot, page.send)
    qtbot.waitUntil(lambda: not page.bar.isHidden(), timeout=8000)
    qtbot.waitUntil(lambda: store.count() > 0, timeout=20_000)
    press(qtbot, page.bar.cancel)
    idle()
    assert 0 < store.count() < 236
    store.set_faults(Faults())
    press(qtbot, page.send)
    idle()
    assert store.count() == 236
    assert "Confirmadas" in page.status.text()
    assert window.session.tasks.running == 0


def test_a_connection_is_saved_tested_and_its_secret_is_in_no_file(
    qtbot: QtBot, window: MainWindow, idle: Idle, sandbox: SandboxServer, home: Path
) -> None:
    page = window.connections
    window.go_to("connections")
    page.form.name.setText("mi sandbox")
    page.form.system.setCurrentIndex(1)
    page.form.url.setText(sandbox.url)
    page.form.user.setText("contador")
    page.form.secret.setText("sandbox-secreto-999")
    press(qtbot, page.form.save)
    idle()
    assert page._model.rowCount() == 1
    page.table.selectRow(0)
    press(qtbot, page.test)
    idle()
    assert "rechazó el inicio de sesión" in page.status.text()
    page.form.secret.setText("sandbox")
    press(qtbot, page.form.save)
    idle()
    page.table.selectRow(0)
    press(qtbot, page.test)
    idle()
    assert "contador en Empresa Sandbox SA de CV" in page.status.text()
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"sandbox-secreto-999" not in written


def test_an_address_without_https_is_refused(qtbot: QtBot, window: MainWindow) -> None:
    window.connections.form.name.setText("x")
    window.connections.form.url.setText("odoo.example")
    press(qtbot, window.connections.form.save)
    assert window.connections._model.rowCount() == 0
    assert "https://" in window.connections.status.text()


def test_the_embedded_sandbox_starts_from_the_window(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    press(qtbot, window.connections.try_sandbox)
    idle()
    window.connections.table.selectRow(0)
    press(qtbot, window.connections.test)
    idle()
    assert "Empresa Sandbox" in window.connections.status.text()


def test_a_counterpart_is_chosen_from_the_targets_list(
    qtbot: QtBot, imported: MainWindow, idle: Idle
) -> None:
    from app.sending.maps import Maps
    from app.ui.sending.counterpart_dialog import CounterpartDialog

    page = imported.sending
    press(qtbot, page.check)
    idle()
    page.mapping.table.selectRow(0)
    source = page.mapping.table.selected_rows()[0].source
    press(qtbot, page.mapping.edit)
    idle()
    (dialog,) = page.findChildren(CounterpartDialog)
    dialog.target.setEditText("Aeronaves")
    press(qtbot, dialog.keep)
    assert "Aeronaves" in dialog.said.text() and dialog.isVisible()
    place = dialog.target.findData("102.02")
    dialog.target.setEditText(dialog.target.itemText(place))
    press(qtbot, dialog.keep)
    idle()
    assert Maps.load(imported.session.journal, "sandbox").target_account(source) == "102.02"


def test_the_language_changes_while_the_window_is_open(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    window.speak("en")
    idle()
    assert window.navigation.item(0).text() == "Home"
    assert window.sending.send.text() == "Send"
    window.speak("es")
    idle()
    assert window.navigation.item(0).text() == "Inicio"


def test_an_unexpected_error_is_shown_with_a_report_and_journaled(
    qtbot: QtBot, window: MainWindow, idle: Idle, home: Path
) -> None:
    from app.journal import listings
    from app.ui.crash import CrashDialog

    window.session.tasks.run(lambda _: 1 / 0, lambda _: None)
    idle()
    dialog = next(child for child in window.findChildren(CrashDialog))
    assert "ZeroDivisionError" in "".join(path.read_text() for path in (home / "reports").iterdir())
    dialog.close()
    assert "error.unexpected" in [row.kind for row in listings.event_rows(window.session.journal)]


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_nothing_is_cut_off_on_a_small_screen(
    qtbot: QtBot, imported: MainWindow, idle: Idle, percent: int
) -> None:
    """1366 by 768 at each scale, less the bar of the system."""
    from PySide6.QtWidgets import QPushButton

    size = QSize(1366 * 100 // percent, 728 * 100 // percent)
    for language in ("es", "en"):
        imported.speak(language)
        imported.resize(size)
        idle()
        assert imported.size() == size
        assert imported.pages.width() <= size.width() - imported.rail.width()
        for name in PAGE_NAMES:
            imported.go_to(name)
            idle()
            for button in imported.pages.currentWidget().findChildren(QPushButton):
                if button.isVisible():
                    assert button.width() >= button.sizeHint().width(), (
                        language,
                        name,
                        button.text(),
                    )
                    corner = button.mapTo(imported.pages, button.rect().bottomRight())
                    if is_scrolled(button, imported.pages):
                        corner.setY(0)
                    assert imported.pages.rect().contains(corner), (language, name, button.text())


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_dialog_fits_on_a_small_screen(
    reconciled: MainWindow, idle: Idle, language: str
) -> None:
    page, session = reconciled.reconciling, reconciled.session
    result = page.result
    assert result is not None
    install(QApplication.instance(), language)
    references = [row.external_ref for row in reconciled.sending._queue.rows[:8]]
    for dialog in (
        KeysDialog(reconciled),
        CompanyDialog(session, reconciled),
        StepDialog(result, session.journal.actor, page),
        SureDialog(result, lambda _: None, page),
        RulesEditor(RuleSet(), lambda _: None, page),
        ExplainDialog(page),
        DocumentsDialog("x", references, session, reconciled),
        StoryDialog(references[0], session, reconciled),
        RulesDialog(session, reconciled),
        FieldsDialog(session, reconciled),
    ):
        least = dialog.minimumSizeHint()
        assert least.width() <= 1366 / 1.5 and least.height() <= 728 / 1.5 - 48, (dialog, least)
        dialog.deleteLater()
    idle()


def is_scrolled(widget: QWidget, pages: QWidget) -> bool:
    """Whether a person scrolls up and down to it on its page."""
    around = widget.parentWidget()
    while around not in (None, pages) and not isinstance(around, QScrollArea):
        assert around is not None
        around = around.parentWidget()
    return isinstance(around, QScrollArea)


def test_the_sandbox_outlives_a_change_of_language(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    press(qtbot, window.connections.try_sandbox)
    idle()
    window.speak("en")
    idle()
    window.connections.table.selectRow(0)
    press(qtbot, window.connections.test)
    idle()
    assert "Empresa Sandbox" in window.connections.status.text()
    assert "already deleted" not in window.connections.status.text()


def test_the_window_stays_alive_while_another_process_holds_the_journal(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle, home: Path
) -> None:
    import sqlite3
    import time

    page = reconciled.reconciling
    page.lines.tables[0].go_to(10)
    with contextlib.closing(sqlite3.connect(home / "journal.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        press(qtbot, page.part_button)
        drop(reconciled, SAMPLE)
        reconciled.intake.corrections.encoding.setCurrentIndex(1)
        assert time.monotonic() - begun < 0.5
        qtbot.wait(300)
        other.execute("COMMIT")
    idle()
    assert page.result is not None
    assert page.result.matching.count(MatchState.MATCHED) == 697


def test_a_report_can_be_chosen_by_hand_and_an_unknown_file_is_still_shown(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    path = tmp_path / "raro.txt"
    path.write_text("esto no es\nningún reporte conocido\n")
    page = window.intake
    drop(window, path)
    idle()
    assert page.lines.rows_model.rowCount() == 2
    page.corrections.profile.setCurrentIndex(
        page.corrections.profile.findData("contpaqi-polizas-txt")
    )
    idle()
    assert "unknown-record" in [finding.code for finding in page.findings.model.rows]


def test_a_file_that_vanished_leaves_nothing_to_import(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "warning", lambda *_: None)
    drop(window, SAMPLE)
    idle()
    drop(window, tmp_path / "no-existe.txt")
    idle()
    assert not window.intake.import_button.isEnabled()
    assert window.intake.lines.rows_model.rowCount() == 0


def test_words_shown_in_the_journal_can_be_searched(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle
) -> None:
    page = reconciled.log
    page.search.setText("confirmada")
    qtbot.wait(300)
    idle()
    assert page._model.rowCount() == 236
    assert "número en el destino" in page._model.columns[5].value(page._model.rows[0])
    page.search.setText("100%")
    qtbot.wait(300)
    idle()
    assert page._model.rowCount() == 0


def test_two_files_stay_chosen_after_they_were_reconciled(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("Fecha,Folio,Importe\n05/01/2026,F1,10.00\n")
    page = window.reconciling
    page.run(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    idle()
    assert (page.sides.left.currentText(), page.sides.right.currentText()) == ("a.csv", "b.csv")
    press(qtbot, page.sides.run_button)
    idle()
    assert page.result is not None
    assert page.result.matching.count(MatchState.MATCHED) == 1


def test_a_layout_is_made_in_the_window_tried_and_used(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, home: Path
) -> None:
    from app.ui.intake.layout_editor import LayoutEditor

    path = tmp_path / "interno.csv"
    path.write_bytes(
        "Ferretería El Peñón\nF. Mov;Núm;Glosa;Entra;Sale\n13/02/26;000123;Señor"
        " Núñez;1.234,50;\n14/02/26;000124;Pago;;500,00\n".encode("cp1252")
    )
    drop(window, path)
    idle()
    assert not window.intake._preview.inspection.readable  # type: ignore[union-attr]
    press(qtbot, window.intake.layout_button)
    editor = window.intake.findChild(LayoutEditor)
    assert editor is not None
    editor.header_line.setValue(2)
    for place, role in enumerate(("date", "reference", "description", "debit", "credit")):
        editor._boxes[place].setCurrentIndex(editor._boxes[place].findData(role))
    editor.decimal.setCurrentIndex(editor.decimal.findData(","))
    press(qtbot, editor.try_button)
    assert "2 movimientos, cargos 1,234.50, abonos 500.00" in editor.outcome.text()
    editor.accept()
    assert "nombre" in editor.outcome.text()
    editor.name.setText("ferreteria")
    editor.accept()
    idle()
    assert (home / "profiles" / "ferreteria.toml").exists()
    assert "2 registros" in window.intake.facts.text()
    press(qtbot, window.intake.import_button)
    idle()
    assert "Importado como lote" in window.intake.facts.text()


def test_thousands_of_one_finding_stay_readable_and_can_be_exported(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openpyxl

    path = tmp_path / "muchos.csv"
    rows = "".join(f"15/01/2026;F{n};x;{'uno' if n % 2 else '1,00'};\n" for n in range(4000))
    path.write_text("Fecha;Folio;Segmento;Cargo;Abono\n" + rows + "32/01/2026;F;x;1,00;\n")
    page = window.intake
    drop(window, path)
    idle()
    assert page.findings.rule.count() == 3
    assert page.findings.rule.itemText(1).startswith("2,000 × error")
    page.findings.rule.setCurrentIndex(2)
    assert page.findings.model.rowCount() == 1
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "h.xlsx"), ""))
    press(qtbot, page.findings.export_button)
    idle()
    sheet = openpyxl.load_workbook(tmp_path / "h.xlsx").worksheets[0]
    assert sheet.max_row == 2002
    assert "uno" in str(sheet["E2"].value)


def test_the_file_dropped_last_is_the_one_shown_and_imported(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    small = tmp_path / "chico.csv"
    small.write_text("Fecha,Folio,Importe\n05/01/2026,F1,10.00\n")
    drop(window, SAMPLE)
    drop(window, small)
    idle()
    assert "chico.csv" in window.intake.facts.text()
    preview = window.intake._preview
    assert preview is not None
    assert preview.export.name == small.name


def test_a_folder_is_gone_through_file_by_file_and_imported_whole(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    folder = tmp_path / "exportaciones"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"mes{number}.txt").write_bytes(polizas.file(polizas.balanced(number)))
    (folder / "leeme.pdf").write_bytes(b"%PDF-1.7")
    drop(window, folder)
    idle()
    page = window.intake
    assert [page.files.itemText(place) for place in range(page.files.count())] == [
        "1/2  mes1.txt",
        "2/2  mes2.txt",
    ]
    assert "leeme.pdf" in page.evidence.toPlainText()
    idle()
    assert "mes1.txt" in page.facts.text()
    press(qtbot, page.all_button)
    idle()
    assert page.facts.text().startswith("✓ 2 de 2")
    assert "leeme.pdf" in page.facts.text()


def test_amounts_dates_and_period_can_be_decided_by_hand(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    path = tmp_path / "ambiguo.csv"
    path.write_text("Fecha;Folio;Cargo\n05/01/2026;F1;1.234\n")
    drop(window, path)
    idle()
    page = window.intake
    assert page._preview is not None
    assert "ambiguous-numbers" in [finding.code for finding in page._preview.inspection.findings]
    page.corrections.decimal.setCurrentIndex(page.corrections.decimal.findData("."))
    page.corrections.dates.setCurrentIndex(page.corrections.dates.findData("month-first"))
    page.corrections.period.setText("2026-13")
    page.corrections.period.editingFinished.emit()
    assert "2026-13" in page.facts.text()
    page.corrections.period.setText("2026-01")
    page.corrections.period.editingFinished.emit()
    idle()
    codes = [finding.code for finding in page._preview.inspection.findings]
    assert "date-outside-period" in codes
    assert "ambiguous-numbers" not in codes
    told = listings.event_rows(window.session.journal, "preview.reading")
    assert told[0].data == {
        "encoding": "detected",
        "profile": "detected",
        "decimal": ".",
        "dates": "month-first",
        "sides": "detected",
        "source": "detected",
        "period": "2026-01",
    }
