"""Decisions in the window: skip, link, let go, roles, alerts, the documents behind a figure, and
search.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from app.company import policy
from app.intake.importing import import_file
from app.journal import batches, listings
from app.journal.roles import Role
from app.sending import maps, proposals
from app.sending.preflight import Problem
from app.sending.push import push
from app.ui.company.policy import RulesDialog
from app.ui.main_window import MainWindow
from app.ui.sending.document_dialogs import ComparisonDialog, DocumentsDialog, StoryDialog
from tests import polizas
from tests.conftest import SAMPLE
from tests.ui.test_window import drop, press

Idle = Callable[[], None]


def refuse_two(window: MainWindow) -> None:
    with window.session.journal.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET state = 'rejected', error_words = 'no' WHERE id IN (1, 2)"
        )
    window.session.changed.emit()


@pytest.fixture
def sent(qtbot: QtBot, sandboxed: MainWindow, idle: Idle) -> MainWindow:
    """The sample, mapped and sent."""
    journal = sandboxed.session.journal
    import_file(journal, SAMPLE)
    target = sandboxed.session.connect_to("sandbox", sandboxed)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    push(journal, "sandbox", target)
    target.close()
    sandboxed.session.changed.emit()
    idle()
    return sandboxed


def test_a_document_is_skipped_with_a_reason_and_its_story_told(
    qtbot: QtBot, sent: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_two(sent)
    idle()
    page = sent.sending
    page.queue.selectRow(0)
    press(qtbot, page.skip)
    idle()
    assert page._queue.rows[0].state == "rejected"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("capturada a mano", True))
    reference = page._queue.rows[0].external_ref
    page.queue.selectRow(0)
    press(qtbot, page.skip)
    idle()
    row = next(item for item in page._queue.rows if item.external_ref == reference)
    assert row.state == "skipped"
    place = page._queue.position_of(lambda item: item.external_ref == reference)
    page.queue.selectRow(place)
    press(qtbot, page.story)
    story = page.findChild(StoryDialog)
    idle()
    told = [story._model.columns[2].value(moment) for moment in story._model.rows]
    assert told[-1] == "● omitido por una persona"
    assert "capturada a mano" in story._model.rows[-1].facts
    story.close()


def test_a_conflict_is_shown_side_by_side_and_linked(
    qtbot: QtBot, sent: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sent.session.journal.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET state = 'conflict', payload = replace(payload, '.00', '.01') WHERE"
            " id = 1"
        )
    sent.session.changed.emit()
    idle()
    page = sent.sending
    page.queue.selectRow(0)
    press(qtbot, page.compare)
    idle()
    dialog = page.findChild(ComparisonDialog)
    assert dialog is not None and dialog.link.isEnabled()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("el del ERP es el bueno", True))
    press(qtbot, dialog.link)
    idle()
    assert not [item for item in page._queue.rows if item.state != "confirmed"]


def test_a_figure_opens_the_documents_behind_it(qtbot: QtBot, sent: MainWindow, idle: Idle) -> None:
    refuse_two(sent)
    idle()
    figure = sent.figures[1]
    qtbot.mouseClick(figure, Qt.MouseButton.LeftButton)
    dialog = sent.findChild(DocumentsDialog)
    assert dialog is not None
    assert len(dialog._model.rows) == 2
    dialog.close()
    qtbot.mouseClick(sent.figures[2], Qt.MouseButton.LeftButton)
    assert not [item for item in sent.findChildren(DocumentsDialog) if item.isVisible()]


def test_an_alert_stands_under_the_figures_until_it_is_over(
    qtbot: QtBot, sent: MainWindow, idle: Idle
) -> None:
    assert not sent.banner.isVisible()
    refuse_two(sent)
    sent.notifier.look()
    idle()
    assert "2 documentos rechazados" in sent.banner.text()
    with sent.session.journal.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'confirmed' WHERE id IN (1, 2)")
    sent.notifier.look()
    idle()
    assert not sent.banner.isVisible()


def test_a_file_held_back_by_the_policy_is_let_go_with_a_reason(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = sandboxed.session.journal
    import_file(journal, SAMPLE)
    target = sandboxed.session.connect_to("sandbox", sandboxed)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    target.close()
    rules = RulesDialog(sandboxed.session, sandboxed)
    qtbot.addWidget(rules)
    rules.open()
    rules.choices["errors"].setCurrentIndex(1)
    press(qtbot, rules.save_policy)
    idle()
    assert policy.load(journal).errors == "valid"
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("control interno", True))
    press(qtbot, rules.save_policy)
    idle()
    assert policy.load(journal).errors == "file"
    rules.close()
    page = sandboxed.sending
    press(qtbot, page.check)
    idle()
    held = page._obstacles.position_of(lambda item: item.problem is Problem.FILE_HAS_ERRORS)
    page.tabs.setCurrentIndex(1)
    page.obstacles.selectRow(held)
    press(qtbot, page.let_go)
    idle()
    assert page._obstacles.position_of(lambda item: item.problem is Problem.FILE_HAS_ERRORS) == -1


def test_a_person_says_which_of_two_files_with_the_same_folios_counts(
    qtbot: QtBot,
    sandboxed: MainWindow,
    idle: Idle,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    journal = sandboxed.session.journal
    for name, amount in (("norte.txt", "100.00"), ("sur.txt", "200.00")):
        (tmp_path / name).write_bytes(polizas.file(polizas.balanced(1, amount)))
        import_file(journal, tmp_path / name)
    target = sandboxed.session.connect_to("sandbox", sandboxed)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    target.close()
    page = sandboxed.sending
    press(qtbot, page.check)
    idle()
    asked: list[list[str]] = []

    def choose(*arguments: object) -> tuple[str, bool]:
        names = arguments[3]
        assert isinstance(names, list)
        asked.append(names)
        return names[-1], True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("la del sur sobra", True))
    held = page._obstacles.position_of(lambda item: item.problem is Problem.FOLIO_TWICE)
    page.tabs.setCurrentIndex(1)
    page.obstacles.selectRow(held)
    press(qtbot, page.let_go)
    idle()
    assert asked == [["sur.txt (2)", "norte.txt (1)"]]
    assert page._obstacles.position_of(lambda item: item.problem is Problem.FOLIO_TWICE) == -1
    assert policy.approvals(journal) == {1: {policy.Approval.FOLIOS}}


def test_roles_are_given_in_the_window(
    qtbot: QtBot, window: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("alta", True))
    rules = RulesDialog(window.session, window)
    qtbot.addWidget(rules)
    rules.open()
    rules.tabs.setCurrentIndex(1)
    rules.person.setText("beto")
    rules.roles[Role.IMPORT].setChecked(True)
    press(qtbot, rules.give)
    idle()
    assert ("beto", frozenset({Role.IMPORT})) in rules._people.rows
    assert len(rules._people.rows) == 2
    rules.tabs.setCurrentIndex(2)
    rules.address.setText("esto no es una dirección")
    press(qtbot, rules.add)
    assert "no se pueden enviar alertas" in rules.status.text()
    rules.close()


def test_lines_and_documents_are_found_from_the_journal_page(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    drop(window, SAMPLE)
    idle()
    press(qtbot, window.intake.import_button)
    idle()
    window.log.search.setText("8,002.30")
    qtbot.wait(400)
    idle()
    assert [(hit.kind, hit.line) for hit in window.log._hits.rows] == [("movement", 2)]
    assert "(1)" in window.log.tabs.tabText(1)


def test_reading_otherwise_than_detected_needs_a_reason(
    qtbot: QtBot, window: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(window, SAMPLE)
    idle()
    page = window.intake
    page.corrections.encoding.setCurrentIndex(page.corrections.encoding.findData("cp1252"))
    idle()
    press(qtbot, page.import_button)
    idle()
    assert not batches.every(window.session.journal)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("el cliente lo confirmó", True))
    press(qtbot, page.import_button)
    idle()
    started = next(
        row for row in listings.event_rows(window.session.journal) if row.kind == "import.started"
    )
    assert "el cliente lo confirmó" in started.text
