"""DIAN (Colombia): electronic invoice, credit and debit note in UBL 2.1, plain or wrapped in an
AttachedDocument.

Each document is one ledger line at its payable amount. What the company issued is owed to it
(debit), what it received it owes (credit), credit notes the other way round; a documento soporte
(type 05) names the company as its customer. Whose books are kept is decided by the company's own
tax ids. The identity of a party is the ``CompanyID`` of its ``PartyTaxScheme`` (number without
check digit; ``schemeID`` is the check digit). A CUFE is 96 hexadecimal digits; it cannot be
recomputed without the issuer's technical key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from importers import markup
from importers.findings import Finding
from importers.identity import nit_check_digit
from importers.markup import Element, Item
from importers.ownership import Books, Direction
from importers.records import LedgerLine, TitleBlock
from importers.source import Source
from importers.values import NumberStyle, parse_date, to_cents

DOCUMENTS = frozenset({"Invoice", "CreditNote", "DebitNote"})

_DOT = NumberStyle(".", certain=True)
_ZERO = Decimal("0.00")
_PARTIES = {"AccountingSupplierParty": "issuer", "AccountingCustomerParty": "receiver"}


def read(source: Source) -> Iterator[Item]:
    """The document of a file; for an AttachedDocument the one it carries inside."""
    machine = _Document(Books(source.options.own_tax_ids))
    yield from markup.read(source, DOCUMENTS | {"AttachedDocument"}, machine.step)


@dataclass
class _Document:
    books: Books
    path: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    root: str = ""
    line: int = 0
    carried: bool = False

    def step(self, element: Element) -> Iterator[Item]:
        if element.starts:
            self.path.append(element.name)
            if element.name in DOCUMENTS and not self.root:
                self.root, self.line = element.name, element.line
            if element.name == "CompanyID" and "PartyTaxScheme" in self.path:
                self.values.setdefault(
                    self._side() + "_digit", element.attributes.get("schemeID", "")
                )
            return
        self.path.pop()
        text = element.text.strip()
        if (
            element.name == "Description"
            and "ExternalReference" in self.path
            and text.startswith("<")
        ):
            self.carried = True
            yield from self._inside(text, element.line)
        elif text:
            self._keep(element.name, text)
        if element.name == "AttachedDocument" and not self.path and not self.carried:
            yield Finding("no-inner-document", element.line)
        if element.name in DOCUMENTS and self.root == element.name:
            yield from self._finish()

    def _inside(self, text: str, line: int) -> Iterator[Item]:
        inner = _Document(self.books)
        plain = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
        for element in markup.elements(plain.encode(), line):
            yield from inner.step(element)

    def _keep(self, name: str, text: str) -> None:
        parent = self.path[-1] if self.path else ""
        if parent == self.root and name in (
            "ID",
            "UUID",
            "IssueDate",
            "DocumentCurrencyCode",
            "InvoiceTypeCode",
        ):
            self.values.setdefault(name, text)
        elif parent in ("LegalMonetaryTotal", "RequestedMonetaryTotal") and name == "PayableAmount":
            self.values.setdefault("total", text)
        elif parent == "PaymentExchangeRate" and name == "CalculationRate":
            self.values.setdefault("rate", "" if text in ("1", "1.00") else text)
        elif parent == "PartyTaxScheme" and name in ("CompanyID", "RegistrationName"):
            self.values.setdefault(f"{self._side()}_{name}", text)

    def _side(self) -> str:
        return next((_PARTIES[name] for name in self.path if name in _PARTIES), "other")

    def _finish(self) -> Iterator[Item]:
        found = self.values
        try:
            day = parse_date(found.get("IssueDate", "")[:10])
            total = to_cents(_DOT.parse(found.get("total", "-")))
        except ValueError as error:
            yield Finding(
                "not-an-amount", self.line, 0, {"field": self.root, "seen": str(error)[:40]}
            )
            return
        direction = self.books.direction(
            found.get("issuer_CompanyID", ""), found.get("receiver_CompanyID", "")
        )
        uuid = found.get("UUID", "")
        own, other = "issuer", "receiver"
        if direction is Direction.RECEIVED:
            own, other = other, own
        yield self._record(day, total, direction, other)
        yield TitleBlock(
            found.get(f"{own}_RegistrationName", ""), found.get(f"{own}_CompanyID", "")
        )
        yield from self._identities(uuid)
        if direction is Direction.UNKNOWN:
            parties = (found.get("issuer_CompanyID", ""), found.get("receiver_CompanyID", ""))
            yield self.books.doubt(self.line, *parties)

    def _record(self, day: date, total: Decimal, direction: Direction, other: str) -> LedgerLine:
        found = self.values
        comes_in = (direction is not Direction.RECEIVED) != (self.root == "CreditNote")
        issuer, receiver = found.get("issuer_CompanyID", ""), found.get("receiver_CompanyID", "")
        uuid = found.get("UUID", "")
        return LedgerLine(
            line=self.line,
            date=day,
            debit=total if comes_in else _ZERO,
            credit=_ZERO if comes_in else total,
            kind=found.get("InvoiceTypeCode", self.root),
            reference=found.get("ID", ""),
            description=f"{issuer} → {receiver} {uuid}".strip(),
            party=found.get(f"{other}_RegistrationName", ""),
            tax_id=found.get(f"{other}_CompanyID", ""),
            currency=found.get("DocumentCurrencyCode", ""),
            identifier=uuid,
            rate=found.get("rate", ""),
            direction=direction.value,
        )

    def _identities(self, uuid: str) -> Iterator[Finding]:
        if not re.fullmatch(r"[0-9a-f]{96}", uuid, re.IGNORECASE):
            yield Finding("cufe-form", self.line, 0, {"seen": uuid[:40] or "-"})
        for side in ("issuer", "receiver"):
            number, digit = (
                self.values.get(f"{side}_CompanyID", ""),
                self.values.get(f"{side}_digit", ""),
            )
            if number.isdigit() and digit and nit_check_digit(number) != digit:
                values = {"seen": f"{number}-{digit}", "expected": nit_check_digit(number)}
                yield Finding("nit-check-digit", self.line, 0, values)
