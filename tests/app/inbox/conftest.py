"""A connection to a sandbox with contacts and invoices, and what is hinted at of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.inbox import polling, processing
from app.inbox.polling import Polled
from app.inbox.processing import Processed
from app.journal import Journal, inbox, store
from app.journal.inbox import Door, Hint, Received
from connectors import DocumentConnector, Kind
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import ServerClock


@dataclass
class Clock:
    """What time it is; everything of the journal and of the sandbox that asks is told this."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def second(self) -> float:
        return self.at.timestamp()

    def forward(self, **parts: float) -> None:
        self.at += timedelta(**parts)


class FollowingClock(ServerClock):
    """A server whose clock is the test's."""

    def __init__(self, clock: Clock, ahead: float = 0.0) -> None:
        super().__init__(ahead)
        self._clock = clock

    def see(self, headers: object) -> None:
        pass

    def now(self) -> datetime:
        return self._clock.at + timedelta(seconds=self.ahead or 0.0)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, sandbox: SandboxServer) -> Clock:
    made = Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    own = store.instant
    for name, module in list(sys.modules.items()):
        if name.startswith("app.") and getattr(module, "instant", None) is own:
            monkeypatch.setattr(module, "instant", made.now)
    sandbox.store.clock = made.second
    return made


@dataclass
class Office:
    """One company's journal and the sandbox behind its connection ``sb``."""

    journal: Journal
    store: SandboxStore
    server: SandboxServer
    kept: ConnectionSettings
    target: DocumentConnector
    clock: Clock
    server_clock: FollowingClock

    def contact(self, number: int, **fields: str) -> str:
        """Make a contact in the sandbox; answers its code."""
        body = {"name": f"Cliente {number}", "tax_id": f"XAXX{number:06d}AA1", **fields}
        made = self.store.create_document(
            {"kind": "contact", "reference": f"R-{number}", "fields": body}
        )
        return str(made["number"])

    def hint(self, record: str, remote_id: str, kind: str = "contact.updated", n: int = 1) -> None:
        hints = [
            Hint(
                f"{record}-{remote_id}-{kind}-{place}-{self.clock.second()}",
                kind,
                record,
                remote_id,
                self.clock.at,
            )
            for place in range(n)
        ]
        inbox.receive(self.journal, Door.WEBHOOK, "sb", hints)

    def put(self, *hints: Hint) -> Received:
        return inbox.receive(self.journal, Door.WEBHOOK, "sb", hints)

    def process(self) -> Processed:
        return processing.process(self.journal, self.kept, self.target, self.server_clock)

    def poll(self, *kinds: Kind) -> Polled:
        chosen = kinds or tuple(polling.streams(self.target))
        return polling.poll(self.journal, self.kept, self.target, self.server_clock, chosen)

    @property
    def counts(self) -> dict[str, int]:
        return {state.value: n for state, n in inbox.counts(self.journal).items() if n}


@pytest.fixture
def office(
    journal: Journal, store: SandboxStore, sandbox: SandboxServer, clock: Clock
) -> Iterator[Office]:
    kept = ConnectionSettings("sb", "sandbox", sandbox.url, user=DEFAULT_USER)
    settings.add_connection(journal, kept)
    server_clock = FollowingClock(clock)
    target = connecting.connect(kept, DEFAULT_PASSWORD, journal=journal, clock=server_clock)
    yield Office(journal, store, sandbox, kept, target, clock, server_clock)
    target.close()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch, office: Office) -> Callable[[], list[str]]:
    """The records read one by one, in order."""
    seen: list[str] = []
    read = type(office.target).read_records  # type: ignore[attr-defined]

    def counted(self: object, kind: Kind, ids: list[str]) -> object:
        seen.extend(ids)
        return read(self, kind, ids)

    monkeypatch.setattr(type(office.target), "read_records", counted)
    return lambda: list(seen)
