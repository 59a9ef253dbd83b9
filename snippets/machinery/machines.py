"""What search engines and language models read: plain data about the site."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LICENCE = "https://spdx.org/licenses/MIT.html"
AIMS = {"competencyRequired": "know", "teaches": "be able to"}


class Entry(NamedTuple):
    """A page as a list of pages shows it; `address` is within the site."""

    title: str
    address: str
    description: str


def llms(
    site: str, description: str, sections: dict[str, list[Entry]], url: str
) -> str:
    """Return `llms.txt` (llmstxt.org): every page under its section."""
    parts = [f"# {site}", f"> {' '.join(description.split())}"]
    for title, entries in sections.items():
        lines = [
            f"- [{e.title}]({url}{e.address}): "
            f"{' '.join(e.description.split())}"
            for e in entries
        ]
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def sections(nav: Any, site: str) -> Iterator[tuple[str, Any]]:
    """Yield each page of the navigation and the section that it is in.

    Pages outside a section are in one that is called like the site; those
    that come after the sections belong to it as well.
    """

    def walk(items: list, title: str) -> Iterator[tuple[str, Any]]:
        for item in items:
            if item.is_page:
                yield title, item
            elif item.children:
                yield from walk(item.children, item.title)

    yield from walk(nav.items, site)


def robots(site_url: str) -> str:
    """Return `robots.txt`, which tells where the sitemap is."""
    return f"User-agent: *\nAllow: /\n\nSitemap: {site_url}sitemap.xml\n"


def aims(source: str) -> dict[str, str]:
    """Return what a page says to need and to teach, as plain text."""
    found = {}
    for name, words in AIMS.items():
        told = re.search(
            rf"^You (?:need|will)[^:\n]*\b{words}: (.+?)\n[{{\n]",
            source,
            re.M | re.S,
        )
        if told:
            text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", told[1])
            text = re.sub(r"[*`$]", "", text)
            found[name] = " ".join(text.split()).rstrip(".")
    return found


def structured(
    *,
    site: str,
    site_url: str,
    entry: Entry,
    trail: list[tuple[str, str]],
    aims: dict[str, str],
    image: str | None,
) -> str:
    """Return a page's data in JSON-LD, fit to stand in a script element.

    trail: name and address (within the site) of each step down to the page.
    """
    authors = {"@type": "Organization", "name": f"The authors of {site}"}
    article: dict[str, Any] = {
        "@type": ["TechArticle", "LearningResource"],
        "headline": entry.title,
        "name": entry.title,
        "description": " ".join(entry.description.split()),
        "inLanguage": "en",
        "learningResourceType": "tutorial",
        "isAccessibleForFree": True,
        "license": LICENCE,
        "author": authors,
        **aims,
    }
    whole: dict[str, Any] = {"@type": "WebSite", "name": site}
    if site_url:
        whole["url"] = site_url
        article |= {"url": site_url + entry.address}
        article |= {"mainEntityOfPage": site_url + entry.address}
    if image:
        article["image"] = image
    article["isPartOf"] = whole
    steps = []
    for position, (name, address) in enumerate(trail, 1):
        step = {"@type": "ListItem", "position": position, "name": name}
        if site_url:
            step["item"] = site_url + address
        steps.append(step)
    crumbs = {"@type": "BreadcrumbList", "itemListElement": steps}
    data = {"@context": "https://schema.org", "@graph": [article, crumbs]}
    # A `</script>` in a text would end the element.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def tags(
    *, site: str, site_url: str, entry: Entry, image: str, alt: str
) -> list[tuple[str, str, str]]:
    """Return what a shared link shows: attribute, name, content of a tag.

    An address must be absolute, so there is none without `site_url`.
    """
    description = " ".join(entry.description.split())
    found = [
        ("property", "og:type", "article"),
        ("property", "og:site_name", site),
        ("property", "og:title", entry.title),
        ("property", "og:description", description),
        ("property", "og:locale", "en_GB"),
        ("name", "twitter:card", "summary_large_image"),
        ("name", "twitter:title", entry.title),
        ("name", "twitter:description", description),
    ]
    if site_url:
        found.append(("property", "og:url", site_url + entry.address))
    if site_url and image:
        found += [
            ("property", "og:image", site_url + image),
            ("property", "og:image:type", "image/png"),
            ("property", "og:image:width", "1200"),
            ("property", "og:image:height", "630"),
            ("property", "og:image:alt", alt),
            ("name", "twitter:image", site_url + image),
            ("name", "twitter:image:alt", alt),
        ]
    return found
