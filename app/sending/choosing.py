"""A counterpart a person names, found in the target's own list by code or by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from app.documents.contact import GENERIC_TAX_IDS, tax_id_key
from app.documents.maps import BY_BANK, NONE, Link, MapKind
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.contract import Connector, ListsDimensions, ListsTaxes
from importers.identity import canonical_tax_id
from importers.values import plain

SHOWN = 5
LOCAL_TAX = ":LOCAL:"
"""In the key of a tax that is no share of any line."""
LIST_TEXTS = {
    MapKind.ACCOUNT: QT_TRANSLATE_NOOP("map", "accounts"),
    MapKind.JOURNAL: QT_TRANSLATE_NOOP("map", "journals"),
    MapKind.PARTY: QT_TRANSLATE_NOOP("map", "partners"),
    MapKind.DIMENSION: QT_TRANSLATE_NOOP("map", "cost centres"),
    MapKind.TAX: QT_TRANSLATE_NOOP("map", "taxes"),
    MapKind.ITEM: QT_TRANSLATE_NOOP("map", "accounts"),
    MapKind.BANK: QT_TRANSLATE_NOOP("map", "accounts"),
}
NOT_THERE = QT_TRANSLATE_NOOP(
    "map", "“{words}” is neither the code nor the name of one of the target's {list}."
)
SEVERAL = QT_TRANSLATE_NOOP(
    "map", "“{words}” is the name of several of the target's {list}; say which by its code: {near}."
)
PERHAPS = QT_TRANSLATE_NOOP("map", "Perhaps: {near}.")
BY_BANK_TEXT = QT_TRANSLATE_NOOP("map", "the journal of the bank or cash each voucher moves")
NO_DIMENSIONS = QT_TRANSLATE_NOOP("map", "The target has no cost centres for entry lines.")


class NoCounterpart(Refused, ValueError):
    """The words ``named`` mean nothing of the target's list, or ``several`` things; ``near`` are
    codes with names a person may have meant.
    """

    def __init__(
        self, kind: MapKind, words: str, near: Sequence[str] = (), several: bool = False
    ) -> None:
        super().__init__(f"{kind}: {words}")
        self.kind, self.named, self.near, self.several = kind, words, near, several

    def told(self) -> str:
        said = {
            "words": self.named,
            "list": translate("map", LIST_TEXTS[self.kind]),
            "near": "; ".join(self.near),
        }
        text = translate("map", SEVERAL if self.several else NOT_THERE).format(**said)
        if self.near and not self.several:
            text += " " + translate("map", PERHAPS).format(**said)
        return text


class NoDimensions(Refused, ValueError):
    """The target has no place for a line's dimension."""

    context, words = "map", NO_DIMENSIONS


class NoSource(Refused, ValueError):
    """A link of nothing."""

    context, words = "map", QT_TRANSLATE_NOOP("map", "Say which code of yours it is for.")


_MAY_BE_NONE = (MapKind.PARTY, MapKind.DIMENSION, MapKind.TAX)
_ACCOUNTS = (MapKind.ACCOUNT, MapKind.ITEM, MapKind.BANK)
"""What may deliberately be sent without a counterpart."""


