"""The hands-on notebook: from a script with quotes to a page of the site."""

import base64
import html
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import jupytext
import nbformat
from bs4 import BeautifulSoup, Tag
from nbclient.exceptions import CellExecutionError
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from snippets.machinery import claims, glossary, quotes
from snippets.machinery.formulas import FormulaError, render
from snippets.machinery.inline_svg import adapt
from snippets.machinery.plain import Piece
from snippets.machinery.roles import colour_names
from snippets.machinery.settings import CACHE, DOCS, ROOT
from snippets.machinery.standalone import FOLDER as FIGURES
from snippets.machinery.standalone import download as figure_download

SOURCE = DOCS / "step-by-step" / "hands-on.py"
FOLDER = CACHE / "notebook"
LIBRARIES = ("torch", "numpy", "matplotlib")  # which its outputs depend on
EXECUTED = CACHE / "mkdocs-jupyter"
QUOTE = re.compile(r'^# (--8<-- "([^"\n]+)")$', re.M)
# Black on white, as matplotlib draws for a reader, becomes the page's own
# ink on its own ground.
INK = {"#000000": "currentColor", "#ffffff": "none"}
# A formula in dollars, as notebooks write it, and as pages mark it.
FORMULAS = {
    r"<p>\$\$(.+?)\$\$</p>": r'<div class="arithmatex">\\[\1\\]</div>',
    r"\$([^$\n]+)\$": r'<span class="arithmatex">\\(\1\\)</span>',
}
AIMS = ("You need to know:", "You will be able to:")
PRINTED = re.compile(r"run-output[^>]*><pre[^>]*><code>(.*?)</code>", re.S)
KERNEL_SETTINGS = """\
c.IPKernelApp.log_level = "ERROR"
c.InlineBackend.figure_formats = {"svg"}
c.InlineBackend.print_figure_kwargs = {
    "bbox_inches": "tight", "metadata": {"Date": None}
}
c.InlineBackend.rc = {"svg.hashsalt": "hands-on"}
"""


class NotebookError(Exception):
    """A notebook that must not be published: it says where and why."""


class Notebook(NamedTuple):
    """The notebook's two forms, as a reader downloads them."""

    script: Path
    notebook: Path


def place(text: str, index: int) -> str:
    """Return `path:line` of a character of the notebook's source."""
    line = text[:index].count("\n") + 1
    return f"{SOURCE.relative_to(ROOT).as_posix()}:{line}"


def expand(script: str) -> str:
    """Replace each quote by its section; leave out the marks of claims.

    Raises NotebookError for a missing file or section, with its line.
    """

    def section(found: re.Match[str]) -> str:
        if reason := quotes.missing(found[2]):
            raise NotebookError(f"{place(script, found.start())}: {reason}")
        return quotes.expand(found[1]).strip()

    return claims.without(QUOTE.sub(section, script))


def read(script: str) -> Any:
    """Return the expanded script as a notebook, the same bytes each time."""
    book = jupytext.reads(script, fmt="py:percent")
    for number, cell in enumerate(book.cells, 1):
        cell.id = f"cell-{number}"  # random by default
    book.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        # mkdocs-jupyter keeps an executed notebook by these bytes alone.
        "run_with": {name: version(name) for name in LIBRARIES},
    }
    return book


def write() -> Notebook:
    """Write the notebook as `.ipynb` and `.py` and return their paths."""
    script = expand(SOURCE.read_text("utf-8"))
    path = FOLDER / SOURCE.relative_to(DOCS)
    path.parent.mkdir(parents=True, exist_ok=True)
    paths = Notebook(path, path.with_suffix(".ipynb"))
    paths.script.write_text(script, "utf-8")
    book = nbformat.writes(read(script), version=4)
    paths.notebook.write_text(book + "\n", "utf-8")
    return paths


def prose() -> str:
    """Return the words between the notebook's cells, as Markdown."""
    return re.sub(r"^# ?", "", SOURCE.read_text("utf-8"), flags=re.M)


def drop_damaged() -> None:
    """Remove executed notebooks that were not written to their end."""
    for path in EXECUTED.glob("*.json"):
        try:
            json.loads(path.read_text("utf-8"))
        except ValueError:
            path.unlink()


def kernel_settings() -> Path:
    """Write settings that make the kernel draw vectors; return the folder."""
    folder = CACHE / "ipython"
    profile = folder / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    settings = profile / "ipython_kernel_config.py"
    settings.write_text(KERNEL_SETTINGS, "utf-8")
    return folder


def failure(error: CellExecutionError) -> NotebookError:
    """Say which cell of the notebook failed, on which line of its source."""
    text = SOURCE.read_text("utf-8")
    starts = [found.start() for found in re.finditer(r"^# %%", text, re.M)]
    for number, cell in enumerate(read(expand(text)).cells):
        if cell.cell_type == "code" and f"-\n{cell.source}\n-" in str(error):
            where = place(text, starts[number])
            return NotebookError(f"{where}: cell {number + 1} failed\n{error}")
    return NotebookError(f"{place(text, 0)}: a cell failed\n{error}")


