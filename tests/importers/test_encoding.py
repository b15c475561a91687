"""Text is right, not the label: every case is judged by what the bytes read as."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.encoding import detect
from importers.lines import LineDecoder

TEXTS = {
    "upper": "PÓLIZA NÚMERO 12;COMPAÑÍA MINERA DE MÉXICO;DEPRECIACIÓN DEL AÑO",
    "lower": "póliza número 12; compañía minera de méxico; depreciación del año",
    "title": "Depósito BBVA; Cobro factura A-101 señor Núñez; Provisión de nómina",
    "one letter": "FACTURA 12 DE MUÑOZ E HIJOS",
    "ordinals": "CALLE 5ª N° 12; 1º DE MAYO",
    "colombia": "GRAVAMEN A LOS MOVIMIENTOS; ÚTILES Y PAPELERÍA; BOGOTÁ",
}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize(
    "encoding", ["cp1252", "latin-1", "cp850", "cp437", "utf-8", "utf-8-sig", "utf-16", "mac_roman"]
)
def test_spanish_accounting_text_is_read_right(name: str, encoding: str) -> None:
    text = TEXTS[name]
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        pytest.skip(f"{encoding} lacks a letter")
    found = detect(data)
    assert data.decode(found.encoding).lstrip("\ufeff") == text
    assert found.evidence


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_is_told_by_its_zeros(encoding: str) -> None:
    text = "Fecha;Cuenta;Importe\r\n01/02/2026;102;1.00\r\n" * 3
    assert text.encode(encoding).decode(detect(text.encode(encoding)).encoding) == text


def test_a_lone_accent_at_the_end_of_a_long_file_is_seen() -> None:
    data = b"plain line of text\r\n" * 100_000 + "MUÑOZ".encode("cp1252")
    assert detect(data).encoding == "cp1252"


def test_utf8_cut_inside_its_last_character_is_still_utf8() -> None:
    data = "Depósito señor Núñez niño".encode()[:-2]
    assert detect("señor".encode() + "ñ".encode()[:1]).encoding == "utf-8"
    assert detect(data).encoding == "utf-8"


def test_a_single_stray_letter_is_not_called_certain() -> None:
    assert detect("éltima".encode("cp1252")).confidence < 0.6


def test_a_utf8_line_in_a_windows_file_is_repaired_and_named() -> None:
    decoder = LineDecoder("cp1252")
    assert decoder.line("señor Núñez".encode("cp1252")) == ("señor Núñez", "", "")
    assert decoder.line("señor Núñez".encode()) == ("señor Núñez", "utf-8", "")


def test_a_windows_line_in_a_utf8_file_is_repaired_and_named() -> None:
    assert LineDecoder("utf-8").line("PEÑA".encode("cp1252")) == ("PEÑA", "cp1252", "")


@given(st.binary(max_size=400))
def test_any_bytes_get_an_answer_that_decodes(data: bytes) -> None:
    found = detect(data)
    text, *_ = LineDecoder(found.encoding).line(data)
    assert 0 <= found.confidence <= 1
    assert isinstance(text, str)


@given(st.text(alphabet="abcdeinorstáéíóúñ ÁÉÍÓÚÑ0123456789.,-", min_size=60, max_size=200))
def test_utf8_is_never_mistaken(text: str) -> None:
    assert text.encode().decode(detect(text.encode()).encoding) == text
