"""``cuadre connection``, ``push`` and ``pull``."""

from __future__ import annotations

import argparse
import getpass
import re
import sys
import time
import webbrowser
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from app import secrets, telling
from app.cli.home import open_home
from app.cli.intake import DOCUMENTS
from app.cli.output import ProgressLine, Stop, answer, decided, table, tell
from app.cli.targets import ask_secret, known_connection, open_target
from app.company import connecting, settings
from app.company.addresses import INSECURE_REASON, Insecure, origin, parted
from app.company.settings import ConnectionSettings
from app.documents import FISCAL, left_out
from app.documents.obstacles import obstacle_text
from app.journal import Journal, listings
from app.month_end import alerts
from app.sending import pull as pulling
from app.sending import push as pushing
from app.sending.preflight import Preflight
from app.translation import translate
from connectors.errors import ConnectorError
from connectors.oauth import LogIn
from connectors.systems import LIMIT_TEXTS, SYSTEMS
from connectors.transport import fingerprint, server_certificate
from connectors.vendor import Vendor


def connection_add(chosen: argparse.Namespace) -> int:
    home = settings.home_folder(chosen.home)
    journal = open_home(chosen)
    address = parted(chosen.url or SYSTEMS[chosen.system].url)
    url = SYSTEMS[chosen.system].address(address.url)
    if not re.match(r"https?://[^/\s]", url):
        text = translate("cli", "{value} is not an address; it begins with https:// (or http://).")
        raise Stop(text.format(value=url))
    given = ConnectionSettings(
        chosen.name,
        chosen.system,
        url,
        chosen.database,
        chosen.user or address.user,
        SYSTEMS[chosen.system].per_minute if chosen.per_minute is None else chosen.per_minute,
        SYSTEMS[chosen.system].per_day if chosen.per_day is None else chosen.per_day,
        _options(chosen) | _pinned(journal, chosen.name, url) | _insecure(chosen),
    )
    system = SYSTEMS[chosen.system]
    entry = connecting.client_entry(chosen.name) if system.has_client_secret else chosen.name
    secret = _secret_for(system, entry, address.password)
    _keep(journal, given)
    kept = secret is None or secrets.store(home, entry, secret, origin(url))
    if not kept:
        text = translate(
            "cli",
            "This machine has no secret store: the secret was not kept. It will be asked each time,"
            " or taken from {variable}.",
        )
        tell(text.format(variable=secrets.variable(entry)))
    text = translate("cli", "Connection {name} saved.").format(name=chosen.name)
    answer(chosen.json, {"name": chosen.name, "system": chosen.system, "secret_kept": kept}, [text])
    return 0


def _secret_for(system: Vendor, entry: str, inside: str) -> str | None:
    """The secret to be kept: the one that stood in the address, or what is typed; None where none
    is asked for.
    """
    if inside or not system.asks_secret or secrets.handed(entry):
        return inside or None
    if not system.may_have_client_secret:
        return ask_secret(entry)
    if not sys.stdin.isatty():
        return None
    return getpass.getpass(translate("cli", "Client secret, if any: ")) or None


def _keep(journal: Journal, given: ConnectionSettings) -> None:
    """Raises Stop for a name or an address that may not be used."""
    try:
        settings.add_connection(journal, given)
    except settings.ConnectionInUse as used:
        text = translate(
            "cli", "Documents were sent to {name} at {url}. Use another name for another target."
        )
        raise Stop(text.format(name=given.name, url=used)) from None
    except Insecure as refused:
        hint = translate("cli", "Name the reason with --allow-http.")
        raise Stop(f"{telling.tell(refused)} {hint}") from None


def _insecure(chosen: argparse.Namespace) -> dict[str, str]:
    return {INSECURE_REASON: chosen.allow_http} if chosen.allow_http else {}


