"""What a page asks for: a kind of thing, a place in the page, a result."""

import base64
import functools
import html
import importlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, ClassVar, NamedTuple, NoReturn, Protocol

from snippets.machinery import pool, source
from snippets.machinery.content import thaw
from snippets.machinery.run import Run, RunFailed
from snippets.machinery.settings import load
from snippets.machinery.source import Page, Part

log = logging.getLogger("mkdocs.machinery")


class Shows(Protocol):
    """What HTML is made with: the Markdown extension, on one page."""

    def inline(self, text: str, *, on_page: bool = False) -> str:
        """Render a paragraph's worth of Markdown; links may be relative."""

    def highlight(self, code: str, language: str) -> str:
        """Highlight code as in every block of the site."""


class Links(Protocol):
    """What a plain form is made with: where its links lead."""

    top: str

    def figure(self, anchor: str) -> str:
        """Return the address of one of the page's own figures."""

    def prose(self, text: str) -> str:
        """Return prose with its links rewritten and its values filled in."""


class Number(NamedTuple):
    """A number that a page prints."""

    name: str
    value: Any
    run: Run


class Fence:
    """One thing that a page asks for, in all its forms."""

    takes: ClassVar[str] = "run"  # the options that are needed
    may: ClassVar[str] = ""  # and those that can be given
    runs: ClassVar[bool] = True  # a function of the project
    package: ClassVar[str] = "results"  # the setting with the run's package

    def __init__(self, page: Page, part: Part) -> None:
        """Refuse other options than those of the kind."""
        self.page, self.part = page, part
        self.name = part.options.get("run", "")
        given, needs = {*part.options}, {*self.takes.split()}
        rest = source.OPTION.sub("", part.header).strip()
        if rest or not needs <= given <= needs | {*self.may.split()}:
            takes = f'takes {self.takes}="…"' if needs else "takes nothing"
            self.refuse(f"it {takes}, got {part.header or 'nothing'}")

    def refuse(self, reason: str) -> NoReturn:
        """Raise PageError with the place, and what was asked for there."""
        what = f"{self.part.fence} {self.name}".strip()
        self.page.refuse(self.part.line, f"{what}: {reason}")

    def run(self) -> Run:
        """Return the function that is asked for."""
        return Run.named(getattr(load(), self.package), self.name)

    def result(self) -> Any:
        """Return the text or number, or refuse what failed."""
        return self.shown()["value"]

    def given(self) -> dict[str, Any]:
        """Return what the run gives; what fails is refused where it stands.

        That may be elsewhere: all that lacks runs side by side.
        """
        run = self.run()
        try:
            return result(run)
        except RunFailed as error:
            for fence in everything() if error.run != run else ():
                if fence.runs and fence.run() == error.run:
                    fence.given()
            self.fail(error)

    def fail(self, error: RunFailed) -> NoReturn:
        """Refuse what failed."""
        self.refuse(str(error))

    def warn(self) -> None:
        """Tell what the run warned of."""
        for warning in self.given()["warnings"] if self.runs else ():
            where = self.page.at(self.part.line)
            log.warning("%s: %s warned: %s", where, self.run(), warning)

    def shown(self) -> dict[str, Any]:
        """Return what the run gives, or refuse another kind of thing."""
        found = self.given()
        if ("figure" in found) != (self.package == "figures"):
            self.refuse(f"{self.run()} returned no {self.part.fence}")
        return found

    @property
    def caption(self) -> str:
        """Return the fence's text, as its author wrote it for readers."""
        return source.without_claims(self.part.text).strip()

    @property
    def anchor(self) -> str:
        """Return the name that this thing has in addresses."""
        return self.name.replace(".", "-")

    def html(self, site: Shows) -> str:
        """Return what stands on the page."""
        raise NotImplementedError

    def markdown(self, links: Links) -> str:
        """Return what stands in the page's plain form."""
        raise NotImplementedError

    def files(self) -> dict[str, str]:
        """Return what the site has besides, by address."""
        return {}

    def numbers(self) -> Iterable[Number]:
        """Return the numbers that the page prints."""
        return ()


