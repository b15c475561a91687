"""The paper of a reconciliation to be signed: the proof, the bridge by category, what is open and
since when. The same byte for byte from the same state.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from app.matching.outcome import MatchState
from app.matching.reasons import RULE_TEXTS, why_open
from app.money import show
from app.reconciling.origins import Origin
from app.reconciling.paper import Paper
from app.translation import translate

if TYPE_CHECKING:
    from reportlab.platypus import Flowable

LONGEST_TEXT = 240
SHOWN_OPEN = 400
"""Open items on paper; the working paper has them all."""
_GREY = "#eef1f4"


def write_pdf(path: Path, paper: Paper) -> None:
    """Write the paper. Raises OSError."""
    path.write_bytes(_made(paper))


def _made(paper: Paper) -> bytes:
    from reportlab import rl_config
    from reportlab.lib.pagesizes import landscape, letter
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.platypus import SimpleDocTemplate

    rl_config.invariant = 1
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    written = BytesIO()
    title = f"{translate('report', 'Reconciliation')} {paper.company} {paper.period}".strip()
    document = SimpleDocTemplate(
        written,
        pagesize=landscape(letter),
        leftMargin=14 * mm,
        rightMargin=14 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
        title=title,
        author="Cuadre",
        invariant=1,
    )

    document.build(
        _story(paper, title), canvasmaker=_numbered(f"{title} · {paper.state} · {paper.anchor}")
    )
    return written.getvalue()


def _numbered(foot: str) -> type:
    """A canvas that knows how many pages there are before the first is written."""
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    class Numbered(Canvas):  # type: ignore[misc]
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            self._pages: list[dict[str, Any]] = []

        def showPage(self) -> None:
            self._pages.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._pages, 1):
                self.__dict__.update(page)
                self.setFont("Vera", 7)
                self.drawString(14 * mm, 9 * mm, foot[:150])
                said = translate("report", "page {number} of {count}")
                text = said.format(number=number, count=len(self._pages))
                self.drawRightString(self._pagesize[0] - 14 * mm, 9 * mm, text)
                super().showPage()
            super().save()

    return Numbered


def _origin(origin: Origin) -> str:
    return " · ".join(filter(None, (origin.title, origin.proof)))


def _story(paper: Paper, title: str) -> list[Flowable]:
    from reportlab.platypus import Spacer

    heads = [
        (
            translate("report", "State"),
            " · ".join(text for text in (paper.state, paper.reason) if text),
        ),
        (translate("report", "Tax id"), paper.tax_ids),
        (translate("report", "Left"), _origin(paper.left_origin)),
        (translate("report", "Right"), _origin(paper.right_origin)),
        (translate("report", "Rules"), paper.rules),
        (translate("report", "Journal anchor"), paper.anchor),
    ]
    return [
        _text(title, 15, bold=True),
        Spacer(1, 6),
        _table([*heads], (90, 620)),
        Spacer(1, 10),
        _text(translate("report", "Proof"), 11, bold=True),
        _proof(paper),
        Spacer(1, 8),
        _bridge(paper),
        Spacer(1, 8),
        _text(translate("report", "Matches by rule"), 11, bold=True),
        _by_rule(paper),
        Spacer(1, 8),
        _text(translate("report", "Open items"), 11, bold=True),
        _ages(paper),
        Spacer(1, 6),
        _open(paper),
        *_vouchers(paper),
        *_attachments(paper),
        Spacer(1, 22),
        _signatures(paper),
    ]


def _proof(paper: Paper) -> Flowable:
    rows: list[tuple[str, ...]] = [
        (
            translate("report", "Account"),
            translate("report", "Opening left"),
            translate("report", "Movements left"),
            translate("report", "Closing left"),
            translate("report", "Explained"),
            translate("report", "Movements right"),
            translate("report", "Closing right"),
            translate("report", "Unexplained"),
            translate("report", "Open items"),
            translate("report", "State"),
        )
    ]
    for account in sorted(
        paper.proof.accounts, key=lambda one: (-abs(one.unexplained), one.account)
    )[:60]:
        amounts = (
            account.left_opening,
            account.left_movements,
            account.left_closing,
            sum(account.explained.values()),
            account.right_movements,
            account.right_closing,
            account.unexplained,
        )
        state = paper.account_state(account.state)
        name = account.title
        rows.append((name, *map(show, amounts), str(account.open_items), state))
    return _table(rows, (74, 71, 71, 71, 71, 71, 71, 71, 58, 74), numbers=range(1, 9), header=True)


def _bridge(paper: Paper) -> Flowable:
    """From the movements of the left side to those of the right, by category; each currency by
    itself.
    """
    rows: list[tuple[str, str]] = []
    for code in paper.proof.currencies:
        proof = paper.proof.of_currency(code)
        left, right = (
            sum(getattr(account, name) for account in proof.accounts)
            for name in ("left_movements", "right_movements")
        )
        rows.append((f"{translate('report', 'Movements left')} {code}".rstrip(), show(left)))
        rows += [
            (f"− {paper.category(why)}", show(-amount))
            for why, amount in sorted(proof.explained.items())
        ]
        rows += [
            (f"{translate('report', 'Movements right')} {code}".rstrip(), show(right)),
            (translate("report", "Unexplained"), show(proof.difference)),
        ]
    return _table(rows, (280, 110), numbers=(1,))


def _by_rule(paper: Paper) -> Flowable:
    counts: dict[str, list[int]] = {}
    for group in paper.matching.groups:
        own = counts.setdefault(translate("reconcile", RULE_TEXTS[group.rule]), [0, 0])
        own[0 if group.state is MatchState.MATCHED else 1] += 1
    rows = [
        (
            translate("report", "Rule"),
            translate("report", "Matched groups"),
            translate("report", "Suggested"),
        )
    ]
    rows += [
        (name, f"{matched:,}", f"{proposed:,}")
        for name, (matched, proposed) in sorted(counts.items())
    ]
    return _table(rows, (280, 90, 90), numbers=(1, 2), header=True)


def _ages(paper: Paper) -> Flowable:
    """What is open, by how long it has been."""
    left, right = translate("report", "Left"), translate("report", "Right")
    amount = translate("report", "Amount")
    rows = [(translate("report", "Days open"), left, amount, right, amount)]
    rows += [
        (age.days, f"{age.left:,}", show(age.left_sum), f"{age.right:,}", show(age.right_sum))
        for age in paper.ages
    ]
    return _table(rows, (90, 70, 100, 70, 100), numbers=(1, 2, 3, 4), header=True)


def _open(paper: Paper) -> Flowable:
    rows = [
        (
            translate("report", "Side"),
            translate("report", "Date"),
            translate("report", "Reference"),
            translate("report", "Text"),
            translate("report", "Amount"),
            translate("report", "Days open"),
            translate("report", "Explained"),
            translate("report", "Why it is open"),
        )
    ]
    left, right = paper.left_origin.title, paper.right_origin.title
    sides = (
        (paper.left, left, paper.matching.only_left, paper.matching.why_left),
        (paper.right, right, paper.matching.only_right, paper.matching.why_right),
    )
    for side, title, lines, why in sides:
        for index in lines[: SHOWN_OPEN // 2]:
            explained = paper.category(side.explained[index]) if index in side.explained else ""
            rows.append(
                (
                    title,
                    str(side.date(index)),
                    side.reference[index],
                    side.text[index] or side.party[index],
                    show(int(side.amount[index])),
                    str(paper.as_of - int(side.day[index])),
                    explained,
                    why_open(why[index], side) if index in why else "",
                )
            )
    hidden = len(paper.matching.only_left) + len(paper.matching.only_right) - len(rows) + 1
    if hidden > 0:
        more = translate("report", "… and {count} more; see the working paper").format(count=hidden)
        rows.append(("", "", "", more, "", "", "", ""))
    return _table(rows, (88, 64, 84, 140, 76, 45, 88, 125), numbers=(4, 5), header=True)


def _vouchers(paper: Paper) -> list[Flowable]:
    """The adjustments proposed, where there are any."""
    from reportlab.platypus import Spacer

    if not paper.vouchers:
        return []
    rows = [
        (
            translate("report", "Voucher"),
            translate("report", "Account"),
            translate("report", "Contra account"),
            translate("report", "Amount"),
            translate("report", "State"),
        )
    ]
    rows += [
        (one.reference, one.account, one.contra, show(one.amount), one.state)
        for one in paper.vouchers
    ]
    heading = _text(translate("report", "Adjustments"), 11, bold=True)
    return [
        Spacer(1, 8),
        heading,
        _table(rows, (280, 100, 100, 90, 140), numbers=(3,), header=True),
    ]


def _attachments(paper: Paper) -> list[Flowable]:
    """The files kept as evidence, where there are any."""
    from reportlab.platypus import Spacer

    if not paper.attachments:
        return []
    rows = [
        (translate("report", "File"), "SHA-256", translate("report", "Note")),
        *paper.attachments,
    ]
    heading = _text(translate("report", "Attached files"), 11, bold=True)
    return [Spacer(1, 8), heading, _table(rows, (180, 330, 200), header=True)]


def _signatures(paper: Paper) -> Flowable:
    names = [
        (translate("report", "Prepared"), paper.prepared),
        (translate("report", "Reviewed"), paper.reviewed),
        (translate("report", "Signed"), paper.signed),
    ]
    line = "_" * 34
    return _table(
        [tuple(line for _ in names), tuple(f"{word}: {who}" for word, who in names)],
        (235, 235, 235),
        bare=True,
    )


def _table(
    rows: Sequence[Sequence[str]],
    widths: Sequence[float],
    numbers: Sequence[int] = (),
    header: bool = False,
    bare: bool = False,
) -> Flowable:
    from reportlab.lib import colors
    from reportlab.platypus import Table

    cells = [
        [_text(cell, 7.5, right=place in numbers) for place, cell in enumerate(row)] for row in rows
    ]
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
    if not bare:
        style.append(("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey))
    if header:
        style.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor(_GREY)))
    return Table(
        cells, colWidths=list(widths), style=style, repeatRows=1 if header else 0, hAlign="LEFT"
    )


def _text(text: str, size: float, bold: bool = False, right: bool = False) -> Flowable:
    from reportlab.lib.enums import TA_LEFT, TA_RIGHT
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import Paragraph

    style = ParagraphStyle(
        "cell",
        fontName="VeraBd" if bold else "Vera",
        fontSize=size,
        leading=size * 1.25,
        alignment=TA_RIGHT if right else TA_LEFT,
        splitLongWords=1,
    )
    return Paragraph(
        escape(text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"), style
    )
