"""A copy made while the journal is in use, proven, and put back."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli.output import hint_of
from app.company import settings
from app.journal import store
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
    assert (status, made["events"]) == (0, 5)
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as journal, journal:
        journal.execute("UPDATE event SET data = '{}' WHERE sequence = 2")
    assert run("journal", "verify")[0] == 1
    status, back = run("journal", "restore", tmp_path / "copia.db", "--json")
    assert (status, back["events"]) == (0, 5)
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


def test_a_copy_the_disk_does_not_take_leaves_nothing_behind(
    run: Run, home: Path, tmp_path: Path
) -> None:
    """A child process that may write no file beyond some pages stands for a full disk."""
    if sys.platform == "win32":
        pytest.skip("no limit of file sizes")
    run("import", SAMPLE)
    target = tmp_path / "copia.db"
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from app.__main__ import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"sys.argv = ['cuadre', '--home', {str(home)!r}, 'journal', 'backup', {str(target)!r}]\n"
        "sys.exit(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("copia.db*"))


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("database or disk is full", store.DiskFull),
        ("could not extend file: No space left on device", store.DiskFull),
        ("database is locked", store.HeldElsewhere),
        ("attempt to write a readonly database", store.NotWritable),
        ("unable to open database file", store.NotWritable),
        ("server closed the connection unexpectedly", store.ServerLost),
        ('connection to server at "10.0.0.5", port 5432 failed: timeout expired', store.ServerLost),
        ("value too long for type character varying(60)", store.NotTaken),
        ("PostgreSQL text fields cannot contain NUL (0x00) bytes", store.NotTaken),
        ("database disk image is malformed", store.Unusable),
    ],
)
def test_the_advice_fits_what_is_wrong(reason: str, kind: type[store.Unusable]) -> None:
    found = store.unusable(reason)
    assert type(found) is kind
    is_damage = kind is store.Unusable
    assert ("backup" in found.told()) is is_damage
    assert ("restore" in hint_of(found)) is is_damage


def test_a_journal_that_is_open_elsewhere_is_not_exchanged(
    run: Run, home: Path, tmp_path: Path
) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    window = settings.open_journal(home)
    settings.get(window, "language")
    before = (home / "journal.db").read_bytes()
    status, told = run("journal", "restore", tmp_path / "copia.db")
    assert status == 2 and "open in another program" in told
    assert sorted(file.name for file in home.iterdir() if "ing" in file.suffix) == []
    window.close()
    assert (home / "journal.db").read_bytes()[:100] == before[:100]
    assert run("journal", "restore", tmp_path / "copia.db")[0] == 0


@pytest.mark.parametrize("place", [0, 100])
def test_a_damaged_journal_is_replaced_by_its_backup(
    run: Run, home: Path, tmp_path: Path, place: int
) -> None:
    run("import", SAMPLE)
    run("journal", "backup", tmp_path / "copia.db")
    with (home / "journal.db").open("r+b") as damaged:
        damaged.seek(place)
        damaged.write(b"\xb3" * 4000)
    status, back = run("journal", "restore", tmp_path / "copia.db", "--json")
    assert status == 0 and Path(back["kept"]).exists()
    assert run("journal", "verify", "--json")[1]["ok"]
