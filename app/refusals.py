"""What a person wanted and cannot have, as an error that knows its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from app.translation import translate


class Refused(Exception):
    """Nothing was done; :meth:`told` says why, in the current language. ``words`` is the text,
    marked for translation in ``context``; its placeholders are what :meth:`said` answers.
    """

    context: ClassVar[str] = "decide"
    words: ClassVar[str] = ""

    def said(self) -> Mapping[str, object]:
        return {"what": self}

    def told(self) -> str:
        return translate(self.context, self.words).format(**self.said())
