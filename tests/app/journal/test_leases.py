"""A claim is one sender's alone, and a sender that lost its claim confirms nothing silently."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.decisions import Retry
from app.intake.importing import import_file
from app.journal import Journal, events, leases, outbox, outbox_rows, overrides, store, verification
from app.journal.leases import Claim, Settlement
from app.journal.outbox import Intent, State
from tests import polizas

HERE, THERE = leases.lease_owner(), "otra-pc|4|1.0|abcd1234"


@pytest.fixture
def queued(journal: Journal, tmp_path: Path) -> Journal:
    """A journal with one document waiting for ``odoo``."""
    path = tmp_path / "polizas.txt"
    path.write_bytes(polizas.file(polizas.balanced(1)))
    import_file(journal, path)
    outbox.enqueue(journal, "odoo", [Intent("F1", 1, "h", {"x": 1})])
    return journal


def claimed(journal: Journal, owner: str, state: State = State.QUEUED) -> Claim:
    return leases.claim(journal, "odoo", owner, state, 1)[0]


def confirmed(claim: Claim, remote: str) -> Settlement:
    return Settlement(
        claim,
        State.CONFIRMED,
        "outbox.confirmed",
        remote_id=remote,
        remote_number=f"POL/{remote}",
    )


def taken_over(journal: Journal) -> tuple[Claim, Claim]:
    """The claim of a sender elsewhere, and that of the one who took its row over and looks up."""
    first = claimed(journal, THERE)
    with journal.writing() as connection:
        connection.exec_driver_sql("UPDATE outbox SET lease_until = '2020-01-01T00:00:00+00:00'")
    assert leases.recover(journal, "odoo") == 1
    return first, claimed(journal, HERE, State.UNCERTAIN)


def row_of(journal: Journal) -> tuple[str, str]:
    row = outbox_rows.of_reference(journal, "odoo", "F1")
    assert row is not None
    return row.state, row.remote_id


def test_each_claim_has_a_higher_number_than_the_one_before(queued: Journal) -> None:
    first, second = taken_over(queued)
    assert first.fence < second.fence
    slept = [replace(claim, taken_at=0.0) for claim in (first, second)]
    assert leases.standing(queued, slept) == slept[1:]


def test_an_answer_that_came_too_late_does_not_confirm_what_another_sends(queued: Journal) -> None:
    first, second = taken_over(queued)
    leases.settle(queued, [confirmed(first, "7")])
    assert row_of(queued) == (State.UNCERTAIN, "")
    leases.settle(queued, [confirmed(second, "7")])
    assert row_of(queued) == (State.CONFIRMED, "7")
    assert verification.verify(queued).problems == []


@pytest.mark.parametrize("late_first", [True, False], ids=["late before", "late after"])
def test_two_documents_confirmed_for_one_row_are_put_before_a_person(
    queued: Journal, late_first: bool
) -> None:
    first, second = taken_over(queued)
    late, known = confirmed(first, "7"), confirmed(second, "8")
    for settlement in (late, known) if late_first else (known, late):
        leases.settle(queued, [settlement])
    row = outbox_rows.of_reference(queued, "odoo", "F1")
    assert row is not None and row.state == State.CONFLICT
    assert "POL/7" in row.error_words and "POL/8" in row.error_words
    assert verification.verify(queued).problems == []


def test_once_a_person_looked_the_one_that_is_left_is_confirmed(queued: Journal) -> None:
    first, second = taken_over(queued)
    leases.settle(queued, [confirmed(first, "7")])
    leases.settle(queued, [confirmed(second, "8")])
    overrides.retry(queued, "F1", "odoo", Retry())
    leases.settle(queued, [confirmed(claimed(queued, HERE, State.UNCERTAIN), "8")])
    assert row_of(queued) == (State.CONFIRMED, "8")


def test_what_was_found_missing_before_the_late_answer_is_looked_up_again(queued: Journal) -> None:
    first, second = taken_over(queued)
    leases.settle(queued, [Settlement(second, State.QUEUED, "outbox.not-found")])
    leases.settle(queued, [confirmed(first, "7")])
    assert row_of(queued)[0] == State.UNCERTAIN
    lost = events.of(queued, subject="F1", kinds=("outbox.lease-lost",))
    assert lost[0].data["remote_id"] == "7"
    assert verification.verify(queued).problems == []


def test_a_refusal_that_came_too_late_changes_nothing(queued: Journal) -> None:
    first, second = taken_over(queued)
    leases.settle(queued, [confirmed(second, "8")])
    leases.settle(queued, [Settlement(first, State.REJECTED, "outbox.rejected")])
    assert row_of(queued) == (State.CONFIRMED, "8")


def test_a_claim_that_ran_out_while_the_machine_slept_is_not_sent(
    queued: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = replace(claimed(queued, HERE), taken_at=0.0)
    assert leases.standing(queued, [claim]) == [claim]
    right = store.instant
    monkeypatch.setattr(store, "instant", lambda: right() + leases.LEASE + timedelta(seconds=1))
    assert leases.standing(queued, [claim]) == []
