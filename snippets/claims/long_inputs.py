"""What *Long Inputs* says of windows, and of where weight goes."""

from statistics import fmean

from snippets.claims.claim import claim, ranged
from snippets.results.long_inputs import (
    asked,
    lookup,
    recall,
    stream,
)
from snippets.results.trainings import LOOKUPS, READERS, READERS_LEFT
from snippets.tasks.sink_lookup import LENGTH
from snippets.tasks.window_recall import FACTS

PAGE = "Long Inputs", "beyond/long-inputs.html"
WHOLE, *WINDOWS = READERS


def reached(name: str) -> int:
    """Return how far a reader with a window can look back."""
    return READERS[name]["layers"] * READERS_LEFT


def inside(name: str, seed: int) -> list[float]:
    """Return how often a reader is right within its reach."""
    return recall(name, seed)[: reached(name)]


def beyond(name: str, seed: int) -> list[float]:
    """Return how often a reader is right beyond its reach."""
    return recall(name, seed)[reached(name) :]


@claim(least=0.9)
def all_words(seed: int) -> float:
    """A model that attends to all words is right at every distance."""
    return min(recall(WHOLE, seed))


@claim(least=0.9)
def inside_reach(seed: int) -> float:
    """Inside their reach the windows lose next to nothing."""
    return min(fmean(inside(name, seed)) for name in WINDOWS)


@claim(most=0.07)
def beyond_reach(seed: int) -> float:
    """One word farther they guess."""
    return max(
        abs(right - 1 / FACTS)
        for name in WINDOWS
        for right in beyond(name, seed)
    )


@claim(least=0.4)
def start_is_used(seed: int) -> float:
    """Nobody told the model to use the start, but it does:"""
    found = asked(lookup("start", seed), LENGTH)
    return found["first, not there"] - found["first, there"]


@claim(most=0.6)
def no_harm(seed: int) -> float:
    """It has learnt a key that takes the weight, and a value that does little
    harm.
    """
    return missing("start", seed) / missing("none", seed)


@claim(most=0.5)
def zero_helps(seed: int) -> float:
    """Here that helps, too."""
    return missing("zero", seed) / missing("none", seed)


@claim(least=0.04, most=0.085)
def mean_of_all(seed: int) -> float:
    """Without such a key it spreads the weight and gives back about the mean
    of `#!value long_inputs.sink_facts.list` values, which is not zero:
    """
    return missing("none", seed)


@claim(most=0.5)
def start_is_lost(seed: int) -> float:
    """The window loses the start at 17 names."""
    window = stream(seed)["window"]
    return window[0] / min(window[1:])


@claim(most=2.5)
def start_is_kept(seed: int) -> float:
    """With the start kept, a model trained on 16 names goes on."""
    errors = stream(seed)["window and first key"]
    return max(errors) / errors[0]


def missing(sink: str, seed: int) -> float:
    """Return the error for names that are not there."""
    return asked(lookup(sink, seed), LENGTH)["error, not there"]


@ranged
def each_sink(seed: int) -> dict[str, float]:
    """Return errors and weights of each lookup."""
    return {
        f"{sink}, {what}": number
        for sink in LOOKUPS
        for what, number in asked(lookup(sink, seed), LENGTH).items()
    }


@ranged
def at_the_end(seed: int) -> dict[str, float]:
    """Return how often each window is right at the end of its reach."""
    return {name: inside(name, seed)[-1] for name in WINDOWS}
