"""A copy made while the journal is in use, proven, and put back."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.app.conftest import Run
from tests.conftest import SAMPLE


def dump(home: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as journal:
        names = [
            name
            for (name,) in journal.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        kept = sorted(name for name in names if not name.startswith("search_"))
        return [str(row) for name in kept for row in journal.execute(f'SELECT * FROM "{name}"')]


def test_a_copy_is_proven_and_restored_and_the_old_journal_kept(
    run: Run, home: Path, tmp_path: Path
) -> None:
    run("import", SAMPLE)
    status, made = run("journal", "backup", tmp_path / "copia.db", "--json")
    assert (status, made["events"]) == (0, 4)
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as journal, journal:
        journal.execute("UPDATE event SET data = '{}' WHERE sequence = 2")
    assert run("journal", "verify")[0] == 1
    status, back = run("journal", "restore", tmp_path / "copia.db", "--json")
    assert (status, back["events"]) == (0, 4)
    assert Path(back["kept"]).exists()
    assert run("journal", "verify", "--json")[1]["ok"]
    assert run("import", SAMPLE, "--json")[1]["repeated"]


def test_a_copy_restored_where_the_journal_is_gone_is_whole(
    run: Run, home: Path, tmp_path: Path
) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    run(
        "connection",
        "add",
        "sb",
        "--system",
        "sandbox",
        "--url",
        "http://127.0.0.1:9",
        "--user",
        "x",
    )
    run("journal", "anchor", home / "anchors.jsonl")
    for suffix in ("", "-wal", "-shm"):
        (home / f"journal.db{suffix}").unlink(missing_ok=True)
    assert run("journal", "restore", tmp_path / "copia.db", "--json")[0] == 0
    assert run("journal", "verify", "--json")[1]["ok"]


def test_a_copy_that_is_not_whole_changes_nothing(run: Run, home: Path, tmp_path: Path) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "copia.db")) as copy, copy:
        copy.execute("DELETE FROM event WHERE sequence = 3")
    before = dump(home)
    for lang in ("es", "en"):
        assert run("journal", "restore", tmp_path / "copia.db", lang=lang)[0] == 2
    assert run("journal", "restore", tmp_path / "no-existe.db")[0] == 2
    assert dump(home) == before
    (tmp_path / "texto.db").write_text("esto no es una base de datos" * 50)
    assert run("journal", "restore", tmp_path / "texto.db")[0] == 2
    assert run("journal", "verify", "--json")[1]["ok"]


def test_a_shared_journal_is_not_restored_from_a_file(
    run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    monkeypatch.setenv("CUADRE_JOURNAL", "postgresql://x@127.0.0.1:9/x")
    assert "pg_dump" in run("journal", "restore", tmp_path / "copia.db")[1]
    assert "pg_dump" in run("journal", "recover")[1]


def test_a_restore_says_how_many_events_it_took_back(run: Run, home: Path, tmp_path: Path) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    run("import", SAMPLE)
    run("journal", "restore", tmp_path / "copia.db")
    restored = run("journal", "show", "journal", "--json")[1][-1]
    assert (restored["kind"], restored["data"]["lost"]) == ("journal.restored", 1)
