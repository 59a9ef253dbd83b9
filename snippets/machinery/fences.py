"""The kinds of things that a page can ask for, each with all its forms.

A new kind is a subclass of Fence in this file, and nothing else: it is found
by its name in lower case, as it stands behind the ticks. (One more, about the
citation file, stands in citation.py.)
"""

import ast
import html
import posixpath
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from snippets.machinery import drawing, notebook, source
from snippets.machinery.asked import (
    Fence,
    Links,
    Number,
    Shows,
    fenced,
    unit,
)
from snippets.machinery.content import thaw
from snippets.machinery.key import module_path
from snippets.machinery.run import Run, RunFailed

FIGURES = "figures"  # the folder of the drawings' files
FORMULA = re.compile(r"\$[^$\n]+\$")
PLAIN = re.compile(r"\[([^]]*)\]\([^)]*\)|[*`]")  # links and emphasis


class Figure(Fence):
    """What a function draws; the fence's text is the caption."""

    package = "figures"

    def html(self, site: Shows) -> str:
        """Show the drawing, its caption, its file, its code."""
        drawn = self.shown()["figure"]
        if not self.caption:
            self.refuse("it has no caption")
        svg = labelled(drawn["svg"], drawn["alt"])
        caption = site.inline(self.caption, on_page=True)
        return framed_figure(
            self.anchor, svg, caption, self.page.top, self._code(site)
        )

    def _code(self, site: Shows) -> str:
        """Return the code of the figure, folded, one click away."""
        run = self.run()
        path = module_path(run.module)
        assert path is not None
        text = path.read_text("utf-8")
        code = next(
            ast.get_source_segment(text, node) or ""
            for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef) and node.name == run.function
        )
        # Not `language-python`: it is the site's drawing code, which needs
        # the project, and no part of the page's own code.
        shown = site.highlight(code, "python")
        shown = shown.replace("language-python ", "", 1)
        return (
            '<details class="figure-source"><summary>Source of this figure: '
            f"<code>{path.name}</code></summary>{shown}</details>"
        )

    def markdown(self, links: Links) -> str:
        """Say where the figure is, and what it shows."""
        alt = self.shown()["figure"]["alt"]
        caption = links.prose(self.caption)
        address = links.figure(f"figure-{self.anchor}")
        rows = [f"[Figure]({address}): {caption}", f"What it shows: {alt}"]
        return "\n>\n".join(
            re.sub("^", "> ", row, flags=re.MULTILINE) for row in rows
        )

    def files(self) -> dict[str, str]:
        """Return the drawing as a file."""
        drawn = self.shown()["figure"]
        alone = drawing.alone(drawn["svg"], drawn["alt"])
        return {f"{FIGURES}/{self.anchor}.svg": alone}


def labelled(svg: str, alt: str) -> str:
    """Give a drawing its text alternative."""
    label = html.escape(alt, quote=True)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def framed_figure(
    anchor: str, svg: str, caption: str, top: str, more: str = ""
) -> str:
    """Put a drawing on a page, with a link to its file."""
    return (
        f'<figure class="drawn" id="figure-{anchor}">{svg}'
        f"<figcaption>{caption}</figcaption>"
        f'<a class="figure-svg" href="{top}{FIGURES}/{anchor}.svg" download '
        f'aria-label="Download this figure as SVG">SVG</a>{more}</figure>'
    )


class Table(Fence):
    """A list of dicts as a table, its keys as the header."""

    def result(self) -> list[dict[str, Any]]:
        """Return the rows."""
        rows = super().result()
        if not isinstance(rows, list):
            self.refuse(f"{self.run()} did not return a list of dicts")
        return rows

    def html(self, site: Shows) -> str:
        """Show a table that scrolls by itself, captioned."""
        rows = self.result()
        head = "".join(
            f'<th scope="col"{_align(rows[0][key])}>{site.inline(key)}</th>'
            for key in rows[0]
        )
        body = ""
        for row in rows:
            first, *others = (
                (cell, site.inline(number(cell))) for cell in row.values()
            )
            cells = "".join(
                f"<td{_align(cell)}>{shown}</td>" for cell, shown in others
            )
            body += f'<tr><th scope="row">{first[1]}</th>{cells}</tr>'
        label = f"table-{self.anchor}"
        caption = site.inline(self.caption, on_page=True)
        return (
            '<figure class="measured-table"><div class="scroll" tabindex="0">'
            f'<table class="measured-values" aria-labelledby="{label}">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
            f'</div><figcaption id="{label}">{caption}</figcaption></figure>'
        )

    def markdown(self, links: Links) -> str:
        """Write the table in Markdown."""

        def cell(content: str | float) -> str:
            if not isinstance(content, str):
                return number(content)
            text = " ".join(links.prose(content).split())
            # A bar ends a cell, in a formula as well.
            text = FORMULA.sub(
                lambda found: (
                    found[0].replace(r"\|", r"\Vert ").replace("|", r"\vert ")
                ),
                text,
            )
            return re.sub(r"(?<!\\)\|", r"\|", text)

        rows = self.result()
        first = [*rows[0].values()]
        lines = [
            [*map(cell, rows[0])],
            ["---" + ":" * (not isinstance(c, str)) for c in first],
            *([*map(cell, row.values())] for row in rows),
        ]
        grid = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return f"{grid}\n\nTable: {links.prose(self.caption)}"

    def numbers(self) -> Iterator[Number]:
        """Return one number a cell, named after its row and its column."""
        for row in self.result():
            (_, title), *cells = row.items()
            for column, cell in cells:
                if unit(cell) != "text":
                    label = f"{self.name}: {title}, {column}"
                    yield Number(PLAIN.sub(r"\1", label), cell, self.run())


