"""Differences of a reconciliation as vouchers for the target, pushed through the same outbox as everything else.

The vouchers are written as a file of their own and imported like any other: every line journaled, checked, approved
where the company wants that, and sent exactly once under a reference that follows from the lines it settles. Nothing is
forced to zero: until the voucher comes back with the target's books, the difference stays visible.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from app import settings
from app.bridge import deciding, workbook
from app.bridge.documents import OWN_SOURCE, joined_reference
from app.bridge.intake import Intake, import_export
from app.journal import Journal, roles, schema
from app.journal.roles import Role
from app.money import from_minor
from app.reconcile import MatchState, Side
from app.reconcile.matching import Decision
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors import EntryLine, JournalEntry
from importers import Options, VoucherLine
from importers.archives import Export
from importers.content import Content

if TYPE_CHECKING:
    from app.bridge.reconciling import Reconciliation

PROFILE = "cuadre-adjustments"
HEADING = ("ajuste_fecha", "ajuste_diario", "ajuste_numero", "cuenta", "concepto", "cargo", "abono")
POSTED = "adjustment-posted"
"""Category of the other side of an adjustment that came back with the target's books."""
_TEXT = QT_TRANSLATE_NOOP("adjustment", "Reconciliation {period}: {what}")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A voucher that settles a difference: ``account`` of the target gets ``amount`` (minor units, debit positive) and
    ``contra`` the opposite. ``left`` and ``right`` are the keys of the lines it is about."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    day: date
    account: str
    contra: str
    amount: int
    text: str = ""

    @property
    def number(self) -> str:
        """The voucher's number: the same whenever the same lines are adjusted."""
        lines = "\n".join([*sorted(self.left), "|", *sorted(self.right)])
        return f"AJ-{hashlib.sha256(lines.encode('utf-8', 'surrogateescape')).hexdigest()[:10]}"


class NothingToAdjust(Exception):
    """The lines chosen differ by nothing, or an account or journal is missing; the argument says which."""


def differences(result: Reconciliation) -> list[Adjustment]:
    """What the rules allow to differ, as vouchers, without those proposed before; ``contra`` is the rule's account,
    empty where it names none."""
    done = {(decision.left, decision.right) for decision in result.decided if decision.action == "adjust"}
    named = {rule.account for rule in result.rules.rules} - {""}
    found = []
    for group in result.matching.groups:
        if group.state is MatchState.MATCHED and group.adjustment and group.left and group.right:
            contra = group.adjustment if group.adjustment in named else ""
            made = of_lines(result, group.left, group.right, contra)
            if made is not None and (made.left, made.right) not in done:
                found.append(made)
    return found


def of_lines(
    result: Reconciliation, left: Sequence[int], right: Sequence[int], contra: str = "", account: str = ""
) -> Adjustment | None:
    """The voucher that would make these lines equal on both sides; None where they are. Its account is that of the
    right line, the left one's where accounts can be compared, or the one most lines of the right side stand on."""
    sign = -1 if result.matching.contra else 1
    gap = sum(int(result.left.amount[i]) for i in left) - sign * sum(int(result.right.amount[j]) for j in right)
    if not gap:
        return None
    days = [result.right.date(j) for j in right] or [result.left.date(i) for i in left]
    lines = [(result.left, i) for i in left] + [(result.right, j) for j in right]
    what = ", ".join(dict.fromkeys(side.reference[index] or side.text[index] for side, index in lines))
    text = translate("adjustment", _TEXT).format(period=result.period, what=what[:120])
    return Adjustment(
        tuple(result.left.key[i] for i in left), tuple(result.right.key[j] for j in right), max(days),
        account or _account(result, left, right), contra, sign * gap, text,
    )  # fmt: skip


def _account(result: Reconciliation, left: Sequence[int], right: Sequence[int]) -> str:
    known = Counter(code for code in result.right.account if code)
    own = [result.right.account[j] for j in right] + [
        result.left.account[i] for i in left if result.left.account[i] in known
    ]
    usual = known.most_common(1)
    return next((code for code in own if code), usual[0][0] if usual else "")


