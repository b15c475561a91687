"""Payouts of a wallet, proposed as vouchers by a rule of the company; booked only once a person
accepts one.

A payout of what customers paid: the bank is debited by what arrives, the fees' account by what was
kept, and the customers' account credited by what they paid. The sum is checked against the payout;
one that does not add up is proposed with nothing but that it does not, and cannot be accepted.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from app.company import settings
from app.intake.importing import Intake, import_export
from app.journal import Journal, ledger_proposals, roles
from app.journal.ledger_proposals import State
from app.journal.roles import Role
from app.journal.rows import ProposalRow
from app.journal.store import instant
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP
from connectors import DocumentConnector
from connectors.stripe import StripeConnector
from connectors.stripe.source import BalanceRow, Payout
from importers import Options
from importers.archives import Export
from importers.content import Content

REACH = timedelta(days=35)
_SETTING = "payments"
_PROFILE = "cuadre-receipts"
_HEADING = ("cobro_fecha", "cobro_diario", "cobro_numero", "cuenta", "concepto", "cargo", "abono")
_CENT = Decimal("0.01")
_PAID = frozenset({"charge", "payment", "refund", "payment_refund", "payment_failure_refund"})
"""Types of Stripe's balance transactions that are what customers paid or got back."""
_CHARGED = frozenset({"stripe_fee", "tax_fee", "application_fee"})
"""Those Stripe takes for itself. What is in neither (disputes, reserves, adjustments) a person has
to book.
"""


class NoRule(Refused):
    """No rule says how payouts of the connection are booked; the argument is its name."""

    context = "payments"
    words = QT_TRANSLATE_NOOP(
        "payments", "No rule says how payouts of {connection} are booked (cuadre payments rule)."
    )

    def said(self) -> Mapping[str, object]:
        return {"connection": self}


class NotBookable(Refused):
    """A proposal that cannot become a voucher; the argument is its number."""

    context = "payments"
    words = QT_TRANSLATE_NOOP(
        "payments",
        "Proposal {number} is not open, or what is in the payout does not add up to it: look at it"
        " in the wallet, then dismiss it.",
    )

    def said(self) -> Mapping[str, object]:
        return {"number": self}


class OtherCurrency(Refused):
    """A payout in another currency than that of the books, or of books nobody said the currency of;
    the arguments are both.
    """

    context = "payments"
    words = QT_TRANSLATE_NOOP(
        "payments",
        "The payout is in {theirs}, the books are in {ours}: book it by hand with its rate, then"
        " dismiss the proposal.",
    )

    def __init__(self, theirs: str, ours: str) -> None:
        super().__init__(theirs, ours)
        self.theirs, self.ours = theirs, ours

    def said(self) -> Mapping[str, object]:
        return {"theirs": self.theirs, "ours": self.ours or "?"}


@dataclass(frozen=True, slots=True)
class Rule:
    """The accounts of the company (its own codes) a payout moves, and the journal it goes to."""

    bank: str
    fees: str
    customers: str
    journal: str = "Ingresos"


def rules(journal: Journal) -> dict[str, Rule]:
    """Connection → its rule."""
    kept: dict[str, dict[str, str]] = json.loads(settings.get(journal, _SETTING, "{}"))
    return {name: Rule(**one) for name, one in kept.items()}


def keep_rule(journal: Journal, connection_name: str, rule: Rule) -> None:
    """Book payouts of a connection so from now on. Raises NotAllowed, LookupError."""
    roles.require(journal, Role.ADMIN)
    settings.find_connection(journal, connection_name)
    kept = {name: asdict(one) for name, one in rules(journal).items()}
    kept[connection_name] = asdict(rule)
    settings.put(journal, _SETTING, json.dumps(kept, sort_keys=True))


def connections(journal: Journal) -> list[str]:
    """Connections with a rule."""
    return sorted(rules(journal))


