"""``cuadre documents preview``: one answer of a file or a folder, for people and for programs."""

from __future__ import annotations

from pathlib import Path

from tests.app.conftest import Run
from tests.conftest import DATA

FOLDER = DATA / "documents"


def test_a_file_is_one_answer(run: Run) -> None:
    path = FOLDER / "mx05_recibida_honorarios_retenciones.xml"
    status, found = run("documents", "preview", path, "--own-tax-id", "EKU9003173C9", "--json")
    assert status == 0
    (document,) = found["documents"]
    assert (document["kind"], document["totals"]["due"]) == ("purchase_bill", "9533.33")
    assert (found["status"], found["missing_xml"], found["findings"]) == ([], [], [])


def test_a_person_sees_the_amounts_and_what_is_missing(run: Run, tmp_path: Path) -> None:
    for name in ("mx05_recibida_honorarios_retenciones.xml", "mx11_sat_metadata.txt"):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    status, text = run("documents", "preview", tmp_path, "--own-tax-id", "EKU9003173C9")
    assert status == 0
    assert "9,533.33" in str(text)
    assert "A0C0FFEE-0000-4000-8000-000000000199" in str(text)


def test_what_is_no_document_ends_with_two(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    path.write_text("<html/>", "utf-8")
    assert run("documents", "preview", path, "--json")[0] == 2
