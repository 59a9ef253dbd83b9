"""The other forms of each page, made while MkDocs builds the site.

Its events are MkDocs' own; what they call knows nothing of it. The forms:
code to take away, plain Markdown, `llms.txt`, data for search engines.
"""

import posixpath
import re
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.plugins import event_priority

from snippets.build import downloads, notebook, once, plain
from snippets.build.parts import PartError


class EditionError(Exception):
    """A page of which a form cannot be made: it says where and why."""


class Edition(NamedTuple):
    """A page in its other forms, before they are written."""

    html: str
    content: str
    files: dict[str, str]  # name beside the page, content


_editions: dict[str, Edition] = {}  # by the page's source, in reading order


def on_pre_build(config) -> None:
    """Forget the build before, when the site is served."""
    _editions.clear()
    once.forget()


@event_priority(-100)  # the page's content is as other plugins leave it
def on_page_content(content: str, page, config, files) -> str:
    """Make the forms of a page; offer its code below its aims."""
    source = page.file.src_uri
    try:
        made, line = forms(page, content, config)
    except (PartError, downloads.CodeError) as error:
        where = f"docs/{source}:{error.line}"
        raise EditionError(f"{where}: {error}") from None
    _editions[source] = Edition(page.file.dest_uri, content, made)
    return downloads.insert(content, line) if line else content


def forms(page, content: str, config) -> tuple[dict[str, str], str]:
    """Return a page's files by name, and the line that offers its code."""
    address = page.file.dest_uri
    stem = posixpath.basename(address).removesuffix(".html")
    hands_on = page.file.src_uri.endswith(".ipynb")
    if hands_on:
        text = notebook.SOURCE.read_text("utf-8")
        found = away = notebook.pieces(content)
    else:
        text = page.markdown
        first = first_line(page)
        custom = custom_fences(config)
        here = plain.beside(address)
        found = plain.pieces(text, here, first, custom)
        there = plain.to_page(address, config.site_url)
        away = plain.pieces(text, there, first, custom)
    made = {f"{stem}.md": plain.markdown(found)}
    if not any(piece.python for piece in found):
        return made, ""
    needs = downloads.packages(found, text)
    where = plain.to_page(address, config.site_url).page("")
    head = downloads.Head(page.title, config.site_name, where, needs)
    made[f"{stem}.py"] = downloads.script(found, head)
    if hands_on:
        book = Path(page.file.abs_src_path).read_text("utf-8")
        made[f"{stem}.ipynb"] = downloads.with_head(book, head)
    else:
        made[f"{stem}.ipynb"] = downloads.notebook(away, head)
    return made, downloads.row(
        stem,
        called(address, config.site_name),
        head,
        raises=any(piece.raises for piece in found),
    )


def first_line(page) -> int:
    """Return the line of its file on which a page's text begins."""
    text = page.file.content_string
    at = text.rfind(page.markdown.strip("\n"))
    before = page.markdown[: -len(page.markdown.lstrip("\n")) or None]
    skipped = before.count("\n") if before != page.markdown else 0
    return text[: max(at, 0)].count("\n") + 1 - skipped


def custom_fences(config) -> set[str]:
    """Return the names of the fences that the site's settings define."""
    settings = config.mdx_configs.get("pymdownx.superfences", {})
    return {fence["name"] for fence in settings.get("custom_fences", [])}


def called(address: str, site: str) -> str:
    """Return the name of a page's downloads: `index` would say nothing."""
    folder, _, name = address.removesuffix(".html").rpartition("/")
    if name != "index":
        return name
    return folder.rpartition("/")[2] or slug(site)


def slug(title: str) -> str:
    """Return a title as part of an address."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def write(site: Path, name: str, content: str | bytes) -> None:
    """Write one file of the site."""
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, str):
        content = content.encode()
    path.write_bytes(content)


@event_priority(-100)  # after every other file is written
def on_post_build(config) -> None:
    """Write what was made beside the pages."""
    site = Path(config.site_dir)
    for edition in _editions.values():
        folder = posixpath.dirname(edition.html)
        for name, content in edition.files.items():
            write(site, posixpath.join(folder, name), content)


def on_page_context(context: dict[str, Any], page, config, nav):
    """Tell the templates which forms a page has."""
    made = _editions[page.file.src_uri].files
    context["page_files"] = {name.rpartition(".")[2]: name for name in made}
    return context
