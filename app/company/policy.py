"""What a company has decided once about files that are not perfect, and what a person decides about
one of them.

``errors``: a file with blocked vouchers sends the others (``valid``) or nothing (``file``) until
somebody lets it go. ``warnings``: vouchers with warnings go (``pass``) or wait for somebody who
accepts them (``ask``). ``approval``: a file may be sent by whoever imported it (``none``) or needs
another person's approval (``other``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from app.company import settings
from app.journal import Journal, events, roles
from app.journal.folios import FOLIOS
from app.journal.overrides import ReasonMissing
from app.journal.roles import Role
from app.refusals import Refused
from app.translation import QT_TRANSLATE_NOOP

CHOICES: Mapping[str, tuple[str, str]] = {
    "errors": ("valid", "file"),
    "warnings": ("pass", "ask"),
    "approval": ("none", "other"),
}
"""What can be chosen for each; the first is what holds until somebody chooses."""

CHOICE_TEXTS = {
    ("errors", "valid"): QT_TRANSLATE_NOOP("policy", "A file with errors: send its valid vouchers"),
    ("errors", "file"): QT_TRANSLATE_NOOP(
        "policy", "A file with errors: send nothing of it until somebody lets it go"
    ),
    ("warnings", "pass"): QT_TRANSLATE_NOOP("policy", "Vouchers with warnings: send them"),
    ("warnings", "ask"): QT_TRANSLATE_NOOP(
        "policy", "Vouchers with warnings: send them once somebody accepts them"
    ),
    ("approval", "none"): QT_TRANSLATE_NOOP("policy", "Approval: whoever imports may send"),
    ("approval", "other"): QT_TRANSLATE_NOOP(
        "policy", "Approval: another person than who imported has to approve"
    ),
}


class Approval(StrEnum):
    """What of a batch a person lets go."""

    ERRORS = "errors"
    WARNINGS = "warnings"
    SENDING = "sending"
    FOLIOS = FOLIOS


class OwnWork(Refused):
    """Who imported a file cannot approve it; the argument is who imported it."""

    words = QT_TRANSLATE_NOOP("decide", "{person} imported it; another person has to approve it.")

    def said(self) -> Mapping[str, object]:
        return {"person": self}


@dataclass(frozen=True, slots=True)
class Policy:
    errors: str = "valid"
    warnings: str = "pass"
    approval: str = "none"


def load(journal: Journal) -> Policy:
    """The company's policy."""
    return Policy(
        **{
            name: settings.get(journal, f"policy.{name}", known[0])
            for name, known in CHOICES.items()
        }
    )


def change(journal: Journal, policy: Policy, reason: str) -> None:
    """Set the policy. Raises NotAllowed, ReasonMissing, ValueError on a choice there is not."""
    roles.require(journal, Role.ADMIN)
    before, after = asdict(load(journal)), asdict(policy)
    if not reason.strip():
        raise ReasonMissing
    for name, value in after.items():
        if value not in CHOICES[name]:
            raise ValueError(value)
        if value != before[name]:
            settings.put(journal, f"policy.{name}", value, reason)


def approve(journal: Journal, batch: int, what: Approval, reason: str) -> None:
    """Let a batch go. Raises NotAllowed, ReasonMissing, OwnWork."""
    roles.require(journal, Role.PUSH)
    if not reason.strip():
        raise ReasonMissing
    if what is Approval.SENDING and load(journal).approval == "other":
        importer = imported_by(journal, batch)
        if roles.user_of(importer) == roles.user_of(journal.actor):
            raise OwnWork(importer)
    events.record(journal, "batch.approved", f"batch:{batch}", what=what.value, reason=reason)


def approvals(journal: Journal) -> dict[int, set[Approval]]:
    """Batch → what of it was let go."""
    found: dict[int, set[Approval]] = {}
    for event in events.of(journal, area="batch", kinds=("batch.approved",)):
        batch = int(event.subject.removeprefix("batch:"))
        found.setdefault(batch, set()).add(Approval(event.data["what"]))
    return found


def imported_by(journal: Journal, batch: int) -> str:
    """Who imported a batch."""
    started = events.of(journal, subject=f"batch:{batch}", kinds=("import.started",))
    return started[0].actor if started else ""
