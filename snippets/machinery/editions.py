"""The other forms of each page, made while MkDocs builds the site.

Its events are MkDocs' own; what they call knows nothing of it. The forms:
code to take away, plain Markdown, `llms.txt`, data for search engines.
"""

import posixpath
import re
from pathlib import Path
from typing import Any, NamedTuple

from mkdocs.commands.build import get_context
from mkdocs.plugins import event_priority

from snippets.machinery import (
    archive,
    book,
    citation,
    downloads,
    machines,
    notebook,
    once,
    plain,
    share,
)
from snippets.machinery.parts import PartError
from snippets.machinery.settings import ROOT

LLMS = "llms.txt"
CARD = "assets/share.png"


class EditionError(Exception):
    """A page of which a form cannot be made: it says where and why."""


class Edition(NamedTuple):
    """A page in its other forms, before they are written."""

    html: str
    content: str
    files: dict[str, str]  # name beside the page, content


_editions: dict[str, Edition] = {}  # by the page's source
_state: dict[str, Any] = {}  # what one event has and another one needs


def on_config(config):
    """Name the archive after the site."""
    config.extra["archive"] = f"{slug(config.site_name)}.zip"
    return config


def on_pre_build(config) -> None:
    """Forget the build before, when the site is served."""
    _editions.clear()
    _state.clear()
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
        custom = {"figure", "table", "output", "citation"}
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
    if nav := _state.get("nav"):
        write(site, LLMS, listing(nav, config))
    if card := _state.get("card"):
        write(site, CARD, card.png)
    if config.site_url:
        write(site, "robots.txt", machines.robots(config.site_url))
    if (ROOT / citation.FILE).exists():
        write(site, citation.FILE, (ROOT / citation.FILE).read_bytes())
    if config.extra.get("book"):
        write(site, config.extra["book"], whole(config))
    name = config.extra["archive"]
    packed = archive.pack(site, name.removesuffix(".zip"), {name})
    write(site, name, packed)


def whole(config) -> str:
    """Return all pages as one, in the order of the navigation."""
    nav, name = _state["nav"], config.extra["book"]
    chapters = []
    for part, page in machines.sections(nav, ""):
        made = _editions[page.file.src_uri]
        chapter = book.Chapter(page.title, made.html, made.content, part)
        chapters.append(chapter)
    context = get_context(nav, _state["files"], config, base_url=".")
    context["chapters"] = book.bind(chapters)
    return _state["env"].get_template(name).render(context)


def on_env(env, config, files):
    """Draw the picture for shared links; whatever it needs has run by now."""
    _state.update(env=env, files=files, card=None)
    if name := config.extra.get("share"):
        _state["card"] = share.card(name, config.site_name)
    return env


def on_page_context(context: dict[str, Any], page, config, nav):
    """Tell the templates which forms a page has, and machines what it is."""
    _state["nav"] = nav
    made = _editions[page.file.src_uri].files
    context["page_files"] = {name.rpartition(".")[2]: name for name in made}
    card = _state["card"]
    known = {
        "site": config.site_name,
        "site_url": config.site_url or "",
        "entry": entry(page, config),
    }
    image = known["site_url"] + CARD if card and config.site_url else None
    context["page_data"] = machines.structured(
        **known,
        trail=trail(page, nav),
        aims=machines.aims(source_text(page)),
        image=image,
    )
    if page.is_homepage:
        known["entry"] = known["entry"]._replace(title=config.site_name)
    context["page_tags"] = machines.tags(
        **known, image=CARD if card else "", alt=card.alt if card else ""
    )
    return context


def source_text(page) -> str:
    """Return what the author of a page wrote."""
    is_notebook = page.file.src_uri.endswith(".ipynb")
    return notebook.prose() if is_notebook else page.markdown


def entry(page, config) -> machines.Entry:
    """Return how lists of pages show a page."""
    told = page.meta.get("description") or config.site_description or ""
    return machines.Entry(page.title, page.file.dest_uri, told)


def trail(page, nav) -> list[tuple[str, str]]:
    """Return the steps from the home page down to a page.

    A section without a page of its own is no step.
    """
    home = nav.homepage
    steps = [(home.title, home.file.dest_uri)] if home else []
    for section in reversed(page.ancestors):
        index = next((item for item in section.children if item.is_page), None)
        is_index = index and index.file.name == "index"
        if is_index:
            steps.append((section.title, index.file.dest_uri))
    here = (page.title, page.file.dest_uri)
    # A section's own page is its step.
    return [step for step in steps if step[1] != here[1]] + [here]


def listing(nav, config) -> str:
    """Return `llms.txt` for the pages in the order of the navigation."""
    listed: dict[str, list[machines.Entry]] = {}
    for section, page in machines.sections(nav, "Pages"):
        about = entry(page, config)
        plain_address = about.address.removesuffix(".html") + ".md"
        about = about._replace(address=plain_address)
        listed.setdefault(section, []).append(about)
    told = config.site_description or ""
    return machines.llms(config.site_name, told, listed, config.site_url or "")