def slim(page: str) -> str:
    """Return the cells of mkdocs-jupyter's page in the site's own markup.

    Its 600 kB of styles and scripts, and its addresses at other hosts, stay
    behind; code gets the classes of every other code block.
    """
    book = read(expand(SOURCE.read_text("utf-8")))
    shown = BeautifulSoup(page, "html.parser").select(
        ".jp-Notebook > .jp-Cell"
    )
    if len(shown) != len(book.cells):
        raise NotebookError(
            f"{place('', 0)}: {len(book.cells)} cells were written, "
            f"{len(shown)} came back"
        )
    seen: set[str] = set()
    return "\n".join(
        _code(cell, part) if cell.cell_type == "code" else _prose(part, seen)
        for cell, part in zip(book.cells, shown, strict=True)
    )


def _with_terms(prose: str, seen: set[str]) -> str:
    """Link each term of the glossary where the notebook first uses it."""
    page = BeautifulSoup(prose, "html.parser")
    path = SOURCE.relative_to(DOCS).as_posix()
    for text in page.select("p:not([class]), li"):
        for node in text.find_all(string=True):
            if node.find_parent([*glossary.CLOSED, "math"]):
                continue
            pieces: list[str | Tag] = []
            for piece, term in glossary.first_uses(node, seen):
                if term is None:
                    pieces.append(piece)
                    continue
                link = glossary.attributes(term, path)
                link["href"] = link["href"].replace(".md#", ".html#")
                pieces.append(page.new_tag("a", attrs=link, string=piece))
            node.replace_with(*pieces)
    return str(page)


def _prose(part: Tag, seen: set[str]) -> str:
    text = part.select_one(".jp-MarkdownOutput")
    assert text is not None
    for heading in text.select("h1, h2, h3"):
        anchor = heading.select_one("a.anchor-link")
        assert anchor is not None
        anchor["class"] = "headerlink"
        anchor["title"] = "Link to this section"
        anchor.string = "#"
    for paragraph in text.select("p"):
        if paragraph.get_text().startswith(AIMS):
            paragraph["class"] = "aims"
    shown = text.decode_contents()
    for dollars, marked in FORMULAS.items():
        shown = re.sub(dollars, marked, shown, flags=re.S)
    try:
        return _with_terms(render(shown), seen)
    except FormulaError as error:
        source = SOURCE.read_text("utf-8")
        where = place(source, source.find(error.tex.split("\n")[0]))
        raise NotebookError(f"{where}: {error}") from None


def _code(cell: Any, part: Tag) -> str:
    code = highlight(
        cell.source, PythonLexer(), HtmlFormatter(nowrap=True)
    ).rstrip("\n")
    code = colour_names(code)
    blocks = [
        '<div class="language-python highlight"><pre><span></span>'
        f"<code>{code}</code></pre></div>"
    ]
    alt = cell.metadata.get("alt")
    if alt and not part.select_one(".jp-OutputArea-output img"):
        raise NotebookError(f"{place('', 0)}: {cell.id} drew no figure")
    printed = ""
    for output in part.select(".jp-OutputArea-output"):
        if image := output.select_one("img"):
            svg = base64.b64decode(str(image["src"]).partition(",")[2])
            if not alt:
                raise NotebookError(f"{place('', 0)}: {cell.id} has no alt=")
            drawn = adapt(svg.decode(), f"hands-on-{cell.id}", INK)
            drawn = drawn.replace(
                "<svg ",
                f'<svg role="img" aria-label="{html.escape(alt)}" ',
                1,
            )
            caption = cell.metadata.get("caption")
            if not caption:
                raise NotebookError(
                    f"{place('', 0)}: {cell.id} has no caption="
                )
            name = f"hands-on-{cell.id}"
            to_root = "../" * SOURCE.relative_to(DOCS).as_posix().count("/")
            blocks.append(
                f'<figure class="drawn" id="figure-{name}">{drawn}'
                f"<figcaption>{html.escape(caption)}</figcaption>"
                + figure_download(f"{to_root}{FIGURES}/{name}.svg")
                + "</figure>"
            )
        elif text := output.select_one("pre"):
            printed += text.decode_contents()
    if printed:
        # The kernel cuts what a cell prints at arbitrary places: one block.
        blocks.insert(
            1,
            '<div class="language-text highlight run-output output">'
            f'<pre tabindex="0"><code>{printed}</code></pre></div>',
        )
    return "\n".join(blocks)


def pieces(content: str) -> list[Piece]:
    """Return the notebook's cells, with what they printed, as a page's parts.

    content: the page as `slim` returns it, which has the outputs.
    """
    text = SOURCE.read_text("utf-8")
    starts = [
        text[: found.start()].count("\n") + 1
        for found in re.finditer(r"^# %%", text, re.M)
    ]
    printed = re.split(r'<div class="language-python highlight">', content)[1:]
    found: list[Piece] = []
    for cell, line in zip(read(expand(text)).cells, starts, strict=True):
        if cell.cell_type == "markdown":
            found.append(Piece(cell.source, line))
            continue
        found.append(Piece(cell.source, line, python=True))
        after = printed.pop(0)
        for output in PRINTED.findall(after):
            shown = re.sub(r"<[^>]+>", "", output)
            shown = html.unescape(shown).strip("\n")
            found.append(Piece(f"```text\n{shown}\n```", line))
        if alt := cell.metadata.get("alt"):
            found.append(Piece(f"> Figure: {alt}", line))
            found.append(Piece(cell.metadata["caption"], line))
    return found
