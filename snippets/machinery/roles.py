"""The four roles in code: query, key, value and context have a colour each."""

import re

# As the formulas' classes are called (`value` is the theme's).
CLASSES = {
    "query": "query",
    "key": "key",
    "value": "val",
    "context": "context",
}
NAME = re.compile(r'<span class="[np]">([^<]*)</span>')


def colour_names(code: str) -> str:
    """Give each variable that is named after a role the role's class.

    Other names and punctuation have the colour of all code: a page is lighter
    without an element for each of them.
    """
    return NAME.sub(
        lambda found: (
            f'<span class="n {CLASSES[found[1]]}">{found[1]}</span>'
            if found[1] in CLASSES
            else found[1]
        ),
        code,
    )
