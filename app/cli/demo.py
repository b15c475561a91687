"""``cuadre demo``: the whole way on a shipped sample. ``cuadre sandbox serve``: the embedded ERP by
itself.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from datetime import date
from pathlib import Path

import resources
from app.cli import documents, intake, reconciling, sending
from app.cli.output import Stop, answer, say, tell
from app.company import connecting, settings
from app.company.settings import ConnectionSettings
from app.documents import FISCAL
from app.documents.maps import Link, MapKind
from app.intake import importing
from app.journal import Journal
from app.journal.outside import STATE_VARIABLE
from app.reconciling.fiscal_documents import Comparison, compare
from app.reconciling.summaries import summary
from app.sending import maps, proposals
from app.sending import pull as pulling
from app.sending import push as pushing
from app.system_words import system_words
from app.translation import translate
from connectors.contract import Connector
from connectors.sandbox import SandboxServer, SandboxStore
from connectors.sandbox.server import DEFAULT_PASSWORD, DEFAULT_USER
from importers import Options
from importers.document_months import gathered

CONNECTION = "sandbox"
SAMPLE = resources.path("samples", "polizas_enero_2026.txt")
PERIOD = (date(2026, 1, 1), date(2026, 1, 31))
PAPERS = resources.path("samples", "cfdi_marzo_2026.zip")
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
OWN_TAX_ID = "EKU9003173C9"
LINKS = (
    Link(MapKind.ITEM, "sale:*", "401.01"),
    Link(MapKind.ITEM, "purchase:*", "601.34"),
    Link(MapKind.BANK, "receipt:*", "102.01"),
    Link(MapKind.BANK, "payment:*", "102.01"),
    Link(MapKind.TAX, "MX:IVA:R:0.106667@purchase", "RIVA106667"),
)
"""What a person decides once: accounts, banks, and a tax of which the target has two."""


def demo(chosen: argparse.Namespace) -> int:
    folder = Path(chosen.keep) if chosen.keep else Path(tempfile.mkdtemp(prefix="cuadre-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault(STATE_VARIABLE, str(folder / "state"))
    home = folder / "home"
    server = SandboxServer(SandboxStore(folder / "sandbox-erp.db")).start()
    try:
        result, lines = _the_whole_way(home, folder, server.url, quiet=chosen.json)
        picture = folder / "conciliacion.png"
        sides = (f"batch:{result['batch']}", f"pull:{CONNECTION}")
        window = has_screen() and not chosen.no_window and not chosen.json
        if not window:
            chosen.render_window(home, sides, picture)
            lines.append(translate("demo", "Picture of the window: {path}").format(path=picture))
            result["picture"] = str(picture)
        del result["batch"]
        answer(chosen.json, result, lines)
        if window:
            chosen.open_window(home, sides)
    finally:
        server.stop()
    return 0


def sandbox_serve(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    home.mkdir(parents=True, exist_ok=True)
    store = SandboxStore(home / "sandbox-erp.db", country=chosen.country)
    try:
        server = SandboxServer(store, chosen.port, chosen.per_minute)
    except OSError as error:
        text = translate(
            "demo", "Port {port} cannot be used ({reason}). Choose another one with --port."
        )
        raise Stop(text.format(port=chosen.port, reason=system_words(error))) from None
    say(
        translate(
            "demo", "Sandbox ERP on {url} (user {user}, password {password}); Ctrl+C ends it."
        ).format(url=server.url, user=DEFAULT_USER, password=DEFAULT_PASSWORD)
    )
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        tell(translate("demo", "Sandbox ended."))
    return 0


def has_screen() -> bool:
    """Whether a window can be shown to somebody."""
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def _the_whole_way(
    home: Path, folder: Path, url: str, quiet: bool
) -> tuple[dict[str, object], list[str]]:
    def step(number: int, text: str) -> None:
        if not quiet:
            say(f"{number}. {text}")

    journal = settings.open_journal(home)
    settings.settle_company(journal, "DEMO")
    step(1, translate("demo", "Import {file}").format(file=SAMPLE.name))
    imported = importing.import_file(journal, SAMPLE)
    if not quiet:
        for line in intake.intake_lines(journal, SAMPLE.name, imported):
            say("   " + line)
    kept = ConnectionSettings(CONNECTION, "sandbox", url, user=DEFAULT_USER)
    settings.add_connection(journal, kept, moved=True)
    target = connecting.connect(kept, DEFAULT_PASSWORD)
    found = proposals.unmapped(journal, CONNECTION, target)
    accepted = maps.accept_suggestions(journal, CONNECTION, found)
    text = translate("demo", "Map: {accepted} of {found} accounts and journals by suggestion")
    step(2, text.format(accepted=accepted, found=len(found)))
    step(3, translate("demo", "Push to {url}").format(url=url))
    pushed = pushing.push(journal, CONNECTION, target)
    if not quiet:
        for line in sending.push_lines(pushed):
            say("   " + line)
    lines = pulling.pull(journal, CONNECTION, target, *PERIOD).lines
    step(
        4,
        translate("demo", "Pull: {lines} ledger lines of the target's own books").format(
            lines=lines
        ),
    )
    step(5, translate("demo", "Reconcile"))
    result = reconciling.run_reconciliation(
        journal, f"batch:{imported.batch}", f"pull:{CONNECTION}"
    )
    report = folder / "conciliacion.xlsx"
    reconciling.save_report(journal, result, report)
    step(6, translate("demo", "Invoices and payments of {file}").format(file=PAPERS.name))
    papers = _papers(journal, target)
    target.close()
    shown = ["   " + line for line in reconciling.reconciliation_lines(result)]
    shown += ["", translate("demo", "Documents against the books:")]
    shown += documents.compared_lines(papers)
    shown += ["", translate("demo", "Working paper: {path}").format(path=report)]
    value: dict[str, object] = {
        "batch": imported.batch,
        "import": intake.intake_json(imported),
        "push": sending.push_json(pushed),
        "reconciliation": summary(result),
        "documents": {state.value: count for state, count in sorted(papers.counts.items())},
        "documents_unexplained": papers.unexplained,
        "home": str(home),
        "report": str(report),
    }
    journal.close()
    return value, shown


def _papers(journal: Journal, target: Connector) -> Comparison:
    """A zip of CFDI sent whole, and what stands in the books against it."""
    options = Options(own_tax_ids=(OWN_TAX_ID,))
    for export in gathered(PAPERS).exports:
        importing.import_export(journal, export, "DEMO", options)
    maps.save(journal, CONNECTION, LINKS)
    found = proposals.unmapped(journal, CONNECTION, target, fiscal=True)
    maps.accept_suggestions(journal, CONNECTION, found)
    pushing.push(journal, CONNECTION, target, also=FISCAL)
    return compare(journal, CONNECTION, target, *MARCH)
