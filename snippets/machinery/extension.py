"""The Markdown extension that ties the machinery to a page.

It knows Python-Markdown only, not MkDocs, so that any site generator which
runs Markdown extensions can build the site.
"""

import re
from html.parser import HTMLParser

from markdown import Markdown
from markdown.extensions import Extension
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pymdownx.superfences import SuperFencesException

from snippets.machinery import claims, fences, glossary, quotes
from snippets.machinery.formulas import FormulaError, render
from snippets.machinery.place import page_of, remember
from snippets.machinery.quotes import QUOTE, missing


class PageError(SuperFencesException):
    """A page that must not be published: it says where and why.

    A caption is rendered inside a fence, and SuperFences shows the source as
    plain text after an exception of any other kind.
    """


class Quotes(Preprocessor):
    """Checks each quoted file and section before anything is replaced."""

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines without the marks of claims, or raise PageError."""
        if not hasattr(self.md, "rendered_page"):
            remember(self.md, lines)
            self.md.is_page = True  # a caption is not
        for found in QUOTE.finditer("\n".join(lines)):
            if reason := missing(found["spec"]):
                place = page_of(self.md).place(
                    re.escape(found.group().strip())
                )
                raise PageError(f"{place}: {reason}")
        return claims.without("\n".join(lines)).split("\n")


class Terms(Treeprocessor):
    """Links each term of the glossary where a page first uses it."""

    def run(self, root) -> None:
        """Change the page's tree in place; leave captions as they are."""
        path = page_of(self.md).path.removeprefix("docs/")
        if getattr(self.md, "is_page", False) and path not in glossary.WITHOUT:
            glossary.link_terms(root, path)


class Finish(Postprocessor):
    """Turns formulas into MathML and refuses an image without alt text."""

    def run(self, text: str) -> str:
        """Return the page's final HTML, or raise PageError."""
        page = page_of(self.md)
        try:
            text = render(text)
        except FormulaError as error:
            place = page.place(re.escape(error.tex.split("\n")[0]))
            raise PageError(f"{place}: {error}") from None
        for source in images_without_alt(text):
            place = page.place(re.escape(source))
            raise PageError(f"{place}: the image {source!r} has no alt text")
        return text


def images_without_alt(text: str) -> list[str]:
    """Return the address of every image in `text` that has no alt text."""
    found: list[str] = []

    class Images(HTMLParser):
        def handle_starttag(self, tag, attrs) -> None:
            attributes = dict(attrs)
            if tag == "img" and not (attributes.get("alt") or "").strip():
                found.append(attributes.get("src") or "")

    Images().feed(text)
    return found


class Executed(Extension):
    """Registers quotes, fences, values and checks.

    The extensions that it builds on stand before it in the site's settings:
    pymdownx.superfences and pymdownx.inlinehilite.
    """

    def extendMarkdown(self, md: Markdown) -> None:
        """Put the checks before every other step and after the last one."""
        md.registerExtension(self)
        md.registerExtensions(
            ["pymdownx.snippets"], {"pymdownx.snippets": quotes.SETTINGS}
        )
        fences.register(md)
        self.md = md
        md.preprocessors.register(Quotes(md), "quotes", 100)
        # After attributes are set, before MkDocs reads the links.
        md.treeprocessors.register(Terms(md), "terms", 4)
        md.postprocessors.register(Finish(md), "finish", -100)

    def reset(self) -> None:
        """Forget the page when the instance is used for another one."""
        if hasattr(self.md, "rendered_page"):
            del self.md.rendered_page
            self.md.is_page = False


def makeExtension(**kwargs) -> Executed:
    """Return the extension, as Python-Markdown asks for it."""
    return Executed(**kwargs)
