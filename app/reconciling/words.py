"""How a reconciliation speaks: categories, states of accounts, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.documents.obstacles import blocked_text
from app.matching import Matching
from app.matching.proof import ADJUSTMENT, AccountProof, AccountState
from app.matching.reasons import posted_to
from app.money import show
from app.translation import QT_TRANSLATE_NOOP, translate

CATEGORY_TEXTS = {
    "in-transit": QT_TRANSLATE_NOOP("workbook", "in transit"),
    "timing": QT_TRANSLATE_NOOP("workbook", "of another month"),
    "bank-fee": QT_TRANSLATE_NOOP("workbook", "fee or withholding to be posted"),
    "our-error": QT_TRANSLATE_NOOP("workbook", "our error, to be corrected"),
    "their-error": QT_TRANSLATE_NOOP("workbook", "the other side's error"),
    "other": QT_TRANSLATE_NOOP("workbook", "other reason"),
    "adjustment-posted": QT_TRANSLATE_NOOP("workbook", "other side of an adjustment"),
    "balance-agrees": QT_TRANSLATE_NOOP("workbook", "its account agrees by balance"),
    "carried-forward": QT_TRANSLATE_NOOP("workbook", "settles items of an earlier month"),
}
ACCOUNT_STATES = {
    AccountState.AGREES: QT_TRANSLATE_NOOP("workbook", "agrees"),
    AccountState.EXPLAINED: QT_TRANSLATE_NOOP("workbook", "explained"),
    AccountState.TO_DECIDE: QT_TRANSLATE_NOOP("workbook", "to decide"),
    AccountState.DIFFERS: QT_TRANSLATE_NOOP("workbook", "DIFFERS"),
}
_ADJUSTMENT = QT_TRANSLATE_NOOP("workbook", "to be posted to {account}")
DECISION_TEXTS = {
    "decision.accept": QT_TRANSLATE_NOOP("workbook", "matched"),
    "decision.part": QT_TRANSLATE_NOOP("workbook", "parted"),
    "decision.explain": QT_TRANSLATE_NOOP("workbook", "explained"),
    "decision.split": QT_TRANSLATE_NOOP("workbook", "split"),
    "decision.attach": QT_TRANSLATE_NOOP("workbook", "file kept"),
    "decision.adjust": QT_TRANSLATE_NOOP("workbook", "adjustment proposed"),
    "decision.withdrawn": QT_TRANSLATE_NOOP("workbook", "adjustment withdrawn"),
    "decision.undone": QT_TRANSLATE_NOOP("workbook", "taken back"),
    "decision.redone": QT_TRANSLATE_NOOP("workbook", "done again"),
    "reconciliation.prepared": QT_TRANSLATE_NOOP("workbook", "prepared"),
    "reconciliation.reviewed": QT_TRANSLATE_NOOP("workbook", "reviewed"),
    "reconciliation.signed": QT_TRANSLATE_NOOP("workbook", "signed"),
    "reconciliation.reopened": QT_TRANSLATE_NOOP("workbook", "opened again"),
}


_ONE_ACCOUNT = QT_TRANSLATE_NOOP(
    "workbook", "Accounts taken for one: {pairs}. Change it with [accounts] in the rules."
)
_SHARES = QT_TRANSLATE_NOOP(
    "workbook",
    "Differences that recur and look like fees or withholdings: {shares}. A rule of kind fee with"
    " its percent and cents, a name and an account confirms one (cuadre rules try).",
)
_SHARE = QT_TRANSLATE_NOOP("workbook", "{percent} % (cents {cents}, in {amounts} amounts)")
_NOT_SEARCHED = QT_TRANSLATE_NOOP(
    "workbook", "%n line(s) have too many possible partners or sums; not all were searched."
)
SHOWN_PAIRS, SHOWN_SHARES = 4, 3


def noticed(matching: Matching) -> Iterator[str]:
    """What the matching noticed and did not do, or did without being asked, by itself."""
    if matching.accounts:
        shown = [f"{pair.left} = {pair.right}" for pair in matching.accounts[:SHOWN_PAIRS]]
        pairs = _shortened(shown, matching.accounts)
        yield translate("workbook", _ONE_ACCOUNT).format(pairs=pairs)
    if matching.shares:
        text = translate("workbook", _SHARE)
        shares = [
            text.format(percent=abs(one.percent), amounts=one.amounts, cents=one.cents)
            for one in matching.shares[:SHOWN_SHARES]
        ]
        yield translate("workbook", _SHARES).format(shares=_shortened(shares, matching.shares))
    if matching.not_searched:
        yield translate("workbook", _NOT_SEARCHED, matching.not_searched)


def _shortened(shown: Sequence[str], every: Sequence[object]) -> str:
    """Those that are shown, and how many more there are."""
    more = len(every) - len(shown)
    return ", ".join([*shown, *([f"… +{more}"] if more else [])])


def category_text(category: str) -> str:
    """Why lines are open, or where a difference goes, in few words."""
    if category.startswith(ADJUSTMENT):
        return translate("workbook", _ADJUSTMENT).format(
            account=posted_to(category.removeprefix(ADJUSTMENT))
        )
    return (
        translate("workbook", CATEGORY_TEXTS[category])
        if category in CATEGORY_TEXTS
        else blocked_text(category)
    )


def closing_texts(account: AccountProof) -> Iterator[str]:
    """What a side prints as the closing balance of an account, where its own opening and movements
    give another.
    """
    texts = (
        translate(
            "workbook",
            "{account}: the left side states a closing balance of {stated}, opening and movements"
            " give {computed}",
        ),
        translate(
            "workbook",
            "{account}: the right side states a closing balance of {stated}, opening and movements"
            " give {computed}",
        ),
    )
    for place, text in enumerate(texts):
        if found := account.disagrees(place):
            yield text.format(
                account=account.account, stated=show(found[0]), computed=show(found[1])
            )
