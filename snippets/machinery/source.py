"""The source of a page, cut once, by the one grammar that everything uses."""

import functools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from markdown import Markdown
from mkdocs.utils.meta import get_data
from pymdownx.inlinehilite import InlineHiliteException
from pymdownx.superfences import SuperFencesException

from snippets.machinery.settings import DOCS, ROOT, load

FENCE = re.compile(r"^( *)(`{3,}|~{3,}) *([\w+-]*)([^`]*)$")
QUOTED_RUN = re.compile(r"^ *>[> ]*(?:`{3,}|~{3,}).*\brun=")
BOX = re.compile(
    r'^(?:(?:\?\?\?\+?|!!!) +(?P<kind>[\w-]+)[\w -]*|===[!+]?(?= +"))'
    r' *(?:"(?P<title>.*)")? *$'
)
OPTION = re.compile(r'([\w-]+)="([^"]*)"')
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
SHEBANG = re.compile(r" *(?:#!|:::)(?P<language>\w+) +(?P<code>.*)", re.S)
# Behind a sentence that is a claim; with the space or the line before it, so
# that the sentence stays as it is.
CLAIM = re.compile(r"\s*<!-- claim: (?P<name>[\w.]+) -->")
QUOTE = re.compile(r'^[ \t]*-{1,}8<-{1,}[ \t]+"(?P<spec>[^"\n]*)"', re.M)
CELL = re.compile(r"^# %%", re.M)
COMMENTED = re.compile(r"^# (?=-{1,}8<-{1,} )")
SECTION = re.compile(r"-{1,}8<-{1,}[ \t]+\[ *(start|end) *: *([\w-]+) *\]")
QUOTES = {
    "base_path": [str(ROOT)],
    "check_paths": True,
    "dedent_subsections": True,
    "restrict_base_path": True,
}


class PageError(SuperFencesException, InlineHiliteException):
    """A page that must not be published: it says where and why.

    The two bases let it through the extensions that call a fence and a value.
    """


class Part(NamedTuple):
    """Prose (`fence` is None), what stands in a fence, or a span of code.

    Text is without the indentation of the box that it stands in; `indent`
    is what is left before a fence, that of a list.
    """

    line: int
    text: str
    fence: str | None = None
    options: dict[str, str] = {}  # noqa: RUF012
    header: str = ""
    indent: str = ""


class Page(NamedTuple):
    """A page as its author wrote it: path within docs, text, first line.

    A script that is read as a page has the line of the script of each `line`.
    """

    path: str
    text: str = ""
    first_line: int = 1
    lines: tuple[int, ...] = ()

    def at(self, line: int) -> str:
        """Return `path:line`, as every message begins."""
        if self.lines:
            line = self.lines[line - 1]
        return f"docs/{self.path}:{line}"

    def find(self, text: str, otherwise: int = 1) -> int:
        """Return the line on which `text` stands first."""
        before, found, _ = self.text.partition(text)
        return self.first_line + before.count("\n") if found else otherwise

    @property
    def top(self) -> str:
        """Return the way from the page's folder up to the site's."""
        return "../" * self.path.count("/")

    def refuse(self, line: int, reason: str) -> NoReturn:
        """Raise PageError with the place."""
        raise PageError(f"{self.at(line)}: {reason}") from None

    def parts(self) -> tuple[Part, ...]:
        """Return the page's parts, or refuse what cannot be cut or quoted."""
        for quote in QUOTE.finditer(self.text):
            if reason := wrong_quote(quote["spec"]):
                before = self.text[: quote.start("spec")]
                self.refuse(self.first_line + before.count("\n"), reason)
        return _parts(self)


def read(path: str, text: str | None = None) -> Page:
    """Return the page at `path` within docs, front matter left out.

    `text` is what the file says, if that is known already. Raises PageError
    for bytes that are no text.
    """
    if path.endswith(".ipynb"):  # made of the script
        path, text = load().notebook, None
    if text is None:
        content = (DOCS / path).read_bytes()
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            Page(path).refuse(line, f"not UTF-8: {error.reason}")
    if path.endswith(".py"):
        return _script(path, text)
    body = get_data(text)[0]
    return Page(path, body, text[: len(text) - len(body)].count("\n") + 1)


def pages() -> Iterator[Page]:
    """Yield every page of the site."""
    for path in sorted(DOCS.rglob("*.md")):
        yield read(path.relative_to(DOCS).as_posix())
    if (DOCS / load().notebook).is_file():
        yield read(load().notebook)


