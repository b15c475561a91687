"""The outbox against a model of a target that answers, loses, delays, doubles and reorders as it
likes.

Hypothesis drives it: files come, pushes run and are killed, requests arrive late, people decide,
clocks go on. At the end the target works, and each document that was not skipped has to be in it
exactly once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from app.documents.maps import Link, MapKind
from app.intake.importing import import_file
from app.journal import Journal, breaker, leases, outbox, verification
from app.journal.outbox import State
from app.journal.overrides import NotDecidable
from app.sending import conflicts, maps, settling
from app.sending.push import push
from connectors.contract import Capabilities, Outcome
from connectors.documents import (
    Identity,
    JournalEntry,
    LedgerMove,
    RemoteAccount,
    RemoteJournal,
    RemotePartner,
    RemoteRecord,
)
from connectors.errors import (
    Conflict,
    ConnectorError,
    Rejected,
    Throttled,
    Unauthorized,
    Unavailable,
    Uncertain,
)
from tests import polizas

CONNECTION = "modelo"
BEHAVIOURS = (
    "answer",
    "answer",
    "answer",
    "lose",
    "half",
    "delay",
    "reorder",
    "unavailable",
    "throttle",
    "refuse",
    "expire",
    "killed before",
    "killed after",
    "broken",
)


class Killed(BaseException):
    """The process is gone at once."""


class ModelTarget:
    """A target that refuses a repeated reference, as every guarded one does. ``script`` says what
    it does with each call; an empty one answers.
    """

    def __init__(self) -> None:
        self.entries: dict[str, JournalEntry] = {}
        self.copies: dict[str, int] = {}
        self.late: list[JournalEntry] = []
        self.script: list[str] = []

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("model", True, 3)

    def identify(self) -> Identity:
        return Identity("m", "Modelo", "", "MXN", "model")

    def accounts(self) -> Sequence[RemoteAccount]:
        return [RemoteAccount(code, code) for code in ("102010001", "401010001")]

    def journals(self) -> Sequence[RemoteJournal]:
        return [RemoteJournal("DIA", "Diario", "general")]

    def partners(self) -> Sequence[RemotePartner]:
        return []

    def create_entries(self, entries: Sequence[JournalEntry]) -> Sequence[Outcome]:
        match self.script.pop(0) if self.script else "answer":
            case "killed before":
                raise Killed
            case "killed after":
                self._post(entries)
                raise Killed
            case "lose":
                self._post(entries)
                raise Uncertain("lost")
            case "half":
                self._post(entries[:1])
                raise Uncertain("half of it")
            case "delay":
                self.late += entries
                raise Uncertain("time-out")
            case "reorder":
                self._post(list(reversed(entries)))
                raise Uncertain("lost")
            case "unavailable":
                raise Unavailable("no route")
            case "throttle":
                raise Throttled("wait", "429", 0.0)
            case "refuse":
                raise Rejected("the whole batch")
            case "expire":
                raise Unauthorized("log in")
            case "broken":
                raise RuntimeError("a defect of the connector")
        return self._post(entries)

    def find_entries(self, entries: Sequence[JournalEntry]) -> Mapping[str, Sequence[RemoteRecord]]:
        references = [entry.reference for entry in entries]
        if self.script and self.script[0] in ("unavailable", "expire", "killed before"):
            kinds: dict[str, type[BaseException]] = {
                "unavailable": Unavailable,
                "expire": Unauthorized,
            }
            name = self.script.pop(0)
            raise kinds[name]("look-up failed") if name in kinds else Killed
        return {
            ref: [_record(self.entries[ref])] if ref in self.entries else [] for ref in references
        }

    def numbered_entries(self, number: str) -> Sequence[RemoteRecord]:
        return [_record(entry) for entry in self.entries.values() if entry.reference == number]

    def ledger(self, start: date, end: date) -> Iterator[LedgerMove]:
        yield from ()

    def close(self) -> None:
        pass

    def deliver(self) -> None:
        """What was delayed arrives."""
        self._post(self.late)
        self.late = []

    def _post(self, entries: Sequence[JournalEntry]) -> list[Outcome]:
        return [self._post_one(entry) for entry in entries]

    def _post_one(self, entry: JournalEntry) -> Outcome:
        if entry.reference in self.entries:
            return Conflict("exists", "duplicate")
        self.entries[entry.reference] = entry
        self.copies[entry.reference] = self.copies.get(entry.reference, 0) + 1
        return _record(entry)


class PushMachine(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cuadre-model-"))
        self.journal = Journal(self.folder / "journal.db")
        self.target = ModelTarget()
        self.numbers = 0
        self.skipped: set[str] = set()
        self.dead: set[str] = set()
        self._usual = leases.is_alive, breaker.FIRST_PAUSE, settling.FIRST_DELAY
        leases.is_alive = lambda owner: owner not in self.dead  # type: ignore[assignment]
        breaker.FIRST_PAUSE = settling.FIRST_DELAY = 0.0
        self.import_(2)

    @rule(count=st.integers(1, 3))
    def import_(self, count: int) -> None:
        path = self.folder / f"polizas-{self.numbers}.txt"
        numbers = range(self.numbers + 1, self.numbers + count + 1)
        those = [polizas.balanced(number, amount=f"{100 + number}.5") for number in numbers]
        path.write_bytes(polizas.file(*those))
        self.numbers += count
        import_file(self.journal, path)
        maps.save(
            self.journal,
            CONNECTION,
            [
                Link(MapKind.ACCOUNT, "102010001", "102010001"),
                Link(MapKind.ACCOUNT, "401010001", "401010001"),
                Link(MapKind.JOURNAL, "3", "DIA"),
            ],
        )

    @rule(script=st.lists(st.sampled_from(BEHAVIOURS), max_size=6))
    def push(self, script: list[str]) -> None:
        self.target.script = list(script)
        owner = f"{leases.platform.node()}|1|1.0|{len(self.dead)}-{id(script)}"
        usual = leases.lease_owner
        leases.lease_owner = lambda: owner
        try:
            push(self.journal, CONNECTION, self.target, deadline=0.5, sleep=lambda _: None)
        except (ConnectorError, RuntimeError):
            pass
        except Killed:
            self.dead.add(owner)
        finally:
            leases.lease_owner = usual

    @rule()
    def what_was_delayed_arrives(self) -> None:
        self.target.deliver()

    @precondition(lambda self: self.numbers > 0)
    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        number = data.draw(st.integers(1, self.numbers))
        reference = f"EMPRESA/contpaqi/3/2026-01/{number}"
        try:
            conflicts.skip(self.journal, CONNECTION, reference, "prueba")
            self.skipped.add(reference)
        except NotDecidable:
            pass

    @precondition(lambda self: self.skipped)
    @rule(data=st.data())
    def take_up_again(self, data: st.DataObject) -> None:
        reference = data.draw(st.sampled_from(sorted(self.skipped)))
        conflicts.retry(self.journal, CONNECTION, reference)
        self.skipped.discard(reference)

    @invariant()
    def nothing_is_doubled(self) -> None:
        if hasattr(self, "target"):
            assert all(count == 1 for count in self.target.copies.values())

    def teardown(self) -> None:
        if not hasattr(self, "target"):
            return
        try:
            self._finish()
        finally:
            leases.is_alive, breaker.FIRST_PAUSE, settling.FIRST_DELAY = self._usual
            self.journal.close()
            shutil.rmtree(self.folder, ignore_errors=True)

    def _finish(self) -> None:
        self.target.script = []
        self.target.deliver()
        for _ in range(3):
            push(
                self.journal, CONNECTION, self.target, retry=True, deadline=5, sleep=lambda _: None
            )
        everything = {
            f"EMPRESA/contpaqi/3/2026-01/{number}" for number in range(1, self.numbers + 1)
        }
        confirmed = set(outbox.references(self.journal, CONNECTION, [State.CONFIRMED]))
        assert confirmed == everything - self.skipped
        assert confirmed <= set(self.target.entries)
        assert outbox.counts(self.journal)[State.SKIPPED] == len(self.skipped)
        assert verification.verify(self.journal).ok


def _record(entry: JournalEntry) -> RemoteRecord:
    return RemoteRecord(
        entry.reference, entry.reference, entry.reference, entry.date, "posted", entry.lines
    )


TestPush = PushMachine.TestCase
TestPush.settings = settings(
    max_examples=int(os.environ.get("CUADRE_MODEL_EXAMPLES", "20")),
    stateful_step_count=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
