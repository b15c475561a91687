"""A round of unattended work: what came is imported, what is ready is sent, what is wrong is told;
killed or told to stop, it goes on where it was.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.agent.jobs import Job
from app.agent.work import Outcome, work_once
from app.company import folders, settings
from app.company.settings import ConnectionSettings
from app.intake import hot_folders
from app.intake.hot_folders import LONGEST_WAIT, QUIET
from app.journal import Journal
from app.month_end import alerts
from app.sending import maps, proposals
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from tests.conftest import POSIX, SAMPLE

NAME = "erp"
Connect = Callable[..., SandboxConnector]
BEGAN = 1_780_000_000.0
ROOT = Path(__file__).parents[3]


@pytest.fixture
def place(tmp_path: Path, journal: Journal) -> Path:
    folder = tmp_path / "entrada"
    folder.mkdir()
    folders.add(journal, folder)
    return folder


def connected(journal: Journal, server: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.add_connection(
        journal, ConnectionSettings(NAME, "sandbox", server.url, user=DEFAULT_USER)
    )
    monkeypatch.setenv(f"CUADRE_SECRET_{NAME.upper()}", DEFAULT_PASSWORD)


def test_a_file_that_came_is_imported_and_sent(
    journal: Journal,
    place: Path,
    sandbox: SandboxServer,
    store: SandboxStore,
    connect: Connect,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connected(journal, sandbox, monkeypatch)
    shutil.copy(SAMPLE, place / "polizas.txt")
    first = work_once(journal, connections=[NAME], now=lambda: BEGAN)
    assert first.outcome is Outcome.DONE
    second = work_once(journal, connections=[NAME], now=lambda: BEGAN + QUIET)
    assert second.outcome is Outcome.WAITS, "no account has a counterpart yet"
    found = proposals.unmapped(journal, NAME, connect())
    maps.accept_suggestions(journal, NAME, found)
    third = work_once(journal, connections=[NAME], now=lambda: BEGAN + QUIET * 2)
    assert third.sent[NAME].confirmed == store.count() == 236
    assert third.outcome is Outcome.WAITS, "two vouchers are blocked"
    assert work_once(journal, connections=[NAME]).sent[NAME].confirmed == 0


def test_an_account_without_the_secret_is_told_what_to_do(
    journal: Journal, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(journal, sandbox, monkeypatch)
    monkeypatch.delenv(f"CUADRE_SECRET_{NAME.upper()}")
    monkeypatch.setattr("app.secrets.load", lambda *_: None)
    report = work_once(journal, connections=[NAME, "otra"])
    assert report.outcome is Outcome.WRONG
    assert "connection check" in report.wrong[NAME] and set(report.wrong) == {NAME, "otra"}


def test_a_target_that_does_not_answer_and_a_folder_that_is_gone_are_told(
    journal: Journal, place: Path, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected(journal, sandbox, monkeypatch)
    sandbox.stop()
    place.rmdir()
    report = work_once(journal, connections=[NAME], now=lambda: BEGAN)
    assert (report.outcome, list(report.silent)) == (Outcome.SILENT, [NAME])
    assert list(report.arrivals.unreachable) == [str(place)]
    standing = {alert.code for alert in alerts.standing(journal)}
    assert "folder-unreachable" in standing


def test_a_file_that_is_held_is_an_alert_until_it_is_gone(journal: Journal, place: Path) -> None:
    (place / "cortado.xml").write_bytes(b"<a><b/>")
    hot_folders.look(journal, lambda: BEGAN)
    hot_folders.look(journal, lambda: BEGAN + LONGEST_WAIT)
    (alert,) = (one for one in alerts.standing(journal) if one.code == "files-held")
    assert "cortado.xml" in alert.text
    (place / "cortado.xml").unlink()
    hot_folders.look(journal, lambda: BEGAN + LONGEST_WAIT + 1)
    assert "files-held" not in {one.code for one in alerts.standing(journal)}


def test_told_to_stop_nothing_new_is_begun(journal: Journal, place: Path) -> None:
    shutil.copy(SAMPLE, place / "polizas.txt")
    report = work_once(journal, connections=[NAME], goes_on=lambda: False)
    assert (report.arrivals.arrivals, report.sent, report.wrong) == ([], {}, {})


def test_only_the_jobs_that_are_asked_for(journal: Journal, place: Path) -> None:
    shutil.copy(SAMPLE, place / "polizas.txt")
    assert work_once(journal, [Job.ALERTS]).arrivals.arrivals == []


@POSIX
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_the_loop_ends_when_the_process_is_told_to(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "app", "--home", str(tmp_path / "home"), "work"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not (tmp_path / "home" / hot_folders.STATE).exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
