"""Vouchers of Aspel COI as the programs that write them do: by row, by day of the open period."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest

from importers import Options, Voucher
from importers import read as read_source
from importers.findings import Finding
from importers.source import Source
from tests.importers.reading import codes, read

CFDI = [
    (None, None, "INICIO_CFDI"),
    (None, None, "15/01/2026", "A", "45", "EKU9003173C9", " MCI7306249Y1", 1160, "UUID-1"),
    (None, None, "FIN_CFDI"),
]
HEAD = ("Ig", "12", "COBRO", "15")
DEBIT = (None, "1120-001-000", "0", "DEPOSITO", "1", 1160, None, "7", "0")
CREDIT = (None, "1150-001-001", "0", "DEPOSITO", "1", None, 1160, "0", "0")
END = (None, "FIN_PARTIDAS")


def workbook(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def vouchers(*rows: tuple[object, ...], period: str = "2026-01") -> tuple[list[Voucher], set[str]]:
    source = Source.of("carga.xlsx", workbook(*rows), Options(period=period))
    items: list[Any] = list(read_source(source))
    told = {item.code for item in items if isinstance(item, Finding)}
    return [item for item in items if isinstance(item, Voucher)], told


def test_a_voucher_with_its_documents() -> None:
    (voucher,), told = vouchers((), HEAD, DEBIT, *CFDI, CREDIT, *CFDI, END)
    assert (voucher.kind, voucher.number, voucher.date.isoformat()) == ("Ig", "12", "2026-01-15")
    assert (str(voucher.debit), str(voucher.credit)) == ("1160.00", "1160.00")
    assert voucher.uuids == ("UUID-1",)
    assert [line.uuids for line in voucher.lines] == [("UUID-1",), ("UUID-1",)]
    assert [line.segment for line in voucher.lines] == ["7", ""]
    assert told - {"rfc-check-digit"} == {"uuid-form"}


def test_the_month_is_asked_for() -> None:
    found = read("carga.xlsx", workbook(HEAD, DEBIT, CREDIT, END))
    assert (found["refused"] or {}).get("code") == "date-without-year"


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((("Ig", None, "Sin numero", "6"), DEBIT, CREDIT, END), "folio-missing"),
        (((None, "1120-001-000", "0", "x", "1", 777, None), END), "unknown-record"),
    ],
)
def test_nothing_with_amounts_is_a_title(rows: tuple[tuple[object, ...], ...], code: str) -> None:
    assert code in vouchers(HEAD, DEBIT, CREDIT, END, *rows)[1]


def test_a_block_that_is_not_closed_ends_with_its_voucher() -> None:
    found, _ = vouchers(
        HEAD, DEBIT, CREDIT, *CFDI[:2], END, ("Eg", "7", "x", "20"), DEBIT, CREDIT, END
    )
    assert [(one.kind, one.number, len(one.lines)) for one in found] == [
        ("Ig", "12", 2),
        ("Eg", "7", 2),
    ]


def test_a_whole_date_needs_no_period() -> None:
    head = ("Ig", "12", "COBRO", "15/01/2026")
    assert len(vouchers(head, DEBIT, CREDIT, END, period="")[0]) == 1


def test_the_last_end_may_be_missing() -> None:
    found, told = vouchers(HEAD, DEBIT, CREDIT, END, ("Dr", "3", "x", "31"), DEBIT, CREDIT)
    assert [voucher.number for voucher in found] == ["12", "3"]
    assert told == set()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((("Ig", "12", "COBRO", "32"), DEBIT, CREDIT, END), "not-a-date"),
        ((HEAD, (*DEBIT[:5], "x1", None), CREDIT, END), "not-an-amount"),
        ((HEAD, (*DEBIT[:5], None, None), CREDIT, END), "not-an-amount"),
        ((HEAD, DEBIT, END), "voucher-unbalanced"),
        ((HEAD, (*DEBIT[:4], "18.5", 1160, None), CREDIT, END), "foreign-amount"),
        ((HEAD, ("otra cosa", "x"), DEBIT, CREDIT, END), "unknown-record"),
    ],
)
def test_what_is_wrong_is_said(rows: tuple[tuple[object, ...], ...], code: str) -> None:
    assert code in codes(read("carga.xlsx", workbook(*rows), period="2026-01"))
