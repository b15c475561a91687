"""The whole way to each vendor from the command line, against its stand-in: connect, map, send
once, read back.
"""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import keyring
import pytest

from app.company import settings
from app.journal import verification
from connectors.errors import Unavailable
from connectors.transport import Timeouts, Transport
from tests import polizas
from tests.app.conftest import Run
from tests.app.documents.test_contact import LISTING
from tests.app.journal.test_upkeep import Store
from tests.connectors.fakes import holded, hubspot, sage, sap_b1, siigo, xero, zoho
from tests.connectors.fakes.server import VendorServer
from tests.connectors.test_stripe import KEY as STRIPE_KEY
from tests.connectors.test_stripe import FakeStripe, charge

VENDORS: dict[str, tuple[Callable[[], Any], list[str], str, tuple[str, str], str]] = {
    "siigo": (
        siigo.FakeSiigo,
        ["--user", "contador@acme.co", "--option", "stamp=no"],
        siigo.KEY,
        ("11050501", "41359501"),
        "24446",
    ),
    "sap_b1": (
        sap_b1.FakeSapB1,
        ["--user", "manager", "--database", "SBO_ACME", "--option", "udf=U_CuadreRef"],
        sap_b1.PASSWORD,
        ("_SYS00000000019", "_SYS00000000120"),
        "JE",
    ),
    "xero": (
        xero.FakeXero,
        ["--option", "client_id=app", "--option", f"tenant={xero.TENANT}"],
        xero.SECRET,
        ("416", "200"),
        "MJ",
    ),
    "zoho": (
        zoho.FakeZoho,
        ["--option", "client_id=app", "--option", f"organization={zoho.ORGANIZATION}"],
        zoho.SECRET,
        ("1000", "4000"),
        "JOURNAL",
    ),
    "sage": (
        sage.FakeSage,
        ["--option", "client_id=app", "--option", f"business={sage.BUSINESS}"],
        sage.SECRET,
        ("1200", "4000"),
        "JOURNAL",
    ),
    "holded": (
        holded.FakeHoldedV1,
        ["--option", "version=1"],
        holded.KEY,
        ("43000000", "70000000"),
        "DIARIO",
    ),
}
CLIENT_SECRET = "client-secret-of-the-app"
BY_BROWSER = ("xero", "zoho", "sage")


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Iterator[tuple[str, VendorServer]]:
    server = VENDORS[request.param][0]()
    yield request.param, server
    server.stop()