class TargetNames:
    """The lists of one target, each read when it is first asked for: code → name."""

    def __init__(self, target: Connector) -> None:
        self._target = target

    def of(self, kind: MapKind) -> Mapping[str, str]:
        """Raises ConnectorError."""
        return {
            MapKind.ACCOUNT: lambda: self._accounts,
            MapKind.JOURNAL: lambda: self._journals,
            MapKind.PARTY: lambda: self._partners,
            MapKind.DIMENSION: lambda: self._dimensions,
            MapKind.TAX: lambda: self._taxes,
            MapKind.ITEM: lambda: self._accounts,
            MapKind.BANK: lambda: self._accounts,
        }[kind]()

    def resolved(self, link: Link) -> Link:
        """The link with the target's codes for what it names. Raises NoCounterpart, NoDimensions,
        ConnectorError.
        """
        if not link.source.strip():
            raise NoSource
        target = link.target
        if target != NONE or link.kind not in _MAY_BE_NONE:
            target = self._code(_list_of(link), target)
        partner = link.partner
        if partner not in ("", NONE):
            partner = self._code(MapKind.PARTY, partner)
        return replace(link, target=target, partner=partner)

    def _code(self, kind: MapKind, words: str) -> str:
        if kind is MapKind.DIMENSION and not self._target.capabilities.dimensions:
            raise NoDimensions
        if kind in _ACCOUNTS and not self._target.capabilities.lists_accounts:
            if words == NONE:
                raise NoCounterpart(kind, words)
            return words
        names = self.of(kind)
        if words in names:
            return words
        same = self._of_tax_id(words) if kind is MapKind.PARTY else []
        same = same or [code for code in names if words == _told(code, names)]
        if not same and letters(words):
            same = [code for code, name in names.items() if letters(name) == letters(words)]
        if len(same) == 1:
            return same[0]
        near = _shown(same[:SHOWN] or _alike(words, names), names)
        raise NoCounterpart(kind, words, list(near), several=bool(same))

    @cached_property
    def _accounts(self) -> Mapping[str, str]:
        if not self._target.capabilities.lists_accounts:
            return {}
        return {item.code: item.name for item in self._target.accounts()}

    @cached_property
    def _journals(self) -> Mapping[str, str]:
        journals = self._target.journals()
        found = {item.code: item.name for item in journals}
        if any(item.account for item in journals):
            found[BY_BANK] = translate("map", BY_BANK_TEXT)
        return found

    @cached_property
    def _people(self) -> Sequence[tuple[str, str, str]]:
        return [(item.code, item.name, item.tax_id) for item in self._target.partners()]

    @cached_property
    def _partners(self) -> Mapping[str, str]:
        return {code: name for code, name, _ in self._people}

    def _of_tax_id(self, words: str) -> list[str]:
        if tax_id_key(words) in GENERIC_TAX_IDS:
            return []
        return self._by_tax_id.get(canonical_tax_id(words), [])

    @cached_property
    def _by_tax_id(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code, _, tax_id in self._people:
            if tax_id:
                found.setdefault(canonical_tax_id(tax_id), []).append(code)
        return found

    @cached_property
    def _taxes(self) -> Mapping[str, str]:
        if not isinstance(self._target, ListsTaxes):
            return {}
        return {item.code: item.name for item in self._target.taxes()}

    @cached_property
    def _dimensions(self) -> Mapping[str, str]:
        if not isinstance(self._target, ListsDimensions):
            return {}
        return {item.code: item.name for item in self._target.dimensions()}


def _list_of(link: Link) -> MapKind:
    """Where a link's target is looked for: a local tax is posted on an account of its own."""
    is_local = link.kind is MapKind.TAX and LOCAL_TAX in link.source
    return MapKind.ACCOUNT if is_local else link.kind


def letters(text: str) -> str:
    """Letters and digits only: ``S.A. de C.V.`` is ``SA DE CV``."""
    return "".join(sign for sign in plain(text) if sign.isalnum())


def _alike(words: str, names: Mapping[str, str]) -> list[str]:
    """Codes whose name shares a word, or that begin alike; the first few."""
    wanted = set(plain(words).split())
    found = [
        code
        for code, name in names.items()
        if wanted & set(plain(name).split()) or (len(words) > 2 and code.startswith(words[:3]))
    ]
    return found[:SHOWN]


def _shown(codes: Iterable[str], names: Mapping[str, str]) -> Iterator[str]:
    for code in codes:
        yield _told(code, names)


def _told(code: str, names: Mapping[str, str]) -> str:
    """As a person is shown it, and may write it back."""
    return f"{code} {names[code]}".strip()
