"""Rules as data: which are applied, in which order, how far they reach, and which may confirm by
themselves.

A set is kept as TOML, so that people can read, edit and exchange it::

    name = "bancos"
    version = 3
    contra = "auto"

    [[rule]]
    kind = "fee"
    name = "4x1000"
    percent = 0.4
    account = "531595"
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from pathlib import Path

from app.matching.constants import FAR_DAYS, MOST_CONFIDENT, NEAR_DAYS
from app.matching.outcome import Rule

CONTRA = ("auto", "yes", "no")
"""Whether a debit of one side is a credit of the other; ``auto`` finds out from the amounts."""
NEVER_AUTOMATIC = frozenset({Rule.AMOUNT, Rule.DAY_SUM, Rule.REFERENCE_OTHER_AMOUNT, Rule.SHARE})
"""A bare amount, a bare sum and a share nobody made a rule of: never confirmed by the machine."""
PROMISE = 0.99
_LEAST_PROMISE, _MOST_PROMISE = Decimal("0.5"), Decimal(str(MOST_CONFIDENT))
LEAST, MOST = {"size": 2, "pool": 2}, {"days": 3660, "size": 12, "pool": 40}
NAMED = frozenset({Rule.FEE, Rule.RATE, Rule.TOLERANCE})


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule. ``days`` is the window, ``cents`` and ``percent`` what an amount may differ by (of
    a fee: what it is), ``size`` the most lines on the many side, ``pool`` the most candidates a sum
    is searched among, ``rate`` how many units of the right side one of the left is worth,
    ``account`` where the difference is posted.
    """

    kind: Rule
    name: str = ""
    automatic: bool = True
    days: int = 5
    cents: int = 0
    percent: Decimal = Decimal(0)
    size: int = 5
    pool: int = 30
    rate: Decimal = Decimal(0)
    account: str = ""

    @property
    def title(self) -> str:
        return self.name or self.kind.value


DEFAULT_RULES: tuple[RuleSpec, ...] = (
    RuleSpec(Rule.DOCUMENT, days=3660),
    RuleSpec(Rule.SAID_TOGETHER, days=NEAR_DAYS),
    RuleSpec(Rule.REFERENCE, days=FAR_DAYS),
    RuleSpec(Rule.NORMALISED_REFERENCE, days=FAR_DAYS),
    RuleSpec(Rule.SHARED_REFERENCE, days=31, size=8),
    RuleSpec(Rule.LISTED_REFERENCES, days=31, size=12),
    RuleSpec(Rule.EVIDENCE, days=FAR_DAYS),
    RuleSpec(Rule.TOLERANCE, days=31, cents=99),
    RuleSpec(Rule.PARTY_SUM),
    RuleSpec(Rule.SHARE, automatic=False, days=31),
    RuleSpec(Rule.REVERSAL, automatic=False, days=31),
    RuleSpec(Rule.DAY_SUM, automatic=False, days=1, pool=16),
    RuleSpec(Rule.AMOUNT, automatic=False, days=NEAR_DAYS),
    RuleSpec(Rule.REFERENCE_OTHER_AMOUNT, automatic=False, days=31),
)


@dataclass(frozen=True, slots=True)
class RuleSet:
    name: str = "general"
    version: int = 1
    contra: str = "auto"
    promise: float = PROMISE
    """Least probability of a pair that is confirmed without a person."""
    amount_alone: bool = False
    """Whether a pair may be confirmed of which nothing agrees but amount and day."""
    rules: tuple[RuleSpec, ...] = DEFAULT_RULES
    accounts: tuple[tuple[str, str], ...] = ()
    """Accounts of two charts that are one: (left, right)."""

    def of(self, kind: Rule) -> Iterator[RuleSpec]:
        return (rule for rule in self.rules if rule.kind is kind)

    def first(self, kind: Rule) -> RuleSpec | None:
        return next(self.of(kind), None)


class NotRules(ValueError):
    """The text is no set of rules; ``place`` is the number of the rule (0: none), ``what`` the word
    that is wrong.
    """

    def __init__(self, place: int, what: str) -> None:
        super().__init__(f"{place}: {what}")
        self.place, self.what = place, what


def load(path: Path) -> RuleSet:
    """A set out of a TOML file. Raises NotRules, OSError."""
    try:
        return parse(path.read_text("utf-8"))
    except UnicodeDecodeError:
        raise NotRules(0, "UTF-8") from None


