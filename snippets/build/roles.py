"""The four roles in code: query, key, value and context have a colour each."""

import re

# As the formulas' classes are called (`value` is the theme's).
CLASSES = {
    "query": "query",
    "key": "key",
    "value": "val",
    "context": "context",
}
NAME = re.compile(rf'<span class="n">({"|".join(CLASSES)})</span>')


def colour_names(code: str) -> str:
    """Give each variable that is named after a role the role's class."""
    return NAME.sub(
        lambda found: f'<span class="n {CLASSES[found[1]]}">{found[1]}</span>',
        code,
    )
