"""A month of XML in the journal: one batch, every original, no document twice."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.intake.importing import Intake, import_export
from app.journal import Journal, batches, blocks, originals, schema, verification
from app.reconciling import sides
from importers import Options
from importers.document_months import gathered
from tests.conftest import DATA

STAMPED = (DATA / "cfdi" / "cfdi40-valid.xml").read_bytes()
OWN = ("EKU9003173C9",)


def write(folder: Path, *numbers: int) -> None:
    """Documents alike but for their folio fiscal."""
    for number in numbers:
        uuid = f"6F35D3B5-3651-5370-BC2C-{number:012}".encode()
        data = STAMPED.replace(b"6F35D3B5-3651-5370-BC2C-14CDBE384CD7", uuid)
        (folder / f"F-{number}.xml").write_bytes(data)


@pytest.fixture
def month(tmp_path: Path) -> Path:
    folder = tmp_path / "abril"
    folder.mkdir()
    write(folder, 1, 2, 3)
    return folder


def bring(journal: Journal, folder: Path, own: tuple[str, ...] = OWN) -> Intake:
    return import_export(journal, gathered(folder).exports[0], options=Options(own_tax_ids=own))


def movements(journal: Journal, batch: int) -> list[blocks.Movement]:
    with journal.reading() as connection:
        return list(blocks.movements(connection, batch))


def test_a_month_is_one_batch_that_verifies(journal: Journal, month: Path) -> None:
    result = bring(journal, month)
    assert (result.state, result.lines["record"]) == ("complete", 3)
    kept = movements(journal, result.batch)
    assert all(len(movement.identifier) == 36 for movement in kept)
    assert {movement.direction for movement in kept} == {"issued"}
    assert verification.verify(journal).ok


def test_every_original_can_be_had_again(journal: Journal, month: Path) -> None:
    result = bring(journal, month)
    row = batches.find(journal, result.batch)
    assert row is not None
    with journal.reading() as connection:
        for line in blocks.lines(connection, result.batch):
            data = originals.bytes_at(connection, row.file_id, line.offset, line.length)
            assert data == (month / str(line.text)).read_bytes()


def test_the_same_month_again_is_the_same_batch(journal: Journal, month: Path) -> None:
    first, again = bring(journal, month), bring(journal, month)
    assert (again.batch, again.repeated) == (first.batch, True)


def test_a_month_that_grew_brings_only_what_is_new(journal: Journal, month: Path) -> None:
    first = bring(journal, month)
    write(month, 4)
    second = bring(journal, month)
    assert (first.known, second.known) == (0, 3)
    assert len(movements(journal, second.batch)) == 1
    assert second.lines == {"total": 4, "record": 1, "heading": 3, "rejected": 0}


def test_a_single_document_that_is_known_is_not_counted_again(
    journal: Journal, month: Path
) -> None:
    bring(journal, month)
    export = gathered(month / "F-1.xml").exports[0]
    result = import_export(journal, export, options=Options(own_tax_ids=OWN))
    assert (result.known, movements(journal, result.batch)) == (1, [])


def test_documents_of_unknown_books_are_read_again_once_somebody_says_whose(
    journal: Journal, month: Path
) -> None:
    assert {one.direction for one in movements(journal, bring(journal, month, ()).batch)} == {""}
    again = bring(journal, month)
    assert (again.known, len(movements(journal, again.batch))) == (0, 3)


def test_a_batch_of_documents_is_a_side_under_its_identifiers(
    journal: Journal, month: Path
) -> None:
    result = bring(journal, month)
    of_batch = sides.load(journal, f"batch:{result.batch}", None, "", None)
    of_folder = sides.load(journal, str(month), None, "", None)
    assert sorted(of_batch.document) == sorted(of_folder.document)
    assert sorted(of_batch.amount) == sorted(of_folder.amount)
    assert all(len(document) == 36 for document in of_batch.document)


def test_what_is_known_is_remembered_with_the_batch(journal: Journal, month: Path) -> None:
    result = bring(journal, month)
    with journal.reading() as connection:
        rows = connection.execute(sa.select(schema.fiscal_document)).all()
    assert {row.batch_id for row in rows} == {result.batch}
    assert len(rows) == 3
