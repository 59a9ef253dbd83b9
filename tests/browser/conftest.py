"""A browser, the built site at an address, and pages that note faults."""

import contextlib
import functools
import os
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.conftest import PUBLISHED

NAMES_OF_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
MISSING = "no browser: `apt-get install chromium`, or set CHROMIUM to its path"
UNFOLD = 'document.querySelectorAll("details").forEach(p => p.open = true)'
QUIET = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    found = [os.environ.get("CHROMIUM"), *map(shutil.which, NAMES_OF_CHROMIUM)]
    path = next(filter(None, found), None)
    if not path:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(MISSING)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield chromium
        chromium.close()


FOLDER = urlsplit(PUBLISHED["SITE_URL"]).path


class Published(SimpleHTTPRequestHandler):
    """Serves the site in the folder for which it was built, silently."""

    def translate_path(self, path: str) -> str:
        return super().translate_path("/" + path.removeprefix(FOLDER))

    def log_message(self, *args) -> None:
        pass


@contextlib.contextmanager
def served(site, handler: type[Published] = Published) -> Iterator[str]:
    """Serve a site, and return where: no other machine can reach it."""
    bound = functools.partial(handler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), bound) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{FOLDER}"
        server.shutdown()


@pytest.fixture(scope="session")
def address(site):
    """Where the site is served."""
    with served(site) as where:
        yield where


@pytest.fixture
def context(browser):
    """A reader's first visit, on a desk."""
    with browser.new_context() as context:
        yield context


def open_page(context: BrowserContext, address: str) -> tuple[Page, list]:
    """Return an empty page and the list to which its faults are added."""
    faults: list[str] = []

    def serve(route) -> None:
        if route.request.url.startswith((address, "data:", "blob:")):
            route.continue_()
        else:
            faults.append(f"asks another host: {route.request.url}")
            route.abort()

    def hear(message) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"console: {message.text}")

    page = context.new_page()
    page.route("**/*", serve)
    page.on("console", hear)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    return page, faults
