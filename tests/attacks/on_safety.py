"""What reached the network, the disk, or a person's spreadsheet."""

from __future__ import annotations

import io
import os
import stat
import sys
import time
import zipfile
from pathlib import Path

import keyring
import openpyxl

from app import secrets
from app.cli import home as cli_home
from app.company import connecting, settings
from app.company.addresses import Insecure, origin
from app.company.placement import Placement
from app.company.settings import ConnectionSettings
from app.journal.store import unusable
from app.month_end import alerts
from tests.app.journal.test_signatures import Vault
from tests.attacks.stage import Attack, Stage
from tests.test_licences import LOCKED, is_allowed, licence

HOSTILE = "<img src='//ladron/x.png'><a href='file://x'>clic</a>"


def text_that_is_html(stage: Stage) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import Qt
    from PySide6.QtGui import Qt as QtText
    from PySide6.QtWidgets import QApplication

    from app.ui.plain import Label, marked, plain

    _ = QApplication.instance() or QApplication([])
    for text in (HOSTILE, "<b>x</b>", "a\n<i>b</i>", '<qt><img src="\\\\h\\s\\x.png">'):
        stage.held(Label(text).textFormat() == Qt.TextFormat.PlainText, f"a label shows {text}")
        shown = plain(text)
        harmless = not QtText.mightBeRichText(shown) or "<img" not in shown
        stage.held(harmless, f"a dialog shows {text}")
        stage.held("<img" not in marked("<b>{name}</b>", name=text), f"marked shows {text}")


def a_secret_that_follows_the_address(stage: Stage) -> None:
    keyring.set_keyring(Vault())
    kept = ConnectionSettings("odoo", "odoo", "https://acme.odoo.com", "acme", "ana")
    with stage.journal() as journal:
        settings.add_connection(journal, kept)
        secrets.store(stage.home, "odoo", "clave", origin(kept.url))
        for url in ("https://ladron.mx", "http://acme.odoo.com", "https://acme.odoo.com:444"):
            stage.write(f"UPDATE connection SET url = '{url}'")
            found = connecting.secret_of(journal, settings.find_connection(journal, "odoo"))
            stage.held(found is None, f"the password goes to {url}")


def licences_that_infect(stage: Stage) -> None:
    for name in LOCKED:
        text = licence(name)
        stage.held(text is None or is_allowed(text), f"{name}: {text}")
    stage.held("ofxtools" not in LOCKED, "ofxtools is part of the program")


def an_open_address(stage: Stage) -> None:
    with stage.journal() as journal:
        for url in ("http://erp.acme.mx", "HTTP://10.0.0.7:8069", "http://localhost.ladron.mx"):
            given = ConnectionSettings("odoo", "odoo", url, "acme", "ana")
            for use in (
                lambda given=given: settings.add_connection(journal, given),
                lambda given=given: connecting.connect(given, "clave"),
            ):
                try:
                    use()
                    stage.held(False, f"{url} is taken")
                except Insecure:
                    stage.held(True, "")


def a_password_in_an_address(stage: Stage) -> None:
    os.environ["CUADRE_SECRET_ODOO"] = "x"
    given = ("--system", "odoo", "--database", "acme", "--user", "ana")
    stage.done("connection", "add", "odoo", *given, "--url", "https://ana:cl4ve@acme.odoo.com")
    del os.environ["CUADRE_SECRET_ODOO"]
    stage.write()
    stage.held(b"cl4ve" not in (stage.home / "journal.db").read_bytes(), "it lies in the journal")


def files_others_can_read(stage: Stage) -> None:
    stage.connect()
    stage.send(stage.polizas("mes.txt"))
    if sys.platform == "win32":
        return
    for path in (stage.home, *stage.home.rglob("*"), *(stage.folder / "state").rglob("*")):
        is_open = stat.S_IMODE(path.stat().st_mode) & 0o077
        inside = stage.home not in (path.parent, path)
        own = inside or path.name.startswith("journal.db") or path == stage.home
        stage.held(not (is_open and own), f"{path.name} can be read by others")


def a_pattern_that_never_ends(stage: Stage) -> None:
    folder = stage.home / "profiles"
    folder.mkdir(parents=True)
    (folder / "lenta.toml").write_text(
        "name = 'lenta'\ntitle = 'Lenta'\nsource_system = 'x'\nreader = 'contpaqi-polizas'\n"
        "containers = ['text']\nfixed_width = true\n[recognise]\nrequired = '(a+)+$'\n"
        'line = \'(a+)+$\'\n[records."P"]\nlength = 10\n[records."P".fields]\nFecha = [1, 8]\n'
    )
    path = stage.folder / "lenta.txt"
    path.write_text("a" * 200 + "!\n")
    began = time.monotonic()
    stage.cli("inspect", path)
    stage.held(time.monotonic() - began < 20, "a pattern of a layout hangs inspect")


