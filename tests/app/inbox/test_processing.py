"""What is hinted at is read from its system, once, and kept as it is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from app.journal import cursors, inbox, inbox_leases, verification
from app.journal.inbox import Door, Hint, State
from app.journal.inbox_leases import Finished
from app.journal.leases import lease_owner
from app.journal.rows import SeenRow
from connectors import Kind
from connectors.documents import Change, RemoteRecord
from connectors.errors import Rejected, Unauthorized, Unavailable
from connectors.sandbox.store import Faults
from tests.app.inbox.conftest import Office

Calls = Callable[[], list[str]]


def known(office: Office) -> Mapping[str, str]:
    """Contact → since when it is gone."""
    with office.journal.reading() as transaction:
        ids = [f"C{n:05d}" for n in range(1, 40)]
        found = cursors.seen(transaction, "sb", "contact", ids)
    return {number: row.gone_at for number, row in found.items()}


def test_many_hints_at_one_record_are_one_reading(office: Office, calls: Calls) -> None:
    code = office.contact(1)
    office.hint("contact", code, n=5)
    done = office.process()
    assert calls() == [code]
    assert (done.records, done.news) == (1, 1)
    assert office.counts == {"done": 5}


def test_a_repeat_adds_no_row_and_counts(office: Office) -> None:
    hint = Hint("evt_1", "contact.updated", "contact", office.contact(1))
    assert office.put(hint).new == 1
    for _ in range(3):
        again = office.put(hint)
        assert (again.new, again.repeated) == (0, 1)
    (row,) = inbox.rows(office.journal)
    assert row.deliveries == 4


def test_what_is_known_already_is_stale(office: Office) -> None:
    code = office.contact(1)
    office.hint("contact", code)
    office.process()
    office.clock.forward(hours=1)
    office.hint("contact", code)
    assert office.process().news == 0
    assert office.counts == {"done": 1, "stale": 1}


def test_events_out_of_order_leave_what_the_system_says(office: Office) -> None:
    code = office.contact(1, phone="0101")
    office.hint("contact", code, "phone 0102")
    office.hint("contact", code, "phone 0101")
    office.store.change_contact(code, {"phone": "0102"})
    office.process()
    office.clock.forward(minutes=1)
    office.hint("contact", code, "phone 0101 again")
    assert office.process().news == 0


def test_a_reading_older_than_what_is_known_changes_nothing(office: Office) -> None:
    code = office.contact(1)
    office.clock.forward(minutes=5)
    office.store.change_contact(code, {"phone": "0102"})
    office.hint("contact", code)
    office.process()
    before = cursors.all_seen(office.journal, "sb")
    office.store._connection.execute("UPDATE change SET at = at - 300")
    office.store._connection.execute("UPDATE document SET body = replace(body, '0102', '0101')")
    office.store._connection.execute("UPDATE change SET at = at - 300")
    office.hint("contact", code, "late replica")
    office.process()
    assert cursors.all_seen(office.journal, "sb") == before


def test_what_is_deleted_is_gone_and_comes_back_when_it_does(office: Office) -> None:
    code = office.contact(1)
    office.hint("contact", code)
    office.process()
    office.store.delete("contact", code)
    office.clock.forward(minutes=5)
    office.hint("contact", code, "contact.deletion")
    assert office.process().news == 1
    assert known(office)[code]
    office.hint("contact", code, "late update")
    assert office.process().news == 0
    assert known(office)[code]


def test_what_was_just_made_is_waited_for_and_never_taken_for_gone(office: Office) -> None:
    office.hint("contact", "C00001", "contact.creation")
    done = office.process()
    assert office.counts == {"new": 1} and done.news == 0
    assert office.contact(1) == "C00001"
    office.clock.forward(minutes=1)
    assert office.process().news == 1
    assert office.counts == {"done": 1}


def test_a_record_that_never_was_there_is_of_no_use_after_the_wait(office: Office) -> None:
    office.hint("contact", "C09999", "contact.creation")
    office.process()
    office.clock.forward(hours=1)
    office.process()
    assert office.counts == {"ignored": 1}


def test_a_refused_log_in_is_no_delete(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    code = office.contact(1)
    office.hint("contact", code)
    office.process()

    def refuse(*_: object) -> None:
        raise Unauthorized("permission lost", "403")

    monkeypatch.setattr(type(office.target), "read_records", refuse)
    office.clock.forward(minutes=5)
    office.hint("contact", code)
    done = office.process()
    assert "permission lost" in done.silent
    assert not known(office)[code]
    assert office.counts["new"] == 1


def test_a_silent_target_counts_against_no_row(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = office.contact(1)
    office.hint("contact", code)

    def silent(*_: object) -> None:
        raise Unavailable("no route")

    with monkeypatch.context() as patch:
        patch.setattr(type(office.target), "read_records", silent)
        for _ in range(12):
            office.process()
            office.clock.forward(hours=7)
    (row,) = inbox.rows(office.journal)
    assert (row.state, row.attempts) == ("new", 0)
    office.process()
    assert office.counts == {"done": 1}


def poison(office: Office, monkeypatch: pytest.MonkeyPatch, bad: str, error: Exception) -> None:
    read = type(office.target).read_records  # type: ignore[attr-defined]

    def refuse_one(self: object, kind: Kind, ids: list[str]) -> object:
        if bad in ids:
            raise error
        return read(self, kind, ids)

    monkeypatch.setattr(type(office.target), "read_records", refuse_one)


def test_one_bad_record_among_many_holds_up_only_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [office.contact(n) for n in range(1, 31)]
    for code in codes:
        office.hint("contact", code)
    with monkeypatch.context() as patch:
        poison(office, patch, codes[7], Rejected("no such thing"))
        office.process()
        assert office.counts == {"done": 29, "new": 1}
        for _ in range(inbox_leases.POISON):
            office.clock.forward(hours=7)
            office.process()
        assert office.counts == {"done": 29, "dead": 1}
        (row,) = inbox.rows(office.journal, states=[State.DEAD])
        assert "no such thing" in row.error_words
        office.hint("contact", codes[7], "later")
        office.clock.forward(hours=1)
        office.process()
    assert inbox_leases.retry(office.journal, [row.id]) == 1
    office.clock.forward(hours=7)
    office.process()
    assert office.counts == {"done": 31}


def test_an_answer_nobody_understands_is_tried_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [office.contact(n) for n in range(1, 4)]
    for code in codes:
        office.hint("contact", code)
    poison(office, monkeypatch, codes[1], KeyError("surprise"))
    for _ in range(2):
        office.process()
        office.clock.forward(minutes=1)
    assert office.counts == {"done": 2, "dead": 1}


def test_a_kind_nobody_reads_is_of_no_use_and_said_to_be(office: Office) -> None:
    office.put(Hint("evt_9", "orders/paid", "order", "820"))
    office.process()
    (row,) = inbox.rows(office.journal)
    assert (row.state, row.error_kind) == ("ignored", "kind")


def test_hints_that_pile_up_are_answered_by_one_reading(office: Office, calls: Calls) -> None:
    for n in range(1, 301):
        office.hint("contact", office.contact(n))
    office.clock.forward(seconds=1)
    before = office.server.requests
    done = office.process()
    assert office.counts == {"done": 300}
    assert (calls(), done.polled) == ([], ["contact"])
    assert office.server.requests - before <= 4


def test_two_runners_never_have_one_record(office: Office) -> None:
    for n in range(1, 11):
        office.hint("contact", office.contact(n), n=2)
    first, second = lease_owner(), lease_owner()
    mine = inbox_leases.claim(office.journal, "sb", first, ["contact"], 6)
    theirs = inbox_leases.claim(office.journal, "sb", second, ["contact"], 6)
    assert len(mine) == 6 and len(theirs) == 4
    assert not {one.remote_id for one in mine} & {one.remote_id for one in theirs}
    assert all(len(one.rows) == 2 for one in [*mine, *theirs])
    office.hint("contact", mine[0].remote_id, "while it is looked at")
    assert not inbox_leases.claim(office.journal, "sb", second, ["contact"], 6)


@pytest.mark.parametrize("step", ["claimed", "read", "kept"])
def test_a_runner_killed_at_any_step_leaves_one_effect(office: Office, step: str) -> None:
    code = office.contact(1)
    office.hint("contact", code)
    dead = "elsewhere|1|0.0|dead".replace("elsewhere", lease_owner().split("|")[0])
    claimed = inbox_leases.claim(office.journal, "sb", dead, ["contact"], 10)
    if step != "claimed":
        office.target.read_records(Kind.CONTACT, [code])  # type: ignore[attr-defined]
    if step == "kept":
        with office.journal.writing() as transaction:
            done = [Finished(one, State.DONE) for one in claimed]
            inbox_leases.finish(transaction, office.journal.actor, done)
    office.process()
    assert office.counts == {"done": 1}
    if step == "kept":
        return
    with office.journal.writing() as transaction:
        late = [Finished(one, State.DEAD) for one in claimed]
        assert inbox_leases.finish(transaction, office.journal.actor, late) == 0
    assert office.counts == {"done": 1}


def test_replay_reads_what_is_there_today(office: Office, calls: Calls) -> None:
    codes = [office.contact(n) for n in range(1, 6)]
    for code in codes:
        office.hint("contact", code)
    office.process()
    since, until = "2026-03-01", "2026-04-01"
    assert inbox_leases.replay(office.journal, "sb", since, until) == 5
    before = cursors.all_seen(office.journal, "sb")
    assert office.process().news == 0
    assert cursors.all_seen(office.journal, "sb") == before
    assert sorted(calls()) == sorted(codes * 2)


def test_a_document_that_does_not_say_its_kind_is_found(office: Office) -> None:
    customer = office.contact(1)
    made = office.store.create_document(
        {
            "kind": "bill",
            "reference": "B-1",
            "date": "2026-03-01",
            "contact": customer,
            "number": "F1",
            "lines": [
                {"description": "x", "quantity": "1", "unit_price": "10", "account": "601.34"}
            ],
            "total": "10.00",
        }
    )
    office.hint("document", str(made["id"]), "account.move")
    office.hint("document", "99999", "account.move")
    assert office.process().news == 1
    (seen,) = cursors.all_seen(office.journal, "sb")
    assert (seen.record, seen.day, seen.reference) == ("bill", "2026-03-01", "B-1")


def test_bodies_are_erased_and_the_chain_stays_whole(office: Office) -> None:
    secret = b'{"email": "ana@example.mx"}'
    office.put(
        Hint("a", "contact.updated", "contact", "501", body=secret),
        Hint("b", "contact.updated", "contact", "502", body=secret),
    )
    assert verification.verify(office.journal).problems == []
    assert inbox.erase(office.journal, "sb", "contact", "501", "asked to be forgotten") == 1
    bodies = {row.remote_id: inbox.body_of(row) for row in inbox.rows(office.journal)}
    assert bodies == {"501": None, "502": secret}
    assert verification.verify(office.journal).problems == []


def test_a_throttled_target_is_asked_when_it_says(office: Office) -> None:
    office.hint("contact", office.contact(1))
    office.store.set_faults(Faults(throttle=1.0))
    office.process()
    (row,) = inbox.rows(office.journal)
    assert (row.state, row.attempts, row.error_kind) == ("new", 0, "Throttled")
    office.store.set_faults(Faults())
    office.clock.forward(seconds=1)
    office.process()
    assert office.counts == {"done": 1}


def test_everything_here_is_vouched_for(office: Office) -> None:
    for n in range(1, 4):
        office.hint("contact", office.contact(n))
    office.process()
    inbox.receive(office.journal, Door.PERSON, "sb", [Hint("p", "look", "contact", "C00001")])
    assert verification.verify(office.journal).problems == []


def test_ids_of_two_kinds_that_are_equal_are_two_records(office: Office) -> None:
    """Odoo's invoices and payments count alike: the one that is gone is not the other."""
    row = SeenRow("sb", "receipt", "77", "", "x", "2026-03-01", "", "R", "", "")
    other = replace(row, record="invoice", content="y")
    with office.journal.writing() as transaction:
        cursors.keep_seen(transaction, [row, other, other])
    read = type(office.target).read_records  # type: ignore[attr-defined]

    def only_receipts(self: object, kind: Kind, ids: list[str]) -> object:
        if kind is not Kind.RECEIPT:
            return read(self, kind, ids)
        record = RemoteRecord("77", "", "R", None, "posted", kind=Kind.RECEIPT)
        return {"77": Change(record)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(office.target), "read_records", only_receipts)
        office.hint("invoice", "77")
        office.hint("receipt", "77")
        office.process()
    there = {one.record for one in cursors.all_seen(office.journal, "sb")}
    assert there == {"receipt"}


