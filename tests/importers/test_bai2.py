"""BAI2 by its specification: types, funds, continuations, totals. Expected figures are arithmetic
over the records.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.importers.reading import codes, nets, read


def bai2(
    *details: str,
    account: str = "03,0012345678,MXN,010,100000,,/",
    group: str = "02,1,2,1,260831,2359,MXN,2/",
    total: int | None = None,
    records: int | None = None,
) -> str:
    lines = ["01,1,2,260901,0200,1,80,,2/", group, account, *details]
    if total is not None:
        lines.append(f"49,{total},{records or len(details) + 2}/")
    return "\n".join([*lines, "98,,,/", "99,,,/"]) + "\n"


@pytest.mark.parametrize(
    ("ending", "told"),
    [
        ("49,10000,3/\n98,10000,1,5/\n99,10000,1,7/\n", set()),
        ("49,10000,3/\n98,20000,1,5/\n99,20000,1,7/\n", {"total-mismatch"}),
        ("49,10000,3/\n98,10000,2,9/\n99,10000,1,11/\n", {"count-mismatch"}),
        ("49,10000,3/\n98,10000,1,5/\n99,10000,2,11/\n", {"count-mismatch"}),
        ("49,10000,3/\n", {"trailer-missing"}),
    ],
)
def test_what_the_trailers_say_is_held_against_the_file(ending: str, told: set[str]) -> None:
    text = "01,1,2,260901,0200,1,80,,2/\n02,1,2,1,260831,2359,MXN,2/\n03,1,MXN,,,,/\n"
    found = read("a.bai", text + "16,195,10000,Z,,,x\n" + ending)
    assert codes(found) - {"no-records"} == told


def test_a_text_may_hold_dates_and_slashes() -> None:
    text = bai2(
        "16,165,60000,Z,BR1,CR1,PAGO FACTURAS DEL 12/03, 15/03 Y 18/03", "16,475,1000,,B2,9,/"
    )
    first, second = read("a.bai", text)["records"]
    assert first["description"] == "PAGO FACTURAS DEL 12/03, 15/03 Y 18/03"
    assert second["account"] == "0012345678"


@pytest.mark.parametrize(
    ("detail", "net", "reference", "identifier", "text"),
    [
        ("16,195,10000,Z,B1,F45,CLIENTE, S.A./X/", "100.00", "F45", "B1", "CLIENTE, S.A./X"),
        ("16,475,2000,,B2,105,CHEQUE 105", "-20.00", "105", "B2", "CHEQUE 105"),
        ("16,698,50,S,50,0,0,,,COMISION", "-0.50", "", "", "COMISION"),
        ("16,195,10000,D,2,1,5000,2,5000,B3,F9,PAGO", "100.00", "F9", "B3", "PAGO"),
        ("16,195,10000,V,260831,1200,B4,F8,PAGO", "100.00", "F8", "B4", "PAGO"),
        ("16,301,10000/", "100.00", "", "", ""),
        ("16,195,10000,Z,B1,000000,PAGO", "100.00", "", "B1", "PAGO"),
    ],
)
def test_a_detail_is_read_field_by_field(
    detail: str, net: str, reference: str, identifier: str, text: str
) -> None:
    found = read("a.bai", bai2(detail))
    (record,) = found["records"]
    assert nets(found) == [net]
    assert (record["reference"], record["identifier"], record["description"]) == (
        reference,
        identifier,
        text,
    )
    assert (record["date"], record["account"], record["currency"]) == (
        "2026-08-31",
        "0012345678",
        "MXN",
    )


def test_continuations_carry_fields_and_text_on() -> None:
    text = bai2("16,195,10000,V/", "88,260831,,BK1/", "88,FACT45,CLIENTE UNO", "88,RFC X")
    (record,) = read("a.bai", text)["records"]
    assert (record["identifier"], record["reference"]) == ("BK1", "FACT45")
    assert record["description"] == "CLIENTE UNO RFC X"


def test_several_records_stand_on_one_line() -> None:
    text = bai2("16,195,10000,Z,B1,F1/16,475,2500,Z,B2,F2/49,237500,4/")
    assert nets(read("a.bai", text)) == ["100.00", "-25.00"]


@pytest.mark.parametrize(
    ("account", "detail", "total", "told"),
    [
        ("03,1,MXN,010,100000,,,015,110000,,/", "16,195,10000,Z,,,x", 220000, set()),
        ("03,1,MXN,010,100000,,,015,120000,,/", "16,195,10000,Z,,,x", 230000, {"closing-differs"}),
        ("03,1,MXN,010,100000,,/", "16,195,10000,Z,,,x", 999, {"total-mismatch"}),
        ("03,1,MXN,100,9000,1,/", "16,195,10000,Z,,,x", 19000, {"total-mismatch"}),
        ("03,1,MXN,400,0,0,/", "16,195,10000,Z,,,x", 10000, set()),
        ("03,1,MXN,,,,/", "16,195,1.5,Z,,,x", None, {"not-an-amount"}),
        ("03,1,MXN,,,,/", "16,720,100,Z,,,x", None, {"bad-movement-type"}),
        ("03,1,MXN,,,,/", "16,930,100,Z,,,x", None, {"bad-movement-type"}),
        ("03,1,MXN,,,,/", "16,890,,,,,AVISO", None, {"no-effect"}),
    ],
)
def test_what_does_not_fit_is_said(
    account: str, detail: str, total: int | None, told: set[str]
) -> None:
    found = read("a.bai", bai2(detail, account=account, total=total))
    assert codes(found) - {"count-mismatch", "no-records"} == told


@pytest.mark.parametrize(
    ("group", "count", "told"),
    [
        ("02,1,2,1,260831,2359,MXN,2/", 1, set()),
        ("02,1,2,1,260831,2359,MXN,3/", 1, {"statement-intraday"}),
        ("02,1,2,3,260831,2359,MXN,2/", 1, {"statement-corrects"}),
        ("02,1,2,4,260831,2359,MXN,2/", 0, {"no-effect"}),
        ("02,1,2,2,260831,2359,MXN,2/", 0, {"no-effect"}),
        ("02,1,2,1,261331,2359,MXN,2/", 0, {"not-a-date"}),
    ],
)
def test_a_group_says_what_it_is_worth(group: str, count: int, told: set[str]) -> None:
    found = read("a.bai", bai2("16,195,10000,Z,,,x", group=group))
    assert len(found["records"]) == count
    assert codes(found) == told


def test_amounts_have_the_decimals_of_their_currency() -> None:
    account = "03,1,JPY,010,5000,,/"
    found = read("a.bai", bai2("16,195,1500,Z,,,x", account=account))
    assert (nets(found), found["balances"][0]["opening"]) == (["1500.00"], "5000.00")


@given(
    st.lists(
        st.tuples(st.integers(100, 699), st.integers(0, 10**9), st.text("AB,/ x", max_size=12)),
        min_size=1,
        max_size=12,
    )
)
def test_any_account_adds_up(details: list[tuple[int, int, str]]) -> None:
    lines = [f"16,{kind},{cents},Z,B,F,{text}" for kind, cents, text in details]
    moved = sum(cents if kind < 400 else -cents for kind, cents, _ in details)
    account = f"03,1,MXN,010,0,,,015,{moved},,/"
    total = moved + sum(cents for _, cents, _ in details)
    found = read("a.bai", bai2(*lines, account=account, total=total))
    assert sum(map(Decimal, nets(found))) == Decimal(moved).scaleb(-2)
    assert codes(found) == set()
