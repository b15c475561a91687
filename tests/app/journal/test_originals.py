"""The untouched original is in the journal, and every text of a line comes from it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.intake.importing import import_file
from app.journal import Journal, listings, originals, schema, verification
from importers import Options
from importers.content import PART, Content
from tests import polizas
from tests.conftest import SAMPLE


def test_the_bytes_come_back_as_they_were(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(n) for n in range(1, 4000)]))
    assert path.stat().st_size > PART
    import_file(journal, path)
    assert verification.verify(journal).ok
    with journal.reading() as connection:
        file = connection.execute(sa.select(schema.file)).one()
        kept = originals.open_original(
            lambda query: connection.execute(query).scalar(), file.id, file.size
        )
        assert kept.whole == path.read_bytes()
        assert originals.is_whole(connection, file.id, file.size, file.sha256)
        assert (
            originals.bytes_at(connection, file.id, PART - 3, 10)
            == path.read_bytes()[PART - 3 : PART + 7]
        )


def test_the_text_of_every_line_is_read_from_it(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    expected = SAMPLE.read_bytes().decode("cp1252").split("\r\n")
    assert [line.text for line in listings.batch_lines(journal, 1)] == expected[
        : len(listings.batch_lines(journal, 1))
    ]
    assert [line.number for line in listings.batch_lines(journal, 1, [7, 3, 999999])] == [3, 7]


def test_the_same_file_is_kept_once(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    import_file(journal, SAMPLE, options=Options(encoding="cp850"))
    with journal.reading() as connection:
        files = connection.execute(sa.select(sa.func.count()).select_from(schema.file)).scalar_one()
        assert (
            files,
            connection.execute(sa.select(sa.func.count()).select_from(schema.batch)).scalar_one(),
        ) == (1, 2)


def test_a_file_that_changes_under_our_hands_is_refused(journal: Journal) -> None:
    then = originals.sha256(Content.of(b"then"))
    file = {"sha256": then, "name": "x", "path": "x", "size": 4, "first_seen_at": ""}
    with pytest.raises(originals.Changed) as refused, journal.writing() as connection:
        connection.execute(schema.file.insert().values(id=1, **file))
        originals.keep(connection, 1, Content.of(b"now!"), then, "enero.txt")
    assert refused.value.filename == "enero.txt"
    assert refused.value.strerror
    with journal.reading() as connection:
        assert connection.execute(sa.select(schema.file)).all() == []


def test_what_could_not_be_read_is_kept_all_the_same(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(b"%PDF-1.7 ...")
    assert import_file(journal, path).state == "failed"
    with journal.reading() as connection:
        assert originals.bytes_at(connection, 1, 0, 8) == b"%PDF-1.7"
