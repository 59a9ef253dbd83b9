"""A page's code to take away: as a script, as a notebook, by one click."""

import ast
import html
import io
import posixpath
import re
import sys
import zipfile
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import nbformat

from snippets.machinery.plain import Away, Beside, Piece, markdown
from snippets.machinery.settings import slug
from snippets.machinery.source import Page

# A block that is meant to fail must not end the run of the whole page. The
# page's script (docs/assets/page-code.js) fills the same text in.
MEANT_TO_FAIL = """\
try:  # this is meant to fail
{code}
except Exception as error:
    if type(error).__name__ != "{name}":
        raise
    print("{name}, as it should be:", error)
else:
    raise SystemExit("this did not fail")"""
BETWEEN = "\n\n\n"  # two blank lines, as between definitions


def packages(found: list[Piece], page: Page) -> list[str]:
    """Return what a page's code needs, in the order in which it says so.

    What a command installs beside a package that is needed belongs to it, as
    NumPy does to PyTorch. Raises PageError if a block imports a package that
    the page does not tell its reader to install (`pip install …`).
    """
    told = re.findall(r"pip install ([^`\n]+)", page.text)
    commands = [line.replace("-", "_").split() for line in told]
    needed: set[str] = set()
    for piece in found:
        for name in _imported(piece.text) if piece.python else ():
            if name in sys.stdlib_module_names:
                continue
            if not any(name in command for command in commands):
                reason = f"imports {name}, and no `pip install` has it"
                page.refuse(piece.line, reason)
            needed.add(name)
    first = [next(i for i, c in enumerate(commands) if n in c) for n in needed]
    lines = [told[i].split() for i in sorted({*first})]
    return [*dict.fromkeys(name for line in lines for name in line)]


def _imported(code: str) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module.split(".")[0])
    return names


class Edition(NamedTuple):
    """A page in its other forms, before they are written."""

    address: str
    files: dict[str, str]  # name beside the page: content
    row: str  # the line of the page that offers its code


def edition(
    page: Page, title: str, address: str, site: str, site_url: str
) -> Edition:
    """Return a page's other forms.

    Raises PageError for code that nobody could run.
    """
    folder, _, stem = address.removesuffix(".html").rpartition("/")
    away = Away(page, address, site_url)
    found = Beside(page, address).pieces()
    made = {f"{stem}.md": markdown(found)}
    if not any(piece.python for piece in found):
        return Edition(address, made, "")
    head = Head(title, site, away.link(""), packages(found, page))
    made[f"{stem}.py"] = script(found, head)
    made[f"{stem}.ipynb"] = notebook(away.pieces(), head)
    # The name of the downloads: `index` would say nothing.
    name = stem if stem != "index" else posixpath.basename(folder)
    raises = any(piece.raises for piece in found)
    line = row(stem, name or slug(site), head, raises=raises)
    return Edition(address, made, line)


class Head(NamedTuple):
    """Where code is from and what it needs."""

    title: str
    site: str
    address: str
    needs: list[str]

    def comment(self) -> str:
        """Return it as the first lines of a script."""
        lines = [f"# {self.title}, from {self.site}: {self.address}"]
        if self.needs:
            lines.append(f"# To run it: pip install {' '.join(self.needs)}")
        return "\n".join(lines)

    def cell(self) -> Any:
        """Return it as the first cell of a notebook."""
        text = f"From [{self.title}]({self.address}), a page of {self.site}."
        if self.needs:
            text += f"\n\nTo run it: `pip install {' '.join(self.needs)}`."
        return nbformat.v4.new_markdown_cell(text)


def script(found: list[Piece], first: Head) -> str:
    """Return the Python blocks of a page as one script that runs."""
    blocks = [_block(piece) for piece in found if piece.python]
    return BETWEEN.join([first.comment(), *blocks]) + "\n"


def _block(piece: Piece) -> str:
    if not piece.raises:
        return piece.text
    code = indent(piece.text, "    ")
    text = MEANT_TO_FAIL.replace("{name}", piece.raises)
    return text.replace("{code}", code)


def notebook(found: list[Piece], first: Head) -> str:
    """Return a page as a notebook: its prose and its blocks, in order."""
    cells = [first.cell()]
    text: list[str] = []
    for piece in [*found, None]:
        if piece and not piece.python:
            text.append(piece.text)
            continue
        if text:
            joined = "\n\n".join(text)
            cells.append(nbformat.v4.new_markdown_cell(joined))
            text = []
        if piece:
            cell = nbformat.v4.new_code_cell(piece.text)
            if piece.raises:
                cell.metadata.tags = ["raises-exception"]
            cells.append(cell)
    return written(cells)


def written(cells: list[Any]) -> str:
    """Return cells as a notebook file, the same bytes each time."""
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # random by default
    book = nbformat.v4.new_notebook(cells=cells)
    book.metadata = {
        "kernelspec": {
            "display_name": "Python 3",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }
    return f"{nbformat.writes(book, version=nbformat.NO_CONVERT)}\n"


def row(stem: str, called: str, first: Head, *, raises: bool) -> str:
    """Return the line of a page that offers its code.

    stem: the name, without ending, of the files beside the page.
    called: the name that they get when they are downloaded.
    """
    given = {"data-first": first.comment()}
    if raises:
        given["data-raises"] = MEANT_TO_FAIL
    data = "".join(f' {k}="{html.escape(v)}"' for k, v in given.items())
    links = "".join(
        f'<a href="{stem}.{ending}" download="{called}.{ending}" '
        f'title="Download the code of this page as a {kind}">{kind}</a>'
        for ending, kind in (("ipynb", "notebook"), ("py", "script"))
    )
    return (
        '<div class="page-code"><span>Code of this page'
        f"</span>{links}"
        f'<button type="button"{data}>copy all</button>'
        '<span class="page-code-said" role="status"></span></div>'
    )


def insert(content: str, line: str) -> str:
    """Put the row below what the page says it is about, or its heading."""
    ends = [
        found.end()
        for found in re.finditer(
            r'<p class="aims">.*?</p>|</h1>', content, re.S
        )
    ]
    at = ends[-1] if ends else 0
    return content[:at] + "\n" + line + content[at:]


EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that a zip file can hold


def pack(site: Path, folder: str) -> bytes:
    """Return the files of a site as a zip archive that unpacks to `folder`.

    The same bytes for the same site.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(p for p in site.rglob("*") if p.is_file()):
            name = path.relative_to(site).as_posix()
            entry = zipfile.ZipInfo(f"{folder}/{name}", EPOCH)
            entry.create_system = 3  # Unix, wherever it is built
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
    return buffer.getvalue()
