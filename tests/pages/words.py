"""Which words a text has, however they are inflected."""

import re

ENDINGS = "ations ation ings ing ies ers ers er ed es s y e".split()
SMALL = set(
    "a an and are as at be by for from in is it its not of on one or than "
    "that the their there this to up what where which with".split()
)


def stem(word: str) -> str:
    """Return a word without its ending: masks, masked and masking are one."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def stems(text: str) -> set[str]:
    """Return the words of a text, those that say nothing left out."""
    words = re.findall(r"[^\W_]+", text.lower())
    return {stem(word) for word in words if word not in SMALL}
