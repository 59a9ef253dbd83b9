"""What is said while a site is built; the last good one is shown meanwhile."""

import html
import logging
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from snippets.machinery import source

log = logging.getLogger("mkdocs.machinery")
BODY = re.compile(rb"<body[^>]*>")
BANNER = (
    '<pre role="alert" style="background:#8a1c1c;color:#fff;margin:0;'
    'padding:1em;position:sticky;top:0;z-index:99;white-space:pre-wrap">'
    "The site is as it was before the last change.\n\n{}</pre>"
)


class Warnings(logging.Handler):
    """Remembers what was said while a build went on."""

    def __init__(self) -> None:
        """Listen to warnings and errors."""
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Remember a message."""
        self.said.append(record.getMessage())


class Places(logging.Filter):
    """Adds the line to what MkDocs says of links, and lets it say less.

    MkDocs names the page of a broken link; and it announces each error whose
    message follows.
    """

    LINK = re.compile(
        r"^Doc file '([^']+)' contains an? (?:[a-z ]+ )?link '([^']+)'"
    )

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place, or drop it."""
        text = record.getMessage()
        if found := self.LINK.match(text):
            page = source.read(found[1])
            place = page.at(page.find(found[2]))
            record.msg, record.args = f"{place}: {text}", ()
        return not text.startswith("Error reading page ")


class Preview:
    """What `mkdocs serve` does besides: it never leaves a reader waiting.

    MkDocs holds every request while a build fails; here the last good site
    stays, with a message on each page, until a build succeeds.
    """

    def __init__(self, server: Any, warnings: Any) -> None:
        """Put builder and application of the server into ours."""
        self.server, self.warnings = server, warnings
        self.wrong = ""
        self.builder: Callable[[], None] = server.builder
        self.app: Callable[..., Iterable[bytes]] = server.get_app()
        self.machinery = _stamps()
        server.builder = self.build
        server.set_app(self.respond)

    def build(self) -> None:
        """Build; note what is wrong instead of raising it."""
        if _stamps() != self.machinery:
            log.info("The machinery was edited: starting again")
            os.execv(sys.executable, sys.orig_argv)
        try:
            self.builder()
            self.wrong = ""
        except Exception as error:
            said = self.warnings.said or [str(error)]
            self.wrong = "\n\n".join(said)
            log.error("The last good site stays until this is mended.")

    def respond(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """Answer a request; a page says what is wrong, if anything is."""
        told: list[Any] = []
        body = b"".join(self.app(environ, lambda *given: told.append(given)))
        status, headers = told[0][:2]
        is_page = dict(headers).get("Content-Type", "").startswith("text/html")
        if self.wrong and is_page:  # now: the application waits for a build
            banner = BANNER.format(html.escape(self.wrong)).encode()
            body = BODY.sub(lambda found: found[0] + banner, body, count=1)
        headers = [h for h in headers if h[0] != "Content-Length"]
        start(status, [*headers, ("Content-Length", str(len(body)))])
        return [body]


def _stamps() -> dict[Path, int]:
    folder = Path(__file__).parent
    return {path: path.stat().st_mtime_ns for path in folder.glob("*.py")}
