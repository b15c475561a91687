"""What people decide about documents, who may decide it, and that the journal says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from app.company import policy
from app.company.policy import Approval, OwnWork, Policy
from app.decisions import Skip
from app.intake.importing import import_file
from app.journal import (
    Journal,
    events,
    leases,
    listings,
    outbox,
    outbox_rows,
    overrides,
    roles,
    verification,
)
from app.journal.outbox import State
from app.journal.overrides import NotDecidable, ReasonMissing
from app.journal.roles import NoAdministrator, NotAllowed, Role
from app.month_end.story import document_story
from app.sending import conflicts, maps, preflight, proposals
from app.sending.difference_words import said_together
from app.sending.preflight import Problem
from app.sending.pull import pull
from app.sending.push import push
from app.translation import set_language
from connectors import EntryLine, JournalEntry, RemoteRecord
from connectors.comparison import differences as compared
from connectors.sandbox import SandboxConnector, SandboxStore
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import SAMPLE

Connect = Callable[..., SandboxConnector]
FIRST = "EMPRESA/contpaqi/3/2026-01/1"


@pytest.fixture
def three(journal: Journal, connect: Connect, tmp_path: Path) -> Journal:
    """Three balanced vouchers, mapped."""
    path = tmp_path / "tres.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in (1, 2, 3)]))
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    return journal


def actor(journal: Journal, name: str) -> None:
    journal.__dict__["actor"] = name


def problems(journal: Journal, target: SandboxConnector) -> set[Problem]:
    return {problem for problem, _ in preflight.check(journal, "sandbox", target).obstacles}


def row(journal: Journal, reference: str) -> str:
    return next(
        item.state
        for item in outbox_rows.queue(journal, "sandbox")
        if item.external_ref == reference
    )


def test_a_skipped_document_stays_out_and_can_be_taken_up_again(
    three: Journal, connect: Connect, store: SandboxStore
) -> None:
    with pytest.raises(ReasonMissing):
        conflicts.skip(three, "sandbox", FIRST, "  ")
    conflicts.skip(three, "sandbox", FIRST, "se capturó a mano en el ERP")
    result = push(three, "sandbox", connect())
    assert (result.confirmed, result.skipped, result.waiting, store.count()) == (2, 1, 0, 2)
    assert result.clean
    conflicts.retry(three, "sandbox", FIRST)
    assert push(three, "sandbox", connect()).confirmed == 1
    assert store.count() == 3
    assert verification.verify(three).ok


def test_a_document_nobody_could_map_can_be_skipped_too(journal: Journal, connect: Connect) -> None:
    import_file(journal, SAMPLE)
    conflicts.skip(journal, "sandbox", FIRST, "empresa anterior")
    assert FIRST in push(journal, "sandbox", connect(), dry_run=True).preflight.skipped
    with pytest.raises(NotDecidable):
        conflicts.skip(journal, "sandbox", "EMPRESA/contpaqi/9/2026-01/999", "no existe")


def test_the_same_reference_with_other_content_is_shown_side_by_side_and_linked(
    three: Journal, connect: Connect, store: SandboxStore
) -> None:
    target = connect()
    lines = (
        EntryLine("102.01", Decimal("90.00"), Decimal("0")),
        EntryLine("401.01", Decimal("0"), Decimal("90.00")),
    )
    other = JournalEntry(FIRST, date(2026, 1, 5), "DIA", "a mano", lines)
    target.create_entries([other])
    result = push(three, "sandbox", target)
    assert (result.confirmed, result.rejected) == (2, 1)
    assert row(three, FIRST) == "conflict"
    found = conflicts.compare(three, "sandbox", target, FIRST)
    assert len(found.theirs) == 1
    assert any("account" in text for text in found.differences[0])
    with pytest.raises(ReasonMissing):
        conflicts.link(three, "sandbox", target, FIRST, "", "")
    record = conflicts.link(
        three, "sandbox", target, FIRST, "", "el importe correcto es el del ERP"
    )
    assert row(three, FIRST) == "confirmed"
    event = events.of(three, subject=FIRST)[-1]
    assert event.kind == "outbox.linked"
    assert event.data["remote_id"] == record.remote_id and "importe correcto" in event.text
    assert verification.verify(three).ok
    assert push(three, "sandbox", target).confirmed == 0
    assert store.count() == 3


def test_a_document_typed_by_hand_is_found_by_its_number(
    three: Journal, connect: Connect, store: SandboxStore
) -> None:
    target = connect()
    lines = (
        EntryLine("102.01", Decimal("90.00"), Decimal("0")),
        EntryLine("401.01", Decimal("0"), Decimal("90.00")),
    )
    made = target.create_entries([JournalEntry("OTRA", date(2026, 1, 5), "DIA", "a mano", lines)])
    number = made[0].number  # type: ignore[union-attr]
    with pytest.raises(conflicts.NotThere):
        conflicts.link(three, "sandbox", target, FIRST, "NO/EXISTE", "no")
    conflicts.link(three, "sandbox", target, FIRST, number, "ya estaba capturada")
    result = push(three, "sandbox", target)
    assert (result.confirmed, result.already, store.count()) == (2, 1, 3)
    assert verification.verify(three).ok


def test_an_answer_that_is_lost_cannot_be_skipped_before_it_was_looked_up(
    three: Journal, connect: Connect
) -> None:
    found = preflight.check(three, "sandbox", connect())
    outbox.enqueue(three, "sandbox", found.intents)
    claims = leases.claim(three, "sandbox", leases.lease_owner(), State.QUEUED, 1)
    with pytest.raises(NotDecidable):
        overrides.skip(three, claims[0].external_ref, "sandbox", Skip("ya no"))
    leases.settle(three, [leases.Settlement(claims[0], State.UNCERTAIN, "outbox.uncertain")])
    with pytest.raises(NotDecidable):
        overrides.skip(three, claims[0].external_ref, "sandbox", Skip("ya no"))


def test_a_skip_nobody_decided_is_found(three: Journal, connect: Connect) -> None:
    push(three, "sandbox", connect())
    with three.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'skipped' WHERE id = 1")
    assert any("is called skipped" in problem for problem in verification.verify(three).problems)


def test_as_long_as_nobody_has_a_role_everybody_may_and_the_first_becomes_administrator(
    journal: Journal,
) -> None:
    actor(journal, "ana@caja-1")
    assert all(roles.may(journal, role) for role in Role)
    roles.give(journal, "beto", [Role.IMPORT])
    assert roles.people(journal) == {"ana": {Role.ADMIN}, "beto": {Role.IMPORT}}
    with pytest.raises(NoAdministrator):
        roles.give(journal, "ana", [Role.IMPORT])
    actor(journal, "beto@caja-2")
    assert roles.may(journal, Role.READ) and not roles.may(journal, Role.PUSH)
    with pytest.raises(NotAllowed):
        roles.give(journal, "beto", [Role.ADMIN])
    actor(journal, "intruso@caja-3")
    assert not roles.may(journal, Role.READ)


def test_who_may_only_import_cannot_send_and_the_other_way_round(
    three: Journal, connect: Connect
) -> None:
    actor(three, "ana@caja-1")
    roles.give(three, "beto", [Role.IMPORT])
    roles.give(three, "caro", [Role.PUSH])
    actor(three, "beto@caja-2")
    with pytest.raises(NotAllowed):
        push(three, "sandbox", connect())
    with pytest.raises(NotAllowed):
        pull(three, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    actor(three, "caro@caja-3")
    with pytest.raises(NotAllowed):
        import_file(three, SAMPLE)
    assert push(three, "sandbox", connect()).confirmed == 3


def test_maker_and_checker_are_two_people(three: Journal, connect: Connect) -> None:
    maker = three.actor
    policy.change(three, Policy(approval="other"), "control interno")
    assert problems(three, connect()) == {Problem.NOT_APPROVED}
    assert push(three, "sandbox", connect()).confirmed == 0
    with pytest.raises(OwnWork):
        policy.approve(three, 1, Approval.SENDING, "revisado")
    actor(three, maker.partition("@")[0] + "@otra-maquina")
    with pytest.raises(OwnWork):
        policy.approve(three, 1, Approval.SENDING, "revisado")
    actor(three, "otra-persona@caja-9")
    with pytest.raises(ReasonMissing):
        policy.approve(three, 1, Approval.SENDING, "")
    policy.approve(three, 1, Approval.SENDING, "revisado contra el soporte")
    assert push(three, "sandbox", connect()).confirmed == 3


def test_a_file_with_errors_goes_in_part_or_not_at_all_until_it_is_let_go(
    journal: Journal, connect: Connect
) -> None:
    import_file(journal, SAMPLE)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    policy.change(journal, Policy(errors="file"), "política de la empresa")
    held = push(journal, "sandbox", connect())
    assert (held.confirmed, held.waiting) == (0, 238)
    policy.approve(journal, 1, Approval.ERRORS, "las dos bloqueadas se corrigen en febrero")
    assert push(journal, "sandbox", connect()).confirmed == 236


def test_vouchers_with_warnings_wait_for_somebody_who_accepts_them(
    journal: Journal, connect: Connect, tmp_path: Path
) -> None:
    path = tmp_path / "viejas.txt"
    path.write_bytes(polizas.file(polizas.balanced(1), polizas.balanced(2)))
    import_file(journal, path)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", connect()))
    with journal.writing() as connection:
        connection.exec_driver_sql(
            'INSERT INTO finding (batch_id, document_id, line, "column", severity, code,'
            " parameters) VALUES (1, 1, 1, 0, 'warning', 'rfc-invalid', '{}')"
        )
    policy.change(journal, Policy(warnings="ask"), "cierre anual")
    result = push(journal, "sandbox", connect())
    assert (result.confirmed, result.waiting) == (1, 1)
    policy.approve(journal, 1, Approval.WARNINGS, "el RFC es extranjero")
    assert push(journal, "sandbox", connect()).confirmed == 1


def test_the_story_of_a_document_goes_from_the_file_to_the_reconciliation(
    three: Journal, connect: Connect
) -> None:
    from app.reconciling.runs import reconcile

    push(three, "sandbox", connect())
    pull(three, "sandbox", connect(), date(2026, 1, 1), date(2026, 1, 31))
    reconcile(three, "batch:1", "pull:sandbox")
    told = [moment.what for moment in document_story(three, FIRST)]
    assert told == [
        "read from a file",
        "queued",
        "mapped to the target",
        "sending",
        "confirmed by the target",
        "reconciled: matched",
    ]
    assert all(moment.actor == three.actor for moment in document_story(three, FIRST))


def test_from_the_command_line(
    run: Run, home: Path, connect: Connect, tmp_path: Path, sandbox: object
) -> None:
    path = tmp_path / "tres.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in (1, 2, 3)]))
    run("import", path)
    url = sandbox.url  # type: ignore[attr-defined]
    assert (
        run("connection", "add", "sb", "--system", "sandbox", "--url", url, "--user", "contador")[0]
        == 0
    )
    run("map", "accept", "--connection", "sb")
    assert run("queue", "skip", "--connection", "sb", FIRST, "--reason", " ")[0] == 2
    assert run("queue", "skip", "--connection", "sb", FIRST, "--reason", "a mano")[0] == 0
    assert run("push", "--connection", "sb", "--json")[1]["skipped"] == [FIRST]
    listed = run("queue", "list", "--connection", "sb", "--json")[1]
    assert [(item["reference"], item["state"]) for item in listed] == [(FIRST, "skipped")]
    assert "retry takes it up again" in run("queue", "list", "--connection", "sb")[1]
    assert "no existe" not in run("queue", "show", "--connection", "sb", FIRST)[1]
    assert (
        run("queue", "link", "--connection", "sb", FIRST, "--reason", "x", "--number", "NO")[0] == 2
    )
    assert run("queue", "retry", "--connection", "sb", FIRST)[0] == 0
    assert run("push", "--connection", "sb", "--json")[1]["confirmed"] == 1
    shown = run("queue", "show", "--connection", "sb", FIRST, "--json")[1]
    assert shown["theirs"][0]["differences"] == []
    assert run("policy", "--approval", "other", "--reason", "control")[0] == 0
    status, text = run("approve", "1", "--reason", "ok", lang="es")
    assert status == 2 and "otra persona" in text
    assert run("role", "give", "beto", "import", "push", "--reason", "alta")[0] == 0
    assert set(run("role", "list", "--json")[1]) >= {"beto"}
    assert "se puede" not in run("search", "102010001", lang="es")[1]
    assert run("search", "zzzzz")[0] == 1


def test_a_voucher_that_changed_after_sending_is_shown_as_a_difference_and_not_sent(
    three: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    push(three, "sandbox", connect())
    path = tmp_path / "corregida.txt"
    path.write_bytes(polizas.file(polizas.balanced(1, "250.00")))
    import_file(three, path)
    result = push(three, "sandbox", connect())
    assert (result.confirmed, store.count()) == (0, 3)
    assert (Problem.CHANGED_AFTER_SENDING, FIRST) in result.preflight.obstacles
    found = conflicts.compare(three, "sandbox", connect(), FIRST)
    assert found.differences == [[]]
    assert len(found.changed) == 2 and all("250.00" in text for text in found.changed)


def test_who_one_is_says_the_system_not_the_environment(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "jefe")
    assert not Journal(journal.path or "").actor.startswith("jefe@")


def test_skipping_and_taking_up_again_is_no_way_round_an_approval(
    three: Journal, connect: Connect
) -> None:
    policy.change(three, Policy(approval="other"), "control interno")
    conflicts.skip(three, "sandbox", FIRST, "x")
    conflicts.retry(three, "sandbox", FIRST)
    assert push(three, "sandbox", connect()).confirmed == 0
    actor(three, "otra-persona@caja-9")
    policy.approve(three, 1, Approval.SENDING, "revisado")
    assert push(three, "sandbox", connect()).confirmed == 3


def test_what_was_queued_before_a_policy_waits_for_it_too(three: Journal, connect: Connect) -> None:
    outbox.enqueue(three, "sandbox", preflight.check(three, "sandbox", connect()).intents)
    policy.change(three, Policy(approval="other"), "control interno")
    result = push(three, "sandbox", connect())
    assert (result.confirmed, result.waiting) == (0, 3)


def test_a_corrected_file_is_never_overtaken_by_what_stood_in_the_queue(
    three: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    found = preflight.check(three, "sandbox", connect())
    outbox.enqueue(three, "sandbox", found.intents)
    claims = leases.claim(three, "sandbox", leases.lease_owner(), State.QUEUED, 3)
    leases.settle(
        three, [leases.Settlement(claim, State.CONFLICT, "outbox.conflict") for claim in claims]
    )
    path = tmp_path / "corregida.txt"
    path.write_bytes(polizas.file(polizas.balanced(1, "250.00")))
    import_file(three, path)
    push(three, "sandbox", connect(), retry=True)
    push(three, "sandbox", connect(), retry=True)
    (entry,) = connect().find_entries([JournalEntry(FIRST, date(2026, 1, 5), "", "", ())])[FIRST]
    assert max(line.debit for line in entry.lines) == Decimal("250.00")
    assert store.count() == 3


def test_one_document_of_the_target_is_not_linked_twice(three: Journal, connect: Connect) -> None:
    target = connect()
    push(three, "sandbox", target)
    with three.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET state = 'conflict' WHERE id = 1")
    number = next(
        item.remote_number
        for item in outbox_rows.queue(three, "sandbox")
        if item.external_ref != FIRST
    )
    with pytest.raises(overrides.LinkedAlready):
        conflicts.link(three, "sandbox", target, FIRST, number, "confusión")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE outbox SET state = 'queued' WHERE id = 1",
        "UPDATE outbox SET payload = '{}' WHERE id = 2",
        "UPDATE outbox SET content_hash = 'x' WHERE id = 3",
        "UPDATE setting SET value = 'OTRA' WHERE name = 'company'",
        "UPDATE mapping SET target = '999' WHERE kind = 'account'",
        "DELETE FROM mapping",
        "UPDATE connection SET url = 'http://otro'",
        "DELETE FROM setting WHERE name = 'policy.approval'",
    ],
)
def test_verify_notices_what_was_changed_behind_the_events(
    three: Journal, connect: Connect, statement: str
) -> None:
    from app.company import settings
    from app.company.settings import ConnectionSettings

    settings.add_connection(three, ConnectionSettings("otra", "odoo", "https://odoo.example"))
    policy.change(three, Policy(errors="file", approval="none"), "x")
    policy.change(three, Policy(errors="valid", approval="other"), "x")
    policy.change(three, Policy(), "x")
    push(three, "sandbox", connect())
    assert verification.verify(three).ok
    with three.writing() as connection:
        connection.exec_driver_sql(statement)
    assert not verification.verify(three).ok


def test_who_may_only_read_changes_no_map_and_no_journal(
    run: Run, home: Path, tmp_path: Path
) -> None:
    run("import", SAMPLE)
    assert run("journal", "backup", tmp_path / "copia.db")[0] == 0
    run(
        "connection",
        "add",
        "sb",
        "--system",
        "sandbox",
        "--url",
        "http://127.0.0.1:9",
        "--user",
        "contador",
    )
    assert run("role", "give", "otra", "admin")[0] == 0
    me = Journal(home / "journal.db").actor.partition("@")[0]
    journal = Journal(home / "journal.db")
    actor(journal, "otra@caja-1")
    roles.give(journal, me, [Role.READ])
    assert run("map", "set", "account", "1", "2", "--connection", "sb")[0] == 2
    assert run("journal", "restore", tmp_path / "copia.db")[0] == 2
    assert run("status")[0] in (0, 1)


def test_archived_documents_are_not_sent_empty_to_another_target(
    three: Journal, connect: Connect, store: SandboxStore, tmp_path: Path
) -> None:
    from app.journal import compaction

    push(three, "sandbox", connect())
    compaction.compact(three, "2999-01-01", tmp_path / "a.zip")
    maps.accept_suggestions(three, "otra", proposals.unmapped(three, "otra", connect()))
    result = push(three, "otra", connect())
    assert {problem for problem, _ in result.preflight.obstacles} == {Problem.ARCHIVED}
    assert store.count() == 3


def test_a_row_another_sender_took_meanwhile_is_not_vouched_for_anew(
    three: Journal, connect: Connect
) -> None:
    found = preflight.check(three, "sandbox", connect())
    outbox.enqueue(three, "sandbox", found.intents)
    leases.claim(three, "sandbox", leases.lease_owner(), State.QUEUED, 3)
    for intent in found.intents:
        outbox.refresh_payload(
            three, "sandbox", replace(intent, payload={**intent.payload, "journal": "OTRO"})
        )
    assert verification.verify(three).ok
    assert "outbox.remapped" not in {row.kind for row in listings.event_rows(three)}


def test_differences_are_said_in_the_language_of_the_reader(
    three: Journal, connect: Connect, run: Run
) -> None:
    ours = JournalEntry(
        FIRST, date(2026, 1, 5), "DIA", "", (EntryLine("1", Decimal(1), Decimal(0)),)
    )
    theirs = RemoteRecord(
        "1", "1", FIRST, date(2026, 1, 6), "posted", (EntryLine("1", Decimal(2), Decimal(0)),)
    )
    found = compared(ours, theirs)
    assert found == ["date 2026-01-05 ≠ 2026-01-06", "account 1: 1.00 ≠ 2.00"]
    assert said_together(found) == "; ".join(found)
    set_language("es")
    assert said_together(found) == "fecha 2026-01-05 ≠ 2026-01-06; cuenta 1: 1.00 ≠ 2.00"
