"""``cuadre payments``: payouts of a wallet, proposed as vouchers."""

from __future__ import annotations

import argparse
import json

from app.cli.home import open_home
from app.cli.output import answer, decided, table
from app.cli.targets import known_connection
from app.inbox import payments
from app.inbox.payments import Rule
from app.journal import ledger_proposals
from app.journal.ledger_proposals import State
from app.translation import translate


def rule(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    rule = Rule(chosen.bank, chosen.fees, chosen.customers, chosen.journal_name)
    known_connection(journal, chosen.connection)
    decided(lambda: payments.keep_rule(journal, chosen.connection, rule))
    text = translate("cli", "Payouts of {connection} are proposed so; a person accepts each.")
    said = text.format(connection=chosen.connection)
    answer(chosen.json, {"connection": chosen.connection}, [said])
    return 0


def show_list(chosen: argparse.Namespace) -> int:
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


def accept(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    intake = decided(lambda: payments.accept(journal, chosen.number))
    text = translate("cli", "Accepted: batch {batch}. It is mapped and sent like any other.")
    answer(chosen.json, {"batch": intake.batch}, [text.format(batch=intake.batch)])
    return 0


def dismiss(chosen: argparse.Namespace) -> int:
    journal = open_home(chosen)
    decided(lambda: payments.dismiss(journal, chosen.number, chosen.reason))
    text = translate("cli", "Proposal {number} is over.")
    answer(chosen.json, {"dismissed": chosen.number}, [text.format(number=chosen.number)])
    return 0
