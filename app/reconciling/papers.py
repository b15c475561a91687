"""What stands on the papers of a reconciliation, out of the result and the journal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from app.company import settings
from app.decisions import Adjust, Attach, Decision, Explain, Match, Part, Split, of_event
from app.journal import Journal, events, outbox_rows
from app.journal.outbox import STATE_TEXTS
from app.journal.rows import Event
from app.money import show
from app.reconciling import paper_pdf, paper_workbook
from app.reconciling.paper import Paper, Voucher
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import STATE_TEXTS as WORKBOOK_STATES
from app.reconciling.signing import State
from app.reconciling.steps import changed_since_signing
from app.reconciling.words import ACCOUNT_STATES, DECISION_TEXTS, category_text
from app.translation import language, set_language, translate

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
        settings.company_name(journal),
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
        [_attached(item) for item in result.decided if isinstance(item, Attach)],
        category_text,
        lambda state: translate("workbook", ACCOUNT_STATES[state]),
        result.origins,
        " ".join(settings.own_tax_ids(journal)),
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
        or one.said.reference in in_books
        or not there.isdisjoint(one.keys)
    ]
    if not mine:
        return []
    dropped = {item.reference for item in result.dropped if isinstance(item, Adjust)}
    states = outbox_rows.states(journal, [one.said.reference for one in mine])

    def state(said: Adjust) -> str:
        if said.reference in in_books:
            return translate("workbook", "in the books")
        known = states.get((said.connection, said.reference))
        if known:
            return translate("queue", STATE_TEXTS[known])
        if said.reference in dropped:
            return translate("workbook", "held: its lines changed")
        return translate("workbook", "to be sent")

    return [
        Voucher(
            one.said.reference,
            one.said.account,
            one.said.contra,
            one.said.amount,
            state(one.said),
        )
        for one in mine
    ]


def _decisions(journal: Journal, result: Reconciliation) -> list[tuple[str, ...]]:
    """When, who, what, which lines and why, of everything people decided or took back."""
    names: dict[str, str] = {}
    for side in (result.left, result.right):
        names |= {key: f"{side.name} {row}" for key, row in zip(side.key, side.row, strict=True)}
    return [
        (
            event.at,
            event.actor,
            translate("workbook", DECISION_TEXTS.get(event.kind, event.kind)),
            *_lines_and_why(event, names),
        )
        for event in events.of(journal, subject=f"reconciliation:{result.identifier}")
        if event.kind != "reconciliation.run"
    ]


def _lines_and_why(event: Event, names: Mapping[str, str]) -> tuple[str, str]:
    data, (area, _, action) = event.data, event.kind.partition(".")
    if area != "decision" or not ("said" in data or "left" in data):
        return "", str(data.get("reason", "")).partition("\n")[0]
    decision = of_event(action, data)
    keys = (*decision.left, *decision.right)
    lines = [_described(line) for line in data.get("lines", ())]
    known = dict(zip(keys, lines, strict=False))
    shown = [names.get(key) or names.get(f"{key}/1") or known.get(key, "–") for key in keys]
    return ", ".join(shown), _why(decision)


def _described(line: list[object]) -> str:
    """A line that is no longer there, as it was decided on."""
    _, day, reference, amount = line
    return f"{day} {reference} {show(int(str(amount)))}"


def _why(decision: Decision) -> str:
    """What a decision says, in words."""
    match decision:
        case Explain():
            return f"{category_text(decision.category)}: {decision.note}"
        case Split():
            parts = " + ".join(map(show, decision.parts))
            return f"{parts}: {decision.note}" if decision.note else parts
        case Attach():
            return " · ".join(filter(None, _attached(decision)))
        case Adjust():
            accounts = f"{decision.account} / {decision.contra}"
            return f"{decision.reference}: {accounts}, {show(decision.amount)}"
        case Match() | Part():
            return decision.note.partition("\n")[0]


def _attached(decision: Attach) -> tuple[str, str, str]:
    """Name, SHA-256 and note of a file kept as evidence."""
    return decision.name, decision.sha256, decision.note
