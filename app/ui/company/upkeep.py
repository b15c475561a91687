"""Taking a set-up along, helping, newer versions: each shown before it is done."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app import telling
from app.agent import setup
from app.agent.setup import KINDS, Change, Setup
from app.company import settings, updates
from app.company.program import portable_folder
from app.company.updates import Release
from app.month_end import support
from app.system_words import system_words
from app.translation import translate
from app.ui.mnemonics import Dialog
from app.ui.plain import Label, plain
from app.ui.session import Session
from app.ui.tables import Column, RowsModel, Table
from app.ui.widgets import Hint, Title, primary

ARCHIVE = "Zip (*.zip)"


class Upkeep:
    """What the menus offer; everything is asked over ``window``."""

    def __init__(self, session: Session, window: QWidget) -> None:
        self._session, self._window = session, window

    def export_setup(self) -> None:
        title = translate("upkeep", "Export the set-up")
        name, _ = QFileDialog.getSaveFileName(self._window, title, "cuadre-setup.zip", ARCHIVE)
        if name:
            journal, home = self._session.journal, self._session.home
            self._run(
                lambda: setup.export_setup(journal, home, Path(name)),
                lambda _: self._say(title, _written(name)),
            )

    def import_setup(self) -> None:
        title = translate("upkeep", "Import a set-up")
        name, _ = QFileDialog.getOpenFileName(self._window, title, "", ARCHIVE)
        if not name:
            return
        journal, home = self._session.journal, self._session.home

        def work() -> tuple[Setup, list[Change]]:
            given = setup.read_setup(Path(name))
            return given, setup.changes(journal, home, given)

        self._run(work, lambda found: self._offer(*found))

    def support(self) -> None:
        journal, home = self._session.journal, self._session.home
        self._run(
            lambda: support.bundle(journal, home),
            self._show_support,
        )

    def look_for_updates(self) -> None:
        journal = self._session.journal
        self._run(lambda: updates.check(journal), self._show_release)

    def _offer(self, given: Setup, found: Sequence[Change]) -> None:
        if not found:
            text = translate("setup", "Everything is set up so already.")
            self._say(translate("upkeep", "Import a set-up"), text)
            return
        dialog = SetupDialog(found, self._window)
        journal, home = self._session.journal, self._session.home
        dialog.accepted.connect(
            lambda: self._run(
                lambda: setup.import_setup(journal, home, given, dialog.reason.text().strip()),
                lambda _: self._session.changed.emit(),
            )
        )
        dialog.open()

    def _show_support(self, parts: Mapping[str, str]) -> None:
        SupportDialog(parts, self._save_support, self._window).open()

    def _save_support(self, parts: Mapping[str, str]) -> None:
        title = translate("upkeep", "Support bundle")
        name, _ = QFileDialog.getSaveFileName(self._window, title, "cuadre-support.zip", ARCHIVE)
        if name:
            self._run(
                lambda: support.write(parts, Path(name)),
                lambda _: self._say(title, _written(name)),
            )

    def _show_release(self, release: Release) -> None:
        title = translate("upkeep", "Updates")
        if not release.is_newer:
            self._say(title, translate("setup", "This is the newest version."))
            return
        text = translate("upkeep", "Version {version} is there. Download and install it?")
        asked = QMessageBox.question(
            self._window,
            title,
            plain(f"{text.format(version=release.version)}\n\n{release.told}"),
        )
        if asked == QMessageBox.StandardButton.Yes:
            folder = Path(tempfile.mkdtemp(prefix="cuadre-update-"))
            self._session.tasks.run(
                lambda _: updates.download(release, folder), self._install, failed=self._failed
            )

    def _install(self, installer: Path) -> None:
        """The installer refuses while the window is open, so this one goes first. A program that is
        carried about, or that IT installed, is not installed once more.
        """
        is_own = portable_folder() is None and updates.can_start()
        if is_own and self._window.close():
            updates.start(installer)
        else:
            text = translate("setup", "The installer lies in {path}.").format(path=installer)
            self._say(translate("upkeep", "Updates"), text)

    def _run(self, work: Callable[[], object], done: Callable[..., None]) -> None:
        self._session.tasks.run(lambda _: work(), done, writes=True, failed=self._failed)

    def _failed(self, error: BaseException) -> bool:
        told = telling.tell(error)
        if isinstance(error, settings.ConnectionInUse):
            told = translate(
                "setup",
                "A connection of this name sent to {url} already; the import stopped there.",
            ).format(url=error)
        if isinstance(error, OSError):
            told = f"{error.filename or ''}\n{system_words(error)}".strip()
        if told:
            QMessageBox.warning(self._window, "Cuadre", plain(told))
        return bool(told)

    def _say(self, title: str, text: str) -> None:
        box = QMessageBox(QMessageBox.Icon.Information, title, plain(text), parent=self._window)
        box.open()


class SetupDialog(Dialog):
    """What would change, and why."""

    def __init__(self, found: Sequence[Change], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import a set-up"))
        self.resize(820, 420)
        new = translate("setup", "new")
        model = RowsModel(
            [
                Column(self.tr("What"), lambda one: translate("setup", KINDS[one.kind])),
                Column(self.tr("Name"), lambda one: one.name),
                Column(self.tr("Until now"), lambda one: " ".join(one.before.split()) or new),
                Column(self.tr("From now on"), lambda one: " ".join(one.after.split())),
            ],
            self,
        )
        model.set_rows(list(found))
        table = Table(model, self.windowTitle())
        table.fit_columns(260)
        self.reason = QLineEdit()
        label = Label(self.tr("Why:"))
        label.setBuddy(self.reason)
        self.buttons = _buttons(self, self.tr("Take it over"))
        self.reason.textChanged.connect(self._check)
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(self.tr("What is here and not in the file stays as it is.")))
        box.addWidget(table, 1)
        box.addWidget(label)
        box.addWidget(self.reason)
        box.addWidget(self.buttons)
        self._check()

    def _check(self) -> None:
        accept = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        accept.setEnabled(bool(self.reason.text().strip()))


class SupportDialog(Dialog):
    """All that would be saved; ``save`` gets it."""

    def __init__(
        self,
        parts: Mapping[str, str],
        save: Callable[[Mapping[str, str]], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Support bundle"))
        self.resize(760, 460)
        shown = QPlainTextEdit()
        shown.setReadOnly(True)
        shown.setTabChangesFocus(True)
        shown.setAccessibleName(self.windowTitle())
        shown.setPlainText("\n\n".join(f"── {name}\n{parts[name]}" for name in sorted(parts)))
        self.shown = shown
        self.buttons = _buttons(self, self.tr("Save as…"))
        self.accepted.connect(lambda: save(parts))
        hint = self.tr(
            "This is all that is saved. Nothing is sent anywhere; give the file to whom you want."
        )
        box = QVBoxLayout(self)
        box.addWidget(Title(self.windowTitle()))
        box.addWidget(Hint(hint))
        box.addWidget(shown, 1)
        box.addWidget(self.buttons)


def _buttons(dialog: Dialog, text: str) -> QDialogButtonBox:
    buttons = QDialogButtonBox(
        QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
    )
    accept = buttons.button(QDialogButtonBox.StandardButton.Ok)
    accept.setText(text)
    primary(accept)
    buttons.button(QDialogButtonBox.StandardButton.Cancel).setText(translate("upkeep", "Cancel"))
    buttons.accepted.connect(dialog.accept)
    buttons.rejected.connect(dialog.reject)
    return buttons


def _written(name: str) -> str:
    return translate("upkeep", "Written to {path}.").format(path=name)
