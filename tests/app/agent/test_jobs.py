"""Each job once, when it is due, by one runner; what fails is told and keeps no other waiting."""

from __future__ import annotations

import json
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from app.agent import closing, deadman, jobs, rounds, selftest
from app.agent.jobs import Job
from app.agent.rules import NotARule, NoZone
from app.agent.selftest import Check
from app.agent.work import Outcome, work_once
from app.company import folders, settings
from app.company.settings import ConnectionSettings
from app.inbox import refreshing
from app.intake.importing import import_file
from app.journal import Journal, cursors, endpoints, figures, inbox, pulls
from app.journal import jobs as leases
from app.journal.inbox import Door, Hint, State
from app.journal.leases import lease_owner
from app.journal.rows import EndpointRow
from app.journal.store import written
from app.month_end import alerts, history
from app.month_end import figures as four
from app.sending import maps, proposals
from app.sending.push import push
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import ServerClock
from tests.app.conftest import Run
from tests.app.inbox.conftest import Clock, clock
from tests.conftest import SAMPLE

__all__ = ["clock"]
NAME = "erp"


@pytest.fixture(autouse=True)
def _fine_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server tells its time by the second; what was made in this one is to be found at once."""
    monkeypatch.setattr(ServerClock, "now", lambda _: datetime.now(UTC) + timedelta(seconds=1))


@pytest.fixture
def connected(journal: Journal, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Journal:
    kept = ConnectionSettings(NAME, "sandbox", sandbox.url, user=DEFAULT_USER)
    settings.add_connection(journal, kept)
    monkeypatch.setenv("CUADRE_SECRET_ERP", DEFAULT_PASSWORD)
    return journal


@pytest.fixture
def sent(connected: Journal, connect: object) -> Journal:
    """January of the sample, in the sandbox."""
    import_file(connected, SAMPLE)
    target = connect()  # type: ignore[operator]
    maps.accept_suggestions(connected, NAME, proposals.unmapped(connected, NAME, target))
    push(connected, NAME, target)
    return connected


def test_a_job_somebody_is_at_is_left_to_him(journal: Journal) -> None:
    other = lease_owner()
    assert leases.begin(journal, "folders", other)
    report = work_once(journal, [Job.FOLDERS, Job.ALERTS])
    assert (report.busy, report.done) == ([Job.FOLDERS], [Job.ALERTS])
    leases.end(journal, "folders", other, due=None, ok=True)
    assert work_once(journal, [Job.FOLDERS]).done == [Job.FOLDERS]


def test_a_job_of_a_dead_runner_is_taken_over(journal: Journal) -> None:
    node = lease_owner().split("|")[0]
    assert leases.begin(journal, "folders", f"{node}|1|0.0|gone")
    assert work_once(journal, [Job.FOLDERS]).done == [Job.FOLDERS]


def test_two_runners_at_once_do_each_job_once(journal: Journal, tmp_path: Path) -> None:
    """A window and a service on one home."""
    stop, done = threading.Event(), []

    def run() -> None:
        other = settings.open_journal(journal.home)  # type: ignore[arg-type]
        for _ in range(6):
            report = work_once(other, None, only_due=True)
            done.extend(report.done)
        other.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    stop.set()
    assert done.count(Job.ALERTS) == 1
    assert done.count(Job.FIGURES) == 1


def test_jobs_of_the_calendar_wait_for_their_time(connected: Journal, clock: Clock) -> None:
    first = work_once(connected, None)
    assert Job.SWEEP not in first.done and Job.CLOSE not in first.done
    (row,) = [row for row in leases.every(connected) if row.name == "sweep"]
    assert row.due_at and not row.last_done
    assert Job.SWEEP in work_once(connected, [Job.SWEEP]).done


def test_one_wrong_job_keeps_no_other_from_being_done(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("disk on fire")

    monkeypatch.setattr("app.intake.hot_folders.look", broken)
    report = work_once(journal)
    assert report.outcome is Outcome.WRONG
    assert Job.ALERTS in report.done and Job.FOLDERS not in report.done
    assert "disk on fire" in report.wrong["folders"]
    texts = alerts.standing_texts(journal)
    assert any("disk on fire" in text for text in texts), texts


def test_a_company_says_when(journal: Journal) -> None:
    plan = jobs.change(journal, Job.CLOSE, "monthly last working day 20:00", "America/Bogota")
    assert (plan.rule.text, plan.zone.key) == ("monthly last working day 20:00", "America/Bogota")
    for rule, zone, error in (("often", "", NotARule), ("never", "Nowhere/X", NoZone)):
        with pytest.raises(error):
            jobs.change(journal, Job.CLOSE, rule, zone)


def test_what_changed_in_the_target_is_found_and_counted(
    connected: Journal, store: SandboxStore
) -> None:
    store.create_document({"kind": "contact", "reference": "R", "fields": {"name": "Uno"}})
    assert work_once(connected, [Job.POLLS]).polled[NAME].news == 0
    cursors.note(connected, NAME, "contact", due_at=written(datetime.now(UTC)))
    store.change_contact("C00001", {"phone": "1"})
    report = work_once(connected, [Job.POLLS])
    assert report.polled[NAME].news == 1
    inbox.receive(connected, Door.WEBHOOK, NAME, [Hint("h", "x", "contact", "C00001")])
    assert work_once(connected, [Job.INBOX]).processed[NAME].records == 1


def test_a_target_that_is_silent_is_told_and_others_go_on(
    connected: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.add_connection(connected, ConnectionSettings("otra", "sandbox", "http://127.0.0.1:9"))
    monkeypatch.setenv("CUADRE_SECRET_OTRA", "x")
    monkeypatch.setattr("connectors.transport.READ_ATTEMPTS", 1)
    report = work_once(connected, [Job.POLLS])
    assert report.outcome is Outcome.SILENT
    assert set(report.silent) == {"otra"} and NAME in report.polled


def test_books_in_which_something_changed_are_read_again(
    sent: Journal, store: SandboxStore
) -> None:
    work_once(sent, [Job.POLLS])
    work_once(sent, [Job.ORPHANS])
    refreshing.pull(sent, NAME, _target(sent), *JANUARY)
    before = pulls.latest(sent, NAME, JANUARY)
    assert work_once(sent, [Job.BOOKS]).done == [Job.BOOKS]
    assert pulls.latest(sent, NAME, JANUARY) == before
    store._connection.execute("UPDATE entry SET description = 'otra' WHERE id = 5")
    for row in cursors.every(sent, NAME):
        cursors.note(sent, NAME, row.stream, due_at=written(datetime.now(UTC)))
    store._connection.execute("UPDATE entry SET number = 'DIA/X' WHERE id = 5")
    assert work_once(sent, [Job.POLLS]).polled[NAME].news >= 1
    assert work_once(sent, [Job.BOOKS]).done == [Job.BOOKS]
    assert pulls.latest(sent, NAME, JANUARY) != before


def test_a_document_the_target_says_is_gone_is_an_orphan(
    sent: Journal, store: SandboxStore
) -> None:
    work_once(sent, [Job.POLLS])
    assert four.measure(sent).orphans == ()
    (row,) = store._connection.execute("SELECT number, reference FROM entry WHERE id = 7")
    store.delete("entry", row[0])
    for known in cursors.every(sent, NAME):
        cursors.note(sent, NAME, known.stream, due_at=written(datetime.now(UTC)))
    work_once(sent, [Job.POLLS])
    assert four.measure(sent).orphans == (row[1],)


def _target(journal: Journal) -> object:
    from app.company import connecting

    kept = settings.find_connection(journal, NAME)
    return connecting.connect(kept, DEFAULT_PASSWORD, journal=journal)


def _january() -> tuple[object, object]:
    from datetime import date

    return date(2026, 1, 1), date(2026, 1, 31)


JANUARY = _january()


def test_the_close_goes_as_far_as_no_person_is_needed(sent: Journal) -> None:
    early = closing.close(sent, NAME, _target(sent), period="2026-01")  # type: ignore[arg-type]
    assert (early.waits, early.settled) == ("polls", False)
    work_once(sent, [Job.POLLS])
    found = closing.close(sent, NAME, _target(sent), period="2026-01")  # type: ignore[arg-type]
    assert found.waits == ""
    assert len(found.reconciled) == 1 and Path(found.papers[0]).exists()
    assert closing.last(sent)[0].period == "2026-01"
    raised = " ".join(one.text for one in alerts.standing(sent))
    assert "Close of 2026-01" in raised


def test_the_close_waits_for_files_that_are_still_coming(sent: Journal, tmp_path: Path) -> None:
    place = tmp_path / "entrada"
    place.mkdir()
    folders.add(sent, place)
    shutil.copy(SAMPLE, place / "polizas.txt")
    work_once(sent, [Job.FOLDERS])
    found = closing.close(sent, NAME, _target(sent), period="2026-01")  # type: ignore[arg-type]
    assert (found.waits, found.reconciled) == ("files", [])


def test_the_self_test_names_what_this_account_lacks(
    connected: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "compartida"
    place.mkdir()
    folders.add(connected, place)
    assert all(one.is_ok for one in selftest.test(connected))
    place.rmdir()
    monkeypatch.delenv("CUADRE_SECRET_ERP")
    wrong = {one.check for one in selftest.test(connected) if not one.is_ok}
    assert wrong == {Check.FOLDER, Check.SECRET}
    assert selftest.last_test(connected)[2] is False  # type: ignore[index]


def test_a_keyring_that_fails_is_no_secret_and_no_traceback(
    connected: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows' error 1312 in a service: the logon session does not exist."""
    import keyring

    monkeypatch.delenv("CUADRE_SECRET_ERP")

    def no_session(*_: object) -> None:
        raise OSError(1312, "A specified logon session does not exist")

    monkeypatch.setattr(keyring, "get_password", no_session)
    report = work_once(connected, [Job.SEND], [NAME])
    assert report.outcome is Outcome.WRONG
    assert "has no secret" in report.wrong[NAME]


