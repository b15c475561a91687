"""QIF as programs of several countries write it. What is expected is the format's description:
letters, ``^``, dates with an apostrophe for this century.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.importers.reading import codes, nets, read


def qif(*blocks: str, section: str = "!Type:Bank") -> str:
    return "\n".join([section, *(f"{block}\n^" for block in blocks)]) + "\n"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("13/03/2026", "2026-03-13"),
        ("3/13/2026", "2026-03-13"),
        ("3/13'26", "2026-03-13"),
        ("12/31' 9", "2009-12-31"),
        (" 3/ 5'26", "2026-05-03"),
        ("2026-03-13", "2026-03-13"),
        ("13.03.26", "2026-03-13"),
    ],
)
def test_dates_are_read_as_programs_write_them(written: str, day: str) -> None:
    found = read("a.qif", qif(f"D{written}\nT-10.00\nPTienda"))
    assert [one["date"] for one in found["records"]] == [day]


def test_an_order_nothing_decides_is_a_question() -> None:
    found = read("a.qif", qif("D3/5'26\nT-10.00", "D3/6'26\nT-20.00"))
    assert "ambiguous-dates" in codes(found)
    chosen = read("a.qif", qif("D3/5'26\nT-10.00"), dates="month-first")
    assert [one["date"] for one in chosen["records"]] == ["2026-03-05"]
    assert "ambiguous-dates" not in codes(chosen)


@pytest.mark.parametrize(
    ("amount", "net"),
    [
        ("T1,234.56", "1234.56"),
        ("T-1.234,56", "-1234.56"),
        ("T+13.000,00", "13000.00"),
        ("U-99.50", "-99.50"),
    ],
)
def test_amounts_are_read_in_their_own_style(amount: str, net: str) -> None:
    assert nets(read("a.qif", qif(f"D13/03/2026\n{amount}"))) == [net]


@pytest.mark.parametrize(
    ("amounts", "told"),
    [
        (("T-1.500", "T-25.75"), "doubtful-amount"),
        (("T-1.500", "T-25.750"), "ambiguous-numbers"),
        (("T-1.2345", "T-0.55"), "rounded-amount"),
    ],
)
def test_amounts_that_read_two_ways_are_said(amounts: tuple[str, ...], told: str) -> None:
    found = read("a.qif", qif(*(f"D13/03/2026\n{amount}" for amount in amounts)))
    assert told in codes(found)


def test_an_account_a_list_and_a_split() -> None:
    text = (
        "!Option:AutoSwitch\n!Account\nN1020 Banco\nTBank\n^\n!Type:Bank\n"
        "D13/03/2026\nT1,000.00\nPOpening Balance\nL[1020 Banco]\n^\n"
        "D14/03/2026\nT-116.00\nN45\nPPapelería\nMfactura\nSOficina\n$-100.00\nSIVA\n$-16.00\n^\n"
        "D15/03/2026\nT-50.00\nPPapelería\nSOficina\n$-40.00\n^\n"
        "!Type:Cat\nNOficina\nDgastos\nE\n^\n"
    )
    found = read("a.qif", text)
    assert nets(found) == ["-116.00", "-50.00"]
    assert {one["account"] for one in found["records"]} == {"1020 Banco"}
    assert found["balances"][0]["opening"] == "1000.00"
    assert codes(found) == {"total-mismatch"}
    first = found["records"][0]
    assert (first["reference"], first["description"]) == ("45", "Papelería factura")


def test_what_is_no_bank_account_is_said() -> None:
    found = read("a.qif", qif("D13/03/2026\nNBuy\nYACME\nT100.00", section="!Type:Invst"))
    assert found["records"] == []
    assert "investment-not-read" in codes(found)


@pytest.mark.parametrize(
    "broken", ["T-10.00", "D31/02/2026\nT-10.00", "D13/03/2026\nTx1", "D13/03/2026"]
)
def test_a_block_that_cannot_be_read_is_rejected_and_the_others_stand(broken: str) -> None:
    found = read("a.qif", qif("D12/03/2026\nT5.00", broken, "D14/03/2026\nT7.00"))
    assert nets(found) == ["5.00", "7.00"]
    assert "not-an-amount" in codes(found)


def test_a_last_block_without_its_end_is_read() -> None:
    found = read("a.qif", "!Tipo:Banco\nD13/03/2026\nT-230,50\nPCOMISION")
    assert nets(found) == ["-230.50"]
    assert found["records"][0]["party"] == ""


@given(
    st.lists(
        st.tuples(st.integers(-9_999_999, 9_999_999).filter(bool), st.integers(0, 300)),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from([".", ","]),
)
def test_any_file_is_read_to_the_cent(moves: list[tuple[int, int]], mark: str) -> None:
    blocks, total = [], Decimal(0)
    for cents, days in moves:
        day = date(2026, 1, 13) + timedelta(days=days)
        amount = Decimal(cents).scaleb(-2)
        total += amount
        blocks.append(f"D{day:%d/%m/%Y}\nT{str(amount).replace('.', mark)}\nPx")
    found = read("a.qif", qif("D13/01/2026\nT0" + mark + "01", *blocks))
    assert sum(map(Decimal, nets(found))) == total + Decimal("0.01")
