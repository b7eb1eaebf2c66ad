"""The last line of a text that is still arriving, as it will probably be.

What is emphasised would otherwise be shown with its marks until the closing ones arrive, and a
paragraph would be a heading for the moment in which its list has no more than a dash.
"""

import re

_ONLY_MARKS = re.compile(r"[\s\-=*_#>|~`+:\[\]!]*(?:\d{1,9}[.)]?\s*)?[\s*_`~]*")
"""The beginning of a line of which one cannot say yet what it will be."""

_CODE = re.compile(r"(`+)(?:.*?[^`])\1(?!`)")
_OPENING_CODE = re.compile(r"`+")
_STRONG = re.compile(r"\*\*")


def mended(line: str) -> str:
    """The line without marks at its end that nothing follows yet, what is open in it closed."""
    if _ONLY_MARKS.fullmatch(line):
        return ""
    line = line.rstrip("*_`~ ") if line[-1] in "*_`~ " else line
    text = _CODE.sub("", line)
    code = _OPENING_CODE.search(text)
    if code:
        return line + code[0]
    marks = _STRONG.findall(text)
    return line + "**" if len(marks) % 2 else line