def test_a_credential_of_the_service_manager_is_a_secret(
    connected: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUADRE_SECRET_ERP")
    (tmp_path / NAME).write_text(DEFAULT_PASSWORD + "\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = [one for one in selftest.test(connected) if one.check is Check.TARGET]
    assert [one.is_ok for one in found] == [True]


def test_the_dead_mans_switch_is_told_after_a_good_round_only(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(deadman, "address", lambda _: "https://alive.example/x")

    def get(url: str, **_: object) -> httpx.Response:
        told.append(url)
        return httpx.Response(200)

    monkeypatch.setattr(httpx, "get", get)
    work_once(journal)
    assert told == ["https://alive.example/x"]
    monkeypatch.setattr("app.intake.hot_folders.look", lambda *_: 1 / 0)
    work_once(journal)
    assert len(told) == 1
    assert deadman.is_address("https://x.example/y") and not deadman.is_address("x y")


def test_what_nobody_would_notice_is_an_alert(connected: Journal, clock: Clock) -> None:
    journal = connected
    dead = Hint("d", "x", "contact", "1", state=State.DEAD, words="?")
    inbox.receive(journal, Door.WEBHOOK, NAME, [dead])
    endpoints.open_one(journal, EndpointRow("a" * 64, NAME, "standard", "", "", ""))
    inbox.receive(
        journal, Door.POLL, NAME, [Hint("p", "contact.changed", "contact", "2", state=State.DONE)]
    )
    words = json.dumps({"code": "sweep-guard", "count": 30, "of": 30})
    cursors.note(journal, NAME, "#contact", words=words)
    figures.keep(journal, {(NAME, "clock"): 250_000, (NAME, "refused"): 21})
    settings.put(journal, "schedules", '[{"name": "x"}]')
    assert leases.begin(journal, "alerts", lease_owner())
    clock.forward(minutes=5)
    codes = {one.code for one in alerts.standing(journal)}
    assert {"events-dead", "sweep-guard", "clock-behind", "signatures-refused"} <= codes
    clock.forward(minutes=40)
    codes = {one.code for one in alerts.standing(journal)}
    assert {"webhooks-lost", "work-stopped"} <= codes
    assert all(one.text for one in alerts.standing(journal))


def test_figures_are_kept_by_the_minute_and_read_by_the_hour(sent: Journal) -> None:
    history.keep(sent, four.measure(sent), {NAME: 1.5})
    found = history.read(sent, timedelta(hours=24))
    assert sum(found.buckets.values()) == 236
    assert found.outcomes["ok"] == 236
    assert found.p95 is not None and 0 < found.p95 <= 300
    assert history.clocks_kept(sent) == {NAME: 1.5}
    history.keep(sent, four.measure(sent))
    assert sum(history.read(sent, timedelta(hours=24)).buckets.values()) == 236


def test_percentiles_are_of_all_documents_not_of_percentiles() -> None:
    """Nine fast hours of one document and one slow hour of a hundred: the slow one decides."""
    fast, slow = figures.bucket_of(3), figures.bucket_of(800)
    assert figures.percentile({fast: 9, slow: 100}, 0.5) > 300  # type: ignore[operator]
    assert figures.percentile({fast: 100}, 0.95) == pytest.approx(4.75)
    assert figures.percentile({}, 0.5) is None
    assert figures.percentile({figures.bucket_of(1e9): 1}, 0.5) == 3_600


def test_the_loop_ends_when_told(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "EVERY", 0.01)
    stop, seen = threading.Event(), []

    def tell(report: object) -> None:
        seen.append(report)
        if len(seen) == 3:
            stop.set()

    rounds.go_on(journal, stop, (), (), tell)
    assert len(seen) == 3


def test_the_commands_say_what_goes_on(run: Run, connected: Journal) -> None:
    status, found = run("work", "--once", "--json")
    assert status == 0 and "polls" in found["jobs"]
    assert run("jobs", "set", "close", "monthly day 3 20:00")[0] == 0
    assert run("jobs", "set", "close", "mañana")[0] == 2
    _, listed = run("jobs", "list", "--json")
    assert {"job": "close", "rule": "monthly day 3 20:00"}.items() <= next(
        one for one in listed if one["job"] == "close"
    ).items()
    assert run("sync", "set", NAME, "documents", "5")[0] == 0
    _, rates = run("sync", "list", "--json")
    assert rates[0]["documents"] == 300
    assert run("sync", "set", "nadie", "documents", "5")[0] == 2
    status, made = run("door", "add", NAME, "odoo", "--json")
    assert status == 0 and made["path"].startswith("/in/")
    assert run("door", "add", NAME, "stripe")[0] == 2
    _, open_ones = run("door", "list", "--json")
    assert [one["vendor"] for one in open_ones] == ["odoo"]
    assert run("door", "close", open_ones[0]["id"])[0] == 0
    assert run("inbox", "look", "nadie", "contact", "C1")[0] == 2, "nobody would look at it"
    assert run("inbox", "look", NAME, "contact", "C1")[0] == 0
    status, came = run("inbox", "list", "--json")
    assert came["counts"]["new"] == 1
    number = came["rows"][0]["id"]
    assert run("inbox", "show", number)[0] == 0
    assert run("inbox", "show", 999)[0] == 2
    assert run("inbox", "skip", number, "no sirve")[0] == 0
    assert run("inbox", "skip", number, " ")[0] == 2
    assert run("inbox", "retry", number)[0] == 0
    assert run("inbox", "replay", "--since", "1d")[0] == 0
    assert run("inbox", "replay", "--since", "ayer")[0] == 2
    assert run("inbox", "erase", NAME, "contact", "C1", "lo pidió")[0] == 0
    assert run("inbox", "rebuild", NAME)[0] == 0
    assert run("inbox", "rebuild", "nadie")[0] == 2
    assert run("status", "--since", "7d", "--json")[1]["history"]["hours"]
    assert run("status", "--since", "x")[0] == 2
    assert run("schedule", "test", "--json")[0] == 0
    assert run("schedule", "list", "--json")[1]["tested"]["ok"] is True
    assert run("schedule", "remove")[0] == 2
    written = Path(connected.home or ".") / "tarea.xml"
    assert run("schedule", "write", "desktop", "--out", written)[0] == 0
    assert written.read_bytes().startswith(b"\xff\xfe")
    assert run("contacts", "sync", NAME, NAME)[0] == 2
    assert run("contacts", "link", NAME, "nadie")[0] == 2
    assert run("payments", "list")[0] == 0


def test_a_close_that_has_to_wait_is_tried_again_and_told_after_hours(
    connected: Journal, clock: Clock
) -> None:
    jobs.change(connected, Job.CLOSE, "monthly day 1 06:00")
    report = work_once(connected, [Job.CLOSE], [NAME])
    assert report.closed[NAME].waits == "polls"
    (row,) = [row for row in leases.every(connected) if row.name == "close"]
    assert datetime.fromisoformat(row.due_at) - clock.at <= timedelta(minutes=10)
    clock.forward(hours=4)
    work_once(connected, [Job.CLOSE], [NAME])
    assert "close-waits" in {one.code for one in alerts.standing(connected)}


def test_a_month_nobody_imported_is_not_closed(connected: Journal) -> None:
    work_once(connected, [Job.POLLS])
    found = closing.close(connected, NAME, _target(connected), period="2026-01")  # type: ignore[arg-type]
    assert (found.waits, found.settled, found.reconciled) == ("", False, [])
    assert not [one for one in alerts.standing(connected) if one.code.startswith("close")]


def test_the_month_is_that_of_the_companys_clocks() -> None:
    from datetime import date

    assert closing.month_before(date(2026, 3, 31)) == "2026-02"
    assert closing.month_before(date(2026, 1, 1)) == "2025-12"


def test_a_changed_rule_gives_a_new_time(journal: Journal, clock: Clock) -> None:
    jobs.change(journal, Job.CLOSE, "monthly day 4 06:00", "America/Bogota")
    jobs.change(journal, Job.CLOSE, "daily 06:00", "America/Bogota")
    (row,) = [row for row in leases.every(journal) if row.name == "close"]
    assert row.due_at.startswith("2026-03-02T11:00")
    jobs.change(journal, Job.CLOSE, "never")
    jobs.change(journal, Job.FIGURES, "every 24 h")
    assert Job.FIGURES in work_once(journal).done
    assert Job.FIGURES not in work_once(journal).done


def test_one_connection_that_breaks_keeps_no_other_waiting(
    connected: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = settings.find_connection(connected, NAME).url
    other = ConnectionSettings("aa", "sandbox", url, user=DEFAULT_USER)
    settings.add_connection(connected, other)
    monkeypatch.setenv("CUADRE_SECRET_AA", DEFAULT_PASSWORD)
    from app.inbox import polling

    due = polling.due

    def broken(journal: Journal, kept: ConnectionSettings, kinds: object) -> object:
        if kept.name == "aa":
            raise OverflowError("date value out of range")
        return due(journal, kept, kinds)  # type: ignore[arg-type]

    monkeypatch.setattr(polling, "due", broken)
    report = work_once(connected, [Job.POLLS])
    assert NAME in report.polled and "out of range" in report.wrong["aa"]


def test_every_hour_keeps_its_last_figure(journal: Journal, clock: Clock) -> None:
    """Rounds at :07 :22 :37 :52, as a scheduler's: nothing of what is promised is thinned away."""
    clock.forward(minutes=7)
    for _ in range(6 * 96):
        figures.keep(journal, {("", "queued"): 1})
        clock.forward(minutes=15)
    points = figures.points(journal, ("queued",), "")
    hours = {point.at[:13] for point in points}
    assert len(hours) == 6 * 24
    assert len(points) < 6 * 24 + 3 * 2 * 24 + 24


def test_a_document_that_was_sent_after_all_is_not_refused_too(sent: Journal) -> None:
    with sent.writing() as transaction:
        transaction.exec_driver_sql(
            "UPDATE outbox SET state = 'rejected' WHERE id = 3 AND state = 'confirmed'"
        )
    history.keep(sent, four.measure(sent))
    assert history.read(sent, timedelta(hours=24)).outcomes["refused_documents"] == 1
    with sent.writing() as transaction:
        transaction.exec_driver_sql("UPDATE outbox SET state = 'confirmed' WHERE id = 3")
    history.keep(sent, four.measure(sent))
    found = history.read(sent, timedelta(hours=24)).outcomes
    assert found.get("refused_documents", 0) == 0


def test_what_could_not_be_delivered_is_tried_in_three_more_rounds(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[str]] = []

    def send(given: list[str], _title: str, body: str) -> list[str]:
        assert "set apart" in body
        sent.append(list(given))
        return ["slack"]

    monkeypatch.setattr(alerts, "addresses", lambda _: ["mailto://a@b.mx", "slack://x"])
    monkeypatch.setattr(alerts, "send", send)
    dead = Hint("d", "x", "contact", "1", state=State.DEAD, words="?")
    inbox.receive(journal, Door.WEBHOOK, "sb", [dead])
    for _ in range(8):
        alerts.update(journal)
    assert sent == [["mailto://a@b.mx", "slack://x"], *[["slack://x"]] * alerts.TRIED_AGAIN]


def test_events_nobody_can_look_at_are_an_alert_and_no_failure_of_the_work(
    connected: Journal, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This account has no secret of the connection; another may."""
    monkeypatch.delenv("CUADRE_SECRET_ERP")
    inbox.receive(connected, Door.WEBHOOK, NAME, [Hint("h", "x", "contact", "C00001")])
    report = work_once(connected, [Job.INBOX])
    assert (report.outcome, report.wrong) == (Outcome.DONE, {})
    assert "events-stuck" not in {one.code for one in alerts.standing(connected)}
    clock.forward(minutes=16)
    assert "events-stuck" in {one.code for one in alerts.standing(connected)}


def test_two_jobs_that_lack_one_secret_are_both_told(
    connected: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUADRE_SECRET_ERP")
    monkeypatch.setattr(refreshing, "sending", lambda _: [NAME])
    work_once(connected, [Job.SEND, Job.ORPHANS], [NAME])
    failed = {row.name for row in leases.every(connected) if not row.last_ok}
    assert failed == {"send", "orphans"}
