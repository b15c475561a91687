"""CONTPAQi pólizas: every layout there is, and every way a file can be wrong."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from importers import Failure, Finding, Line, Options, Source, Unreadable, Voucher, inspect, read
from tests import polizas
from tests.conftest import DATA, SAMPLE

CONTPAQI = DATA / "contpaqi"


def items(data: bytes, **options: str) -> list[object]:
    return list(read(Source.of("polizas.txt", data, Options(**options))))


def vouchers(data: bytes) -> list[Voucher]:
    return [item for item in items(data) if isinstance(item, Voucher)]


def codes(data: bytes, **options: str) -> list[str]:
    return [item.code for item in items(data, **options) if isinstance(item, Finding)]


def test_the_current_layout_is_read_to_the_cent_and_the_accent() -> None:
    found = [
        item
        for item in read(Source.open(CONTPAQI / "poliza_ng_synthetic_cp1252_crlf.txt"))
        if isinstance(item, Voucher)
    ]
    assert [(v.kind, v.number, v.date.day, len(v.lines)) for v in found] == [
        ("1", "1", 5, 2),
        ("2", "7", 15, 2),
        ("3", "12", 31, 3),
        ("3", "13", 31, 2),
    ]
    assert found[0].lines[1].description == "Cobro factura A-101 señor Núñez"
    assert found[0].lines[0].uuids == ()
    assert found[0].lines[1].uuids == ("1B725B29-454E-5408-B240-A95DEEDA531F",)
    assert found[2].lines[1].debit == Decimal("172.48")
    assert found[3].lines[0].debit == Decimal("-100.00")
    assert all(voucher.debit == voucher.credit for voucher in found)


@pytest.mark.parametrize(
    ("file", "profile", "container", "encoding", "header", "counts", "vouchers", "movements"),
    [
        (
            "poliza_ng_synthetic_cp1252_crlf.txt",
            "contpaqi-polizas-txt",
            "fixed",
            "cp1252",
            None,
            (16, 0, 0),
            4,
            9,
        ),
        (
            "poliza_contpaqwin_synthetic_ascii_crlf.txt",
            "contpaqi-polizas-win",
            "fixed",
            "ascii",
            None,
            (3, 0, 0),
            1,
            2,
        ),
        (
            "poliza_excel_twin_synthetic.xlsx",
            "contpaqi-polizas-excel",
            "xlsx",
            "",
            None,
            (5, 5, 0),
            1,
            2,
        ),
        (
            "report_auxiliares_catalogo_synthetic.xlsx",
            "contpaqi-auxiliares",
            "xlsx",
            "",
            7,
            (3, 22, 0),
            0,
            3,
        ),
        (
            "report_auxiliares_segmento_synthetic.xlsx",
            "contpaqi-auxiliares-segmento",
            "xlsx",
            "",
            7,
            (2, 22, 0),
            0,
            2,
        ),
        (
            "report_impreso_polizas_synthetic.xlsx",
            "contpaqi-impreso-polizas",
            "xlsx",
            "",
            7,
            (6, 21, 0),
            2,
            2,
        ),
        ("report_balanza_synthetic.xlsx", "contpaqi-balanza", "xlsx", "", 4, (5, 6, 0), 0, 0),
        (
            "catalogo_cuentas_excel_synthetic.xlsx",
            "contpaqi-catalogo",
            "xlsx",
            "",
            None,
            (5, 4, 0),
            0,
            0,
        ),
    ],
)
def test_inspect_names_encoding_report_and_counts(
    file: str,
    profile: str,
    container: str,
    encoding: str,
    header: int | None,
    counts: tuple[int, int, int],
    vouchers: int,
    movements: int,
) -> None:
    found = inspect(CONTPAQI / file)
    assert (found.profile, found.container, found.encoding, found.header_line) == (
        profile,
        container,
        encoding,
        header,
    )
    assert tuple(found.dispositions[name] for name in ("record", "heading", "rejected")) == counts
    assert (found.vouchers, found.movements, found.readable) == (vouchers, movements, True)


@pytest.mark.parametrize("make", [polizas.movement_m, polizas.movement_2011])
def test_older_layouts_give_the_same_voucher(make: object) -> None:
    assert callable(make)
    data = polizas.file(
        [polizas.header(), make("102010001", 0, "10.5"), make("401010001", 1, "10.5")]
    )
    (voucher,) = vouchers(data)
    assert [(line.account, line.reference, line.debit, line.credit) for line in voucher.lines] == [
        ("102010001", "F-1", Decimal("10.50"), Decimal("0.00")),
        ("401010001", "F-1", Decimal("0.00"), Decimal("10.50")),
    ]


def test_the_old_windows_layout_has_one_for_cargo() -> None:
    (voucher,) = [
        item
        for item in read(Source.open(CONTPAQI / "poliza_contpaqwin_synthetic_ascii_crlf.txt"))
        if isinstance(item, Voucher)
    ]
    assert voucher.lines[0].debit == voucher.lines[1].credit == Decimal("11600.00")


def test_lines_trimmed_by_an_editor_read_the_same() -> None:
    full = polizas.file(polizas.balanced())
    trimmed = b"\n".join(line.rstrip() for line in full.splitlines()) + b"\n"
    assert vouchers(trimmed)[0].lines == vouchers(full)[0].lines


BROKEN = [
    (
        "voucher-unbalanced",
        [polizas.header(), polizas.movement("102", 0, "10"), polizas.movement("401", 1, "10.01")],
    ),
    (
        "account-missing",
        [polizas.header(), polizas.movement("", 0, "10"), polizas.movement("401", 1, "10")],
    ),
    (
        "not-an-amount",
        [polizas.header(), polizas.movement("102", 0, "10x"), polizas.movement("401", 1, "10")],
    ),
    (
        "bad-movement-type",
        [polizas.header(), polizas.movement("102", 7, "10"), polizas.movement("401", 1, "10")],
    ),
    ("not-a-date", [polizas.header(day="20261345"), polizas.movement("102", 0, "10")]),
    ("folio-missing", polizas.balanced("")),
    ("voucher-empty", [polizas.header()]),
    ("unknown-record", [*polizas.balanced(), "ZZ something"]),
    ("line-too-long", [*polizas.balanced(), polizas.movement("102", 0, "10") + "x" * 40]),
    (
        "application-date",
        [
            polizas.header(),
            polizas.movement("102", 0, "1", applies="20260205"),
            polizas.movement("4", 1, "1"),
        ],
    ),
    ("not-posted", polizas.balanced(clase="2")),
    ("uuid-form", [*polizas.balanced(), "AD no-es-un-uuid                        "]),
    ("nul-characters", [*polizas.balanced(), "AD \x001B725B2"]),
]


@pytest.mark.parametrize(("code", "lines"), BROKEN, ids=[code for code, _ in BROKEN])
def test_what_is_wrong_is_found_where_it_is(code: str, lines: list[str]) -> None:
    found = [
        item
        for item in items(polizas.file(lines, polizas.balanced(99)))
        if isinstance(item, Finding)
    ]
    match = next(item for item in found if item.code == code)
    assert 1 <= match.line <= len(lines)
    assert str(match.message)


def test_one_bad_line_blocks_its_voucher_and_no_other() -> None:
    bad = [polizas.header(1), polizas.movement("102", 0, "x"), polizas.movement("401", 1, "10")]
    found = vouchers(polizas.file(bad, polizas.balanced(2)))
    assert [(voucher.number, voucher.broken_line) for voucher in found] == [("1", 2), ("2", 0)]


def test_a_number_used_twice_is_the_second_ones_fault() -> None:
    data = polizas.file(polizas.balanced(5), polizas.balanced(6), polizas.balanced(5))
    (finding,) = [item for item in items(data) if isinstance(item, Finding)]
    assert (finding.code, finding.line, finding.parameters["first"]) == ("folio-duplicated", 7, 1)


def test_the_same_number_in_another_type_or_month_is_another_voucher() -> None:
    data = polizas.file(
        polizas.balanced(5), polizas.balanced(5, kind=2), polizas.balanced(5, day="20260205")
    )
    assert "folio-duplicated" not in codes(data)


def test_dates_outside_a_period_that_was_asked_for() -> None:
    data = polizas.file(polizas.balanced(1), polizas.balanced(2, day="20260201"))
    assert codes(data, period="2026-01").count("date-outside-period") == 1


def test_a_movement_before_any_voucher_is_rejected() -> None:
    data = polizas.file([polizas.movement("102", 0, "10")], polizas.balanced())
    first = next(item for item in items(data) if isinstance(item, Line))
    assert (first.number, first.disposition) == (1, "rejected")
    assert "orphan-line" in codes(data)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_file_cut_inside_a_line_always_says_so(data: st.DataObject) -> None:
    whole = polizas.file(polizas.balanced(1), polizas.balanced(2), polizas.balanced(3))
    cut = data.draw(st.integers(1, len(whole) - 1))
    tail = whole[:cut].rpartition(b"\n")[2]
    complete = next(line for line in whole.split(b"\r\n") if line.startswith(tail.rstrip(b"\r")))
    stops_inside = tail != b"" and len(tail.rstrip(b"\r")) < len(complete) - 1
    if whole[:cut].count(b"\n") == 0 and not tail.startswith(b"P  20260105 "):
        return
    failures = [item for item in items(whole[:cut]) if isinstance(item, Failure)]
    assert bool([f for f in failures if f.finding.code == "truncated"]) == stops_inside


@given(st.binary(max_size=60), st.integers(0, 5000), st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_whatever_is_done_to_a_file_no_line_is_lost(noise: bytes, place: int, removed: int) -> None:
    whole = SAMPLE.read_bytes()[:6000]
    data = whole[:place] + noise + whole[place + removed :]
    try:
        source = Source.of("mutated.txt", data, Options(profile="contpaqi-polizas-txt"))
    except Unreadable:
        return
    lines = [item for item in read(source) if isinstance(item, Line)]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    assert sum(line.length for line in lines) == len(data)
    assert all(line.disposition in ("record", "heading", "rejected") for line in lines)


def test_the_excel_twin_reads_dates_as_cells_numbers_and_text() -> None:
    (voucher,) = [
        item
        for item in read(Source.open(CONTPAQI / "poliza_excel_twin_synthetic.xlsx"))
        if isinstance(item, Voucher)
    ]
    assert voucher.date == date(2026, 1, 5)
    assert voucher.lines[0].account == "102010010"
    assert voucher.uuids == ("1B725B29-454E-5408-B240-A95DEEDA531F",)


@pytest.mark.parametrize(
    ("foreign", "rate"),
    [
        ("100.0", "18.900800"),
        ("99.99", "18.902690"),
        ("-100.0", "18.900800"),
        ("cien", "?"),
        ("1890.08", ""),
        ("0.0", ""),
        ("0.000", ""),
        ("", ""),
    ],
)
def test_a_movement_in_foreign_currency_holds_its_voucher(foreign: str, rate: str) -> None:
    """Importe is in pesos, ImporteME in a currency the layout does not name."""
    lines = polizas.balanced(amount="1890.08")
    lines[1] = lines[1].replace(f"{'0.0':<20}", f"{foreign:<20}")
    data = polizas.file(lines)
    said = [item for item in items(data) if isinstance(item, Finding)]
    assert [(item.code, item.column) for item in said] == (
        [("foreign-amount", 100)] if rate else []
    )
    assert vouchers(data)[0].lines[0].rate == rate
    assert vouchers(data)[0].lines[0].debit == Decimal("1890.08")
