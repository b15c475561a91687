"""A stateful stand-in for Odoo on loopback: JSON-2 and JSON-RPC, with the rules and error shapes
seen on a real 19.0.

It keeps accounts, journals, partners, moves and external ids; refuses unbalanced moves at ``load``,
archived accounts at ``action_post``; moves dates out of locked periods in silence; appends nothing
when ``load`` repeats with line ids; refuses ``load`` over a posted move. Faults can be injected
before and after the commit.
"""

from __future__ import annotations

import calendar
import fnmatch
import json
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.connectors import odoo_papers

TODAY = date(2026, 11, 21)
KEY, USER, PASSWORD, DATABASE = "key-7f3a91", "ana@example.mx", "contraseña", "prueba"


_PARTNER = dict.fromkeys(
    (
        "write_date",
        "is_company",
        "name",
        "vat",
        "ref",
        "email",
        "phone",
        "street",
        "city",
        "zip",
        "state_id",
        "country_id",
        "country_id/.id",
        "l10n_latam_identification_type_id/.id",
    ),
    False,
)
_MOVE: dict[str, Any] = {
    "write_date": "",
    "name": "/",
    "ref": "",
    "state": "draft",
    "company_id": 1,
    "move_type": "entry",
    "invoice_date": False,
    "partner_id": False,
    "amount_total": 0.0,
    "amount_residual": 0.0,
}


