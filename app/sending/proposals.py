"""What the documents use and a map lacks, with what may be its counterpart in the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from app.documents.adjustment import OWN_SOURCE
from app.documents.contact import GENERIC_TAX_IDS, tax_id_key
from app.documents.fiscal.tax_words import tax_words
from app.documents.maps import BY_BANK, MapKind, Maps
from app.journal import Journal, batches, settings
from app.sending import fiscal_proposals
from app.sending.choosing import BY_BANK_TEXT, letters
from app.sending.suggestions import NOTHING, SURE, Chart, Suggestion
from app.translation import QT_TRANSLATE_NOOP, translate
from connectors.contract import Connector, ListsDimensions
from connectors.documents import RemoteAccount, RemoteDimension, RemoteJournal, RemotePartner
from connectors.systems import SYSTEMS
from importers.identity import canonical_tax_id
from importers.values import plain

SUGGESTION_REASONS = {
    "equal-code": QT_TRANSLATE_NOOP("map", "same code"),
    "equal-code-other-name": QT_TRANSLATE_NOOP("map", "same code, another name"),
    "same-group": QT_TRANSLATE_NOOP("map", "its group"),
    "same-name": QT_TRANSLATE_NOOP("map", "same name"),
    "like-name": QT_TRANSLATE_NOOP("map", "similar name"),
    "general-journal": QT_TRANSLATE_NOOP("map", "general journal"),
    "tax-id": QT_TRANSLATE_NOOP("map", "same tax id"),
    "party-of-parent": QT_TRANSLATE_NOOP("map", "its parent, and the partner of that name"),
    "by-bank": QT_TRANSLATE_NOOP("map", "money in or out"),
    "tax": QT_TRANSLATE_NOOP("map", "same tax, rate and side"),
}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A source code the map lacks, how many lines use it, and what we would propose (empty:
    nothing): the target's code with its name, why, and how sure that is (0 to 1); ``partner`` is
    the target's customer or supplier an account of ours is named after.
    """

    kind: MapKind
    source: str
    name: str
    uses: int
    suggestion: str = ""
    reason: str = ""
    suggested_name: str = ""
    confidence: float = 0.0
    partner: str = ""
    partner_name: str = ""
    candidates: Sequence[str] = ()
    """Where several of the target may be meant: each in words."""

    @property
    def is_sure(self) -> bool:
        """Whether it is taken without being asked for one by one."""
        return bool(self.suggestion) and self.confidence >= SURE


def unmapped(
    journal: Journal,
    connection_name: str,
    target: Connector | None = None,
    *,
    fiscal: bool = False,
) -> list[Unmapped]:
    """What the vouchers use and the map lacks, most used first, with suggestions from the target's
    lists; with ``fiscal`` also what fiscal documents ask for.
    """
    found = _of_vouchers(journal, connection_name, target)
    return [*found, *_of_fiscal_documents(journal, connection_name, target)] if fiscal else found


def _of_fiscal_documents(
    journal: Journal, connection_name: str, target: Connector | None
) -> list[Unmapped]:
    used, names = fiscal_proposals.needs(journal, connection_name)
    taxes = fiscal_proposals.Taxes(target) if target else None
    found = []
    for (kind, source), count in used.most_common():
        name = tax_words(source) if kind is MapKind.TAX else names[kind, source]
        one = Unmapped(kind, source, name, count)
        if kind is MapKind.TAX and taxes is not None:
            one = _with_tax(one, taxes.proposed(source))
        found.append(one)
    return found


def _with_tax(one: Unmapped, proposal: fiscal_proposals.TaxProposal) -> Unmapped:
    if not proposal.taxes:
        return one
    first = proposal.taxes[0]
    told = [" · ".join(filter(None, (tax.code, tax.name, tax.details))) for tax in proposal.taxes]
    return replace(
        one,
        suggestion=first.code,
        suggested_name=first.name,
        reason="tax",
        confidence=1.0 if proposal.is_sure else 0.5,
        candidates=told if len(told) > 1 else (),
    )


def _of_vouchers(
    journal: Journal, connection_name: str, target: Connector | None
) -> list[Unmapped]:
    maps = Maps.load(journal, connection_name)
    used, names = uses(journal)
    if not _takes_dimensions(journal, connection_name, target):
        for key in [key for key in used if key[0] is MapKind.DIMENSION]:
            del used[key]
    ours = {
        source: names.get((kind, source), "")
        for kind, source in used
        if kind is MapKind.ACCOUNT and source
    }
    catalogue = {
        source: name for (kind, source), name in names.items() if kind is MapKind.ACCOUNT and name
    }
    lists = _Lists(target, ours, catalogue) if target else None
    return [
        _unmapped(kind, source, names.get((kind, source), ""), count, lists)
        for (kind, source), count in used.most_common()
        if source and (kind, source) not in maps.links
    ]