class Value(Fence):
    """One number or text in a sentence: `#!value topic.function.key .2f`.

    The third part of the name is a key of the dict that the function returns;
    after a space stands a format, as in Python.
    """

    takes = ""

    def __init__(self, page: Page, part: Part) -> None:
        """Read name and format."""
        super().__init__(page, part._replace(header=""))
        self.name, _, self.form = part.text.partition(" ")

    def entry(self) -> str | int | float:
        """Return the entry of the run's result that is meant."""
        found = self.result()
        for key in self.name.split(".")[2:]:
            if not isinstance(found, dict) or key not in found:
                has = ", ".join(found) if isinstance(found, dict) else found
                self.refuse(f"there is no {key!r} in {has!r}")
            found = found[key]
        if not isinstance(found, str | int | float):
            self.refuse(f"a {type(found).__name__} is no number and no text")
        return found

    def text(self) -> str:
        """Return the entry, formatted."""
        found = self.entry()
        try:
            form = self.form or (",d" if isinstance(found, int) else "")
            return format(found, form)
        except ValueError as error:
            self.refuse(f"{found!r} has no form {self.form!r}: {error}")

    def html(self, site: Shows) -> str:
        """Show the text, and name the run."""
        return (
            f'<span class="measured" data-run="{html.escape(self.name)}">'
            f"{html.escape(self.text())}</span>"
        )

    def markdown(self, links: Links) -> str:
        """Write the text."""
        return self.text()

    def numbers(self) -> Iterator[Number]:
        """Return the entry, unrounded."""
        yield Number(self.name, self.entry(), self.run())


def fenced(header: str, text: str) -> str:
    """Return text in a fence that is longer than any inside."""
    inside = re.findall(r"^ *(`{3,})", text, re.MULTILINE)
    ticks = "`" * max([3, *(len(run) + 1 for run in inside)])
    return f"{ticks}{header}\n{text}\n{ticks}"


@functools.cache
def kinds() -> dict[str, type[Fence]]:
    """Return each kind by its name, as it stands behind the ticks."""
    # By name: they stand on this module.
    for name in ("citation", "fences"):
        importlib.import_module(f"{__package__}.{name}")
    return {kind.__name__.lower(): kind for kind in Fence.__subclasses__()}


def asked(page: Page) -> Iterator[Fence]:
    """Yield all that a page asks for, in order; values in captions too."""
    known = kinds()
    for part in page.parts():
        if part.fence in known:
            yield known[part.fence](page, part)
        if part.fence is None or part.fence in known:
            first = part.line + (part.fence is not None)
            for span in source.spans(part.text, first):
                if span.fence == "value":
                    yield Value(page, span)


def everything() -> Iterator[Fence]:
    """Yield all that the pages ask for."""
    return chain.from_iterable(map(asked, source.pages()))


def wanted() -> Iterator[Run]:
    """Yield every run that the pages and the site ask for."""
    yield from (fence.run() for fence in everything() if fence.runs)
    told = load()
    if told.logo:
        yield Run.named(told.results, told.logo)
    if told.card:
        yield _card_run()


def result(run: Run) -> dict[str, Any]:
    """Return what a run gives, which is looked up once a build."""
    return pool.result(run, wanted)


class Card(NamedTuple):
    """The picture that a shared link shows (PNG), and its alternative."""

    png: bytes
    alt: str


def card() -> Card:
    """Return the card; the function in the settings draws it for a title."""
    drawn = thaw(result(_card_run()))
    return Card(base64.b64decode(drawn["png"]), drawn["alt"])


def _card_run() -> Run:
    told = load()
    run = Run.named(told.figures, told.card)
    return run._replace(arguments=json.dumps({"title": told.site_name}))


def unit(value: Any) -> str:
    """Say what kind of number this is: a count, a percentage, a number."""
    if isinstance(value, int):
        return "count"
    if isinstance(value, float):
        return "number"
    numbers = [part.rstrip("%") for part in value.split(" to ")]
    if not all(part.replace(".", "", 1).isdigit() for part in numbers):
        return "text"
    return "percent" if value.endswith("%") else "number"


def measurements(page: Page) -> Iterator[dict[str, Any]]:
    """Yield name, value, unit, page and function of each printed number."""
    seen = set()
    for fence in asked(page):
        if (type(fence), fence.name) in seen:
            continue
        seen.add((type(fence), fence.name))
        for name, value, run in fence.numbers():
            yield {
                "name": name,
                "value": value,
                "unit": unit(value),
                "page": page.path,
                "function": f"{run.module}.{run.function}",
            }
