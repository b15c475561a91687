"""A new kind of document is one module: journaled, sent once, told and found like any other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import documents
from app.intake.importing import import_file
from app.journal import Journal, outbox_rows, search, verification
from app.month_end.story import document_story
from app.sending import conflicts
from app.sending.push import push
from connectors.sandbox import SandboxConnector
from importers import Options, reading
from tests.app.conftest import Run
from tests.app.documents.toy import SlipKind, read_slips

PROFILE = """
name = "slips"
title = "Vales de caja"
source_system = "caja"
reader = "slips"
containers = ["text"]
"""


@pytest.fixture
def slips(
    journal: Journal, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A file of slips, its reader and profile, and the kind they become."""
    monkeypatch.setitem(reading.READERS, "slips", read_slips)
    kind = SlipKind()
    documents.register(kind)
    (home / "profiles").mkdir()
    (home / "profiles" / "slips.toml").write_text(PROFILE, "utf-8")
    path = tmp_path / "vales.txt"
    path.write_text("VALE;17;MUÑOZ PEÑA;250.50\nVALE;18;OTRO;80.00\n", "utf-8")
    yield path
    documents.unregister(kind)


def test_a_toy_kind_goes_the_whole_way(
    slips: Path, journal: Journal, connect: Callable[[], SandboxConnector]
) -> None:
    taken = import_file(journal, slips, "ACME", Options(profile="slips"))
    assert (taken.state, taken.documents) == ("complete", {"ready": 2, "blocked": 0})
    target = connect()
    sent = push(journal, "sandbox", target)
    assert (sent.confirmed, sent.waiting, sent.rejected) == (2, 0, 0), sent.preflight.obstacles
    assert push(journal, "sandbox", target).already == 2, "and never twice"
    reference = "ACME/caja/slip/17"
    told = [moment.facts for moment in document_story(journal, reference)]
    assert "petty cash, MUÑOZ PEÑA, 250.50" in told
    hits = search.search(journal, "munoz pena").hits
    assert reference in {hit.document for hit in hits}
    found = conflicts.compare(journal, "sandbox", target, reference)
    assert [list(item) for item in found.differences] == [[]]
    rows = {row.external_ref: row.state for row in outbox_rows.queue(journal, "sandbox")}
    assert rows == {reference: "confirmed", "ACME/caja/slip/18": "confirmed"}
    assert verification.verify(journal).ok


def test_what_happened_to_a_contact_is_told(
    run: Run, tmp_path: Path, home: Path, journal: Journal
) -> None:
    """0.1.0 ended with a KeyError: it looked for the lines of an entry in a contact."""
    (tmp_path / "terceros.csv").write_text(
        "EMPRESA DEMO SAS;;\nListado de Terceros con Direcciones;;\n;;\n"
        "Nombre;Identificación;Ciudad\nCLIENTE ÑUÑO SAS;901049056;Bogotá D.C.\n",
        "utf-8",
    )
    assert run("import", tmp_path / "terceros.csv", "--company", "ACME")[0] == 0
    reference = documents.every()[0].candidates(journal, "", None).rows[0].external_ref
    status, told = run("journal", "show", reference)
    assert status == 0 and "terceros.csv" in told
