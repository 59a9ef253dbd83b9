"""All that MkDocs does for the site, in one plugin.

It hands the templates what they show, makes the other forms of each page and
of the site, refuses what must not be published, and puts the new site in the
place of the old one when it is whole.
"""

import json
import logging
import os
import posixpath
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from mkdocs.commands.build import get_context
from mkdocs.config.base import Config
from mkdocs.exceptions import Abort
from mkdocs.plugins import BasePlugin, event_priority
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.structure.pages import Page as SitePage

from snippets.machinery import (
    asked,
    book,
    citation,
    drawing,
    machines,
    pool,
    settings,
    source,
)
from snippets.machinery.downloads import Edition, edition, insert, pack
from snippets.machinery.preview import Places, Preview, Warnings
from snippets.machinery.reader import Reader, minutes, search_index
from snippets.machinery.run import Run, RunFailed
from snippets.machinery.settings import ROOT, SettingsError, load, slug
from snippets.machinery.source import PageError

log = logging.getLogger("mkdocs.machinery")
CARD = "assets/share.png"
# Told in full by what they say: nothing is wrong with the machinery itself.
TOLD = (PageError, SettingsError, citation.CitationError, OSError)
# The theme's script is not used, nor its search and its colours.
UNUSED = re.compile(
    r"assets/(javascripts/|images/|stylesheets/palette\.|.*\.map$)"
)
STYLES = re.compile(r"assets/stylesheets/main\..*\.css")


class NoOptions(Config):
    """What is said of the machinery stands in the settings: see there."""


def _terminated(*_: Any) -> NoReturn:
    """End the build as Ctrl-C does, which leaves nothing unfinished."""
    log.error("The build was ended by SIGTERM")
    sys.exit(143)


