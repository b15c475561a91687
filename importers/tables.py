"""Containers: what kind of file the bytes are, and its content as a stream of numbered lines or
rows.

Text keeps the physical line with its byte offset; a sheet's rows are its lines (numbered through
all sheets, so that each has one number). Cells of sheets are text, Decimal, date or None; never a
binary float.
"""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

from importers.content import Content
from importers.records import Line
from importers.unreadable import Unreadable

Cell = str | Decimal | date | None

if TYPE_CHECKING:
    from openpyxl import Workbook


LARGEST_UNPACKED = 1024 * 1024 * 1024
LARGEST_RATIO = 300
MOST_CELLS = 5_000_000
"""A sheet may span more only where it is filled."""
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    EOFError,
    RuntimeError,
    NotImplementedError,
    SyntaxError,
)
"""What the readers of zips and workbooks raise on damaged ones; a reader in another language may
also panic.
"""
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_BARE_FORMULA = re.compile(rb"<f(?:>|\s[^>]*>)(?:[^<]*</f>)?(?:<v\s*/>|<v></v>)?</c>")
_CELL = re.compile(rb'<c r="([A-Z]{1,3})([0-9]{1,7})"')


_SHEET_KEEPS = Decimal(10) ** 15
"""From here on a spreadsheet has lost digits; such a number is a damaged code, never an amount."""


class Container(StrEnum):
    TEXT = "text"
    FIXED = "fixed"
    XLSX = "xlsx"
    XLS = "xls"
    HTML = "html"
    SYLK = "sylk"
    SPREADSHEETML = "spreadsheetml"
    XML = "xml"
    DBF = "dbf"
    ZIP = "zip"
    TAR = "tar"
    UNKNOWN = "unknown"


class Row(NamedTuple):
    """A row of a sheet, or a logical record of a delimited file that spans ``lines`` physical
    lines.
    """

    number: int
    cells: tuple[Cell, ...]
    sheet: str = ""
    sheet_row: int = 0
    deleted: bool = False

    @property
    def is_blank(self) -> bool:
        """Whether it holds nothing but blanks."""
        return not any(
            cell.strip() if isinstance(cell, str) else cell is not None for cell in self.cells
        )

    @property
    def text(self) -> str:
        """The row as the journal keeps it: cells separated by tabs."""
        return "\t".join(
            cell_text(cell).replace("\t", " ").replace("\n", " ") for cell in self.cells
        ).rstrip("\t")

    def line(self) -> Line:
        """The journal's line of a sheet's row."""
        return Line(self.number, 0, 0, self.text, sheet=self.sheet, suspect=True)


def cell_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return format(cell, "f")
    return cell.isoformat() if isinstance(cell, date) else cell


def sniff(content: Content) -> Container:
    """The kind of container by its first bytes, never by its name. Raises Unreadable for what holds
    no lines.
    """
    head = content.head
    if not head:
        raise Unreadable("empty-file")
    if not head.strip(b"\0") and content.is_only_zeros():
        raise Unreadable("only-zeros", size=content.size)
    for signature, kind in _FOREIGN:
        if head.startswith(signature):
            raise Unreadable("foreign-file", kind=kind)
    if head.startswith(b"PK\x05\x06"):
        raise Unreadable("zip-empty")
    if head.startswith(b"PK\x03\x04"):
        return Container.XLSX if _holds_workbook(content.whole) else Container.ZIP
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _sniff_ole(content.whole)
    if head[_TAR_MARK] == b"ustar":
        return Container.TAR
    return _sniff_text(head)


_TAR_MARK = slice(257, 262)


def sheet_rows(data: bytes) -> Iterator[Row]:
    """Every row of every visible sheet of an xlsx or xls workbook. Raises Unreadable when it cannot
    be opened.
    """
    import python_calamine

    try:
        _refuse_bombs(data)
        read = _rows_with_errors if _has_error_cells(data) else _rows_of_values
        for number, (name, sheet_row, values) in enumerate(read(data), start=1):
            yield Row(number, tuple(_cell(value) for value in values), name, sheet_row)
    except (python_calamine.CalamineError, *DAMAGED) as error:
        raise Unreadable("damaged-workbook", reason=str(error)[:200]) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise Unreadable("damaged-workbook", reason=str(error)[:200]) from None


def _rows_of_values(data: bytes) -> Iterator[tuple[str, int, Sequence[object]]]:
    import python_calamine

    workbook = python_calamine.load_workbook(io.BytesIO(data))
    visible = [
        item.name
        for item in workbook.sheets_metadata
        if item.visible == python_calamine.SheetVisibleEnum.Visible
    ]
    for name in visible or workbook.sheet_names:
        for place, values in enumerate(
            workbook.get_sheet_by_name(name).to_python(skip_empty_area=False), 1
        ):
            yield name, place, values


