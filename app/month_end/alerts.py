"""Alerts: a target that is missed, a connection that stays silent, documents nobody sends.

An alert is journaled when it is raised and when it is over. It is delivered once, and again after a
day if it still stands; never in a loop. Where to is a list of addresses in the form of the
``apprise`` library (e-mail, Teams, Slack, Telegram …), kept in the operating system's secret store
because they hold passwords.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from app import secrets
from app.company import settings, targets
from app.company.placement import Placement, placement_of
from app.intake import hot_folders
from app.intake.hot_folders import State
from app.journal import Journal, anchors, breaker, documents, events, kinds, memory, pulls
from app.journal.breaker import Trouble
from app.journal.events import NewEvent
from app.journal.memory import Gap
from app.journal.rows import Event, Transaction
from app.journal.store import instant, written
from app.month_end import event_alerts, figures
from app.month_end.figures import Health, Level
from app.sending.questions import Questions
from app.translation import QT_TRANSLATE_NOOP, translate

REPEATED_AFTER = timedelta(hours=24)
QUEUE_STUCK_AFTER = timedelta(minutes=15)
SILENT_AFTER = timedelta(minutes=10)
UNSENT_AFTER = timedelta(days=3)
TRIED_AGAIN = 3
"""In so many rounds what could not be delivered is tried again."""
_UNDELIVERED = "alerts.undelivered"
_NAMED = 10
SECRET = "alerts"
"""The name the addresses are kept under; one a line."""

TEXTS = {
    "latency": QT_TRANSLATE_NOOP(
        "alerts",
        "Documents take too long to reach the target: 95 % within {p95} s, {count} over 5 minutes.",
    ),
    "error-rate": QT_TRANSLATE_NOOP(
        "alerts", "{count} documents were refused or differ ({rate}); the target is under 0.1 %."
    ),
    "orphans": QT_TRANSLATE_NOOP(
        "alerts", "{count} orphan records: confirmed here and not there, or the other way round."
    ),
    "queue-stuck": QT_TRANSLATE_NOOP(
        "alerts", "{count} documents wait to be sent, the oldest since {since}."
    ),
    "silent": QT_TRANSLATE_NOOP(
        "alerts", "Connection {connection} has not answered since {since}: {words}"
    ),
    "repeated-folios": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} documents came in several files with different content ({documents}); nothing of"
        " them is sent until somebody says which file counts.",
    ),
    "sent-already": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} documents were probably sent already under another reference ({documents}); they"
        " wait until somebody says whether they are the same.",
    ),
    "changed-after-sending": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} documents came otherwise than they were sent ({documents}); correct them in the"
        " target, then say so.",
    ),
    "anchors-garbled": QT_TRANSLATE_NOOP(
        "alerts",
        "The anchors of the journal in {path} were garbled: that nothing before them was changed"
        " is no longer proved. Verify the journal, then settle it with a reason.",
    ),
    "doubled": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} documents stand in {connection} more than once: {documents}. Keep one of each and"
        " cancel the others there.",
    ),
    "forgot-older": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal is an older one than this machine last saw here. What was sent since is"
        " unknown: until the books of {connection} are read for {days}, everything is looked up"
        " before it is sent and no figure counts.",
    ),
    "forgot-other-history": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal went another way than this machine last saw here (two copies of it were used)."
        " Until the books of {connection} are read for {days}, everything is looked up before it is"
        " sent and no figure counts.",
    ),
    "forgot-other-journal": QT_TRANSLATE_NOOP(
        "alerts",
        "Another journal of this machine was used here, or sends to the same company. Until the"
        " books of {connection} are read for {days}, everything is looked up before it is sent and"
        " no figure counts.",
    ),
    "forgot-copied": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal is a copy of one that still lies elsewhere on this machine; use only one of"
        " them. Until the books of {connection} are read for {days}, everything is looked up before"
        " it is sent and no figure counts.",
    ),
    "forgot-restored": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal was restored from a copy. Until the books of {connection} are read for {days},"
        " everything is looked up before it is sent and no figure counts.",
    ),
    "forgot-recovered": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal was saved from damage. Until the books of {connection} are read for {days},"
        " everything is looked up before it is sent and no figure counts.",
    ),
    "folder-unreachable": QT_TRANSLATE_NOOP(
        "alerts", "The watched folder {path} cannot be listed since {since}: {words}"
    ),
    "files-held": QT_TRANSLATE_NOOP(
        "alerts",
        "{count} files in watched folders are not whole or cannot be read ({files}); nothing of"
        " them was imported.",
    ),
    **event_alerts.TEXTS,
    "unsent": QT_TRANSLATE_NOOP(
        "alerts", "{count} documents imported before {since} were never sent."
    ),
    "home-on-network": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal lies on a network share ({home}), where SQLite can lose events. Keep it on"
        " this machine's own disk, or use a shared journal (PostgreSQL) for several people.",
    ),
    "home-synchronised": QT_TRANSLATE_NOOP(
        "alerts",
        "The journal lies in a folder that is synchronised ({home}): an older copy may take its"
        " place. Keep it elsewhere on this machine, or use a shared journal (PostgreSQL) for"
        " several people.",
    ),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """``key`` says which (one alert stands once), ``code`` which text of :data:`TEXTS`."""

    key: str
    code: str
    level: Level
    parameters: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """In the current language."""
        return translate("alerts", TEXTS[self.code]).format(**self.parameters)


def standing(journal: Journal) -> list[Alert]:
    """What is to be alerted of now."""
    health = figures.measure(journal)
    by_itself = replace(health, gaps=())  # what is forgotten is an alert of its own
    found = [*_of_figures(by_itself), *map(_of_gap, health.gaps), *_of_questions(health.questions)]
    found += [
        _of_trouble(trouble)
        for trouble in breaker.troubles(journal)
        if instant() - trouble.since > SILENT_AFTER
    ]
    found += [*_of_placement(journal), *_of_anchors(journal), *_of_doubles(journal)]
    found += _of_folders(journal)
    found += map(_of_event, event_alerts.standing(journal))
    unsent = _never_sent(journal)
    if unsent:
        since = f"{instant() - UNSENT_AFTER:%Y-%m-%d}"
        found.append(Alert("unsent", "unsent", Level.WARNING, {"count": unsent, "since": since}))
    return found


def of_journal(journal: Journal) -> list[Alert]:
    """What is to be said of the journal itself, whatever is done with it: that it lies where files
    get lost, or does not know everything that was sent.
    """
    gaps = memory.gaps(journal, targets.keys(journal))
    return [*_of_placement(journal), *_of_anchors(journal), *map(_of_gap, gaps)]


def update(journal: Journal) -> list[Alert]:
    """Raise what is new (or stands for another day), close what is over, deliver. Answers what was
    raised.
    """
    now = standing(journal)
    _deliver_again(journal)
    raised = _note(journal, now)
    if raised:
        _deliver(journal, raised)
    return raised


def addresses(home: Path) -> list[str]:
    """Where alerts go, besides the window."""
    return [line for line in (secrets.load(home, SECRET) or "").splitlines() if line.strip()]


def keep_addresses(home: Path, given: Sequence[str]) -> bool:
    """Keep them in the secret store; False where this machine has none."""
    return secrets.store(home, SECRET, "\n".join(given))


def is_address(text: str) -> bool:
    """Whether the library knows what to do with it."""
    import apprise

    return bool(apprise.Apprise.instantiate(text, suppress_exceptions=True))


def shown_address(text: str) -> str:
    """An address without its secrets."""
    import apprise

    known = apprise.Apprise.instantiate(text, suppress_exceptions=True)
    return str(known.url(privacy=True)) if known else text.partition(":")[0] + "://•••"  # type: ignore[no-untyped-call]


def send(given: Sequence[str], title: str, body: str) -> list[str]:
    """Deliver to each; answers the kinds (``mailto``, ``slack`` …) of those that failed."""
    import apprise

    failed = []
    for text in given:
        service = apprise.Apprise()
        if not (service.add(text) and service.notify(title=title, body=body)):
            failed.append(text.partition(":")[0])
    return failed


def _of_figures(found: Health) -> list[Alert]:
    alerts = []
    if found.latency_level is not Level.MET:
        values: dict[str, object] = {"p95": f"{found.latency_p95:.0f}", "count": len(found.late)}
        alerts.append(Alert("latency", "latency", found.latency_level, values))
    if found.error_rate_level is not Level.MET:
        values = {"count": len(found.failed), "rate": f"{found.error_rate:.2%}"}
        alerts.append(Alert("error-rate", "error-rate", found.error_rate_level, values))
    if found.orphans_level is not Level.MET:
        alerts.append(
            Alert("orphans", "orphans", found.orphans_level, {"count": len(found.orphans)})
        )
    if found.oldest_waiting is not None and instant() - found.oldest_waiting > QUEUE_STUCK_AFTER:
        values = {"count": found.queue, "since": _shown(found.oldest_waiting)}
        alerts.append(Alert("queue-stuck", "queue-stuck", Level.ALARM, values))
    return alerts


def _of_folders(journal: Journal) -> list[Alert]:
    """What nobody would notice of the watched folders."""
    known = hot_folders.remembered(journal)
    found = []
    for path, (words, since) in known.unreachable.items():
        at = datetime.fromtimestamp(since).astimezone()
        if instant() - at > SILENT_AFTER:
            said: dict[str, object] = {"path": path, "since": f"{at:%Y-%m-%d %H:%M}"}
            code = "folder-unreachable"
            found.append(Alert(f"{code}:{path}", code, Level.ALARM, {**said, "words": words}))
    held = known.of_state(State.HELD)
    if held:
        names = _first_of([Path(one.path).name for one in held])
        values: dict[str, object] = {"count": len(held), "files": names}
        found.append(Alert("files-held", "files-held", Level.WARNING, values))
    return found


def _of_event(trouble: event_alerts.Trouble) -> Alert:
    level = Level.ALARM if trouble.is_alarm else Level.WARNING
    return Alert(trouble.key, trouble.code, level, trouble.values)


def _of_placement(journal: Journal) -> list[Alert]:
    """A journal in a file that lies where files get lost."""
    if journal.path is None:
        return []
    code = {
        Placement.NETWORK: "home-on-network",
        Placement.SYNCHRONISED: "home-synchronised",
    }.get(placement_of(journal.path.parent))
    if code is None:
        return []
    return [Alert(code, code, Level.WARNING, {"home": str(journal.path.parent)})]


def _of_questions(found: Questions) -> list[Alert]:
    asked = {
        "repeated-folios": found.folios,
        "sent-already": found.repeats,
        "changed-after-sending": found.changed,
    }
    return [
        Alert(code, code, Level.WARNING, {"count": len(those), "documents": _first_of(those)})
        for code, those in asked.items()
        if those
    ]


def _of_gap(gap: Gap) -> Alert:
    today = instant().date()
    start, end = gap.days or (today.replace(day=1).isoformat(), today.isoformat())
    values: dict[str, object] = {"connection": gap.connection, "days": f"{start} … {end}"}
    code = f"forgot-{gap.reason}"
    return Alert(f"forgot:{gap.connection}", code, Level.ALARM, values)


def _of_doubles(journal: Journal) -> list[Alert]:
    """Documents the last pulls show more than once."""
    prefix = settings.company_code(journal) + "/"
    found: dict[str, set[str]] = {}
    for pull in pulls.newest_of_each(journal):
        found.setdefault(pull.connection, set()).update(pulls.doubled(journal, pull.id, prefix))
    return [
        Alert(
            f"doubled:{name}",
            "doubled",
            Level.ALARM,
            {"count": len(those), "connection": name, "documents": _first_of(sorted(those))},
        )
        for name, those in found.items()
        if those
    ]


def _first_of(references: Sequence[str]) -> str:
    """The first few, so that an alert stays one."""
    more = ", …" if len(references) > _NAMED else ""
    return ", ".join(references[:_NAMED]) + more


def _of_anchors(journal: Journal) -> list[Alert]:
    try:
        anchors.kept(journal)
    except anchors.NotAnAnchor as garbled:
        code = "anchors-garbled"
        return [Alert(code, code, Level.ALARM, {"path": str(garbled)})]
    except OSError:
        pass
    return []


def _of_trouble(trouble: Trouble) -> Alert:
    values: dict[str, object] = {
        "connection": trouble.connection,
        "since": _shown(trouble.since),
        "words": trouble.words,
    }
    return Alert(f"silent:{trouble.connection}", "silent", Level.ALARM, values)


def _never_sent(journal: Journal) -> int:
    """Documents ready for days and in no outbox, where there is a connection to send them to."""
    if not settings.connections(journal):
        return 0
    before = written(instant() - UNSENT_AFTER)
    return documents.never_sent(journal, kinds.awaited(), before)


def _note(journal: Journal, now: Sequence[Alert]) -> list[Alert]:
    """Journal what changed, in one transaction, so that of several desktops one delivers."""
    with journal.writing() as transaction:
        events.lock(transaction)
        known = _raised(transaction)
        due = written(instant() - REPEATED_AFTER)
        raised = [alert for alert in now if known.get(alert.key, "") < due]
        over = known.keys() - {alert.key for alert in now}
        log = [
            NewEvent(
                "alert.raised",
                f"alert:{alert.key}",
                {
                    "what": alert.text,
                    "level": alert.level.value,
                    "code": alert.code,
                    "parameters": alert.parameters,
                },
            )
            for alert in raised
        ]
        log += [NewEvent("alert.cleared", f"alert:{key}") for key in sorted(over)]
        events.append(transaction, journal.actor, log)
    return raised


def _raised(transaction: Transaction) -> dict[str, str]:
    """Key → when it was last raised, of the alerts that stand."""
    return {key: event.at for key, event in _standing(transaction).items()}


def _standing(transaction: Transaction) -> dict[str, Event]:
    """Key → the event that raised it last, of the alerts that are not over."""
    found: dict[str, Event] = {}
    for event in events.read(transaction, area="alert"):
        key = event.subject.removeprefix("alert:")
        if event.kind == "alert.raised":
            found[key] = event
        elif event.kind == "alert.cleared":
            found.pop(key, None)
    return found


def _deliver(journal: Journal, raised: Sequence[Alert]) -> None:
    given = addresses(journal.home) if journal.home else []
    if not given:
        return
    title = translate("alerts", "Cuadre: {count} alerts").format(count=len(raised))
    body = "\n".join(alert.text for alert in raised)
    failed = send(given, title, body)
    if failed:
        events.record(journal, "alert.not-delivered", "alert", sent_to=failed)
        kept = {"kinds": failed, "title": title, "body": body, "left": TRIED_AGAIN}
        settings.put(journal, _UNDELIVERED, json.dumps(kept, ensure_ascii=False))


def _deliver_again(journal: Journal) -> None:
    """What could not be delivered, to those it failed for, in each of the next rounds."""
    kept = json.loads(settings.get(journal, _UNDELIVERED) or "{}")
    if not kept or journal.home is None:
        return
    given = [one for one in addresses(journal.home) if one.partition(":")[0] in kept["kinds"]]
    failed = send(given, kept["title"], kept["body"])
    left = {**kept, "kinds": failed, "left": kept["left"] - 1}
    again = json.dumps(left, ensure_ascii=False) if failed and left["left"] else ""
    settings.put(journal, _UNDELIVERED, again)


def standing_texts(journal: Journal) -> list[str]:
    """What was raised and is not over, in the current language."""
    with journal.reading() as transaction:
        standing = _standing(transaction).values()
    return [
        translate("alerts", TEXTS[event.data["code"]]).format(**event.data["parameters"])
        for event in standing
    ]


def _shown(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
