"""How to cite the site: read from CITATION.cff, shown on a page."""

import tomllib
from typing import Any

import yaml

from snippets.machinery.settings import ROOT, slug

FILE = "CITATION.cff"
# What BibTeX calls a field of the file that is copied as it is.
FIELDS = ("version", "doi", "url")


class CitationError(ValueError):
    """A citation file that contradicts the project or lacks something."""


def read() -> dict[str, Any]:
    """Return what CITATION.cff says.

    Raises CitationError if it cannot be read or if its version or licence is
    not that of the project.
    """
    told: dict[str, Any]
    try:
        told = yaml.safe_load((ROOT / FILE).read_text("utf-8"))
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise CitationError(f"{FILE} cannot be read: {error}") from None
    for name in ("title", "authors"):
        if not told.get(name):
            raise CitationError(f"{FILE} has no {name}")
    for name in ("version", "license"):
        given = project["project"][name]
        if str(told.get(name)) != given:
            raise CitationError(
                f"{FILE} says {name} {told.get(name)}, "
                f"pyproject.toml says {given}"
            )
    return told


def authors(told: dict[str, Any]) -> list[str]:
    """Return the names, those of persons with the family name first."""
    return [
        author.get("name")
        or f"{author['family-names']}, {author['given-names']}"
        for author in told["authors"]
    ]


def sentence(told: dict[str, Any]) -> tuple[str, str, str]:
    """Return what stands before, in and after the title."""
    year = str(told.get("date-released", ""))[:4]
    after = f", version {told['version']}" + (f", {year}" if year else "")
    links = [
        *([f"https://doi.org/{told['doi']}"] if "doi" in told else []),
        *([told["url"]] if "url" in told and "doi" not in told else []),
    ]
    return (
        "; ".join(authors(told)) + ".",
        told["title"],
        ". ".join([after, *links]) + ".",
    )


def bibtex(told: dict[str, Any]) -> str:
    """Return the entry for BibTeX; it has no year if the file has no date."""
    names = [
        f"{{{name}}}" if "name" in author else name
        for name, author in zip(authors(told), told["authors"], strict=True)
    ]
    fields = {"author": " and ".join(names), "title": f"{{{told['title']}}}"}
    if date := told.get("date-released"):
        fields["year"] = str(date)[:4]
    fields |= {name: str(told[name]) for name in FIELDS if name in told}
    width = max(map(len, fields))
    lines = [f"  {k:<{width}} = {{{v}}}" for k, v in fields.items()]
    return f"@misc{{{slug(told['title'])},\n" + ",\n".join(lines) + "\n}"
