"""BAI2, the cash management balance report of American banks: one ledger line a record 16.

Source: *Cash Management Balance Reporting Specifications, Version 2* (BAI, 2004 edition, as kept
in moov-io/bai2). Records 01 file, 02 group (its date is that of its movements), 03 account, 16
detail, 88 continuation, 49, 98 and 99 totals. Types 100 to 399 are credits (money in), 400 to 699
debits, 890 text without money. Amounts have the decimals of their currency, unwritten. The total
of an account adds every amount said of it, balances too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers.findings import Finding
from importers.records import CONTINUED, Disposition, Line
from importers.source import Source
from importers.statements.lines import Item, Movement, balance, closing_gap, squeezed
from importers.values import full_year, to_cents

_NEXT = re.compile(
    r"/\s*(?=16,\d{3},[+-]?\d*,|49,[+-]?\d+,\d+/|98,[+-]?\d+,\d+,|99,[+-]?\d+,\d+,"
    r"|01,[^,/]*,[^,/]*,\d{6},|02,[^,/]*,[^,/]*,[1-4],\d{6},|03,[^,/]+,[A-Z]{0,3},(?:\d{3})?[,/])"
)
"""Where another record begins on the same line; a text may hold slashes and commas (``12/03,``)."""
_OPENING, _CLOSING, _CREDITS, _DEBITS, _ONLY_TEXT = "010", "015", "100", "400", "890"
_WITHOUT_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV"}
    | {"XAF", "XOF", "XPF"}
)
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_NOT_READ = {"2": "deletion", "4": "test"}
"""Statuses of a group that is to be left alone."""
_FILLERS = ("NONREF", "NOTPROVIDED")


def read(source: Source) -> Iterator[Item]:
    """Movements and balances of every account; what the trailers say is compared, never counted."""
    machine = _Machine()
    for line in source.lines():
        text = line.text.strip()
        for piece in _NEXT.split(text) if text else ():
            yield from machine.take(piece.strip(), line.number)
        _dispose(line)
        yield line
    yield from machine.ending()


def _dispose(line: Line) -> None:
    """A line of movements is a record, also where others stand on it."""
    text = line.text.strip()
    line.disposition, line.rule = Disposition.HEADING, "statement" if text else "blank"
    if text.startswith("16,") or re.search(r"/\s*16,\d{3},", text):
        line.disposition, line.rule = Disposition.RECORD, "movement"
    elif text.startswith("88,"):
        line.rule = CONTINUED


@dataclass
class _Logical:
    """A record with its continuations, each as it stood after its code."""

    code: str = ""
    pieces: list[str] = field(default_factory=list)
    line: int = 0


@dataclass
class _Group:
    """A 02: the day and currency of what follows."""

    day: date | None = None
    written: str = ""
    currency: str = ""
    left_alone: str = ""


@dataclass
class _Account:
    number: str = ""
    currency: str = ""
    stated: dict[str, Decimal] = field(default_factory=dict)
    """Type → what the 03 says, in units of the currency."""
    control: int = 0
    """The sum of all amounts so far, as written."""
    records: int = 0
    came: Decimal = Decimal("0.00")
    went: Decimal = Decimal("0.00")
    moved: int = 0
    """How many movements were read."""


class _Machine:
    def __init__(self) -> None:
        self._open = _Logical()
        self._group = _Group()
        self._account: _Account | None = None
        self._accounts, self._groups, self._sum, self._of_file = 0, 0, 0, 0
        self._begun = self._ended = False
        self._skipped = False
        """Whether a group was left alone: then the file's totals are not those of what was read."""

    def take(self, text: str, line: int) -> Iterator[Item]:
        """One physical record; it is worked on when the next one shows that it is whole."""
        code, _, rest = text.partition(",")
        if code == "88":
            self._open.pieces.append(rest)
            return
        yield from self._work()
        self._open = _Logical(code.rstrip("/"), [rest], line)

    def ending(self) -> Iterator[Item]:
        yield from self._work()
        yield from self._close(0)
        if self._begun and not self._ended:
            yield Finding("trailer-missing", 0, 0, {"seen": "99"})

    def _work(self) -> Iterator[Item]:
        record, self._open = self._open, _Logical()
        if self._group.left_alone and record.code in ("03", "16", "49", "98"):
            if record.code == "16":
                what = squeezed("16", *record.pieces)
                yield Finding("no-effect", record.line, 0, {"what": what})
            return
        steps = {
            "": lambda _: (),
            "01": self._begin_file,
            "02": self._begin_group,
            "03": self._begin_account,
            "16": self._detail,
            "49": self._trailer,
            "98": self._trailer_of_group,
            "99": self._trailer_of_file,
        }
        if record.code in steps:
            yield from steps[record.code](record)
        else:
            yield Finding("unknown-record", record.line, 1, {"seen": record.code[:10]})

    def _begin_file(self, _: _Logical) -> Iterator[Item]:
        self._begun = True
        yield from ()

    def _begin_group(self, record: _Logical) -> Iterator[Item]:
        fields = [*_fields(record), *[""] * 8]
        status, as_of, currency, modifier = fields[2], fields[3], fields[5], fields[6]
        self._group = _Group(
            _day(as_of), as_of, currency.upper() or "USD", _NOT_READ.get(status, "")
        )
        self._skipped |= bool(self._group.left_alone)
        if self._group.left_alone:
            seen = {"what": f"BAI2 {self._group.left_alone}"}
            yield Finding("no-effect", record.line, 0, seen)
        if status == "3":
            yield Finding("statement-corrects", record.line)
        if modifier in ("3", "4"):
            yield Finding("statement-intraday", record.line)

    def _begin_account(self, record: _Logical) -> Iterator[Item]:
        yield from self._close(record.line)
        fields = [*_fields(record), "", ""]
        self._account = account = _Account(fields[0].strip(), fields[1].upper())
        account.currency = account.currency or self._group.currency
        account.records = len(record.pieces)
        for kind, amount in _stated(fields[2:]):
            try:
                account.stated[kind] = _units(amount, account.currency)
                account.control += int(amount)
            except ValueError:
                said = {"field": f"03 {kind}", "seen": amount[:40]}
                yield Finding("not-an-amount", record.line, 0, said)

    def _detail(self, record: _Logical) -> Iterator[Item]:
        account = self._account
        if account is None:
            yield Finding("orphan-line", record.line, 0, {"record": "16"})
            return
        account.records += len(record.pieces)
        found = _Detail.of(record.pieces)
        if found.kind == _ONLY_TEXT:
            what = squeezed(found.kind, found.text or found.amount)
            yield Finding("no-effect", record.line, 0, {"what": what})
            return
        direction = _direction(found.kind)
        try:
            amount = _units(found.amount, account.currency)
            account.control += int(found.amount)
        except ValueError:
            seen = {"field": f"16 {found.kind}", "seen": found.amount[:40] or "-"}
            yield Finding("not-an-amount", record.line, 0, seen)
            return
        if not direction:
            seen = {"seen": found.kind, "expected": "100–399, 400–699"}
            yield Finding("bad-movement-type", record.line, 0, seen)
            return
        if self._group.day is None:
            seen = {"field": "02", "seen": self._group.written or "-", "expected": "aammdd"}
            yield Finding("not-a-date", record.line, 0, seen)
            return
        account.moved += 1
        if direction > 0:
            account.came += amount
        else:
            account.went += amount
        yield Movement(
            line=record.line,
            day=self._group.day,
            amount=direction * amount,
            account=account.number,
            reference=_said(found.customer_reference),
            text=squeezed(found.text),
            currency=account.currency,
            kind=found.kind,
            identifier=_said(found.bank_reference),
        ).record()

    def _trailer(self, record: _Logical) -> Iterator[Item]:
        account = self._account
        fields = [*_fields(record), "", ""]
        if account is None:
            return
        try:
            total, count = int(fields[0] or 0), int(fields[1] or 0)
        except ValueError:
            yield Finding("not-an-amount", record.line, 0, {"field": "49", "seen": fields[0][:40]})
            return
        if total != account.control:
            said = {"what": f"49 {account.number}", "seen": total, "expected": account.control}
            yield Finding("total-mismatch", record.line, 0, said)
        if count and count != account.records + 1:
            what = {"seen": count, "what": "03–49", "expected": account.records + 1}
            yield Finding("count-mismatch", record.line, 0, what)
        yield from self._close(record.line)

    def _trailer_of_group(self, record: _Logical) -> Iterator[Item]:
        yield from self._close(record.line)
        yield from self._compare(record, self._sum, self._accounts)
        self._groups += 1
        self._of_file += self._sum
        self._sum = self._accounts = 0

    def _trailer_of_file(self, record: _Logical) -> Iterator[Item]:
        self._ended = True
        if not self._skipped:
            yield from self._compare(record, self._of_file, self._groups)

    def _compare(self, record: _Logical, expected: int, count: int) -> Iterator[Item]:
        """The total of a group or a file, and how many accounts or groups it says it has."""
        total, said, *_ = [*_fields(record), "", ""]
        if not re.fullmatch(r"[+-]?\d+", total):
            return
        if int(total) != expected:
            values = {"what": record.code, "seen": int(total), "expected": expected}
            yield Finding("total-mismatch", record.line, 0, values)
        if said.isdigit() and int(said) != count:
            what = "03" if record.code == "98" else "02"
            counted = {"seen": said, "what": what, "expected": count}
            yield Finding("count-mismatch", record.line, 0, counted)

    def _close(self, line: int) -> Iterator[Item]:
        """What an account's own figures say of its movements, and its balances."""
        account, self._account = self._account, None
        if account is None:
            return
        self._sum += account.control
        self._accounts += 1
        for kind, sums in ((_CREDITS, account.came), (_DEBITS, account.went)):
            printed = account.stated.get(kind)
            if printed is not None and account.moved and printed != sums:
                said = {"what": f"{kind} {account.number}", "seen": printed, "expected": sums}
                yield Finding("total-mismatch", line, 0, said)
        opening, closing = account.stated.get(_OPENING), account.stated.get(_CLOSING)
        if account.moved:
            yield from closing_gap(line, opening, account.came - account.went, closing)
        yield from balance(account.number, account.currency, opening, closing)


