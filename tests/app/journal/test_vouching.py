"""Every row needs the event that vouches for it, and every column is vouched for, derived or
volatile.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.decisions import Explain
from app.intake.importing import import_file
from app.journal import (
    Journal,
    endpoints,
    inbox,
    ledger_proposals,
    pairs,
    schema,
    signatures,
    verification,
    vouching,
)
from app.journal.inbox import Door, Hint
from app.journal.rows import EndpointRow
from app.journal.store import who
from app.journal.vouching import Class, class_of
from app.reconciling import runs
from app.reconciling.decisions import decide
from app.sending import maps, proposals
from app.sending.pull import pull
from app.sending.push import push
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from importers import Options
from tests.conftest import DATA, SAMPLE

OWN = ("EKU9003173C9",)

TABLES = [table for table in schema.metadata.sorted_tables if table.name not in ("event", "chain")]
VOUCHED = [
    (table.name, column.name)
    for table in TABLES
    for column in table.c
    if class_of(table.name, column.name) is not Class.VOLATILE
]
"""Every column but volatile ones: vouched for by events, or derived."""
GHOSTS = (
    *("batch", "file", "block", "document", "finding", "balance", "record", "pull", "decision"),
    *("signature", "usage", "fiscal_document", "setting", "original", "mapping", "connection"),
    *("outbox", "remote_line", "remote_balance", "endpoint", "inbox", "pair", "proposal"),
)
_TEXT_KEYS = {
    "file": ("sha256",),
    "setting": ("name",),
    "connection": ("name",),
    "mapping": ("source",),
    "outbox": ("external_ref",),
    "remote_balance": ("account",),
    "usage": ("source",),
    "fiscal_document": ("identifier",),
    "endpoint": ("token_sha256",),
    "inbox": ("dedup",),
    "proposal": ("origin",),
}
DELETED = (
    *("batch", "block", "document", "finding", "balance", "record", "pull", "remote_line"),
    *("remote_balance", "decision", "connection", "mapping", "setting", "outbox", "original"),
    *("signature", "usage", "fiscal_document", "endpoint", "inbox", "pair", "proposal"),
)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with a row in every table that is vouched for."""
    home = tmp_path_factory.mktemp("casa")
    store = SandboxStore(tmp_path_factory.mktemp("erp") / "erp.db", "MX")
    server = SandboxServer(store).start()
    journal = Journal(home / "journal.db", home, signatures.own(who()))
    given = ConnectionSettings("sandbox", "sandbox", server.url, user=DEFAULT_USER)
    settings.add_connection(journal, given)
    import_file(journal, SAMPLE)
    import_file(journal, DATA / "contpaqi" / "report_balanza_synthetic.xlsx")
    import_file(journal, DATA / "colombia" / "wo9_listado_terceros_direcciones_synthetic.csv")
    import_file(journal, DATA / "cfdi" / "cfdi40-valid.xml", options=Options(own_tax_ids=OWN))
    target = connecting.connect(given, DEFAULT_PASSWORD, journal=journal)
    maps.accept_suggestions(journal, "sandbox", proposals.unmapped(journal, "sandbox", target))
    push(journal, "sandbox", target)
    pull(journal, "sandbox", target, date(2026, 1, 1), date(2026, 1, 31))
    result = runs.reconcile(journal, "batch:1", "pull:sandbox")
    left = [result.left.key[line] for line in result.matching.only_left][:1]
    decide(journal, result, Explain(tuple(left), (), "other", "porque sí"))
    endpoints.open_one(journal, EndpointRow("ab" * 32, "sandbox", "standard", "https://x", "", ""))
    hints = [Hint(name, "contact.updated", "contact", name, body=b"{}") for name in ("a", "b")]
    inbox.receive(journal, Door.WEBHOOK, "sandbox", hints)
    pairs.make(journal, ("crm", "501"), ("sandbox", "C00001"), "tax-id")
    ledger_proposals.make(journal, "stripe", "po_1", {"amount": "1.00"})
    target.close()
    server.stop()
    assert verification.verify(journal).problems == []
    journal.close()
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home


