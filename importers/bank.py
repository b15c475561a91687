"""Bank statements by standard: OFX / QFX, SWIFT MT940, ISO 20022 CAMT.053; and FoxPro / dBASE
tables.

A statement is written from the bank's side; here it is turned to the company's books, where money
coming in is a debit of the bank account, so that a statement and the ledger of that account compare
sign by sign. Opening and closing balances become a Balance where the statement has them.
"""

from __future__ import annotations

import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

from importers import markup
from importers.findings import Finding
from importers.markup import Element
from importers.records import Balance, Disposition, LedgerLine, Line, Record, TitleBlock
from importers.source import Source
from importers.unreadable import Unreadable
from importers.values import parse_date, to_cents

Item = Line | Finding | Record | TitleBlock

_ZERO = Decimal("0.00")


def read_ofx(source: Source) -> Iterator[Item]:
    """OFX 1 (SGML) and 2 (XML), through ofxtools: one ledger line a STMTTRN."""
    from ofxtools.Parser import OFXTree, ParseError

    starts = yield from _text_lines(source, re.compile(r"<STMTTRN>", re.IGNORECASE))
    tree = OFXTree()
    try:
        tree.parse(io.BytesIO(source.content.whole))
    except (ParseError, SyntaxError, ValueError, LookupError) as error:
        raise Unreadable("damaged-statement", reason=str(error)[:120]) from None
    places = iter(starts)
    for statement in tree.iter():
        if statement.tag in ("STMTRS", "CCSTMTRS"):
            yield from _ofx_statement(statement, places)


def _ofx_statement(statement: ElementTree.Element, places: Iterator[int]) -> Iterator[Item]:
    """One account's statement; a file may hold several."""
    account = next((element.text or "" for element in statement.iter("ACCTID")), "")
    currency = statement.findtext("CURDEF") or ""
    for transaction in statement.iter("STMTTRN"):
        values = {child.tag: (child.text or "").strip() for child in transaction}
        line = next(places, 1)
        try:
            amount = _amount(values.get("TRNAMT", ""))
            day = parse_date(values.get("DTPOSTED", "")[:8])
        except ValueError:
            seen = f"{values.get('DTPOSTED', '')} {values.get('TRNAMT', '')}"
            yield Finding("not-an-amount", line, 0, {"field": "STMTTRN", "seen": seen[:40]})
            continue
        text = " ".join(part for part in (values.get("NAME"), values.get("MEMO")) if part)
        reference = values.get("CHECKNUM") or values.get("REFNUM") or values.get("FITID", "")
        yield _line(
            line, day, amount, account, reference, text, currency, values.get("TRNTYPE", "")
        )
    yield from _balance(account, None, statement.findtext("LEDGERBAL/BALAMT"))


def read_mt940(source: Source) -> Iterator[Item]:
    """MT940, through the mt-940 library: one ledger line a ``:61:``."""
    import mt940

    starts = yield from _text_lines(source, re.compile(r":61:"))
    places = iter(starts)
    balances: dict[str, list[Decimal | None]] = {}
    for text in _messages(source):
        try:
            statement = mt940.parse(text)
        except (ValueError, AssertionError, RuntimeError, KeyError, TypeError) as error:
            raise Unreadable("damaged-statement", reason=str(error)[:120]) from None
        account = str(statement.data.get("account_identification") or "")
        for transaction in statement:
            values = transaction.data
            if "amount" not in values:
                continue
            yield _line(
                next(places, 1),
                date(values["date"].year, values["date"].month, values["date"].day),
                to_cents(values["amount"].amount),
                account,
                values.get("customer_reference") or values.get("bank_reference") or "",
                " ".join((values.get("transaction_details") or "").split()),
                values["amount"].currency or "",
                values.get("id") or "",
            )
        opening, closing = (
            statement.data.get(f"final_{name}_balance") for name in ("opening", "closing")
        )
        kept = balances.setdefault(account, [None, None])
        kept[0] = opening.amount.amount if opening and kept[0] is None else kept[0]
        kept[1] = closing.amount.amount if closing else kept[1]
    for account, (first, last) in balances.items():
        yield from _balance(account, first, last)


def _messages(source: Source) -> Iterator[str]:
    """The messages of an MT940 file, each from its ``:20:``: a page of a statement, or another
    account's.
    """
    message: list[str] = []
    for line in source.lines():
        if line.text.startswith(":20:") and any(kept.startswith(":20:") for kept in message):
            yield "\n".join(message)
            message = []
        message.append(line.text)
    yield "\n".join(message)


def read_camt(source: Source) -> Iterator[Item]:
    """CAMT.053 in any version: one ledger line an ``Ntry``."""
    machine = _Camt()
    yield from markup.read(source, frozenset({"Ntry", "Bal"}), machine.step)


