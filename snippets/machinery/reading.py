"""How long a page takes to read."""

import html
import re

WORDS_A_MINUTE = 200
LINES_A_MINUTE = 30  # of code, which is looked at rather than read
# What most readers never open, and what is no text.
APART = re.compile(
    r"<details\b.*?</details>"
    r'|<table class="measured-values".*?</table>'
    r"|<(svg|annotation|script|style)\b.*?</\1>",
    re.S,
)
CODE = re.compile(r"<pre\b.*?</pre>", re.S)


def minutes(page: str) -> int:
    """Return the whole minutes, at least one, that a page's HTML takes."""
    page = APART.sub("", page)
    lines = sum(block.count("\n") + 1 for block in CODE.findall(page))
    prose = html.unescape(re.sub(r"<[^>]+>", " ", CODE.sub("", page)))
    time = len(prose.split()) / WORDS_A_MINUTE + lines / LINES_A_MINUTE
    return max(1, round(time))
