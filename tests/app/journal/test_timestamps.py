"""An anchor is stamped by an authority of its own: OpenSSL, over loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.app.conftest import Run
from tests.conftest import SAMPLE

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no OpenSSL here")

CONFIGURATION = """
[ req ]
distinguished_name = name
[ name ]
[ root ]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[ tsa ]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ service ]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "ts.cnf").write_text(CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._certify("root", ())
        self._certify("tsa", ("-CA", "root.pem", "-CAkey", "root.key"))

    def _certify(self, name: str, by: tuple[str, ...]) -> None:
        self._run(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN=Autoridad {name}", "-keyout", f"{name}.key", "-out", f"{name}.pem"),
            *("-config", "ts.cnf", "-extensions", name, *by),
        )

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60
        )

    def answer(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        self._run(
            *("ts", "-reply", "-queryfile", "query", "-signer", "tsa.pem", "-inkey", "tsa.key"),
            *("-config", "ts.cnf", "-section", "service", "-out", "answer"),
        )
        return (self.folder / "answer").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """Answers (address, root certificate)."""
    folder = tmp_path / "autoridad"
    folder.mkdir()
    made = Authority(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = made.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder / "root.pem"
    server.shutdown()
    server.server_close()


def test_an_anchor_is_stamped_and_the_stamp_proved(
    run: Run, authority: tuple[str, Path], tmp_path: Path
) -> None:
    url, root = authority
    run("import", SAMPLE)
    anchor = tmp_path / "ancla.json"
    assert run("journal", "anchor", anchor, "--timestamp", url, "--trust", root)[0] == 0
    status, found = run("journal", "verify", "--anchor", anchor, "--trust", root, "--json")
    assert status == 0 and len(found["timestamps"]) == 1
    assert "UTC" in run("journal", "verify", "--anchor", anchor, "--trust", root)[1]


def test_a_stamp_of_an_authority_nobody_trusts_proves_nothing(
    run: Run, authority: tuple[str, Path], tmp_path: Path
) -> None:
    url, root = authority
    run("import", SAMPLE)
    anchor = tmp_path / "ancla.json"
    status, told = run("journal", "anchor", anchor, "--timestamp", url)
    assert status == 2 and "time stamp is not valid" in told and not anchor.exists()
    run("journal", "anchor", anchor, "--timestamp", url, "--trust", root)
    assert run("journal", "verify", "--anchor", anchor)[0] == 1


def test_a_stamp_put_on_another_anchor_is_found(
    run: Run, authority: tuple[str, Path], tmp_path: Path
) -> None:
    import json

    url, root = authority
    run("import", SAMPLE)
    first, second = tmp_path / "uno.json", tmp_path / "dos.json"
    run("journal", "anchor", first, "--timestamp", url, "--trust", root)
    run("import", SAMPLE)
    run("journal", "anchor", second)
    moved = json.loads(second.read_text())
    moved["timestamp"] = json.loads(first.read_text())["timestamp"]
    second.write_text(json.dumps(moved))
    status, found = run("journal", "verify", "--anchor", second, "--trust", root, "--json")
    assert status == 1 and not found["ok"]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "nada", "http://"])
def test_an_authority_that_does_not_answer_is_told(run: Run, tmp_path: Path, url: str) -> None:
    run("import", SAMPLE)
    status, told = run("journal", "anchor", tmp_path / "a.json", "--timestamp", url)
    assert status == 2 and "time stamp is not valid" in told