def _takes_dimensions(journal: Journal, connection_name: str, target: Connector | None) -> bool:
    if target:
        return target.capabilities.dimensions
    kept = (row for row in settings.connections(journal) if row.name == connection_name)
    return any(SYSTEMS[row.system].dimensions for row in kept if row.system in SYSTEMS)


def _unmapped(kind: MapKind, source: str, name: str, count: int, lists: _Lists | None) -> Unmapped:
    if lists is None:
        return Unmapped(kind, source, name, count)
    one = lists.suggest(kind, source)
    if kind is MapKind.ACCOUNT and not one.code:
        one = lists.of_party(source, name)
    found = Unmapped(kind, source, name, count, one.code, one.reason, one.name, one.confidence)
    partner = lists.partner_of(one.code, name) if kind is MapKind.ACCOUNT else None
    return replace(found, partner=partner.code, partner_name=partner.name) if partner else found


class _Lists:
    """What a target has, each list read when it is first asked for."""

    def __init__(
        self, target: Connector, ours: Mapping[str, str], catalogue: Mapping[str, str]
    ) -> None:
        self._target, self._ours, self._catalogue = target, ours, catalogue

    def suggest(self, kind: MapKind, source: str) -> Suggestion:
        """The likeliest counterpart; nothing where none is likely."""
        if kind is MapKind.ACCOUNT:
            return self._account_of(source)
        if kind is MapKind.JOURNAL:
            return _suggest_journal(source, self._journals)
        if kind is MapKind.DIMENSION:
            return _suggest_dimension(source, self._dimensions)
        return self._party_of(source)

    def _party_of(self, source: str) -> Suggestion:
        """The one partner of that tax id, else of that name; of several a question, and of a tax id
        anybody may have nothing.
        """
        key = canonical_tax_id(source)
        anybody = tax_id_key(source) in GENERIC_TAX_IDS
        same = [] if anybody else self._by_tax_id.get(key, [])
        reason = "tax-id" if same else "same-name"
        same = same or self._by_exact_name.get(source, [])
        if not same:
            return NOTHING
        return Suggestion(same[0].code, same[0].name, reason, 1.0 if len(same) == 1 else 0.5)

    def of_party(self, source: str, name: str) -> Suggestion:
        """Of an account that is named after a customer or supplier of the target: the counterpart
        of the account it stands under, as far as that is one of customers or suppliers.
        """
        if len(self._by_name.get(letters(name), [])) != 1:
            return NOTHING
        above = self._parent(source)
        one = self._best(self._charts_of_parents, above) if above else NOTHING
        if one.code not in self._of_parties:
            return NOTHING
        return replace(one, reason="party-of-parent")

    def _parent(self, source: str) -> str:
        """The longest code of the catalogue an account begins with; empty where there is none."""
        stems = (source[:length].rstrip("-. ") for length in range(len(source) - 1, 1, -1))
        known = (stem for stem in stems if stem != source)
        for stem in known:
            for code in (stem, stem.ljust(len(source), "0")):
                if code in self._catalogue and code != source:
                    return code
        return ""

    def partner_of(self, account: str, name: str) -> RemotePartner | None:
        """Whose sub-account one of ours is, where its counterpart is an account of customers or
        suppliers: the one partner of that very name.
        """
        if account not in self._of_parties or not name:
            return None
        same = self._by_name.get(letters(name), [])
        return same[0] if len(same) == 1 else None

    @cached_property
    def _accounts(self) -> Sequence[RemoteAccount]:
        return self._target.accounts() if self._target.capabilities.lists_accounts else ()

    def _account_of(self, source: str) -> Suggestion:
        """By the names of each language the target has; where both are sure of different accounts
        it is a question, and where the likeliest takes no entries nothing is proposed.
        """
        return self._best(self._charts, source)

    def _best(self, charts: Sequence[Chart], source: str) -> Suggestion:
        found = [chart.suggest(source) for chart in charts]
        best = max(found, key=lambda one: one.confidence, default=NOTHING)
        if not best.code or best.code in self._closed:
            return NOTHING
        sure = {one.code for one in found if one.is_sure}
        doubted = min(best.confidence, 0.5) if len(sure) > 1 else best.confidence
        return replace(best, name=self._names[best.code], confidence=doubted)

    @cached_property
    def _charts(self) -> Sequence[Chart]:
        return self._in_each_language(self._ours)

    @cached_property
    def _charts_of_parents(self) -> Sequence[Chart]:
        parents = {self._parent(source) for source in self._ours} - {""}
        return self._in_each_language({code: self._catalogue[code] for code in parents})

    def _in_each_language(self, ours: Mapping[str, str]) -> Sequence[Chart]:
        if not self._accounts:
            return ()
        others = [
            replace(item, name=item.other_name) if item.other_name else item
            for item in self._accounts
        ]
        has_others = any(item.other_name for item in self._accounts)
        return [
            Chart(accounts, ours)
            for accounts in (self._accounts, *([others] if has_others else []))
        ]

    @cached_property
    def _names(self) -> Mapping[str, str]:
        return {item.code: item.name for item in self._accounts}

    @cached_property
    def _closed(self) -> set[str]:
        return {item.code for item in self._accounts if item.closed is not None}

    @cached_property
    def _of_parties(self) -> set[str]:
        return {item.code for item in self._accounts if item.of_parties}

    @cached_property
    def _journals(self) -> Sequence[RemoteJournal]:
        return list(self._target.journals())

    @cached_property
    def _partners(self) -> Sequence[RemotePartner]:
        return list(self._target.partners())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[RemotePartner]]:
        return _grouped(self._partners, lambda item: letters(item.name))

    @cached_property
    def _by_exact_name(self) -> Mapping[str, Sequence[RemotePartner]]:
        return _grouped(self._partners, lambda item: item.name)

    @cached_property
    def _by_tax_id(self) -> Mapping[str, Sequence[RemotePartner]]:
        return _grouped(self._partners, lambda item: canonical_tax_id(item.tax_id))

    @cached_property
    def _dimensions(self) -> Sequence[RemoteDimension]:
        return self._target.dimensions() if isinstance(self._target, ListsDimensions) else ()


