"""A page as plain Markdown: what the reader sees, for machines and notebooks.

Quotes, values, tables and outputs are expanded, formulas are TeX without the
site's own macros, a figure is its caption and its text alternative.
"""

import posixpath
import re
from collections.abc import Callable, Container
from typing import NamedTuple
from urllib.parse import urljoin

from snippets.machinery import citation, claims, fences, once, quotes
from snippets.machinery.parts import Part, PartError, parts

CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
LINK = re.compile(r'(?<=\]\()([^()\s]+)(?=(?:\s+"[^"]*")?\))')
REFERENCE = re.compile(r"^( {0,3}\[[^\]^]+\]: +)(\S+)", re.M)
# What only styles the page: attributes (`{ .aims }`) and abbreviations.
ATTRIBUTES = re.compile(
    r"^[ \t]*\{:? *[.#][A-Za-z][^{}\n]*\}[ \t]*\n?"
    r"|(?<=[)\]*`])\{:? *[.#][A-Za-z][^{}\n]*\}"
    r"|(?<=\S) +\{:? *[.#][A-Za-z][^{}\n]*\} *$",
    re.M,
)
ABBREVIATION = re.compile(r"^\*\[[^\]\n]+\]:.*\n?", re.M)
MACRO = re.compile(r"\\(?:query|key|val|context)(?![A-Za-z])")
FORMULA = re.compile(r"\$[^$\n]+\$")


class Links(NamedTuple):
    """How the links of a page are written in one of its forms.

    `page` rewrites an address that stands in the source; `figure` gives the
    address of one of the page's own figures; `top` is that of the site.
    """

    page: Callable[[str], str]
    figure: Callable[[str], str]
    top: str


class Piece(NamedTuple):
    """Markdown, or Python code (`line` is that of its fence) to be run."""

    text: str
    line: int
    python: bool = False
    title: str = ""
    raises: str = ""
    indent: str = ""


def beside(html: str) -> Links:
    """Return the links of the Markdown version, which stands beside `html`.

    Every page has such a version: a link to a page's source stays as it is.
    A result of a run names the page itself, and the notebook is a page too.
    """
    name = posixpath.basename(html)
    other = re.compile(r"^(?!\w+:)([^#]+)\.(?:ipynb|html)(?=#|$)")
    return Links(
        lambda url: other.sub(r"\1.md", url),
        lambda anchor: f"{name}#{anchor}",
        "../" * html.count("/"),
    )


def to_page(html: str, site_url: str) -> Links:
    """Return links to the site's pages, for a notebook that is elsewhere.

    Without `site_url` they are relative: they lead somewhere as long as the
    notebook is where it was.
    """
    here = urljoin(site_url, html) if site_url else posixpath.basename(html)

    def page(url: str) -> str:
        if re.match(r"\w+:", url):
            return url
        path, hash_, anchor = url.partition("#")
        path = re.sub(r"\.(md|ipynb)$", ".html", path)
        if not path:
            path = here
        elif site_url:
            path = urljoin(here, path)
        return path + hash_ + anchor

    top = site_url or "../" * html.count("/")
    return Links(page, lambda anchor: f"{here}#{anchor}", top)


def pieces(
    source: str,
    links: Links,
    first_line: int = 1,
    custom: Container[str] = (),
) -> list[Piece]:
    """Return a page's source as Markdown and Python, everything expanded.

    `custom` names the fences that the site has forms of its own for: one of
    them that has no Markdown form raises PartError, as does every source
    that cannot be cut. Runs that fail raise runs.RunFailed.
    """
    found = []
    for part in parts(source, first_line):
        if part.fence == "python":
            found.append(_python(part))
        elif part.fence is None:
            text = prose(part.text, links)
            if text.strip():
                found.append(Piece(text, part.line))
        else:
            if part.fence in FORMS:
                text = FORMS[part.fence](part, links)
            elif part.fence in custom:
                reason = f"a {part.fence} fence has no form in Markdown"
                raise PartError(part.line, reason)
            else:
                text = fenced(part.fence, _quoted(part.text))
            found.append(Piece(text, part.line, indent=part.indent))
    return found


def markdown(found: list[Piece]) -> str:
    """Join the pieces of a page to its Markdown version."""
    texts = []
    for piece in found:
        text = piece.text
        if piece.python:
            text = fenced("python", text)
            if piece.title:
                text = f"`{piece.title}`:\n\n{text}"
        rows = text.split("\n")
        texts.append("\n".join(piece.indent + r if r else r for r in rows))
    return "\n\n".join(texts) + "\n"