def propose(journal: Journal, name: str, target: DocumentConnector) -> int:
    """Propose what was paid out since it was last asked, each once. Answers how many are new.
    Raises ConnectorError.
    """
    if not isinstance(target, StripeConnector):
        return 0
    source, today = target.source, instant().date()
    known = {row.origin for row in ledger_proposals.every(journal) if row.connection == name}
    made = 0
    for payout in source.payouts(today - REACH, today):
        if payout.id in known and payout.status in ("failed", "canceled"):
            _withdraw(journal, name, payout.id)
        if payout.id in known or payout.status != "paid" or not payout.complete:
            continue
        rows = list(source.rows(payout.id))
        if ledger_proposals.make(journal, name, payout.id, _said(payout, rows)):
            made += 1
    return made


def _withdraw(journal: Journal, name: str, origin: str) -> None:
    """A payout that came back after it was proposed is nothing to book."""
    for row in ledger_proposals.every(journal, State.OPEN):
        if (row.connection, row.origin) == (name, origin):
            ledger_proposals.settle(journal, row.id, State.DISMISSED, "failed")


def accept(journal: Journal, number: int) -> Intake:
    """Make a proposal a voucher, imported like any other file: checked, mapped and sent as they
    are. Raises NotAllowed, NoRule, NotBookable, OtherCurrency.
    """
    roles.require(journal, Role.IMPORT)
    row = _open(journal, number)
    rule = rules(journal).get(row.connection)
    if rule is None:
        raise NoRule(row.connection)
    data = json.loads(row.data)
    if not data["adds_up"]:
        raise NotBookable(number)
    if data["currency"] != settings.currency(journal):
        raise OtherCurrency(data["currency"], settings.currency(journal))
    name = f"{row.connection}-{row.origin}.csv"
    content = Content.of(_file(row.origin, data, rule))
    export = Export(name, content, f"proposal:{number}")
    intake = import_export(journal, export, options=Options(profile=_PROFILE))
    ledger_proposals.settle(journal, number, State.ACCEPTED)
    return intake


def dismiss(journal: Journal, number: int, reason: str) -> None:
    """Let a proposal be over without booking anything. Raises NotAllowed, NotBookable."""
    roles.require(journal, Role.IMPORT)
    _open(journal, number)
    ledger_proposals.settle(journal, number, State.DISMISSED, reason)


def _open(journal: Journal, number: int) -> ProposalRow:
    for row in ledger_proposals.every(journal, State.OPEN):
        if row.id == number:
            return row
    raise NotBookable(number)


def _said(payout: Payout, rows: list[BalanceRow]) -> dict[str, object]:
    """A payout with what is in it: text amounts in the payout's currency."""
    paid = [row for row in rows if row.kind in _PAID]
    charged = [row for row in rows if row.kind in _CHARGED]
    gross = sum((row.gross for row in paid), Decimal(0))
    fees = sum((row.fee for row in rows), Decimal(0)) - sum(
        (row.gross for row in charged), Decimal(0)
    )
    others = sorted({row.kind for row in rows} - _PAID - _CHARGED)
    is_one_currency = all(row.currency == payout.currency for row in rows)
    adds_up = is_one_currency and bool(rows) and not others and gross - fees == payout.amount
    return {
        "date": payout.date.isoformat(),
        "amount": str(payout.amount),
        "gross": str(gross),
        "fees": str(fees),
        "currency": payout.currency,
        "rows": len(rows),
        "others": others,
        "adds_up": adds_up,
    }


def _file(origin: str, data: Mapping[str, Any], rule: Rule) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_HEADING)
    amounts = (
        (rule.bank, Decimal(data["amount"])),
        (rule.fees, Decimal(data["fees"])),
        (rule.customers, -Decimal(data["gross"])),
    )
    for account, amount in amounts:
        if not amount:
            continue
        debit, credit = (str(max(side, Decimal(0)).quantize(_CENT)) for side in (amount, -amount))
        writer.writerow(
            (data["date"], rule.journal, origin, account, f"Stripe {origin}", debit, credit)
        )
    return text.getvalue().encode("utf-8-sig")
