"""Physical lines: every byte accounted for, whatever the newline, the block or the mixture of
encodings.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import Finding, Source, Unreadable, read
from importers.content import LONGEST_LINE, Content
from importers.encoding import LARGEST_WHOLE, detect_content
from importers.lines import LineDecoder, text_lines

ROW = "05/01/2026;102;Depósito señor Núñez;1,50"


def in_parts(data: bytes, size: int) -> Content:
    return Content(len(data), lambda: (data[at : at + size] for at in range(0, len(data), size)))


@pytest.mark.parametrize(
    ("newline", "encoding"),
    [(newline, encoding) for newline in ("\n", "\r\n", "\r") for encoding in ("cp1252", "utf-8")]
    + [("\r\n", "utf-16-le"), ("\r\n", "utf-16-be")],
)
@pytest.mark.parametrize("part", [4, 64, 100_000])
def test_lines_are_the_same_in_parts_of_any_size(newline: str, encoding: str, part: int) -> None:
    data = (newline.join([ROW] * 30) + newline).encode(encoding)
    lines = list(text_lines(in_parts(data, part), encoding))
    assert [line.text for line in lines] == [ROW] * 30
    assert [line.number for line in lines] == list(range(1, 31))
    assert sum(line.length for line in lines) == len(data)
    assert all(line.terminated for line in lines)


def test_the_last_line_may_lack_its_end() -> None:
    lines = list(text_lines(Content.of(b"a\nb"), "ascii"))
    assert [(line.text, line.offset, line.length, line.terminated) for line in lines] == [
        ("a", 0, 2, True),
        ("b", 2, 1, False),
    ]


def test_the_end_of_file_mark_of_dos_is_no_text() -> None:
    assert [line.text for line in text_lines(Content.of(b"a\r\n\x1a"), "ascii")] == ["a", ""]


@given(
    st.binary(max_size=300),
    st.integers(1, 40),
    st.sampled_from(["cp1252", "utf-8", "cp850", "latin-1"]),
)
def test_any_bytes_are_accounted_for(data: bytes, part: int, encoding: str) -> None:
    lines = list(text_lines(in_parts(data, part), encoding))
    assert sum(line.length for line in lines) == len(data)
    assert [line.text for line in lines] == [
        line.text for line in text_lines(Content.of(data), encoding)
    ]


def test_a_line_without_end_is_refused_before_it_fills_the_memory() -> None:
    endless = Content(LONGEST_LINE * 4, lambda: iter([b"x" * (LONGEST_LINE // 2)] * 8))
    with pytest.raises(Unreadable) as stopped:
        list(text_lines(endless, "ascii"))
    assert stopped.value.code == "endless-line"


@pytest.mark.parametrize(
    ("page", "other", "text", "read_as"),
    [
        ("cp1252", "cp850", "NÓMINA DE OPERACIÓN", "cp850"),
        ("cp850", "cp1252", "Depósito señor Núñez", "cp1252"),
        ("cp1252", "utf-8", "Comisión bancaria", "utf-8"),
    ],
)
def test_a_line_of_another_encoding_is_read_in_it(
    page: str, other: str, text: str, read_as: str
) -> None:
    assert LineDecoder(page).line(text.encode(other)) == (text, read_as, "")


def test_a_foreign_name_is_not_mended_away() -> None:
    assert LineDecoder("cp850").line("CITROËN".encode("cp850"))[0] == "CITROËN"


def test_a_windows_letter_inside_a_utf8_line_is_read_piece_by_piece() -> None:
    raw = "Comisión ".encode() + "señor".encode("cp1252")
    assert LineDecoder("utf-8").line(raw) == ("Comisión señor", "cp1252", "")


def test_a_mixed_file_says_which_lines_were_read_otherwise() -> None:
    rows = [ROW.encode("cp1252")] * 40
    rows[20] = "06/01/2026;102;PROVISIÓN DE NÓMINA;2,00".encode("cp850")
    data = b"Fecha;Cuenta;Concepto;Cargo\n" + b"\n".join(rows) + b"\n"
    items = list(read(Source.of("x.csv", data)))
    found = [item for item in items if isinstance(item, Finding) and item.code == "mixed-encoding"]
    assert [(item.line, item.parameters["seen"]) for item in found] == [(22, "cp850")]


def test_a_large_file_is_judged_on_its_lines_with_accents() -> None:
    rows = (
        b"plain line of ascii text;1;2;3\r\n" * 200_000
        + "DEPRECIACIÓN DEL AÑO\r\n".encode("cp850") * 20
    )
    assert len(rows) > LARGEST_WHOLE
    found = detect_content(Content.of(rows))
    assert (found.encoding, found.confidence > 0.9) == ("cp850", True)
    line_numbers = [
        message.parameters.get("line") for message in found.evidence if "line" in message.parameters
    ]
    assert 200_001 in line_numbers
