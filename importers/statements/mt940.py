"""SWIFT MT940: one ledger line a ``:61:``.

Source: SWIFT user handbook, category 9 (MT940, fields 60F, 61, 62F, 86). ``RC`` is the reversal of
a credit (money out again), ``RD`` the reversal of a debit. A structured field 86 (``?00 ?20``–``?29
?32 ?33``) follows the German banks' convention, which many banks took over: purpose in
``?20``–``?29`` and ``?60``–``?63``, the other party's name in ``?32`` and ``?33``.
Others write SWIFT's code words between slashes (``/NAME/``, ``/REMI/``).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from importers.findings import Finding
from importers.source import Source
from importers.statements.lines import (
    Item,
    Movement,
    balance,
    closing_gap,
    exact_amount,
    rounded,
    squeezed,
    text_lines,
)
from importers.unreadable import Unreadable
from importers.values import full_year, to_cents

_LINE_61 = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d[\d.]*(?:[,.]\d*)?)(?![a-z0-9.,])"
    r"(?P<kind>[A-Z][A-Z0-9]{3})?(?P<reference>.*?)(?://(?P<bank>.*))?",
    re.DOTALL,
)
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d[\d.]*[,.]?\d*)")
_FIELD = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
_WORDS_OF_86 = (
    "ABWA|ACCW|BENM|BIC|CNTP|CSID|EREF|IBAN|ID|IREF|ISDT|KREF|MARF|NAME|ORDP|PREF|PURP|REMI|RTRN|"
    "SVWZ|TRCD|TRTP|ULTB|ULTD|USTD"
)
_SLASHED = re.compile(rf"/(?:{_WORDS_OF_86})/")
_FILLERS = ("NONREF", "NOTPROVIDED", "NOTPROVIDE")
_NO_REFERENCE = (
    *_FILLERS,
    *(f"{word}{end}" for word in ("KREF", "EREF", "PREF") for end in ("", "+")),
)
_PLUSSED = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|COAM|OAMT)\+")
_REFERENCES = ("EREF", "PREF", "KREF")
_PURPOSE = frozenset({*(f"{n}" for n in range(20, 30)), "60", "61", "62", "63"})
_ZERO = Decimal("0.00")
_MOVEMENTS = re.compile(r":61:")


@dataclass
class _Page:
    """A statement with its first opening and last closing balance (fields 60F and 62F)."""

    line: int
    day: date
    opening: Decimal
    closing: Decimal | None = None


@dataclass
class _Account:
    name: str
    currency: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    pages: list[_Page] = field(default_factory=list)
    page_opening: Decimal | None = None
    page_moved: Decimal = _ZERO
    """What the page under way opened with and its movements so far."""

    def settle(self) -> Iterator[Finding]:
        """Opening and closing of the oldest and the newest statement, whatever their order in the
        file; said where one does not open with what the one before it closes with.
        """
        pages = self.pages
        if len(pages) < 2:
            return
        if pages[0].day > pages[-1].day:
            pages = pages[::-1]
        pages = sorted(pages, key=lambda page: page.day)
        self.opening, self.closing = pages[0].opening, pages[-1].closing
        for before, page in pairwise(pages):
            if before.closing is not None and before.closing != page.opening:
                values = {"seen": page.opening, "expected": before.closing}
                yield Finding("statement-missing", page.line, 0, values)


@dataclass
class _Statements:
    """What was read so far: the fields of a file in their order."""

    accounts: dict[tuple[str, str], _Account] = field(default_factory=dict)
    account: _Account = field(default_factory=lambda: _Account(""))
    waiting: tuple[int, str] | None = None
    """A ``:61:`` with its line, whose ``:86:`` may follow."""

    def take(self, tag: str, text: str, line: int) -> Iterator[Item]:
        if tag == "86" and self.waiting:
            yield from self._movement(text)
            return
        yield from self.flush()
        if tag == "25":
            self.account = _Account(" ".join(text.split()))
        elif tag in ("60F", "60M"):
            yield from self._opening(text, line, tag == "60F")
        elif tag in ("62F", "62M"):
            yield from self._closing(text, line, tag == "62F")
        elif tag == "61":
            self.waiting = line, text

    def flush(self) -> Iterator[Item]:
        """The movement that waits, where no ``:86:`` came."""
        if self.waiting:
            yield from self._movement("")

    def _opening(self, text: str, line: int, is_first: bool) -> Iterator[Item]:
        """Later pages begin where the one before ended. An account number may have pages in several
        currencies.
        """
        found = yield from _stated(text, line)
        if found is None:
            return
        name = self.account.name
        key = name, found.currency
        self.account = self.accounts.setdefault(key, _Account(name, found.currency))
        if is_first and found.day is not None:
            self.account.pages.append(_Page(line, found.day, found.amount))
        if self.account.opening is None:
            self.account.opening = found.amount
        self.account.page_opening, self.account.page_moved = found.amount, _ZERO

    def _closing(self, text: str, line: int, is_last: bool) -> Iterator[Item]:
        found = yield from _stated(text, line)
        if found is None:
            return
        account = self.account
        account.closing, account.currency = found.amount, found.currency
        if is_last and account.pages:
            account.pages[-1].closing = found.amount
        self.accounts.setdefault((account.name, account.currency), account)
        yield from closing_gap(line, account.page_opening, account.page_moved, account.closing)

    def _movement(self, details: str) -> Iterator[Item]:
        assert self.waiting is not None
        (line, text), self.waiting = self.waiting, None
        found = _LINE_61.fullmatch(text.split("\n")[0].strip())
        try:
            if found is None:
                raise ValueError(text)
            exact = exact_amount(found["amount"].replace(".", "").rstrip(","))
            day = _entry_day(_day(found["value"]), found["entry"])
        except ValueError:
            values = {"field": ":61:", "seen": text.split("\n")[0][:40]}
            yield Finding("not-an-amount", line, 0, values)
            return
        comes_in = found["mark"] in ("C", "RD")
        amount = to_cents(exact) if comes_in else -to_cents(exact)
        self.account.page_moved += amount
        yield from rounded(line, exact)
        said = _details(details)
        supplement = " ".join(text.split("\n")[1:])
        yield Movement(
            line=line,
            day=day,
            amount=amount,
            account=self.account.name,
            reference=_reference(found["reference"], said.reference, found["bank"] or ""),
            text=said.text or squeezed(supplement),
            currency=self.account.currency,
            kind=found["kind"] or "",
            party=said.party,
            counter_account=said.account,
        ).record()


def read(source: Source) -> Iterator[Item]:
    """Movements of every account of the file, and its first opening and last closing balance. A
    line that cannot be read is a finding, not the end.
    """
    starts = yield from text_lines(source, _MOVEMENTS)
    state = _Statements()
    count = 0
    for tag, text, line in _fields(source):
        count += 1
        yield from state.take(tag, text, line)
    yield from state.flush()
    if not count and starts:
        raise Unreadable("damaged-statement", reason=":20:")
    for account in state.accounts.values() or [state.account]:
        yield from account.settle()
        yield from balance(account.name, account.currency, account.opening, account.closing)


def _fields(source: Source) -> Iterator[tuple[str, str, int]]:
    """Tag, text and line of each field; what stands between two tags belongs to the first."""
    tag, text, start = "", [""], 0
    for line in source.lines():
        found = _FIELD.fullmatch(line.text)
        said = line.text.strip()
        if found or said in ("-", "-}") or said.startswith(("{1:", "-}{")):
            if tag:
                yield tag, "\n".join(text), start
            tag, text, start = (found[1], [found[2]], line.number) if found else ("", [""], 0)
            if found is None and "{4:" in said:
                continue
        elif tag:
            text.append(line.text)
    if tag:
        yield tag, "\n".join(text), start


class _Stated(NamedTuple):
    """A balance, positive where the bank owes the company."""

    amount: Decimal
    currency: str
    day: date | None


def _stated(text: str, line: int) -> Generator[Item, None, _Stated | None]:
    """The balance of a field 60 or 62."""
    found = _BALANCE.match(text.strip())
    if found is None:
        yield Finding("not-an-amount", line, 0, {"field": ":60: / :62:", "seen": text[:40]})
        return None
    amount = to_cents(exact_amount(found[4].replace(".", "").rstrip(",")))
    try:
        day = _day(found[2])
    except ValueError:
        day = None
    return _Stated(amount if found[1] == "C" else -amount, found[3], day)


def _day(text: str) -> date:
    """``yymmdd``. Raises ValueError for a day that does not exist (30 February in some files)."""
    return date(full_year(text[:2]), int(text[2:4]), int(text[4:]))


def _entry_day(value: date, entry: str | None) -> date:
    """The day of entry, which has no year: of the years around that of the value date the nearest
    one; the value date where there is none.
    """
    if not entry:
        return value
    days = []
    for year in (value.year - 1, value.year, value.year + 1):
        with contextlib.suppress(ValueError):
            days.append(date(year, int(entry[:2]), int(entry[2:])))
    return min(days, key=lambda day: abs(day - value), default=value)


def _reference(own: str, parties: str, bank: str) -> str:
    """The customer's own reference, else the one the parties gave, else the bank's; fillers say
    nothing.
    """
    said = (text.strip() for text in (own, parties, bank))
    return next((text for text in said if text and text.upper() not in _NO_REFERENCE), "")


@dataclass(frozen=True, slots=True)
class _Details:
    """What field 86 says: a text, and where it is structured the other party, its account and the
    reference the parties gave.
    """

    text: str
    party: str = ""
    account: str = ""
    reference: str = ""


def _details(text: str) -> _Details:
    joined = text.replace("\n", "")
    if _SLASHED.match(joined):
        return _slashed(joined)
    mark = re.match(r"\s*(?:\d{3})?\s*([?>])\d\d", joined)
    if mark is None:
        return _Details(squeezed(text))
    pieces = re.split(rf"{re.escape(mark[1])}(?=\d\d)", joined)[1:]
    parts = [(piece[:2], piece[2:]) for piece in pieces]
    said = {number: value for number, value in reversed(parts)}
    posting = [said["00"]] if "00" in said else []
    purpose, words = _purpose([value for number, value in parts if number in _PURPOSE])
    name = "".join(value for number, value in parts if number in ("32", "33"))
    return _Details(
        text=squeezed(*posting, *purpose),
        party=squeezed(name) or squeezed(words.get("ABWA", "")),
        account=said.get("31", "").strip() or words.get("IBAN", ""),
        reference=next((words[word] for word in _REFERENCES if words.get(word)), ""),
    )


def _purpose(pieces: list[str]) -> tuple[list[str], dict[str, str]]:
    """The purpose of a German-style field 86, and what stands in it behind words such as ``EREF+``:
    where they stand, the purpose is what follows ``SVWZ+``.
    """
    marks = list(_PLUSSED.finditer("".join(pieces)))
    if not marks:
        return pieces, {}
    joined = "".join(pieces)
    words = {
        mark[1]: joined[mark.end() : following.start() if following else None].strip()
        for mark, following in zip(marks, [*marks[1:], None], strict=True)
    }
    words = {word: said for word, said in words.items() if said.upper() not in _FILLERS}
    return [joined[: marks[0].start()], words.get("SVWZ", "")], words


def _slashed(text: str) -> _Details:
    """The same of ``/NAME/ACME/REMI//USTD//Factura 77`` (SWIFT's code words between slashes). A
    word nobody knows ends the one before it; of ``/CNTP/`` the parts are account, bank and name.
    """
    marks = list(re.finditer(r"/([A-Z]{2,4})(?=/)", text))
    parts: dict[str, str] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        said = text[mark.end() : following.start() if following else None]
        if said.strip("/ ") and said.strip("/ ").upper() not in _FILLERS:
            parts.setdefault(mark[1], said.removeprefix("/"))
    account, _, name, *_ = [*parts.get("CNTP", "").split("/"), "", "", ""]
    said_name = (parts.get(word, "").strip("/ ") for word in ("NAME", "ORDP", "BENM"))
    purpose = (parts.get(word, "").strip("/ ") for word in ("USTD", "REMI", "SVWZ"))
    references = [parts[word].strip("/ ") for word in _REFERENCES if word in parts]
    return _Details(
        text=squeezed(next(filter(None, purpose), "")) or squeezed(*references),
        party=squeezed(next(filter(None, said_name), "") or name),
        account=parts.get("IBAN", "").strip("/ ") or account.strip(),
        reference=next(iter(references), ""),
    )
