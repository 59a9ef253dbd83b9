"""How to cite the site: read from CITATION.cff, shown on a page."""

import html
import tomllib
from typing import Any

import yaml

from snippets.machinery.asked import Fence, Links, Shows, fenced
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


class Citation(Fence):
    """How to cite the site: a sentence, BibTeX, and the file itself."""

    takes = ""
    runs = False

    def told(self) -> dict[str, Any]:
        """Return what the citation file says."""
        try:
            return read()
        except CitationError as error:
            self.refuse(str(error))

    def html(self, site: Shows) -> str:
        """Show all three."""
        told = self.told()
        before, title, after = map(html.escape, sentence(told))
        file = FILE
        return (
            f"<p>{before} <cite>{title}</cite>{after}</p>"
            f"{site.highlight(bibtex(told), 'bibtex')}"
            f'<p>The same as a file: <a href="{self.page.top}{file}">{file}'
            "</a>.</p>"
        )

    def markdown(self, links: Links) -> str:
        """Write all three."""
        told = self.told()
        before, title, after = sentence(told)
        entry = fenced("bibtex", bibtex(told))
        file = f"[{FILE}]({links.top}{FILE})"
        same = f"The same as a file: {file}."
        return f"{before} *{title}*{after}\n\n{entry}\n\n{same}"
