"""CONTPAQi pólizas: the fixed-width text (current, ``M``, 2011 and old Windows layouts) and its
Excel twin.

A voucher is a ``P`` record, its movements and the optional records up to the next ``P``. ``AD`` may
stand anywhere inside (real exports put it last), ``AM`` belongs to the movement above it. The
variant is told by the marker and by where the movement type stands, never by the length of a line,
because editors trim trailing blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from operator import itemgetter

from importers.findings import Finding
from importers.identity import normalise_tax_id
from importers.profile import Profile, RecordLayout
from importers.records import Disposition, Line, Record, Voucher, VoucherLine
from importers.source import Source
from importers.tables import Row, cell_text
from importers.unreadable import Unreadable
from importers.values import ROUNDING_NOTICED, NumberStyle, parse_date, to_cents

Item = Line | Finding | Record

HEADER_FIELDS = ("Fecha", "TipoPol", "Folio", "Clase", "Concepto")
MOVEMENT_FIELDS = (
    "IdCuenta",
    "Referencia",
    "TipoMovto",
    "Importe",
    "Concepto",
    "IdSegNeg",
    "FechaAplicacion",
    "ImporteME",
)
ZERO = Decimal("0.00")
_MOVEMENTS = ("M1", "M")
_PLAIN_AMOUNT = re.compile(r"[0-9]{1,13}\.[0-9]{2}").fullmatch
_NOT_FOREIGN = frozenset({"", "0", "0.0", "0.00"})
_DOT = NumberStyle(".", certain=True)


def read_text(source: Source) -> Iterator[Item]:
    """Lines, findings and vouchers of a pólizas TXT, in file order."""
    profile = source.profile
    layouts = _layouts_of_file(source, profile)
    records = {marker: _Record(marker, layout) for marker, layout in layouts.items()}
    movement, header = records.get("M1"), records.get("P")
    least, most, cut = (
        (movement.least, movement.length, movement.cut) if movement else (0, 0, tuple)
    )
    assembly = VoucherAssembly(profile)
    last: Line | None = None
    trimmed = short = False
    for line in source.lines():
        trimmed = trimmed or short
        text = line.text
        if movement and text.startswith("M1 ") and least <= len(text) <= most and not line.suspect:
            short = False
            found = assembly.movement(line, *map(str.strip, cut(text)))
            if found:
                yield from found
        elif header and _is_plain_header(line, header):
            short = False
            yield from assembly.close()
            yield from assembly.open(line, *map(str.strip, header.cut(text)))
        else:
            yield from _read_line(line, records, assembly)
            marker = _marker(text, records)
            short = bool(marker) and len(text) < records[marker].least
        yield line
        last = line
    if last is not None and _is_cut(last, layouts, trimmed):
        _refuse_cut(last, layouts)
    yield from assembly.close()


def _is_plain_header(line: Line, header: _Record) -> bool:
    is_whole = header.least <= len(line.text) <= header.length
    return is_whole and line.text.startswith("P  ") and not line.suspect


def _refuse_cut(last: Line, layouts: Mapping[str, RecordLayout]) -> None:
    """Raises Unreadable for a file whose last record is cut."""
    layout = layouts.get(_marker(last.text, layouts))
    expected = layout.length if layout else "?"
    raise Unreadable("truncated", line=last.number, seen=len(last.text), expected=expected)


def read_sheet(source: Source) -> Iterator[Item]:
    """The same from the Excel twin. Only the first sheet holds pólizas; the vendor's importer reads
    no other.
    """
    profile = source.profile
    names = {
        marker: tuple(layout.fields)
        for marker, layout in source.profiles["contpaqi-polizas-txt"].records.items()
    }
    assembly = VoucherAssembly(profile)
    first_sheet: str | None = None
    for row in source.rows():
        first_sheet = row.sheet if first_sheet is None else first_sheet
        line = row.line()
        marker = cell_text(row.cells[0]).strip() if row.cells else ""
        if row.sheet != first_sheet:
            line.disposition, line.rule = Disposition.HEADING, "other-sheet"
        elif not row.text.strip():
            line.disposition, line.rule = Disposition.HEADING, "blank"
        elif marker in names:
            yield from assembly.feed(marker, _sheet_fields(row, names[marker]), line)
        elif re.search(r"\([A-Z]{1,2}\d?\)$", marker) or not assembly.started:
            line.disposition, line.rule = Disposition.HEADING, "legend"
        else:
            yield Finding("unknown-record", row.number, 1, {"seen": marker[:20] or "-"})
        yield line
    yield from assembly.close()


@dataclass
class VoucherAssembly:
    """The row machine: takes one record after another and gives a voucher whenever one is
    complete.
    """

    profile: Profile
    started: bool = False
    _header: tuple[date, str, str, str, str] | None = None
    _header_line: int = 0
    _last_line: int = 0
    _broken_line: int = 0
    _segment: str = ""
    _lines: list[VoucherLine] = field(default_factory=list)
    _uuids: list[str] = field(default_factory=list)
    _tax_ids: list[tuple[int, str]] = field(default_factory=list)

    _applies: tuple[str, date | None] = ("", None)
    """The application date read last, as text and day: most movements repeat it."""

    def __post_init__(self) -> None:
        self._sides = (self.profile.debit_type, self.profile.credit_type)

    def movement(
        self,
        line: Line,
        account: str,
        reference: str,
        side: str,
        amount: str,
        text: str,
        segment: str,
        applies: str,
        foreign: str,
    ) -> Iterable[Item]:
        """Take one movement whose fields are already cut; answers its findings, most often none."""
        if not self._header_line:
            return (Finding("orphan-line", line.number, 1, {"record": "M1"}),)
        line.disposition, line.rule = Disposition.RECORD, "M1"
        self._last_line = line.number
        if side not in self._sides or not _PLAIN_AMOUNT(amount) or foreign not in _NOT_FOREIGN:
            values = (account, reference, side, amount, text, segment, applies, foreign)
            return self._movement(dict(zip(MOVEMENT_FIELDS, values, strict=True)), line)
        if applies != self._applies[0]:
            try:
                self._applies = applies, parse_date(applies) if applies else None
            except ValueError:
                return self._bad_application(line, applies)
        exact, is_debit = Decimal(amount), side == self._sides[0]
        self._lines.append(
            VoucherLine._make(
                (
                    line.number,
                    account,
                    exact if is_debit else ZERO,
                    ZERO if is_debit else exact,
                    reference,
                    text,
                    segment or self._segment,
                    "",
                    "",
                    "",
                    "",
                    self._applies[1],
                    (),
                    "",
                    "",
                    "",
                )
            )
        )
        return ()

    def feed(self, marker: str, fields: Mapping[str, object], line: Line) -> Iterator[Item]:
        """Take one record; sets the line's disposition and yields findings and a finished
        voucher.
        """
        self.started = True
        if marker == "P":
            yield from self.close()
            yield from self.open(
                line,
                fields["Fecha"],
                *(cell_text_of(fields.get(name)) for name in HEADER_FIELDS[1:]),
            )
            return
        if not self._header_line:
            yield Finding("orphan-line", line.number, 1, {"record": marker})
            return
        line.disposition, line.rule = Disposition.RECORD, marker
        self._last_line = line.number
        if marker in _MOVEMENTS:
            yield from self._movement(fields, line)
        elif marker == "N":
            self._segment = str(fields["Segmento"])
        else:
            self._attach(marker, fields, line)

    def close(self) -> Iterator[Item]:
        """The voucher under way, if any; called at the next ``P`` and at the end of the file."""
        header, self._header = self._header, None
        if header is not None:
            day, kind, number, posting, text = header
            yield Voucher(
                self._header_line,
                self._last_line,
                day,
                kind,
                number,
                text,
                tuple(self._lines),
                posting != "2",
                tuple(dict.fromkeys(self._uuids)),
                tuple(self._tax_ids),
                self._broken_line,
            )
        self._header_line, self._segment = 0, ""
        self._lines, self._uuids, self._tax_ids = [], [], []

    def broken(self, line: int) -> None:
        """Note that a line inside the current voucher could not be read."""
        if self._header_line and not self._broken_line:
            self._broken_line = line

    def open(
        self, line: Line, day: object, kind: str, number: str, posting: str, text: str
    ) -> Iterator[Finding]:
        """Begin a voucher whose header is already cut; the one before must be closed."""
        self.started = True
        self._header_line = self._last_line = line.number
        self._broken_line = 0
        try:
            date_ = parse_date(day)
        except ValueError:
            self._header_line = 0
            yield Finding(
                "not-a-date",
                line.number,
                self._column("P", "Fecha"),
                {"field": "Fecha", "seen": day, "expected": "aaaammdd"},
            )
            return
        line.disposition, line.rule = Disposition.RECORD, "P"
        self._header = (date_, kind, number, posting, text)

    def _movement(self, fields: Mapping[str, object], line: Line) -> Iterator[Finding]:
        side = cell_text_of(fields["TipoMovto"])
        try:
            exact = _amount(fields["Importe"])
            amount = to_cents(exact)
        except ValueError:
            yield from self._reject(
                line, "not-an-amount", "Importe", field="Importe", seen=fields["Importe"]
            )
            return
        if side not in (self.profile.debit_type, self.profile.credit_type):
            expected = f"{self.profile.debit_type} (cargo) / {self.profile.credit_type} (abono)"
            yield from self._reject(
                line, "bad-movement-type", "TipoMovto", seen=side or "-", expected=expected
            )
            return
        if abs(exact - amount) >= ROUNDING_NOTICED:
            yield Finding(
                "rounded-amount",
                line.number,
                self._column("M1", "Importe"),
                {"seen": exact, "expected": amount},
            )
        rate = _rate(amount, fields.get("ImporteME"))
        if rate:
            yield Finding(
                "foreign-amount",
                line.number,
                self._column("M1", "ImporteME"),
                {"seen": cell_text_of(fields["ImporteME"]), "rate": rate, "amount": amount},
            )
        is_debit = side == self.profile.debit_type
        applies_on: date | None = None
        if fields.get("FechaAplicacion"):
            try:
                applies_on = parse_date(fields["FechaAplicacion"])
            except ValueError:
                yield from self._bad_application(line, fields["FechaAplicacion"])
                return
        self._lines.append(
            VoucherLine(
                line=line.number,
                account=cell_text_of(fields["IdCuenta"]),
                debit=amount if is_debit else ZERO,
                credit=ZERO if is_debit else amount,
                reference=cell_text_of(fields["Referencia"]),
                description=cell_text_of(fields["Concepto"]),
                segment=cell_text_of(fields.get("IdSegNeg")) or self._segment,
                applies_on=applies_on,
                rate=rate,
            )
        )

    def _bad_application(self, line: Line, seen: object) -> Iterator[Finding]:
        yield from self._reject(
            line,
            "not-a-date",
            "FechaAplicacion",
            field="FechaAplicacion",
            seen=seen,
            expected="aaaammdd",
        )

    def _reject(self, line: Line, code: str, column: str, **values: object) -> Iterator[Finding]:
        line.disposition, line.rule = Disposition.REJECTED, ""
        self.broken(line.number)
        yield Finding(code, line.number, self._column("M1", column), values)

    def _attach(self, marker: str, fields: Mapping[str, object], line: Line) -> None:
        uuid = cell_text_of(fields.get("UUID"))
        if uuid and marker in ("AD", "AM"):
            self._uuids.append(uuid)
            if marker == "AM" and self._lines:
                last = self._lines[-1]
                self._lines[-1] = last._replace(uuids=(*last.uuids, uuid))
        tax_id = normalise_tax_id(cell_text_of(fields.get("RFC")))
        if tax_id:
            self._tax_ids.append((line.number, tax_id))

    def _column(self, marker: str, name: str) -> int:
        layout = self.profile.records.get(marker)
        return layout.fields[name][0] + 1 if layout and name in layout.fields else 0


def cell_text_of(value: object) -> str:
    """A field's text; whole numbers of sheets without decimals."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return cell_text(value).strip() if isinstance(value, Decimal | date) else str(value).strip()