def test_entries_reach_a_vendor_once_and_come_back(
    run: Run,
    home: Path,
    tmp_path: Path,
    vendor: tuple[str, VendorServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system, server = vendor
    _, words, secret, (debit, credit), journal_code = VENDORS[system]
    keyring.set_keyring(store := Store())
    monkeypatch.setenv("CUADRE_SECRET_V", secret)
    monkeypatch.setenv("CUADRE_SECRET_V_CLIENT", CLIENT_SECRET)
    path = tmp_path / "tres.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in (1, 2, 3)]))
    assert run("import", path)[0] == 0
    words = [*words, "--option", f"accounts={server.url}"] if system == "zoho" else words
    assert run("connection", "add", "v", "--system", system, "--url", server.url, *words)[0] == 0
    if system in BY_BROWSER:
        monkeypatch.delenv("CUADRE_SECRET_V")
        store.set_password("Cuadre", f"{home.resolve()}:v", secret)
    status, who = run("connection", "check", "v", "--json")
    assert status == 0 and "entry" in who["capabilities"]["push"] and who["capabilities"]["limits"]
    _map(run, system, server, debit, credit, journal_code)
    sent = run("push", "--connection", "v", "--json")[1]
    assert (sent["confirmed"], sent["rejected"], sent["waiting"]) == (3, 0, 0)
    assert run("push", "--connection", "v", "--json")[1]["already"] == 3
    pulled = run(
        "pull", "--connection", "v", "--from", "2026-01-01", "--to", "2026-01-31", "--json"
    )[1]
    assert pulled["lines"] == 6
    assert pulled["whole"] == (system not in ("xero", "zoho", "siigo")), "journals only is said"
    shown = run("queue", "show", "--connection", "v", "EMPRESA/contpaqi/3/2026-01/1", "--json")[1]
    assert shown["theirs"][0]["differences"] == []
    journal = settings.open_journal(home)
    assert verification.verify(journal).ok
    journal.close()
    everything = b"".join(file.read_bytes() for file in home.rglob("*") if file.is_file())
    planted = [
        secret,
        CLIENT_SECRET,
        *(str(text) for text in store.kept.values()),
        *getattr(server, "access", ()),
        *getattr(server, "tokens", ()),
        getattr(server, "session", ""),
    ]
    assert not [text for text in planted if len(text) > 8 and text.encode() in everything]


def _map(
    run: Run, system: str, server: VendorServer, debit: str, credit: str, journal_code: str
) -> None:
    """Siigo asks for a third party on every line; it is named as people know it."""
    partner = []
    if system == "siigo":
        known = {"id": "c1", "identification": "900123456", "name": ["Ferretería Núñez SAS"]}
        server.rows["customers"].append(known)  # type: ignore[attr-defined]
        partner = ["--partner", "ferreteria nunez sas"]
    for kind, source, target, *more in (
        ("account", "102010001", debit, *partner),
        ("account", "401010001", credit, *partner),
        ("journal", "3", journal_code),
    ):
        assert run("map", "set", kind, source, target, *more, "--connection", "v")[0] == 0


def test_a_lost_answer_of_a_vendor_is_found_and_adopted(
    run: Run,
    tmp_path: Path,
    vendor: tuple[str, VendorServer],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system, server = vendor
    _, words, secret, (debit, credit), journal_code = VENDORS[system]
    keyring.set_keyring(store := Store())
    path = tmp_path / "tres.txt"
    path.write_bytes(polizas.file(*[polizas.balanced(number) for number in (1, 2, 3)]))
    run("import", path)
    monkeypatch.setenv("CUADRE_SECRET_V", secret)
    monkeypatch.setenv("CUADRE_SECRET_V_CLIENT", CLIENT_SECRET)
    words = [*words, "--option", f"accounts={server.url}"] if system == "zoho" else words
    run("connection", "add", "v", "--system", system, "--url", server.url, *words)
    monkeypatch.delenv("CUADRE_SECRET_V")
    store.set_password("Cuadre", f"{home.resolve()}:v", secret)
    _map(run, system, server, debit, credit, journal_code)
    server.faults = ["lose", "after", "before"]
    assert run("push", "--connection", "v", "--deadline", "60", "--json")[1]["confirmed"] == 3
    if system == "holded":
        assert server.entries == 3  # type: ignore[attr-defined]
        return
    rows = next(
        rows
        for name, rows in server.rows.items()
        if name in ("journals", "JournalEntries", "ManualJournals")
    )  # type: ignore[attr-defined]
    assert len(rows) == 3


def test_a_self_signed_server_is_trusted_only_once_its_certificate_is_pinned(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CUADRE_SECRET_SAP", "clave")
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

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    url = f"https://127.0.0.1:{server.server_port}"
    stranger = Transport(url, Timeouts(2, 2), sleep=lambda _: None)
    with pytest.raises(Unavailable):
        stranger.write_json("GET", "/")
    run(
        "connection",
        "add",
        "sap",
        "--system",
        "sap_b1",
        "--url",
        url,
        "--user",
        "m",
        "--database",
        "X",
    )
    shown = run("connection", "certificate", "sap", "--json")[1]
    assert not shown["pinned"]
    trusting = Transport(url, Timeouts(2, 2), pinned=shown["pem"])
    assert trusting.write_json("GET", "/") == {}
    other = tmp_path / "other.pem"
    command[-1] = str(other)
    subprocess.run(command, check=True, capture_output=True)
    wrong = Transport(url, Timeouts(2, 2), pinned=other.read_text(), sleep=lambda _: None)
    with pytest.raises(Unavailable):
        wrong.write_json("GET", "/")
    for transport in (stranger, trusting, wrong):
        transport.close()
    server.shutdown()
    server.server_close()


def test_an_option_a_system_does_not_have_is_refused(run: Run) -> None:
    status, text = run(
        "connection",
        "add",
        "v",
        "--system",
        "siigo",
        "--url",
        "https://x.example",
        "--option",
        "udf=U_X",
    )
    assert status == 2 and "udf" in text and "stamp" in text


def test_what_a_system_cannot_do_without_is_asked_for(run: Run) -> None:
    status, text = run(
        "connection", "add", "v", "--system", "xero", "--option", "client_id=x", lang="es"
    )
    assert status == 2 and "tenant" in text


def test_contacts_reach_hubspot_though_it_takes_no_vouchers(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hubspot.FakeHubSpot()
    monkeypatch.setenv("CUADRE_SECRET_V", hubspot.TOKEN)
    for name, content in (
        ("polizas.txt", polizas.file(polizas.balanced(1))),
        ("terceros.csv", LISTING.encode("cp1252")),
    ):
        (tmp_path / name).write_bytes(content)
        run("import", tmp_path / name)
    run("connection", "add", "v", "--system", "hubspot", "--url", server.url)
    assert run("push", "--connection", "v", "--contacts", "--json")[1]["confirmed"] == 2
    assert {row["properties"]["company"] for row in server.rows["contacts"]} == {
        "CLIENTE ÑUÑO SAS",
        "PEREZ PEREZ MARIA",
    }
    server.stop()


def test_the_balance_of_stripe_becomes_a_side_to_reconcile(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeStripe()
    monkeypatch.setenv("CUADRE_SECRET_V", STRIPE_KEY)
    server.lists["balance_transactions"] = [charge(number) for number in range(1, 31)]
    run("connection", "add", "v", "--system", "stripe", "--url", server.url)
    who = run("connection", "check", "v", "--json")[1]
    assert (who["company"], who["capabilities"]["push"]) == ("ACME", [])
    pulled = run(
        "pull", "--connection", "v", "--from", "2026-01-01", "--to", "2026-01-31", "--json"
    )[1]
    assert pulled["lines"] == 60
    server.stop()
