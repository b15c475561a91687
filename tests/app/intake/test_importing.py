"""A file into the journal: every line once, nothing doubled, nothing half."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.company.settings import OtherCompany
from app.intake.importing import Cancelled, import_file
from app.journal import Journal, blocks, events, listings, schema, verification
from importers import Options
from tests import polizas
from tests.conftest import DATA, SAMPLE

FILES = sorted(path.name for path in (DATA / "contpaqi").iterdir())


def rows(journal: Journal, table: sa.Table) -> list[sa.Row[tuple[object, ...]]]:
    with journal.reading() as connection:
        return list(connection.execute(sa.select(table)))


def movements(journal: Journal, batch: int) -> list[blocks.Movement]:
    with journal.reading() as connection:
        return list(blocks.movements(connection, batch))


@pytest.mark.parametrize("name", FILES)
def test_every_line_has_one_disposition(journal: Journal, name: str) -> None:
    result = import_file(journal, DATA / "contpaqi" / name)
    assert result.state == "complete"
    assert result.lines["total"] == sum(
        result.lines[part] for part in ("record", "heading", "rejected")
    )
    assert result.lines["total"] == len(listings.batch_lines(journal, result.batch)) > 0
    assert verification.verify(journal).ok


def test_the_lines_of_a_text_are_the_whole_file(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    kept = listings.batch_lines(journal, 1)
    assert sum(line.byte_length for line in kept) == SAMPLE.stat().st_size
    assert [line.byte_offset for line in kept][:2] == [0, 187]


def test_the_same_bytes_again_answer_the_same_batch(journal: Journal, tmp_path: Path) -> None:
    first = import_file(journal, SAMPLE)
    copy = tmp_path / "otra copia.txt"
    copy.write_bytes(SAMPLE.read_bytes())
    again = import_file(journal, copy)
    assert (again.batch, again.repeated, again.lines, again.documents) == (
        first.batch,
        True,
        first.lines,
        first.documents,
    )
    assert len(rows(journal, schema.batch)) == 1


def test_another_reading_of_the_same_bytes_is_another_batch(journal: Journal) -> None:
    assert (
        import_file(journal, SAMPLE).batch
        != import_file(journal, SAMPLE, options=Options(encoding="cp850")).batch
    )


def test_the_sample_blocks_what_is_wrong_and_explains_it(journal: Journal) -> None:
    result = import_file(journal, SAMPLE)
    assert result.documents == {"ready": 236, "blocked": 2}
    blocked = [row for row in rows(journal, schema.document) if row.state == "blocked"]
    assert {row.blocked_by for row in blocked} == {"voucher-unbalanced", "folio-duplicated"}
    texts = [text for _, text in listings.batch_findings(journal, result.batch)]
    assert any("difference 0.10" in text for text in texts)
    assert all(finding.document_id for finding, _ in listings.batch_findings(journal, result.batch))


@pytest.mark.parametrize(
    ("data", "state", "code"),
    [
        (b"", "failed", "empty-file"),
        (bytes(100), "failed", "only-zeros"),
        (b"%PDF-1.4", "failed", "foreign-file"),
        (b"hola\nmundo\n", "failed", "unknown-file"),
        (polizas.file(polizas.balanced(1), polizas.balanced(2))[:-100], "incomplete", "truncated"),
    ],
)
def test_a_failed_attempt_is_in_the_journal(
    journal: Journal, tmp_path: Path, data: bytes, state: str, code: str
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    result = import_file(journal, path)
    assert (result.state, result.documents["ready"]) == (state, 0)
    assert [finding.code for finding, _ in listings.batch_findings(journal, result.batch)] == [code]
    assert [row.kind for row in events.of(journal, subject=f"batch:{result.batch}")] == [
        "import.started",
        "import.closed",
    ]
    assert verification.verify(journal).ok


def test_a_cut_file_keeps_its_lines_and_blocks_its_vouchers(
    journal: Journal, tmp_path: Path
) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(polizas.file(polizas.balanced(1), polizas.balanced(2))[:-100])
    result = import_file(journal, path)
    assert (result.lines["total"], result.documents) == (6, {"ready": 0, "blocked": 1})


def test_stopping_leaves_the_attempt_and_no_line(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(n) for n in range(1, 3000)]))
    with pytest.raises(Cancelled):
        import_file(journal, path, progress=lambda done, total: False)
    assert rows(journal, schema.block) == []
    assert [row.state for row in rows(journal, schema.batch)] == ["cancelled"]
    assert import_file(journal, path).state == "complete"


def test_stopping_while_a_table_is_looked_through_stops_at_once(
    journal: Journal, tmp_path: Path
) -> None:
    path = tmp_path / "large.csv"
    text = "".join(
        f"05/01/2026;{n};5105;1,00;0,00\n05/01/2026;{n};1105;0,00;1,00\n" for n in range(40_000)
    )
    path.write_text("Fecha;Comprobante;Cuenta;Debito;Credito\n" + text)
    asked: list[int] = []

    def stop_at_the_third(done: int, _: int) -> bool:
        asked.append(done)
        return len(asked) < 3

    with pytest.raises(Cancelled):
        import_file(journal, path, progress=stop_at_the_third)
    assert asked == [0, 0, 0]
    assert [row.state for row in rows(journal, schema.batch)] == ["cancelled"]


def test_a_batch_that_died_while_reading_is_abandoned_and_read_again(journal: Journal) -> None:
    import_file(journal, SAMPLE)
    with journal.writing() as connection:
        for table in (schema.finding, schema.document, schema.block, schema.usage):
            connection.execute(table.delete())
        connection.execute(schema.batch.update().values(state="reading"))
    again = import_file(journal, SAMPLE)
    assert (again.batch, again.state) == (2, "complete")
    assert [row.state for row in rows(journal, schema.batch)] == ["abandoned", "complete"]


def test_a_home_belongs_to_one_company(journal: Journal) -> None:
    import_file(journal, SAMPLE, "Acme Norte")
    with pytest.raises(OtherCompany, match="ACMENORTE"):
        import_file(journal, SAMPLE, "Otra")
    assert rows(journal, schema.document)[0].external_ref == "ACMENORTE/contpaqi/3/2026-01/1"


def test_leading_zeros_and_accents_survive(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(
        "Fecha;Cuenta;Folio;Concepto;Cargo\n05/01/2026;00102;000123;Señor Núñez;1,50\n".encode(
            "cp1252"
        )
    )
    import_file(journal, path)
    (line,) = movements(journal, 1)
    assert (line.account, line.reference, line.description, line.debit) == (
        "00102",
        "000123",
        "Señor Núñez",
        150,
    )


def test_many_movements_on_one_physical_line_are_all_kept(journal: Journal, tmp_path: Path) -> None:
    path = tmp_path / "one.xml"
    path.write_bytes(
        b"".join(
            line.strip()
            for line in (DATA / "sat" / "PolizasDePrueba.xml").read_bytes().splitlines()
        )
    )
    result = import_file(journal, path)
    assert (result.state, result.lines["total"], len(movements(journal, 1))) == ("complete", 1, 20)
    assert verification.verify(journal).ok
