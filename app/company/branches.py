"""Which branch or series a file is of, remembered by how it is called and by whose it says it is.

Legacy systems number the vouchers of each branch anew; a person says once of which branch a file
is, and files called alike (but for their numbers and months), or whose title names the branch and
is the same, are of the same one. What was said of two branches is remembered of neither.
"""

from __future__ import annotations

import json
import re

from app.journal import Journal, batches, events
from app.journal.settings import get, put
from importers.values import plain

NONE = "-"
"""Said of a file that is of no branch, whatever is remembered."""
_SETTING = "branches"
_MONTHS = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre"
    "|diciembre|january|february|march|april|may|june|july|august|september|october|november"
    "|december|ene|feb|mar|abr|jun|jul|ago|sep|oct|nov|dic|jan|apr|aug|dec"
)
_VARIES = re.compile(rf"\d+|(?<![a-z])(?:{_MONTHS})(?![a-z])")


def pattern_of(name: str) -> str:
    """How a file is called, its numbers and months left open: ``norte # #.txt``."""
    return re.sub(r"[\s_\-.#]+", " ", _VARIES.sub("#", plain(name))).strip()


def by_name(journal: Journal, name: str) -> str:
    """The branch files of this name were said to be of; empty where nobody said, or different ones
    were said.
    """
    return _kept(journal).get(f"name:{pattern_of(name)}", "")


def by_title(journal: Journal, company: str) -> str:
    """The same by the company the title of a file names."""
    return _kept(journal).get(f"title:{plain(company)}", "") if company.strip() else ""


def remember(journal: Journal, name: str, company: str, branch: str) -> None:
    """Keep what a person said of a file that was imported: its name, the company of its title, the
    branch. It is not kept of names and titles that files of another or of no branch have as well:
    their vouchers would get other references than they were sent with.
    """
    kept = _kept(journal)
    known = dict(kept)
    used = _used(journal)
    title = plain(company) if plain(branch) in plain(company) else ""
    for key, text in (("name", pattern_of(name)), ("title", title)):
        place = f"{key}:{text}"
        if text:
            is_its_own = used.get(place, {branch}) == {branch}
            known[place] = branch if is_its_own and known.get(place, branch) == branch else ""
    if known != kept:
        put(journal, _SETTING, json.dumps(known, sort_keys=True, ensure_ascii=False))


def _used(journal: Journal) -> dict[str, set[str]]:
    """The branches of the files imported so far, by what they are called and whose they are."""
    found: dict[str, set[str]] = {}
    branch_of = {}
    for event in events.of(journal, area="batch", kinds=("import.started",)):
        branch = str(event.data["options"].get("source", ""))
        branch_of[event.subject] = branch
        found.setdefault(f"name:{pattern_of(event.data['file'])}", set()).add(branch)
    for row in batches.every(journal):
        company = plain(json.loads(row.title or "{}").get("company", ""))
        found.setdefault(f"title:{company}", set()).add(branch_of.get(f"batch:{row.id}", ""))
    return found


def _kept(journal: Journal) -> dict[str, str]:
    found: dict[str, str] = json.loads(get(journal, _SETTING) or "{}")
    return found
