"""What stands on the papers of a reconciliation, out of the result and the journal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from app.company import settings
from app.journal import Journal, schema
from app.matching.outcome import Decision
from app.money import show
from app.reconciling import decisions, paper_pdf, paper_workbook
from app.reconciling.paper_workbook import Paper, Voucher
from app.reconciling.runs import Reconciliation, changed_since_signing
from app.reconciling.signing import State
from app.reconciling.standing_adjustments import Proposal, facts_of, reference_of
from app.translation import language, set_language, translate
from app.words import ACCOUNT_STATES, DECISION_TEXTS, STATE_TEXTS, WORKBOOK_STATES, category_text

LANGUAGE_SETTING = "language"


def write_report(journal: Journal, result: Reconciliation, path: Path) -> None:
    """Write the working paper as xlsx. Raises OSError."""
    with _company_language(journal):
        paper_workbook.write_report(path, paper(journal, result))


def write_pdf(journal: Journal, result: Reconciliation, path: Path) -> None:
    """Write the paper to be signed. Raises OSError."""
    with _company_language(journal):
        paper_pdf.write_pdf(path, paper(journal, result))


@contextmanager
def _company_language(journal: Journal) -> Iterator[None]:
    """Papers are in the language the company chose in its window, whoever writes them; in the
    current one where it chose none.
    """
    before = language()
    set_language(settings.get(journal, LANGUAGE_SETTING) or before)
    try:
        yield
    finally:
        set_language(before)


def paper(journal: Journal, result: Reconciliation) -> Paper:
    """The working paper of a reconciliation as it stands."""
    standing = result.standing
    by = standing.by or {}
    state = translate("workbook", WORKBOOK_STATES[standing.state])
    if changed_since_signing(result):
        state = translate("workbook", "{state}, BUT THIS IS NOT WHAT WAS SIGNED").format(
            state=state
        )
    return Paper(
        result.left,
        result.right,
        result.matching,
        result.proof,
        settings.company_code(journal),
        result.period,
        f"{result.rules.name} {result.rules.version}",
        state,
        by.get(State.PREPARED.value, ""),
        by.get(State.REVIEWED.value, ""),
        by.get(State.SIGNED.value, ""),
        standing.reason,
        standing.anchor,
        _decisions(journal, result),
        vouchers(journal, result),
        [
            decisions.attached(decision)
            for decision in result.decided
            if decision.action == "attach"
        ],
        category_text,
        lambda state: translate("workbook", ACCOUNT_STATES[state]),
    )


def vouchers(journal: Journal, result: Reconciliation) -> list[Voucher]:
    """The adjustments that stand and concern this reconciliation, with how far each has come: its
    own, those of lines it has from elsewhere, and those whose voucher is in its books.
    """
    in_books = {*result.left.document, *result.right.document}
    there = result.left.places.keys() | result.right.places.keys()
    mine = [
        one
        for one in result.adjusted
        if one.reconciliation == result.identifier
        or one.reference in in_books
        or set(one.keys) & there
    ]
    if not mine:
        return []
    dropped = {
        reference_of(decision.reason) for decision in result.dropped if decision.action == "adjust"
    }
    table = schema.outbox
    with journal.reading() as connection:
        query = sa.select(table.c.connection, table.c.external_ref, table.c.state).where(
            table.c.external_ref.in_([one.reference for one in mine])
        )
        states = {
            (row.connection, row.external_ref): str(row.state) for row in connection.execute(query)
        }

    def state(one: Proposal) -> str:
        if one.reference in in_books:
            return translate("workbook", "in the books")
        known = states.get((one.connection, one.reference))
        if known:
            return translate("queue", STATE_TEXTS[known])
        if one.reference in dropped:
            return translate("workbook", "held: its lines changed")
        return translate("workbook", "to be sent")

    return [Voucher(one.reference, one.account, one.contra, one.amount, state(one)) for one in mine]


def _decisions(journal: Journal, result: Reconciliation) -> list[tuple[str, ...]]:
    """When, who, what, which lines and why, of everything people decided or took back."""
    table = schema.event
    query = (
        sa.select(table.c.at, table.c.actor, table.c.kind, table.c.data)
        .where(
            table.c.subject == f"reconciliation:{result.identifier}",
            table.c.kind != "reconciliation.run",
        )
        .order_by(table.c.sequence)
    )
    names: dict[str, str] = {}
    for side in (result.left, result.right):
        names |= {key: f"{side.name} {row}" for key, row in zip(side.key, side.row, strict=True)}
    found: list[tuple[str, ...]] = []
    with journal.reading() as connection:
        for row in connection.execute(query):
            data = json.loads(row.data)
            keys = [*data.get("left", ()), *data.get("right", ())]
            known = {
                key: _described(line)
                for key, line in zip(keys, data.get("lines", ()), strict=False)
            }
            lines = ", ".join(
                names.get(key) or names.get(f"{key}/1") or known.get(key, "–") for key in keys
            )
            what = translate("workbook", DECISION_TEXTS.get(row.kind, row.kind))
            why = _why(Decision(row.kind.partition(".")[2], (), (), str(data.get("reason", ""))))
            found.append((row.at, row.actor, what, lines, why))
    return found


def _described(line: list[object]) -> str:
    """A line that is no longer there, as it was decided on."""
    _, day, reference, amount = line
    return f"{day} {reference} {show(int(str(amount)))}"


def _why(decision: Decision) -> str:
    """What a decision says, in words."""
    first, _, note = decision.reason.partition("\n")
    match decision.action:
        case "explain":
            return f"{category_text(first)}: {note}"
        case "split":
            parts = " + ".join(show(int(part)) for part in first.split(","))
            return f"{parts}: {note}" if note else parts
        case "attach":
            return " · ".join(text for text in decisions.attached(decision) if text)
        case "adjust":
            facts = facts_of(decision.reason)
            return (
                f"{facts['reference']}: {facts['account']} / {facts['contra']},"
                f" {show(facts['amount'])}"
            )
        case _:
            return first
