"""Odoo's trial balance, by groups of posted lines.

``read_group`` is deprecated from 19 on, where ``formatted_read_group`` answers groups with
``account_id`` as ``[id, name]`` and the sum under ``balance:sum`` (vendor's source; not seen live).
Whether an account is of the year says ``account_type`` from 16 on, before that its type's
``include_initial_balance``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

_OF_THE_YEAR = ("income", "expense")
"""How the types of income and expense accounts begin."""

Call = Callable[..., Any]


class Balances:
    """Sums by account of one company; ``call`` and ``search`` are the connector's own."""

    def __init__(self, call: Call, search: Call, version: int, company: int) -> None:
        self._call, self._search, self._version, self._company = call, search, version, company

    def at(self, until: date, year: int, codes: Mapping[int, str]) -> dict[str, Decimal]:
        """Account code → debit − credit; ``codes`` by the account's id."""
        whole = self._sums([["date", "<=", until.isoformat()]])
        of_the_year = self._ids_of_the_year(sorted(whole))
        since: list[object] = ["date", ">=", f"{year:04}-01-01"]
        part = self._sums([["date", "<=", until.isoformat()], since]) if of_the_year else {}
        found: dict[str, Decimal] = {}
        for identifier, balance in whole.items():
            amount = part.get(identifier, Decimal("0.00")) if identifier in of_the_year else balance
            if identifier in codes:
                found[codes[identifier]] = amount
        return found

    def _sums(self, conditions: Sequence[list[object]]) -> dict[int, Decimal]:
        domain: list[list[object]] = [
            ["parent_state", "=", "posted"],
            ["company_id", "=", self._company],
            ["account_id", "!=", False],
            *conditions,
        ]
        if self._version >= 19:
            named = {"domain": domain, "groupby": ["account_id"], "aggregates": ["balance:sum"]}
            rows = self._call("account.move.line", "formatted_read_group", True, None, **named)
            name = "balance:sum"
        else:
            named = {
                "domain": domain,
                "fields": ["balance"],
                "groupby": ["account_id"],
                "lazy": False,
            }
            rows = self._call("account.move.line", "read_group", True, None, **named)
            name = "balance"
        return {int(row["account_id"][0]): round(Decimal(str(row[name] or 0)), 2) for row in rows}

    def _ids_of_the_year(self, accounts: Sequence[int]) -> set[int]:
        mine = [["id", "in", list(accounts)]]
        if self._version >= 16:
            rows = self._search("account.account", mine, ["id", "account_type"])
            return {row["id"] for row in rows if str(row["account_type"]).startswith(_OF_THE_YEAR)}
        rows = self._search("account.account", mine, ["id", "user_type_id"])
        types = self._search(
            "account.account.type", [["include_initial_balance", "=", False]], ["id"]
        )
        wanted = {row["id"] for row in types}
        return {
            row["id"] for row in rows if row["user_type_id"] and row["user_type_id"][0] in wanted
        }
