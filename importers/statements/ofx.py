"""OFX 1 (SGML, elements left open) and 2 (XML): one ledger line a ``STMTTRN``, and one a trade of
an investment account that moves its cash.

Source: Open Financial Exchange specification 1.6 and 2.2, §11 (banking) and §13 (investments). The
header's CHARSET is often false, so the bytes decide the encoding; SGML leaves elements of data
without an end.
"""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from importers.findings import Finding
from importers.payment_facts import is_bank_charge
from importers.records import LedgerLine
from importers.source import Source
from importers.statements.lines import (
    Item,
    Movement,
    balance,
    exact_amount,
    rounded,
    squeezed,
    text_lines,
)
from importers.unreadable import Unreadable
from importers.values import is_ambiguous_number, parse_date, plain, to_cents

_ZERO = Decimal("0.00")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9.]*)\s*/?>([^<]*)")
_STATEMENTS = frozenset({"STMTRS", "CCSTMTRS", "INVSTMTRS"})
_TRADES = (
    *(
        f"{way}{what}"
        for way in ("BUY", "SELL")
        for what in ("DEBT", "MF", "OPT", "OTHER", "STOCK")
    ),
    *("INCOME", "INVEXPENSE", "MARGININTEREST", "RETOFCAP", "JRNLFUND"),
)
"""Transactions of an investment account with a TOTAL, signed from its cash (§13.9.2)."""
_WITHOUT_CASH = ("REINVEST", "TRANSFER", "SPLIT", "JRNLSEC", "CLOSUREOPT")
"""Those that move securities only; what is reinvested comes and goes at once."""
_OUT = frozenset(
    {"DEBIT", "CHECK", "PAYMENT", "ATM", "POS", "FEE", "SRVCHG", "DIRECTDEBIT", "CASH"}
)
_IN = frozenset({"CREDIT", "DEP", "DIRECTDEP", "DIV"})
"""Kinds of transactions that go one way only (§11.4.4.3)."""
_MOVEMENTS = frozenset({"STMTTRN", *_TRADES, *_WITHOUT_CASH})
_STARTS = re.compile(rf"<(?:{'|'.join(sorted(_MOVEMENTS))})>", re.IGNORECASE)


@dataclass
class _Statement:
    """One account's statement; a file may hold several."""

    account: str = ""
    currency: str = ""
    closing: Decimal | None = None
    ends: str = ""
    """The day the list of transactions ends, and the day of the balance."""
    balance_of: str = ""
    moved: Decimal = _ZERO
    transactions: list[dict[str, str]] = field(default_factory=list)
    in_transaction: bool = False
    in_balance: bool = False
    in_original: bool = False
    """Inside ORIGCURRENCY, whose amount is already in the statement's currency (§5.2)."""

    def take(self, name: str, said: str, closes: bool) -> None:
        """One tag with the text behind it."""
        if name in _MOVEMENTS:
            self.in_transaction = not closes
            self.in_original = False
            if not closes:
                self.transactions.append({} if name == "STMTTRN" else {"TRADE": name})
        elif name == "ORIGCURRENCY":
            self.in_original = not closes
        elif name == "LEDGERBAL":
            self.in_balance = not closes
        elif closes or not said:
            return
        elif self.in_transaction and not self.in_original:
            self.transactions[-1].setdefault(name, said)
        else:
            self._keep(name, said)

    def _keep(self, name: str, said: str) -> None:
        if name == "ACCTID":
            self.account = self.account or said
        elif name == "CURDEF":
            self.currency = said.upper()
        elif name == "DTEND":
            self.ends = said[:8]
        elif name == "DTASOF":
            self.balance_of = said[:8]
        elif name == "AVAILCASH" or (name == "BALAMT" and self.in_balance):
            with contextlib.suppress(ValueError):
                self.closing = to_cents(exact_amount(said))

    def settle_signs(self) -> Iterator[Finding]:
        """Some banks write amounts without signs, against the standard (§11.4.4): then the kind of
        each transaction says which way the money went, and that is said.
        """
        amounts = [values.get("TRNAMT", "").strip() for values in self.transactions]
        goes_out = [values.get("TRNTYPE", "").upper() in _OUT for values in self.transactions]
        if any(amount.startswith("-") for amount in amounts) or not any(goes_out):
            return
        for values, amount, is_out in zip(self.transactions, amounts, goes_out, strict=True):
            if is_out and amount:
                values["TRNAMT"] = f"-{amount.removeprefix('+')}"
        yield Finding("signs-by-kind", 0)

    @property
    def opening(self) -> Decimal | None:
        """What stood before the list, where the balance is that of the day it ends: OFX has no
        other.
        """
        if self.closing is None or not self.ends or self.ends != self.balance_of:
            return None
        return self.closing - self.moved