def connection_login(chosen: argparse.Namespace) -> int:
    """Through the browser; what comes back is kept by the operating system."""
    home = settings.home_folder(chosen.home)
    journal = open_home(chosen)
    kept = known_connection(journal, chosen.name)
    try:
        log_in = LogIn(connecting.provider(kept, connecting.client_secret_of(journal, kept)))
        tell(
            translate("cli", "Log in in the browser. If it does not open, go to {address}").format(
                address=log_in.address
            )
        )
        webbrowser.open(log_in.address)
        tokens = log_in.wait()
    except ValueError:
        raise Stop(
            translate("cli", "{name} does not log in through the browser.").format(name=kept.name)
        ) from None
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    if not secrets.store(home, chosen.name, str(tokens["refresh_token"]), origin(kept.url)):
        raise Stop(translate("cli", "This machine has no secret store: the log-in cannot be kept."))
    answer(chosen.json, {"name": chosen.name, "logged_in": True}, [translate("cli", "Logged in.")])
    return 0


def connection_certificate(chosen: argparse.Namespace) -> int:
    """Show the certificate of a server no authority vouches for; with ``--pin`` trust exactly that
    one.
    """
    journal = open_home(chosen)
    kept = known_connection(journal, chosen.name)
    parts = urlsplit(kept.url)
    try:
        pem = server_certificate(parts.hostname or "", parts.port or 443)
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    shown = fingerprint(pem)
    lines = [f"SHA-256 {shown}"]
    if chosen.pin:
        settings.add_connection(
            journal, replace(kept, options={**kept.options, "certificate": pem})
        )
        lines.append(
            translate("cli", "From now on exactly this certificate is trusted for {name}.").format(
                name=kept.name
            )
        )
    else:
        text = translate(
            "cli", "Compare it with what the server's administrator says; then repeat with --pin."
        )
        lines.append(text)
    answer(chosen.json, {"sha256": shown, "pinned": chosen.pin, "pem": pem}, lines)
    return 0


def _options(chosen: argparse.Namespace) -> dict[str, str]:
    known = [option.name for option in SYSTEMS[chosen.system].options]
    found = {}
    for text in chosen.option:
        name, _, value = text.partition("=")
        if name not in known:
            wanted = ", ".join(known) or translate("cli", "none")
            raise Stop(
                translate("cli", "{system} has no option {name}; it has: {known}.").format(
                    system=chosen.system, name=name, known=wanted
                )
            )
        option = next(option for option in SYSTEMS[chosen.system].options if option.name == name)
        if (option.choices and value not in option.choices) or (
            option.number and not value.isdecimal()
        ):
            wanted = ", ".join(option.choices) or translate("cli", "a number")
            raise Stop(
                translate("cli", "{name}={value}: it has to be {wanted}.").format(
                    name=name, value=value, wanted=wanted
                )
            )
        found[name] = value
    lacking = ", ".join(option.name for option in SYSTEMS[chosen.system].missing(found))
    if lacking:
        raise Stop(
            translate("cli", "{system} needs {options}; give each with --option.").format(
                system=SYSTEMS[chosen.system].title, options=lacking
            )
        )
    return found


def _pinned(journal: Journal, name: str, url: str) -> dict[str, str]:
    """The certificate that is trusted for this connection already, while its address stays."""
    kept = next(
        (item for item in settings.connections(journal) if (item.name, item.url) == (name, url)),
        None,
    )
    return (
        {"certificate": kept.options["certificate"]}
        if kept and kept.options.get("certificate")
        else {}
    )


def connection_remove(chosen: argparse.Namespace) -> int:
    """One that was never used."""
    journal = open_home(chosen)
    known_connection(journal, chosen.name)
    decided(lambda: connecting.remove(journal, chosen.name))
    text = translate("cli", "The connection {name} is taken away.").format(name=chosen.name)
    answer(chosen.json, {"removed": chosen.name}, [text])
    return 0


