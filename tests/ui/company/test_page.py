"""Connections, log-ins and owners of fields, in a real window."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import keyring
import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QInputDialog, QLineEdit, QTextBrowser
from pytestqt.qtbot import QtBot

from app.company import field_owners, settings
from app.company.addresses import origin
from app.ui.company.field_owners import FieldsDialog
from app.ui.company.sign_in import CertificateDialog, HelpDialog, LogInDialog
from app.ui.main_window import MainWindow
from connectors.sandbox import SandboxServer
from connectors.systems import SYSTEMS
from tests.app.documents.test_contact import LISTING
from tests.app.journal.test_upkeep import Store
from tests.connectors.fakes import zoho
from tests.connectors.test_oauth import LogInServer
from tests.ui.test_window import press

Idle = Callable[[], None]


@pytest.mark.parametrize("name", SYSTEMS)
def test_the_form_asks_what_the_system_needs(window: MainWindow, name: str) -> None:
    form, system = window.connections.form, SYSTEMS[name]
    form.system.setCurrentIndex(form.system.findData(name))
    assert form.user.isVisibleTo(form) == bool(system.user)
    assert form.database.isVisibleTo(form) == bool(system.database)
    assert form.secret.isVisibleTo(form) == (name != "xero"), "a desktop app of Xero has no secret"
    assert form.log_in.isVisibleTo(form) == system.by_browser
    assert form.url.text() == system.url
    assert form.per_minute.value() == system.per_minute
    assert set(form.options) == {option.name for option in system.options} - {"certificate"}
    form.name.setText("x")
    form.url.setText("https://x.example")
    assert bool(form.problem()) == any(option.required for option in system.options)
    form.help.click()
    (dialog,) = window.connections.findChildren(HelpDialog)
    shown = dialog.findChild(QTextBrowser)
    assert (
        shown is not None
        and "Qué crear" in shown.toPlainText()
        and "Permisos" in shown.toPlainText()
    )
    dialog.reject()


def test_options_are_kept_and_shown_again(
    qtbot: QtBot, window: MainWindow, idle: Idle, home: Path
) -> None:
    page, form = window.connections, window.connections.form
    form.system.setCurrentIndex(form.system.findData("siigo"))
    form.name.setText("siigo")
    stamp, seller = form.options["stamp"], form.options["seller"]
    assert isinstance(stamp, QComboBox) and isinstance(seller, QLineEdit)
    stamp.setCurrentIndex(1)
    seller.setText("629")
    press(qtbot, form.save)
    idle()
    (kept,) = settings.connections(window.session.journal)
    assert dict(kept.options) == {"stamp": "yes", "seller": "629"}
    form.system.setCurrentIndex(0)
    page.table.selectRow(0)
    again = form.options["seller"]
    assert isinstance(again, QLineEdit) and again.text() == "629"


def test_what_is_missing_is_named(qtbot: QtBot, window: MainWindow) -> None:
    form = window.connections.form
    form.system.setCurrentIndex(form.system.findData("zoho"))
    form.name.setText("z")
    press(qtbot, form.save)
    assert "Id de la organización" in window.connections.status.text()
    assert settings.connections(window.session.journal) == []


class _Zoho(zoho.FakeZoho):
    """Gives the first tokens against a code, too."""

    def __init__(self) -> None:
        super().__init__()
        self.log_in = LogInServer()

    def answer(self, request: zoho.Request) -> zoho.Answer:
        if (
            request.path == "/oauth/v2/token"
            and request.body.get("grant_type") == "authorization_code"
        ):
            answer = self.log_in.answer(request)
            self.refresh = self.log_in.refresh
            return answer
        return super().answer(request)


def test_a_person_logs_in_through_the_browser_and_is_told_who_they_are(
    qtbot: QtBot, window: MainWindow, idle: Idle, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    keyring.set_keyring(store := Store())
    server, page, form = _Zoho(), window.connections, window.connections.form
    opened: list[str] = []

    def browser(url: QUrl) -> bool:
        opened.append(url.toString())
        query = {name: values[0] for name, values in parse_qs(urlsplit(opened[-1]).query).items()}
        server.log_in.challenge = query["code_challenge"]
        answer = {"code": "code-1", "state": query["state"]}
        threading.Thread(
            target=lambda: httpx.get(query["redirect_uri"], params=answer, trust_env=False)
        ).start()
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", browser)
    form.system.setCurrentIndex(form.system.findData("zoho"))
    form.name.setText("zoho")
    form.url.setText(server.url)
    for name, value in (
        ("client_id", "app"),
        ("organization", zoho.ORGANIZATION),
        ("accounts", server.url),
    ):
        edit = form.options[name]
        assert isinstance(edit, QLineEdit)
        edit.setText(value)
    press(qtbot, form.log_in)
    assert "Guarde primero" in page.status.text()
    press(qtbot, form.save)
    idle()
    press(qtbot, form.log_in)
    qtbot.waitUntil(lambda: "ACME" in page.status.text(), timeout=15_000)
    idle()
    assert len(opened) == 1 and "code_challenge_method=S256" in opened[0]
    assert page.findChildren(LogInDialog) == [] or not page.findChildren(LogInDialog)[0].isVisible()
    token = store.kept["Cuadre", f"{home.resolve()}:zoho@{origin(server.url)}"]
    assert token == server.refresh
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    assert token.encode() not in everything
    server.log_in.stop()
    server.stop()


def test_a_log_in_nobody_finishes_is_given_up(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: True)
    settings.add_connection(
        window.session.journal,
        settings.ConnectionSettings(
            "x", "xero", "https://api.xero.com", options={"client_id": "c", "tenant": "t"}
        ),
    )
    window.session.changed.emit()
    window.connections.table.selectRow(0)
    press(qtbot, window.connections.form.log_in)
    (dialog,) = window.connections.findChildren(LogInDialog)
    assert dialog.address.text().startswith("https://login.xero.com/")
    dialog.reject()
    qtbot.waitUntil(lambda: window.session.tasks.running == 0, timeout=5000)


def test_a_certificate_is_shown_before_it_is_trusted(
    qtbot: QtBot, window: MainWindow, idle: Idle, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=sap.acme.local",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
    ]
    subprocess.run(command, check=True, capture_output=True)
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    page, form = window.connections, window.connections.form
    form.system.setCurrentIndex(form.system.findData("sap_b1"))
    form.name.setText("sap")
    form.url.setText(f"https://127.0.0.1:{server.server_port}")
    press(qtbot, form.save)
    idle()
    press(qtbot, form.certificate)
    idle()
    (dialog,) = page.findChildren(CertificateDialog)
    assert any(
        ":" in edit.text() and len(edit.text()) == 95 for edit in dialog.findChildren(QLineEdit)
    )
    assert "certificate" not in settings.find_connection(window.session.journal, "sap").options
    dialog.accept()
    idle()
    assert (
        "BEGIN CERTIFICATE"
        in settings.find_connection(window.session.journal, "sap").options["certificate"]
    )
    server.shutdown()
    server.server_close()


def test_owners_are_changed_with_a_reason_and_drift_is_shown(
    qtbot: QtBot,
    sandboxed: MainWindow,
    sandbox: SandboxServer,
    idle: Idle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = sandboxed
    path = tmp_path / "terceros.csv"
    path.write_bytes(LISTING.encode("cp1252"))
    window.intake.open(path)
    idle()
    press(qtbot, window.intake.import_button)
    idle()
    window.sending.contacts.setChecked(True)
    press(qtbot, window.sending.send)
    idle()
    assert len(sandbox.store.listing("partner")) == 2
    body = '{"city": "Cali", "name": "CLIENTE ÑUÑO SAS", "tax_id": "901049056-2"}'
    sandbox.store._connection.execute(
        "UPDATE document SET body = ? WHERE body LIKE '%901049056%'", (body,)
    )
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("lo lleva ventas", True))
    press(qtbot, window.connections.fields)
    (dialog,) = window.connections.findChildren(FieldsDialog)
    dialog.owners["phone"].setCurrentIndex(1)
    press(qtbot, dialog.save)
    assert field_owners.load(window.session.journal).owner("phone") == "target"
    dialog.tabs.setCurrentIndex(1)
    press(qtbot, dialog.compare)
    idle()
    assert dialog._drifted.rowCount() >= 1
    assert "dueño" in dialog.status.text()
    dialog.reject()


def test_a_connection_nobody_used_is_taken_away(
    qtbot: QtBot, window: MainWindow, idle: Idle
) -> None:
    page, journal = window.connections, window.session.journal
    settings.add_connection(journal, settings.ConnectionSettings("oddo", "odoo", "https://x.mx"))
    window.session.changed.emit()
    idle()
    page.remove.click()
    assert "Seleccione" in page.status.text()
    page.table.selectRow(0)
    page.remove.click()
    idle()
    assert settings.connections(journal) == [] and page.table.rows_model.rowCount() == 0
    assert page.status.text().startswith("✓ ")