class Executed(BasePlugin[NoOptions]):
    """The plugin; what it knows of one build stands in `self`."""

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Date the site by its commit; say more, or less, than MkDocs."""
        self.unfinished: list[str | Path] = []  # folders
        self.warnings = Warnings()
        logging.getLogger("mkdocs").addHandler(self.warnings)
        for name in ("structure.pages", "commands.build"):
            logging.getLogger(f"mkdocs.{name}").addFilter(Places())
        signal.signal(signal.SIGTERM, _terminated)
        if git := shutil.which("git"):
            commit = subprocess.run(
                [git, "log", "-1", "--format=%ct"],
                cwd=ROOT,
                capture_output=True,
                text=True,
            )
            if commit.returncode == 0:
                date = commit.stdout.strip()
                os.environ.setdefault("SOURCE_DATE_EPOCH", date)

    def on_config(self, config: Any) -> Any:
        """Begin a build, beside the site that may be there."""
        pool.forget()
        settings.forget()
        self.warnings.said.clear()
        self.options = load()
        self.place = Path(os.path.realpath(config.site_dir))
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.beside = tempfile.mkdtemp(prefix=".new-", dir=self.place.parent)
        self.scratch = tempfile.mkdtemp()
        self.old = Path(f"{self.beside}-old")
        self.unfinished = [self.beside, self.scratch, self.old]
        config.site_dir = self.beside
        config.extra["archive"] = f"{slug(config.site_name)}.zip"
        self.sources: dict[str, source.Page] = {}
        self.editions: dict[str, Edition] = {}
        self.readers: dict[str, Reader] = {}
        self.contents: dict[str, str] = {}  # of pages, for the book
        self.made: dict[str, str | bytes] = {}  # files of the site
        return config

    # The files and the notebook.

    @event_priority(100)  # before mkdocs-jupyter looks at the files
    def on_files(self, files: Any, *, config: Any) -> Any:
        """Leave out what is not used; let the script be the notebook."""
        for file in [*files]:
            if UNUSED.match(file.src_uri) and file.src_dir != config.docs_dir:
                files.remove(file)
        for file in files.documentation_pages():
            source.read(file.src_uri)  # which names bytes that are no text
        if script := files.get_file_from_path(self.options.notebook):
            files.remove(script)
            name = str(Path(self.options.notebook).with_suffix(".ipynb"))
            path = Path(self.scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(nbformat.v4.new_notebook(), path)
            files.append(
                File(
                    name,
                    self.scratch,
                    config.site_dir,
                    config.use_directory_urls,
                    inclusion=InclusionLevel.INCLUDED,
                )
            )
        return files

    @event_priority(-100)  # after mkdocs-jupyter has replaced `render`
    def on_pre_page(self, page: Any, *, config: Any, files: Any) -> Any:
        """Read the source; a notebook is rendered as every page is."""
        path = page.file.src_uri
        self.sources[path] = source.read(path, page.file.content_string)
        if path.endswith(".ipynb"):
            page.render = partial(SitePage.render, page)
        return page

    def on_page_read_source(self, *, page: Any, config: Any) -> str | None:
        """Return the notebook's text; that of other pages MkDocs reads."""
        is_notebook = page.file.src_uri.endswith(".ipynb")
        return self.sources[page.file.src_uri].text if is_notebook else None

    # Each page.

    @event_priority(-100)  # the page's content is as other plugins leave it
    def on_page_content(
        self, html: str, *, page: Any, config: Any, files: Any
    ) -> str:
        """Make the forms of a page; offer its code below its aims."""
        path = page.file.src_uri
        text = self.sources[path]
        reader = self.readers[path] = Reader(page.url, html)
        for wrong, reason in reader.wrong():
            log.warning("%s: %s", text.at(text.find(wrong)), reason)
        made = self.editions[path] = edition(
            text,
            page.title,
            page.file.dest_uri,
            config.site_name,
            config.site_url or "",
        )
        for thing in asked.asked(text):
            self.made |= thing.files()
        folder = posixpath.dirname(made.address)
        for name, content in made.files.items():
            self.made[posixpath.join(folder, name)] = content
        self.contents[path] = html
        return insert(html, made.row) if made.row else html

    def on_env(self, env: Any, *, config: Any, files: Any) -> Any:
        """Name the theme's styles; draw the card and the logo."""
        [env.globals["theme_styles"]] = [
            file.url for file in files if STYLES.fullmatch(file.src_uri)
        ]
        self.env, self.files, self.card = env, files, None
        if self.options.card:
            self.card = asked.card()
            self.made[CARD] = self.card.png
        if name := self.options.logo:
            table = asked.result(Run.named(self.options.results, name))
            rows = [[*row.values()][1:] for row in table["value"]]
            self.made["assets/logo.svg"] = drawing.logo(rows)
        return env

    def on_page_context(
        self, context: Any, *, page: Any, config: Any, nav: Any
    ) -> Any:
        """Tell the templates which forms a page has, and what it is."""
        self.nav = nav
        text = self.sources[page.file.src_uri]
        made = self.editions[page.file.src_uri].files
        site = machines.Site(
            config.site_name,
            config.site_url or "",
            CARD if self.card else "",
            self.card.alt if self.card else "",
        )
        entry = machines.entry(page, config)
        context["reading_minutes"] = minutes(page.content)
        context["page_files"] = {n.rpartition(".")[2]: n for n in made}
        context["page_data"] = machines.structured(
            site, entry, machines.trail(page, nav), machines.aims(text.text)
        )
        if page.is_homepage:
            entry = entry._replace(title=config.site_name)
        context["page_tags"] = machines.tags(site, entry)
        return context

    # The whole site.

    @event_priority(-100)  # after every other file is written
    def on_post_build(self, *, config: Any) -> None:
        """Write what was made beside the pages, then put the site in place."""
        self.made["measurements.json"] = self.measurements()
        index = search_index(self.readers.values())
        self.made["assets/search-index.js"] = index
        self.made[machines.LLMS] = machines.llms(self.nav, config)
        if config.site_url:
            self.made["robots.txt"] = machines.robots(config.site_url)
        if (ROOT / citation.FILE).exists():
            self.made[citation.FILE] = (ROOT / citation.FILE).read_bytes()
        if self.options.book:
            self.made[self.options.book] = self.whole(config)
        self.check_links(config)
        site, name = Path(self.beside), config.extra["archive"]
        for path, content in self.made.items():
            file = site / path
            file.parent.mkdir(parents=True, exist_ok=True)
            text = content.encode() if isinstance(content, str) else content
            file.write_bytes(text)
        (site / name).write_bytes(pack(site, name.removesuffix(".zip")))
        if not (config.strict and self.warnings.said):
            self.put_in_place()
            config.site_dir = str(self.place)

    def measurements(self) -> str:
        """Return every number that the pages print, as JSON."""
        found = [
            entry
            for page in source.pages()
            for entry in asked.measurements(page)
        ]
        return f"{json.dumps(found, indent=1, allow_nan=False)}\n"

    def whole(self, config: Any) -> str:
        """Return all pages as one, in the order of the navigation."""
        chapters = [
            book.Chapter(
                page.title,
                page.file.dest_uri,
                self.contents[page.file.src_uri],
                part,
            )
            for part, page in machines.sections(self.nav, "")
        ]
        context: Any = get_context(self.nav, self.files, config, base_url=".")
        context["chapters"] = book.bind(chapters)
        shown: str = self.env.get_template(self.options.book).render(context)
        return shown

    def check_links(self, config: Any) -> None:
        """Warn of links that lead nowhere and that MkDocs does not see."""
        ids = {reader.address: reader.ids for reader in self.readers.values()}
        there = {file.dest_uri for file in self.files} | {*self.made}
        there.add(config.extra["archive"])
        for path, reader in self.readers.items():
            text, start = self.sources[path], f"docs/{path}:"
            said = [s for s in self.warnings.said if s.startswith(start)]
            known = "\n".join(said).replace(".md", ".html")
            for link in reader.dead(ids, there):
                if repr(link.replace(".md", ".html")) not in known:
                    place = text.at(text.find(link))
                    log.warning("%s: the link %r leads nowhere", place, link)

    def put_in_place(self) -> None:
        """Replace the site that is there by the new one."""
        os.chmod(self.beside, 0o755)  # a temporary folder is its owner's
        if self.place.exists():
            self.place.rename(self.old)
        Path(self.beside).rename(self.place)
        self.clean()

    # What ends a build.

    def on_build_error(self, *, error: Exception) -> None:
        """Leave the site as it was; say what is wrong, without a traceback."""
        self.clean()
        if isinstance(error, RunFailed):  # of no page
            error = SettingsError(f"mkdocs.yml: {error.seen_from(None)}")
        if isinstance(error, TOLD):
            log.error("%s", error)
            raise Abort("The site is as it was before.") from None

    def on_shutdown(self) -> None:
        """Leave nothing beside the site, however the build ended."""
        self.clean()

    def clean(self) -> None:
        """Remove what is not finished, and what is replaced."""
        if self.unfinished and self.old.exists() and not self.place.exists():
            self.old.rename(self.place)
        for folder in self.unfinished:
            shutil.rmtree(folder, ignore_errors=True)

    def on_serve(self, server: Any, *, config: Any, builder: Any) -> Any:
        """Keep the last good site up while a page is broken."""
        return Preview(server, self.warnings).server
