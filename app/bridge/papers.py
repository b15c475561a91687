"""What stands on the papers of a reconciliation, out of the result and the journal."""

from __future__ import annotations

import json

import sqlalchemy as sa

from app import settings
from app.bridge.reconciling import Reconciliation, changed_since_signing
from app.bridge.wording import DECISION_TEXTS, WORKBOOK_STATES, category_text
from app.bridge.workbook import State
from app.journal import Journal, schema
from app.reconcile.report import Paper
from app.translation import translate


def paper(journal: Journal, result: Reconciliation) -> Paper:
    """The working paper of a reconciliation as it stands."""
    standing = result.standing
    by = standing.by or {}
    state = translate("workbook", WORKBOOK_STATES[standing.state])
    if changed_since_signing(result):
        state = translate("workbook", "{state}, BUT THIS IS NOT WHAT WAS SIGNED").format(state=state)
    return Paper(
        result.left, result.right, result.matching, result.proof, settings.company_code(journal), result.period,
        f"{result.rules.name} {result.rules.version}", state,
        by.get(State.PREPARED.value, ""), by.get(State.REVIEWED.value, ""), by.get(State.SIGNED.value, ""),
        standing.reason, standing.anchor, _decisions(journal, result), category_text,
    )  # fmt: skip


def _decisions(journal: Journal, result: Reconciliation) -> list[tuple[str, ...]]:
    """When, who, what, which lines and why, of everything people decided or took back."""
    table = schema.event
    query = (
        sa.select(table.c.at, table.c.actor, table.c.kind, table.c.data)
        .where(table.c.subject == f"reconciliation:{result.identifier}", table.c.kind != "reconciliation.run")
        .order_by(table.c.sequence)
    )
    names: dict[str, str] = {}
    for side in (result.left, result.right):
        names |= {key: f"{side.name} {row}" for key, row in zip(side.key, side.row, strict=True)}
    found: list[tuple[str, ...]] = []
    with journal.reading() as connection:
        for row in connection.execute(query):
            data = json.loads(row.data)
            lines = ", ".join(names.get(key, "–") for key in (*data.get("left", ()), *data.get("right", ())))
            what = translate("workbook", DECISION_TEXTS.get(row.kind, row.kind))
            category, _, note = str(data.get("reason", "")).partition("\n")
            why = f"{category_text(category)}: {note}" if row.kind == "decision.explain" else category
            found.append((row.at, row.actor, what, lines, why))
    return found
