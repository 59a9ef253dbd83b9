"""Formulas as MathML, made at build: no script, no font, no shift."""

import html
import re

from math_core import LatexError, LatexToMathML

# The role colours of query, key, value and context, as in the figures. TeX
# knows colours only: each role borrows a name that stands for nothing else.
ROLES = {"query": "red", "key": "green", "val": "blue", "context": "cyan"}
CONVERTER = LatexToMathML(
    macros={
        role: rf"\textcolor{{{colour}}}{{#1}}"
        for role, colour in ROLES.items()
    },
    fancy_error=False,
)
# What the converter writes for each role's colour, asked of it once.
STYLES = {
    role: re.search(
        r'style="[^"]*"',
        CONVERTER.convert_with_local_state(
            rf"\{role}{{x}}", displaystyle=False
        ),
    )[0]
    for role in ROLES
}
MARKED = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">\\(?P<open>[(\[])'
    r"(?P<tex>.*?)\\[)\]]</(?P=tag)>",
    re.S,
)


# A letter on its own is italic by the style sheet, in the font of the other
# letters: browsers take theirs from another font where no mathematical one is
# installed.
LETTER = re.compile(r"<mi>([^\W\d_])</mi>")
WHOLE = re.compile(r"(<math[^>]*>)(.*)(</math>)", re.S)


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
    try:
        out = CONVERTER.convert_with_local_state(tex, displaystyle=display)
    except LatexError as error:
        raise FormulaError(tex, str(error)) from None
    for role, style in STYLES.items():
        out = out.replace(style, f'class="{role}"')
    out = LETTER.sub(r'<mi mathvariant="normal">\1</mi>', out)
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
    return re.sub(rf"\\(?:{'|'.join(ROLES)})(?=\{{)", "", tex)


def render(text: str) -> str:
    """Replace each formula that arithmatex marked in `text` by MathML."""

    def replace(found: re.Match[str]) -> str:
        tex = html.unescape(found["tex"]).strip()
        if found["open"] == "(":
            return to_mathml(tex, display=False)
        math = to_mathml(tex, display=True)
        return f'<div class="formula" tabindex="0">{math}</div>'

    return MARKED.sub(replace, text)
