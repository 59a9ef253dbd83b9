"""What a page can ask for: a figure, a table, an output, a value."""

import ast
import html
import re
from collections.abc import Callable
from typing import Any

from markdown import Markdown
from pymdownx.inlinehilite import InlineHiliteException
from pymdownx.superfences import SuperFencesException, highlight_validator

from snippets.machinery import once, runs
from snippets.machinery.closure import module_path
from snippets.machinery.place import page_of
from snippets.machinery.roles import colour_names
from snippets.machinery.standalone import FOLDER, download

CAPTION_EXTENSIONS = [
    "pymdownx.arithmatex",
    "pymdownx.highlight",
    "pymdownx.inlinehilite",
    "pymdownx.superfences",
    "snippets.machinery.extension",
]


def only_run(language, inputs, options, attrs, md) -> bool:
    """Accept `run="topic.function"` and nothing else in a fence's header."""
    if inputs.keys() != {"run"}:
        place = page_of(md).place(rf"^[ >]*(`{{3,}}|~{{3,}})[ ]*{language}\b")
        raise SuperFencesException(
            f'{place}: a {language} fence takes run="topic.function", '
            f"got {inputs or 'nothing'}"
        )
    options.update(inputs)
    return True


def result(
    md: Markdown, kind: str, name: str, failure: type[Exception]
) -> Any:
    """Return the result of a run; a failed one names page, line, function."""
    try:
        return once.result(kind, name)
    except runs.RunFailed as error:
        where = page_of(md).place(
            rf'run="{re.escape(name)}"|value[ ]+{re.escape(name)}\b'
        )
        raise failure(f"{where}: {kind} {name} failed\n{error}") from None


def figure(source, language, css_class, options, md, **kwargs) -> str:
    """Show the figure that a function of snippets.figures draws."""
    name = options["run"]
    drawn = result(md, "figure", name, SuperFencesException)["figure"]
    caption = source.strip()
    if not caption:
        place = page_of(md).place(rf'run="{re.escape(name)}"')
        raise SuperFencesException(f"{place}: figure {name} has no caption")
    label = html.escape(drawn["alt"], quote=True)
    svg = drawn["svg"].replace(
        "<svg ", f'<svg role="img" aria-label="{label}" ', 1
    )
    label = name.replace(".", "-")
    to_root = "../" * page_of(md).path.removeprefix("docs/").count("/")
    return (
        f'<figure class="drawn" id="figure-{label}">{svg}'
        f"<figcaption>{markdown(md, caption, on_page=True)}</figcaption>"
        f"{download(f'{to_root}{FOLDER}/{label}.svg')}"
        f"{figure_source(md, name)}</figure>"
    )


def figure_source(md: Markdown, name: str) -> str:
    """Return the code of a figure, folded, one click away."""
    run = runs.Run.named("figure", name)
    path = module_path(run.module)
    assert path is not None
    text = path.read_text("utf-8")
    code = next(
        ast.get_source_segment(text, node) or ""
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == run.function
    )
    shown = highlight(md, code, "python")
    # Not `language-python`: it is the site's drawing code, which needs the
    # project, and no part of the page's own code.
    shown = shown.replace("language-python ", "", 1)
    return (
        '<details class="figure-source"><summary>Source of this figure: '
        f"<code>{path.name}</code></summary>{shown}</details>"
    )


def table(source, language, css_class, options, md, **kwargs) -> str:
    """Show a list of dicts as a table, its keys as the header."""
    name = options["run"]
    rows = result(md, "table", name, SuperFencesException)["value"]
    if not isinstance(rows, list):
        place = page_of(md).place(rf'run="{re.escape(name)}"')
        raise SuperFencesException(
            f"{place}: table {name} did not return a list of dicts"
        )
    head = "".join(
        f'<th scope="col"{_align(rows[0][key])}>{markdown(md, key)}</th>'
        for key in rows[0]
    )
    body = ""
    for row in rows:
        first, *others = row.values()
        cells = "".join(
            f"<td{_align(cell)}>{_cell(md, cell)}</td>" for cell in others
        )
        body += f'<tr><th scope="row">{_cell(md, first)}</th>{cells}</tr>'
    caption = markdown(md, source.strip(), on_page=True)
    return framed(name.replace(".", "-"), head, body, caption)


def framed(name: str, head: str, body: str, caption: str) -> str:
    """Put rows of cells into a table that scrolls by itself, captioned."""
    label = f"table-{name}"
    return (
        '<figure class="measured-table"><div class="scroll" tabindex="0">'
        f'<table class="measured-values" aria-labelledby="{label}">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f'<figcaption id="{label}">{caption}</figcaption></figure>'
    )


def output(source, language, css_class, options, md, **kwargs) -> str:
    """Show a text that a run returned, as a terminal would."""
    text = result(md, "output", options["run"], SuperFencesException)["value"]
    return (
        '<div class="language-text highlight run-output output">'
        f'<pre tabindex="0"><code>{html.escape(str(text))}</code></pre></div>'
    )