def connection_list(chosen: argparse.Namespace) -> int:
    found = settings.connections(open_home(chosen))
    rows = [(item.name, item.system, item.url, item.database, item.user) for item in found]
    names = ("name", "system", "url", "database", "user")
    answer(chosen.json, [dict(zip(names, row, strict=True)) for row in rows], table(rows))
    return 0


def connection_check(chosen: argparse.Namespace) -> int:
    _, target = open_target(chosen, chosen.name)
    try:
        identity = target.identify()
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    result = {
        "user": identity.user,
        "company": identity.company,
        "tax_id": identity.tax_id,
        "currency": identity.currency,
        "server": identity.server,
        "locks": {lock.name: lock.until for lock in identity.locks},
        "capabilities": {
            "unique_reference": target.capabilities.unique_reference,
            "batch": target.capabilities.batch,
            "ledger": target.capabilities.ledger,
            "push": sorted(target.capabilities.push),
            "pull": sorted(target.capabilities.pull),
            "limits": list(target.capabilities.limits),
            "leaves_out": sorted(target.capabilities.leaves_out),
        },
        "may_write": identity.may_write,
    }
    locks = ", ".join(f"{lock.name} ≤ {lock.until}" for lock in identity.locks) or translate(
        "cli", "none"
    )
    rows = [
        (translate("cli", "User"), identity.user),
        (translate("cli", "Company"), f"{identity.company}  {identity.tax_id}".strip()),
        (translate("cli", "Currency"), identity.currency),
        (translate("cli", "Server"), identity.server),
        (translate("cli", "Locked periods"), locks),
    ]
    limits = [f"• {translate('limits', LIMIT_TEXTS[name])}" for name in target.capabilities.limits]
    without = ", ".join(left_out.names(target.capabilities.leaves_out))
    if without:
        limits.append("• " + translate("cli", "Not sent to it: {names}.").format(names=without))
    if identity.may_write is False:
        text = translate("cli", "▲ User {user} may only read: every voucher would be refused.")
        limits.append(text.format(user=identity.user))
    answer(chosen.json, result, [*table(rows), *limits])
    return 1 if identity.may_write is False else 0


def push(chosen: argparse.Namespace) -> int:
    while True:
        status = _push_once(chosen)
        if not chosen.every:
            return status
        time.sleep(chosen.every)