def _rows_with_errors(data: bytes) -> Iterator[tuple[str, int, Sequence[object]]]:
    """Slower, but keeps ``#REF!`` and its like as text, which the fast reader turns into blanks in
    silence.
    """
    import openpyxl

    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    for sheet in [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]:
        for place, values in enumerate(sheet.iter_rows(values_only=True), 1):
            yield sheet.title, place, values


def date_formats(data: bytes, sheet: str, place: int) -> Mapping[int, str]:
    """Row → number format of the cells of one column (from 0) of a sheet, or of the first sheet.
    Only for an xlsx; nothing where it is damaged.
    """
    import openpyxl

    try:
        workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        return _formats(workbook, sheet, place)
    except DAMAGED:
        return {}


def _formats(workbook: Workbook, sheet: str, place: int) -> Mapping[int, str]:
    chosen = workbook[sheet] if sheet in workbook.sheetnames else workbook.worksheets[0]
    columns = chosen.iter_rows(min_col=place + 1, max_col=place + 1)
    return {number: str(cells[0].number_format) for number, cells in enumerate(columns, 1) if cells}


def _has_error_cells(data: bytes) -> bool:
    """Whether any sheet of an xlsx holds an error value (cell type ``e``)."""
    if not data.startswith(b"PK"):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        return any(b't="e"' in archive.read(name) for name in sheets)


def _refuse_bombs(data: bytes) -> None:
    """An xlsx that would unpack to gigabytes, or whose few cells stand so far apart that the
    rectangle around them does not fit in memory (a reader of dense sheets dies of it, uncaught).
    Raises Unreadable.
    """
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            check_size(member.file_size, member.compress_size)
            if _SHEET.fullmatch(member.filename):
                _refuse_sparse(archive, member)


def formulas_without_value(data: bytes, sheets: Collection[str] = ()) -> int:
    """How many cells of an xlsx (of these sheets) hold a formula whose result was never stored:
    programs that write workbooks leave it out, and a reader of values finds nothing there.
    """
    if not data.startswith(b"PK"):
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            wanted = _members_of(archive, sheets)
            return sum(_bare_formulas(archive, item) for item in wanted)
    except DAMAGED:
        return 0


