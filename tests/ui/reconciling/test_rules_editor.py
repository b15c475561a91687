"""The company's rules are changed, tried on the month, and kept with a reason."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from app.matching.outcome import MatchState, Rule
from app.matching.rules import NEVER_AUTOMATIC, RuleSet, RuleSpec
from app.reconciling import runs
from app.ui.reconciling.page import ReconcilingPage
from app.ui.reconciling.rules_editor import (
    ACCOUNT,
    ALONE,
    CENTS,
    PERCENT,
    USED,
    RulesEditor,
)
from tests.ui.reconciling.test_adjustment_dialogs import country, page

__all__ = ["country", "page"]
Idle = Callable[[], None]
OK = QDialogButtonBox.StandardButton.Ok


def opened(page: ReconcilingPage) -> RulesEditor:
    page.deciding.rules_action.trigger()
    return page.findChildren(RulesEditor)[-1]


def line_of(dialog: RulesEditor, kind: Rule) -> int:
    return next(place for place, one in enumerate(dialog._specs) if one.kind is kind)


def test_unchanged_they_are_what_they_were(qtbot: QtBot, page: ReconcilingPage) -> None:
    assert opened(page).chosen() == RuleSet()


def test_a_rule_is_tried_before_it_holds(qtbot: QtBot, page: ReconcilingPage, idle: Idle) -> None:
    """Five cents between two lines are matched by tolerance; without it they are not."""
    assert page.result is not None
    matched = page.result.matching.count(MatchState.MATCHED)
    dialog = opened(page)
    dialog.table.cellWidget(line_of(dialog, Rule.TOLERANCE), USED).setChecked(False)  # type: ignore[union-attr]
    assert dialog.chosen().first(Rule.TOLERANCE) is None
    dialog.try_button.click()
    idle()
    assert f"conciliados {matched}" in dialog.outcome.text()
    assert f"conciliados {matched - 1}" in dialog.outcome.text()
    assert "Ya no se concilian: 1" in dialog.outcome.text()
    journal = page._session.journal
    assert runs.company_rules(journal) == RuleSet(), "trying keeps nothing"
    assert not dialog.buttons.button(OK).isEnabled()
    dialog.reason.setText("el banco no redondea")
    dialog.accept()
    idle()
    assert runs.company_rules(journal).first(Rule.TOLERANCE) is None
    assert page.result.matching.count(MatchState.MATCHED) == matched - 1


def test_a_fee_is_added_with_percent_and_account(qtbot: QtBot, page: ReconcilingPage) -> None:
    dialog = opened(page)
    dialog.fee.click()
    place = len(dialog._specs) - 1
    dialog.table.cellWidget(place, PERCENT).setValue(3.5)  # type: ignore[union-attr]
    dialog.table.cellWidget(place, ACCOUNT).setText(" 530515 ")  # type: ignore[union-attr]
    item = dialog.table.item(place, 1)
    assert item is not None
    item.setText("comisión del banco: comisión o retención")
    fee = dialog.chosen().first(Rule.FEE)
    assert fee is not None
    assert (fee.name, fee.percent, fee.account) == ("comisión del banco", Decimal("3.5"), "530515")
    assert not fee.automatic


@pytest.mark.parametrize("kind", sorted(NEVER_AUTOMATIC))
def test_what_never_confirms_by_itself_cannot_be_made_to(
    qtbot: QtBot, page: ReconcilingPage, kind: Rule
) -> None:
    dialog = opened(page)
    place = line_of(dialog, kind)
    assert not dialog.table.cellWidget(place, ALONE).isEnabled()  # type: ignore[union-attr]
    assert not dialog.table.cellWidget(place, CENTS).isEnabled()  # type: ignore[union-attr]


def test_what_the_editor_cannot_show_is_not_lost(
    qtbot: QtBot, page: ReconcilingPage, idle: Idle
) -> None:
    """More decimals than it has, a colon in a name, what it has no column for."""
    fee = RuleSpec(Rule.FEE, "TPV: banco", days=31, percent=Decimal("3.123456"), size=7, pool=11)
    rules = RuleSet(rules=(fee, *RuleSet().rules))
    kept = runs.keep_rules(page._session.journal, rules, "del contrato")
    assert opened(page).chosen() == kept
