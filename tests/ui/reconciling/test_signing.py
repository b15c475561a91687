"""From open lines to a signed month, in a real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel
from PySide6.QtWidgets import QFileDialog, QInputDialog
from pytestqt.qtbot import QtBot

from app.matching import MatchState
from app.reconciling.signing import State
from app.ui.main_window import MainWindow
from app.ui.reconciling.signing import ExplainDialog
from tests.ui.test_window import press

Idle = Callable[[], None]
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
    for wanted in (State.PREPARED, State.REVIEWED, State.SIGNED):
        press(qtbot, page.step_button)
        idle()
        assert page.result.standing.state is wanted
    assert "firmada" in page.proof.text() and not page.accept_button.isEnabled()
    for name in ("papel.xlsx", "papel.pdf"):
        monkeypatch.setattr(
            QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), "")
        )
        press(qtbot, page.report_button)
        idle()
        assert (tmp_path / name).stat().st_size > 1000
    press(qtbot, page.step_button)
    idle()
    assert page.result.standing.state is State.SIGNED, "no reason, nothing opened"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("llegó corregido", True))
    press(qtbot, page.step_button)
    idle()
    assert page.result.standing.state is State.OPEN and page.accept_button.isEnabled()


def test_signing_with_open_lines_asks_why(
    qtbot: QtBot, reconciled: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = reconciled.reconciling
    for _ in (1, 2):
        press(qtbot, page.step_button)
        idle()
    press(qtbot, page.step_button)
    idle()
    assert page.result is not None and page.result.standing.state is State.REVIEWED
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("lo acordó el contador", True))
    press(qtbot, page.step_button)
    idle()
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