def propose(
    journal: Journal, result: Reconciliation, connection: str, journal_code: str, adjustments: Sequence[Adjustment]
) -> Intake:
    """Import the vouchers as a file of their own, to be sent to the connection with the next push, and keep with the
    lines what was proposed. Raises NotAllowed, Signed, NothingToAdjust."""
    roles.require(journal, Role.SIGN)
    workbook.refuse_signed(journal, result.identifier)
    if not adjustments or not journal_code:
        raise NothingToAdjust("journal" if adjustments else "")
    for adjustment in adjustments:
        if not adjustment.account or not adjustment.contra:
            raise NothingToAdjust("account")
    kind = f"{journal_code}@{connection}"
    content = Content.of(_file(kind, adjustments))
    name = translate("adjustment", "adjustments {period}.csv").format(period=result.period)
    intake = import_export(
        journal, Export(name, content, f"reconciliation:{result.identifier}"), options=Options(profile=PROFILE)
    )
    company = settings.company_code(journal)
    for adjustment in adjustments:
        reference = joined_reference(company, OWN_SOURCE, kind, f"{adjustment.day:%Y-%m}", adjustment.number)
        said = "\n".join((reference, adjustment.account, adjustment.contra, str(adjustment.amount)))
        deciding.decide(journal, result, Decision("adjust", adjustment.left, adjustment.right, said))
    return intake


def _file(kind: str, adjustments: Iterable[Adjustment]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    for item in adjustments:
        for account, amount in ((item.account, item.amount), (item.contra, -item.amount)):
            debit, credit = max(amount, 0), max(-amount, 0)
            row = (item.day.isoformat(), kind, item.number, account, item.text, from_minor(debit), from_minor(credit))
            writer.writerow(row)
    return text.getvalue().encode("utf-8-sig")


def is_for(source_kind: str, connection: str) -> bool:
    """Whether an adjustment goes to this connection; no other gets it."""
    return source_kind.rpartition("@")[2] == connection


def entry(reference: str, day: date, source_kind: str, description: str, lines: Sequence[VoucherLine]) -> JournalEntry:
    """The target entry of an adjustment, whose codes are the target's own."""
    zero = Decimal("0.00")
    made = tuple(
        EntryLine(line.account, line.debit or zero, line.credit or zero, line.description or description, "")
        for line in lines
    )
    return JournalEntry(reference, day, source_kind.rpartition("@")[0], description, made)


def standing_references(journal: Journal) -> set[str]:
    """The references of adjustments nobody has taken back."""
    table = schema.decision
    query = sa.select(table.c.reason).where(table.c.action == "adjust", table.c.undone == 0)
    with journal.reading() as connection:
        return {str(reason).partition("\n")[0] for reason in connection.execute(query).scalars()}


def reference_of(decision: Decision) -> str:
    return decision.reason.partition("\n")[0]


def accounts_of(decision: Decision) -> tuple[str, str]:
    """The account an adjustment settles and its contra account."""
    account, contra = decision.reason.split("\n")[1:3]
    return account, contra


def amount_of(decision: Decision) -> int:
    """What an adjustment books on its account, in minor units, debit positive."""
    return int(decision.reason.split("\n")[3])


def come_back(decided: Sequence[Decision], left: Side, right: Side) -> tuple[list[Decision], list[Mapping[int, str]]]:
    """The decisions, where an adjustment is in the books by now with its line accepted into the lines it settles; and
    for each side the other lines of such vouchers, explained."""
    wanted = {reference_of(decision): decision for decision in decided if decision.action == "adjust"}
    explained: list[dict[int, str]] = [{}, {}]
    settling: dict[str, tuple[list[str], list[str]]] = {}
    for place, side in enumerate((left, right)):
        for index, reference in enumerate(side.document if wanted else ()):
            if reference not in wanted:
                continue
            if side.account[index] == accounts_of(wanted[reference])[0]:
                settling.setdefault(reference, ([], []))[place].append(side.key[index])
            else:
                explained[place][index] = POSTED
    found: list[Decision] = []
    for decision in decided:
        keys = settling.get(reference_of(decision)) if decision.action == "adjust" else None
        if keys is not None:
            found = [known for known in found if known.action != "accept" or not _overlap(known, decision)]
            mine, theirs = (*decision.left, *keys[0]), (*decision.right, *keys[1])
            found.append(Decision("accept", mine, theirs, reference_of(decision)))
        found.append(decision)
    return found, list(explained)


def _overlap(one: Decision, other: Decision) -> bool:
    return bool({*one.left} & {*other.left} or {*one.right} & {*other.right})