def _bare_formulas(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    return sum(len(_BARE_FORMULA.findall(cells)) for cells in _whole_cells(archive, member))


def _members_of(archive: zipfile.ZipFile, sheets: Collection[str]) -> list[zipfile.ZipInfo]:
    """The parts of a workbook that hold these sheets; all of them where the workbook does not say
    which is which.
    """
    every = [item for item in archive.infolist() if _SHEET.fullmatch(item.filename)]
    if not sheets:
        return every
    from defusedxml import ElementTree

    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    links = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {link.get("Id"): (link.get("Target") or "") for link in links}
    wanted = set()
    for sheet in book.iter("{http://schemas.openxmlformats.org/spreadsheetml/2006/main}sheet"):
        if sheet.get("name") in sheets:
            target = targets.get(sheet.get(_RELATION), "")
            wanted.add(target.removeprefix("/xl/").removeprefix("xl/"))
    return [item for item in every if item.filename.removeprefix("xl/") in wanted]


_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def _whole_cells(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """The XML of a sheet in parts that end with a cell."""
    rest = b""
    with archive.open(member) as file:
        while part := file.read(1024 * 1024):
            whole, mark, rest = (rest + part).rpartition(b"</c>")
            yield whole + mark


def check_size(size: int, packed: int) -> None:
    """Raises Unreadable where a member of a zip unpacks to more than an export ever does."""
    if size > LARGEST_UNPACKED or size > 1_000_000 + LARGEST_RATIO * max(packed, 1):
        raise Unreadable("zip-too-large", seen=size)


def _refuse_sparse(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    cells, highest, widest, rest = 0, 0, 0, b""
    with archive.open(member) as file:
        while part := file.read(1024 * 1024):
            places = _CELL.findall(rest + part)
            cells += len(places)
            if places:
                highest = max(highest, *(int(row) for _, row in places[:: max(len(places) - 1, 1)]))
                widest = max(widest, *map(_column_number, {name for name, _ in places}))
            rest = part[-40:]
    if highest * widest > MOST_CELLS and highest * widest > 100 * cells:
        raise Unreadable("sheet-too-sparse", row=highest, columns=widest, cells=cells)


def _column_number(name: bytes) -> int:
    number = 0
    for letter in name:
        number = number * 26 + letter - 64
    return number


def root_name(data: bytes) -> str:
    """``namespace}Name`` of the root element; empty when the bytes are no XML so far."""
    found: list[str] = []
    parser = xml_parser("utf-8" if is_utf16(data) else None)
    parser.StartElementHandler = lambda name, _: found.append(name)
    with contextlib.suppress(expat.ExpatError, LookupError, ValueError, Unreadable):
        parser.Parse(_without_blank_start(data), False)
    release(parser)
    return found[0] if found else ""


_UTF16 = re.compile(rb"\xff\xfe|\xfe\xff|(?:[ \t\r\n]\0)*<\0|(?:\0[ \t\r\n])*\0<")


def is_utf16(data: bytes) -> bool:
    """Whether bytes are UTF-16, with a mark or by the zeros beside the first sign of markup."""
    return _UTF16.match(data) is not None


def _without_blank_start(data: bytes) -> bytes:
    """What a parser takes: nothing before the markup, UTF-16 as UTF-8."""
    if is_utf16(data):
        order = "utf-16-be" if data.startswith((b"\xfe\xff", b"\0")) else "utf-16-le"
        data = data.decode(order, "replace").removeprefix("\ufeff").encode()
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()


def xml_parser(encoding: str | None = None) -> expat.XMLParserType:
    """A parser that refuses entities, so that neither a bomb nor another file can come in through
    one. ``encoding`` is that of what it is fed, whatever the document declares.
    """
    parser = expat.ParserCreate(encoding, namespace_separator="}")

    def refuse(*_: object) -> None:
        raise Unreadable("xml-entities", line=parser.CurrentLineNumber)

    parser.EntityDeclHandler = refuse
    return parser


def release(parser: expat.XMLParserType) -> None:
    """Let go of what a parser calls, which holds the parser: a month of documents is thousands of
    them, and cycles wait long for their collection.
    """
    parser.EntityDeclHandler = parser.StartElementHandler = None
    parser.EndElementHandler = parser.CharacterDataHandler = None


_FOREIGN = (
    (b"%PDF", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"MZ", "Windows program"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7-Zip"),
    (b"\x1f\x8b", "gzip"),
    (b"{\\rtf", "RTF"),
)


def _holds_workbook(data: bytes) -> bool:
    """By the zip's own directory; by its bytes where that is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except DAMAGED:
        return b"xl/" in data and b"[Content_Types].xml" in data
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


def _sniff_ole(data: bytes) -> Container:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Unreadable("password-protected")
    if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
        return Container.XLS
    raise Unreadable("foreign-file", kind="OLE document")


def _sniff_text(data: bytes) -> Container:
    start = _without_blank_start(data)
    head = start[:2048].lower()
    if head.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        return Container.SPREADSHEETML
    if head.startswith((b"<html", b"<!doctype html", b"<table")) or b"<table" in head:
        return Container.HTML
    if head.startswith(b"<?xml") or (head.startswith(b"<") and _is_xml(start)):
        return Container.XML
    if head.startswith(b"id;p"):
        return Container.SYLK
    if _looks_like_dbf(data):
        return Container.DBF
    if _is_binary(data):
        raise Unreadable("foreign-file", kind="binary")
    return Container.TEXT


_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1a\x1b"))
_MOST_CONTROLS = 0.02


def _is_binary(data: bytes) -> bool:
    """Whether bytes are no text of any encoding: too many control characters. Zeros are those of
    UTF-16, or of a disk that failed, and have their own findings.
    """
    controls = len(data) - len(data.translate(None, _CONTROLS[1:]))
    return controls > _MOST_CONTROLS * len(data) and controls > 20


def _is_xml(data: bytes) -> bool:
    """Whether markup begins with an element of XML, not of SGML: OFX 1 leaves its elements open."""
    root = root_name(data)
    return bool(root) and not root.upper().endswith("OFX")


def _looks_like_dbf(data: bytes) -> bool:
    if len(data) < 65 or data[0] not in (0x02, 0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5):
        return False
    header_length = int.from_bytes(data[8:10], "little")
    return 1 <= data[2] <= 12 and 1 <= data[3] <= 31 and 64 < header_length <= len(data)


def _cell(value: object) -> Cell:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        number = Decimal(repr(value))
        whole = abs(number) < _SHEET_KEEPS and number == number.to_integral_value()
        return number.quantize(Decimal(1)) if whole else number
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    return str(value)