def _amount(value: object) -> Decimal:
    """An Importe: the layout has a decimal point and no thousands separators. Raises ValueError on
    anything else.
    """
    if isinstance(value, str) and "," in value:
        raise ValueError(f"{value!r} is not an amount")
    return _DOT.parse(value)


def _rate(amount: Decimal, foreign: object) -> str:
    """What a unit of the other currency is in that of the books, by the movement's two amounts;
    empty where it has none of another. The layout does not name the currency.
    """
    text = cell_text_of(foreign)
    if text in _NOT_FOREIGN:
        return ""
    try:
        other = abs(_amount(foreign))
    except ValueError:
        return "?"
    if not other or other == abs(amount):
        return ""
    return str((abs(amount) / other).quantize(Decimal("0.000001")))


class _Record:
    """A layout made ready to cut lines: ``least`` is the length no full record is shorter than,
    ``cut`` gives the fields of a header or movement in the order of :data:`HEADER_FIELDS` or
    :data:`MOVEMENT_FIELDS`, unstripped.
    """

    def __init__(self, marker: str, layout: RecordLayout) -> None:
        self.marker = marker
        self.layout = layout
        self.length = layout.length
        self.least = layout.length - 1
        names = HEADER_FIELDS if marker == "P" else MOVEMENT_FIELDS
        places = [slice(*layout.fields.get(name, (0, 0))) for name in names]
        self.cut: Callable[[str], tuple[str, ...]] = itemgetter(*places)


