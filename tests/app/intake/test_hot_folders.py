"""A file in a watched folder is imported once it is whole, once, and never half."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.company import folders
from app.intake import completeness, hot_folders
from app.intake.hot_folders import LONGEST_WAIT, QUIET, Round, State
from app.journal import Journal, batches
from importers.archives import Export
from tests import cfdi_month
from tests.conftest import SAMPLE

Look = Callable[[float], Round]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    folder = tmp_path / "Exportación señor Núñez"
    folder.mkdir()
    return folder


@pytest.fixture
def look(journal: Journal, place: Path) -> Look:
    """A listing some seconds after the first."""
    folders.add(journal, place)
    began = 1_780_000_000.0
    return lambda after: hot_folders.look(journal, lambda: began + after)


def states(found: Round) -> dict[str, str]:
    return {Path(one.path).name: one.state.value for one in found.arrivals}


def test_a_file_is_imported_when_it_has_stayed_as_it_is_and_once(
    journal: Journal, place: Path, look: Look
) -> None:
    shutil.copy(SAMPLE, place / "polizas.txt")
    assert states(look(0)) == {"polizas.txt": "waiting"}
    assert states(look(QUIET - 1)) == {"polizas.txt": "waiting"}
    assert states(look(QUIET)) == {"polizas.txt": "imported"}
    assert states(look(QUIET * 9)) == {"polizas.txt": "imported"}
    (batch,) = batches.every(journal)
    assert (batch.name, batch.state) == ("polizas.txt", "complete")
    assert (place / "polizas.txt").exists(), "an original is never moved or deleted"


def test_a_file_that_is_still_written_waits(journal: Journal, place: Path, look: Look) -> None:
    """Twelve pieces with pauses, the last of which ends the last line."""
    data = SAMPLE.read_bytes()
    size = len(data) // 12
    for piece in range(12):
        end = len(data) if piece == 11 else size * (piece + 1)
        (place / "polizas.txt").write_bytes(data[:end])
        assert states(look(piece * 8.0)) == {"polizas.txt": "waiting"}
    assert states(look(11 * 8.0 + QUIET)) == {"polizas.txt": "imported"}
    assert [batch.lines_rejected for batch in batches.every(journal)] == [0]


def cut_workbook() -> bytes:
    book, buffer = openpyxl.Workbook(), io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()[:-40]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cortado.xlsx", cut_workbook()),
        ("cortado.xml", b"<?xml version='1.0'?><cfdi:Comprobante a='1'><cfdi:Emisor/>"),
        ("vacio.csv", b""),
        ("cortado.dbf", bytes([3, 26, 1, 1]) + (9).to_bytes(4, "little") + b"\x41\0\x20\0" + b"x"),
    ],
    ids=["workbook", "xml", "empty", "table"],
)
def test_what_does_not_come_to_its_end_is_held_and_never_imported(
    journal: Journal, place: Path, look: Look, name: str, content: bytes
) -> None:
    (place / name).write_bytes(content)
    look(0)
    assert states(look(QUIET * 2)) == {name: "waiting"}
    assert states(look(LONGEST_WAIT)) == {name: "held"}
    assert batches.every(journal) == []


def test_a_held_file_that_is_mended_goes_its_way(journal: Journal, place: Path, look: Look) -> None:
    (place / "p.txt").write_bytes(b"")
    look(0)
    assert states(look(LONGEST_WAIT)) == {"p.txt": "held"}
    shutil.copy(SAMPLE, place / "p.txt")
    look(LONGEST_WAIT + 1)
    assert states(look(LONGEST_WAIT + 1 + QUIET)) == {"p.txt": "imported"}


def test_a_text_without_the_end_of_its_last_line_is_read_after_a_while(
    journal: Journal, place: Path, look: Look
) -> None:
    (place / "p.txt").write_bytes(SAMPLE.read_bytes().rstrip())
    look(0)
    assert states(look(QUIET)) == {"p.txt": "waiting"}
    assert states(look(LONGEST_WAIT)) == {"p.txt": "imported"}


def test_what_programs_leave_around_is_no_file(journal: Journal, place: Path, look: Look) -> None:
    for name in ("~$libro.xlsx", "x.crdownload", "Thumbs.db", ".oculto.txt", "y.PART"):
        (place / name).write_bytes(b"a\n")
    (place / "enlace.txt").symlink_to(SAMPLE)
    look(0)
    assert look(QUIET).arrivals == []


def test_the_same_content_under_another_name_is_no_second_batch(
    journal: Journal, place: Path, look: Look
) -> None:
    shutil.copy(SAMPLE, place / "a.txt")
    look(0)
    look(QUIET)
    shutil.copy(SAMPLE, place / "b.txt")
    look(QUIET + 1)
    assert states(look(QUIET * 2 + 1)) == {"a.txt": "imported", "b.txt": "repeated"}
    assert len(batches.every(journal)) == 1


def test_the_documents_of_a_month_are_one_batch_and_new_ones_another(
    journal: Journal, place: Path, look: Look
) -> None:
    month = cfdi_month.month(8, seed=1)
    month.write(place / "marzo")
    look(0)
    found = look(QUIET)
    assert {one.state for one in found.arrivals} == {State.IMPORTED}
    names = sorted(batch.name for batch in batches.every(journal))
    assert len(names) == 2, "the XML together, and the metadata"
    later = cfdi_month.month(2, seed=99)
    (name, text) = next(iter(later.files.items()))
    (place / "marzo" / name).write_text(text, encoding="utf-8")
    look(QUIET + 1)
    look(QUIET * 2 + 1)
    assert len(batches.every(journal)) == 3


def test_a_folder_that_goes_away_is_told_and_comes_back_without_a_second_import(
    journal: Journal, place: Path, look: Look
) -> None:
    shutil.copy(SAMPLE, place / "a.txt")
    look(0)
    look(QUIET)
    away = place.with_name("desconectada")
    place.rename(away)
    found = look(QUIET + 5)
    assert list(found.unreachable) == [str(place)]
    assert states(found) == {"a.txt": "imported"}, "unreachable is never empty"
    away.rename(place)
    assert states(look(QUIET + 10)) == {"a.txt": "imported"}
    assert len(batches.every(journal)) == 1


def test_a_file_that_changes_while_it_is_copied_waits(
    journal: Journal, place: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SAMPLE, place / "a.txt")
    look(0)
    real = shutil.copyfile

    def growing(source: Path, target: Path) -> Path:
        made = real(source, target)
        with source.open("ab") as file:
            file.write(b"\n")
        return Path(made)

    monkeypatch.setattr("app.intake.hot_folders.shutil.copyfile", growing)
    assert states(look(QUIET)) == {"a.txt": "waiting"}
    assert batches.every(journal) == []


def test_what_cannot_be_read_is_held_with_its_batch(
    journal: Journal, place: Path, look: Look
) -> None:
    (place / "a.txt").write_text("no es un archivo contable\n", encoding="utf-8")
    look(0)
    (one,) = look(QUIET).arrivals
    assert (one.state, one.batch > 0) == (State.HELD, True)


def test_only_folders_are_watched(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(folders.NoFolder):
        folders.add(journal, tmp_path / "no existe")
    with pytest.raises(folders.NotWatched):
        folders.remove(journal, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "is_whole"),
    [
        ("a.xml", "<a><b/></a>\n".encode("utf-16"), True),
        ("a.xml", b"<a><b/></a><!-- fin -->", True),
        ("a.xml", b"<a><b/>", False),
        ("a.csv", b"x;1\r\n", True),
        ("a.csv", b"x;1", False),
        ("a.txt", b"x\n\x1a", True),
        ("a.pdf", b"%PDF-1.4\n...%%EOF\n", True),
        ("a.pdf", b"%PDF-1.4\n...", False),
    ],
)
def test_content_closes_or_not(tmp_path: Path, name: str, content: bytes, is_whole: bool) -> None:
    (tmp_path / name).write_bytes(content)
    assert completeness.closes(tmp_path / name) is is_whole


def test_a_damaged_member_of_a_zip_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x" * 1000)
    assert completeness.closes(path)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    assert not completeness.closes(path)


def test_a_file_that_breaks_its_reading_keeps_no_other_out(
    journal: Journal, place: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(SAMPLE, place / "bueno.txt")
    (place / "malo.txt").write_bytes(SAMPLE.read_bytes() + b"\n")
    real = hot_folders.importing.import_export

    def broken(journal: Journal, export: Export, *others: Any) -> Any:
        if export.name == "malo.txt":
            raise RuntimeError("a defect")
        return real(journal, export, *others)

    monkeypatch.setattr("app.intake.hot_folders.importing.import_export", broken)
    look(0)
    assert states(look(QUIET)) == {"bueno.txt": "imported", "malo.txt": "held"}
