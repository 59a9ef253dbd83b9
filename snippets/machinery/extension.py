"""The Markdown extension that ties the machinery to a page.

It knows Python-Markdown only, not MkDocs, so that any site generator which
runs Markdown extensions can build the site. pymdownx.superfences and
pymdownx.inlinehilite stand before it in the site's settings.
"""

import re
from collections.abc import Iterator
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound
from pymdownx.superfences import highlight_validator

from snippets.machinery import fences, formulas, glossary, source
from snippets.machinery.asked import Value, asked, kinds
from snippets.machinery.settings import load
from snippets.machinery.source import Page, Part

CAPTION_EXTENSIONS = [
    "pymdownx.arithmatex",
    "pymdownx.highlight",
    "pymdownx.inlinehilite",
]
TUPLE = r"\([−\d.]+(?:, [−\d.]+)+\)"  # a small vector, or sizes
ARITHMATEX = {"pymdownx.arithmatex": {"generic": True}}

# Code that was highlighted: many pages quote the same, and it takes long.
_highlighted: dict[tuple[str, str, str], str] = {}


class Executed(Extension):
    """Registers quotes, fences, values, terms, formulas and their checks.

    It renders one page at a time, and the captions on it with an instance of
    its own, which has the `whole` page's.
    """

    page = Page("")
    line = 1  # of the fence that is being rendered
    whole: "Executed | None" = None

    def extendMarkdown(self, md: Markdown) -> None:
        """Put the checks before every other step and after the last one."""
        md.registerExtension(self)
        self.md = md
        self.captions: Markdown | None = None
        inline: Any = md.inlinePatterns["backtick"]
        inline.extend_custom_inline("value", self.value)
        self.step(md.postprocessors, End(md), "end", -100)
        md.inlinePatterns.register(Together(TUPLE, md), "together", 50)
        if self.whole:
            return
        md.registerExtensions(
            ["pymdownx.snippets"], {"pymdownx.snippets": source.QUOTES}
        )
        self.step(md.preprocessors, Begin(md), "begin", 100)
        # After attributes are set, before MkDocs reads the links.
        self.step(md.treeprocessors, Terms(md), "terms", 4)
        known: Any = md.preprocessors["fenced_code_block"]
        for name in kinds():
            known.extension.extend_super_fences(
                name, self.fence, _any_header, None
            )
        known.extension.extend_super_fences(
            "python", self.python, _python_header, None
        )

    def step(self, steps: Any, step: Any, name: str, priority: int) -> None:
        """Register a step that knows this extension."""
        step.executed = self
        steps.register(step, name, priority)

    def begin(self, lines: list[str]) -> None:
        """Find out which page this is, and read all that it asks for.

        Raises PageError for what is wrong with its source.
        """
        self.page = _page_of(self.md, lines)
        self.waiting = [p for p in self.page.parts() if p.fence]
        self.values: dict[str, Value] = {}
        seen: set[str] = set()
        for part, reason in _unknown(self.page):
            self.page.refuse(part.line, reason)
        for thing in asked(self.page):
            thing.warn()
            if isinstance(thing, Value):
                self.values.setdefault(thing.part.text, thing)
            elif isinstance(thing, fences.Figure):
                if thing.name in seen:
                    thing.refuse("the page shows it a second time")
                seen.add(thing.name)

    def next_part(self, language: str) -> Part:
        """Return the fence that is being rendered: they come in order."""
        for part in self.waiting:
            if part.fence == language:
                self.waiting.remove(part)
                self.line = part.line
                return part
        seen = {part.line for part in self.page.parts()}
        row = re.compile(rf"[ >]*[`~]{{3,}}.*\b{language}\b")
        rows = enumerate(self.page.text.split("\n"), self.page.first_line)
        line = next(n for n, text in rows if row.match(text) and n not in seen)
        self.page.refuse(line, f"a {language} fence stands where none can be")

    def end(self) -> None:
        """Refuse a fence that was not rendered, its header being wrong."""
        for part in self.waiting:
            if part.fence == "python":
                reason = f"python: it does not take {part.header}"
                self.page.refuse(part.line, reason)

    def fence(
        self, src: str, language: str, options: Any, md: Any, **kwargs: Any
    ) -> str:
        """Show what a fence of the site's own asks for."""
        part = self.next_part(language)
        return kinds()[language](self.page, part).html(self)

    def value(self, src: str, language: str, md: Markdown) -> str:
        """Show one number or text in a sentence."""
        whole = self.whole or self
        found = whole.values.get(src)
        return (found or Value(whole.page, Part(1, src, "value"))).html(self)

    def python(
        self, src: str, language: str, options: Any, md: Any, **kwargs: Any
    ) -> str:
        """Show Python code, which has a class if it is meant to fail."""
        part = self.next_part(language)
        if error := options.pop("raises", None):
            kwargs["classes"].append("raises")
            kwargs["attrs"]["data-raises"] = error
        if mark := options.pop("mark", None):
            lines = src.split("\n")
            found = [str(i) for i, line in enumerate(lines, 1) if mark in line]
            if not found:
                self.page.refuse(part.line, f"no line holds {mark!r}")
            options["hl_lines"] = " ".join(found)
        return self.highlight(src, "python", options=options, **kwargs)

    def highlight(self, code: str, language: str, **settings: Any) -> str:
        """Highlight code as SuperFences does by itself."""
        key = code, language, repr(settings)
        if key in _highlighted:
            return _highlighted[key]
        known: Any = self.md.preprocessors["fenced_code_block"]
        known.get_hl_settings()
        given = {"classes": [], "id_value": "", "attrs": {}, "options": {}}
        shown: str = known.highlight(
            src=code, language=language, md=self.md, **(given | settings)
        )
        if language == "python":
            shown = formulas.colour_names(shown)
        _highlighted[key] = shown
        return shown

    def inline(self, text: str, *, on_page: bool = False) -> str:
        """Render one paragraph's worth of Markdown: a caption or a cell.

        Links that stand `on_page`, not in a result, lead to sources (`.md`):
        the generator's own step is lent to turn them into addresses.
        """
        if self.captions is None:
            inner = Executed()
            inner.whole = self
            self.captions = Markdown(
                extensions=[*CAPTION_EXTENSIONS, inner],
                extension_configs=ARITHMATEX,
            )
        md, links = self.captions.reset(), self.md.treeprocessors
        if on_page and "relpath" in links:
            md.treeprocessors.register(links["relpath"], "relpath", 0)
        elif "relpath" in md.treeprocessors:
            md.treeprocessors.deregister("relpath")
        return re.sub(r"^<p>(.*)</p>$", r"\1", md.convert(text), flags=re.S)


