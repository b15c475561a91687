"""An anchor kept outside shows what a clever editor hid inside."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.intake.importing import import_file
from app.journal import Journal, anchors, events, verification
from app.journal.events import event_hash
from tests.app.conftest import Run
from tests.conftest import SAMPLE


@pytest.fixture
def journal(home: Path) -> Iterator[Journal]:
    """One nobody signs: what the chain and anchors tell alone."""
    opened = Journal(home / "journal.db", home)
    yield opened
    opened.close()


def rewrite(journal: Journal, sequence: int, **changes: str) -> None:
    """What an editor would do who knows how the chain is made: change an event, then every hash
    after it.
    """
    with contextlib.closing(sqlite3.connect(str(journal.path))) as plain, plain:
        plain.row_factory = sqlite3.Row
        previous = ""
        for row in plain.execute("SELECT * FROM event ORDER BY sequence").fetchall():
            event = {**dict(row), **(changes if row["sequence"] == sequence else {})}
            digest = event_hash(
                previous,
                event["sequence"],
                event["at"],
                event["actor"],
                event["kind"],
                event["subject"],
                event["data"],
            )
            plain.execute(
                "UPDATE event SET actor=?, previous_hash=?, hash=? WHERE sequence=?",
                (event["actor"], previous, digest, event["sequence"]),
            )
            previous = digest
        plain.execute("UPDATE chain SET hash=?", (previous,))


def test_hashes_made_anew_deceive_the_chain_but_not_the_anchors(
    journal: Journal, tmp_path: Path
) -> None:
    import_file(journal, SAMPLE)
    early = anchors.head(journal, 1)
    assert early is not None
    anchors.write(early, tmp_path / "enero.json")
    for _ in range(3):
        events.record(journal, "test.made", "subject")
    late = anchors.head(journal)
    assert late is not None
    assert verification.verify(journal, [late, early]).ok
    rewrite(journal, late.sequence, actor="nadie@nada")
    found = verification.verify(journal, [*anchors.read(tmp_path / "enero.json"), late])
    assert found.first_bad is None
    assert len(found.problems) == 1
    assert f"{early.sequence + 1}" in found.problems[0] and f"{late.sequence}" in found.problems[0]


def test_an_anchor_is_kept_beside_the_journal_after_each_import(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    (kept,) = anchors.kept(journal)
    assert kept.sequence == anchors.head(journal).sequence  # type: ignore[union-attr]
    rewrite(journal, 1, actor="otro@equipo")
    assert not verification.verify(journal).ok


def test_a_journal_cut_short_is_seen(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    anchor = anchors.head(journal)
    assert anchor is not None
    later = anchors.Anchor(anchor.journal, anchor.sequence + 5, "0" * 64, anchor.at)
    assert anchors.check(journal, [later]) == anchors.Disagreement(1, anchor.sequence + 5)
    assert anchors.check(journal, [anchors.Anchor("0" * 64, 1, "0" * 64, "")]).other  # type: ignore[union-attr]


def test_from_the_command_line(run: Run, tmp_path: Path) -> None:
    assert run("journal", "anchor")[0] == 2
    run("import", SAMPLE)
    status, made = run("journal", "anchor", tmp_path / "a.json", "--json")
    assert status == 0 and made == json.loads((tmp_path / "a.json").read_text())
    assert run("journal", "verify", "--anchor", tmp_path / "a.json", "--json")[1]["ok"]
    (tmp_path / "b.json").write_text("{}")
    assert run("journal", "verify", "--anchor", tmp_path / "b.json")[0] == 2
    (tmp_path / "a.json").write_text(
        (tmp_path / "a.json").read_text().replace(made["hash"], "0" * 64)
    )
    assert run("journal", "verify", "--anchor", tmp_path / "a.json")[0] == 1


def remade(journal: Journal, edit: Callable[[list[dict[str, Any]]], None]) -> None:
    """Edit the list of events, then number and hash them anew as if nothing had been."""
    with contextlib.closing(sqlite3.connect(str(journal.path))) as plain, plain:
        plain.row_factory = sqlite3.Row
        rows = [
            dict(row) for row in plain.execute("SELECT * FROM event ORDER BY sequence").fetchall()
        ]
        edit(rows)
        plain.execute("DELETE FROM event")
        previous = ""
        for sequence, row in enumerate(rows, 1):
            row |= {"sequence": sequence, "previous_hash": previous}
            names = ("at", "actor", "kind", "subject", "data")
            previous = row["hash"] = event_hash(previous, sequence, *(row[name] for name in names))
            plain.execute(
                "INSERT INTO event VALUES (:sequence, :at, :actor, :kind, :subject, :data,"
                " :previous_hash, :hash)",
                row,
            )
        plain.execute("UPDATE chain SET sequence = ?, hash = ?", (len(rows), previous))


@pytest.mark.parametrize("place", [2, 7, 12])
@pytest.mark.parametrize(
    "edit",
    [
        lambda rows, place: rows[place - 1].update(actor="nadie@nada"),
        lambda rows, place: rows.pop(place - 1),
        lambda rows, place: rows.insert(place - 1, {**rows[place], "subject": "inventado"}),
        lambda rows, place: rows.insert(place - 1, rows.pop(place)),
    ],
    ids=["changed", "removed", "inserted", "reordered"],
)
def test_the_very_event_is_named_though_every_later_hash_was_made_anew(
    journal: Journal, tmp_path: Path, edit: Callable[[list[dict[str, Any]], int], None], place: int
) -> None:
    for number in range(15):
        events.record(journal, "test.made", f"subject {number}")
    anchor = anchors.head(journal, 1)
    assert anchor is not None
    anchors.write(anchor, tmp_path / "fuera.json")
    remade(journal, lambda rows: edit(rows, place))
    assert verification.verify(journal).ok
    found = verification.verify(journal, anchors.read(tmp_path / "fuera.json"))
    assert (found.first_bad, found.ok) == (place, False)


def test_a_line_a_full_disk_left_half_written_spoils_nothing(journal: Journal, home: Path) -> None:
    import_file(journal, SAMPLE)
    with (home / anchors.FILE_NAME).open("a") as file:
        file.write('{"journal": "abc", "sequ')
    assert verification.verify(journal).ok
    events.record(journal, "test.made", "subject")
    anchors.keep(journal)
    assert len(anchors.kept(journal)) == 2


@pytest.mark.parametrize("emptied", [True, False])
def test_a_journal_that_is_gone_beside_its_anchors_is_no_new_company(
    run: Run, home: Path, emptied: bool
) -> None:
    run("import", SAMPLE)
    for suffix in ("", "-wal", "-shm"):
        (home / f"journal.db{suffix}").unlink(missing_ok=True)
    if emptied:
        (home / "journal.db").write_bytes(b"")
    status, told = run("import", SAMPLE)
    assert status == 2
    assert "anchors.jsonl" in str(told)
    (home / "anchors.jsonl").rename(home / "aparte.jsonl")
    assert run("import", SAMPLE)[0] == 1
