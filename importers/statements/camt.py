"""ISO 20022 CAMT.052, 053 and 054 in any version: one ledger line a booked ``Ntry``, or one a
transaction where the transactions of a batch add up to it.

Source: ISO 20022 message definition reports of camt.052, 053 and 054 (versions 02 to 13). Only
entries whose status is BOOK count; PDNG, INFO and FUTR are announcements. ``CdtDbtInd`` is the
direction of the entry itself, also of a reversal. NOTPROVIDED is the filler for an absent
end-to-end reference. The reference is the creditor's structured one, else the first the parties
gave, else the bank's; the identifier is the bank's. A report of camt.052 is what the bank knew
during the day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers import markup
from importers.findings import Finding
from importers.markup import Element
from importers.source import Source
from importers.statements.lines import (
    Item,
    Movement,
    balance,
    closing_gap,
    exact_amount,
    rounded,
    squeezed,
)
from importers.values import parse_date, to_cents

_FILLERS = frozenset({"NOTPROVIDED", "NONREF", "NOTPROVIDE", "NOT PROVIDED"})
_STATEMENTS = frozenset({"Stmt", "Rpt", "Ntfctn"})
_BOOKED = ("BOOK", "")


def read(source: Source) -> Iterator[Item]:
    machine = _Machine()
    yield from markup.read(source, frozenset({"Ntry", "Bal"}), machine.step)


@dataclass
class _Transaction:
    """What a ``TxDtls`` says; an ``Ntry`` has the same fields of its own."""

    values: dict[str, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str:
        """The first of these fields that says something."""
        said = (self.values.get(name, "") for name in names)
        return next((text for text in said if text and text.upper() not in _FILLERS), "")

    def party(self, pays: bool) -> str:
        """The other side: who pays (``pays``) or who is paid."""
        if pays:
            return self.first("Dbtr", "UltmtDbtr")
        return self.first("Cdtr", "UltmtCdtr")


@dataclass
class _Entry(_Transaction):
    line: int = 0
    parts: list[_Transaction] = field(default_factory=list)


@dataclass
class _Machine:
    account: str = ""
    currency: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    moved: Decimal = Decimal("0.00")
    path: list[str] = field(default_factory=list)
    entry: _Entry = field(default_factory=_Entry)
    part: _Transaction | None = None
    stated: dict[str, str] = field(default_factory=dict)

    def step(self, element: Element) -> Iterator[Item]:
        if element.starts:
            self.path.append(element.name)
            self._begin(element)
            if element.name == "Rpt":
                yield Finding("statement-intraday", element.line)
            return
        text = element.text.strip()
        if text:
            self._keep(element.name, text)
        self.path.pop()
        if element.name == "Ntry":
            yield from self._entry()
        elif element.name == "TxDtls":
            self.part = None
        elif element.name == "Bal":
            yield from self._keep_balance(element.line)
        elif element.name in _STATEMENTS:
            yield from closing_gap(element.line, self.opening, self.moved, self.closing)
            yield from balance(self.account, self.currency, self.opening, self.closing)

    def _begin(self, element: Element) -> None:
        match element.name:
            case "Ntry":
                self.entry, self.part = _Entry(line=element.line), None
            case "TxDtls":
                self.part = _Transaction()
                self.entry.parts.append(self.part)
            case "Bal":
                self.stated = {}
            case "Amt":
                values = self._values()
                if self._parent() in ("Ntry", "Bal", "TxDtls", "TxAmt"):
                    values.setdefault("Ccy", element.attributes.get("Ccy", ""))
            case name if name in _STATEMENTS:
                self.account = self.currency = ""
                self.opening = self.closing = None
                self.moved = Decimal("0.00")

    def _keep(self, name: str, text: str) -> None:
        parent = self._parent()
        if "Acct" in self.path and "Ntry" not in self.path:
            self._keep_account(name, text)
        elif name == "Ustrd" or (name == "Ref" and parent == "CdtrRefInf"):
            (self.part or self.entry).texts.append(text)
            if name == "Ref":
                self._values().setdefault("CdtrRef", text)
        elif field_name := self._field(name, parent):
            self._values().setdefault(field_name, text)

    def _field(self, name: str, parent: str) -> str:
        """Under which name a text is kept; empty where it is not."""
        if name == "Nm":
            return next((part for part in reversed(self.path) if part in _ROLES), "")
        if name == "IBAN" or (name == "Id" and parent == "Othr"):
            return next((part for part in reversed(self.path) if part in _ACCOUNTS), "")
        if name == "Cd" and "RtrInf" in self.path:
            return "Rsn"
        if name in ("Dt", "DtTm") and parent in ("BookgDt", "ValDt"):
            return parent
        if name == "Amt":
            return name if parent in ("Ntry", "Bal", "TxDtls", "TxAmt") else ""
        if name == "Cd":
            return {"Sts": "Sts", "CdOrPrtry": "Cd"}.get(parent, "Cd" if "Cd" in _FIELDS else "")
        return name if name == "Sts" or name in _FIELDS else ""

    def _keep_account(self, name: str, text: str) -> None:
        if name in ("IBAN", "Id") and not self.account:
            self.account = text
        elif name == "Ccy":
            self.currency = text

    def _values(self) -> dict[str, str]:
        if "Bal" in self.path:
            return self.stated
        return (self.part or self.entry).values

    def _parent(self) -> str:
        return self.path[-2] if len(self.path) > 1 else ""

    def _entry(self) -> Iterator[Item]:
        entry = self.entry
        status = entry.values.get("Sts", "")
        if status not in _BOOKED:
            seen = {"seen": f"{status} {entry.values.get('Amt', '')}".strip()}
            yield Finding("pending-entry", entry.line, 0, seen)
            return
        try:
            said = entry.values.get("BookgDt") or entry.values.get("ValDt", "")
            day, exact = parse_date(said[:10]), exact_amount(entry.values.get("Amt", ""))
            if exact < 0 or entry.values.get("CdtDbtInd") not in ("CRDT", "DBIT"):
                raise ValueError("CdtDbtInd")
        except ValueError:
            direction = entry.values.get("CdtDbtInd", "")
            seen = {"field": "Ntry", "seen": f"{entry.values.get('Amt', '')} {direction}"[:40]}
            yield Finding("not-an-amount", entry.line, 0, seen)
            return
        yield from rounded(entry.line, exact)
        comes_in = entry.values.get("CdtDbtInd") != "DBIT"
        self.moved += to_cents(exact) if comes_in else -to_cents(exact)
        parts = self._amounts_of_parts(exact)
        if len(parts) > 1:
            for part, amount in zip(entry.parts, parts, strict=True):
                yield self._movement(day, amount, part)
            return
        only = entry.parts[0] if len(entry.parts) == 1 else None
        yield self._movement(day, exact, only)

    def _amounts_of_parts(self, whole: Decimal) -> list[Decimal]:
        """The amounts of a batch's transactions where they add up to it; else none."""
        try:
            amounts = [exact_amount(part.values.get("Amt", "")) for part in self.entry.parts]
        except ValueError:
            return []
        currencies = {part.values.get("Ccy", "") for part in self.entry.parts}
        same = currencies <= {"", self.entry.values.get("Ccy", "")}
        return amounts if same and sum(amounts) == whole else []

    def _movement(self, day: date, amount: Decimal, part: _Transaction | None) -> Item:
        entry = self.entry
        comes_in = entry.values.get("CdtDbtInd") != "DBIT"
        said, count = part or entry, len(entry.parts)
        # In a return the parties keep their parts in what is returned: who was paid gives it back.
        is_return = entry.values.get("RvslInd") == "true" or "Rsn" in said.values
        pays = comes_in != is_return
        other = said.first("DbtrAcct" if pays else "CdtrAcct")
        own = said.first("CdtrRef", "EndToEndId", "ChqNb", "TxId", "InstrId", "AcctSvcrRef")
        reference = own or entry.first("AcctSvcrRef", "NtryRef")
        bank = said.first("AcctSvcrRef") or (entry.first("AcctSvcrRef") if count <= 1 else "")
        text = squeezed(*said.texts) or said.first("AddtlTxInf") or entry.first("AddtlNtryInf")
        if part is None and count > 1:
            text = squeezed(text, f"({count})")
        return Movement(
            line=entry.line,
            day=day,
            amount=to_cents(amount) if comes_in else -to_cents(amount),
            account=self.account,
            reference=reference,
            text=text,
            currency=entry.values.get("Ccy") or self.currency,
            party=said.party(pays),
            identifier=bank or said.first("EndToEndId") or entry.first("NtryRef"),
            counter_account="" if other == self.account else other,
        ).record()

    def _keep_balance(self, line: int) -> Iterator[Item]:
        code, said = self.stated.get("Cd", ""), self.stated.get("Amt", "")
        try:
            amount = to_cents(exact_amount(said))
        except ValueError:
            yield Finding("not-an-amount", line, 0, {"field": "Bal", "seen": said[:40]})
            return
        signed = -amount if self.stated.get("CdtDbtInd") == "DBIT" else amount
        if code == "OPBD" or (code == "PRCD" and self.opening is None):
            self.opening = signed
        elif code == "CLBD":
            self.closing = signed


_ACCOUNTS = frozenset({"DbtrAcct", "CdtrAcct"})
_ROLES = frozenset({"Dbtr", "Cdtr", "UltmtDbtr", "UltmtCdtr"})
_FIELDS = frozenset(
    {
        "CdtDbtInd",
        "RvslInd",
        "AcctSvcrRef",
        "EndToEndId",
        "ChqNb",
        "InstrId",
        "TxId",
        "NtryRef",
        "AddtlNtryInf",
        "AddtlTxInf",
    }
)