def _grouped(
    partners: Sequence[RemotePartner], key: Callable[[RemotePartner], str]
) -> Mapping[str, Sequence[RemotePartner]]:
    """By what is said of each; who says nothing is in no group."""
    found: dict[str, list[RemotePartner]] = {}
    for item in partners:
        found.setdefault(key(item), []).append(item)
    found.pop("", None)
    return found


_JOURNAL_WORDS = {
    "1": ("ingresos", "bank"),
    "2": ("egresos", "bank"),
    "3": ("diario", "general"),
    "ingresos": ("ingresos", "bank"),
    "egresos": ("egresos", "bank"),
    "diario": ("diario", "general"),
}


def _suggest_journal(source: str, journals: Sequence[RemoteJournal]) -> Suggestion:
    """By name first; money in and out by the bank it moves; a general journal for any other type,
    because an entry is never refused there.
    """
    word, kind = _JOURNAL_WORDS.get(plain(source), (plain(source), "general"))
    for item in journals:
        if word and word in plain(item.name):
            return Suggestion(item.code, item.name, "like-name", 1.0)
    if kind == "bank" and any(item.account for item in journals):
        return Suggestion(BY_BANK, translate("map", BY_BANK_TEXT), "by-bank", 1.0)
    for item in journals:
        if "general" in (item.kind, *plain(item.name).split()):
            return Suggestion(item.code, item.name, "general-journal", 1.0)
    return NOTHING


def _suggest_dimension(source: str, dimensions: Sequence[RemoteDimension]) -> Suggestion:
    """The one of the same code (leading zeros say nothing); a question even so, because a segment
    of the source and a cost centre of the target need not be cut alike.
    """
    wanted = plain(source).lstrip("0")
    for item in dimensions:
        if wanted in (plain(item.code).lstrip("0"), plain(item.name)):
            return Suggestion(item.code, item.name, "equal-code", 0.5)
    return NOTHING


def uses(
    journal: Journal,
) -> tuple[Counter[tuple[MapKind, str]], dict[tuple[MapKind, str], str]]:
    uses: Counter[tuple[MapKind, str]] = Counter()
    names: dict[tuple[MapKind, str], str] = {}
    for row in batches.usages(journal, besides=OWN_SOURCE):
        key = (MapKind(row.kind), row.source)
        uses[key] += row.uses
        names[key] = row.name or names.get(key, "")
    for code, name in batches.account_names(journal).items():
        key = (MapKind.ACCOUNT, code)
        names[key] = names.get(key) or name
    return uses, names