def _read_line(
    line: Line, records: Mapping[str, _Record], assembly: VoucherAssembly
) -> Iterator[Item]:
    text = line.text.replace("\0", " ")
    if not text.strip(" \x1a\x0c"):
        line.disposition, line.rule = Disposition.HEADING, "blank"
        return
    marker = _marker(text, records)
    if not marker:
        assembly.broken(line.number)
        yield Finding("unknown-record", line.number, 1, {"seen": text[:10].rstrip()})
        return
    layout = records[marker].layout
    if len(text.rstrip()) > layout.length:
        assembly.broken(line.number)
        values = {"seen": len(text.rstrip()), "record": marker, "expected": layout.length}
        yield Finding("line-too-long", line.number, layout.length + 1, values)
        return
    yield from assembly.feed(marker, layout.cut(text), line)


def _layouts_of_file(source: Source, profile: Profile) -> dict[str, RecordLayout]:
    """The record layouts with the width set of ``M1`` this file uses."""
    layouts = {marker: layout for marker, layout in profile.records.items() if "/" not in marker}
    older = profile.records.get("M1/2011")
    if older is None:
        return layouts
    votes = 0
    for raw in source.lines():
        if raw.text.startswith("M1 "):
            votes += _fits(raw.text, layouts["M1"]) - _fits(raw.text, older)
            if abs(votes) >= 20:
                break
    if votes < 0:
        layouts["M1"] = older
    return layouts