def _push_once(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    if chosen.batch is not None and listings.find_batch(journal, str(chosen.batch)) is None:
        raise Stop(
            translate("cli", "The journal knows no {subject}.").format(
                subject=f"batch:{chosen.batch}"
            )
        )
    progress = ProgressLine(translate("cli", "Sending"))
    try:
        result = pushing.push(
            journal,
            chosen.connection,
            target,
            chosen.batch,
            dry_run=chosen.dry_run,
            only_ready=chosen.only_ready,
            retry=chosen.retry,
            also=(
                *(("contact",) if chosen.contacts else ()),
                *(FISCAL if chosen.documents else ()),
            ),
            deadline=chosen.deadline,
            progress=progress,
        )
    except ConnectorError as error:
        alerts.update(journal)
        if not chosen.every:
            raise Stop(telling.tell(error)) from None
        tell(telling.tell(error))
        return 2
    finally:
        progress.close()
        target.close()
    alerts.update(journal)
    journal.close()
    answer(chosen.json, push_json(result), push_lines(result))
    return 0 if result.clean else 1


def pull(chosen: argparse.Namespace) -> int:
    journal, target = open_target(chosen, chosen.connection)
    try:
        start, end = (_day(text) for text in (chosen.start, chosen.end))
    except ValueError as error:
        raise Stop(
            translate("cli", "{value} is not a date; write it as 2026-01-31.").format(value=error)
        ) from None
    if start > end:
        raise Stop(
            translate("cli", "The period ends before it begins: {start} … {end}.").format(
                start=start, end=end
            )
        )
    try:
        pulled = pulling.pull(journal, chosen.connection, target, start, end)
    except ConnectorError as error:
        raise Stop(telling.tell(error)) from None
    finally:
        target.close()
    text = translate("cli", "Pull {pull}: {lines} ledger lines from {start} to {end}.")
    shown = [text.format(pull=pulled.identifier, lines=pulled.lines, start=start, end=end)]
    if pulled.refused:
        text = translate("cli", "▲ The target did not hand out its trial balance: {words}")
        shown.append(text.format(words=pulled.refused))
    if not pulled.whole:
        shown.append("▲ " + translate("pull", pulling.PARTLY))
    value = {
        "whole": pulled.whole,
        "pull": pulled.identifier,
        "lines": pulled.lines,
        "from": start,
        "to": end,
        "refused": pulled.refused,
    }
    answer(chosen.json, value, shown)
    return 0


def push_json(result: pushing.PushResult) -> dict[str, object]:
    """The stable answer of ``push --json``."""
    return {
        "sent": result.sent,
        "confirmed": result.confirmed,
        "already": result.already,
        "rejected": result.rejected,
        "uncertain": result.uncertain,
        "waiting": result.waiting,
        "looked_up": result.looked_up,
        "look_up_seconds": round(result.look_up_seconds, 2),
        "changed": result.changed,
        "repeats": [
            {
                "reference": repeat.reference,
                "change": repeat.change,
                "seen": repeat.seen.reference or repeat.seen.number,
                "number": repeat.seen.number,
            }
            for repeat in result.preflight.repeats
        ],
        "calls": result.preflight.calls,
        "left_out": [
            {"field": name, "value": value, "documents": count}
            for (name, value), count in sorted(result.preflight.left_out.items())
        ],
        "superseded": result.preflight.superseded,
        "skipped": result.preflight.skipped,
        "obstacles": [
            {
                "problem": obstacle.problem.value,
                "what": obstacle.what,
                "documents": obstacle.documents,
            }
            for obstacle in result.preflight.obstacles.values()
        ],
    }


def push_lines(result: pushing.PushResult) -> Iterator[str]:
    yield from obstacle_lines(result.preflight)
    if result.preflight.unread:
        text = translate(
            "cli",
            "▲ The target does not show its books ({words}): whether documents were entered there"
            " under another reference was not looked at.",
        )
        yield "  " + text.format(words=result.preflight.unread)
    if result.preflight.calls:
        text = translate("cli", "This takes about {calls} calls, which the target's plan counts.")
        yield "  " + text.format(calls=f"{result.preflight.calls:,}")
    for (name, value), count in sorted(result.preflight.left_out.items()):
        documents = translate("cli", DOCUMENTS, count)
        yield f"  ▲ {left_out.text_of(name, value)}  ({documents})"
    for reference in result.preflight.superseded:
        text = translate("cli", "{document} came in several files; as decided, one of them counts.")
        yield "  " + text.format(document=reference)
    for reference, changes in result.changed.items():
        text = translate("cli", "{document} was changed by the target: {changes}")
        yield "  " + text.format(document=reference, changes=changes)
    if not result.sent:
        text = translate("cli", "Nothing was sent. {ready} documents are ready, {held} are held.")
        yield text.format(ready=len(result.preflight.intents), held=len(result.preflight.held))
    if result.looked_up:
        text = translate(
            "cli",
            "Looked up before the first sending: {looked_up} document(s), {seconds} s (the target"
            " would take them twice, or the journal may not know what was sent).",
        )
        yield text.format(looked_up=result.looked_up, seconds=f"{result.look_up_seconds:.1f}")
    text = translate(
        "cli",
        "Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain"
        " {uncertain} · waiting {waiting}",
    )
    yield text.format(**vars(result))


def obstacle_lines(found: Preflight) -> Iterator[str]:
    for obstacle in found.obstacles.values():
        count = translate("cli", DOCUMENTS, len(obstacle.documents))
        yield f"  {obstacle_text(obstacle.problem, obstacle.what)}  ({count})"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(text) from None
