"""Home says how the month stands and goes to the next thing; nothing holds it up for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.intake.importing import import_file
from app.journal import Journal, documents, figures, outbox
from app.journal.outbox import Intent
from app.journal.store import instant, written
from app.month_end import history
from app.month_end.checklist import StepName, StepState, months
from app.reconciling import decisions
from app.sending import conflicts
from app.ui.main_window import NARROW_BELOW, PAGE_NAMES, MainWindow
from app.ui.month_end.page import month_text
from app.ui.rail import NARROW, WIDE
from app.ui.theme import DARK, LIGHT, is_dark
from tests import polizas
from tests.conftest import SAMPLE

Idle = Callable[[], None]
STATEMENT = "Fecha,Cuenta,Referencia,Concepto,Cargo,Abono\n2026-03-02,102-01,F-1,Depósito,10.00,\n"


def card(window: MainWindow, name: StepName) -> int:
    return next(place for place, step in enumerate(window.close_page._steps) if step.name is name)


def test_what_is_blocked_is_named_and_does_not_hold_up_the_rest(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle
) -> None:
    import_file(sandboxed.session.journal, SAMPLE)
    sandboxed.session.changed.emit()
    idle()
    home = sandboxed.close_page
    assert home.title.text() == "Cierre de enero 2026"
    shown = home._cards[card(sandboxed, StepName.BLOCKED)]
    assert shown.detail.text() == (
        "2 bloqueados de 238: 3-53: póliza descuadrada; 2-39: folio repetido"
    )
    step = home._next_step()
    assert step is not None and step.name is StepName.MAP
    qtbot.mouseClick(home.next, Qt.MouseButton.LeftButton)
    assert sandboxed.pages.currentWidget() is sandboxed.sending


def test_two_files_without_vouchers_or_connection_have_steps_too(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    for name, end in (("mayor.csv", "\n"), ("otro.csv", "\r\n")):
        (tmp_path / name).write_text(STATEMENT, "utf-8", newline=end)
        import_file(window.session.journal, tmp_path / name)
    window.session.changed.emit()
    idle()
    home = window.close_page
    assert [step.name.value for step in home._steps] == ["files", "reconciled", "signed"]
    window.go_to("reconciling")
    window.reconciling.run("batch:1", "batch:2")
    idle()
    assert home._steps[1].state is StepState.DONE
    assert home._steps[1].matched is not None
    assert set(home._steps[1].matched.sides) <= {"mayor.csv", "otro.csv"}


def test_a_file_that_broke_off_is_no_file_of_the_month(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    cut = tmp_path / "cortado.txt"
    cut.write_bytes(SAMPLE.read_bytes()[:-40])
    assert import_file(window.session.journal, cut).state == "incomplete"
    window.session.changed.emit()
    idle()
    (step, *_) = window.close_page._steps
    assert (step.state, step.done, step.total) == (StepState.ATTENTION, 0, 1)
    assert "1 se interrumpió" in window.close_page._cards[0].detail.text()


def test_what_a_person_gave_up_is_not_waited_for(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    journal = sandboxed.session.journal
    path = tmp_path / "una.txt"
    path.write_bytes(polizas.file(polizas.balanced()))
    import_file(journal, path)
    (row,) = documents.every(journal)
    intent = Intent(row.external_ref, row.id, row.content_hash, {"x": 1})
    outbox.enqueue(journal, "sandbox", [intent])
    conflicts.skip(journal, "sandbox", row.external_ref, "se capturó a mano")
    sandboxed.session.changed.emit()
    idle()
    steps = {step.name: step for step in sandboxed.close_page._steps}
    assert steps[StepName.SENT].state is StepState.DONE
    assert steps[StepName.SENT].total == 0


def test_explained_lines_are_not_left_to_decide(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    head, row = STATEMENT.splitlines(keepends=True)
    (tmp_path / "a.csv").write_text(head + row + row.replace("10.00", "33.00"), "utf-8")
    (tmp_path / "b.csv").write_text(head + row, "utf-8")
    for name in ("a.csv", "b.csv"):
        import_file(window.session.journal, tmp_path / name)
    window.session.changed.emit()
    idle()
    page = window.reconciling
    page.run("batch:1", "batch:2")
    idle()
    assert page.result is not None and len(page.result.matching.only_left) == 1
    key = page.result.left.key[page.result.matching.only_left[0]]
    decisions.explain(window.session.journal, page.result, [key], [], "timing", "llega en abril")
    page.run("batch:1", "batch:2")
    idle()
    step = window.close_page._steps[1]
    assert step.state is StepState.DONE and step.matched is not None
    assert (step.matched.open, step.matched.explained) == (0, 1)
    assert window.close_page._cards[1].detail.text() == "no queda nada por decidir"


def test_the_four_figures_stand_on_home_and_in_a_line_under_the_others(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    idle()
    assert not window.strip.isVisible() and window.figures[0].isVisible()
    assert window.figures[0].value.text() == "—", "grey where nothing was measured, never a tick"
    window.go_to("log")
    assert window.strip.isVisible()
    assert "Cola de reintentos: 0" in window.strip.accessibleName()
    qtbot.mouseClick(window.strip, Qt.MouseButton.LeftButton)
    assert window.pages.currentIndex() == PAGE_NAMES.index("close")


def test_the_small_lines_are_the_figures_of_the_cards_day_by_day(journal: Journal) -> None:
    """Worked out by hand: two days with two measurements each, one day with none between them."""
    noon = instant().astimezone().replace(hour=12, minute=0, second=0, microsecond=0)
    last, first = noon - timedelta(days=1), noon - timedelta(days=3)
    measured = {
        first: {"queued": 3, "uncertain": 2, "inbox": 4, "dead": 1, "errors": 1, "ended": 40},
        first + timedelta(hours=1): {"queued": 8, "ended": 10, "errors": 0, "orphans": 2},
        last: {"queued": 0, "ended": 0, "errors": 0, "orphans": 0},
        last + timedelta(hours=1): {"orphans": 1},
    }
    values = {
        (written(at.astimezone(UTC)), name): value
        for at, one in measured.items()
        for name, value in one.items()
    }
    with journal.writing() as transaction:
        figures.keep_at(transaction, values, (), "9999")
        found = {(written(first.astimezone(UTC)), "odoo", "", figures.bucket_of(4.0)): 2}
        figures.keep_latencies(transaction, found, "9999")
    latency, errors, orphans, queue = history.trends(journal)
    assert len(latency) == len(errors) == len(orphans) == len(queue) == history.TREND_DAYS + 1
    assert [list(one[-4:-1]) for one in (errors, orphans, queue)] == [
        [2 / 40, None, None],
        [2, None, 1],
        [10, None, 0],
    ]
    assert latency[-4] is not None and 0 < latency[-4] <= 5
    assert latency[-3] is latency[-2] is None


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2025-11-30", "2026-02-01", ["2026-02", "2026-01", "2025-12", "2025-11"]),
        ("2026-01-01", "2026-01-31", ["2026-01"]),
        ("1900-01-01", "2026-01-31", ["2026-01", "1900-01"]),
    ],
)
def test_every_month_a_file_spans_can_be_chosen(
    journal: Journal, tmp_path: Path, first: str, last: str, expected: list[str]
) -> None:
    rows = [f"{day},102-01,F-{day},Depósito,10.00,\n" for day in (first, last)]
    (tmp_path / "mayor.csv").write_text(STATEMENT.splitlines()[0] + "\n" + "".join(rows), "utf-8")
    import_file(journal, tmp_path / "mayor.csv")
    assert months(journal) == expected


def test_a_small_window_shows_icons_alone(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(NARROW_BELOW + 50, 700)
    assert window.rail.width() == WIDE
    window.resize(NARROW_BELOW - 50, 700)
    assert window.rail.width() == NARROW and not window.rail.foot.isVisible()


def test_what_waits_is_counted_on_the_rail_and_spoken(window: MainWindow) -> None:
    window.rail.show_count(2, 5)
    said = window.navigation.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Enviar, 5 en espera"
    window.rail.show_count(2, 0)
    assert window.navigation.item(2).data(Qt.ItemDataRole.AccessibleTextRole) == "Enviar"


@pytest.mark.parametrize(
    ("period", "text"), [("2026-01", "enero 2026"), ("2026-12", "diciembre 2026"), ("", "")]
)
def test_months_in_words(window: MainWindow, period: str, text: str) -> None:
    assert month_text(period) == text


def test_light_and_dark_are_chosen_and_remembered(
    qtbot: QtBot, window: MainWindow, idle: Idle, home: Path
) -> None:
    idle()
    try:
        for dark, colours in ((True, DARK), (False, LIGHT)):
            window._choose_colours(dark)
            assert is_dark(window.palette()) is dark
            assert window.palette().base().color().name() == colours["card"]
            idle()
            assert colours["ink"] in window.strip._labels[3].text(), "not that of the other colours"
        assert window.remembered.dark is False
    finally:
        window._choose_colours(None)
