"""The voucher's own text, kept beside its entry in Odoo."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

MODEL = "ir.attachment"
NAME = "cuadre-{folio}.txt"
Search = Callable[[str, list[Any], Sequence[str]], list[dict[str, Any]]]


def name_of(folio: str) -> str:
    return NAME.format(folio=folio.replace("/", "-") or "voucher")


def missing(search: Search, texts: Mapping[int, tuple[str, str]]) -> list[dict[str, Any]]:
    """What has to be created for entries (id → name, text) that do not have theirs yet: nothing in
    Odoo keeps an attachment from being made twice.
    """
    domain = [["res_model", "=", "account.move"], ["res_id", "in", list(texts)]]
    rows = search(MODEL, domain, ["id", "res_id", "name"])
    there = {(row["res_id"], row["name"]) for row in rows}
    return [
        {
            "name": name,
            "res_model": "account.move",
            "res_id": entry,
            "mimetype": "text/plain",
            "datas": base64.b64encode(text.encode()).decode(),
        }
        for entry, (name, text) in texts.items()
        if (entry, name) not in there
    ]
