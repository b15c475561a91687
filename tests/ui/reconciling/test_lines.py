"""The lines of a reconciliation are searched, sorted and copied as the two sides they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialogButtonBox, QMessageBox
from pytestqt.qtbot import QtBot

from app.intake.importing import import_file
from app.journal import events
from app.matching.outcome import Group, MatchState, Rule
from app.reconciling import runs
from app.ui.main_window import MainWindow
from app.ui.reconciling.alignment import Aligned, align
from app.ui.reconciling.page import ReconcilingPage
from app.ui.reconciling.sure_dialog import SureDialog, suggested
from tests.conftest import SAMPLE
from tests.ui.reconciling.test_adjustment_dialogs import country, of_left, page, select

__all__ = ["country", "page"]
Idle = Callable[[], None]
REFERENCE, AMOUNT = 3, 4


def column(page: ReconcilingPage, side: int, place: int) -> list[str]:
    model = page.lines.models[side]
    rows = map(model.row_at, range(model.rowCount()))
    return [model.columns[place].value(row) for row in rows]


def test_words_and_amounts_are_found_on_either_side(qtbot: QtBot, page: ReconcilingPage) -> None:
    every = page.lines.models[0].rowCount()
    page.search.setText("peña 330.25")
    qtbot.waitUntil(lambda: page.lines.models[0].rowCount() < every, timeout=2000)
    assert set(column(page, 0, REFERENCE)) - {""} == {"DEP-1"}
    page.search.setText("y-1")
    qtbot.waitUntil(lambda: "Y-1" in " ".join(column(page, 1, REFERENCE)), timeout=2000)
    page.search.clear()
    qtbot.waitUntil(lambda: page.lines.models[0].rowCount() == every, timeout=2000)


def test_a_heading_sorts_both_sides_together_and_back(qtbot: QtBot, page: ReconcilingPage) -> None:
    natural = [page.lines.models[0].row_at(place) for place in range(5)]
    header = page.lines.tables[0].horizontalHeader()
    for is_back in (False, True):
        header.sectionClicked.emit(AMOUNT)
        found = [text for text in column(page, 0, AMOUNT) if text]
        numbers = [float(text.replace(",", "")) for text in found]
        assert numbers == sorted(numbers, reverse=is_back)
        left, right = (
            [model.row_at(place) for place in range(model.rowCount())]
            for model in page.lines.models
        )
        assert left == right
    header.sectionClicked.emit(AMOUNT)
    assert [page.lines.models[0].row_at(place) for place in range(5)] == natural


def test_a_sorted_line_stays_chosen(qtbot: QtBot, page: ReconcilingPage) -> None:
    page.lines.tables[0].go_to(2)
    chosen = page.lines.selected_rows()[0]
    page.lines.tables[1].horizontalHeader().sectionClicked.emit(AMOUNT)
    assert page.lines.selected_rows()[0] is chosen


def test_copying_gives_both_sides_with_their_names(qtbot: QtBot, page: ReconcilingPage) -> None:
    page.lines.tables[0].go_to(0)
    copy = (Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    for table in page.lines.tables:
        qtbot.keyClick(table, *copy)
        head, *rows = QGuiApplication.clipboard().text().split("\n")
        assert head.split("\t")[1:3] == ["Izquierda: Fecha", "Izquierda: Cuenta"]
        assert head.split("\t")[-1] == "Derecha: Concepto"
        assert len(rows) == 1 and len(rows[0].split("\t")) == 11


def test_rows_after_a_decision_are_those_of_a_reconciliation_shown_anew(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    """What a decision does not touch is not made again; nothing is lost by it."""

    def told(rows: list[Aligned]) -> list[tuple[object, ...]]:
        return sorted((row.place, row.left, row.right, row.state, row.undecided) for row in rows)

    seen = set()
    for decide in ("X-3", "DEP-1", "undo", "part", "undo", "redo"):
        if decide == "part":
            select(page, lambda row: row.state == MatchState.MATCHED)
            page.part_button.click()
        elif decide in ("undo", "redo"):
            getattr(page, f"{decide}_button").click()
        else:
            select(page, of_left(page, decide))
            page.accept_button.click()
        idle()
        assert page.result is not None
        rows = page.lines.aligned
        assert told(rows) == told(align(page.result)), decide
        assert [row.place for row in rows] == sorted(row.place for row in rows)
        seen.add(page.result.matching.count(MatchState.MATCHED))
    assert len(seen) > 1


def test_all_that_are_sure_are_accepted_in_one_act(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    assert page.result is not None
    before = page.result.matching
    sure = suggested(page.result, 50)
    assert sure and all(group.state is MatchState.SUGGESTED for group in sure)
    page.deciding.sure_action.trigger()
    dialog = next(one for one in page.findChildren(SureDialog) if one.isVisible())
    dialog.percent.setValue(50)
    assert dialog.said.text().startswith(f"{len(sure)} ")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    idle()
    after = page.result.matching.count(MatchState.MATCHED)
    assert after == before.count(MatchState.MATCHED) + len(sure)
    page.undo_button.click()
    idle()
    assert page.result.matching.count(MatchState.MATCHED) == before.count(MatchState.MATCHED)
    assert page.result.matching.groups == before.groups


def test_widths_and_order_stay_after_a_decision(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    table = page.lines.tables[0]
    table.setColumnWidth(REFERENCE, 77)
    table.horizontalHeader().sectionClicked.emit(AMOUNT)
    select(page, of_left(page, "X-3"))
    page.accept_button.click()
    idle()
    assert table.columnWidth(REFERENCE) == 77
    numbers = [float(text.replace(",", "")) for text in column(page, 0, AMOUNT) if text]
    assert numbers == sorted(numbers)


def test_a_file_is_not_offered_beside_itself(
    qtbot: QtBot, window: MainWindow, idle: Idle, monkeypatch: object
) -> None:
    import_file(window.session.journal, SAMPLE)
    window.session.changed.emit()
    idle()
    sides = window.reconciling.sides
    assert sides.left.currentData() == "batch:1"
    assert sides.right.currentData() != "batch:1"
    sides.right.setCurrentIndex(sides.right.findData("batch:1"))
    told: list[str] = []
    monkeypatch.setattr(  # type: ignore[attr-defined]
        QMessageBox, "information", lambda *given: told.append(given[2])
    )
    sides.run_button.click()
    assert len(told) == 1 and window.reconciling.result is None


def test_a_reconciliation_can_be_stopped(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = page.result
    assert before is not None
    real = runs.reconcile

    def impatient(*given: object, **named: object) -> object:
        assert page.bar._task is not None
        page.bar._task.progress.cancel()
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "reconcile", impatient)
    page.run(*before.specs)
    idle()
    assert page.result is before and page.accept_button.isEnabled()
    assert page.reason.text().startswith("Se detuvo")
    kept = events.of(page._session.journal, kinds=("reconciliation.run",))
    assert len(kept) == 1


def test_what_follows_a_decision_taken_back_cannot_be_stopped(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal says otherwise by then: what was shown before would be decided on and signed."""
    assert page.result is not None
    select(page, of_left(page, "X-3"))
    page.accept_button.click()
    idle()
    page.run(*page.result.specs)
    idle()
    matched = page.result.matching.count(MatchState.MATCHED)
    real = runs.reconcile

    def impatient(*given: object, **named: object) -> object:
        assert page.bar._task is not None
        page.bar._task.progress.cancel()
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(runs, "reconcile", impatient)
    page.undo_button.click()
    idle()
    assert page.result.matching.count(MatchState.MATCHED) == matched - 1
    assert not page.bar.cancel.isVisibleTo(page.bar)


