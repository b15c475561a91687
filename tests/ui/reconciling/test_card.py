"""Deciding at the lines by keys alone: the card, other possibilities, ticks that are added up, and
both sides in one table.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.matching.outcome import MatchState, Rule
from app.ui.reconciling import pairs
from app.ui.reconciling.page import ReconcilingPage
from tests.ui.reconciling.test_adjustment_dialogs import country, of_left, page, select

__all__ = ["country", "page"]
Idle = Callable[[], None]


def of_right(page: ReconcilingPage, reference: str) -> Callable[..., bool]:
    assert page.result is not None
    right = page.result.right
    return lambda row: row.right >= 0 and right.reference[row.right].startswith(reference)


def paired(page: ReconcilingPage) -> set[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What people paired, by references."""
    result = page.result
    assert result is not None
    return {
        (
            tuple(result.left.reference[index] for index in group.left),
            tuple(str(result.right.amount[index]) for index in group.right),
        )
        for group in result.matching.groups
        if group.rule is Rule.PERSON
    }


def test_the_card_says_ours_why_and_theirs(page: ReconcilingPage) -> None:
    select(page, of_left(page, "F-7"))
    assert "F-7" in page.card.ours.text() and "250.30" in page.card.ours.text()
    assert "250.25" in page.card.theirs.text()
    assert "0.05" in page.card.balance.text()
    assert "≠" in page.card.balance.text()


def test_words_only_one_side_has_are_marked_and_no_markup_of_a_file_is(
    page: ReconcilingPage,
) -> None:
    assert page.result is not None
    page.result.left.text[0] = "<b>Núñez</b>"
    select(page, of_left(page, "F-7"))
    assert "<u>&lt;b&gt;Núñez&lt;/b&gt;</u>" in page.card.ours.text()


