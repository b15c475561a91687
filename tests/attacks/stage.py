"""A company, its desktop and its target, for one attack; and how attacks are known and counted."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keyring
from keyring.backends.fail import Keyring as NoStore

from app import cli
from app.company import settings
from app.company.settings import ConnectionSettings
from app.intake.importing import import_file
from app.journal import Journal
from app.journal.outside import STATE_VARIABLE
from app.sending import maps, proposals, settling
from app.sending.push import PushResult, push
from app.translation import set_language
from connectors.sandbox import SandboxConnector, SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from connectors.transport import Transport
from importers import Options
from tests import polizas

Voucher = tuple[int | str, str, str, str]
"""Folio, day (``yyyymmdd``), amount, text."""
MONTH: Sequence[Voucher] = [
    (1, "20260105", "100.50", "Venta"),
    (2, "20260106", "250.00", "Compra"),
    (3, "20260107", "80.10", "Comision"),
]


@dataclass(frozen=True)
class Attack:
    """``of`` is what it was found as (S1 …), empty for one thought of since."""

    of: str
    title: str
    run: Callable[[Stage], None]


@dataclass
class Stage:
    """What an attack plays on. ``held`` counts each thing it tries."""

    folder: Path
    store: SandboxStore
    server: SandboxServer
    tried: int = 0
    fell: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def held(self, is_held: object, what: str) -> None:
        self.tried += 1
        if not is_held:
            self.fell.append(what)

    def cli(self, *arguments: object, home: Path | None = None) -> tuple[int, str]:
        """One command; its status and all it says."""
        words = [*map(str, arguments), "--lang", "en", "--home", str(home or self.home)]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            try:
                status = cli.main(words, lambda *_: 0, lambda *_: None)
            except SystemExit as stop:
                status = int(str(stop.code))
        return status, said.getvalue()

    def done(self, *arguments: object) -> None:
        """A command that sets the stage."""
        status, said = self.cli(*arguments)
        assert status in (0, 1), said

    def json(self, *arguments: object, home: Path | None = None) -> tuple[int, Any]:
        """One command's answer in JSON."""
        words = [*map(str, arguments), "--json", "--lang", "en", "--home", str(home or self.home)]
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            status = cli.main(words, lambda *_: 0, lambda *_: None)
        return status, json.loads(said.getvalue() or "null")

    @contextlib.contextmanager
    def journal(self, home: Path | None = None) -> Iterator[Journal]:
        opened = settings.open_journal(home or self.home)
        yield opened
        opened.close()

    def connect(self, name: str = "sb", home: Path | None = None) -> None:
        with self.journal(home) as journal:
            kept = ConnectionSettings(name, "sandbox", self.server.url, user=DEFAULT_USER)
            settings.add_connection(journal, kept)

    def target(self) -> SandboxConnector:
        return SandboxConnector(Transport(self.server.url), DEFAULT_USER, DEFAULT_PASSWORD)

    def send(
        self,
        *paths: Path,
        home: Path | None = None,
        name: str = "sb",
        company: str = "",
        options: Options | None = None,
    ) -> PushResult:
        """Import, map and push, as a person would."""
        with self.journal(home) as journal:
            for path in paths:
                import_file(journal, path, company, options)
            target = self.target()
            maps.accept_suggestions(journal, name, proposals.unmapped(journal, name, target))
            result = push(journal, name, target, sleep=lambda _: None)
            target.close()
            return result

    def guard(self, on: bool) -> None:
        self.store.set_setting("unique_references", "1" if on else "0")

    @property
    def in_target(self) -> int:
        with contextlib.closing(sqlite3.connect(self.store.path)) as plain:
            return int(plain.execute("SELECT count(*) FROM entry").fetchone()[0])

    def write(self, *statements: str, home: Path | None = None) -> None:
        """Into the journal past the program, as somebody with a tool for SQLite does."""
        with contextlib.closing(sqlite3.connect((home or self.home) / "journal.db")) as plain:
            with plain:
                for statement in statements:
                    plain.execute(statement)
            plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def polizas(self, name: str, vouchers: Sequence[Voucher] = MONTH, kind: int = 3) -> Path:
        path = self.folder / name
        path.write_bytes(
            polizas.file(
                *[
                    [
                        polizas.header(folio, day, kind, text),
                        polizas.movement("102010001", 0, amount, text=text),
                        polizas.movement("401010001", 1, amount, text=text),
                    ]
                    for folio, day, amount, text in vouchers
                ]
            )
        )
        return path

    def table(self, name: str, vouchers: Sequence[Voucher] = MONTH, kind: str = "DIA") -> Path:
        """The same as a table in CSV."""
        rows = ["Fecha,Tipo,Poliza,Cuenta,Concepto,Cargo,Abono"]
        for folio, day, amount, text in vouchers:
            shown = f"{day[6:]}/{day[4:6]}/{day[:4]}"
            rows += [
                f"{shown},{kind},{folio},102010001,{text},{amount},",
                f"{shown},{kind},{folio},401010001,{text},,{amount}",
            ]
        path = self.folder / name
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path


@contextlib.contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """A stage of its own: no secret store, a target on loopback."""
    folder.mkdir(parents=True)
    keyring.set_keyring(NoStore())
    before = {name: os.environ.get(name) for name in (STATE_VARIABLE, "CUADRE_SECRET_SB")}
    os.environ |= {STATE_VARIABLE: str(folder / "state"), "CUADRE_SECRET_SB": DEFAULT_PASSWORD}
    settling.QUIET_SECONDS = 0.2
    set_language("en")
    store = SandboxStore(folder / "erp.db", "MX")
    server = SandboxServer(store, seed=7).start()
    try:
        yield Stage(folder, store, server)
    finally:
        server.stop()
        store.close()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
