"""A page's source, cut into prose and fences, each with its line."""

import re
from typing import NamedTuple

FENCE = re.compile(r"^( *)(`{3,}|~{3,}) *([\w+-]*)([^`]*)$")
QUOTED_RUN = re.compile(r'^ *>[> ]*(?:`{3,}|~{3,}).*\brun="')
BOX = re.compile(
    r'^(?:(?:\?\?\?\+?|!!!) +(?P<kind>[\w-]+)[\w -]*|===[!+]?(?= +"))'
    r' *(?:"(?P<title>.*)")? *$'
)
OPTION = re.compile(r'([\w-]+)="([^"]*)"')


class PartError(ValueError):
    """A source that cannot be cut into parts; it says where."""

    def __init__(self, line: int, reason: str) -> None:
        """Keep the line of the source beside the reason."""
        super().__init__(reason)
        self.line = line


class Part(NamedTuple):
    """Prose (`fence` is None) or what stands in a fence.

    Text is without the indentation of the box that it stands in; `indent`
    is what is left before a fence, that of a list.
    """

    line: int
    text: str
    fence: str | None = None
    options: dict[str, str] = {}  # noqa: RUF012
    indent: str = ""


def parts(source: str, first_line: int = 1) -> list[Part]:
    """Cut a page's source, front matter left out, into its parts.

    A box (`??? quote "Title"`) becomes its title in bold and its content.
    Raises PartError for a fence that has no end, and for a run
    or a box where it cannot be expanded: in a quotation, in a list.
    """
    found: list[Part] = []
    prose: list[str] = []
    start = first_line
    opened: tuple[Part, str] | None = None  # a fence and what closes it
    margin = 0

    def end_of_prose() -> None:
        text = "\n".join(prose).strip("\n")
        if text.strip():
            blank = next(i for i, row in enumerate(prose) if row.strip())
            found.append(Part(start + blank, text))
        prose.clear()

    for number, line in enumerate(source.split("\n"), first_line):
        if opened:
            part, ticks = opened
            inner = line[margin:] if line[:margin].isspace() else line
            if inner.strip() == ticks:
                text = "\n".join(prose)
                found.append(part._replace(text=text))
                prose.clear()
                opened, start = None, number + 1
            else:
                depth = len(part.indent)
                known = inner[:depth].isspace() or not depth
                prose.append(inner[depth:] if known else inner.lstrip())
            continue
        if line.strip():
            depth = len(line) - len(line.lstrip(" "))
            while depth < margin:
                margin -= 4
            line = line[margin:]
        if QUOTED_RUN.match(line):
            raise PartError(number, "a run stands in a quotation")
        if box := BOX.match(line):
            title = box["title"]
            if title is None:
                title = box["kind"].capitalize()
            prose.append(f"**{title}**" if title else "")
            margin += 4
        elif re.match(r" +(?:\?\?\?|!!!)", line):
            raise PartError(number, "a box stands in a list")
        elif fence := FENCE.match(line):
            end_of_prose()
            options = dict(OPTION.findall(fence[4]))
            part = Part(number, "", fence[3], options, fence[1])
            opened = part, fence[2]
        else:
            prose.append(line)
    if opened:
        raise PartError(opened[0].line, "this fence has no end")
    end_of_prose()
    return found
