"""Words of texts that tell lines apart, and what references look like."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from app.matching.columns import encode
from app.matching.side import Side, SideBuilder
from app.matching.tokens import shape_of, tokens_of, words_in


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PAGO FACT 001023", {"PAGO", "FACT", "1023", "FACT1023"}),
        ("OUR REF TR45", {"TR45", "45"}),
        ("FAC-00123", {"FAC123", "123"}),
        ("Núñez", {"NUNEZ"}),
        ("13 2026 7", {"13"}),
        ("de la", set()),
    ],
)
def test_the_words_of_a_text(text: str, words: set[str]) -> None:
    assert words_in(text) == words


@pytest.mark.parametrize(
    ("reference", "shape"),
    [
        ("FAC-123", "A9"),
        ("fac 456", "A9"),
        ("1234567", "999"),
        ("6f8b1c2a-9d4e-4b3a-8c7d-1e2f3a4b5c6d", "uuid"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_what_references_look_like(reference: str, shape: str) -> None:
    assert shape_of(reference) == shape


def side(*lines: tuple[str, str]) -> Side:
    builder = SideBuilder("s")
    for number, (reference, text) in enumerate(lines):
        builder.add(str(number), date(2026, 1, 5), 100, reference=reference, text=text)
    return builder.build()


def test_a_number_is_found_inside_a_barcode() -> None:
    left = side(("424595", ""), ("424596", ""))
    right = side(("47101000042459503260", "PAGO CIE"), ("47101000042459603260", "PAGO CIE"))
    pair = encode(left, right)
    every = np.ones(2, dtype=np.bool_)
    tokens = tokens_of(left, right, pair, (every, every))
    number = tokens.of_number[pair.left.number]
    lines = np.arange(2)
    assert tokens.has(1, lines, number).all()
    assert not tokens.has(1, lines[::-1].copy(), number).any()


def test_the_number_of_a_reference_says_nothing_again_behind_its_letters() -> None:
    left, right = side(("TR 45", "")), side(("", "OUR REF TR45"))
    pair = encode(left, right)
    every = np.ones(1, dtype=np.bool_)
    tokens = tokens_of(left, right, pair, (every, every))
    first = np.zeros(1, dtype=np.int64)
    assert tokens.rarest(first, first, ())[1][0] == 2
    number = tokens.of_number[pair.left.number]
    assert tokens.rarest(first, first, (number,))[1][0] == 0
