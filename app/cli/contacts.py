"""``cuadre contacts``: contacts of a CRM and an ERP kept the same."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from app.cli.home import open_home
from app.cli.output import answer, decided, table
from app.cli.targets import connected, known_connection
from app.inbox import contacts
from app.inbox.contacts import Link, Synced, owners
from app.inbox.contacts.linking import known
from app.inbox.contacts.questions import field_text
from app.journal import Journal, pairs
from app.translation import translate


def link(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    for name in (chosen.crm, chosen.erp):
        known_connection(journal, name)
    made = decided(lambda: contacts.link(journal, chosen.crm, chosen.erp))
    text = translate("cli", "Contacts of {crm} and {erp} are kept the same by “cuadre work”.")
    answer(
        chosen.json, {"crm": made.crm, "erp": made.erp}, [text.format(crm=made.crm, erp=made.erp)]
    )
    return 0


def unlink(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(lambda: contacts.unlink(journal, chosen.crm, chosen.erp))
    text = translate("cli", "They are kept the same no more; what they hold stays.")
    answer(chosen.json, {"unlinked": [chosen.crm, chosen.erp]}, [text])
    return 0


def show_list(chosen: argparse.Namespace) -> int:
    """Links, pairs and who owns which field."""
    journal = open_home(chosen)
    linked = contacts.links(journal)
    rules = owners.load(journal)
    value = {
        "links": [
            {"crm": one.crm, "erp": one.erp, "pairs": len(pairs.every(journal, one.crm, one.erp))}
            for one in linked
        ],
        "fields": {
            name: {"owner": rule.owner.value, "flows": rule.flows, "restores": rule.restores}
            for name, rule in rules.items()
        },
    }
    answer(chosen.json, value, _list_lines(journal, linked))
    return 0


def _list_lines(journal: Journal, linked: list[Link]) -> Iterator[str]:
    for one in linked:
        text = translate("cli", "{crm} ↔ {erp}: {count} pairs")
        count = len(pairs.every(journal, one.crm, one.erp))
        yield text.format(crm=one.crm, erp=one.erp, count=count)
    rows = [
        (
            name,
            field_text(name),
            rule.owner.text,
            translate("cli", "flows") if rule.flows else translate("cli", "stays"),
            translate("cli", "put back") if rule.restores else "",
        )
        for name, rule in owners.load(journal).items()
    ]
    yield from table(rows)


def owner(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(
        lambda: owners.change(journal, chosen.field, chosen.owner, not chosen.stays, chosen.restore)
    )
    text = translate("cli", "{field} is owned by {owner}.")
    said = text.format(field=field_text(chosen.field), owner=owners.Side(chosen.owner).text)
    answer(chosen.json, {"field": chosen.field, "owner": chosen.owner}, [said])
    return 0


def sync(chosen: argparse.Namespace) -> int:
    """Compare now. Exit status 1 where something is for a person."""
    journal = open_home(chosen)
    between = decided(lambda: known(journal, chosen.crm, chosen.erp))
    crm, erp = (connected(journal, name) for name in (chosen.crm, chosen.erp))
    try:
        found = decided(lambda: contacts.sync(journal, between, crm, erp, chosen.again))
    finally:
        crm.close()
        erp.close()
    value = {
        "paired": found.paired,
        "ended": found.ended,
        "written": [list(one) for one in found.written],
        "disputed": [list(one) for one in found.disputed],
        "agreed": found.agreed,
        "questions": [
            {"code": one.code, "text": one.text, **one.values} for one in found.questions
        ],
    }
    answer(chosen.json, value, _sync_lines(found))
    return 1 if found.questions else 0


def settle(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    between = Link(chosen.crm, chosen.erp)
    count = decided(lambda: contacts.settle(journal, between, chosen.reason))
    text = translate("cli", "{count} questions are settled.")
    answer(chosen.json, {"settled": count}, [text.format(count=count)])
    return 0


def show_pairs(chosen: argparse.Namespace) -> int:
    """Which contacts are one, and how that was found."""
    journal = open_home(chosen)
    between = decided(lambda: known(journal, chosen.crm, chosen.erp))
    rows = pairs.every(journal, between.crm, between.erp)
    value = [
        {"crm": row.left_id, "erp": row.right_id, "how": row.how, "since": row.since}
        for row in rows
    ]
    lines = table([(row.left_id, row.right_id, contacts.how_text(row.how)) for row in rows])
    answer(chosen.json, value, lines or [translate("cli", "No contacts are paired.")])
    return 0


def join(chosen: argparse.Namespace) -> int:
    """Two are one."""
    journal = open_home(chosen)
    between = Link(chosen.crm, chosen.erp)
    row = decided(lambda: contacts.join(journal, between, chosen.crm_id, chosen.erp_id))
    text = translate("cli", "They are one; the next comparison lets their fields flow.")
    answer(chosen.json, {"pair": row.id}, [text])
    return 0


def keep_apart(chosen: argparse.Namespace) -> int:
    """Two are two."""
    journal = open_home(chosen)
    between = Link(chosen.crm, chosen.erp)
    decided(lambda: contacts.keep_apart(journal, between, chosen.crm_id, chosen.erp_id))
    text = translate("cli", "They are two; they are not paired, nor asked about again.")
    answer(chosen.json, {"apart": [chosen.crm_id, chosen.erp_id]}, [text])
    return 0


def _sync_lines(found: Synced) -> Iterator[str]:
    text = translate("cli", "{paired} paired · {written} fields written · {agreed} agreed")
    yield text.format(paired=found.paired, written=len(found.written), agreed=found.agreed)
    yield from (f"  {name}: {field_text(what)}" for name, what in found.written)
    both = translate("cli", "both sides had changed it; the journal has what the other one said")
    yield from (f"  {name}: {field_text(what)}: {both}" for name, what in found.disputed)
    yield from (f"? {one.text}" for one in found.questions)
    if any(one.code in ("name", "several") for one in found.questions):
        yield translate(
            "cli",
            "Say it with “cuadre contacts pair CRM ERP ID ID” or “cuadre contacts apart CRM ERP ID"
            " ID”.",
        )
    if any(one.code == "refused" for one in found.questions):
        yield translate("cli", "What was refused is tried once more with --again.")
