"""A claim: a sentence of a page, what it is about, and what must hold."""

from collections.abc import Callable
from typing import NamedTuple

from snippets.checks import expect

Measure = Callable[[int], float]


class Claim(NamedTuple):
    """A sentence that must hold from every random start.

    measure returns the number that it is about, for one start. It is no
    smaller than `least` and no larger than `most`. builds: the starts that
    each build measures; more are in the record.
    """

    name: str
    sentence: str
    measure: Measure
    least: float | None
    most: float | None
    builds: tuple[int, ...]

    def holds(self, value: float) -> bool:
        """Return whether a value is within the bounds."""
        return self.margin(value) >= 0

    def margin(self, value: float) -> float:
        """Return how far a value is from the nearer bound, inwards."""
        inwards = []
        if self.least is not None:
            inwards.append(value - self.least)
        if self.most is not None:
            inwards.append(self.most - value)
        return min(inwards)


CLAIMS: dict[str, Claim] = {}
# Functions of a start whose numbers, by name, the pages show with a range.
RANGES: dict[str, Callable[[int], dict[str, float]]] = {}


def claim(
    *,
    least: float | None = None,
    most: float | None = None,
    builds: tuple[int, ...] = (0,),
) -> Callable[[Measure], Measure]:
    """Register a function of one random start as a claim.

    Its docstring is the sentence, word for word as a page has it, values
    (`#!value a.b`) and all. The page names the claim behind the sentence, as
    <!-- claim: module.function -->. builds: the starts that a build measures;
    () for what only the record of many starts has.

    Raises ValueError without a bound or without a sentence.
    """
    expect(least is not None or most is not None, "least", "a bound", None)

    def register(measure: Measure) -> Measure:
        name = name_of(measure)
        sentence = " ".join((measure.__doc__ or "").split())
        expect(sentence != "", "docstring", f"a sentence of {name}", None)
        CLAIMS[name] = Claim(name, sentence, measure, least, most, builds)
        return measure

    return register


def ranged(
    measure: Callable[[int], dict[str, float]],
) -> Callable[[int], dict[str, float]]:
    """Register a function of one start whose numbers get a range."""
    RANGES[name_of(measure)] = measure
    return measure


def name_of(measure: Callable) -> str:
    """Return the name by which a page calls a claim."""
    return f"{measure.__module__.rpartition('.')[2]}.{measure.__name__}"
