"""What goes on by itself while the window is open."""

from __future__ import annotations

from collections.abc import Callable

from app.journal import jobs, roles
from app.journal.roles import Role
from app.ui.main_window import MainWindow

Idle = Callable[[], None]


def test_the_window_does_what_is_due_but_sends_nothing(window: MainWindow, idle: Idle) -> None:
    window.worker.look()
    idle()
    done = {row.name for row in jobs.every(window.session.journal) if row.last_done}
    assert {"folders", "inbox", "polls", "figures"} <= done
    assert not {"send", "close"} & done


def test_one_round_at_a_time(window: MainWindow, idle: Idle) -> None:
    before = window.session.tasks.running
    window.worker.look()
    window.worker.look()
    assert window.session.tasks.running <= before + 1
    idle()


def test_who_may_only_look_does_nothing_and_is_not_troubled(window: MainWindow, idle: Idle) -> None:
    journal = window.session.journal
    roles.give(journal, "otra@casa", [Role.ADMIN])
    roles.give(journal, roles.user_of(journal.actor), [Role.READ])
    before = {row.name: row.last_done for row in jobs.every(journal)}
    window.worker.look()
    idle()
    assert {row.name: row.last_done for row in jobs.every(journal)} == before