def test_an_arrow_turns_to_the_other_possibility_and_enter_accepts_it(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    select(page, of_left(page, "X-3"))
    table = page.lines.tables[0]
    assert page.card.other_button.isVisible()
    first = page.card.theirs.text()
    qtbot.keyClick(table, Qt.Key.Key_Right)
    assert page.card.other is not None and page.card.theirs.text() != first
    assert "Otra posibilidad, 1 de" in page.reason.text()
    chosen = page.card.other
    qtbot.keyClick(table, Qt.Key.Key_Return)
    idle()
    assert page.result is not None
    (made,) = (one for one in page.result.matching.groups if one.rule is Rule.PERSON)
    assert (made.left, made.right) == (chosen.left, chosen.right)


def test_arrows_come_back_to_what_is_proposed(qtbot: QtBot, page: ReconcilingPage) -> None:
    select(page, of_left(page, "X-3"))
    for step in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(page.lines.tables[0], step)
    assert page.card.other is None


def test_lines_are_ticked_by_space_until_nothing_is_missing(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    left, right = page.lines.tables
    page.lines.side = 0
    select(page, of_left(page, "DEP-1"))
    qtbot.keyClick(left, Qt.Key.Key_Space)
    assert "≠" in page.card.balance.text() and "330.25" in page.card.balance.text()
    qtbot.keyClick(left, Qt.Key.Key_F)
    assert page.search.text() == "330.25"
    page.search.clear()
    qtbot.waitUntil(lambda: left.rows_model.rowCount() == len(page.lines.aligned), timeout=2000)
    result = page.result
    assert result is not None
    for amount in (25025, 8000):
        wanted = [i for i, one in enumerate(result.right.amount.tolist()) if one == amount][-1]
        right.go_to(left.rows_model.position_of(lambda row, at=wanted: row.right == at))
        page.lines.side = 1
        qtbot.keyClick(right, Qt.Key.Key_Space)
    assert page.card.balance.text() == "✓ falta 0.00"
    qtbot.keyClick(right, Qt.Key.Key_Return)
    idle()
    assert (("DEP-1",), ("25025", "8000")) in paired(page)
    assert not page.lines.ticks


def test_in_the_one_table_a_tick_is_of_both_lines_of_a_row(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    page.pairs_button.click()
    select(page, of_left(page, "DEP-1"))
    row = page.lines.selected_rows()[0]
    qtbot.keyClick(page.lines.pairs, Qt.Key.Key_Space)
    assert page.lines.ticks.lines[0] == tuple({r.left for r in page.lines.selected_rows()} - {-1})
    assert row.right < 0 or row.right in page.lines.ticks.right


def test_ticks_outlive_a_search_and_escape_takes_them_away(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    table = page.lines.tables[0]
    select(page, of_left(page, "X-3"))
    qtbot.keyClick(table, Qt.Key.Key_Space)
    page.search.setText("nada así")
    qtbot.waitUntil(lambda: page.lines.models[0].rowCount() == 0, timeout=2000)
    idle()
    assert page.lines.ticks.left
    page.search.clear()
    qtbot.waitUntil(lambda: page.lines.models[0].rowCount() > 0, timeout=2000)
    place = page.lines.models[0].position_of(of_left(page, "X-3"))
    assert page.lines.models[0].columns[0].value(page.lines.models[0].row_at(place))[0] == "☑"
    qtbot.keyClick(table, Qt.Key.Key_Escape)
    assert not page.lines.ticks


def test_ticked_lines_that_do_not_come_to_the_same_are_asked_about(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def no(*given: object, **_: object) -> QMessageBox.StandardButton:
        asked.append(str(given[2]))
        return QMessageBox.StandardButton.No

    monkeypatch.setattr(QMessageBox, "question", no)
    page.lines.ticks.left.add(0)
    page.accept_button.click()
    assert "ambos lados" in page.reason.text()
    page.lines.ticks.right.add(2)
    page.accept_button.click()
    idle()
    assert len(asked) == 1 and paired(page) == set()


def test_what_is_matched_is_not_ticked(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    select(page, of_left(page, "F-7"))
    page.accept_button.click()
    idle()
    select(page, of_left(page, "F-7"))
    qtbot.keyClick(page.lines.tables[0], Qt.Key.Key_Space)
    assert not page.lines.ticks and "separarse" in page.reason.text()


def test_one_table_has_both_sides_sorted_and_copied(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    page.pairs_button.click()
    assert page.lines.pairs.isVisible() and not page.lines.tables[0].isVisible()
    model = page.lines.pairs.rows_model
    row = next(r for r in page.lines.aligned if of_left(page, "F-7")(r))
    texts = [column.value(row) for column in model.columns]
    assert texts[pairs.OURS : pairs.DIFFERENCE + 1] == ["250.30", "250.25", "0.05"]
    header = page.lines.pairs.horizontalHeader()
    header.sectionClicked.emit(pairs.DIFFERENCE)
    idle()
    assert model.columns[pairs.DIFFERENCE].value(model.row_at(0))
    header.sectionClicked.emit(pairs.OURS)
    idle()
    ours = [model.columns[pairs.OURS].value(model.row_at(i)) for i in range(3)]
    assert ours == ["75.00", "250.30", "330.25"]
    page.lines.pairs.go_to(0)
    qtbot.keyClick(page.lines.pairs, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, line = QGuiApplication.clipboard().text().split("\n")
    assert head.split("\t")[:2] == ["Estado", "Fecha"] and "75.00" in line


def test_all_that_is_proposed_is_decided_by_enter(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    """The next line is selected each time."""
    page.filter.setCurrentIndex(page.filter.findData("suggested"))
    page.lines.go_to_first()
    assert page.lines.models[0].rowCount() > 0 and page.result is not None
    while page.lines.models[0].rowCount():
        assert len(page.lines.selected_rows()) == 1
        before = page.result.matching.count(MatchState.SUGGESTED)
        qtbot.keyClick(page.lines.tables[0], Qt.Key.Key_Return)
        idle()
        assert page.result.matching.count(MatchState.SUGGESTED) < before


def test_a_filter_keeps_the_line_a_person_is_at(page: ReconcilingPage) -> None:
    select(page, of_left(page, "X-3"))
    chosen = page.lines.selected_rows()
    page.filter.setCurrentIndex(page.filter.findData("open"))
    assert page.lines.selected_rows() == chosen
    page.show_colours()
    assert page.lines.selected_rows() == chosen


def test_lines_of_several_currencies_are_not_added_up(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    result = page.result
    assert result is not None
    result.left.currency[:] = ["USD"] * len(result.left)
    result.right.currency[:] = ["MXN"] * len(result.right)
    page.lines.ticks.left.add(0)
    page.lines.ticks.right.add(0)
    page.lines._repaint()
    assert "varias monedas" in page.card.balance.text() and not page.card.find_button.isVisible()
    page.accept_button.click()
    idle()
    assert "varias monedas" in page.reason.text() and paired(page) == set()


def test_what_is_no_longer_shown_is_not_accepted(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    """A possibility a person turned to goes with the line it is of."""
    select(page, of_left(page, "X-3"))
    qtbot.keyClick(page.lines.tables[0], Qt.Key.Key_Right)
    assert page.card.other is not None
    page.search.setText("nada así")
    qtbot.waitUntil(lambda: page.lines.models[0].rowCount() == 0, timeout=2000)
    assert page.card.other is None
    page.accept_button.click()
    idle()
    assert paired(page) == set()
