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
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app.company import settings
from app.documents.records import OWN_SOURCE, joined_reference, printable
from app.intake.importing import Intake, import_export
from app.journal import Journal, roles, schema
from app.journal.roles import Role
from app.matching import MatchState
from app.matching.outcome import Decision
from app.money import from_minor
from app.reconciling import decisions, signing, standing_adjustments
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import EntryLine, JournalEntry
from importers import Options, VoucherLine
from importers.archives import Export
from importers.content import Content

if TYPE_CHECKING:
    from app.reconciling.runs import Reconciliation

PROFILE = "cuadre-adjustments"
HEADING = ("ajuste_fecha", "ajuste_diario", "ajuste_numero", "cuenta", "concepto", "cargo", "abono")
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


class NothingToAdjust(Exception):
    """Why nothing can be proposed: the chosen lines differ by nothing (no argument), or what is
    missing or wrong: ``account``, ``journal``, ``same`` (account and contra are one), ``target``
    (no side is the connection's books).
    """


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
        days = [
            self._sides[place].date(index)
            for place in (self._place, 1 - self._place)
            for index in chosen[place]
        ]
        own = len(chosen[self._place]) or len(days)
        lines = [
            (side, index)
            for side, indexes in zip(self._sides, chosen, strict=True)
            for index in indexes
        ]
        what = ", ".join(
            dict.fromkeys(side.reference[index] or side.text[index] for side, index in lines)
        )
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
    def _taken(self) -> list[standing_adjustments.Proposal]:
        with self._journal.reading() as connection:
            return [
                one
                for one in standing_adjustments.proposals(connection)
                if one.is_about(self._result.book, self._keys)
                and (
                    one.stands
                    or standing_adjustments.is_sent(connection, one.connection, one.reference)
                )
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

    def _account(self, chosen: tuple[Sequence[int], Sequence[int]]) -> str:
        own, shared = self._accounts
        places = (self._place, 1 - self._place) if shared else (self._place,)
        found = [self._sides[place].account[index] for place in places for index in chosen[place]]
        only = next(iter(own)) if len(own) == 1 else ""
        return next((code for code in found if code), only)


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
    with journal.reading() as reading:
        _refuse_taken(reading, result, adjustments)
    kind = f"{journal_code}@{connection}"
    content = Content.of(_file(kind, result.book, adjustments))
    name = translate("adjustment", "adjustments {period}.csv").format(period=result.period)
    intake = import_export(
        journal,
        Export(name, content, f"reconciliation:{result.identifier}"),
        options=Options(profile=PROFILE),
    )
    company = settings.company_code(journal)

    def decided(writing: sa.Connection) -> list[Decision]:
        _refuse_taken(writing, result, adjustments)
        table = schema.document
        query = sa.select(table.c.external_ref, table.c.content_hash).where(
            table.c.batch_id == intake.batch
        )
        hashes = {row.external_ref: row.content_hash for row in writing.execute(query)}
        found = []
        for one in adjustments:
            number = one.number(result.book, kind)
            reference = joined_reference(company, OWN_SOURCE, kind, f"{one.day:%Y-%m}", number)
            facts = {
                "reference": reference,
                "connection": connection,
                "account": one.account,
                "contra": one.contra,
                "amount": one.amount,
                "day": one.day.isoformat(),
                "book": result.book,
                "pair": result.pair,
                "period": result.period,
                "target": 1 if result.specs[1] == f"pull:{connection}" else 0,
                "content": hashes[reference],
            }
            found.append(
                Decision("adjust", one.left, one.right, json.dumps(facts, ensure_ascii=False))
            )
        return found

    decisions.decide_all(journal, result, decided)
    return intake


def withdraw(journal: Journal, reference: str) -> None:
    """Take one adjustment back that was not sent, in whichever reconciliation it was proposed.
    Raises NotAllowed, Signed, AlreadySent, LookupError.
    """
    decisions.withdraw(
        journal,
        lambda row: (
            row.action == "adjust" and standing_adjustments.reference_of(row.reason) == reference
        ),
    )


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
    connection: sa.Connection, result: Reconciliation, adjustments: Sequence[Adjustment]
) -> None:
    seen: set[str] = set()
    for one in adjustments:
        keys = (*one.left, *one.right)
        standing_adjustments.refuse_overlap(connection, result.book, keys)
        if seen & set(keys):
            raise standing_adjustments.AlreadyAdjusted(one.text)
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


def is_for(source_kind: str, connection: str) -> bool:
    """Whether an adjustment goes to this connection; no other gets it."""
    return source_kind.rpartition("@")[2] == connection


def entry(
    reference: str, day: date, source_kind: str, description: str, lines: Sequence[VoucherLine]
) -> JournalEntry:
    """The target entry of an adjustment, whose codes are the target's own."""
    zero = Decimal("0.00")
    made = tuple(
        EntryLine(
            line.account,
            line.debit or zero,
            line.credit or zero,
            line.description or description,
            "",
        )
        for line in lines
    )
    return JournalEntry(reference, day, source_kind.rpartition("@")[0], description, made)
