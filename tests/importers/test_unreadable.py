"""Files that hold nothing to read: what they are is said, nothing crashes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msoffcrypto.format.ooxml import OOXMLFile

from importers import Failure, Line, Source, Unreadable, inspect, read
from importers.archives import Export
from importers.content import Content
from importers.reading import READERS, Item, inspect_export
from tests import polizas
from tests.conftest import DATA


def protected_workbook() -> bytes:
    plain, locked = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(plain)
    plain.seek(0)
    OOXMLFile(plain).encrypt("secreto", locked)
    return locked.getvalue()


def zipped(data: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("dentro", data)
    return memory.getvalue()


CASES = {
    "empty-file": b"",
    "only-zeros": bytes(5000),
    "foreign-file": b"%PDF-1.7\n1 0 obj",
    "unknown-file": b"nada que ver\ncon la contabilidad\n",
    "damaged-workbook": b"PK\x03\x04[Content_Types].xml xl/ broken",
    "truncated": polizas.file(polizas.balanced())[:-90],
    "damaged-table": bytes([3, 126, 1, 1, 0, 0, 0, 0, 97, 0]) + bytes(200),
    "unsupported-container": zipped(zipped(zipped(zipped(zipped(b"texto"))))),
    "damaged-zip": zipped(b"texto" * 1000)[:-30],
    "zip-empty": b"PK\x05\x06" + bytes(18),
    "damaged-xml": (DATA / "sat" / "PolizasDePrueba.xml").read_bytes()[:2000],
}


@pytest.mark.parametrize("code", CASES)
def test_a_clear_reason(tmp_path: Path, code: str) -> None:
    path = tmp_path / "archivo.txt"
    path.write_bytes(CASES[code])
    found = inspect(path)
    assert not found.readable
    assert code in [finding.code for finding in found.findings]


def test_a_password_protected_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "libro.xlsx"
    path.write_bytes(protected_workbook())
    assert [finding.code for finding in inspect(path).findings] == ["password-protected"]


def test_an_unknown_profile_or_encoding_is_said(tmp_path: Path) -> None:
    from importers import Options

    data = polizas.file(polizas.balanced())
    with pytest.raises(Unreadable, match="not-decodable"):
        Source.of("x", data, Options(encoding="klingon"))
    failure = list(read(Source.of("x", data, Options(profile="nope"))))[-1]
    assert failure.finding.code == "unknown-profile"  # type: ignore[union-attr]


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_read_or_refused_without_a_crash(data: bytes) -> None:
    try:
        source = Source.of("x", data)
    except Unreadable:
        return
    lines = [item for item in read(source) if isinstance(item, Line)]
    assert sum(line.length for line in lines) in (0, len(data)) or source.container != "text"


@pytest.mark.parametrize("stumble", [KeyError, TypeError, ValueError, ZeroDivisionError])
def test_a_mistake_of_a_reader_refuses_its_file_only(
    monkeypatch: pytest.MonkeyPatch, stumble: type[Exception]
) -> None:
    def fails(_: Source) -> Iterator[Item]:
        raise stumble("debit")
        yield

    monkeypatch.setitem(READERS, "contpaqi-polizas", fails)
    *_, last = read(Source.of("polizas.txt", polizas.file(polizas.balanced())))
    assert isinstance(last, Failure)
    assert last.finding.code == "reader-failed"
    assert "test_unreadable.py" in str(last.finding.parameters["reason"])


def test_no_word_of_a_library_reaches_a_person() -> None:
    for code in ("damaged-zip", "damaged-xml", "damaged-workbook", "damaged-table"):
        found = inspect_export(Export("x", Content.of(CASES[code]), "x"))
        for finding in found.findings:
            assert str(finding.parameters.get("reason", "?!")) not in str(finding.message)
