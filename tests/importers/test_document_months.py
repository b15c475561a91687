"""The XML of a folder or a zip as one file with one line a document."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from importers import Finding, LedgerLine, Line, Options, Source, document_months
from importers.archives import Export
from importers.document_months import gathered
from importers.reading import read
from tests.conftest import DATA

CFDI = sorted((DATA / "cfdi").glob("*.xml"))
DIAN = DATA / "cases" / "dian_recibida_ds05" / "dian_recibida_ds05.xml"
OLD = DATA / "cases" / "palabras" / "cfdi32.xml"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def month(tmp_path: Path) -> Path:
    """Every CFDI there is, one of them with its PDF, and one of the DIAN."""
    folder = tmp_path / "abril"
    folder.mkdir()
    for file in (*CFDI, DIAN):
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / CFDI[0].with_suffix(".pdf").name).write_bytes(PDF)
    return folder


def items(export: Export, **options: object) -> list[object]:
    source = Source(export.name, export.content, Options(**options))  # type: ignore[arg-type]
    return list(read(source))


def lines(found: list[object]) -> list[Line]:
    return [item for item in found if isinstance(item, Line)]


def codes(found: list[object]) -> list[str]:
    return [item.code for item in found if isinstance(item, Finding)]


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def test_a_folder_of_documents_is_one_file_with_a_line_each(month: Path) -> None:
    (export,) = gathered(month).exports
    found = items(export)
    records = [item for item in found if isinstance(item, LedgerLine)]
    alone = [
        item
        for file in (*CFDI, DIAN)
        for item in items(Export.of(file))
        if isinstance(item, LedgerLine)
    ]
    assert {one.identifier: one.debit + one.credit for one in records} == {
        one.identifier: one.debit + one.credit for one in alone
    }
    said = lines(found)
    assert [line.number for line in said] == list(range(1, len(CFDI) + 3))
    assert [line.rule for line in said].count("document") == len(CFDI) + 1


def test_every_original_stands_in_it_byte_for_byte(month: Path) -> None:
    (export,) = gathered(month).exports
    data = b"".join(export.content.parts())
    assert len(data) == export.content.size
    for line in lines(items(export)):
        original = data[line.offset : line.offset + line.length]
        assert original == (month / line.text.partition(" → ")[0]).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        assert sorted(archive.getnames()) == sorted(file.name for file in month.iterdir())


def test_the_same_documents_elsewhere_are_the_same_bytes(month: Path, tmp_path: Path) -> None:
    copy = tmp_path / "otra" / "mes"
    copy.mkdir(parents=True)
    for file in sorted(month.iterdir(), reverse=True):
        (copy / file.name).write_bytes(file.read_bytes())
    digests = {
        hashlib.sha256(b"".join(gathered(folder).exports[0].content.parts())).hexdigest()
        for folder in (month, copy)
    }
    assert len(digests) == 1


def test_what_accompanies_a_document_is_kept_with_it(month: Path) -> None:
    (month / "aviso.pdf").write_bytes(PDF)
    found = items(gathered(month).exports[0])
    attachments = [line.text for line in lines(found) if line.rule == "attachment"]
    assert attachments == ["aviso.pdf", f"{CFDI[0].stem}.pdf → {CFDI[0].name}"]
    assert codes(found).count("attachments-alone") == 1


def test_the_pdf_of_a_zip_with_one_document_belongs_to_it(tmp_path: Path) -> None:
    for number, file in enumerate(CFDI[:2]):
        data = {f"xml/{file.name}": file.read_bytes(), "representación.pdf": PDF}
        (tmp_path / f"fv{number}.zip").write_bytes(zipped(data))
    found = items(gathered(tmp_path).exports[0])
    texts = [line.text for line in lines(found)]
    assert texts[0] == f"fv0.zip/xml/{CFDI[0].name}"
    assert texts[1].startswith("fv0.zip/representación.pdf")
    assert "attachments-alone" not in codes(found)


def test_a_document_that_cannot_be_read_does_not_stop_the_others(month: Path) -> None:
    root = b'<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0"'
    (month / "cortado.xml").write_bytes(root + b"><roto")
    (month / "vacío.xml").write_bytes(root + b"/>")
    (month / "viejo.xml").write_bytes(OLD.read_bytes())
    found = items(gathered(month).exports[0])
    rejected = [line.text for line in lines(found) if line.disposition.value == "rejected"]
    assert rejected == ["cortado.xml", "vacío.xml", "viejo.xml"]
    said = {
        item.parameters["document"]: item.code
        for item in found
        if isinstance(item, Finding) and item.parameters.get("document") in rejected
    }
    assert said == {
        "cortado.xml": "damaged-xml",
        "vacío.xml": "not-an-amount",
        "viejo.xml": "cfdi-version",
    }
    assert sum(isinstance(item, LedgerLine) for item in found) == len(CFDI) + 1


def test_a_document_that_stands_twice_is_counted_once(month: Path) -> None:
    (month / "copia de la copia.xml").write_bytes(CFDI[1].read_bytes())
    found = items(gathered(month).exports[0])
    assert sum(isinstance(item, LedgerLine) for item in found) == len(CFDI) + 1
    assert codes(found).count("repeated-documents") == 1
    assert [line.rule for line in lines(found)].count("known-document") == 1


def test_other_files_of_the_folder_stay_files_by_themselves(month: Path) -> None:
    (month / "balanza.csv").write_text("Cuenta,Debe\n101,5\n", encoding="utf-8")
    names = [export.name for export in gathered(month).exports]
    assert names == [f"abril · {len(CFDI) + 1} XML", "balanza.csv"]


def test_names_of_any_kind_and_length_come_back(tmp_path: Path) -> None:
    deep = tmp_path / ("carpeta muy larga " * 5).strip() / ("ñandú · compañía " * 5).strip()
    deep.mkdir(parents=True)
    for file in CFDI[:2]:
        (deep / file.name).write_bytes(file.read_bytes())
    found = lines(items(gathered(tmp_path).exports[0]))
    assert [line.text for line in found] == [
        str((deep / file.name).relative_to(tmp_path)).replace("\\", "/") for file in CFDI[:2]
    ]


def test_a_tar_that_is_cut_says_so(month: Path) -> None:
    (export,) = gathered(month).exports
    data = b"".join(export.content.parts())[: export.content.size // 2]
    last = items(Export("mes.tar", type(export.content).of(data), "mes.tar"))[-1]
    assert getattr(last, "finding").code == "damaged-archive"  # noqa: B009 - a Failure


def test_a_file_that_changes_while_it_is_read_stops_everything(month: Path) -> None:
    (export,) = gathered(month).exports
    (month / CFDI[0].name).write_bytes(b"<a/>")
    with pytest.raises(OSError, match="abril"):
        list(export.content.parts())


def test_a_document_outside_of_the_month_asked_for_is_said_with_its_name(month: Path) -> None:
    found = items(gathered(month).exports[0], period="1999-01")
    outside = [
        item for item in found if isinstance(item, Finding) and item.code == "date-outside-period"
    ]
    assert {item.parameters["document"] for item in outside} == {
        file.name for file in (*CFDI, DIAN)
    }


def test_a_pdf_beside_a_statement_is_left_out_and_named(tmp_path: Path) -> None:
    (tmp_path / "estado.csv").write_text("Fecha,Cargo\n01/03/2026,5.00\n", encoding="utf-8")
    (tmp_path / "estado.pdf").write_bytes(PDF)
    found = gathered(tmp_path)
    assert [export.name for export in found.exports] == ["estado.csv"]
    assert [export.name for export in found.left_out] == ["estado.pdf"]


def test_zips_in_a_zip_are_opened(tmp_path: Path) -> None:
    inner = zipped({CFDI[0].name: CFDI[0].read_bytes(), "f.pdf": PDF})
    other = zipped({CFDI[1].name: CFDI[1].read_bytes()})
    (tmp_path / "correo.zip").write_bytes(zipped({"uno.zip": inner, "dos.zip": other}))
    found = items(gathered(tmp_path / "correo.zip").exports[0])
    assert sum(isinstance(item, LedgerLine) for item in found) == 2
    assert [line.text.split("/")[0] for line in lines(found)] == ["uno.zip", "uno.zip", "dos.zip"]


def test_the_zip_of_one_document_keeps_whatever_else_is_in_it_with_it(tmp_path: Path) -> None:
    files = {CFDI[0].name: CFDI[0].read_bytes(), "representación gráfica.pdf": PDF}
    (tmp_path / "fv.zip").write_bytes(zipped(files))
    found = items(gathered(tmp_path / "fv.zip").exports[0])
    assert [line.text for line in lines(found)] == [
        CFDI[0].name,
        f"representación gráfica.pdf → {CFDI[0].name}",
    ]
    assert "attachments-alone" not in codes(found)


def test_a_document_that_is_far_too_large_is_kept_and_said(
    month: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = sorted(file.stat().st_size for file in month.iterdir())
    monkeypatch.setattr(document_months, "LARGEST_DOCUMENT", sizes[-1] - 1)
    found = items(gathered(month).exports[0])
    assert codes(found).count("document-too-large") == 1
    assert sum(isinstance(item, LedgerLine) for item in found) == len(CFDI)