def round_half_up(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


class OdooError(Exception):
    def __init__(self, name: str, message: str, status: int) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


def user_error(message: str) -> OdooError:
    return OdooError("odoo.exceptions.UserError", message, 422)


class FakeOdoo:
    def __init__(self, version: int = 19) -> None:
        self.version = version
        codes = [
            ("102.01.01", "Bancos"),
            ("105.01.01", "Clientes"),
            ("401.01.01", "Ventas"),
            ("601.84.01", "Gastos"),
        ]
        self.last_load_context: dict[str, Any] = {}
        self.last_load_fields: list[str] = []
        self.accounts = {
            n: {
                "id": n,
                "code": code,
                "name": name,
                "active": True,
                "company_id": 1,
                "company_ids": [1],
                "account_type": {"4": "income", "6": "expense"}.get(code[0], "asset_current"),
                "user_type_id": [int(code[0]), ""],
                "internal_type": "other",
                "currency_id": False,
            }
            for n, (code, name) in enumerate(codes, 1)
        }
        kinds = [("MISC", "Operaciones varias", "general"), ("BNK1", "Banco", "bank")]
        self.journals = {
            n: {
                "id": n,
                "code": code,
                "name": name,
                "type": kind,
                "company_id": 1,
                "sequence": 5,
                "default_account_id": [1, ""] if kind == "bank" else False,
            }
            for n, (code, name, kind) in enumerate(kinds, 1)
        }
        known = {"id": 7, "name": "Núñez", "vat": "EKU9003173C9"}
        self.partners = {7: {**_PARTNER, **known, "write_date": "2025-01-01 00:00:00"}}
        self.analytic: dict[int, dict[str, Any]] = {
            n: {
                "id": n,
                "code": code,
                "name": name,
                "company_id": 1,
                "plan_id": [1, "Proyectos"],
                "group_id": False,
            }
            for n, code, name in ((31, "100", "Matriz"), (32, "200", "Sucursal Norte"))
        }
        self.may_create = True
        self.user_language = "es_MX"
        self.english: dict[str, str] = {}
        """Names of accounts in English, by code; the others are the same in every language."""
        self.limits: list[int] = []
        self.now = datetime.now(UTC)
        self.attachments: list[dict[str, Any]] = []
        self.identification_types: list[dict[str, Any]] | None = None
        self.login, self.companies = USER, [1]
        self.after_load: Callable[[], None] = lambda: None
        self.taxes = {
            21: {
                "id": 21,
                "name": "IVA 16%",
                "amount": 16.0,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "company_id": 1,
            }
        }
        self.tax_lines: dict[int, dict[str, Any]] = {}
        self.currencies = {33: "MXN", 1: "USD"}
        self.payments: dict[int, dict[str, Any]] = {}
        self.company: dict[str, Any] = {
            "id": 1,
            "name": "Empresa MX",
            "vat": "EKU9003173C9",
            "currency_id": [33, "MXN"],
            "country_id": [156, "México"],
            "fiscalyear_lock_date": False,
            "tax_lock_date": False,
            "sale_lock_date": False,
            "purchase_lock_date": False,
            "hard_lock_date": False,
            "period_lock_date": False,
        }
        self.moves: dict[int, dict[str, Any]] = {}
        self.lines: dict[int, dict[str, Any]] = {}
        self.external: dict[str, int] = {}
        self.calls: list[str] = []
        self.fail_next: list[Callable[[str], str]] = []
        self.serialization_failures = 0
        self.languages = {"en_US", "es_MX"}
        self.lock = threading.Lock()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        server.daemon_threads = True
        server.odoo = self  # type: ignore[attr-defined]
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def run(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        self.calls.append(f"{model}.{method}")
        if method not in ("load", "action_post", "write", "button_draft"):
            return self._run(model, method, ids, named)
        before = json.dumps([self.moves, self.partners, self.payments])
        answer = self._run(model, method, ids, named)
        self._stamp(json.loads(before))
        return answer

    def _stamp(self, before: list[dict[str, Any]]) -> None:
        """``write_date`` of what a call changed."""
        at = self.now.strftime("%Y-%m-%d %H:%M:%S")
        for old, table in zip(before, (self.moves, self.partners, self.payments), strict=True):
            for key, row in table.items():
                if old.get(str(key)) != json.loads(json.dumps(row)):
                    row["write_date"] = at

    def _run(self, model: str, method: str, ids: list[int], named: dict[str, Any]) -> Any:
        context = named.pop("context", None) or {}
        if method == "load":
            self.last_load_context = context
            self.last_load_fields = named["fields"]
        if method in ("load", "action_post") and context.get("allowed_company_ids") != [1]:
            raise OdooError(
                "odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.", 403
            )
        if method == "load" and not self.may_create:
            raise OdooError(
                "odoo.exceptions.AccessError",
                "You are not allowed to create 'Journal Entry' (account.move) records.",
                403,
            )
        lang = context.get("lang")
        if lang and lang not in self.languages:
            raise user_error(f"Invalid language code: {lang}")
        with self.lock:
            if (model, method) in (
                ("account.move", "has_access"),
                ("account.move", "check_access_rights"),
            ):
                if (method == "has_access") != (self.version >= 18) or (ids and self.version < 18):
                    raise OdooError("builtins.TypeError", "unexpected arguments", 500)
                return self.may_create
            if method == "search_read":
                return self.search_read(model, lang=lang, **named)
            if (model, method) == (
                "account.move.line",
                "formatted_read_group",
            ) and self.version >= 19:
                assert named["aggregates"] == ["balance:sum"]
                return self.sums(named["domain"], "balance:sum")
            if (model, method) == ("account.move.line", "read_group"):
                return self.sums(named["domain"], "balance")
            if (model, method) == ("account.move", "load") and "invoice_date" in named["fields"]:
                return self.load_invoice(**named)
            if (model, method) == ("account.move", "load"):
                answer = self.load(**named)
                self.after_load()
                return answer
            if (model, method) == ("res.partner", "load"):
                return self.load_partner(**named)
            if (model, method) == ("account.payment", "load"):
                return self.load_payment(**named)
            if (model, method) == ("account.payment", "action_post"):
                return self.post_payment(ids)
            if (model, method) == ("account.move", "js_assign_outstanding_line"):
                return self.assign(ids[0], **named)
            if (model, method) == ("ir.attachment", "create"):
                return self.attach(named["vals_list"] if self.version >= 19 else ids)
            if (model, method) == ("account.move", "button_draft"):
                return self.to_draft(ids)
            if (model, method) == ("account.move", "write"):
                values = dict(named["vals"])
                self.write_tax_lines(self.moves[ids[0]], values.pop("line_ids", []))
                self.moves[ids[0]] |= values
                return True
            if (model, method) == ("res.partner", "write"):
                self.partners[ids[0]] |= named["vals"]
                return True
            if (model, method) == ("account.move", "action_post"):
                return self.action_post(ids)
            if (model, method) == ("res.users", "context_get"):
                return {"lang": "es_MX", "tz": "America/Mexico_City", "uid": 2}
        raise OdooError(
            "builtins.AttributeError", f"{model}.{method}", 404 if self.version >= 19 else 500
        )

    def search_read(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        order: str = "id",
        limit: int = 0,
        lang: str | None = None,
    ) -> list[Any]:
        self.limits.append(limit)
        assert limit, "a list is read in pages"
        tables: dict[str, list[dict[str, Any]]] = {
            "account.account.type": [
                {"id": 4, "include_initial_balance": False},
                {"id": 6, "include_initial_balance": False},
            ],
            "account.account": [
                {**row, "name": self.english.get(row["code"], row["name"])}
                if lang == "en_US"
                else row
                for row in self.accounts.values()
                if row["active"]
            ],
            "account.journal": list(self.journals.values()),
            "res.partner": [{"active": True, **row} for row in self.partners.values()],
            "res.users": [
                {
                    "id": 2,
                    "login": self.login,
                    "lang": self.user_language,
                    "name": "Ana",
                    "company_id": [self.companies[0], ""],
                    "company_ids": self.companies,
                }
            ],
            "res.company": [
                {**self.company, "id": identifier, "name": f"Empresa {identifier}"}
                if identifier > 1
                else self.company
                for identifier in self.companies
            ],
            "ir.attachment": self.attachments,
            "account.analytic.account": list(self.analytic.values()),
            "account.move": list(self.moves.values()),
            "account.move.line": [self.line_view(line) for line in self.lines.values()],
            "account.payment": list(self.payments.values()),
            "account.tax": list(self.taxes.values()),
            "account.tax.repartition.line": [
                {
                    "id": key,
                    "tax_id": [key, row["name"]],
                    "repartition_type": "tax",
                    "account_id": row.get("account", False),
                }
                for key, row in self.taxes.items()
            ],
            "res.currency": [
                {"id": key, "name": name, "active": True} for key, name in self.currencies.items()
            ],
            "res.country": [{"id": 156, "code": "MX"}, {"id": 49, "code": "CO"}],
        }
        if model == "res.partner" and not any(term[0] == "active" for term in domain):
            tables[model] = [row for row in tables[model] if row["active"]]
        if self.identification_types is not None:
            tables["l10n_latam.identification.type"] = self.identification_types
        if any(term[0] == "tax_line_id" for term in domain):
            tables[model] = list(self.tax_lines.values())
        if model not in tables:
            words = f"The model {model!r} does not exist"
            raise OdooError("werkzeug.exceptions.NotFound", words, 404)
        rows = [row for row in tables[model] if all(_holds(row, term) for term in domain)]
        rows.sort(key=lambda row: row["id"])
        unknown = [name for name in fields if rows and name not in rows[0]]
        if unknown:
            raise OdooError(
                "builtins.ValueError", f"Invalid field '{unknown[0]}' on '{model}'", 500
            )
        return [
            {"id": row["id"], **{name: row[name] for name in fields}}
            for row in rows[: limit or None]
        ]

    def sums(self, domain: list[Any], name: str) -> list[dict[str, Any]]:
        """Groups by account, the sum a float as PostgreSQL's numeric comes out of the ORM."""
        found: dict[int, float] = {}
        for line in map(self.line_view, self.lines.values()):
            if all(_holds(line, term) for term in domain):
                account = line["account_id"][0]
                found[account] = found.get(account, 0.0) + line["debit"] - line["credit"]
        return [
            {
                "account_id": [account, self.accounts[account]["name"]],
                name: total,
                "__extra_domain": [],
            }
            for account, total in sorted(found.items())
        ]

    def line_view(self, line: dict[str, Any]) -> dict[str, Any]:
        move, account = self.moves[line["move"]], self.accounts[line["account"]]
        partner = self.partners.get(line["partner"])
        return {
            "id": line["id"],
            "move_id": [move["id"], move["name"]],
            "move_name": move["name"],
            "account_id": [account["id"], f"{account['code']} {account['name']}"],
            "partner_id": [partner["id"], partner["name"]] if partner else False,
            "debit": line["debit"],
            "credit": line["credit"],
            "ref": move["ref"],
            "name": line["name"],
            "date": move["date"],
            "parent_state": move["state"],
            "company_id": 1,
            "account_type": account.get("account_type", "asset_current"),
            "amount_residual": line.get("left", 0.0),
        }

    def load(self, fields: list[str], data: list[list[str]]) -> dict[str, Any]:
        if self.serialization_failures:
            self.serialization_failures -= 1
            return _messages([(None, 0, "could not serialize access due to concurrent update")])
        records: list[tuple[int, dict[str, Any]]] = []
        for place, cells in enumerate(data):
            row = dict(zip(fields, cells, strict=True))
            if row["id"]:
                records.append((place, {**row, "rows": [row]}))
            else:
                records[-1][1]["rows"].append(row)
        bad = []
        for index, (place, record) in enumerate(records):
            move = self.moves.get(self.external.get(record["id"], 0))
            total = sum(
                round(float(row["line_ids/debit"]) * 100)
                - round(float(row["line_ids/credit"]) * 100)
                for row in record["rows"]
            )
            if move and move["state"] == "posted":
                bad.append(
                    (
                        index,
                        place,
                        (
                            "You cannot modify the following readonly fields on a posted move:"
                            " date, line_ids"
                        ),
                    )
                )
            elif total:
                bad.append((index, place, "The entry is not balanced."))
            elif unknown := self._unknown_analytic(record["rows"]):
                bad.append((index, place, unknown))
        if bad and len(records) > 1:
            return _messages([(0, 0, bad[0][2]), *bad])  # the batch's error, in the first's name
        if bad:
            return _messages(bad)
        return {
            "ids": [self._upsert(record) for _, record in records],
            "messages": [],
            "nextrow": 0,
        }

    def _unknown_analytic(self, rows: list[dict[str, Any]]) -> str:
        """What ``load()`` says of analytic cells: JSON text of ids from 16 on, one id before."""
        for row in rows:
            if self.version < 16:
                assert "line_ids/analytic_distribution" not in row
                named = [row.get("line_ids/analytic_account_id/.id") or ""]
            else:
                try:
                    named = list(json.loads(row.get("line_ids/analytic_distribution") or "{}"))
                except ValueError:
                    return "does not seem to be a valid JSON for field 'Analytic Distribution'"
            if any(name and int(name) not in self.analytic for name in named):
                return "Record does not exist or has been deleted."
        return ""

    def load_partner(self, fields: list[str], data: list[list[str]]) -> dict[str, Any]:
        (row,) = (dict(zip(fields, cells, strict=True)) for cells in data)
        identifier = self.external.setdefault(row.pop("id"), max(self.partners) + 1)
        if row.get("vat") == "INVALIDO":
            return _messages(
                [(0, 0, "The RFC number [INVALIDO] for partner does not seem to be valid.")]
            )
        kept = self.partners.setdefault(identifier, {**_PARTNER, "id": identifier})
        kept |= {name: value for name, value in row.items() if name in kept}
        return {"ids": [identifier], "messages": [], "nextrow": 0}

    def load_invoice(self, fields: list[str], data: list[list[str]]) -> dict[str, Any]:
        rows = [dict(zip(fields, cells, strict=True)) for cells in data]
        head = rows[0]
        identifier = self.external.setdefault(head["id"], len(self.moves) + 1)
        held = self.moves.get(identifier)
        if held and held["state"] == "posted":
            words = (
                "You cannot modify the following readonly fields on a posted move: date, line_ids"
            )
            return _messages([(0, 0, words)])
        if int(head["partner_id/.id"]) not in self.partners:
            raise OdooError(
                "odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404
            )
        try:
            reckoned = odoo_papers.reckoned(rows, self.taxes)
        except KeyError:
            words = "Record does not exist or has been deleted."
            raise OdooError("odoo.exceptions.MissingError", words, 404) from None
        foreign = head.get("currency_id/.id", "")
        if foreign and int(foreign) not in self.currencies:
            words = "Record does not exist or has been deleted."
            raise OdooError("odoo.exceptions.MissingError", words, 404)
        partner = self.partners[int(head["partner_id/.id"])]
        # Without its own rate a foreign document takes the table's, and 1 where that is empty.
        rate = float(head.get("invoice_currency_rate") or 1)
        sign = -1 if head["move_type"] in odoo_papers.CREDITS else 1
        self.tax_lines = {
            key: line for key, line in self.tax_lines.items() if line["move_id"][0] != identifier
        }
        for code, value in reckoned.items():
            if code and value:
                key = len(self.tax_lines) + 5000 + identifier * 100
                self.tax_lines[key] = {
                    "id": key,
                    "move_id": [identifier, "/"],
                    "tax_line_id": [code, self.taxes[code]["name"]],
                    "amount_currency": float(value * sign),
                }
        total = sum(reckoned.values(), Decimal(0))
        self.moves[identifier] = {
            **_MOVE,
            "id": identifier,
            "ref": head["ref"],
            "move_type": head["move_type"],
            "date": head["date"],
            "invoice_date": head["invoice_date"],
            "payment_reference": head["payment_reference"],
            "partner_id": [partner["id"], partner["name"]],
            "amount_total": float(total),
            "amount_residual": float(total),
            "currency": foreign,
            "rate": rate,
            "reversed": int(head.get("reversed_entry_id/.id") or 0),
        }
        return {"ids": [identifier], "messages": [], "nextrow": 0}

    def write_tax_lines(self, move: dict[str, Any], commands: list[Any]) -> None:
        """The amount of a tax line, which a draft lets be written."""
        if commands and move["state"] != "draft":
            raise user_error("You cannot modify the following readonly fields on a posted move")
        sign = -1 if move["move_type"] in odoo_papers.CREDITS else 1
        for command, key, values in commands:
            assert command == 1
            line = self.tax_lines[key]
            changed = (values["amount_currency"] - line["amount_currency"]) * sign
            line["amount_currency"] = values["amount_currency"]
            for name in ("amount_total", "amount_residual"):
                move[name] = round(move[name] + changed, 2)

    def load_payment(self, fields: list[str], data: list[list[str]]) -> dict[str, Any]:
        (row,) = (dict(zip(fields, cells, strict=True)) for cells in data)
        identifier = self.external.setdefault(row["id"], len(self.payments) + 1)
        held = self.payments.get(identifier)
        if held and held["state"] != "draft":
            held["amount"] = float(row["amount"])  # its entry stays as it was, and nothing is said
            return {"ids": [identifier], "messages": [], "nextrow": 0}
        partner, memo = (
            self.partners[int(row["partner_id/.id"])],
            "memo" if self.version >= 18 else "ref",
        )
        if self.journals[int(row["journal_id/.id"])]["type"] not in ("bank", "cash"):
            return _messages([(0, 0, "The journal must be of type bank or cash")])
        self.payments[identifier] = {
            "id": identifier,
            "name": "/",
            memo: row[memo],
            "date": row["date"],
            "state": "draft",
            "company_id": 1,
            "amount": float(row["amount"]),
            "payment_type": row["payment_type"],
            "move_id": False,
            "partner_id": [partner["id"], partner["name"]],
        }
        return {"ids": [identifier], "messages": [], "nextrow": 0}

    def post_payment(self, ids: list[int]) -> bool:
        for identifier in ids:
            payment = self.payments[identifier]
            if payment["state"] != "draft":
                raise user_error("Only a draft payment can be posted.")
            payment["state"] = "in_process" if self.version >= 18 else "posted"
            payment["name"] = f"PBNK1/{payment['date'][:4]}/{identifier:05d}"
            move, line = len(self.moves) + 1, len(self.lines) + 1
            self.moves[move] = {
                **_MOVE,
                "id": move,
                "date": payment["date"],
                "state": "posted",
                "name": payment["name"],
            }
            self.accounts[2]["account_type"] = "asset_receivable"
            self.lines[line] = {
                "id": line,
                "move": move,
                "account": 2,
                "name": "",
                "debit": 0.0,
                "credit": payment["amount"],
                "partner": 0,
                "left": payment["amount"],
            }
            payment["move_id"] = [move, payment["name"]]
        return False

    def assign(self, invoice: int, line_id: int) -> None:
        """As much of the line as fits is put against the invoice."""
        move, line = self.moves[invoice], self.lines[line_id]
        if not move["amount_residual"]:
            raise user_error(
                "You are trying to reconcile some entries that are already reconciled."
            )
        part = min(move["amount_residual"], line["left"])
        move["amount_residual"] = round(move["amount_residual"] - part, 2)
        line["left"] = round(line["left"] - part, 2)

    def attach(self, values: Any) -> list[int]:
        known = {"name", "res_model", "res_id", "mimetype", "datas"}
        assert all(set(row) <= known for row in values)
        first = len(self.attachments) + 1
        self.attachments += [{"id": first + n, **row} for n, row in enumerate(values)]
        return list(range(first, first + len(values)))

    def to_draft(self, ids: list[int]) -> bool:
        for identifier in ids:
            day = self.moves[identifier]["date"]
            if self.moves[identifier]["state"] != "posted":
                words = "Only posted/cancelled journal entries can be reset to draft."
                raise user_error(words)
            if self._accounting_date(day) != day:
                raise user_error("You cannot add/modify entries prior to and inclusive of a lock.")
            self.moves[identifier]["state"] = "draft"
        return False

    def action_post(self, ids: list[int]) -> bool:
        for identifier in ids:
            move = self.moves[identifier]
            if move["state"] != "draft":
                raise user_error(f"The entry {move['name']} (id {identifier}) must be in draft.")
            for line in self.lines.values():
                account = self.accounts[line["account"]]
                if line["move"] == identifier and account.get("archived"):
                    raise user_error(
                        f"The account {account['name']} ({account['code']}) is archived."
                    )
        for identifier in ids:
            move = self.moves[identifier]
            move["date"] = self._accounting_date(move["date"])
            move["state"], move["name"] = (
                "posted",
                f"MISC/{move['date'][:4]}/{move['date'][5:7]}/{identifier:04d}",
            )
            if move.get("reversed"):
                self.settle(move, self.moves[move["reversed"]])
            elif move["move_type"].endswith("_refund"):
                self.open_line(move)
        return False

    @staticmethod
    def settle(note: dict[str, Any], invoice: dict[str, Any]) -> None:
        """A reversal is put against what it reverses when it is posted."""
        part = min(note["amount_residual"], invoice["amount_residual"])
        for move in (note, invoice):
            move["amount_residual"] = round(move["amount_residual"] - part, 2)

    def open_line(self, move: dict[str, Any]) -> None:
        """The party's line of a refund, to be assigned."""
        self.accounts[2]["account_type"] = "asset_receivable"
        key = len(self.lines) + 1
        self.lines[key] = {
            "id": key,
            "move": move["id"],
            "account": 2,
            "name": "",
            "debit": 0.0,
            "credit": move["amount_total"],
            "partner": 0,
            "left": move["amount_total"],
        }

    def _upsert(self, record: dict[str, Any]) -> int:
        identifier = self.external.setdefault(record["id"], len(self.moves) + 1)
        self.moves[identifier] = {
            **_MOVE,
            "id": identifier,
            "ref": record["ref"],
            "date": record["date"],
            "narration": record.get("narration", ""),
            "journal": record["journal_id/.id"],
            "journal_id": [int(record["journal_id/.id"]), ""],
        }
        for row in record["rows"]:
            line = self.external.setdefault(row["line_ids/id"], len(self.lines) + 1)
            self.lines[line] = {
                "id": line,
                "move": identifier,
                "account": int(row["line_ids/account_id/.id"]),
                "name": row["line_ids/name"],
                "debit": float(row["line_ids/debit"]),
                "credit": float(row["line_ids/credit"]),
                "partner": int(row["line_ids/partner_id/.id"] or 0),
                "analytic": row.get("line_ids/analytic_distribution")
                or row.get("line_ids/analytic_account_id/.id", ""),
            }
        return identifier

    def _accounting_date(self, day: str) -> str:
        locks = [
            self.company[name]
            for name in ("fiscalyear_lock_date", "hard_lock_date")
            if self.company[name]
        ]
        until = max(locks, default="")
        if day > until:
            return day
        year, month = (int(part) for part in until[:7].split("-"))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        end = date(year, month, calendar.monthrange(year, month)[1])
        return min(end, TODAY).isoformat()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def odoo(self) -> FakeOdoo:
        return self.server.odoo  # type: ignore[attr-defined,no-any-return]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        if self.path == "/web/version" and self.odoo.version >= 19:
            self._json(200, {"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"})
        else:
            self._raw(404, b"<html>not found</html>", "text/html")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/jsonrpc":
            self._json_rpc(body)
        elif self.path.startswith("/json/2/") and self.odoo.version >= 19:
            self._json2(body)
        else:
            self._raw(404, b"<html>not found</html>", "text/html")

    def _json2(self, body: dict[str, Any]) -> None:
        if self.headers.get("X-Odoo-Database") != DATABASE:
            self._raw(404, b"<html>no database</html>", "text/html")
            return
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self._json(
                401, _error(OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))
            )
            return
        _, _, _, model, method = self.path.split("/")
        self._run(
            model,
            method,
            body.pop("ids", []),
            body,
            lambda value: self._json(200, value),
            lambda e: self._json(e.status, _error(e)),
        )

    def _json_rpc(self, body: dict[str, Any]) -> None:
        service, method, arguments = (
            body["params"][name] for name in ("service", "method", "args")
        )

        def answer(value: Any) -> None:
            self._json(200, {"jsonrpc": "2.0", "id": body["id"], "result": value})

        def refuse(error: OdooError) -> None:
            fault = {"code": 0, "message": "Odoo Server Error", "data": _error(error)}
            self._json(200, {"jsonrpc": "2.0", "id": body["id"], "error": fault})

        if (service, method) == ("common", "version"):
            answer({"server_version_info": [self.odoo.version, 0, 0, "final", 0, ""]})
        elif method == "authenticate":
            known = (
                arguments[0] == DATABASE
                and arguments[1] == USER
                and arguments[2] in (PASSWORD, KEY)
            )
            answer(2 if known else False)
        elif arguments[2] not in (PASSWORD, KEY):
            refuse(OdooError("odoo.exceptions.AccessDenied", "Access Denied", 401))
        else:
            _, _, _, model, name, positional, named = arguments
            given = positional[0] if positional else []
            if name == "check_access_rights" and positional:
                refuse(OdooError("builtins.TypeError", "got multiple values for 'operation'", 500))
                return
            self._run(model, name, given, named, answer, refuse)

    def _run(
        self,
        model: str,
        method: str,
        ids: list[int],
        named: dict[str, Any],
        answer: Callable[[Any], None],
        refuse: Callable[[OdooError], None],
    ) -> None:
        odoo = self.odoo
        fault = odoo.fail_next.pop(0)(f"{model}.{method}") if odoo.fail_next else ""
        if fault == "before":
            self._raw(502, b"<html>bad gateway</html>", "text/html")
            return
        try:
            value = odoo.run(model, method, ids, named)
        except OdooError as error:
            refuse(error)
            return
        if fault == "lost":
            self.close_connection = True
            self.connection.close()
            return
        answer(value)

    def _json(self, status: int, value: Any) -> None:
        self._raw(status, json.dumps(value).encode(), "application/json")

    def _raw(self, status: int, payload: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(payload)
        self.close_connection = True


def _error(error: OdooError) -> dict[str, Any]:
    return {
        "name": error.name,
        "message": error.message,
        "arguments": [error.message],
        "context": {},
        "debug": "Traceback …",
    }


def _messages(bad: list[tuple[int | None, int, str]]) -> dict[str, Any]:
    messages = [
        {
            "type": "error",
            "rows": {"from": place, "to": place},
            "record": index,
            "field": "",
            "message": text,
        }
        for index, place, text in bad
    ]
    return {"ids": False, "messages": messages, "nextrow": 0}


def _holds(row: dict[str, Any], term: list[Any]) -> bool:
    name, operator, value = term
    found = row[name]
    if isinstance(found, list):
        found = found[0]
    if found is False and operator in (">", ">=", "<", "<="):
        return False  # nothing is neither before nor after
    return {
        "=": lambda: found == value,
        "!=": lambda: found != value,
        "in": lambda: found in value,
        ">": lambda: found > value,
        ">=": lambda: found >= value,
        "<=": lambda: found <= value,
        "<": lambda: found < value,
        "=like": lambda: fnmatch.fnmatchcase(found or "", value.replace("%", "*")),
    }[operator]()
