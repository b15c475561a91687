"""The commands as a person or a script runs them: answers, exit statuses, languages."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from tests import polizas
from tests.app.conftest import Run
from tests.conftest import DATA, POSIX, SAMPLE


@pytest.fixture
def connected(run: Run, sandbox: SandboxServer) -> Run:
    assert (
        run(
            "connection",
            "add",
            "sb",
            "--system",
            "sandbox",
            "--url",
            sandbox.url,
            "--user",
            DEFAULT_USER,
        )[0]
        == 0
    )
    return run


def test_inspect_has_the_stable_shape(run: Run) -> None:
    status, found = run("inspect", DATA / "contpaqi/poliza_ng_synthetic_cp1252_crlf.txt", "--json")
    assert status == 0
    assert {
        name: found[name]
        for name in ("file", "encoding", "container", "header_line", "profile", "rows")
    } == {
        "file": "poliza_ng_synthetic_cp1252_crlf.txt",
        "encoding": "cp1252",
        "container": "fixed",
        "header_line": None,
        "profile": "contpaqi-polizas-txt",
        "rows": {"total": 16, "record": 16, "heading": 0, "rejected": 0},
    }
    assert found["encoding_confidence"] >= 0.9
    assert found["dialect"] == {"delimiter": None, "quotechar": None}
    assert set(found["findings"][0]) == {"severity", "code", "line", "column", "message"}


def test_the_whole_way(connected: Run, store: SandboxStore, tmp_path: Path) -> None:
    run = connected
    status, imported = run("import", SAMPLE, "--json")
    assert status == 1
    assert imported["lines"] == {"total": 1112, "record": 1112, "heading": 0, "rejected": 0}
    assert imported["documents"] == {"ready": 236, "blocked": 2}
    assert imported["findings"] == {"error": 2, "warning": 0, "note": 0}
    assert run("import", SAMPLE, "--json")[1]["batch"] == imported["batch"]
    status, check = run("connection", "check", "sb", "--json")
    assert (status, check["company"], check["locks"]) == (0, "Empresa Sandbox SA de CV", {})
    assert run("push", "--connection", "sb", "--json")[0] == 1
    assert store.count() == 0
    assert run("map", "list", "--connection", "sb")[0] == 1
    status, accepted = run("map", "accept", "--connection", "sb", "--json")
    assert (status, accepted["unmapped"]) == (0, 0)
    assert run("push", "--connection", "sb", "--dry-run", "--json")[1]["confirmed"] == 0
    status, pushed = run("push", "--connection", "sb", "--json")
    assert {
        name: pushed[name] for name in ("confirmed", "already", "rejected", "uncertain", "waiting")
    } == {
        "confirmed": 236,
        "already": 0,
        "rejected": 0,
        "uncertain": 0,
        "waiting": 2,
    }
    assert run("push", "--connection", "sb", "--json")[1]["already"] == 236
    assert store.count() == 236
    assert (
        run("pull", "--connection", "sb", "--from", "2026-01-01", "--to", "2026-01-31", "--json")[
            1
        ]["lines"]
        == 698
    )
    report, links = tmp_path / "r.xlsx", tmp_path / "l.csv"
    status, result = run(
        "reconcile", "batch:1", "pull:sb", "--report", report, "--links", links, "--json"
    )
    assert status == 0
    assert (result["matched"], result["only_left"], result["difference"]) == (698, 4, "0.00")
    assert set(result) >= {
        "left",
        "right",
        "matched",
        "suggested",
        "different",
        "only_left",
        "only_right",
        "difference",
    }
    assert set(result["left"]) >= {"lines", "total"}
    assert report.stat().st_size > 20_000
    assert len(links.read_text().splitlines()) == 699
    status, verified = run("journal", "verify", "--json")
    assert (status, verified["ok"], verified["first_bad"]) == (0, True, None)
    status, figures = run("status", "--json")
    assert (status, figures["orphan_records"]["value"], figures["retry_queue"]["value"]) == (
        0,
        0,
        0,
    )
    assert "confirmed by the target" in run("journal", "show", "EMPRESA/contpaqi/2/2026-01/39")[1]
    assert "does not balance" in run("journal", "show", "1:456")[1]
    for name in ("e.csv", "e.xlsx", "e.jsonl"):
        assert run("journal", "export", tmp_path / name, "--json")[1]["events"] > 700


CASES = {
    "cut": polizas.file(polizas.balanced())[:-80],
    "zeros": bytes(4096),
    "empty": b"",
    "pdf": b"%PDF-1.7\n%\xe2\xe3",
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("lang", ["es", "en"])
def test_unreadable_input_is_status_2_a_clear_message_and_a_journaled_attempt(
    run: Run, tmp_path: Path, name: str, lang: str
) -> None:
    path = tmp_path / "archivo.txt"
    path.write_bytes(CASES[name])
    assert run("inspect", path)[0] == 2
    status, text = run("import", path, lang=lang)
    assert status == 2
    assert "xp" in text.lower()
    status, listed = run("journal", "list", "--json")
    assert listed[0]["state"] in ("failed", "incomplete")
    assert (
        "archivo.txt" in str(run("journal", "show", "archivo.txt")[1])
        or listed[0]["state"] == "incomplete"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("inspect", "no-such-file.txt"),
        ("import", str(SAMPLE), "--period", "enero"),
        ("push", "--connection", "nobody"),
        ("map", "export", "x.csv", "--connection", "nobody"),
        ("reconcile", "batch:9", "pull:nobody"),
        ("journal", "show", "99"),
        ("journal", "export", "/no/such/folder/x.csv"),
        ("connection", "add", "x"),
        ("nonsense",),
        ("import",),
    ],
)
@pytest.mark.parametrize("lang", ["es", "en"])
def test_bad_use_is_status_2_and_says_why(run: Run, arguments: tuple[str, ...], lang: str) -> None:
    status, text = run(*arguments, lang=lang)
    assert status == 2
    assert text.strip()
    assert "Traceback" not in text
    assert "report" not in text or lang == "en"


def test_another_company_needs_another_home(run: Run) -> None:
    run("import", SAMPLE, "--company", "acme")
    status, text = run("import", SAMPLE, "--company", "otra")
    assert status == 2
    assert "ACME" in text


def test_the_first_import_settles_the_company(run: Run) -> None:
    run("import", SAMPLE)
    assert run("import", SAMPLE, "--company", "acme")[0] == 2


def test_a_connection_with_documents_cannot_move_to_another_target(connected: Run) -> None:
    run = connected
    run("import", SAMPLE)
    run("map", "accept", "--connection", "sb")
    run("push", "--connection", "sb")
    status, text = run(
        "connection", "add", "sb", "--system", "sandbox", "--url", "http://127.0.0.1:9"
    )
    assert status == 2
    assert "another name" in text


def test_without_a_secret_store_the_secret_is_said_to_be_unkept_and_is_nowhere(
    run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("clave-plantada-123\n"))
    status, text = run(
        "connection",
        "add",
        "odoo1",
        "--system",
        "odoo",
        "--url",
        "https://x.example",
        "--user",
        "a",
    )
    assert status == 0
    assert "CUADRE_SECRET_ODOO1" in text
    everything = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"clave-plantada-123" not in everything


def test_a_full_run_leaves_no_secret_anywhere(
    tmp_path: Path, run: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "s3creto-Pl4ntado"
    store = SandboxStore(tmp_path / "erp.db")
    server = SandboxServer(store, password=secret).start()
    monkeypatch.setenv("CUADRE_SECRET_SB", secret)
    printed = []
    for command in (
        (
            "connection",
            "add",
            "sb",
            "--system",
            "sandbox",
            "--url",
            server.url,
            "--user",
            DEFAULT_USER,
        ),
        ("import", SAMPLE),
        ("connection", "check", "sb"),
        ("map", "accept", "--connection", "sb"),
        ("push", "--connection", "sb"),
        ("status",),
        ("journal", "export", tmp_path / "events.jsonl"),
    ):
        printed.append(str(run(*command)[1]))
    monkeypatch.setenv("CUADRE_SECRET_SB", secret + "-mal")
    printed.append(str(run("connection", "check", "sb")[1]))
    monkeypatch.setattr("app.sending.pull.pull", lambda *_, **__: 1 / 0)
    monkeypatch.setenv("CUADRE_SECRET_SB", secret)
    status, text = run("pull", "--connection", "sb", "--from", "2026-01-01", "--to", "2026-01-31")
    assert status == 2
    assert "ZeroDivisionError" in text
    printed.append(text)
    server.stop()
    store.close()
    written = b"".join(
        path.read_bytes()
        for folder in (home, tmp_path)
        for path in folder.rglob("*")
        if path.is_file()
    )
    assert secret.encode() not in written
    assert secret not in "".join(printed)
    assert list((home / "reports").glob("error-*.txt"))


def test_a_damaged_journal_is_said_not_dumped(run: Run, home: Path) -> None:
    home.mkdir()
    (home / "journal.db").write_bytes(b"this is not a database" * 100)
    status, text = run("status")
    assert status == 2
    assert "journal" in text
    assert "Traceback" not in text


def test_help_is_in_both_languages(run: Run) -> None:
    assert "qué pasó con cada línea" in run("--help", lang="es")[1]
    assert "what happened to each line" in run("--help", lang="en")[1]
    assert "uso:" in run("push", "--help", lang="es")[1]


def test_the_installed_command_starts_without_importing_numpy_or_qt() -> None:
    code = (
        "import sys; from app import cli; cli.main(['status','--home',sys.argv[1]], None, None);"
        " print([m for m in ('numpy','pandas','PySide6','openpyxl') if m in sys.modules])"
    )
    with Path(os.devnull).open() as nothing:
        done = subprocess.run(
            [sys.executable, "-c", code, "/tmp/cuadre-start-test"],
            capture_output=True,
            text=True,
            stdin=nothing,
            check=True,
        )
    assert done.stdout.strip().endswith("[]")


def _hear_interrupts() -> None:
    """A suite that runs in the background has Ctrl-C switched off, and its children inherit it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@POSIX