def formulas_in_exports(stage: Stage) -> None:
    stage.connect()
    texts = [f'{sign}HYPERLINK("http://ladron";"clic")' for sign in "=+-@"]
    vouchers = [(n, "20260105", f"{n}.00", text) for n, text in enumerate(texts, start=1)]
    stage.send(stage.polizas("mes.txt", vouchers))
    for name, arguments in (
        ("eventos.xlsx", ("journal", "export")),
        ("mapa.csv", ("map", "export", "--connection", "sb")),
        ("eventos.csv", ("journal", "export")),
    ):
        path = stage.folder / name
        stage.done(*arguments, path)
        if name.endswith("csv"):
            cells = path.read_text("utf-8-sig").replace('"', "").replace(";", ",").split(",")
            live = [cell for cell in cells if cell[:1] in tuple("=+@")]
        else:
            book = openpyxl.load_workbook(path)
            live = [
                cell.value
                for sheet in book
                for row in sheet.iter_rows()
                for cell in row
                if cell.data_type == "f"
            ]
        stage.held(not live, f"{name}: {live[:2]}")


def advice_that_makes_it_worse(stage: Stage) -> None:
    for reason in (
        "database or disk is full",
        "server closed the connection unexpectedly",
        "A string literal cannot contain NUL (0x00) characters.",
        "database is locked",
    ):
        told = unusable(reason).told()
        stage.held("estore a backup" not in told, f"{reason}: {told}")


def a_home_where_files_get_lost(stage: Stage) -> None:
    usual = alerts.placement_of
    for placement, word in (
        (Placement.NETWORK, "network share"),
        (Placement.SYNCHRONISED, "synchronised"),
    ):
        alerts.placement_of = lambda _, placement=placement: placement
        try:
            for command in (("status",), ("journal", "list"), ("connection", "list")):
                stage.held(word in stage.cli(*command)[1], f"{command} does not say {word}")
        finally:
            alerts.placement_of = usual
    assert cli_home is not None


def files_that_attack_the_reader(stage: Stage) -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(
            b'<!ENTITY %c "%s">' % (letter, b"&%c;" % (letter - 1) * 10)
            for letter in range(98, 107)
        )
        + b"]><b>&j;</b>"
    )
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><b>&x;</b>'
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../fuera.txt", "x")
        archive.writestr("/tmp/cuadre-fuera.txt", "x")
        archive.writestr("grande.txt", b"0" * 50_000_000)
    for name, data in (
        ("bomba.xml", bomb),
        ("entidad.xml", entity),
        ("fuera.zip", packed.getvalue()),
        ("nul.csv", b"Fecha,Cuenta,Cargo,Abono\n05/01/2026,10\x0020,1.00,\n"),
        ("vacio.txt", b""),
        ("ruido.bin", os.urandom(50_000)),
    ):
        path = stage.folder / name
        path.write_bytes(data)
        began = time.monotonic()
        for command in ("inspect", "import"):
            _, said = stage.cli(command, path)
            stage.held("Unexpected error" not in said, f"{command} {name} crashes")
            stage.held("root:" not in said, f"{command} {name} reads other files")
        stage.held(time.monotonic() - began < 30, f"{name} hangs")
    for path in (stage.folder.parent / "fuera.txt", Path("/tmp/cuadre-fuera.txt")):
        stage.held(not path.exists(), f"{path} was written")


ATTACKS = (
    Attack("S13", "texts that are HTML", text_that_is_html),
    Attack("S14", "a secret that follows the address", a_secret_that_follows_the_address),
    Attack("S15", "licences that infect", licences_that_infect),
    Attack("S16", "open addresses", an_open_address),
    Attack("S16", "a password in an address", a_password_in_an_address),
    Attack("S16", "files others can read", files_others_can_read),
    Attack("S16", "a pattern that never ends", a_pattern_that_never_ends),
    Attack("S16", "formulas in exports", formulas_in_exports),
    Attack("S17", "advice that makes it worse", advice_that_makes_it_worse),
    Attack("S21", "a home where files get lost", a_home_where_files_get_lost),
    Attack("", "files that attack the reader", files_that_attack_the_reader),
)
