"""From open lines to a signed month, in a real window."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from app.matching import MatchState
from app.reconciling.signing import State
from app.ui.main_window import MainWindow
from app.ui.reconciling.page import ReconcilingPage
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.step_dialog import StepDialog
from tests.ui.test_window import press

Idle = Callable[[], None]
OK = QDialogButtonBox.StandardButton.Ok
HEADING = "Fecha,Folio,Tercero,Concepto,Importe\n"


@pytest.fixture
def reconciled(window: MainWindow, tmp_path: Path, idle: Idle) -> MainWindow:
    left, right = tmp_path / "mayor.csv", tmp_path / "banco.csv"
    left.write_text(
        HEADING
        + "2026-01-05,F-1,Núñez,,100.00\n2026-01-30,CH-9,Peña,,250.00\n2026-01-31,,,,7.00\n",
        "utf-8",
    )
    right.write_text(HEADING + "2026-01-06,F-1,NUNEZ,,100.00\n2026-01-20,,,,8.00\n", "utf-8")
    window.go_to("reconciling")
    window.reconciling.run(str(left), str(right))
    idle()
    return window


def _select(window: MainWindow, *states: str) -> None:
    page = window.reconciling
    model, selection = page.lines.tables[0].rows_model, page.lines.tables[0].selectionModel()
    selection.clearSelection()
    for place in range(model.rowCount()):
        if model.row_at(place).state in states:
            flags = (
                QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            )
            selection.select(model.index(place, 0), flags)


def ask_for_step(qtbot: QtBot, page: ReconcilingPage) -> StepDialog:
    press(qtbot, page.step_button)
    return page.findChildren(StepDialog)[-1]


def take_step(qtbot: QtBot, page: ReconcilingPage, why: str = "") -> None:
    dialog = ask_for_step(qtbot, page)
    dialog.why.setText(why)
    assert dialog.buttons.button(OK).isEnabled()
    dialog.accept()


def test_lines_are_explained_and_the_month_is_signed_and_locked(
    qtbot: QtBot,
    reconciled: MainWindow,
    idle: Idle,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    window, page = reconciled, reconciled.reconciling
    _select(window, "only_left", "only_right")
    assert "Seleccionado: izquierda 257.00 · derecha 8.00 · falta 249.00" in page.reason.text()
    press(qtbot, page.explain_button)
    (dialog,) = page.findChildren(ExplainDialog)
    dialog.note.setText("cobrará en febrero")
    dialog.accept()
    idle()
    assert page.result is not None and page.result.settled
    for wanted in (State.PREPARED, State.REVIEWED):
        take_step(qtbot, page)
        idle()
        assert page.result.standing.state is wanted
    take_step(qtbot, page, "no hay quien más revise")
    idle()
    assert page.result.standing.state is State.SIGNED
    assert "firmada" in page.proof.text() and not page.accept_button.isEnabled()
    for name in ("papel.xlsx", "papel.pdf"):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), "")
        )
        press(qtbot, page.report_button)
        idle()
        assert (tmp_path / name).stat().st_size > 1000
    dialog = ask_for_step(qtbot, page)
    assert not dialog.buttons.button(OK).isEnabled(), "no reason, nothing opened"
    dialog.why.setText("llegó corregido")
    dialog.accept()
    idle()
    assert page.result.standing.state is State.OPEN and page.accept_button.isEnabled()


def test_before_a_step_both_sides_are_shown_as_files_with_what_is_open(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    dialog = ask_for_step(qtbot, reconciled.reconciling)
    shown = "\n".join(label.text() for label in dialog.findChildren(QLabel))
    digest = hashlib.sha256((tmp_path / "mayor.csv").read_bytes()).hexdigest()
    assert "mayor.csv" in shown and digest in shown and "banco.csv" in shown
    assert "3 líneas, cargos 357.00, abonos 0.00" in shown
    assert reconciled.session.journal.actor in shown
    assert "249.00" in shown
    dialog.reject()
    idle()
    assert reconciled.reconciling.result is not None
    assert reconciled.reconciling.result.standing.state is State.OPEN


def test_another_person_signs_without_being_asked_why(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle
) -> None:
    page = reconciled.reconciling
    _select(reconciled, "only_left", "only_right")
    page.deciding.explain()
    (explain,) = page.findChildren(ExplainDialog)
    explain.note.setText("en tránsito")
    explain.accept()
    idle()
    for _ in (State.PREPARED, State.REVIEWED):
        take_step(qtbot, page)
        idle()
    own = ask_for_step(qtbot, page)
    assert len(own.notices) == 1 and "Otra persona" in own.notices[0].text()
    own.reject()
    reconciled.session.journal.actor = "revisora@oficina"
    take_step(qtbot, page)
    idle()
    assert page.result is not None and page.result.standing.state is State.SIGNED
    assert (page.result.standing.by or {})["signed"] == "revisora@oficina"


def test_signing_with_open_lines_asks_why(qtbot: QtBot, reconciled: MainWindow, idle: Idle) -> None:
    page = reconciled.reconciling
    for _ in (1, 2):
        take_step(qtbot, page)
        idle()
    dialog = ask_for_step(qtbot, page)
    assert any("decidido o explicado" in notice.text() for notice in dialog.notices)
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.why.setText("lo acordó el contador")
    dialog.accept()
    idle()
    assert page.result is not None
    assert (page.result.standing.state, page.result.standing.reason) == (
        State.SIGNED,
        "lo acordó el contador",
    )


def test_lines_are_paired_by_hand_undone_and_redone(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle
) -> None:
    page = reconciled.reconciling
    _select(reconciled, "only_left", "only_right")
    press(qtbot, page.accept_button)
    idle()
    assert page.result is not None and page.result.matching.count(MatchState.MATCHED) == 2
    for button, count in ((page.undo_button, 1), (page.redo_button, 2)):
        press(qtbot, button)
        idle()
        assert page.result.matching.count(MatchState.MATCHED) == count
