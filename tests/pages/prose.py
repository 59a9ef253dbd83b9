"""The words of a page, each with its line; its numbers, values, citations.

Code, formulas, links' targets, attributes and HTML comments are no words. A
computed value stands as `{topic.function.key format}`, a formula as `$…$`,
other code as `` `…` ``.
"""

import bisect
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from snippets.machinery import source
from tests.support.blocks import line_of, page_of, relative

CAPTIONED = {"figure", "table"}
FRONT = re.compile(r"---\n(.*?)\n---\n", re.S)

COMMENT = re.compile(r"<!--.*?-->", re.S)
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$]+\$", re.S)
ATTRIBUTES = re.compile(r"\{[^{}\n]*\}")
LINK = re.compile(r"\[((?:[^][]|\[[^][]*\])*)\]\(([^()\s]*)\)")
# The mark of a heading, or the number of an item that begins with a link.
MARK = re.compile(r"^ *(?:#+ |\d+\. (?=\[))", re.M)
CITATION = re.compile(
    r"(?P<names>[A-Z][\w-]+(?:(?:, [A-Z][\w-]+)*,? and [A-Z][\w-]+"
    r"| Team| et al\.)?),? "
    r"(?:\((?P<year>(?:19|20)\d\d[a-z]?)\)"
    r"|(?P<bare>(?:19|20)\d\d[a-z]?)(?=[);,]))"
)

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
WORDS: dict[str, float] = {word: n for n, word in enumerate(ONES)}
WORDS |= {word: 10 * n for n, word in enumerate(TENS, 2)}
WORDS |= {"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9}
WORDS |= {"half": 1 / 2, "halves": 1 / 2, "third": 1 / 3, "quarter": 1 / 4}
WORDS |= {"quarters": 1 / 4, "twice": 2, "double": 2, "doubled": 2}
WORDS |= {"dozen": 12}
WORDS |= {"once": 1}
# Zero and one, once and first are words of the language: *one of them*. Where
# they count runs, they are numbers.
COUNTED = [
    word for word in WORDS if word not in ("zero", "one", "third", "once")
]
RUNS = r"(?:training )?(?:runs?|trainings?|seeds?|random starts?)\b"
NUMBER = re.compile(
    r"(?<![\w.])(?<![A-Za-z]-)[−]?(?:[A-Z]\.)?\d+(?:[.,]\d+)*(?!\w)"
    rf"|\b(?:{'|'.join(COUNTED)}|(?<=\ba )third)\b"
    rf"|\bone(?= {RUNS})|(?<=\btrained )once\b",
    re.I,
)
ITALICS = re.compile(r"(?<![*\w])\*(?!\*)[^*]+\*")


class Found(NamedTuple):
    """A piece of a page's text: where it is and what it says."""

    start: int
    end: int
    text: str
    line: int


class Link(NamedTuple):
    """A link of a page, as its source has it."""

    text: str
    target: str
    line: int


class Prose:
    """The words of a page, joined by single spaces."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = relative(path)
        self.text = ""
        self.links: list[Link] = []
        self._starts: list[int] = []  # of each word in the text
        self._lines: list[int] = []
        page = page_of(path)
        for first, part in raw(path):
            for link in links(first, part):
                line = line_of(page, link.line)
                self.links.append(link._replace(line=line))
            for row, words in enumerate(plain(part).split("\n"), first):
                for word in words.split():
                    self._starts.append(len(self.text))
                    self._lines.append(line_of(page, row))
                    self.text += f"{word} "

    def line(self, start: int) -> int:
        """Return the line of the page on which a character stands."""
        return self._lines[bisect.bisect(self._starts, start) - 1]

    def find(self, pattern: re.Pattern[str]) -> list[Found]:
        """Return each match of a pattern in the text."""
        return [
            Found(
                match.start(), match.end(), match[0], self.line(match.start())
            )
            for match in pattern.finditer(self.text)
        ]

    def occurrences(self, fragment: str) -> list[Found]:
        """Return each place where a fragment stands, as whole words."""
        whole = rf"(?<!\w){re.escape(fragment)}(?!\w)"
        return self.find(re.compile(whole))

    def numbers(self) -> list[Found]:
        """Return the typed numbers.

        A number that is a part of a citation is not among them, nor a word
        in italics: it is quoted, as *eighty* in a number that is translated.
        """
        values, cited = self.find(VALUES), self.find(CITATION)
        quoted = self.find(ITALICS)
        return [
            number
            for number in self.find(NUMBER)
            if not inside(number, values + cited)
            and not (number.text.isalpha() and inside(number, quoted))
        ]

    def values(self) -> list[Found]:
        """Return the values that are computed when the site is built."""
        return self.find(VALUES)

    def around(self, found: Found, before: int = 3, after: int = 2) -> str:
        """Return what was found and the words next to it."""
        first = bisect.bisect(self._starts, found.start) - 1
        last = bisect.bisect_left(self._starts, found.end)
        words = self.text.split(" ")
        # A value may hold a space.
        begin = max(0, first - before)
        return " ".join(words[begin : last + after]).strip()


VALUES = re.compile(r"\{[^{}]*\}")


def inside(found: Found, others: list[Found]) -> bool:
    """Tell whether something lies within one of the others."""
    return any(o.start <= found.start and found.end <= o.end for o in others)


def number(text: str) -> float:
    """Return the number that a text says."""
    if text.lower() in WORDS:
        return WORDS[text.lower()]
    return float(text.replace(",", "").replace("−", "-"))


def raw(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and Markdown of each part of a page that has words."""
    if front := FRONT.match(path.read_text("utf-8")):
        yield 2, front[1]
    for part in page_of(path).parts():
        if part.fence is None:
            yield part.line, part.text
        elif part.fence in CAPTIONED:
            yield part.line + 1, part.text
        elif part.fence == "cell":
            told = part.options
            yield part.line, f"{told.get('alt', '')} {told.get('caption', '')}"


def plain(markdown: str) -> str:
    """Return Markdown without what is no word, its lines kept."""
    text = put(COMMENT, markdown, lambda match: "")
    text = "".join(map(span, source.spans(text)))
    text = put(FORMULA, text, lambda match: "$…$")
    text = MARK.sub("", ATTRIBUTES.sub("", text)).replace("**", "")
    text = put(LINK, text, lambda match: match[1])
    return text.replace("«", "{").replace("»", "}")


def put(
    pattern: re.Pattern[str], text: str, new: Callable[[re.Match[str]], str]
) -> str:
    """Replace each match of a pattern; the text keeps all its lines."""

    def keep(match: re.Match[str]) -> str:
        return as_long(match[0], new(match))

    return pattern.sub(keep, text)


def as_long(text: str, shown: str) -> str:
    """Return what is shown for a text, on as many lines."""
    return shown + (text.count("\n") - shown.count("\n")) * "\n"


def span(part: source.Part) -> str:
    """Return prose as it is, and what stands for a code span."""
    if part.fence is None:
        return part.text
    value = part.fence == "value"
    shown = f"«{' '.join(part.text.split())}»" if value else "`…`"
    return as_long(part.header, shown)


def links(first: int, markdown: str) -> list[Link]:
    """Return the links of a part of a page."""
    text = put(COMMENT, markdown, lambda match: "")
    return [
        Link(
            " ".join(match[1].split()),
            match[2],
            first + text[: match.start()].count("\n"),
        )
        for match in LINK.finditer(text)
    ]


@cache
def prose(path: Path) -> Prose:
    """Return the words of a page, read once a session."""
    return Prose(path)
