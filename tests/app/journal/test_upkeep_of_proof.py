"""What verify finds is an alarm until a person settles it, and what is derived is built anew."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from tests.app.conftest import Run
from tests.conftest import DATA, SAMPLE

CFDI = DATA / "cfdi" / "cfdi40-valid.xml"


def change(home: Path, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(home / "journal.db")) as plain, plain:
        for statement in statements:
            assert plain.execute(statement).rowcount > 0, statement


def test_a_garbled_file_of_anchors_stays_an_alarm_until_it_is_settled(run: Run, home: Path) -> None:
    run("import", SAMPLE)
    (home / "anchors.jsonl").write_text("esto no es un ancla\n")
    assert run("journal", "verify")[0] == 1
    run("import", CFDI, "--own-tax-id", "EKU9003173C9")
    assert run("journal", "verify")[0] == 1
    assert "garbled" in run("status")[1]
    assert run("journal", "settle", "anchors", "--reason", " ")[0] == 2
    status, said = run("journal", "settle", "anchors", "--reason", "disco dañado", "--json")
    assert status == 0 and Path(said["aside"]).read_text() == "esto no es un ancla\n"
    assert run("journal", "verify")[0] == 0
    assert "garbled" not in run("status")[1]
    assert "disco dañado" in run("journal", "show", "journal")[1]


def test_signatures_that_were_lost_are_settled_up_to_now_and_no_further(
    run: Run, home: Path
) -> None:
    run("import", SAMPLE)
    change(home, "DELETE FROM signature")
    assert run("journal", "verify")[0] == 1
    assert run("journal", "settle", "signatures", "--reason", "tabla perdida")[0] == 0
    assert run("journal", "verify")[0] == 0
    run("import", SAMPLE)
    change(home, "DELETE FROM signature")
    assert run("journal", "verify")[0] == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE usage SET uses = uses + 7",
        "DELETE FROM usage",
        "DELETE FROM fiscal_document",
        "UPDATE fiscal_document SET batch_id = 1",
        "UPDATE file SET first_seen_at = '2020-01-01T00:00:00.000000+00:00'",
        "INSERT INTO usage VALUES (1, 'account', '999', 'inventada', 3)",
    ],
)
def test_what_is_derived_is_found_changed_and_built_anew(
    run: Run, home: Path, statement: str
) -> None:
    run("import", SAMPLE)
    run("import", CFDI, "--own-tax-id", "EKU9003173C9")
    assert run("journal", "verify")[0] == 0
    change(home, statement)
    assert run("journal", "verify")[0] == 1
    assert run("journal", "rebuild", "--json")[1]["changed"]
    assert run("journal", "verify")[0] == 0
    assert run("journal", "rebuild", "--json")[1]["changed"] == {}


def test_what_was_searched_is_found_after_it_was_built_anew(run: Run) -> None:
    run("import", SAMPLE)
    before = run("search", "nomina", "--json")[1]
    run("journal", "rebuild")
    assert before["hits"] and run("search", "nomina", "--json")[1] == before