def read(source: Source) -> Iterator[Item]:
    """The bank's transactions of every statement, also the cash lines of an investment account."""
    starts = yield from text_lines(source, _STARTS)
    statements = list(_statements("\n".join(line.text for line in source.lines())))
    if not statements and starts:
        raise Unreadable("damaged-statement", reason="STMTRS")
    places = iter(starts)
    for statement in statements:
        seen: set[str] = set()
        yield from statement.settle_signs()
        for values in statement.transactions:
            for item in _movement(statement, values, next(places, 1), seen):
                if isinstance(item, LedgerLine):
                    statement.moved += item.debit - item.credit
                yield item
        opening = statement.opening
        yield from balance(statement.account, statement.currency, opening, statement.closing)


def _statements(text: str) -> Iterator[_Statement]:
    current: _Statement | None = None
    for found in _TAG.finditer(text):
        name, said = found[2].upper(), html.unescape(found[3]).strip()
        closes = bool(found[1])
        if name in _STATEMENTS:
            if closes and current is not None:
                yield current
            current = None if closes else _Statement()
        elif current is not None:
            current.take(name, said, closes)
    if current is not None:
        yield current


def _doubts(values: dict[str, str], line: int, amount: str, exact: Decimal) -> Iterator[Finding]:
    """What is doubtful of a transaction: its sign, its thousands, whether it is another's
    correction.
    """
    kind = values.get("TRNTYPE", "").upper()
    if (kind in _OUT and exact > 0) or (kind in _IN and exact < 0):
        yield Finding("sign-against-kind", line, 0, {"kind": kind, "seen": amount})
    if corrected := values.get("CORRECTFITID"):
        action = values.get("CORRECTACTION", "")
        yield Finding("transaction-corrects", line, 0, {"other": corrected, "seen": action})
    if is_ambiguous_number(amount.lstrip("+")):
        doubt = {"seen": amount, "expected": to_cents(exact)}
        yield Finding("doubtful-amount", line, 0, doubt)


def _party(name: str) -> str:
    """NAME is the payee's, or what a bank calls its own charges and cheques."""
    says_no_name = is_bank_charge(name) or re.match(r"(?:cheque|check)\b", plain(name))
    return "" if says_no_name else name


def _movement(
    statement: _Statement, values: dict[str, str], line: int, seen: set[str]
) -> Iterator[Item]:
    trade = values.get("TRADE", "")
    if trade in _WITHOUT_CASH:
        yield Finding("no-effect", line, 0, {"what": f"{trade} {values.get('FITID', '')}".strip()})
        return
    amount = values.get("TOTAL" if trade else "TRNAMT", "")
    posted = values.get("DTTRADE" if trade else "DTPOSTED", "")
    try:
        exact, day = exact_amount(amount), parse_date(posted[:8])
    except ValueError:
        said = f"{posted} {amount}"
        yield Finding("not-an-amount", line, 0, {"field": "STMTTRN", "seen": said[:40]})
        return
    yield from _doubts(values, line, amount, exact)
    fitid = values.get("FITID", "")
    if fitid and fitid in seen:
        yield Finding("repeated-identifier", line, 0, {"seen": fitid})
    seen.add(fitid)
    yield from rounded(line, exact)
    yield Movement(
        line=line,
        day=day,
        amount=to_cents(exact),
        account=statement.account,
        reference=values.get("CHECKNUM") or values.get("REFNUM", ""),
        text=squeezed(
            trade, values.get("INCOMETYPE", ""), values.get("NAME", ""), values.get("MEMO", "")
        ),
        currency=values.get("CURSYM", "").upper() or statement.currency,
        rate=values.get("CURRATE", "") if values.get("CURSYM") else "",
        kind=trade or values.get("TRNTYPE", ""),
        party=_party(values.get("NAME", "")),
        identifier=fitid,
    ).record()
