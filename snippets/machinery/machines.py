"""What search engines and language models read: plain data about the site."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

LICENCE = "https://spdx.org/licenses/MIT.html"
AIMS = {"competencyRequired": "know", "teaches": "be able to"}
SHOWN = ("image", "image:alt")  # by Twitter, under the same names
LLMS = "llms.txt"


class Site(NamedTuple):
    """What every page has in common; the image is that of shared links."""

    name: str
    url: str  # "" for a site that is nowhere yet
    image: str  # its address within the site, "" for none
    alt: str


class Entry(NamedTuple):
    """A page as a list of pages shows it; `address` is within the site."""

    title: str
    address: str
    description: str


def entry(page: Any, config: Any) -> Entry:
    """Return how lists of pages show a page of MkDocs."""
    told = page.meta.get("description") or config.site_description or ""
    return Entry(page.title, page.file.dest_uri, " ".join(told.split()))


def sections(nav: Any, site: str) -> Iterator[tuple[str, Any]]:
    """Yield each page of the navigation and the section that it is in.

    Pages outside a section are in one that is called like the site; those
    that come after the sections belong to it as well.
    """

    def walk(items: list[Any], title: str) -> Iterator[tuple[str, Any]]:
        for item in items:
            if item.is_page:
                yield title, item
            elif item.children:
                yield from walk(item.children, item.title)

    yield from walk(nav.items, site)


def trail(page: Any, nav: Any) -> list[tuple[str, str]]:
    """Return name and address of each step from the home page to a page.

    A section without a page of its own is no step.
    """
    home = nav.homepage
    steps = [(home.title, home.file.dest_uri)] if home else []
    for section in reversed(page.ancestors):
        index = next((item for item in section.children if item.is_page), None)
        if index and index.file.name == "index":
            steps.append((section.title, index.file.dest_uri))
    here = (page.title, page.file.dest_uri)
    # A section's own page is its step.
    return [step for step in steps if step[1] != here[1]] + [here]


def llms(nav: Any, config: Any) -> str:
    """Return `llms.txt` (llmstxt.org): every page under its section."""
    listed: dict[str, list[str]] = {}
    for section, page in sections(nav, "Pages"):
        title, address, about = entry(page, config)
        plain = f"{config.site_url or ''}{address.removesuffix('.html')}.md"
        listed.setdefault(section, []).append(f"- [{title}]({plain}): {about}")
    told = " ".join((config.site_description or "").split())
    parts = [f"# {config.site_name}", f"> {told}"]
    for title, lines in listed.items():
        parts += [f"## {title}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


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
    site: Site, page: Entry, steps: list[tuple[str, str]], told: dict[str, str]
) -> str:
    """Return a page's data in JSON-LD, fit to stand in a script element.

    steps: as `trail` returns them. told: as `aims` returns it.
    """
    article: dict[str, Any] = {
        "@type": ["TechArticle", "LearningResource"],
        "headline": page.title,
        "name": page.title,
        "description": page.description,
        "inLanguage": "en",
        "learningResourceType": "tutorial",
        "isAccessibleForFree": True,
        "license": LICENCE,
        "author": {
            "@type": "Organization",
            "name": f"The authors of {site.name}",
        },
        **told,
    }
    whole: dict[str, Any] = {"@type": "WebSite", "name": site.name}
    if site.url:
        whole["url"] = site.url
        article |= {"url": site.url + page.address}
        article |= {"mainEntityOfPage": site.url + page.address}
    if site.url and site.image:
        article["image"] = site.url + site.image
    article["isPartOf"] = whole
    crumbs = []
    for position, (name, address) in enumerate(steps, 1):
        crumb = {"@type": "ListItem", "position": position, "name": name}
        crumb |= {"item": site.url + address} if site.url else {}
        crumbs.append(crumb)
    trail = {"@type": "BreadcrumbList", "itemListElement": crumbs}
    data = {"@context": "https://schema.org", "@graph": [article, trail]}
    # A `</script>` in a text would end the element.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def tags(site: Site, page: Entry) -> list[tuple[str, str, str]]:
    """Return what a shared link shows: attribute, name, content of a tag.

    An address must be absolute, so there is none without the site's.
    """
    og = {
        "type": "article",
        "site_name": site.name,
        "title": page.title,
        "description": page.description,
        "locale": "en_GB",
    }
    twitter = {
        "card": "summary_large_image",
        "title": page.title,
        "description": page.description,
    }
    more = {}
    if site.url:
        more["url"] = site.url + page.address
    if site.url and site.image:
        more |= {
            "image": site.url + site.image,
            "image:type": "image/png",
            "image:width": "1200",
            "image:height": "630",
            "image:alt": site.alt,
        }
    shown = {name: more[name] for name in more if name in SHOWN}
    return [
        (attribute, f"{kind}:{name}", content)
        for attribute, kind, told in (
            ("property", "og", og),
            ("name", "twitter", twitter),
            ("property", "og", more),
            ("name", "twitter", shown),
        )
        for name, content in told.items()
    ]