def test_after_a_decision_the_next_line_to_decide_is_selected(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    page.lines.tables[0].horizontalHeader().sectionClicked.emit(AMOUNT)
    select(page, of_left(page, "X-3"))
    page.accept_button.click()
    idle()
    (chosen,) = page.lines.selected_rows()
    assert chosen.undecided


def test_what_can_be_shown_alone_says_how_many_there_are(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    def said() -> dict[str, int]:
        texts = {page.filter.itemData(i): page.filter.itemText(i) for i in range(7)}
        return {state: int(text.rpartition("(")[2][:-1]) for state, text in texts.items()}

    rows = page.lines.aligned
    before = said()
    assert before[""] == len(rows) and before["open"] == sum(row.undecided for row in rows)
    select(page, of_left(page, "X-3"))
    page.accept_button.click()
    idle()
    assert said()["matched"] == before["matched"] + 1


def test_suggestions_of_several_currencies_are_summed_apart(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = "Fecha,Cuenta,Referencia,Concepto,Cargo,Abono,Moneda\n"
    rows = "2026-01-05,102,A,uno,100.00,,USD\n2026-01-06,102,B,dos,4000.00,,MXN\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(head + rows, "utf-8")
    window.reconciling.run(str(tmp_path / "a.csv"), str(tmp_path / "b.csv"))
    idle()
    result = window.reconciling.result
    assert result is not None
    both = [
        Group((place,), (place,), Rule.EVIDENCE, MatchState.SUGGESTED, 0.99) for place in (0, 1)
    ]
    waiting = replace(result, matching=replace(result.matching, groups=both))
    dialog = SureDialog(waiting, lambda _: None, window)
    assert dialog.said.text() == "2 sugerencias, 4,000.00 MXN + 100.00 USD en total"
