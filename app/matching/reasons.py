"""Why lines belong together, and why others are open, in words a person can check."""

from __future__ import annotations

from math import exp

from app.matching.outcome import WEIGHED, Evidence, Group, Rule, Why
from app.matching.side import Side
from app.money import show
from app.translation import QT_TRANSLATE_NOOP, translate

RULE_TEXTS = {
    Rule.DOCUMENT: QT_TRANSLATE_NOOP("reconcile", "same document"),
    Rule.REFERENCE: QT_TRANSLATE_NOOP("reconcile", "reference and amount"),
    Rule.NORMALISED_REFERENCE: QT_TRANSLATE_NOOP("reconcile", "reference written otherwise"),
    Rule.SAID_TOGETHER: QT_TRANSLATE_NOOP("reconcile", "lines that say the same add up"),
    Rule.SHARED_REFERENCE: QT_TRANSLATE_NOOP("reconcile", "several lines of one reference"),
    Rule.LISTED_REFERENCES: QT_TRANSLATE_NOOP("reconcile", "references listed in the text"),
    Rule.EVIDENCE: QT_TRANSLATE_NOOP("reconcile", "amount, date and party or reference"),
    Rule.TOLERANCE: QT_TRANSLATE_NOOP("reconcile", "tolerance"),
    Rule.FEE: QT_TRANSLATE_NOOP("reconcile", "fee or withholding"),
    Rule.SHARE: QT_TRANSLATE_NOOP("reconcile", "a share that recurs: a fee or a withholding"),
    Rule.RATE: QT_TRANSLATE_NOOP("reconcile", "exchange rate"),
    Rule.PARTY_SUM: QT_TRANSLATE_NOOP("reconcile", "sum of one party"),
    Rule.DAY_SUM: QT_TRANSLATE_NOOP("reconcile", "sum of a day"),
    Rule.REVERSAL: QT_TRANSLATE_NOOP("reconcile", "reversal"),
    Rule.AMOUNT: QT_TRANSLATE_NOOP("reconcile", "amount and date only"),
    Rule.REFERENCE_OTHER_AMOUNT: QT_TRANSLATE_NOOP("reconcile", "reference with another amount"),
    Rule.PERSON: QT_TRANSLATE_NOOP("reconcile", "a person"),
}
_SAID = QT_TRANSLATE_NOOP("reconcile", "decided by a person: {said}")
_SAME_FORM = QT_TRANSLATE_NOOP("reconcile", "same reference {reference}")
_OTHER_FORM = QT_TRANSLATE_NOOP("reconcile", "{reference} is {other} written otherwise")
_NUMBER = QT_TRANSLATE_NOOP("reconcile", "same number in {reference} and {other}")
_MENTIONED = QT_TRANSLATE_NOOP("reconcile", "the text of one names the reference of the other")
_LIKE = QT_TRANSLATE_NOOP("reconcile", "{reference} is nearly {other}")
_DIFFERENT = QT_TRANSLATE_NOOP("reconcile", "the references differ: {reference}, {other}")
_DOCUMENT = QT_TRANSLATE_NOOP("reconcile", "same document {document}")
_TAX_ID = QT_TRANSLATE_NOOP("reconcile", "same tax id")
_PARTY = QT_TRANSLATE_NOOP("reconcile", "same party")
_LIKE_PARTY = QT_TRANSLATE_NOOP("reconcile", "similar party")
_OTHER_PARTY = QT_TRANSLATE_NOOP("reconcile", "another party")
_AMOUNT = QT_TRANSLATE_NOOP("reconcile", "same amount {amount}")
_AGAINST = QT_TRANSLATE_NOOP("reconcile", "{amount} against {other}, difference {gap}")
_FOREIGN = QT_TRANSLATE_NOOP("reconcile", "local amount of {foreign}")
_POSTED = QT_TRANSLATE_NOOP("reconcile", "to be posted to {account}")
_CANCEL = QT_TRANSLATE_NOOP("reconcile", "{amount} and its opposite on one side")
_SAME_DAY = QT_TRANSLATE_NOOP("reconcile", "same day")
_DAYS = QT_TRANSLATE_NOOP("reconcile", "%n day(s) apart")
_WORD = QT_TRANSLATE_NOOP("reconcile", "a rare word in both texts")
_ACCOUNTS = QT_TRANSLATE_NOOP("reconcile", "accounts that go together elsewhere")
_TWINS = QT_TRANSLATE_NOOP("reconcile", "repeated on both sides, paired by date")
_ONLY = QT_TRANSLATE_NOOP("reconcile", "nothing else agrees")
_NO_AMOUNT = QT_TRANSLATE_NOOP("reconcile", "no line of the other side has this amount")
_WITH_AMOUNT = QT_TRANSLATE_NOOP(
    "reconcile", "%n line(s) of the other side have this amount, none fits well enough"
)
_COMBINATIONS = QT_TRANSLATE_NOOP("reconcile", "%n combination(s) add up to it")
_TOLD, _WHOLE = 0.1, 10
"""Log odds from which on a factor is told, and the factor from which on without decimals."""
_REPEATED = QT_TRANSLATE_NOOP("reconcile", "repeats row {row} of the same side, which is matched")