def value(source, language, css_class, md) -> str:
    """Show one number or text; `name spec` formats it, as in Python.

    `topic.function.key` shows one entry of the dict that a run returned.
    """
    name, _, spec = source.partition(" ")
    found = result(md, "value", name, InlineHiliteException)["value"]
    try:
        text = value_text(found, name, spec)
    except (ValueError, TypeError, KeyError) as error:
        where = page_of(md).place(rf"value[ ]+{re.escape(source)}")
        raise InlineHiliteException(
            f"{where}: value {source}: {error!r}"
        ) from None
    shown = html.escape(text)
    return (
        f'<span class="measured" data-run="{html.escape(name)}">{shown}</span>'
    )


def value_text(found: Any, name: str, spec: str) -> str:
    """Return the entry of a run's result that `name` means, formatted."""
    for key in name.split(".")[2:]:
        found = found[key]
    if not isinstance(found, str | int | float):
        raise TypeError(f"{type(found).__name__} is no number and no text")
    return format(found, spec or (",d" if isinstance(found, int) else ""))


def python_header(language, inputs, options, attrs, md) -> bool:
    """Accept what code takes, and two options of this site.

    `raises="Error"` marks a block that is meant to fail; `mark="text"`
    highlights the lines that hold the text.
    """
    own = {
        name: inputs.pop(name) for name in ("raises", "mark") if name in inputs
    }
    accepted = highlight_validator(language, inputs, options, attrs, md)
    options.update(own)
    return accepted


def python(source, language, css_class, options, md, **kwargs) -> str:
    """Show Python code; the class `raises` marks a block that must fail."""
    if error := options.pop("raises", None):
        kwargs["classes"].append("raises")
        kwargs["attrs"]["data-raises"] = error
    if mark := options.pop("mark", None):
        lines = source.split("\n")
        found = [str(i) for i, line in enumerate(lines, 1) if mark in line]
        if not found:
            place = page_of(md).place(rf'mark="{re.escape(mark)}"')
            raise SuperFencesException(f"{place}: no line holds {mark!r}")
        options["hl_lines"] = " ".join(found)
    return highlight(md, source, "python", options, **kwargs)


def highlight(md, source, language, options=None, **kwargs) -> str:
    """Highlight code as SuperFences does by itself."""
    fences = md.preprocessors["fenced_code_block"]
    fences.get_hl_settings()
    given = {"classes": [], "id_value": "", "attrs": {}, **kwargs}
    shown = fences.highlight(
        src=source, language=language, options=options or {}, md=md, **given
    )
    return colour_names(shown) if language == "python" else shown


def markdown(md: Markdown, text: str, *, on_page: bool = False) -> str:
    """Render one paragraph's worth of Markdown: a caption or a cell.

    Links that stand `on_page`, not in a result, lead to sources (`.md`):
    MkDocs' own step is lent to turn them into addresses and to check them.
    """
    inner = Markdown(
        extensions=CAPTION_EXTENSIONS,
        extension_configs={"pymdownx.arithmatex": {"generic": True}},
    )
    inner.rendered_page = page_of(md)  # type: ignore[attr-defined]
    if on_page and "relpath" in md.treeprocessors:
        inner.treeprocessors.register(
            md.treeprocessors["relpath"], "relpath", 0
        )
    shown = inner.convert(text)
    return re.sub(r"^<p>(.*)</p>$", r"\1", shown, flags=re.S)


def _cell(md: Markdown, cell: str | float) -> str:
    return markdown(md, cell) if isinstance(cell, str) else number(cell)


def number(cell: float) -> str:
    """Return a number as it stands in the cell of a table."""
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:.4g}"


def _align(cell: str | float) -> str:
    if not isinstance(cell, str):
        return ' class="number"'
    # A sentence is broken into lines; formulas and lists of lines are not.
    long = len(cell) > 60 and not any(mark in cell for mark in ("$", "<br>"))
    return ' class="sentence"' if long else ""


def register(md: Markdown) -> None:
    """Tell the extensions that read fences and code spans of our own."""
    from snippets.machinery import citation

    superfences = md.preprocessors["fenced_code_block"].extension
    for name, validator, fence in (
        ("python", python_header, python),
        ("figure", only_run, figure),
        ("table", only_run, table),
        ("output", only_run, output),
        ("citation", lambda *_: True, citation.fence),
    ):
        superfences.extend_super_fences(name, _called(fence), validator, None)
    md.inlinePatterns["backtick"].extend_custom_inline(
        "value", lambda src, language, md: value(src, language, "value", md)
    )


def _called(fence: Callable[..., str]) -> Callable[..., str]:
    def formatter(src="", language="", options=None, md=None, **kwargs):
        return fence(src, language, language, options, md, **kwargs)

    return formatter
