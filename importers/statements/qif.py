"""QIF (Quicken Interchange Format): one ledger line a block of a bank, cash or card account.

Source: the format's public descriptions (hwiegman's *QIF file format*, GnuCash's
``file-format.txt``): letters at the start of a line say what follows (``D`` date, ``T`` amount,
``N`` number, ``P`` payee, ``M`` memo, ``$`` a part of the amount), ``^`` closes a block. Programs
translate the words of the headings (``!Tipo:Banco``) and write dates and amounts in their own
country's way, so both are decided on the whole file. A QIF names no currency, no identifier and
no balance, but for a first block called *Opening Balance*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from importers.findings import Finding
from importers.ledger.dates import Order, date_order, read_date
from importers.payment_facts import is_bank_charge
from importers.records import CONTINUED, Balance, Disposition, Line
from importers.source import Source
from importers.statements.lines import Item, Movement, rounded, squeezed
from importers.values import NumberStyle, is_ambiguous_number, number_style, plain, to_cents

_LISTS = ("cat", "class", "clas", "memori", "prices", "preci", "security", "valor", "tag", "budget")
"""How the headings of lists begin that hold no movements: categories, classes, prices …"""
_INVESTMENTS = ("invst", "invers", "invest")
_OPENINGS = ("opening balance", "saldo inicial", "saldo anterior", "saldo de apertura")


def read(source: Source) -> Iterator[Item]:
    """Movements and opening balances of every account of the file; a block that cannot be read is
    a finding, not the end.
    """
    lines = [line.text.strip() for line in source.lines()]
    dates = [_written_date(text[1:]) for text in lines if text.startswith("D")]
    chosen = source.options.dates
    order = date_order(dates)
    if not chosen:
        yield from order.remarks(0)
    amounts = [text[1:].strip() for text in lines if text[:1] in ("T", "U")]
    style = number_style(amounts)
    unclear = next((text for text in amounts if is_ambiguous_number(text)), "")
    if unclear and not style.certain:
        yield Finding(
            "ambiguous-numbers", 0, 0, {"seen": unclear, "expected": style.parse(unclear)}
        )
    machine = _Machine(Order(chosen) if chosen else order.order, style)
    yield from machine.read(source.lines())


@dataclass
class _Block:
    """The lines from one ``^`` to the next."""

    lines: list[Line] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    """The amounts of a split."""

    def take(self, line: Line) -> None:
        text = line.text.strip()
        letter, said = text[:1].upper(), text[1:].strip()
        if letter == "$":
            self.parts.append(said)
        elif letter == "M" and "M" in self.values and not self.parts:
            self.values["M"] = squeezed(self.values["M"], said)
        elif letter:
            self.values.setdefault(letter, said)
        self.lines.append(line)


class _Machine:
    def __init__(self, order: Order, style: NumberStyle) -> None:
        self._order, self._style = order, style
        self._section, self._account = "", ""
        self._block = _Block()
        self._first = True

    def read(self, lines: Iterable[Line]) -> Iterator[Item]:
        for line in lines:
            text = line.text.strip()
            if text.startswith("!"):
                yield from self._close()
                self._heading(text)
                line.disposition, line.rule = Disposition.HEADING, "section"
                yield line
            elif text == "^":
                self._block.lines.append(line)
                yield from self._close()
            elif text:
                self._block.take(line)
            else:
                self._block.lines.append(line)
        yield from self._close()

    def _heading(self, text: str) -> None:
        """``!Type:Bank``, ``!Account``, ``!Option:AutoSwitch``, in any language."""
        name, mark, kind = plain(text[1:]).partition(":")
        if mark and name.strip() in ("type", "tipo"):
            self._section = kind.strip()
            self._first = True
        elif name.strip() in ("account", "cuenta"):
            self._section, self._account = "account", ""

    def _close(self) -> Iterator[Item]:
        block, self._block = self._block, _Block()
        if not block.values:
            yield from _dispose(block, Disposition.HEADING, "blank")
        elif self._section == "account":
            self._account = block.values.get("N", "")
            yield from _dispose(block, Disposition.HEADING, "account")
        elif self._section.startswith(_LISTS):
            yield from _dispose(block, Disposition.HEADING, "list")
        elif self._section.startswith(_INVESTMENTS):
            what = squeezed(block.values.get("N", ""), block.values.get("Y", ""))
            seen = {"seen": squeezed(what, block.values.get("T", ""))}
            yield Finding("investment-not-read", block.lines[0].number, 0, seen)
            yield from _dispose(block, Disposition.REJECTED, "")
        else:
            yield from self._movement(block)

    def _movement(self, block: _Block) -> Iterator[Item]:
        values, number = block.values, block.lines[0].number
        payee, memo = values.get("P", ""), values.get("M", "")
        is_first, self._first = self._first, False
        try:
            day = read_date(_written_date(values.get("D", "")), self._order)
            said = values.get("T") or values.get("U", "")
            exact = self._amount(said)
            amount = to_cents(exact)
            parts = [self._amount(part) for part in block.parts]
        except ValueError as error:
            seen = {"field": "D, T", "seen": str(error)[:60]}
            yield Finding("not-an-amount", number, 0, seen)
            yield from _dispose(block, Disposition.REJECTED, "")
            return
        if is_first and plain(payee) in _OPENINGS:
            yield from _dispose(block, Disposition.HEADING, "opening")
            yield Balance(number, self._account, "", amount, None)
            return
        yield from self._doubts(number, said, exact)
        if parts and to_cents(sum(parts, Decimal(0))) != amount:
            what = {"what": payee or memo or str(day), "seen": amount, "expected": sum(parts)}
            yield Finding("total-mismatch", number, 0, what)
        yield from _dispose(block, Disposition.RECORD, "movement")
        yield Movement(
            line=number,
            day=day,
            amount=amount,
            account=self._account,
            reference=values.get("N", ""),
            text=squeezed(payee, memo if memo != payee else ""),
            party="" if is_bank_charge(payee) else payee,
        ).record()

    def _doubts(self, line: int, said: str, exact: Decimal) -> Iterator[Finding]:
        if self._style.certain and self._style.is_doubtful(said):
            values = {"seen": said, "expected": to_cents(exact)}
            yield Finding("doubtful-amount", line, 0, values)
        else:
            yield from rounded(line, exact)

    def _amount(self, text: str) -> Decimal:
        """Raises ValueError for a blank too: a movement without an amount is none."""
        if not text:
            raise ValueError("T")
        return self._style.parse(text)


def _written_date(text: str) -> str:
    """A date without the blanks that stand for zeros; the apostrophe before a year says that it is
    of this century (``1/ 5'26``).
    """
    said = re.sub(r"\s*([/.'-])\s*", r"\1", text.strip())
    return re.sub(r"'(\d{1,2})$", lambda year: f"/20{int(year[1]):02}", said).replace("'", "/")


def _dispose(block: _Block, disposition: Disposition, rule: str) -> Iterator[Line]:
    """The lines of a block; all but the first continue it where it is a record."""
    for place, line in enumerate(block.lines):
        continues = place and disposition is not Disposition.HEADING
        line.disposition, line.rule = disposition, CONTINUED if continues else rule
        yield line
