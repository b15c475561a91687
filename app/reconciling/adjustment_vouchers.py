"""Differences of a reconciliation as vouchers for the target, pushed through the same outbox as
everything else.

The vouchers are written as a file of their own and imported like any other: every line journaled,
checked, approved where the company wants that, and sent exactly once under a reference that follows
from what they say. Nothing is forced to zero: until the voucher comes back with the target's books,
the difference stays visible.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from app.company import settings
from app.decisions import Adjust, Decision
from app.documents import adjustment
from app.documents.adjustment import OWN_SOURCE, AlreadyAdjusted, Proposal
from app.documents.records import joined_reference, printable
from app.intake.importing import Intake, import_export
from app.journal import Journal, documents, roles
from app.journal.roles import Role
from app.journal.rows import Transaction
from app.matching import MatchState, Side
from app.money import from_minor
from app.reconciling import decisions, signing
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate
from importers import Options
from importers.archives import Export
from importers.content import Content

if TYPE_CHECKING:
    from app.reconciling.runs import Reconciliation

PROFILE = "cuadre-adjustments"
HEADING = ("ajuste_fecha", "ajuste_diario", "ajuste_numero", "cuenta", "concepto", "cargo", "abono")
_NOTHING_TO_ADJUST = {
    "": QT_TRANSLATE_NOOP(
        "decide", "The chosen lines differ by nothing: there is nothing to adjust."
    ),
    "target": QT_TRANSLATE_NOOP("decide", "Adjustments go to the target whose books are a side."),
    "same": QT_TRANSLATE_NOOP("decide", "The account and its contra account are the same."),
    "account": QT_TRANSLATE_NOOP("decide", "An adjustment needs an account and a contra account."),
    "journal": QT_TRANSLATE_NOOP(
        "decide", "An adjustment needs the journal of the target it goes to."
    ),
}
_TEXT = QT_TRANSLATE_NOOP("adjustment", "Reconciliation {period}: {what}")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A voucher that settles a difference: ``account`` of the target gets ``amount`` (minor units,
    debit positive) and ``contra`` the opposite. ``left`` and ``right`` are the keys of the lines it
    is about.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    day: date
    account: str
    contra: str
    amount: int
    text: str = ""

    def number(self, book: str, kind: str) -> str:
        """The voucher's number: the same whenever the same is adjusted in the same way, never for
        anything else.
        """
        said = [
            book,
            kind,
            sorted(self.left),
            sorted(self.right),
            self.day.isoformat(),
            self.account,
            self.contra,
            self.amount,
            self.text,
        ]
        return f"AJ-{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]}"


class NothingToAdjust(Refused):
    """Why nothing can be proposed: the chosen lines differ by nothing (no argument), or what is
    missing or wrong: ``account``, ``journal``, ``same`` (account and contra are one), ``target``
    (no side is the connection's books).
    """

    def told(self) -> str:
        return translate("decide", _NOTHING_TO_ADJUST[str(self)])


class Drafts:
    """Adjustments of a reconciliation for one connection, whose books are one of its sides. Raises
    NothingToAdjust.
    """

    def __init__(self, journal: Journal, result: Reconciliation, connection: str) -> None:
        specs = [place for place in (1, 0) if result.specs[place] == f"pull:{connection}"]
        if not specs:
            raise NothingToAdjust("target")
        self._journal, self._result, self._place = journal, result, specs[0]
        self._sides = result.left, result.right

    def differences(self) -> list[Adjustment]:
        """What the rules allow to differ, without what is adjusted already; ``contra`` is the
        rule's account, empty where it names none.
        """
        named = {rule.account for rule in self._result.rules.rules} - {""}
        found = []
        for group in self._result.matching.groups:
            if (
                group.state is MatchState.MATCHED
                and group.adjustment
                and group.left
                and group.right
            ):
                contra = group.adjustment if group.adjustment in named else ""
                made = self.of_lines(group.left, group.right, contra)
                if made is not None and not self.is_adjusted(made):
                    found.append(made)
        return found

    def of_lines(
        self, left: Sequence[int], right: Sequence[int], contra: str = ""
    ) -> Adjustment | None:
        """The voucher that would make these lines equal on both sides; None where they are. Its
        account is that of the target's line, of the other side's where accounts can be compared, or
        the only one of the target's side.
        """
        result = self._result
        sign = -1 if result.matching.contra else 1
        gap = sum(int(result.left.amount[i]) for i in left) - sign * sum(
            int(result.right.amount[j]) for j in right
        )
        if not gap:
            return None
        chosen = ([*left], [*right])
        days = [*self._days_of(self._place, chosen), *self._days_of(1 - self._place, chosen)]
        own = len(chosen[self._place]) or len(days)
        said = chain(_names(self._sides[0], chosen[0]), _names(self._sides[1], chosen[1]))
        what = ", ".join(dict.fromkeys(said))
        text = translate("adjustment", _TEXT).format(
            period=result.period, what=printable(what)[:120]
        )
        return Adjustment(
            tuple(result.left.key[i] for i in left),
            tuple(result.right.key[j] for j in right),
            max(*days[:own], result.first_day),
            self._account(chosen),
            contra,
            sign * gap if self._place == 1 else -gap,
            text,
        )

    def is_adjusted(self, adjustment: Adjustment) -> bool:
        keys = (*adjustment.left, *adjustment.right)
        return any(one.is_about(self._result.book, keys) for one in self._taken)

    @cached_property
    def _taken(self) -> list[Proposal]:
        with self._journal.reading() as transaction:
            return [
                one
                for one in adjustment.proposals(transaction)
                if one.is_about(self._result.book, self._keys)
                and (one.stands or adjustment.is_sent(transaction, one.said))
            ]

    @cached_property
    def _keys(self) -> set[str]:
        return {*self._result.left.key, *self._result.right.key}

    @cached_property
    def _accounts(self) -> tuple[Counter[str], bool]:
        """The accounts of the target's side, and whether the other side's can be compared with
        them.
        """
        own = Counter(code for code in self._sides[self._place].account if code)
        return own, any(code in own for code in self._sides[1 - self._place].account if code)

    def _days_of(self, place: int, chosen: Sequence[Sequence[int]]) -> list[date]:
        return [self._sides[place].date(index) for index in chosen[place]]

    def _accounts_of(self, place: int, chosen: Sequence[Sequence[int]]) -> list[str]:
        return [self._sides[place].account[index] for index in chosen[place]]

    def _account(self, chosen: tuple[Sequence[int], Sequence[int]]) -> str:
        own, shared = self._accounts
        places = (self._place, 1 - self._place) if shared else (self._place,)
        found = chain.from_iterable(self._accounts_of(place, chosen) for place in places)
        only = next(iter(own)) if len(own) == 1 else ""
        return next((code for code in found if code), only)


def _names(side: Side, lines: Iterable[int]) -> list[str]:
    """What some lines are called: by their references, else by their texts."""
    return [side.reference[index] or side.text[index] for index in lines]


def propose(
    journal: Journal,
    result: Reconciliation,
    connection: str,
    journal_code: str,
    adjustments: Sequence[Adjustment],
) -> Intake:
    """Import the vouchers as a file of their own, to be sent to the connection with the next push,
    and keep with the lines what was proposed. Raises NotAllowed, Signed, NothingToAdjust,
    AlreadyAdjusted.
    """
    roles.require(journal, Role.SIGN)
    signing.refuse_signed(journal, result.identifier)
    _refuse_unfit(result, connection, journal_code, adjustments)
    with journal.reading() as transaction:
        _refuse_taken(transaction, result, adjustments)
    kind = f"{journal_code}@{connection}"
    content = Content.of(_file(kind, result.book, adjustments))
    name = translate("adjustment", "adjustments {period}.csv").format(period=result.period)
    intake = import_export(
        journal,
        Export(name, content, f"reconciliation:{result.identifier}"),
        options=Options(profile=PROFILE),
    )
    company = settings.company_code(journal)

    target = 1 if result.specs[1] == f"pull:{connection}" else 0

    def decided(transaction: Transaction) -> list[Decision]:
        _refuse_taken(transaction, result, adjustments)
        hashes = documents.hashes(transaction, intake.batch)
        found: list[Decision] = []
        for one in adjustments:
            number = one.number(result.book, kind)
            reference = joined_reference(company, OWN_SOURCE, kind, f"{one.day:%Y-%m}", number)
            found.append(
                Adjust(
                    one.left,
                    one.right,
                    reference=reference,
                    connection=connection,
                    account=one.account,
                    contra=one.contra,
                    amount=one.amount,
                    day=one.day.isoformat(),
                    book=result.book,
                    pair=result.pair,
                    period=result.period,
                    target=target,
                    content=hashes[reference],
                )
            )
        return found

    decisions.decide_all(journal, result, decided)
    return intake


def _refuse_unfit(
    result: Reconciliation, connection: str, journal_code: str, adjustments: Sequence[Adjustment]
) -> None:
    if f"pull:{connection}" not in result.specs:
        raise NothingToAdjust("target")
    if not adjustments or not journal_code:
        raise NothingToAdjust("journal" if adjustments else "")
    for one in adjustments:
        if not one.account or not one.contra:
            raise NothingToAdjust("account")
        if one.account == one.contra:
            raise NothingToAdjust("same")


def _refuse_taken(
    transaction: Transaction, result: Reconciliation, adjustments: Sequence[Adjustment]
) -> None:
    seen: set[str] = set()
    for one in adjustments:
        keys = (*one.left, *one.right)
        adjustment.refuse_overlap(transaction, result.book, keys)
        if seen & set(keys):
            raise AlreadyAdjusted(one.text)
        seen.update(keys)


def _file(kind: str, book: str, adjustments: Iterable[Adjustment]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    for item in adjustments:
        for account, amount in ((item.account, item.amount), (item.contra, -item.amount)):
            debit, credit = from_minor(max(amount, 0)), from_minor(max(-amount, 0))
            number = item.number(book, kind)
            writer.writerow(
                (item.day.isoformat(), kind, number, account, printable(item.text), debit, credit)
            )
    return text.getvalue().encode("utf-8-sig")