def _fits(text: str, layout: RecordLayout) -> bool:
    fields = layout.cut(text)
    return (
        fields["TipoMovto"] in ("0", "1")
        and re.fullmatch(r"-?\d+(\.\d+)?", fields["Importe"]) is not None
    )


def _marker(text: str, layouts: Mapping[str, object]) -> str:
    marker = text[:2].strip()
    return marker if marker in layouts and text[len(marker) : len(marker) + 1] in (" ", "") else ""


def _is_cut(last: Line, layouts: Mapping[str, RecordLayout], trimmed: bool) -> bool:
    """Whether the file ends inside a record.

    Without an end of line, a short record is a cut one where the file's other records keep their
    full width; where an editor has trimmed them all, only one that stops before its required fields
    is.
    """
    if last.terminated or not last.text.strip("\x1a "):
        return False
    marker = _marker(last.text, layouts)
    if not marker:
        return True
    layout = layouts[marker]
    if not trimmed:
        return len(last.text) < layout.length - 1
    required = {"P": "Concepto", "M": "Importe", "M1": "Importe"}.get(marker, "UUID")
    return required in layout.fields and len(last.text) <= layout.fields[required][0]


def _sheet_fields(row: Row, names: tuple[str, ...]) -> dict[str, object]:
    cells = [*row.cells[1:], *([None] * len(names))]
    return {
        name: cell if cell is not None else "" for name, cell in zip(names, cells, strict=False)
    }
