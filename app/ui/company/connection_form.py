"""What has to be said about a connection: the form changes with the system that is chosen."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QGroupBox,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QWidget,
)

from app.company.addresses import parted
from app.company.settings import ConnectionSettings
from app.translation import QT_TRANSLATE_NOOP, translate
from app.ui.plain import Label
from app.ui.widgets import row
from connectors.systems import SYSTEMS
from connectors.vendor import Option, Vendor

CHOICE_TEXTS = {
    "no": QT_TRANSLATE_NOOP("systems", "No"),
    "yes": QT_TRANSLATE_NOOP("systems", "Yes"),
}
CERTIFICATE = "certificate"
"""The option a person does not type: it is shown by the server, and trusted or not."""


class ConnectionForm(QGroupBox):
    """``save``, ``log_in``, ``certificate`` and ``help`` are buttons for the page to connect."""

    system_changed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setTitle(self.tr("Connection"))
        self.name, self.url, self.database = QLineEdit(), QLineEdit(), QLineEdit()
        self.user, self.secret, self.system = QLineEdit(), QLineEdit(), QComboBox()
        self.per_minute, self.per_day = QSpinBox(), QSpinBox()
        for box, most in ((self.per_minute, 100_000), (self.per_day, 10_000_000)):
            box.setRange(0, most)
            box.setMinimumHeight(self.name.sizeHint().height())
            box.setSpecialValueText(self.tr("no limit of our own"))
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self.url.setPlaceholderText("https://…")
        for system in SYSTEMS.values():
            self.system.addItem(system.title, system.name)
        self.save = QPushButton(self.tr("Save connection"))
        self.log_in = QPushButton(self.tr("Log in with the browser…"))
        self.certificate = QPushButton(self.tr("Show the server's certificate…"))
        self.help = QPushButton(self.tr("What to create there…"))
        self.options: dict[str, QWidget] = {}
        self._pinned = self._shown = ""
        self._left: dict[str, ConnectionSettings] = {}
        self._form = QFormLayout(self)
        for text, widget in (
            (self.tr("Name:"), self.name),
            (self.tr("System:"), self.system),
            (self.tr("Address:"), self.url),
        ):
            self._form.addRow(text, widget)
        self._words = {widget: Label() for widget in (self.database, self.user, self.secret)}
        for widget, label in self._words.items():
            label.setBuddy(widget)
            self._form.addRow(label, widget)
        self._fixed_rows = self._form.rowCount()
        self._form.addRow(self.tr("Calls per minute:"), self.per_minute)
        self._form.addRow(self.tr("Calls per day:"), self.per_day)
        self._form.addRow(self.certificate)
        self._form.addRow(self.log_in)
        self._form.addRow(row(self.help, 1, self.save))
        self.setFixedWidth(430)
        self.system.currentIndexChanged.connect(self._show_system)
        self._show_system()

    @property
    def chosen(self) -> Vendor:
        return SYSTEMS[self.system.currentData()]

    def fill(self, item: ConnectionSettings) -> None:
        """Show a kept connection; its secret is never shown."""
        self.system.setCurrentIndex(self.system.findData(item.system))
        for edit, text in (
            (self.name, item.name),
            (self.url, item.url),
            (self.database, item.database),
            (self.user, item.user),
        ):
            edit.setText(text)
        self._left.clear()
        self._fill_options(item.options)
        self.per_minute.setValue(item.per_minute)
        self.per_day.setValue(item.per_day)
        self.secret.clear()

    def _fill_options(self, options: Mapping[str, str]) -> None:
        self._pinned = options.get(CERTIFICATE, "")
        for name, widget in self.options.items():
            value = options.get(name, "")
            if isinstance(widget, QComboBox):
                widget.setCurrentIndex(max(widget.findData(value), 0))
            elif isinstance(widget, QLineEdit):
                widget.setText(value)

    def settings(self) -> ConnectionSettings:
        """The connection as it stands in the form; what the system does not ask is not in it."""
        system = self.chosen
        address = parted(self.url.text())
        url = system.address(address.url)
        return ConnectionSettings(
            self.name.text().strip(),
            system.name,
            url,
            self.database.text().strip() if system.database else "",
            (self.user.text().strip() or address.user) if system.user else "",
            self.per_minute.value(),
            self.per_day.value(),
            self._said(),
        )

    def pin(self, certificate: str) -> None:
        """Trust this certificate (PEM) from the next saving on."""
        self._pinned = certificate

    def problem(self) -> str:
        """What keeps the form from being saved, in the current language; empty when nothing
        does.
        """
        given = self.settings()
        if not given.name or not given.url.startswith(("http://", "https://")):
            return self.tr("A connection needs a name and an address that begins with https://.")
        lacking = self.chosen.missing(given.options)
        if lacking:
            names = ", ".join(translate("systems", option.text) for option in lacking)
            return self.tr("{system} needs: {what}").format(system=self.chosen.title, what=names)
        return ""

    def _said(self) -> Mapping[str, str]:
        found = {CERTIFICATE: self._pinned}
        for name, widget in self.options.items():
            if isinstance(widget, QComboBox):
                found[name] = "" if widget.currentIndex() == 0 else str(widget.currentData())
            elif isinstance(widget, QLineEdit):
                found[name] = widget.text().strip()
        return {name: value for name, value in found.items() if value}

    def _show_system(self) -> None:
        system = self.chosen
        if self._shown:
            self._left[self._shown] = self.settings()
        self._show_options(system)
        self._show_names(system)
        known = {other.url for other in SYSTEMS.values()} | {""}
        if self.url.text() in known:
            self.url.setText(system.url)
        before, self._shown = self._left.get(system.name), system.name
        self.per_minute.setValue(before.per_minute if before else system.per_minute)
        self.per_day.setValue(before.per_day if before else system.per_day)
        if before:
            self._fill_options(before.options)
        self._form.setRowVisible(self.log_in, system.by_browser)
        self._form.setRowVisible(
            self.certificate, any(option.name == CERTIFICATE for option in system.options)
        )
        self.system_changed.emit(system.name)

    def _show_options(self, system: Vendor) -> None:
        for widget in self.options.values():
            self._form.removeRow(widget)
        self.options, self._pinned = {}, ""
        asked = [option for option in system.options if option.name != CERTIFICATE]
        for place, option in enumerate(asked, self._fixed_rows):
            widget = self._widget(option)
            self.options[option.name] = widget
            self._form.insertRow(place, translate("systems", option.text) + ":", widget)

    def _show_names(self, system: Vendor) -> None:
        for edit, words in (
            (self.database, system.database),
            (self.user, system.user),
            (self.secret, system.secret if system.asks_secret else ""),
        ):
            self._form.setRowVisible(edit, bool(words))
            self._words[edit].setText(translate("systems", words) + ":" if words else "")

    @staticmethod
    def _widget(option: Option) -> QWidget:
        if not option.choices:
            return QLineEdit()
        box = QComboBox()
        for value in option.choices:
            box.addItem(
                translate("systems", CHOICE_TEXTS[value]) if value in CHOICE_TEXTS else value, value
            )
        return box