def reason(group: Group, left: Side, right: Side) -> str:
    """Why the group was made, in the current language. Behind what was weighed stands the factor
    by which it makes the pair likelier (×) or less likely (÷), last how likely it is in all.
    """
    parts = [_say(_SAID, said=group.said or "–")] if group.rule is Rule.PERSON else []
    if group.rule is Rule.DOCUMENT and group.left:
        parts.append(_say(_DOCUMENT, document=left.document[group.left[0]]))
    elif group.rule is not Rule.PERSON:
        parts += _weighed(_references(group, left, right), group, "reference")
    parts += _weighed(_parties(group), group, "party")
    parts += _weighed([_amounts(group, left, right)], group, "amount")
    parts += [_say(_FOREIGN, foreign=said) for said in _foreign(group, left, right)]
    if group.left and group.right:
        parts += _weighed([_days(group, left, right)], group, "days")
    if group.evidence & Evidence.RARE_WORD:
        parts += _weighed([_say(_WORD)], group, "words")
    if abs(_factor(group, "accounts")) > _TOLD:
        parts += _weighed([_say(_ACCOUNTS)], group, "accounts")
    if group.evidence & Evidence.TWINS:
        parts.append(_say(_TWINS))
    if not group.evidence & ~(Evidence.SAME_AMOUNT | Evidence.SUM) and group.rule in (
        Rule.AMOUNT,
        Rule.DAY_SUM,
    ):
        parts.append(_say(_ONLY))
    if group.adjustment:
        parts.append(_say(_POSTED, account=posted_to(group.adjustment)))
    said = _sentence(parts)
    return f"{said} → {100 * group.confidence:.2f} %" if group.odds else said


def _weighed(parts: list[str], group: Group, kind: str) -> list[str]:
    """The parts with the factor of their evidence, where it was weighed and says something."""
    weight = _factor(group, kind)
    if not parts or abs(weight) < _TOLD:
        return parts
    sign, factor = ("×", exp(weight)) if weight > 0 else ("÷", exp(-weight))
    shown = f"{factor:,.0f}" if factor >= _WHOLE else f"{factor:.1f}"
    return [f"{parts[0]} {sign}{shown}", *parts[1:]]


def _factor(group: Group, kind: str) -> float:
    """The log of the factor of a kind of evidence; 0 where nothing was weighed."""
    return group.odds[WEIGHED.index(kind)] / 10 if group.odds else 0.0


def _foreign(group: Group, left: Side, right: Side) -> list[str]:
    """The amounts of a group in their own currencies and the rates they were compared by."""
    mine = [left.foreign[line] for line in group.left if line in left.foreign]
    theirs = [right.foreign[line] for line in group.right if line in right.foreign]
    return [*mine, *theirs]


def posted_to(adjustment: str) -> str:
    """Where a difference goes: an account, or what the rule is called where it names none."""
    known = {rule.value: text for rule, text in RULE_TEXTS.items()}
    return translate("reconcile", known[adjustment]) if adjustment in known else adjustment


def why_open(why: Why, side: Side) -> str:
    """Why a line has no partner, in the current language."""
    parts = []
    if why.twin >= 0:
        parts.append(_say(_REPEATED, row=side.row[why.twin]))
    if why.combinations:
        parts.append(translate("reconcile", _COMBINATIONS, why.combinations))
    if why.candidates:
        parts.append(translate("reconcile", _WITH_AMOUNT, why.candidates))
    elif not parts:
        parts.append(_say(_NO_AMOUNT))
    return _sentence(parts)


def _references(group: Group, left: Side, right: Side) -> list[str]:
    if not group.left or not group.right:
        return []
    reference, other = left.reference[group.left[0]], right.reference[group.right[0]]
    if group.evidence & Evidence.SAME_FORM:
        return [
            _say(
                _SAME_FORM if reference == other else _OTHER_FORM, reference=reference, other=other
            )
        ]
    for flag, text in (
        (Evidence.SAME_NUMBER, _NUMBER),
        (Evidence.MENTIONED, _MENTIONED),
        (Evidence.LIKE_REFERENCE, _LIKE),
        (Evidence.OTHER_REFERENCE, _DIFFERENT),
    ):
        if group.evidence & flag:
            return [_say(text, reference=reference or "–", other=other or "–")]
    return []


def _parties(group: Group) -> list[str]:
    for flag, text in (
        (Evidence.SAME_TAX_ID, _TAX_ID),
        (Evidence.SAME_PARTY, _PARTY),
        (Evidence.LIKE_PARTY, _LIKE_PARTY),
        (Evidence.OTHER_PARTY, _OTHER_PARTY),
    ):
        if group.evidence & flag:
            return [_say(text)]
    return []


def _amounts(group: Group, left: Side, right: Side) -> str:
    mine = [int(left.amount[index]) for index in group.left]
    theirs = [int(right.amount[index]) for index in group.right]
    if not mine or not theirs:
        return _say(_CANCEL, amount=show(abs((mine or theirs)[0])))
    if abs(sum(mine)) != abs(sum(theirs)):
        gap = abs(sum(mine)) - abs(sum(theirs))
        return _say(_AGAINST, amount=show(sum(mine)), other=show(sum(theirs)), gap=show(gap))
    if len(mine) == len(theirs) == 1:
        return _say(_AMOUNT, amount=show(mine[0]))
    sums = [" + ".join(map(show, side)) for side in (mine, theirs)]
    return " = ".join(sums)


def _days(group: Group, left: Side, right: Side) -> str:
    days = (
        [int(left.day[index]) for index in group.left],
        [int(right.day[index]) for index in group.right],
    )
    gap = max(max(days[0]) - min(days[1]), max(days[1]) - min(days[0]))
    return translate("reconcile", _DAYS, gap) if gap else _say(_SAME_DAY)


def _sentence(parts: list[str]) -> str:
    joined = " · ".join(part for part in parts if part)
    return joined[:1].upper() + joined[1:]


def _say(text: str, **values: object) -> str:
    return translate("reconcile", text).format(**values)
