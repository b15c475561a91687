"""Enviar: what was found for one target is kept for that target only."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app.company import settings
from app.documents.maps import Link, MapKind, Maps
from app.intake.importing import import_file
from app.sending import maps
from app.ui.main_window import MainWindow
from app.ui.sending.counterpart_dialog import CounterpartDialog
from connectors.sandbox import SandboxStore
from tests import cfdi_month
from tests.app.sending.test_fiscal_documents import LINKS, bring
from tests.conftest import SAMPLE
from tests.ui.test_window import press

Idle = Callable[[], None]


def checked(qtbot: QtBot, window: MainWindow, idle: Idle) -> None:
    """The sample checked against ``sandbox``, beside a second connection."""
    journal = window.session.journal
    import_file(journal, SAMPLE)
    kept = next(one for one in window.session.connections() if one.name == "sandbox")
    other = settings.ConnectionSettings("otra", kept.system, kept.url, kept.database, kept.user)
    settings.add_connection(journal, other)
    window.session.changed.emit()
    idle()
    window.go_to("sending")
    window.sending.connection.setCurrentText("sandbox")
    press(qtbot, window.sending.check)
    idle()


def test_another_target_starts_with_nothing_found(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle
) -> None:
    checked(qtbot, sandboxed, idle)
    page = sandboxed.sending
    assert page.mapping.model.rowCount() > 20
    page.connection.setCurrentText("otra")
    assert page.mapping.model.rowCount() == 0
    press(qtbot, page.mapping.accept)
    idle()
    assert Maps.load(sandboxed.session.journal, "otra").links == {}


def test_a_counterpart_goes_to_the_target_it_was_chosen_from(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle
) -> None:
    checked(qtbot, sandboxed, idle)
    page = sandboxed.sending
    item = next(row for row in page.mapping.model.rows if row.kind is MapKind.ACCOUNT)
    page.connection.setCurrentText("otra")
    page.mapping.set_link("sandbox", item, Link(MapKind.ACCOUNT, item.source, "102.01"))
    idle()
    journal = sandboxed.session.journal
    assert set(Maps.load(journal, "sandbox").links) == {(MapKind.ACCOUNT, item.source)}
    assert Maps.load(journal, "otra").links == {}


def test_invoices_and_payments_go_from_the_window(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    """Checked, mapped, sent: with the box ticked what fiscal documents ask for is in the map."""
    window, journal = sandboxed, sandboxed.session.journal
    bring(journal, cfdi_month.month(12, seed=2), tmp_path / "marzo")
    maps.save(journal, "sandbox", [Link(MapKind(kind), one, two) for kind, one, two in LINKS])
    window.session.changed.emit()
    idle()
    window.go_to("sending")
    page = window.sending
    page.connection.setCurrentText("sandbox")
    press(qtbot, page.check)
    idle()
    assert MapKind.TAX not in {row.kind for row in page.mapping.model.rows}
    page.documents.setChecked(True)
    press(qtbot, page.check)
    idle()
    taxes = [row for row in page.mapping.model.rows if row.kind is MapKind.TAX]
    assert taxes and all(row.suggestion for row in taxes)
    picture(window, "sending_documents_map")
    press(qtbot, page.mapping.accept)
    idle()
    press(qtbot, page.send)
    idle()

    def all_confirmed() -> None:
        left = [row for row in page._queue.rows if row.state != "confirmed"]
        assert page._queue.rows and not left, (page.status.text(), left)

    qtbot.waitUntil(all_confirmed, timeout=20_000)
    idle()
    steps = {step.name.value: step for step in window.close_page._steps}
    assert steps["sent"].state.value == "done"
    assert 0 < steps["sent"].done == steps["sent"].total, "parties and files are no documents"
    picture(window, "sending_documents_queue")


def test_what_is_mapped_is_shown_changed_and_taken_away(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle
) -> None:
    checked(qtbot, sandboxed, idle)
    page, journal = sandboxed.sending, sandboxed.session.journal
    press(qtbot, page.mapping.accept)
    idle()
    links = page.mapping.links.links
    assert len(links) == len(Maps.load(journal, "sandbox").links) > 20
    assert f"({len(links)})" in page.tabs.tabText(3)
    bank = next(one for one in links if one.link.target == "102.01")
    assert (bank.name, bank.target_name) != ("", ""), "the names of both sides"
    page.mapping.links.search.setText(bank.link.source)
    page.mapping.links.table.go_to(0)
    page.tabs.setCurrentIndex(3)
    press(qtbot, page.mapping.links.change_button)
    idle()
    dialog = next(one for one in page.findChildren(CounterpartDialog) if one.isVisible())
    assert dialog.target.currentText().startswith("102.01")
    dialog.target.setCurrentText("101.01")
    press(qtbot, dialog.keep)
    idle()
    key = (MapKind.ACCOUNT, bank.link.source)
    assert Maps.load(journal, "sandbox").links[key].target == "101.01"
    shown = page.mapping.links.table.rows_model.row_at(0)
    assert shown.link.target == "101.01"
    page.mapping.links.table.go_to(0)
    press(qtbot, page.mapping.links.remove_button)
    idle()
    assert key not in Maps.load(journal, "sandbox").links


def test_several_of_ours_in_one_account_are_told(
    qtbot: QtBot, sandboxed: MainWindow, idle: Idle
) -> None:
    checked(qtbot, sandboxed, idle)
    page, journal = sandboxed.sending, sandboxed.session.journal
    codes = [row.source for row in page.mapping.model.rows if row.kind is MapKind.ACCOUNT][:3]
    maps.save(journal, "sandbox", [Link(MapKind.ACCOUNT, code, "102.01") for code in codes])
    sandboxed.session.changed.emit()
    idle()
    assert {one.together for one in page.mapping.links.links} == {3}
    assert page.mapping.links.said.text().startswith("▲ 1 ")


def test_what_goes_is_named_with_its_sum_before_it_goes(
    qtbot: QtBot,
    sandboxed: MainWindow,
    idle: Idle,
    store: SandboxStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked(qtbot, sandboxed, idle)
    page = sandboxed.sending
    press(qtbot, page.mapping.accept)
    idle()
    asked: list[str] = []
    answer = QMessageBox.StandardButton.No

    def question(*given: object) -> QMessageBox.StandardButton:
        asked.append(str(given[2]))
        return answer

    monkeypatch.setattr(QMessageBox, "question", question)
    press(qtbot, page.send)
    idle()
    assert store.count() == 0 and len(asked) == 1
    answer = QMessageBox.StandardButton.Yes
    press(qtbot, page.send)
    idle()
    assert store.count() == 236 and asked[1] == asked[0]
    moves = store.ledger("2026-01-01", "2026-12-31", 0, 9999)
    cents = sum(int(str(move["debit"])) for move in moves)
    assert "236" in asked[0] and f"{cents / 100:,.2f}" in asked[0]
    press(qtbot, page.send)
    idle()
    assert len(asked) == 2, "nothing is known to be ready any more"


def picture(window: MainWindow, name: str) -> None:
    """Kept where somebody wants to look at it."""
    if folder := os.environ.get("CUADRE_PICTURES"):
        window.resize(1366, 768)
        window.grab().save(str(Path(folder) / f"{name}.png"))
