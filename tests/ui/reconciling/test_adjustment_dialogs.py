"""Split, adjust, attach, choose another possibility, and one row an account, in a real window."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel, QMenu, QMessageBox
from pytestqt.qtbot import QtBot

from app.journal import decided
from app.matching import MatchState
from app.matching.proof import AccountState
from app.reconciling import papers
from app.reconciling.signing import State
from app.sending.pull import pull
from app.sending.push import push
from app.ui.main_window import MainWindow
from app.ui.reconciling.adjustment_dialogs import (
    ACCOUNT,
    CONTRA,
    AdjustDialog,
    AlternativesDialog,
    AttachmentsDialog,
    SplitDialog,
    VouchersDialog,
)
from app.ui.reconciling.page import ReconcilingPage
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.step_dialog import StepDialog
from connectors import EntryLine, JournalEntry
from tests.ui.test_window import press

Idle = Callable[[], None]
LEDGER = """Fecha,Folio,Cuenta,Tercero,Importe
2026-01-10,F-7,111005,Núñez,250.30
2026-01-15,DEP-1,111005,Peña,330.25
2026-01-20,X-3,111005,,75.00
"""


@pytest.fixture
def country() -> str:
    return "CO"


@pytest.fixture
def page(sandboxed: MainWindow, tmp_path: Path, idle: Idle) -> ReconcilingPage:
    """A ledger beside the books of a target: five cents apart, one deposit of two receipts, one
    amount twice.
    """
    window = sandboxed
    target = window.session.connect_to("sandbox", window)
    assert target is not None
    booked = (
        ("F-7", 11, "250.25"),
        ("R-1", 15, "250.25"),
        ("R-2", 15, "80.00"),
        ("Y-1", 21, "75.00"),
        ("Z-1", 19, "75.00"),
    )
    for reference, day, amount in booked:
        lines = (
            EntryLine("111005", Decimal(amount), Decimal(0), ""),
            EntryLine("130505", Decimal(0), Decimal(amount), ""),
        )
        target.create(JournalEntry(reference, date(2026, 1, day), "DIA", "", lines))  # type: ignore[attr-defined]
    pull(window.session.journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    target.close()
    (tmp_path / "mayor.csv").write_text(LEDGER, "utf-8")
    window.go_to("reconciling")
    window.reconciling.run(str(tmp_path / "mayor.csv"), "pull:sandbox")
    idle()
    return window.reconciling


def select(page: ReconcilingPage, wanted: Callable[..., bool]) -> None:
    model, selection = page.lines.tables[0].rows_model, page.lines.tables[0].selectionModel()
    selection.clearSelection()
    for place in range(model.rowCount()):
        if wanted(model.row_at(place)):
            flags = (
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            )
            selection.select(model.index(place, 0), flags)


def of_left(page: ReconcilingPage, reference: str) -> Callable[..., bool]:
    assert page.result is not None
    left = page.result.left
    return lambda row: row.left >= 0 and left.reference[row.left] == reference


def test_one_row_an_account_down_to_its_lines(qtbot: QtBot, page: ReconcilingPage) -> None:
    page.accounts_button.click()
    rows = {row.account: row for row in page.accounts.rows_model.rows}
    assert list(rows) == ["111005", "130505"] and rows["111005"].state is AccountState.DIFFERS
    assert (rows["111005"].left_closing, rows["111005"].right_closing) == (65555, 73050)
    assert not page.accept_button.isVisible()
    page.accounts.activated.emit(page.accounts.rows_model.index(1, 0))
    assert page.accept_button.isVisible() and page.account_button.text() == "130505 ✕"
    assert {
        page.lines.models[1].columns[2].value(row)
        for row in map(page.lines.models[1].row_at, range(5))
    } == {"130505"}
    page.account_button.click()
    assert (
        page.lines.models[0].rowCount() == len(page.lines.aligned)
        and not page.account_button.isVisible()
    )


def test_an_account_is_reconciled_on_its_own(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    assert page.result is not None and not page.alone_action.isEnabled()
    whole = page.result.identifier
    page._only_account("111005")
    page.alone_action.trigger()
    idle()
    assert page.result.accounts == ("111005",) and page.result.identifier != whole
    assert set(page.result.right.account) == {"111005"} and page.account_button.text() == "111005 ✕"
    press(qtbot, page.step_button)
    page.findChildren(StepDialog)[-1].accept()
    idle()
    assert page.result.standing.state is State.PREPARED, "with a state of its own"
    page.account_button.click()
    idle()
    assert (page.result.identifier, page.result.standing.state) == (whole, State.OPEN)


def test_a_line_is_split_in_the_dialog(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    select(page, of_left(page, "DEP-1"))
    page.deciding.split_action.trigger()
    (dialog,) = page.findChildren(SplitDialog)
    (buttons,) = dialog.findChildren(QDialogButtonBox)
    ok = buttons.button(QDialogButtonBox.StandardButton.Ok)
    for text, told in (
        ("250,25", "Falta: 80.00"),
        ("abc", "no es un importe"),
        ("250.25\n80.00\n0", "Falta: 0.00"),
    ):
        dialog.amounts.setPlainText(text)
        assert told in dialog.missing.text() and not ok.isEnabled()
    dialog.amounts.setPlainText("250,25\n80,00")
    assert ok.isEnabled()
    dialog.accept()
    idle()
    assert page.result is not None
    assert sorted(int(amount) for amount in page.result.left.amount) == [7500, 8000, 25025, 25030]
    press(qtbot, page.undo_button)
    idle()
    assert len(page.result.left) == 3


def test_a_difference_is_proposed_sent_and_settles(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    select(page, of_left(page, "F-7"))
    page.deciding.adjust_action.trigger()
    idle()
    (dialog,) = page.findChildren(AdjustDialog)
    dialog.accept()
    assert "Indique el diario" in dialog.problem.text()
    dialog.journal.setCurrentText("DIA")
    dialog.accept()
    assert "contrapartida" in dialog.problem.text()
    dialog.contra.setCurrentText("530515")
    assert (dialog.table.item(0, ACCOUNT).text(), dialog.table.item(0, CONTRA).text()) == (
        "111005",
        "",
    )
    dialog.accept()
    idle()
    assert "1 ajuste propuesto" in page.reason.text()
    journal = page._session.journal
    target = page._session.connect_to("sandbox", page)
    assert target is not None and page.result is not None
    assert push(journal, "sandbox", target).confirmed == 1
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    target.close()
    page._again()
    idle()
    assert [voucher.state for voucher in papers.vouchers(journal, page.result)] == ["en los libros"]
    assert page.result.proof.explained.get("adjustment-posted") == 5


def test_a_proposed_adjustment_is_listed_and_withdrawn(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    page.deciding.vouchers_action.trigger()
    assert "No se ha propuesto" in page.reason.text()
    select(page, of_left(page, "F-7"))
    page.deciding.adjust_action.trigger()
    idle()
    (dialog,) = page.findChildren(AdjustDialog)
    dialog.journal.setCurrentText("DIA")
    dialog.contra.setCurrentText("530515")
    dialog.accept()
    idle()
    page.deciding.vouchers_action.trigger()
    (listed,) = page.findChildren(VouchersDialog)
    assert [row.state for row in listed.table.selected_rows()] == ["por enviar"]
    listed.withdraw_button.click()
    idle()
    assert page.result is not None and page.result.adjusted == []
    assert "se retiró" in page.reason.text()


def test_the_side_that_was_clicked_is_the_one_that_is_split(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    place = page.lines.tables[0].rows_model.position_of(of_left(page, "F-7"))
    for table, amount in ((0, "250.30"), (1, "250.25"), (0, "250.30")):
        view = page.lines.tables[table]
        view.scrollTo(view.rows_model.index(place, 1))
        middle = view.visualRect(view.rows_model.index(place, 1)).center()
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
        page.deciding.split_action.trigger()
        dialog = page.findChildren(SplitDialog)[-1]
        assert any(amount in label.text() for label in dialog.findChildren(QLabel))
        dialog.reject()


def test_nothing_is_decided_while_lines_are_matched_anew(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, tmp_path: Path
) -> None:
    assert page.result is not None
    first = page.result
    select(page, lambda row: row.state == "only_right")
    page.deciding.explain()
    (dialog,) = page.findChildren(ExplainDialog)
    (tmp_path / "otro.csv").write_text(LEDGER.replace("2026-01", "2026-02"), "utf-8")
    page.run(str(tmp_path / "otro.csv"), str(tmp_path / "otro.csv"))
    assert not page.accept_button.isEnabled() and not page.deciding.split_action.isEnabled()
    idle()
    assert page.accept_button.isEnabled() and page.result.identifier != first.identifier
    dialog.accept()
    idle()
    journal = page._session.journal
    assert [item.action for item in decided.standing(journal, first.identifier)] == ["explain"], (
        "of the one it was asked about"
    )
    assert decided.standing(journal, page.result.identifier) == []


def test_a_filter_of_an_account_does_not_outlive_its_reconciliation(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, tmp_path: Path
) -> None:
    page._only_account("130505")
    for name, amount in (("a.csv", "1.00"), ("b.csv", "2.00")):
        (tmp_path / name).write_text(f"Fecha,Folio,Importe\n2026-01-10,Q-7,{amount}\n", "utf-8")
    page.run(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    idle()
    assert (
        page.lines.models[0].rowCount() == 1
        and "▲" in page.proof.text()
        and not page.account_button.isVisible()
    )
    page._only_account("–")
    assert page.lines.models[0].rowCount() == 1 and not page.alone_action.isEnabled()


def test_another_possibility_is_taken(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    select(page, of_left(page, "X-3"))
    page.deciding.alternatives_action.trigger()
    (dialog,) = page.findChildren(AlternativesDialog)
    taken = dialog.table.selected_rows()[0]
    dialog._take()
    idle()
    assert page.result is not None
    (group,) = [
        g
        for g in page.result.matching.groups
        if g.left == taken.left and g.state is MatchState.MATCHED
    ]
    assert group.right == taken.right


def test_a_file_is_attached_and_saved_again(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "carta.txt").write_text("carta del banco", "utf-8")
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *_: (str(tmp_path / "carta.txt"), "")
    )
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "copia.txt"), "")
    )
    page.deciding.attach_action.trigger()
    page.findChildren(AttachmentsDialog)[0].add_button.click()
    idle()
    page.deciding.attach_action.trigger()
    page.findChildren(AttachmentsDialog)[-1].save_button.click()
    idle()
    assert (tmp_path / "copia.txt").read_text("utf-8") == "carta del banco"


def test_what_cannot_be_done_says_why(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    page.lines.tables[0].selectionModel().clearSelection()
    for action, told in (
        (page.deciding.split_action, "línea que quiere dividir"),
        (page.deciding.alternatives_action, "No hay otra posibilidad"),
    ):
        action.trigger()
        assert told in page.reason.text()
    assert (
        isinstance(page.more_button.menu(), QMenu) and len(page.more_button.menu().actions()) == 12
    )


def test_what_changed_is_told_in_the_heading_and_listed(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, tmp_path: Path
) -> None:
    page.deciding.changes_action.trigger()
    assert "Todas las decisiones valen" in page.reason.text()
    select(page, of_left(page, "F-7"))
    press(qtbot, page.part_button)
    idle()
    (tmp_path / "mayor.csv").write_text(LEDGER.replace("250.30", "251.30"), "utf-8")
    page._again()
    idle()
    assert "1 decisión sobre líneas que cambiaron" in page.proof.text()
    page.deciding.changes_action.trigger()
    (box,) = page.findChildren(QMessageBox)
    assert "F-7 250.30: ahora 2026-01-10, 251.30" in box.text()
    box.close()


def test_the_keyboard_decides_and_takes_back(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    assert page.result is not None
    matched = page.result.matching.count(MatchState.MATCHED)
    select(page, of_left(page, "X-3"))
    page.lines.tables[0].setFocus()
    for keys, count in (
        (Qt.Key.Key_Return, matched + 1),
        (Qt.Key.Key_Z, matched),
        (Qt.Key.Key_Y, matched + 1),
    ):
        qtbot.keyClick(page, keys, Qt.KeyboardModifier.ControlModifier)
        idle()
        assert page.result.matching.count(MatchState.MATCHED) == count


def test_a_failure_of_something_else_does_not_unlock_what_runs(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "such.xlsx"), "")
    )
    monkeypatch.setattr(QMessageBox, "warning", lambda *_: None)
    page._set_busy(True)
    press(qtbot, page.report_button)
    idle()
    assert not page.accept_button.isEnabled()


def test_an_account_that_is_gone_is_told(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    assert page.result is not None
    page.run(*page.result.specs, ["999"])
    idle()
    assert (
        "Ningún lado tiene una cuenta que empiece con 999" in page.reason.text()
        and page.sides.run_button.isEnabled()
    )