def test_the_sandbox_serves_from_the_command_line(tmp_path: Path) -> None:
    import httpx

    command = [
        sys.executable,
        "-m",
        "app",
        "sandbox",
        "serve",
        "--port",
        "0",
        "--home",
        str(tmp_path),
        "--lang",
        "en",
    ]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 - no threads are alive here
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split(" on ")[1].split(" ")[0]
        answer = httpx.post(
            url + "/api/login",
            json={"user": DEFAULT_USER, "password": DEFAULT_PASSWORD},
            timeout=10,
        )
        assert answer.json()["token"]
        process.send_signal(2)
        process.wait(10)
    assert process.returncode == 0


def test_an_interrupt_is_status_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.intake.importing.importers.read", interrupted)
    status, _ = run("import", SAMPLE)
    assert status == 130
    assert run("journal", "list", "--json")[1][0]["state"] == "cancelled"
    assert run("journal", "verify", "--json")[1]["ok"]


def test_findings_go_to_a_workbook_for_whoever_corrects_the_source(
    run: Run, tmp_path: Path
) -> None:
    import openpyxl

    run("import", SAMPLE)
    status, found = run("journal", "findings", "1", tmp_path / "h.xlsx", "--json")
    assert (status, found["findings"]) == (0, 2)
    rows = list(
        openpyxl.load_workbook(tmp_path / "h.xlsx").worksheets[0].iter_rows(values_only=True)
    )
    assert rows[1][0] == "error"
    assert rows[1][5] == "EMPRESA/contpaqi/3/2026-01/53"
    assert run("journal", "findings", "77", tmp_path / "h.xlsx")[0] == 2
