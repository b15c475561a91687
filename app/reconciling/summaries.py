"""How a reconciliation came out, as plain values: what ``--json`` answers and the journal keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.matching import MatchState, Side
from app.money import from_minor

if TYPE_CHECKING:
    from app.reconciling.runs import Reconciliation


def summary(result: Reconciliation) -> dict[str, object]:
    """The stable answer of ``cuadre reconcile --json``; amounts as text."""
    matching, proof = result.matching, result.proof

    def side(side: Side) -> dict[str, object]:
        return {
            "name": side.name,
            "lines": len(side),
            "total": str(from_minor(side.total)),
            "debit": str(from_minor(side.debit)),
            "credit": str(from_minor(side.credit)),
        }

    return {
        "left": side(result.left),
        "right": side(result.right),
        "matched": matching.count(MatchState.MATCHED),
        "suggested": matching.count(MatchState.SUGGESTED),
        "different": matching.count(MatchState.DIFFERENT),
        "only_left": len(matching.only_left),
        "only_right": len(matching.only_right),
        "only_left_explained": sum(
            1 for index in matching.only_left if index in result.left.explained
        ),
        "only_right_explained": sum(
            1 for index in matching.only_right if index in result.right.explained
        ),
        "carried_forward": len(result.left.carried) + len(result.right.carried),
        "state": result.standing.state.value,
        "rules": {"name": result.rules.name, "version": result.rules.version},
        "contra": matching.contra,
        "not_searched": matching.not_searched,
        "accounts_together": [
            {"left": pair.left, "right": pair.right, "lines": pair.lines, "share": pair.share}
            for pair in matching.accounts
        ],
        "shares": [
            {
                "percent": str(share.percent),
                "amounts": share.amounts,
                "cents": share.cents,
            }
            for share in matching.shares
        ],
        "explained": {
            category: str(from_minor(amount))
            for category, amount in sorted(proof.explained.items())
        },
        "difference": str(from_minor(proof.difference)),
        "unexplained": str(from_minor(proof.unexplained)),
        "currencies": _by_currency(result),
    }


def _by_currency(result: Reconciliation) -> dict[str, dict[str, str]]:
    """Net of both sides and what is to be explained, by currency: amounts of several are never one
    sum.
    """
    found: dict[str, dict[str, str]] = {}
    for code in result.proof.currencies:
        proof = result.proof.of_currency(code)
        found[code] = {
            "left": str(from_minor(sum(row.left_movements for row in proof.accounts))),
            "right": str(from_minor(sum(row.right_movements for row in proof.accounts))),
            "difference": str(from_minor(proof.difference)),
            "unexplained": str(from_minor(proof.unexplained)),
        }
    return found


def accounts(result: Reconciliation) -> list[dict[str, object]]:
    """A row an account: balances, difference, open items and state; amounts as text."""
    return [
        {
            "account": account.account,
            "right_account": account.theirs,
            "left": str(from_minor(account.left_closing)),
            "right": str(from_minor(account.right_closing)),
            "difference": str(from_minor(account.difference)),
            "unexplained": str(from_minor(account.unexplained)),
            "open_items": account.open_items,
            "state": account.state.value,
        }
        for account in result.proof.accounts
    ]