def _page_of(md: Markdown, lines: list[str]) -> Page:
    """Return the page that `md` renders, as MkDocs or Zensical says."""
    links: Any = md.treeprocessors
    context: Any = md.preprocessors
    if "relpath" in links:
        file = links["relpath"].file
        return source.read(file.src_uri, file.content_string)
    if "rendering_context" in context:
        return source.read(context["rendering_context"].page.path)
    return Page("(text)", "\n".join(lines))


def _unknown(page: Page) -> Iterator[tuple[Part, str]]:
    """Yield fences and spans of code that mean nothing, as if misspelt."""
    for part in page.parts():
        if part.fence is None:
            for span in source.spans(part.text, part.line):
                shebang = span.fence or span.text.startswith("#!")
                if shebang and not _is_language(span.fence):
                    yield span, f"{span.header} is no value and no code"
        elif part.fence not in kinds():
            if "run" in part.options or not _is_language(part.fence or "text"):
                yield part, f"there is no fence called {part.fence!r}"


def _is_language(name: str | None) -> bool:
    try:
        return name == "value" or bool(get_lexer_by_name(name or ""))
    except ClassNotFound:
        return False


def _any_header(*given: Any) -> bool:
    """Accept the fence: its class has read the header already."""
    return True


def _python_header(
    language: str, inputs: Any, options: Any, attrs: Any, md: Markdown
) -> bool:
    """Accept what code takes, and two options of this site.

    `raises="Error"` marks a block that is meant to fail; `mark="text"`
    highlights the lines that hold the text.
    """
    own = {
        name: inputs.pop(name) for name in ("raises", "mark") if name in inputs
    }
    accepted = highlight_validator(language, inputs, options, attrs, md)
    options.update(own)
    return bool(accepted)


class Begin(Preprocessor):
    """Checks the page's source before anything is replaced."""

    executed: Executed

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines without the marks of claims, or raise PageError."""
        self.executed.begin(lines)
        return source.without_claims("\n".join(lines)).split("\n")


class Together(InlineProcessor):
    """Keeps a vector or a shape in one line."""

    def handleMatch(  # type: ignore[override]
        self, m: re.Match[str], data: str
    ) -> tuple[str, int, int]:
        """Return the same with spaces that do not break."""
        return m[0].replace(" ", "\u00a0"), m.start(0), m.end(0)


class Terms(Treeprocessor):
    """Links each term of the glossary where a page first uses it."""

    executed: Executed

    def run(self, root: Any) -> None:
        """Change the page's tree in place."""
        path = self.executed.page.path
        if path not in load().without_terms:
            glossary.link_terms(root, path)


class End(Postprocessor):
    """Turns formulas into MathML, and checks that nothing was left out."""

    executed: Executed

    def run(self, text: str) -> str:
        """Return the page's final HTML, or raise PageError."""
        if not self.executed.whole:
            self.executed.end()
        try:
            return formulas.render(text)
        except formulas.FormulaError as error:
            told = self.executed.whole or self.executed
            line = told.page.find(error.tex.split("\n")[0], told.line)
            told.page.refuse(line, str(error))


def makeExtension(**kwargs: Any) -> Executed:
    """Return the extension, as Python-Markdown asks for it."""
    return Executed(**kwargs)
