"""Formulas as MathML, made at build; the roles' colours, in code as well."""

import functools
import html
import re

from math_core import LatexError, LatexToMathML

from snippets.machinery.settings import load

# TeX knows colours only: each role of the settings borrows one of them, which
# stands for nothing else; the style sheet gives it the colour of the figures.
BORROWED = ("red", "green", "blue", "cyan", "magenta", "yellow")
NAME = re.compile(r'<span class="[np]">([^<]*)</span>')
MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<open>[(\[])'
    r"(?P<tex>.*?)\\[)\]]</(?P=tag)>",
    re.S,
)


# The name of a function in the font of the text, as in formulas of one line.
FUNCTION = re.compile(r'<mo lspace="([^"]*)" rspace="[^"]*">([a-z]+)</mo>')
WHOLE = re.compile(r"(<math[^>]*>)(.*)(</math>)", re.S)


@functools.cache
def _converter() -> tuple[LatexToMathML, dict[str, str]]:
    """Return the converter, and what it writes for each role's colour."""
    roles = [*dict.fromkeys(load().roles.values())]
    macros = {
        role: rf"\textcolor{{{colour}}}{{#1}}"
        for role, colour in zip(roles, BORROWED, strict=False)
    }
    converter = LatexToMathML(macros=macros, fancy_error=False)
    styles = {}
    for role in roles:
        shown = converter.convert_with_local_state(
            rf"\{role}{{x}}", displaystyle=False
        )
        styles[role] = shown[shown.index("style=") :].split('"')[1]
    return converter, styles


class FormulaError(Exception):
    """A formula that is not valid TeX; `tex` is its source."""

    def __init__(self, tex: str, reason: str) -> None:
        """Keep the formula beside the reason."""
        super().__init__(f"the formula {tex!r} cannot be read: {reason}")
        self.tex = tex


def to_mathml(tex: str, *, display: bool) -> str:
    """Return TeX as MathML, with a class for each role colour.

    Raises FormulaError for a formula that is not valid.
    """
    converter, styles = _converter()
    try:
        out = converter.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise FormulaError(tex, str(error)) from None
    for role, style in styles.items():
        out = out.replace(f'style="{style}"', f'class="{role}"')
    out = FUNCTION.sub(r'<mrow><mspace width="\1"/><mi>\2</mi></mrow>', out)
    note = html.escape(plain_tex(tex), quote=False)
    return WHOLE.sub(
        lambda found: (
            f"{found[1]}<semantics><mrow>{found[2]}</mrow>"
            f'<annotation encoding="application/x-tex">{note}</annotation>'
            f"</semantics>{found[3]}"
        ),
        out,
    )


def plain_tex(tex: str) -> str:
    """Return TeX that any other place understands: without the roles."""
    roles = "|".join(dict.fromkeys(load().roles.values()))
    return re.sub(rf"\\(?:{roles})(?![A-Za-z])", "", tex)


def render(text: str) -> str:
    """Replace each formula that arithmatex marked in `text` by MathML."""

    def replace(found: re.Match[str]) -> str:
        tex = html.unescape(found["tex"]).strip()
        if found["open"] == "(":
            return to_mathml(tex, display=False)
        math = to_mathml(tex, display=True)
        return f'<div class="formula" tabindex="0">{math}</div>'

    return MARKED.sub(replace, text)


def colour_names(code: str) -> str:
    """Give each variable that is named after a role the role's class.

    Other names and punctuation have the colour of all code: a page is lighter
    without an element for each of them.
    """
    classes = load().roles
    return NAME.sub(
        lambda found: (
            f'<span class="n {classes[found[1]]}">{found[1]}</span>'
            if found[1] in classes
            else found[1]
        ),
        code,
    )
