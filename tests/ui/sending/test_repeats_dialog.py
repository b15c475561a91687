"""What was probably sent already is shown beside what it probably is, and decided once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.documents.obstacles import Problem
from app.intake.importing import import_file
from app.sending import maps, proposals
from app.sending.push import push
from app.ui.main_window import MainWindow
from app.ui.sending.page import SendingPage
from app.ui.sending.repeats_dialog import RepeatsDialog
from connectors.sandbox import SandboxConnector
from tests.app.sending.test_repeats import TRIO, export, moved_on

Connect = Callable[[], SandboxConnector]


@pytest.fixture
def asked(
    qtbot: QtBot,
    sandboxed: MainWindow,
    connect: Connect,
    tmp_path: Path,
    idle: Callable[[], None],
) -> SendingPage:
    """The Send page after a month came again with other folios."""
    journal, target = sandboxed.session.journal, connect()
    import_file(journal, export(tmp_path, "enero", TRIO))
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    push(journal, "sandbox", target)
    import_file(journal, export(tmp_path, "otra vez", moved_on(TRIO, 100)))
    page = sandboxed.findChild(SendingPage)
    assert isinstance(page, SendingPage)
    sandboxed.session.changed.emit()
    page.check.click()
    idle()
    return page


def the_dialog(page: SendingPage) -> RepeatsDialog:
    page.obstacles.selectRow(0)
    page.compare_held.click()
    found = page.findChild(RepeatsDialog)
    assert isinstance(found, RepeatsDialog)
    return found


def test_each_is_shown_beside_the_one_it_probably_is(asked: SendingPage) -> None:
    assert asked.obstacles.model().rowCount() == 1
    dialog = the_dialog(asked)
    assert dialog.pairs.model().rowCount() == 3
    assert dialog._theirs.rowCount() == dialog._ours.rowCount() == 2
    dialog.reject()


@pytest.mark.parametrize("answer", ["same", "other"])
def test_a_reason_decides_all_of_the_kind(
    asked: SendingPage,
    idle: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("se renumeró", True))
    getattr(the_dialog(asked), answer).click()
    idle()
    problems = [row.problem for row in asked._obstacles.rows]
    assert Problem.SENT_ALREADY not in problems
    asked.send.click()
    idle()
    assert asked.status.text().startswith("✓")
    confirmed = [row for row in asked._queue.rows if row.state == "confirmed"]
    assert len(confirmed) == (3 if answer == "same" else 6)