def _script(path: str, text: str) -> Page:
    """Read a script in cells (`# %%`) as a page.

    A cell of code is followed by a fence that shows what it gave.
    """
    rows: list[tuple[int, str]] = []
    starts = [found.start() for found in CELL.finditer(text)]
    ends = [*starts[1:], len(text)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        line = text[:start].count("\n") + 1
        head, *body = text[start:end].rstrip("\n").split("\n")
        inside = list(enumerate(body, line + 1))
        if head.startswith("# %% [markdown]"):
            rows += [(n, re.sub("^# ?", "", row)) for n, row in inside]
        else:
            rows.append((line, "```python"))
            rows += [(n, COMMENTED.sub("", row)) for n, row in inside]
            rows += [(line, "```"), (line, "")]
            told = head.removeprefix("# %%").strip()
            rows += [
                (line, f'```cell number="{number}" {told}'),
                (line, "```"),
            ]
        rows.append((line, ""))
    shown = "\n".join(row for _, row in rows)
    return Page(path, shown, 1, tuple(n for n, _ in rows))


@functools.lru_cache(maxsize=256)
def _parts(page: Page) -> tuple[Part, ...]:
    """Cut a page into its parts.

    A box (`??? quote "Title"`) becomes its title in bold and its content.
    Raises PageError for a fence that has no end, and for a run or a box where
    it cannot be expanded: in a quotation, in a list.
    """
    found: list[Part] = []
    rows: list[str] = []
    start = page.first_line
    opened: tuple[Part, str] | None = None  # a fence and what closes it
    margin = 0

    def end_of_prose() -> None:
        text = "\n".join(rows).strip("\n")
        if text.strip():
            blank = next(i for i, row in enumerate(rows) if row.strip())
            found.append(Part(start + blank, text))
        rows.clear()

    for number, line in enumerate(page.text.split("\n"), start):
        if opened:
            part, ticks = opened
            inner = line[margin:] if line[:margin].isspace() else line
            if inner.strip() == ticks:
                found.append(part._replace(text="\n".join(rows)))
                rows.clear()
                opened, start = None, number + 1
            else:
                depth = len(part.indent)
                known = inner[:depth].isspace() or not depth
                rows.append(inner[depth:] if known else inner.lstrip())
            continue
        if line.strip():
            depth = len(line) - len(line.lstrip(" "))
            while depth < margin:
                margin -= 4
            line = line[margin:]
        if QUOTED_RUN.match(line):
            page.refuse(number, "a run stands in a quotation")
        if box := BOX.match(line):
            title = box["title"]
            if title is None:
                title = box["kind"].capitalize()
            rows.append(f"**{title}**" if title else "")
            margin += 4
        elif re.match(r" +(?:\?\?\?|!!!)", line):
            page.refuse(number, "a box stands in a list")
        elif fence := FENCE.match(line):
            end_of_prose()
            indent, ticks, language, header = fence.groups()
            options = dict(OPTION.findall(header))
            opened = (
                Part(number, "", language, options, header.strip(), indent),
                ticks,
            )
        else:
            rows.append(line)
    if opened:
        page.refuse(opened[0].line, "this fence has no end")
    end_of_prose()
    return tuple(found)


def spans(text: str, line: int = 1) -> Iterator[Part]:
    """Cut prose into text and code; a code's `fence` is its `#!language`."""
    end = 0
    for span in CODE_SPAN.finditer(text):
        yield Part(line, text[end : span.start()])
        where = line + text[: span.start()].count("\n")
        told = SHEBANG.match(span[2])
        language, code = told.groups() if told else ("", span[2])
        yield Part(where, code.strip(), language, header=span[0])
        end = span.end()
    yield Part(line, text[end:])


# Claims.


def without_claims(text: str) -> str:
    """Return a page's source, or a part of it, without its marks."""
    return CLAIM.sub("", text)


def claims(source: str) -> list[tuple[str, str, int]]:
    """Return each mark's name, the text before it, and its line.

    The text is on one line and without other marks.
    """
    return [
        (
            mark["name"],
            " ".join(without_claims(source[: mark.start()]).split()),
            source[: mark.end()].count("\n") + 1,
        )
        for mark in CLAIM.finditer(source)
    ]


# Quotes: what `--8<-- "path:section"` stands for.


def wrong_quote(spec: str) -> str | None:
    """Say what is wrong with a quote's `path:section`, None if nothing is."""
    path, _, section = spec.partition(":")
    file = ROOT / path
    if not file.is_file():
        return f"the quoted file {path!r} does not exist"
    if not section:
        return f"the quote of {path!r} names no section"
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        return f"the quoted file {path!r} is not UTF-8: {error.reason}"
    return _wrong_section(text, path, section)


@functools.lru_cache(maxsize=1024)
def _wrong_section(text: str, path: str, section: str) -> str | None:
    opened: list[str] = []
    seen: list[str] = []
    for mark in SECTION.finditer(text):
        line = text[: mark.start()].count("\n") + 1
        kind, name = mark.groups()
        if kind == "start" and name in seen:
            return f"{path}:{line}: the section {name!r} begins a second time"
        if kind == "end" and opened[-1:] != [name]:
            due = f"[end:{opened[-1]}]" if opened else "a start"
            return f"{path}:{line}: [end:{name}] stands where {due} is due"
        if kind == "start":
            seen.append(name)
            opened.append(name)
        else:
            opened.pop()
    for end, names in (("start", seen), ("end", {*seen} - {*opened})):
        if section not in names:
            return f"{path!r} has no [{end}:{section}]"
    return None


def quoted(text: str) -> str:
    """Return `text` with each quote replaced, as the site's build does it."""
    if not QUOTE.search(text):
        return text
    return "\n".join(_quotes().run(text.split("\n"))).strip("\n")


@functools.cache
def _quotes() -> Any:
    md = Markdown(
        extensions=["pymdownx.snippets"],
        extension_configs={"pymdownx.snippets": QUOTES},
    )
    return md.preprocessors["snippet"]