def number(cell: str | float) -> str:
    """Return a number as it stands in the cell of a table."""
    if isinstance(cell, str):
        return cell
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:.4g}"


def _align(cell: str | float) -> str:
    if not isinstance(cell, str):
        return ' class="number"'
    # A sentence is broken into lines; formulas and lists of lines are not.
    long = len(cell) > 60 and not any(mark in cell for mark in ("$", "<br>"))
    return ' class="sentence"' if long else ""


class Output(Fence):
    """A text that a run returned, as a terminal would show it."""

    def html(self, site: Shows) -> str:
        """Show the text in a box."""
        return printed(html.escape(str(self.result())))

    def markdown(self, links: Links) -> str:
        """Write the text in a fence."""
        return fenced("text", str(self.result()).strip("\n"))


def printed(text: str) -> str:
    """Return what a program printed, as a page shows it."""
    return (
        '<div class="language-text highlight run-output output">'
        f"<pre><code>{text}</code></pre></div>"
    )


class Cell(Fence):
    """What a cell of the notebook, the code before it, printed and drew."""

    takes = "number"
    may = "alt caption"

    def run(self) -> Run:
        """Return the run of the whole notebook."""
        cells, code = [], ""
        for part in self.page.parts():
            if part.fence == "python":
                code = source.quoted(part.text)
            elif part.fence == "cell":
                cells.append((part.options["number"], code))
        return notebook.run(cells)

    def gave(self) -> dict[str, str]:
        """Return what the cell printed (`text`) and drew (`svg`)."""
        gave: dict[str, str] = thaw(self.given())[self.part.options["number"]]
        for option in ("alt", "caption"):
            if bool(gave["svg"]) != bool(self.part.options.get(option)):
                drew = "a" if gave["svg"] else "no"
                self.refuse(f'it drew {drew} figure: {option}="…"')
        return gave

    def fail(self, error: RunFailed) -> NoReturn:
        """Refuse the cell that failed, which may be another one."""
        failed = re.fullmatch(r"CellFailed: (\d+): (.*)", error.reason)
        if not failed:
            super().fail(error)
        self.part = next(
            part
            for part in self.page.parts()
            if part.options.get("number") == failed[1]
        )
        self.refuse(failed[2])

    @property
    def anchor(self) -> str:
        """Return the name that the figure has in addresses."""
        stem = posixpath.basename(self.page.path).partition(".")[0]
        return f"{stem}-cell-{self.part.options['number']}"

    def html(self, site: Shows) -> str:
        """Show both."""
        gave, told = self.gave(), self.part.options
        shown = ""
        if not any(gave.values()):
            return "<!-- nothing -->"  # an empty text would be a paragraph
        if gave["text"]:
            shown = printed(html.escape(gave["text"]))
        if gave["svg"]:
            svg = labelled(gave["svg"], told["alt"])
            caption = html.escape(told["caption"])
            shown += framed_figure(self.anchor, svg, caption, self.page.top)
        return shown

    def markdown(self, links: Links) -> str:
        """Write what was printed, and say what was drawn."""
        gave, told = self.gave(), self.part.options
        parts = []
        if gave["text"]:
            parts.append(fenced("text", gave["text"].strip("\n")))
        if gave["svg"]:
            parts += [f"> Figure: {told['alt']}", told["caption"]]
        return "\n\n".join(parts)

    def files(self) -> dict[str, str]:
        """Return the drawing as a file."""
        if not (svg := self.gave()["svg"]):
            return {}
        alone = drawing.alone(svg, self.part.options["alt"])
        return {f"{FIGURES}/{self.anchor}.svg": alone}


class Live(Fence):
    """What a reader can try, hidden until its scripts are there.

    The run gives one more script, with what they need. Nothing loads it before
    the reader asks. `figure` is the drawing that they may take the place of.
    """

    takes = "run scripts"
    may = "figure"

    def html(self, site: Shows) -> str:
        """Show nothing but a place for the scripts to fill, and load them."""
        told, top = self.part.options, self.page.top
        figure = told.get("figure", "").replace(".", "-")
        scripts = "".join(
            f'<script src="{top}assets/{name}.js" defer></script>'
            for name in told["scripts"].split()
        )
        return (
            f'<div class="live" id="live-{self.anchor}" hidden '
            f'data-model="{top}{self.address}" '
            f'data-figure="figure-{html.escape(figure)}">'
            f'<label for="{self.anchor}">{site.inline(self.caption)}</label>'
            f"</div>{scripts}<noscript>With scripts, there is something to "
            "try here.</noscript>"
        )

    @property
    def address(self) -> str:
        """Return where the script that the run gives will be."""
        return f"assets/{self.anchor}.js"

    def markdown(self, links: Links) -> str:
        """Say what there is to try on the page itself."""
        return f"To try on the page itself: {links.prose(self.caption)}"

    def files(self) -> dict[str, str]:
        """Return the script that the run gives."""
        return {self.address: self.result()}
