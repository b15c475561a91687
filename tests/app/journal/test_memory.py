"""A journal that forgot is recognised by what this machine saw of it, and looks before it sends."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from app import documents
from app.company import settings
from app.company.settings import ConnectionSettings
from app.company.targets import OtherCompanyThere, SameCompany
from app.intake.importing import import_file
from app.journal import Journal, events, marks, outbox_rows
from app.month_end import alerts, figures
from app.month_end.figures import Level
from app.sending import maps, proposals
from app.sending.pull import pull
from app.sending.push import PushResult, push
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_USER
from tests import polizas
from tests.app.conftest import Run

Connect = Callable[[], SandboxConnector]
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))


def vouchers(folder: Path, *numbers: int) -> Path:
    path = folder / f"polizas-{'-'.join(map(str, numbers))}.txt"
    those = [polizas.balanced(number, amount=f"{100 + number}.5") for number in numbers]
    path.write_bytes(polizas.file(*those))
    return path


class Desk:
    """A home and what is done in it; every command opens the journal anew."""

    def __init__(self, home: Path, sandbox: SandboxServer, connect: Connect) -> None:
        self.home, self.url, self.connect = home, sandbox.url, connect

    def open(self) -> Journal:
        return settings.open_journal(self.home)

    def connected(self, *names: str) -> None:
        journal = self.open()
        for name in names or ("sb",):
            kept = ConnectionSettings(name, "sandbox", self.url, user=DEFAULT_USER)
            settings.add_connection(journal, kept)
        journal.close()

    def send(self, path: Path, name: str = "sb") -> PushResult:
        journal = self.open()
        import_file(journal, path)
        target = self.connect()
        maps.accept_suggestions(journal, name, proposals.unmapped(journal, name, target))
        try:
            return push(journal, name, target, sleep=lambda _: None)
        finally:
            journal.close()

    def levels(self) -> set[Level]:
        journal = self.open()
        found = figures.measure(journal)
        journal.close()
        return {
            *(found.latency_level, found.error_rate_level),
            *(found.orphans_level, found.queue_level),
        }

    def reasons(self) -> list[str]:
        journal = self.open()
        found = [str(event.data["reason"]) for event in events.of(journal, kinds=(marks.FORGOT,))]
        journal.close()
        return found


@pytest.fixture
def desk(home: Path, sandbox: SandboxServer, connect: Connect) -> Desk:
    made = Desk(home, sandbox, connect)
    made.connected()
    return made


def _references(store: SandboxStore) -> list[str]:
    with contextlib.closing(sqlite3.connect(store.path)) as plain:
        return [row[0] for row in plain.execute("SELECT reference FROM entry")]


def test_a_journal_that_is_used_in_its_place_is_never_suspected(desk: Desk, tmp_path: Path) -> None:
    assert desk.send(vouchers(tmp_path, 1, 2)).clean
    assert desk.send(vouchers(tmp_path, 1, 2, 3)).confirmed == 1
    assert desk.reasons() == []
    assert desk.levels() == {Level.MET}


@pytest.mark.parametrize("guarded", ["1", "0"], ids=["guarded", "without a guard"])
def test_a_home_put_back_by_file_copy_is_noticed_and_sends_nothing_twice(
    desk: Desk, store: SandboxStore, tmp_path: Path, guarded: str
) -> None:
    store.set_setting("unique_references", guarded)
    desk.send(vouchers(tmp_path, 1))
    shutil.copytree(desk.home, tmp_path / "copia")
    assert desk.send(vouchers(tmp_path, 1, 2, 3)).confirmed == 2
    shutil.rmtree(desk.home)
    shutil.copytree(tmp_path / "copia", desk.home)
    assert desk.reasons() == ["older"]
    assert Level.MET not in desk.levels()
    journal = desk.open()
    assert {alert.code for alert in alerts.update(journal)} == {"forgot-older"}
    journal.close()
    result = desk.send(vouchers(tmp_path, 1, 2, 3))
    assert (result.confirmed, result.looked_up) == (2, 2)
    assert len(_references(store)) == 3
    assert Level.MET not in desk.levels()
    journal = desk.open()
    assert any("older" in alert.text for alert in alerts.of_journal(journal))
    pull(journal, "sb", desk.connect(), *JANUARY)
    assert alerts.of_journal(journal) == []
    journal.close()
    assert desk.levels() == {Level.MET}


def test_an_empty_journal_in_the_place_of_one_that_sent_is_noticed(
    desk: Desk, store: SandboxStore, tmp_path: Path
) -> None:
    store.set_setting("unique_references", "0")
    desk.send(vouchers(tmp_path, 1, 2))
    shutil.rmtree(desk.home)
    assert desk.reasons() == ["other-journal"]
    desk.connected()
    desk.send(vouchers(tmp_path, 1, 2))
    assert len(_references(store)) == 2


def test_another_home_that_sends_to_the_same_company_is_noticed(
    desk: Desk, sandbox: SandboxServer, store: SandboxStore, connect: Connect, tmp_path: Path
) -> None:
    store.set_setting("unique_references", "0")
    desk.send(vouchers(tmp_path, 1, 2))
    other = Desk(tmp_path / "otra", sandbox, connect)
    other.connected()
    result = other.send(vouchers(tmp_path, 1, 2))
    assert other.reasons() == ["other-journal"]
    assert result.looked_up == 2
    assert len(_references(store)) == 2


def test_a_copy_beside_the_original_is_noticed_and_one_that_was_moved_is_not(
    desk: Desk, sandbox: SandboxServer, connect: Connect, tmp_path: Path
) -> None:
    desk.send(vouchers(tmp_path, 1))
    shutil.copytree(desk.home, tmp_path / "copia")
    assert Desk(tmp_path / "copia", sandbox, connect).reasons() == ["copied"]
    shutil.rmtree(tmp_path / "copia")
    shutil.copytree(desk.home, tmp_path / "mudada")
    shutil.rmtree(desk.home)
    assert "copied" not in Desk(tmp_path / "mudada", sandbox, connect).reasons()


def test_a_restored_journal_is_said_to_have_forgotten(desk: Desk, run: Run, tmp_path: Path) -> None:
    desk.send(vouchers(tmp_path, 1))
    run("journal", "backup", tmp_path / "copia.db")
    desk.send(vouchers(tmp_path, 2))
    run("journal", "restore", tmp_path / "copia.db")
    status, told = run("status")
    assert status == 1 and "restored from a copy" in told
    assert desk.reasons() == []
    found = run("status", "--json")[1]
    assert found["forgotten"][0]["reason"] == "restored"
    assert not any(found[name]["ok"] for name in ("sync_latency", "error_rate", "retry_queue"))


def test_a_target_without_a_guard_is_looked_into_before_every_first_sending(
    desk: Desk, store: SandboxStore, tmp_path: Path
) -> None:
    assert desk.send(vouchers(tmp_path, 1)).looked_up == 0
    store.set_setting("unique_references", "0")
    result = desk.send(vouchers(tmp_path, 1, 2, 3))
    assert (result.looked_up, result.confirmed) == (2, 2)
    assert result.look_up_seconds > 0


def test_the_second_connection_to_one_company_may_read_but_not_send(
    desk: Desk, tmp_path: Path
) -> None:
    desk.send(vouchers(tmp_path, 1))
    desk.connected("otra")
    with pytest.raises(SameCompany) as refused:
        desk.send(vouchers(tmp_path, 2), "otra")
    assert refused.value.args == ("otra", "sb")
    journal = desk.open()
    assert pull(journal, "otra", desk.connect(), *JANUARY).lines == 2
    journal.close()
    assert desk.send(vouchers(tmp_path, 2)).confirmed == 1


def test_a_connection_that_reaches_another_company_sends_nothing(
    desk: Desk, store: SandboxStore, tmp_path: Path
) -> None:
    desk.send(vouchers(tmp_path, 1))
    store.set_setting("tax_id", "XAXX010101000")
    with pytest.raises(OtherCompanyThere):
        desk.send(vouchers(tmp_path, 2))
    assert len(_references(store)) == 1


def test_documents_that_stand_twice_in_the_target_are_named_by_the_next_pull(
    desk: Desk, store: SandboxStore, tmp_path: Path
) -> None:
    store.set_setting("unique_references", "0")
    desk.send(vouchers(tmp_path, 1, 2))
    journal = desk.open()
    target = desk.connect()
    row = outbox_rows.every(journal, "sb")[0]
    target.create_entries([documents.reader(journal)(row.document)])  # type: ignore[list-item]
    pull(journal, "sb", target, *JANUARY)
    assert row.external_ref in figures.measure(journal).orphans
    assert any(row.external_ref in alert.text for alert in alerts.standing(journal))
    journal.close()
