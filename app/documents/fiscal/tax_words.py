"""The keys of taxes in words people use."""

from __future__ import annotations

from decimal import Decimal

from app.translation import QT_TRANSLATE_NOOP, translate

_DIAN = {"01": "IVA", "04": "INC", "05": "ReteIVA", "06": "Retefuente", "07": "ReteICA"}
_SIDES = {
    "sale": QT_TRANSLATE_NOOP("tax", "sales"),
    "purchase": QT_TRANSLATE_NOOP("tax", "purchases"),
}
_FACTORS = {
    "exempt": QT_TRANSLATE_NOOP("tax", "exempt"),
    "excluded": QT_TRANSLATE_NOOP("tax", "excluded"),
}


def tax_words(source: str) -> str:
    """``MX:IVA:R:0.106667@purchase`` as *IVA 10.6667 % withheld, purchases*."""
    key, _, side = source.partition("@")
    country, code, *rest = key.split(":")
    said = [_DIAN.get(code, code)]
    if code == "LOCAL":
        said = [" ".join(rest[1:-1]) or code]
    if rest:
        said.append(_factor(country, rest[-1], is_local=code == "LOCAL"))
    if "R" in rest[:1]:
        said.append(translate("tax", "withheld"))
    named = translate("tax", _SIDES[side]) if side in _SIDES else side
    return ", ".join(filter(None, (" ".join(filter(None, said)), named)))


def _factor(country: str, factor: str, *, is_local: bool) -> str:
    if factor in _FACTORS:
        return translate("tax", _FACTORS[factor])
    if factor.startswith("q"):
        return translate("tax", "{amount} a unit").format(amount=factor[1:])
    try:
        rate = Decimal(factor)
    except ArithmeticError:
        return factor
    percent = rate * 100 if country == "MX" and not is_local else rate
    return f"{percent.normalize():f} %"
