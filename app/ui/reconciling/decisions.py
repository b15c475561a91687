"""What people decide about the lines selected in the two tables, and the menu of what is done less
often.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from app import telling
from app.decisions import Attach, Decision, Explain, Match, Part
from app.documents.maps import MapKind, Maps
from app.journal import Journal
from app.matching import Group
from app.matching.outcome import MatchState
from app.money import show
from app.reconciling import adjustment_vouchers, decisions, in_place, papers, runs
from app.reconciling.adjustment_vouchers import Adjustment, Drafts, NothingToAdjust
from app.reconciling.changed_lines import change_texts, changes
from app.reconciling.runs import Reconciliation
from app.reconciling.signing import State
from app.ui.plain import plain
from app.ui.reconciling.adjustment_dialogs import (
    AdjustDialog,
    AlternativesDialog,
    AttachmentsDialog,
    SplitDialog,
    VouchersDialog,
)
from app.ui.reconciling.alignment import Aligned
from app.ui.reconciling.card import DecisionCard
from app.ui.reconciling.lines import Lines
from app.ui.reconciling.rows import Places, Rows
from app.ui.reconciling.rules_editor import ask_for_rules
from app.ui.reconciling.saying import are_alike, lines_of_all, other_possibilities
from app.ui.reconciling.signing import ExplainDialog
from app.ui.reconciling.sure_dialog import SureDialog
from app.ui.session import Session
from app.ui.tasks import Progress

MOST_CHANGES = 30


class Deciding(QObject):
    """``began``: a decision is being kept; ``edited``: the rows after it and their order;
    ``decided``: it has to be run again, with a text for the person; ``told`` is a text alone;
    ``sought`` is what should be searched.
    """

    began = Signal()
    decided = Signal(str)
    edited = Signal(object, object)
    told = Signal(str)
    sought = Signal(str)

    def __init__(
        self,
        session: Session,
        page: QWidget,
        lines: Lines,
        card: DecisionCard,
        failed: Callable[[BaseException], bool],
        told_of: Callable[[BaseException], bool],
    ) -> None:
        """``failed`` is for a decision that was not kept, ``told_of`` for what only reads; both
        answer whether the person was told.
        """
        super().__init__(page)
        self._session, self._page, self._lines, self._card = session, page, lines, card
        self._failed, self._told_of = failed, told_of
        self._before: list[Reconciliation] = []
        """What was shown before each decision that changed it in place."""
        self.menu = QMenu(page)
        self.sure_action = self._action(self.tr("Accept all that are sure…"), self.accept_sure)
        self.tick_action = self._action(self.tr("Tick to add up"), self.tick)
        self.find_action = self._action(self.tr("Search what is missing"), self.find)
        self.split_action = self._action(self.tr("Split the line…"), self.split)
        self.adjust_action = self._action(self.tr("Propose an adjustment…"), self.adjust)
        self.vouchers_action = self._action(self.tr("Adjustments proposed…"), self.vouchers)
        self.alternatives_action = self._action(self.tr("Other possibilities…"), self.alternatives)
        self.changes_action = self._action(self.tr("What changed…"), self.changes)
        self.rules_action = self._action(self.tr("Rules of matching…"), self.rules)
        self.attach_action = self._action(self.tr("Attached files…"), self.attachments)

    def lock(self, locked: bool) -> None:
        """Of a signed month only the files can still be looked at."""
        for action in (
            self.sure_action,
            self.tick_action,
            self.split_action,
            self.adjust_action,
            self.alternatives_action,
        ):
            action.setEnabled(not locked)

    def accept(self) -> None:
        """Accept the groups selected, or pair the only-left with the only-right lines that are
        selected.
        """
        result = self._lines.result
        if result is None or self._accept_ticked(result) or self._accept_other(result):
            return
        chosen = [item for item in self._lines.selected_rows() if item.state != MatchState.MATCHED]
        proposed = {id(item.group): item for item in chosen if item.group is not None}
        free = [item for item in chosen if item.group is None]
        wanted: list[Decision] = [
            Match(*self._keys([item]), adjustment=item.group.adjustment if item.group else "")
            for item in proposed.values()
        ]
        left, right = self._keys(free)
        if left and right:
            wanted.append(Match(left, right))
        if not wanted:
            self.told.emit(
                self.tr(
                    "Select a suggestion or a difference, or one line of each side (Ctrl+click)."
                )
            )
            return
        self._decide(result, *wanted)

    def _accept_ticked(self, result: Reconciliation) -> bool:
        """Pair the lines that are ticked, where some are; they have to be of both sides. What is
        missing is asked about.
        """
        ticks = self._lines.ticks
        left, right = ticks.lines
        if not ticks:
            return False
        if not (left and right):
            self.told.emit(self.tr("Tick lines of both sides to pair them."))
            return True
        if not are_alike(result, left, right):
            self.told.emit(self.tr("The ticked lines are in several currencies."))
            return True
        missing = ticks.missing(result)
        text = self.tr("{amount} would stay missing between these lines. Pair them all the same?")
        answer = (
            QMessageBox.question(
                self._page, self.tr("Accept"), plain(text.format(amount=show(missing)))
            )
            if missing
            else QMessageBox.StandardButton.Yes
        )
        if answer == QMessageBox.StandardButton.Yes:
            mine = tuple(result.left.key[index] for index in left)
            self._decide(result, Match(mine, tuple(result.right.key[index] for index in right)))
        return True

    def _accept_other(self, result: Reconciliation) -> bool:
        """The other possibility that the card shows, where it shows one."""
        other = self._card.other
        if other is not None:
            self._decide(result, Match(*_keys_of(result, other), adjustment=other.adjustment))
        return other is not None

    def tick(self) -> None:
        if not self._lines.tick():
            self.told.emit(self.tr("What is matched has to be taken apart before."))

    def find(self) -> None:
        """Search the amount that is missing between the ticked lines."""
        result, ticks = self._lines.result, self._lines.ticks
        if result is not None and ticks and (missing := ticks.missing(result)):
            self.sought.emit(show(abs(missing)))

    def accept_sure(self) -> None:
        """Every suggestion of at least a confidence, in one act."""
        result = self._lines.result
        if result is None:
            return

        def decide(groups: Sequence[Group]) -> None:
            made = [
                Match(
                    tuple(result.left.key[index] for index in group.left),
                    tuple(result.right.key[index] for index in group.right),
                    adjustment=group.adjustment,
                )
                for group in groups
            ]
            self._decide(result, *made)

        SureDialog(result, decide, self._page).open()

    def part(self) -> None:
        chosen = [item for item in self._lines.selected_rows() if item.group is not None]
        if not chosen:
            self.told.emit(self.tr("Select a match to take apart."))
            return
        self._decide(self._lines.result, Part(*self._keys(chosen[:1])))

    def explain(self) -> None:
        result, chosen = (
            self._lines.result,
            [item for item in self._lines.selected_rows() if item.group is None],
        )
        if result is None or not chosen:
            self.told.emit(self.tr("Select open lines to explain."))
            return
        dialog = ExplainDialog(self._page)
        left, right = self._keys(chosen)
        dialog.accepted.connect(
            lambda: self._decide(
                result,
                Explain(
                    left,
                    right,
                    category=dialog.category.currentData(),
                    note=dialog.note.text().strip(),
                ),
            )
        )
        dialog.open()

    def undo(self) -> None:
        """Take the last decision back; what was shown before it is shown again at once, unless
        somebody else decided in between.
        """
        result, journal = self._lines.result, self._session.journal
        if result is None or not self._before:
            self._move(decisions.undo)
            return
        before = self._before[-1]

        def work(_: Progress) -> tuple[Rows, Places | None] | None:
            decisions.undo(journal, result)
            stands = in_place.stands(journal, before)
            return self._lines.after(runs.record(journal, before)) if stands else None

        def show(changed: tuple[Rows, Places | None] | None) -> None:
            if changed is None or self._lines.result is not result:
                self.decided.emit("")
                return
            self._before.pop()
            self.edited.emit(*changed)

        self.began.emit()
        self._session.tasks.run(work, show, writes=True, failed=self._failed)

    def redo(self) -> None:
        self._move(decisions.redo)

    def split(self) -> None:
        result, chosen = self._lines.result, self._lines.selected_rows()
        line = self._line(chosen[0]) if len(chosen) == 1 else None
        if result is None or line is None:
            self.told.emit(self.tr("Select the line to split."))
            return
        place, index = line
        side = (result.left, result.right)[place]
        dialog = SplitDialog(side, index, self._page)
        journal, key = self._session.journal, side.key[index]
        dialog.accepted.connect(
            lambda: self._do(
                lambda: decisions.split(
                    journal, result, place, key, dialog.parts(), dialog.note.text().strip()
                )
            )
        )
        dialog.open()

    def adjust(self) -> None:
        """Of the lines selected where they differ; of everything the rules let differ where nothing
        such is selected.
        """
        result, chosen = self._lines.result, self._lines.selected_rows()
        names = (
            [spec[5:] for spec in reversed(result.specs) if spec.startswith("pull:")]
            if result
            else []
        )
        if result is None or not names:
            self.told.emit(telling.tell(NothingToAdjust("target")))
            return
        journal, name = self._session.journal, names[0]
        self._session.tasks.run(
            lambda _: _drafted(journal, result, name, chosen),
            lambda found: self._offer(result, name, found),
            failed=self._told_of,
        )

    def _offer(self, result: Reconciliation, name: str, found: list[Adjustment]) -> None:
        if not found:
            self.told.emit(
                self.tr(
                    "Nothing selected differs, and the rules let nothing differ that is not"
                    " proposed."
                )
            )
            return
        journal = self._session.journal
        accounts = (
            {rule.account for rule in result.rules.rules}
            | set(result.left.account)
            | set(result.right.account)
        )
        dialog = AdjustDialog(
            found, {name: _journals(journal, name)}, sorted(accounts - {""}), self._page
        )

        def proposed() -> None:
            chosen, code = dialog.adjustments(), dialog.journal.currentText().strip()
            text = self.tr(
                "Proposed: %n adjustment(s). They go with the next sending.", "", len(chosen)
            )
            self._do(lambda: adjustment_vouchers.propose(journal, result, name, code, chosen), text)

        dialog.accepted.connect(proposed)
        dialog.open()

    def vouchers(self) -> None:
        result = self._lines.result
        found = papers.vouchers(self._session.journal, result) if result else []
        if result is None or not found:
            self.told.emit(self.tr("No adjustment was proposed."))
            return
        journal = self._session.journal
        dialog = VouchersDialog(found, result.standing.state is State.SIGNED, self._page)
        text = self.tr("The adjustment is withdrawn.")
        dialog.withdrawn.connect(
            lambda reference: self._do(lambda: decisions.withdraw(journal, reference), text)
        )
        dialog.open()

    def alternatives(self) -> None:
        result, chosen = self._lines.result, self._lines.selected_rows()
        found = other_possibilities(result, chosen) if result else []
        if result is None or not found:
            self.told.emit(self.tr("There is no other possibility for what is selected."))
            return
        dialog = AlternativesDialog(result, found, self._page)
        dialog.chosen.connect(
            lambda group: self._decide(
                result, Match(*_keys_of(result, group), adjustment=group.adjustment)
            )
        )
        dialog.open()

    def rules(self) -> None:
        """The company's rules, tried on what is shown; where others hold it is matched anew."""
        result = self._lines.result
        if result is not None:
            ask_for_rules(
                self._session, result, self._page, lambda: self.decided.emit(""), self._told_of
            )

    def changes(self) -> None:
        """What is no longer as people decided on it."""
        result = self._lines.result
        found = list(change_texts(changes(self._session.journal, result))) if result else []
        if not found:
            self.told.emit(self.tr("Every decision holds: its lines are there as they were."))
            return
        text = "\n".join(found[:MOST_CHANGES])
        box = QMessageBox(
            QMessageBox.Icon.Information, self.tr("What changed"), plain(text), parent=self._page
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        box.open()

    def attachments(self) -> None:
        result = self._lines.result
        if result is None:
            return
        attached = [item for item in result.decided if isinstance(item, Attach)]
        locked = result.standing.state is State.SIGNED
        AttachmentsDialog(attached, self._attach, self._save, locked, self._page).open()

    def _attach(self) -> None:
        result = self._lines.result
        name, _ = QFileDialog.getOpenFileName(self._page, self.tr("Attach a file"), "")
        if result is not None and name:
            journal, (left, right) = self._session.journal, self._keys(self._lines.selected_rows())
            self._do(lambda: decisions.attach(journal, result, Path(name), left, right))

    def _save(self, name: str, digest: str) -> None:
        path, _ = QFileDialog.getSaveFileName(self._page, self.tr("Save as"), name)
        journal = self._session.journal
        if path:
            self._session.tasks.run(
                lambda _: Path(path).write_bytes(decisions.attachment(journal, digest)),
                lambda _: self.told.emit(self.tr("Written to {path}.").format(path=path)),
                failed=self._told_of,
            )

    def _line(self, item: Aligned) -> tuple[int, int] | None:
        """The one line meant by a row: of the side that has the keyboard where both have one."""
        lines = (item.left, item.right)
        place = self._lines.side if min(lines) >= 0 else int(item.left < 0)
        return (place, lines[place]) if lines[place] >= 0 else None

    def _keys(self, chosen: Sequence[Aligned]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The lines of both sides of what is selected, whole groups where they are of one."""
        result = self._lines.result
        if result is None:
            return (), ()
        left, right = lines_of_all(chosen)
        return (
            tuple(result.left.key[index] for index in sorted(left)),
            tuple(result.right.key[index] for index in sorted(right)),
        )

    def _decide(self, result: Reconciliation | None, *made: Decision) -> None:
        if result is None:
            return
        journal = self._session.journal

        def work(_: Progress) -> tuple[Rows, Places | None]:
            decisions.decide_all(journal, result, lambda _: made)
            return self._lines.after(runs.record(journal, in_place.after(result, made)))

        def show(changed: tuple[Rows, Places | None]) -> None:
            if self._lines.result is not result:
                self.decided.emit("")
                return
            self._before.append(result)
            self.edited.emit(*changed)

        self.began.emit()
        self._session.tasks.run(work, show, writes=True, failed=self._failed)

    def forget(self) -> None:
        """The reconciliation was run again: what was shown before is no longer to be gone back
        to.
        """
        self._before.clear()

    def _do(self, work: Callable[[], object], text: str = "") -> None:
        self.began.emit()
        self._session.tasks.run(
            lambda _: work(), lambda _: self.decided.emit(text), writes=True, failed=self._failed
        )

    def _move(self, step: Callable[[Journal, Reconciliation], bool]) -> None:
        result, journal = self._lines.result, self._session.journal
        if result is None:
            self._moved(False)
        else:
            self._session.tasks.run(
                lambda _: step(journal, result), self._moved, writes=True, failed=self._failed
            )

    def _moved(self, moved: bool) -> None:
        if moved:
            self.decided.emit("")
        else:
            self.told.emit(self.tr("There is no decision to take back."))

    def _action(self, text: str, run: Callable[[], None]) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(lambda _=False: run())
        return action


def _drafted(
    journal: Journal, result: Reconciliation, connection: str, chosen: Sequence[Aligned]
) -> list[Adjustment]:
    """The adjustments of the rows chosen where they differ; those the rules allow where none
    does.
    """
    drafts = Drafts(journal, result, connection)
    groups = {id(item.group): item.group for item in chosen if item.group is not None}
    wanted: list[tuple[Sequence[int], Sequence[int]]] = [
        (group.left, group.right) for group in groups.values()
    ]
    free = [item for item in chosen if item.group is None]
    wanted += [
        ([item.left] if item.left >= 0 else [], [item.right] if item.right >= 0 else [])
        for item in free
    ]
    known = {(one.left, one.right): one for one in drafts.differences()}
    made = [drafts.of_lines(left, right) for left, right in wanted]
    found = [
        known.get((one.left, one.right), one)
        for one in made
        if one is not None and not drafts.is_adjusted(one)
    ]
    return found or list(known.values())


def _journals(journal: Journal, connection: str) -> list[str]:
    """The journals of the target that its map knows."""
    links = Maps.load(journal, connection).links
    return sorted({link.target for (kind, _), link in links.items() if kind is MapKind.JOURNAL})


def _keys_of(result: Reconciliation, group: Group) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(result.left.key[i] for i in group.left), tuple(
        result.right.key[j] for j in group.right
    )