def changed(home: Path, tmp_path: Path, *statements: str) -> verification.Verification:
    """What a copy of the journal proves after somebody wrote into it."""
    copy = tmp_path / "journal.db"
    shutil.copy(home / "journal.db", copy)
    with contextlib.closing(sqlite3.connect(copy)) as plain, plain:
        for statement in statements:
            assert plain.execute(statement).rowcount > 0, statement
    journal = Journal(copy)
    try:
        return verification.verify(journal)
    finally:
        journal.close()


def mutated(column: sa.Column[Any]) -> str:
    name = f'"{column.name}"'
    if isinstance(column.type, sa.LargeBinary):
        return f"CAST(x'00' || {name} AS BLOB)"
    if isinstance(column.type, sa.Integer | sa.Float):
        return f"coalesce({name}, 0) + 100000"
    return f"coalesce({name}, '') || 'x'"


def test_every_column_there_is_has_a_class() -> None:
    """Names in the lists of classes are columns; every other column counts as vouched for."""
    for listed in (vouching._DERIVED, vouching._VOLATILE):
        for table, names in listed.items():
            assert names <= {column.name for column in schema.metadata.tables[table].c}, table
    assert ("batch", "title") in VOUCHED
    assert ("outbox", "remote_number") in VOUCHED
    assert ("connection", "options") in VOUCHED


@pytest.mark.parametrize(("table", "column"), VOUCHED)
def test_a_changed_column_is_found(filled: Path, tmp_path: Path, table: str, column: str) -> None:
    chosen = schema.metadata.tables[table].c[column]
    where = f'WHERE rowid = (SELECT max(rowid) FROM "{table}")'
    if table in ("remote_line",):
        where = "WHERE (pull_id, position) = (SELECT max(pull_id), max(position) FROM remote_line)"
    statement = f'UPDATE "{table}" SET "{column}" = {mutated(chosen)} {where}'
    assert not changed(filled, tmp_path, statement).ok


@pytest.mark.parametrize("table", GHOSTS)
def test_a_row_that_was_slipped_in_is_found(filled: Path, tmp_path: Path, table: str) -> None:
    chosen = schema.metadata.tables[table]
    keys = [column.name for column in chosen.primary_key]
    cells = []
    for column in chosen.c:
        if column.name == keys[-1] and isinstance(column.type, sa.Integer):
            cells.append(f'"{column.name}" + 90000')
        elif column.name in _TEXT_KEYS.get(table, ()):
            cells.append(f"\"{column.name}\" || 'x'")
        else:
            cells.append(f'"{column.name}"')
    names = ", ".join(f'"{column.name}"' for column in chosen.c)
    newest = f'rowid = (SELECT max(rowid) FROM "{table}")'
    statement = (
        f'INSERT INTO "{table}" ({names}) SELECT {", ".join(cells)} FROM "{table}"'
        f" WHERE {'position = 1' if table == 'remote_line' else newest}"
    )
    assert not changed(filled, tmp_path, statement).ok


@pytest.mark.parametrize("table", DELETED)
def test_a_row_that_was_taken_out_is_found(filled: Path, tmp_path: Path, table: str) -> None:
    where = f'rowid = (SELECT max(rowid) FROM "{table}")'
    if table == "remote_line":
        where = "position = 1"
    assert not changed(filled, tmp_path, f'DELETE FROM "{table}" WHERE {where}').ok


def test_a_ghost_voucher_is_found_and_not_sent(filled: Path, tmp_path: Path) -> None:
    """A batch with a document and its block, written past the program."""
    found = changed(
        filled,
        tmp_path,
        "INSERT INTO batch SELECT 900, file_id, options, company, profile, source_system,"
        " container, encoding, encoding_confidence, header_line, title, state, lines_total,"
        " lines_record, lines_heading, lines_rejected, first_date, last_date, lines_digest,"
        " started_at, finished_at, compacted_at FROM batch WHERE id = 1",
        "INSERT INTO document SELECT 90000, 900, line, last_line, kind, source_kind, 'FANTASMA',"
        " date, period, description, external_ref || 'X', content_hash, first_position,"
        " movements, debit, credit, state, blocked_by FROM document WHERE id = 1",
        "INSERT INTO block SELECT 900, kind, first, last, data FROM block"
        " WHERE batch_id = 1 AND kind = 'movements'",
    )
    assert any("batch:900" in problem for problem in found.problems)
