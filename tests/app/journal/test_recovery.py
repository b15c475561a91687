"""A journal whose file was damaged: what can be read is saved, what cannot is named, and work goes
on.
"""

from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
import sys
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

import pytest

from app.intake.importing import import_file
from app.journal import Journal, listings, recovery
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import POSIX, SAMPLE

PAGE = 4096


def damage(path: Path, pages: int, seed: int) -> None:
    """Overwrite some pages in the middle of a file with noise, as a failing disk does."""
    r = random.Random(seed)
    data = bytearray(path.read_bytes())
    for _ in range(pages):
        start = r.randrange(8, len(data) // PAGE) * PAGE
        data[start : start + PAGE] = r.randbytes(PAGE)
    path.write_bytes(bytes(data))


def counts(path: Path) -> dict[str, int]:
    with contextlib.closing(sqlite3.connect(path)) as plain:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%'"
        names = [name for (name,) in plain.execute(tables)]
        return {
            name: plain.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names
        }


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    journal = Journal(tmp_path / "casa" / "journal.db")
    import_file(journal, SAMPLE)
    path = tmp_path / "grande.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(n) for n in range(1, 3000)]))
    import_file(journal, path)
    journal.close()
    return tmp_path / "casa"


def test_a_whole_journal_comes_out_whole(filled: Path) -> None:
    found = recovery.recover(filled)
    assert (found.damaged, found.verification.ok) == ([], True)
    assert found.kept.exists()
    journal = Journal(filled / "journal.db")
    assert len(listings.batch_lines(journal, 1)) == 1112
    assert listings.event_rows(journal)[0].kind == "journal.recovered"


@pytest.mark.parametrize("seed", range(6))
def test_a_damaged_journal_is_saved_as_far_as_it_goes_and_opens_again(
    filled: Path, seed: int
) -> None:
    before = counts(filled / "journal.db")
    damage(filled / "journal.db", 4, seed)
    found = recovery.recover(filled)
    lost = {name for name, rows in found.rows.items() if rows < before[name]}
    assert not lost or found.damaged or not found.verification.ok
    # which pages are hit decides: the root of the largest table costs most of its rows
    assert sum(found.rows.values()) >= sum(before.values()) / 5
    journal = Journal(filled / "journal.db")
    assert import_file(journal, SAMPLE).state == "complete"


def test_a_file_that_is_no_database_says_what_to_do(run: Run, home: Path) -> None:
    run("import", SAMPLE)
    for suffix in ("", "-wal", "-shm"):
        (home / f"journal.db{suffix}").unlink(missing_ok=True)
    (home / "journal.db").write_bytes(b"no es una base de datos" * 900)
    assert run("status", lang="es")[0] == 2
    assert run("journal", "recover")[0] == 2
    assert (home / "journal.db").read_bytes().startswith(b"no es")


@pytest.mark.parametrize("kept", [0, 100, 4096])
def test_a_file_nothing_can_be_read_of_stays_where_it_is(run: Run, filled: Path, kept: int) -> None:
    path = filled / "journal.db"
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    broken = path.read_bytes()[:kept].replace(b"SQLite", b"XXXXXX")
    path.write_bytes(broken)
    status, told = run("--home", str(filled), "journal", "recover")
    assert status == 2
    assert "Nothing could be read" in str(told)
    assert path.read_bytes() == broken
    assert not list(filled.glob("*.recovering*"))


def test_a_relative_home_is_recovered_as_well(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(filled.parent)
    found = recovery.recover(Path(filled.name))
    assert found.verification.ok


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        # https://sqlite.org/uri.html, 3.1 and 3.2
        (
            PureWindowsPath("C:/Libros de enero/journal.db"),
            "file:///C:/Libros%20de%20enero/journal.db",
        ),
        (
            PureWindowsPath(r"\\servidor\contaduría\journal.db"),
            "file:////servidor/contadur%C3%ADa/journal.db",
        ),
        (PurePosixPath("/srv/año?/journal.db"), "file:///srv/a%C3%B1o%3F/journal.db"),
    ],
)
def test_a_file_as_sqlite_takes_it_in_an_address(path: PurePath, uri: str) -> None:
    assert recovery.sqlite_uri(path) == uri


def test_a_journal_windows_does_not_let_go_is_left_as_it_is(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("import", SAMPLE)
    before = (home / "journal.db").read_bytes()

    def held(path: Path, target: Path) -> Path:
        raise PermissionError(13, "The process cannot access the file", str(path), 32, str(target))

    monkeypatch.setattr(Path, "replace", held)
    status, told = run("journal", "recover")
    assert status == 2 and "open in another program" in told
    assert (home / "journal.db").read_bytes() == before
    assert not list(home.glob("*.recovering")) and not list(home.glob("*.damaged.db"))


@POSIX
def test_a_journal_another_process_has_open_is_not_exchanged(run: Run, home: Path) -> None:
    run("import", SAMPLE)
    program = (
        "import sys; from pathlib import Path; from app.company import settings;"
        " j = settings.open_journal(Path(sys.argv[1])); settings.get(j, 'language');"
        " print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", program, str(home)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "open\n"
        status, told = run("journal", "recover")
        other.communicate("")
    assert status == 2 and "open in another program" in told
    assert run("journal", "recover")[0] == 0
