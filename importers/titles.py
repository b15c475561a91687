"""What the title rows above a report say: company, tax id, period, currency. The print date is
never the period.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from datetime import date

from importers.records import TitleBlock
from importers.tables import Row, cell_text
from importers.values import parse_date, plain

_DAY = r"(\d{1,2}/\w{1,3}/\d{4})"
_RANGES = (
    re.compile(rf"\bdel?\s+{_DAY}\s+al\s+{_DAY}"),
    re.compile(rf"\bentre\s+el\s+{_DAY}\s+y\s+el\s+{_DAY}"),
    re.compile(r"\bde\s*:?\s*(\w{3}\s+\d{1,2}/\d{4})\s+a\s*:?\s*(\w{3}\s+\d{1,2}/\d{4})"),
    re.compile(r"\bde\s+(\w{3}\s+\d{4})\s+a\s+(\w{3}\s+\d{4})"),
)
_UNTIL = re.compile(rf"\bal\s+{_DAY}")
_MX_TAX_ID = re.compile(
    r"(?:Reg\.?\s*Fed\.?|\bR\.?F\.?C\.?)\s*:?\s*([A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3})\b", re.IGNORECASE
)
_CO_TAX_ID = re.compile(
    r"^(?:NIT\.?:?\s*)?(\d{6,10}-\d)$|\bN\.?I\.?T\.?\s*:?\s*(\d[\d.]{5,12}\d(?:-\d)?)(?!\S)",
    re.IGNORECASE,
)


def title_block(rows: Sequence[Row]) -> TitleBlock:
    """Read from the first rows of a report; what they do not say stays empty or None."""
    company = tax_id = currency = ""
    start = end = None
    for row in rows:
        cells = [cell_text(cell).strip() for cell in row.cells if cell is not None]
        text = " ".join(cells)
        period = _period(plain(text))
        if period and end is None:
            start, end = period
        if not tax_id:
            tax_id = _tax_id(cells, text)
        if "moneda:" in plain(text):
            currency = "USD" if "dolar" in plain(text) else "MXN"
        if not company:
            company = _company(row)
    return TitleBlock(company, tax_id, start, end, currency)


def _tax_id(cells: Sequence[str], text: str) -> str:
    """The company's own, as its reports print it."""
    if match := _MX_TAX_ID.search(text):
        return match[1].upper()
    match = _CO_TAX_ID.search(cells[0] if cells else "") or _CO_TAX_ID.search(text)
    return (match[1] or match[2]).replace(".", "") if match else ""


def _period(text: str) -> tuple[date, date] | None:
    for pattern in _RANGES:
        found = pattern.search(text)
        if found:
            days = _month(found[1], last=False), _month(found[2], last=True)
            if days[0] and days[1]:
                return days[0], days[1]
    until = _UNTIL.search(text) if "balanza" in text else None
    end = _month(until[1], last=True) if until else None
    return (end.replace(day=1), end) if end else None


def _month(text: str, last: bool) -> date | None:
    """A day written ``dd/mm/yyyy``, ``dd/mmm/yyyy``, ``mmm d/yyyy``, or a month ``mmm yyyy``."""
    parts = re.fullmatch(r"([a-z]{3})\s+(?:(\d{1,2})/)?(\d{4})", text)
    try:
        if parts is None:
            return parse_date(text)
        day = parse_date(f"{parts[2] or 1}/{parts[1]}/{parts[3]}")
    except ValueError:
        return None
    if parts[2] is None and last:
        return day.replace(day=calendar.monthrange(day.year, day.month)[1])
    return day


def _company(row: Row) -> str:
    """CONTPAQi prints it in the fourth cell of the first rows; Siigo and World Office in the
    first.
    """
    if row.number > 2:
        return ""
    texts = [cell_text(cell).strip() for cell in row.cells]
    if len(texts) > 3 and texts[3] and (not texts[0] or texts[0].lower().startswith("contpaq")):
        return texts[3]
    first = texts[0] if texts else ""
    if len([text for text in texts if text]) > 2 or any(
        word in plain(first) for word in ("balance", "auxiliar", "contpaq", "cuentas")
    ):
        return ""
    return first.removeprefix("Siigo - ").strip()
