"""What only MkDocs can do; another site generator builds without it.

The notebook's page, the line numbers of broken links, and leaving no
half-built site behind.
"""

import json
import logging
import os
import re
import subprocess
from pathlib import Path

from mkdocs.plugins import event_priority
from mkdocs.structure.files import File, InclusionLevel
from mkdocs.utils import clean_directory
from nbclient.exceptions import CellExecutionError

from snippets.machinery import notebook, runs, search, standalone
from snippets.machinery.measurements import measurements
from snippets.machinery.reading import minutes
from snippets.machinery.settings import DOCS, ROOT

_site: list[str] = []  # the folder that is being built, known to on_config
_sections: list[list[str]] = []  # for the search, page by page
_pages: list[str] = []  # the HTML of each page, for the figures' files
# The theme's script is not used, nor its search and its colours.
UNUSED = re.compile(
    r"assets/(javascripts/|images/|stylesheets/palette\.|.*\.map$)"
)


class LinkLines(logging.Filter):
    """Adds the line to MkDocs' messages about links, which name the page."""

    MESSAGE = re.compile(
        r"^Doc file '([^']+)' contains an? (?:[a-z ]+ )?link '([^']+)'"
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; let every record through."""
        if found := self.MESSAGE.match(record.getMessage()):
            text = (DOCS / found[1]).read_text("utf-8")
            line = text[: text.find(found[2])].count("\n") + 1
            record.msg = f"docs/{found[1]}:{line}: {record.getMessage()}"
            record.args = ()
        return True


def on_startup(command: str, dirty: bool) -> None:
    """Add the line to messages about links; date the site by its commit."""
    logging.getLogger("mkdocs.structure.pages").addFilter(LinkLines())
    git = ["git", "log", "-1", "--format=%ct"]
    commit = subprocess.run(git, cwd=ROOT, capture_output=True, text=True)
    if commit.returncode == 0:
        os.environ.setdefault("SOURCE_DATE_EPOCH", commit.stdout.strip())


def on_config(config):
    """Remember the site's folder: on_build_error is not told."""
    _site.append(config.site_dir)
    _sections.clear()
    _pages.clear()
    if jupyter := config.plugins.get("mkdocs-jupyter"):
        jupyter.config["cache_dir"] = str(notebook.EXECUTED)
        notebook.drop_damaged()
    return config


@event_priority(100)  # before mkdocs-jupyter looks at the files
def on_files(files, config):
    """Put the expanded notebook in the place of the script with quotes."""
    for file in [*files]:
        if UNUSED.match(file.src_uri) and file.src_dir != config.docs_dir:
            files.remove(file)
    source = notebook.SOURCE.relative_to(DOCS).as_posix()
    if not (script := files.get_file_from_path(source)):
        return files
    files.remove(script)
    for path in notebook.write():
        files.append(
            File(
                path.relative_to(notebook.FOLDER).as_posix(),
                str(notebook.FOLDER),
                config.site_dir,
                config.use_directory_urls,
                inclusion=InclusionLevel.INCLUDED,
            )
        )
    os.environ["IPYTHONDIR"] = str(notebook.kernel_settings())
    os.environ.pop("MPLBACKEND", None)  # the kernel would draw nothing
    return files


@event_priority(-100)  # after mkdocs-jupyter has replaced `render`
def on_pre_page(page, config, files):
    """Render the notebook's page as mkdocs-jupyter does it, then slim it."""
    if page.file.src_uri.endswith(".ipynb"):
        render = page.render

        def slim(config, files) -> None:
            try:
                render(config, files)
            except CellExecutionError as error:
                raise notebook.failure(error) from None
            page.content = notebook.slim(page.content)

        page.render = slim
    return page


def on_env(env, config, files):
    """Tell the templates the theme's style sheet, and a page's minutes."""
    env.filters["minutes"] = minutes
    [env.globals["theme_styles"]] = [
        file.url
        for file in files
        if re.fullmatch(r"assets/stylesheets/main\..*\.css", file.src_uri)
    ]
    return env


def on_page_content(html, page, config, files):
    """Note what the files made at the end need of each page."""
    _sections.extend(search.sections(page.url, html))
    _pages.append(html)
    return html


def on_post_build(config) -> None:
    """Write what is made of all pages, and the site's logo."""
    entries = json.dumps([*measurements()], indent=1)
    made = {
        "measurements.json": f"{entries}\n",
        "assets/search-index.js": search.script(_sections),
    }
    styles = DOCS / "assets" / "site.css"
    if styles.is_file():
        colours = standalone.light_colours(styles.read_text("utf-8"))
        for page in _pages:
            made.update(standalone.figures(page, colours))
        if name := config.extra.get("logo"):
            table = runs.result("table", name)["value"]
            rows = [[*row.values()][1:] for row in table]
            made["assets/logo.svg"] = standalone.logo(rows, colours)
    for name, text in made.items():
        path = Path(config.site_dir) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def on_build_error(error) -> None:
    """Leave no half-built site that could be published."""
    if _site:
        clean_directory(_site[-1])