def _text_lines(source: Source, pattern: re.Pattern[str]) -> Generator[Item, None, list[int]]:
    """The physical lines, records where the pattern stands; answers where each record begins."""
    starts: list[int] = []
    for line in source.lines():
        line.disposition, line.rule = Disposition.HEADING, "statement"
        found = len(pattern.findall(line.text))
        if found:
            line.disposition, line.rule = Disposition.RECORD, "movement"
            starts += [line.number] * found
        elif not line.text.strip():
            line.rule = "blank"
        yield line
    return starts


def _line(
    number: int,
    day: date,
    amount: Decimal,
    account: str,
    reference: str,
    text: str,
    currency: str,
    kind: str,
) -> LedgerLine:
    return LedgerLine(
        line=number,
        date=day,
        debit=max(amount, _ZERO),
        credit=max(-amount, _ZERO),
        account=account,
        reference=reference,
        description=text,
        currency=currency,
        kind=kind,
    )


def _balance(account: str, opening: object, closing: object) -> Iterator[Item]:
    try:
        amounts = [None if value is None else _amount(str(value)) for value in (opening, closing)]
    except ValueError:
        return
    if any(amount is not None for amount in amounts):
        yield Balance(0, account, "", amounts[0], amounts[1])


def _amount(text: str) -> Decimal:
    """OFX and CAMT write a point; some banks write a comma all the same."""
    if not re.fullmatch(r"[+-]?\d*[.,]?\d+", text.strip()):
        raise ValueError(f"{text!r} is not an amount")
    return to_cents(Decimal(text.strip().replace(",", ".")))


@dataclass
class _Camt:
    account: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    path: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    line: int = 0

    def step(self, element: Element) -> Iterator[Item]:
        if element.starts:
            self.path.append(element.name)
            if element.name in ("Ntry", "Bal"):
                self.values, self.line = {}, element.line
            elif element.name == "Stmt":
                self.account, self.opening, self.closing = "", None, None
            if element.name == "Amt" and self.path[-2:-1] in (["Ntry"], ["Bal"]):
                self.values.setdefault("currency", element.attributes.get("Ccy", ""))
            return
        self.path.pop()
        text = element.text.strip()
        parent = self.path[-1] if self.path else ""
        if text and element.name in ("IBAN", "Id") and not self.account and "Acct" in self.path:
            self.account = text
        elif text and element.name in ("Amt", "CdtDbtInd") and parent in ("Ntry", "Bal"):
            self.values.setdefault(element.name, text)
        elif text and (element.name == "Sts" or (element.name == "Cd" and parent == "Sts")):
            self.values.setdefault("status", text)
        elif text and element.name in ("Dt", "DtTm") and "BookgDt" in self.path:
            self.values.setdefault("day", text)
        elif text and element.name in (
            "AcctSvcrRef",
            "EndToEndId",
            "NtryRef",
            "Ustrd",
            "AddtlNtryInf",
            "Cd",
        ):
            self.values.setdefault(element.name, text)
        if element.name == "Ntry":
            yield from self._entry()
        elif element.name == "Bal":
            yield from self._keep_balance()
        elif element.name == "Stmt":
            yield from _balance(self.account, self.opening, self.closing)

    def _entry(self) -> Iterator[Item]:
        values = self.values
        if values.get("status") == "PDNG":
            yield Finding("pending-entry", self.line, 0)
            return
        try:
            day, amount = parse_date(values.get("day", "")[:10]), self._signed()
        except ValueError:
            seen = f"{values.get('day', '')} {values.get('Amt', '')}"
            yield Finding("not-an-amount", self.line, 0, {"field": "Ntry", "seen": seen[:40]})
            return
        reference = next(
            (values[name] for name in ("EndToEndId", "NtryRef", "AcctSvcrRef") if values.get(name)),
            "",
        )
        text = values.get("Ustrd") or values.get("AddtlNtryInf", "")
        yield _line(
            self.line, day, amount, self.account, reference, text, values.get("currency", ""), ""
        )

    def _keep_balance(self) -> Iterator[Item]:
        code = self.values.get("Cd", "")
        try:
            if code in ("OPBD", "PRCD"):
                self.opening = self._signed()
            elif code == "CLBD":
                self.closing = self._signed()
        except ValueError:
            yield Finding(
                "not-an-amount",
                self.line,
                0,
                {"field": "Bal", "seen": self.values.get("Amt", "")[:40]},
            )

    def _signed(self) -> Decimal:
        amount = _amount(self.values.get("Amt", ""))
        return -amount if self.values.get("CdtDbtInd") == "DBIT" else amount
