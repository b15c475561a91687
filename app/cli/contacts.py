"""``cuadre contacts``: contacts of a CRM and an ERP kept the same, and ``cuadre payments``: payouts
proposed as vouchers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

from app.cli.home import open_home
from app.cli.output import Stop, answer, decided, table
from app.company import connecting, settings
from app.inbox import contact_owners, contacts, payments
from app.inbox.contacts import Link, Synced
from app.inbox.payments import Rule
from app.journal import Journal, ledger_proposals, pairs
from app.journal.ledger_proposals import State
from app.translation import translate
from connectors import DocumentConnector


def link(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    try:
        made = decided(lambda: contacts.link(journal, chosen.crm, chosen.erp))
    except LookupError as missing:
        raise Stop(_no_connection(str(missing.args[0]))) from None
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
    known = contacts.links(journal)
    rules = contact_owners.load(journal)
    value = {
        "links": [
            {"crm": one.crm, "erp": one.erp, "pairs": len(pairs.every(journal, one.crm, one.erp))}
            for one in known
        ],
        "fields": {
            name: {"owner": rule.owner.value, "flows": rule.flows, "restores": rule.restores}
            for name, rule in rules.items()
        },
    }
    answer(chosen.json, value, _list_lines(journal, known))
    return 0


def _list_lines(journal: Journal, known: list[Link]) -> Iterator[str]:
    for one in known:
        text = translate("cli", "{crm} ↔ {erp}: {count} pairs")
        count = len(pairs.every(journal, one.crm, one.erp))
        yield text.format(crm=one.crm, erp=one.erp, count=count)
    rows = [
        (
            name,
            rule.owner.value,
            translate("cli", "flows") if rule.flows else translate("cli", "stays"),
            translate("cli", "put back") if rule.restores else "",
        )
        for name, rule in contact_owners.load(journal).items()
    ]
    yield from table(rows)


def owner(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(
        lambda: contact_owners.change(
            journal, chosen.field, chosen.owner, not chosen.stays, chosen.restore
        )
    )
    text = translate("cli", "{field} is owned by {owner}.")
    said = text.format(field=chosen.field, owner=chosen.owner)
    answer(chosen.json, {"field": chosen.field, "owner": chosen.owner}, [said])
    return 0


def sync(chosen: argparse.Namespace) -> int:
    """Compare now. Exit status 1 where something is for a person."""
    journal = open_home(chosen)
    between = Link(chosen.crm, chosen.erp)
    if between not in contacts.links(journal):
        raise Stop(contacts.NoLink(f"{chosen.crm}, {chosen.erp}").told())
    crm, erp = (_connected(journal, name) for name in (chosen.crm, chosen.erp))
    try:
        found = contacts.sync(journal, between, crm, erp)
    finally:
        crm.close()
        erp.close()
    value = {
        "paired": found.paired,
        "ended": found.ended,
        "written": [list(one) for one in found.written],
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


def _sync_lines(found: Synced) -> Iterator[str]:
    text = translate("cli", "{paired} paired · {written} fields written · {agreed} agreed")
    yield text.format(paired=found.paired, written=len(found.written), agreed=found.agreed)
    yield from (f"  {name}: {what}" for name, what in found.written)
    yield from (f"? {one.text}" for one in found.questions)


def _connected(journal: Journal, name: str) -> DocumentConnector:
    kept = settings.find_connection(journal, name)
    secret = connecting.secret_of(journal, kept)
    if secret is None:
        text = translate("cli", "{name} has no secret for this account.")
        raise Stop(text.format(name=name))
    return connecting.connect(kept, secret, journal=journal)


def payments_rule(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    rule = Rule(chosen.bank, chosen.fees, chosen.customers, chosen.journal_name)
    try:
        decided(lambda: payments.keep_rule(journal, chosen.connection, rule))
    except LookupError:
        raise Stop(_no_connection(chosen.connection)) from None
    text = translate("cli", "Payouts of {connection} are proposed so; a person accepts each.")
    said = text.format(connection=chosen.connection)
    answer(chosen.json, {"connection": chosen.connection}, [said])
    return 0


def payments_list(chosen: argparse.Namespace) -> int:
    """Exit status 1 where some wait for a person."""
    rows = ledger_proposals.every(open_home(chosen), None if chosen.all else State.OPEN)
    value = [
        {
            "id": row.id,
            "connection": row.connection,
            "origin": row.origin,
            "state": row.state,
            **json.loads(row.data),
        }
        for row in rows
    ]
    lines = table(
        [
            (
                one["id"],
                one["connection"],
                one["origin"],
                one.get("date", ""),
                f"{one.get('amount', '')} {one.get('currency', '')}",
                "" if one.get("adds_up") else translate("cli", "does not add up"),
                one["state"],
            )
            for one in value
        ],
        right=(0,),
    )
    answer(chosen.json, value, lines or [translate("cli", "Nothing is proposed.")])
    return 1 if any(one["state"] == State.OPEN.value for one in value) else 0


def payments_accept(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    intake = decided(lambda: payments.accept(journal, chosen.number))
    text = translate("cli", "Accepted: batch {batch}. It is mapped and sent like any other.")
    answer(chosen.json, {"batch": intake.batch}, [text.format(batch=intake.batch)])
    return 0


def payments_dismiss(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(lambda: payments.dismiss(journal, chosen.number, chosen.reason))
    text = translate("cli", "Proposal {number} is over.")
    answer(chosen.json, {"dismissed": chosen.number}, [text.format(number=chosen.number)])
    return 0


def _no_connection(name: str) -> str:
    return translate("cli", "There is no connection {name}.").format(name=name)
