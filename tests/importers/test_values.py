"""Numbers, dates and codes as people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.values import (
    NumberStyle,
    code_text,
    compact,
    day_comes_first,
    is_damaged_code,
    number_style,
    parse_date,
    to_cents,
)

AMOUNTS = [
    (".", "1,234.56", "1234.56"),
    (".", "$ 1,234.56", "1234.56"),
    (".", "(1,234.56)", "-1234.56"),
    (".", "1,234.56-", "-1234.56"),
    (".", "-.5", "-0.5"),
    (".", "1234", "1234"),
    (".", "", "0"),
    (".", "12,345,678.9", "12345678.9"),
    (",", "1.234,56", "1234.56"),
    (",", "1.234", "1234"),
    (",", "0,5", "0.5"),
]


@pytest.mark.parametrize(("mark", "text", "expected"), AMOUNTS)
def test_amounts(mark: str, text: str, expected: str) -> None:
    assert NumberStyle(mark).parse(text) == Decimal(expected)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "1.2.3x",
        "#REF!",
        "--5",
        "12-34",
        "NaN",
        "Infinity",
        "1e5",
        ".",
        "1234,56",
        "1,23,456",
        "12,50",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        NumberStyle(".").parse(text)


@pytest.mark.parametrize(
    ("column", "mark", "certain"),
    [
        (["1.234", "2.500"], ",", False),
        (["1,234", "100"], ".", False),
        (["1.234", "2.500,75"], ",", True),
        (["1,234", "2,500.75"], ".", True),
        (["12.5"], ".", True),
        (["1.234.567"], ",", True),
        (["100", "200"], ".", False),
    ],
)
def test_a_column_decides_how_its_numbers_are_written(
    column: list[str], mark: str, certain: bool
) -> None:
    assert number_style(column) == NumberStyle(mark, certain)


@given(st.integers(-(10**12), 10**12), st.sampled_from([".", ","]))
def test_any_amount_survives_being_written_and_read(cents: int, mark: str) -> None:
    amount = Decimal(cents).scaleb(-2)
    text = f"{amount:,.2f}"
    if mark == ",":
        text = text.translate(str.maketrans(".,", ",."))
    assert NumberStyle(mark).parse(text) == amount


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20260105", date(2026, 1, 5)),
        ("05/Ene/2026", date(2026, 1, 5)),
        ("17/AGO/2020", date(2020, 8, 17)),
        ("30/nov/2024", date(2024, 11, 30)),
        ("5 de enero de 2026", date(2026, 1, 5)),
        ("05/01/2026", date(2026, 1, 5)),
        ("AGO/31/2026", date(2026, 8, 31)),
        ("MAR  1/2026", date(2026, 3, 1)),
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-05T10:11:12", date(2026, 1, 5)),
        ("05-01-26", date(2026, 1, 5)),
        ("01/12/98", date(1998, 12, 1)),
        (Decimal(46027), date(2026, 1, 5)),
        (Decimal(20260105), date(2026, 1, 5)),
        (date(2026, 1, 5), date(2026, 1, 5)),
    ],
)
def test_dates(value: object, expected: date) -> None:
    assert parse_date(value) == expected


@pytest.mark.parametrize(
    "value", ["31/02/2026", "20261301", "hoy", "", None, "05/Foo/2026", "1/1/0206", Decimal(-4)]
)
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        parse_date(value)


def test_the_column_says_which_comes_first() -> None:
    assert day_comes_first(["01/02/2026", "13/02/2026"])
    assert day_comes_first(["01/02/2026"])
    assert not day_comes_first(["01/02/2026", "02/13/2026"])
    assert day_comes_first(["05/02/2026", "25/02/2026", "26/02/2026", "02/13/2026"])


def test_codes_keep_their_zeros_and_damage_is_seen() -> None:
    assert code_text("00102") == "00102"
    assert code_text(Decimal("102010010")) == "102010010"
    assert is_damaged_code("1.02E+14")
    assert not is_damaged_code("E-1024")


def test_binary_floats_become_cents_again() -> None:
    assert to_cents(Decimal("75495.79000000001")) == Decimal("75495.79")


def test_an_amount_no_ledger_can_hold_is_refused() -> None:
    for text in ("9" * 16, "9" * 40):
        with pytest.raises(ValueError):
            to_cents(NumberStyle(".").parse(text))


def test_spaced_headings_compare_equal() -> None:
    assert compact("C u e n t a") == compact("Cuenta") == "cuenta"