def prose(text: str, links: Links) -> str:
    """Return text with its values filled in, without what only styles it."""
    text = _quoted(claims.without(text))
    out, end = [], 0
    for span in CODE_SPAN.finditer(text):
        out.append(_words(text[end : span.start()], links))
        out.append(_span(span))
        end = span.end()
    out.append(_words(text[end:], links))
    # Attributes may follow a code span, and be all that is on a line.
    text = ABBREVIATION.sub("", ATTRIBUTES.sub("", "".join(out)))
    return text.strip("\n")


def fenced(header: str, text: str) -> str:
    """Return text in a fence that is longer than any inside."""
    inside = re.findall(r"^ *(`{3,})", text, re.M)
    ticks = "`" * max([3, *(len(run) + 1 for run in inside)])
    return f"{ticks}{header}\n{text}\n{ticks}"


def _words(text: str, links: Links) -> str:
    text = LINK.sub(lambda found: links.page(found[1]), text)
    text = REFERENCE.sub(lambda f: f[1] + links.page(f[2]), text)
    return MACRO.sub("", text)


def _span(found: re.Match[str]) -> str:
    mark, language, code = re.match(
        r"( *(?:#!|:::)(?=\w))?((?<=.)\w+ )?(.*)", found[2], re.S
    ).groups()
    if not mark:
        return found[0]
    if (language or "").strip() != "value":
        return f"{found[1]}{code}{found[1]}"
    name, _, spec = code.strip().partition(" ")
    return fences.value_text(once.result("value", name)["value"], name, spec)


def _quoted(text: str) -> str:
    if not quotes.QUOTE.search(text):
        return text
    return quotes.expand(text).strip("\n")


def _python(part: Part) -> Piece:
    return Piece(
        _quoted(part.text).strip("\n"),
        part.line,
        python=True,
        title=part.options.get("title", ""),
        raises=part.options.get("raises", ""),
        indent=part.indent,
    )


def _figure(part: Part, links: Links) -> str:
    name = part.options["run"]
    alt = once.result("figure", name)["figure"]["alt"]
    address = links.figure(f"figure-{name.replace('.', '-')}")
    caption = prose(part.text, links)
    rows = [f"[Figure]({address}): {caption}", f"What it shows: {alt}"]
    return "\n>\n".join(re.sub("^", "> ", row, flags=re.M) for row in rows)


def _table(part: Part, links: Links) -> str:
    rows = once.result("table", part.options["run"])["value"]
    cells = [[*map(_cell_in(links), row.values())] for row in rows]
    right = [not isinstance(cell, str) for cell in rows[0].values()]
    head = [*map(_cell_in(links), rows[0])]
    return _grid(head, cells, right, prose(part.text, links))


def _grid(
    head: list[str], rows: list[list[str]], right: list[bool], caption: str
) -> str:
    rule = ["---:" if numbers else "---" for numbers in right]
    lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
    return "\n".join([*lines, "", f"Table: {caption}"])


def _cell_in(links: Links) -> Callable[[str | float], str]:
    def cell(content: str | float) -> str:
        if not isinstance(content, str):
            return fences.number(content)
        text = " ".join(prose(content, links).split())
        # A bar ends a cell, in a formula as well.
        text = FORMULA.sub(
            lambda f: f[0].replace(r"\|", r"\Vert ").replace("|", r"\vert "),
            text,
        )
        return re.sub(r"(?<!\\)\|", r"\|", text)

    return cell


def _output(part: Part, links: Links) -> str:
    text = once.result("output", part.options["run"])["value"]
    return fenced("text", str(text).strip("\n"))


def _citation(part: Part, links: Links) -> str:
    told = citation.read()
    before, title, after = citation.sentence(told)
    entry = fenced("bibtex", citation.bibtex(told))
    file = f"[{citation.FILE}]({links.top}{citation.FILE})"
    same = f"The same as a file: {file}."
    return f"{before} *{title}*{after}\n\n{entry}\n\n{same}"


# The forms of the site's own fences: kind, then what it is in Markdown.
FORMS: dict[str, Callable[[Part, Links], str]] = {
    "figure": _figure,
    "table": _table,
    "output": _output,
    "citation": _citation,
}
