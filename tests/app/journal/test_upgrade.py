"""A journal of release 0.1.0 is opened, copied aside first, and says what it said."""

from __future__ import annotations

from pathlib import Path

import zstandard

from app.decisions import Adjust, Attach, Explain, Match, Part, Split
from app.journal import Journal, decided, verification
from tests.conftest import DATA

OLD = DATA / "journals" / "0.1.0-decisions.db.zst"
"""Written by release 0.1.0: every kind of decision, one of them taken back."""


def opened(folder: Path) -> Journal:
    path = folder / "journal.db"
    path.write_bytes(zstandard.ZstdDecompressor().decompress(OLD.read_bytes()))
    return Journal(path, folder)


def test_every_kind_of_decision_of_the_first_release_is_understood(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with journal.reading() as transaction:
        rows = decided.every(transaction)
    said = [row.decision for row in rows]
    adjust, explain, split, efectivo, part, attach, posted = said
    assert isinstance(adjust, Adjust)
    assert (adjust.account, adjust.contra, adjust.amount, adjust.target) == (
        "111005",
        "530515",
        5,
        1,
    )
    assert isinstance(explain, Explain)
    assert (explain.category, explain.note) == ("in-transit", "llega en febrero\nsegún banco")
    assert isinstance(split, Split) and split.parts == (1000, 2000)
    assert isinstance(efectivo, Match) and (efectivo.note, efectivo.adjustment) == ("efectivo", "")
    assert isinstance(part, Part) and part.note == "no es el mismo"
    assert isinstance(attach, Attach)
    assert (attach.name, attach.note) == ("estado.pdf", "estado de cuenta")
    assert isinstance(posted, Match) and posted.adjustment == "530515"
    assert [row.stands for row in rows] == [True] * 6 + [False]
    journal.close()


def test_the_upgraded_journal_is_whole_and_the_old_one_is_kept(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    assert verification.verify(journal).problems == []
    journal.close()
    assert list(tmp_path.glob("journal.0002.bak"))


def test_a_decision_changed_behind_the_events_is_noticed(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    with journal.writing() as transaction:
        transaction.exec_driver_sql(
            "UPDATE decision SET said = replace(said, 'in-transit', 'other') WHERE id = 2"
        )
    assert any("decision 2" in problem for problem in verification.verify(journal).problems)
    journal.close()
