"""Where the project's folders are, and what mkdocs.yml tells the machinery."""

import functools
import os
import re
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, get_origin, get_type_hints

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CACHE = Path(os.environ.get("EXECUTED_CACHE", ROOT / ".cache")).resolve()
FILE = ROOT / "mkdocs.yml"


class SettingsError(ValueError):
    """A setting that is missing, unknown or of another type."""


@dataclass(frozen=True)
class Settings:
    """What stands under `extra: machinery:`; paths are those within docs."""

    site_name: str
    figures: str  # the package of the functions that draw
    results: str  # that of the functions that return numbers, tables, texts
    trainings: str  # the module that lists what is trained first
    claims: str  # the package whose docstrings are sentences of the pages
    colours: str  # module:NAME of the colours drawn and what CSS calls them
    styles: str  # the style sheet with these colours, light and dark
    glossary: str  # the page of the terms
    without_terms: list[str]  # pages on which no term is linked
    notebook: str  # the script with quotes that becomes a notebook
    roles: dict[str, str]  # name in code: class and TeX macro of its colour
    logo: str = ""  # the run with the weights that the logo shows
    logo_title: str = ""
    card: str = ""  # the run that draws the picture for shared links
    book: str = ""  # the template of all pages as one


_given: Settings | None = None


def give(known: dict[str, Any]) -> None:
    """Take these settings, which a build has read, for those of the file."""
    global _given
    _given = Settings(**known)


def load() -> Settings:
    """Return the settings; SettingsError names one that is wrong."""
    return _given or _read()


@functools.cache
def _read() -> Settings:
    from mkdocs.utils.yaml import yaml_load  # slow, and for builds only

    with FILE.open("rb") as file:
        site = yaml_load(file)
    found = (site.get("extra") or {}).get("machinery") or {}
    found |= {"site_name": site["site_name"]}
    types = get_type_hints(Settings)
    for name, value in found.items():
        wanted = types.get(name)
        if wanted is None:
            raise SettingsError(f"mkdocs.yml: machinery has no option {name}")
        kind = get_origin(wanted) or wanted
        if not isinstance(value, kind):
            raise SettingsError(
                f"mkdocs.yml: machinery: {name} must be a {kind.__name__}, "
                f"got {value!r}"
            )
    for option in fields(Settings):
        if option.default is MISSING and option.name not in found:
            raise SettingsError(f"mkdocs.yml: machinery lacks {option.name}")
    return Settings(**found)


def forget() -> None:
    """Read the file again: a new build begins."""
    _read.cache_clear()


def slug(title: str) -> str:
    """Return a title as part of an address."""
    return re.sub(r"\W+", "-", title.lower()).strip("-")
