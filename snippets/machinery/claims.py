"""Marks behind the sentences that are claims; no reader sees them."""

import re

# With the space or the line before it, so that the sentence stays as it is.
MARK = re.compile(r"\s*<!-- claim: (?P<name>[\w.]+) -->")


def without(text: str) -> str:
    """Return a page's source, or a part of it, without its marks."""
    return MARK.sub("", text)


def sentences(source: str) -> list[tuple[str, str, int]]:
    """Return each mark's name, the text before it, and its line.

    The text is on one line and without other marks.
    """
    return [
        (
            mark["name"],
            " ".join(without(source[: mark.start()]).split()),
            source[: mark.end()].count("\n") + 1,
        )
        for mark in MARK.finditer(source)
    ]
