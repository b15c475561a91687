"""One file read as ``cuadre read`` does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from app.intake.extract import extract
from importers import Options
from importers.archives import Export
from importers.content import Content
from importers.profile import load_profiles

OWN = ("EKU9003173C9", "800333444")


def read(name: str, data: bytes | str, **options: Any) -> dict[str, Any]:
    content = Content.of(data.encode() if isinstance(data, str) else data)
    chosen = Options(**{"own_tax_ids": OWN, **options})
    return extract(Export(name, content, name), chosen, load_profiles()).as_json()


def nets(found: dict[str, Any]) -> list[str]:
    """What each movement adds to the company's books."""
    return [str(Decimal(one["debit"]) - Decimal(one["credit"])) for one in found["records"]]


def codes(found: dict[str, Any]) -> set[str]:
    return {one["code"] for one in found["findings"]}