def parse(text: str) -> RuleSet:
    """A set out of TOML. Raises NotRules."""
    try:
        read = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as wrong:
        raise NotRules(0, str(wrong)) from None
    unknown = read.keys() - {
        "name",
        "version",
        "contra",
        "promise",
        "amount_alone",
        "accounts",
        "rule",
    }
    if unknown:
        raise NotRules(0, min(unknown))
    if read.get("contra", "auto") not in CONTRA:
        raise NotRules(0, f"contra = {read['contra']!r}")
    given, version, name = read.get("rule", []), read.get("version", 1), read.get("name", "general")
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise NotRules(0, "[[rule]]")
    if type(version) is not int or version < 1:
        raise NotRules(0, f"version = {version!r}")
    if not isinstance(name, str):
        raise NotRules(0, f"name = {name!r}")
    if not isinstance(read.get("amount_alone", False), bool):
        raise NotRules(0, f"amount_alone = {read['amount_alone']!r}")
    rules = tuple(_rule(place, item) for place, item in enumerate(given, 1))
    made = RuleSet(
        name,
        version,
        str(read.get("contra", "auto")),
        _promise(read.get("promise", PROMISE)),
        read.get("amount_alone", False),
        accounts=_accounts(read.get("accounts", {})),
    )
    return replace(made, rules=rules) if rules else made


def dump(rules: RuleSet) -> str:
    """The set as TOML, as :func:`parse` reads it."""
    lines = [
        f"name = {_written(rules.name)}",
        f"version = {rules.version}",
        f'contra = "{rules.contra}"',
    ]
    if rules.promise != PROMISE:
        lines.append(f"promise = {rules.promise}")
    if rules.amount_alone:
        lines.append("amount_alone = true")
    if rules.accounts:
        lines += ["", "[accounts]"]
        lines += [f"{_written(left)} = {_written(right)}" for left, right in rules.accounts]
    for rule in rules.rules:
        lines += ["", "[[rule]]"]
        for item in fields(RuleSpec):
            value = getattr(rule, item.name)
            if item.name == "kind" or value != item.default:
                lines.append(f"{item.name} = {_written(value)}")
    return "\n".join(lines) + "\n"


def _accounts(given: object) -> tuple[tuple[str, str], ...]:
    """Pairs of accounts. Raises NotRules."""
    if not isinstance(given, dict) or not all(isinstance(code, str) for code in given.values()):
        raise NotRules(0, "[accounts]")
    return tuple((str(left), str(right)) for left, right in given.items())


def _promise(given: object) -> float:
    """A probability from a half up to, but not quite, certainty. Raises NotRules."""
    if isinstance(given, Decimal) and _LEAST_PROMISE <= given <= _MOST_PROMISE:
        return float(given)
    if given == PROMISE:
        return PROMISE
    raise NotRules(0, f"promise = {given}")


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def _rule(place: int, given: dict[str, object]) -> RuleSpec:
    known = {item.name: item.type for item in fields(RuleSpec)}
    values: dict[str, object] = {}
    for name, value in given.items():
        if name not in known:
            raise NotRules(place, name)
        values[name] = _value(place, name, known[name], value)
    if "kind" not in values:
        raise NotRules(place, "kind")
    made = RuleSpec(**values)  # type: ignore[arg-type]
    if made.kind in NAMED and made.kind is not Rule.TOLERANCE and not made.name:
        raise NotRules(place, "name")
    return replace(made, automatic=False) if made.kind in NEVER_AUTOMATIC else made


def _value(place: int, name: str, kind: object, value: object) -> object:
    try:
        if name == "kind":
            return _known_kind(value)
        if kind == "Decimal":
            if isinstance(value, bool | str):
                raise ValueError
            amount = Decimal(str(value))
            if not amount.is_finite() or amount < 0:
                raise ValueError
            return amount
        if kind == "str" and not isinstance(value, str):
            raise ValueError
        if kind in ("int", "bool") and type(value).__name__ != kind:
            raise ValueError
    except (ValueError, ArithmeticError):
        raise NotRules(place, f"{name} = {value!r}") from None
    if kind == "int" and not LEAST.get(name, 0) <= int(str(value)) <= MOST.get(name, 10**12):
        raise NotRules(place, f"{name} = {value!r}")
    return value


def _known_kind(value: object) -> Rule:
    """Raises ValueError; what a person decides is no rule."""
    found = Rule(str(value))
    if found is Rule.PERSON:
        raise ValueError
    return found