def test_a_kind_that_cannot_be_read_by_id_is_never_gone_for_it(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As credit notes at Xero: listed, not read by id."""
    row = SeenRow("sb", "refund", "9", "", "x", "2026-03-01", "", "R", "", "")
    with office.journal.writing() as transaction:
        cursors.keep_seen(transaction, [row])
    can = replace(office.target.capabilities, reads=frozenset({Kind.CONTACT, Kind.INVOICE}))
    monkeypatch.setattr(type(office.target), "capabilities", property(lambda _: can))
    office.hint("document", "9", "CREDITNOTE.UPDATE")
    office.hint("refund", "9")
    office.process()
    office.clock.forward(hours=1)
    office.process()
    assert {one.remote_id for one in cursors.all_seen(office.journal, "sb", "refund")} == {"9"}


def test_many_that_are_absent_at_once_are_a_lost_permission(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [office.contact(n) for n in range(1, 31)]
    for code in codes:
        office.hint("contact", code)
    office.process()
    monkeypatch.setattr(type(office.target), "read_records", lambda *_: {})
    office.clock.forward(hours=1)
    for code in codes:
        office.hint("contact", code)
    office.process()
    assert len(cursors.all_seen(office.journal, "sb", "contact")) == 30
    assert office.counts["new"] == 30


def test_a_kind_whose_changes_are_refused_holds_up_only_itself(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    can = replace(office.target.capabilities, reads=frozenset({Kind.CONTACT}))
    monkeypatch.setattr(type(office.target), "capabilities", property(lambda _: can))
    changed = type(office.target).changed  # type: ignore[attr-defined]

    def refuse(self: object, kind: Kind, *window: object) -> object:
        if kind is Kind.ENTRY:
            raise Rejected("not in your plan")
        return changed(self, kind, *window)

    monkeypatch.setattr(type(office.target), "changed", refuse)
    office.hint("entry", "5")
    office.hint("contact", office.contact(1))
    for _ in range(8):
        office.process()
        office.clock.forward(hours=7)
    assert office.counts == {"done": 1, "dead": 1}


def test_a_fresh_row_does_not_die_of_what_an_old_one_went_through(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = office.contact(1)
    office.hint("contact", code)
    poison(office, monkeypatch, code, Rejected("no"))
    for _ in range(inbox_leases.POISON - 1):
        office.process()
        office.clock.forward(hours=7)
    office.hint("contact", code, "fresh")
    office.process()
    assert office.counts == {"dead": 1, "new": 1}


def test_what_an_unsigned_vendor_says_again_is_looked_at_again(office: Office) -> None:
    """Odoo never retries: a second one that looks the same is a second change."""
    hint = Hint("same", "res.partner", "contact", office.contact(1))
    actor = office.journal.actor
    for expected in (1, 2):
        with office.journal.writing() as transaction:
            inbox.put(transaction, actor, Door.WEBHOOK, "sb", [hint], revives=True)
        assert office.process().records == 1
        (row,) = inbox.rows(office.journal)
        assert row.deliveries == expected


def test_erasing_is_of_one_connection_and_leaves_no_trace_in_the_file(office: Office) -> None:
    secret = b"ana.unica.frase@example.mx " * 3
    office.put(Hint("a", "x", "contact", "15", body=secret))
    inbox.receive(
        office.journal, Door.WEBHOOK, "otra", [Hint("a", "x", "contact", "15", body=secret)]
    )
    assert inbox.erase(office.journal, "sb", "contact", "15", "asked") == 1
    bodies = {row.connection: inbox.body_of(row) for row in inbox.rows(office.journal)}
    assert bodies == {"sb": None, "otra": secret}
    with office.journal.writing() as transaction:
        transaction.exec_driver_sql(
            "UPDATE inbox SET body = (SELECT body FROM inbox WHERE connection = 'otra')"
            " WHERE connection = 'sb'"
        )
    assert verification.verify(office.journal).problems, "put back past the program"


def test_long_keys_are_not_taken_for_one_another(office: Office) -> None:
    office.put(
        Hint("m" * 130 + "A", "x", "contact", "1"), Hint("m" * 130 + "B", "x", "contact", "1")
    )
    assert len(inbox.rows(office.journal)) == 2
