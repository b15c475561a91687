"""The pieces of unattended work, and when each is due.

What is due often (folders, events, sending) is done at every call of a scheduler; the rest when its
time has come. The journal keeps the times and who is at it, so that a window, a service and a
second desktop never do one thing twice; what was missed is done once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.agent import rules
from app.agent.rules import Rule
from app.company import settings
from app.journal import Journal, roles
from app.journal import jobs as leases
from app.journal.roles import Role
from app.journal.store import instant
from app.translation import QT_TRANSLATE_NOOP, translate

_SETTING = "jobs"


class Job(StrEnum):
    """What unattended work consists of, in the order of a round."""

    FOLDERS = "folders"
    INBOX = "inbox"
    POLLS = "polls"
    SWEEP = "sweep"
    CONTACTS = "contacts"
    PAYMENTS = "payments"
    SEND = "send"
    BOOKS = "books"
    ORPHANS = "orphans"
    CLOSE = "close"
    FIGURES = "figures"
    ALERTS = "alerts"


TEXTS = {
    Job.FOLDERS: QT_TRANSLATE_NOOP("jobs", "import what came into the watched folders"),
    Job.INBOX: QT_TRANSLATE_NOOP("jobs", "look at the events that came"),
    Job.POLLS: QT_TRANSLATE_NOOP("jobs", "ask the targets what changed"),
    Job.SWEEP: QT_TRANSLATE_NOOP("jobs", "ask the targets what was deleted"),
    Job.CONTACTS: QT_TRANSLATE_NOOP("jobs", "keep contacts of two systems the same"),
    Job.PAYMENTS: QT_TRANSLATE_NOOP("jobs", "propose receipts for payments that arrived"),
    Job.SEND: QT_TRANSLATE_NOOP("jobs", "send what is ready"),
    Job.BOOKS: QT_TRANSLATE_NOOP("jobs", "read books anew in which something changed"),
    Job.ORPHANS: QT_TRANSLATE_NOOP("jobs", "look for orphan records"),
    Job.CLOSE: QT_TRANSLATE_NOOP("jobs", "close the month as far as no person is needed"),
    Job.FIGURES: QT_TRANSLATE_NOOP("jobs", "keep the figures"),
    Job.ALERTS: QT_TRANSLATE_NOOP("jobs", "raise and deliver alerts"),
}
_RULES = {
    Job.FOLDERS: "every 5 s",
    Job.INBOX: "every 5 s",
    Job.POLLS: "every 10 s",
    Job.SWEEP: "daily 03:30",
    Job.CONTACTS: "every 5 min",
    Job.PAYMENTS: "every 5 min",
    Job.SEND: "every 1 min",
    Job.BOOKS: "every 15 min",
    Job.ORPHANS: "weekly mon 05:00",
    Job.CLOSE: "never",
    Job.FIGURES: "every 1 min",
    Job.ALERTS: "every 1 min",
}
ZONES = {"MXN": "America/Mexico_City", "COP": "America/Bogota"}


@dataclass(frozen=True, slots=True)
class Plan:
    """When a job is due."""

    job: Job
    rule: Rule
    zone: ZoneInfo

    def next_due(self, after: datetime) -> datetime | None:
        return rules.next_due(self.rule, self.zone, after)


def plans(journal: Journal) -> dict[Job, Plan]:
    """Of every job; a company's own where it said one, by the clocks of its country."""
    chosen = _chosen(journal)
    own = ZONES.get(settings.currency(journal), ZONES["MXN"])
    found = {}
    for job in Job:
        rule, zone = chosen.get(job.value, (_RULES[job], ""))
        found[job] = Plan(job, rules.parsed(rule), rules.zone_of(zone or own))
    return found


def change(journal: Journal, job: Job, rule: str, zone: str = "") -> Plan:
    """Do a job by this rule from now on. Raises NotAllowed, NotARule, NoZone."""
    roles.require(journal, Role.ADMIN)
    if zone:
        rules.zone_of(zone)
    chosen = {**_chosen(journal), job.value: (rules.parsed(rule).text, zone)}
    settings.put(journal, _SETTING, json.dumps(chosen, sort_keys=True))
    plan = plans(journal)[job]
    leases.place(journal, job.value, plan.next_due(instant()) if plan.rule.days else None)
    return plan


def text_of(job: Job) -> str:
    return translate("jobs", TEXTS[job])


def _chosen(journal: Journal) -> Mapping[str, tuple[str, str]]:
    kept: dict[str, list[str]] = json.loads(settings.get(journal, _SETTING, "{}"))
    return {name: (rule, zone) for name, (rule, zone) in kept.items()}