@dataclass(frozen=True, slots=True)
class _Detail:
    """A 16, its amount as written."""

    kind: str
    amount: str
    bank_reference: str
    customer_reference: str
    text: str

    @classmethod
    def of(cls, pieces: Sequence[str]) -> _Detail:
        """Fields end with commas, but the text runs to the record's end and may hold commas and
        slashes; continuations go on with the fields where those were not all said.
        """
        said = pieces[0].rstrip()
        waiting = list(pieces[1:])
        while waiting and _place_of_text(said.removesuffix("/").split(",")) is None:
            said = f"{said.removesuffix('/')},{waiting.pop(0).rstrip()}"
        fields = said.removesuffix("/").split(",")
        start = _place_of_text(fields)
        text = ",".join(fields[start:]) if start is not None else ""
        head = [*fields[: start or len(fields)], *[""] * 6]
        funds = 3 + _length_of_funds(head[2], head[3:])
        return cls(
            kind=head[0].strip(),
            amount=head[1].strip(),
            bank_reference=head[funds].strip(),
            customer_reference=head[funds + 1].strip(),
            text=squeezed(text, *(piece.strip().removesuffix("/") for piece in waiting)),
        )


def _stated(fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Type and amount of each figure of a 03: type, amount, item count, funds type with its parts,
    again and again. A figure without amount says nothing.
    """
    rest = list(fields)
    while any(rest):
        kind, amount, _, funds, *after = [*rest, "", "", ""]
        if amount:
            yield kind, amount
        rest = after[_length_of_funds(funds, after) :]


def _place_of_text(fields: Sequence[str]) -> int | None:
    """At which field of a 16 its text begins; None where the record ends before it."""
    if len(fields) < 3:
        return None
    start = 5 + _length_of_funds(fields[2], fields[3:])
    return start if len(fields) > start else None


def _length_of_funds(kind: str, following: Sequence[str]) -> int:
    """How many fields say when the money can be used: three amounts, a date and a time, or as many
    pairs as the first says.
    """
    match kind.strip().upper():
        case "S":
            return 3
        case "V":
            return 2
        case "D" if following and following[0].strip().isdigit():
            return 1 + 2 * int(following[0])
        case _:
            return 0


def _direction(kind: str) -> int:
    """1 for money in, −1 for money out, 0 where the type says neither (loans, a bank's own)."""
    if not re.fullmatch(r"\d{3}", kind):
        return 0
    number = int(kind)
    if 100 <= number < 400:
        return 1
    return -1 if 400 <= number < 700 else 0


def _fields(record: _Logical) -> list[str]:
    """The fields of a record without text, with those of its continuations."""
    joined = ",".join(piece.strip().removesuffix("/") for piece in record.pieces)
    return [part.strip() for part in joined.split(",")]


def _units(written: str, currency: str) -> Decimal:
    """An amount in units of its currency. Raises ValueError."""
    if not re.fullmatch(r"[+-]?\d+", written.strip()):
        raise ValueError(f"{written!r} is not an amount")
    decimals = 0 if currency in _WITHOUT_DECIMALS else 3 if currency in _THREE_DECIMALS else 2
    return to_cents(Decimal(written).scaleb(-decimals))


def _day(text: str) -> date | None:
    """``yymmdd`` (or with the century); None where it is no day."""
    found = re.fullmatch(r"(\d{2}|\d{4})(\d{2})(\d{2})", text.strip())
    try:
        return date(full_year(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None


def _said(reference: str) -> str:
    """A reference that says something."""
    empty = reference.upper() in _FILLERS or not reference.strip("0")
    return "" if empty else reference
