"""Text of any origin made harmless in Markdown. Knows no report."""

import re
from typing import Final

__all__ = ["escape_line"]

_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]<>()#+!|~&$]|^[-=]|(?<=\d)\.(?= |$)|:(?=//)|(?<=www)\.", re.IGNORECASE)


def escape_line(text: str) -> str:
    r"""Escape every character that Markdown or HTML could take as markup, and keep the text on one line.

    Examples
    --------
    >>> escape_line("a*b\n<i>")
    'a\\*b \\<i\\>'
    """
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
