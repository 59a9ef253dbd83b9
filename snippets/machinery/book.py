"""The whole site as one page: its pages as chapters, in reading order."""

import posixpath
import re
from typing import NamedTuple

TAG = re.compile(
    r"</?(?:h[1-6])\b[^<>]*>|<details\b[^<>]*>"
    r"|<[a-z][\w-]*\s[^<>]*?(?:\b(?:id|href|src|for|aria-labelledby|"
    r"aria-describedby|headers)=|url\(#)[^<>]*>",
    re.I,
)
NAMED = re.compile(
    r'(?<=\s)(id|href|src|for|aria-labelledby|aria-describedby|headers)="([^"]*)"'
)
HEADING = re.compile(r"^(</?h)([1-5])(?=[\s>])", re.I)
FOLDED = re.compile(
    r'(<details class="(?:quote|question|info|tip)")>(.*?)</details>', re.S
)
CODE = re.compile(r'<div class="language-python[^"]*".*?</div>', re.S)
# What can be tried on a page, with its scripts.
LIVE = re.compile(r'<div class="live".*?</noscript>', re.S)
FILE = re.compile(r'<span class="filename">(.*?)</span>')


class Chapter(NamedTuple):
    """A page of the book: its title, its address in the site, its HTML."""

    title: str
    address: str
    content: str
    part: str = ""

    @property
    def anchor(self) -> str:
        """Return the id of the chapter, which no id of a page can be."""
        return re.sub(r"\W+", "-", self.address.removesuffix(".html"))


def bind(chapters: list[Chapter]) -> list[Chapter]:
    """Return the chapters with ids and links that hold in one document.

    An id gets its chapter's name in front; a link to a page becomes one to
    its chapter, every other one leads where it led. Headings go one level
    down. What is folded is open; code in it that an earlier chapter has is
    replaced by a link to that chapter. What can be tried is left out.
    """
    anchors = {chapter.address: chapter.anchor for chapter in chapters}
    seen: dict[str, Chapter] = {}  # code, and the chapter that has it first
    bound = []
    for chapter in chapters:
        content = unfold(_chapter(chapter, anchors), seen)
        bound.append(chapter._replace(content=content))
        for code in map(_text, CODE.findall(content)):
            seen.setdefault(code, chapter)
    return bound


def _chapter(chapter: Chapter, anchors: dict[str, str]) -> str:
    here = chapter.anchor
    folder = posixpath.dirname(chapter.address)

    def link(address: str) -> str:
        if re.match(r"\w+:|//", address):
            return address
        path, _, fragment = address.partition("#")
        if not path:
            return f"#{here}--{fragment}"
        path = posixpath.normpath(posixpath.join(folder, path))
        if path in anchors:
            to = anchors[path]
            return f"#{to}--{fragment}" if fragment else f"#{to}"
        return f"{path}#{fragment}" if fragment else path

    def named(found: re.Match[str]) -> str:
        name, value = found.groups()
        if name in ("href", "src"):
            value = link(value)
        else:
            value = " ".join(f"{here}--{one}" for one in value.split())
        return f'{name}="{value}"'

    def tag(found: re.Match[str]) -> str:
        text = NAMED.sub(named, found[0]).replace("url(#", f"url(#{here}--")
        return HEADING.sub(lambda h: f"{h[1]}{int(h[2]) + 1}", text)

    return TAG.sub(tag, LIVE.sub("", chapter.content))


def unfold(content: str, seen: dict[str, Chapter]) -> str:
    """Open folded parts, without the code that was `seen` before."""

    def code(found: re.Match[str]) -> str:
        if not (first := seen.get(_text(found[0]))):
            return found[0]
        file = FILE.search(found[0])
        name = f"<code>{file[1]}</code>" if file else "The same code"
        where = f'<a href="#{first.anchor}">{first.title}</a>'
        return f"<p>{name}: as in {where}.</p>"

    def part(found: re.Match[str]) -> str:
        return f"{found[1]} open>{CODE.sub(code, found[2])}</details>"

    return FOLDED.sub(part, content)


def _text(markup: str) -> str:
    return re.sub(r"<[^>]+>", "", markup)
