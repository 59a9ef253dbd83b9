"""What Long Inputs measures: reach, cost, recall, and where weight goes."""

import torch
from torch import Tensor

from snippets.attention import attention
from snippets.claims import record
from snippets.counting import count_multiplications
from snippets.flash_attention import flash_attention_forward
from snippets.long_inputs import window_with_sinks
from snippets.machinery.kept import kept
from snippets.results.trainings import LOOKUPS, READERS, READERS_LEFT
from snippets.tasks import sink_lookup, window_recall

STREAM = range(sink_lookup.LENGTH, sink_lookup.LENGTH + 11)
TESTS = 2000
WINDOW = 127  # earlier words, for the table of costs


def recall(name: str, seed: int = 0) -> list[float]:
    """Return how often a trained reader is right, by distance from 1 on."""
    return kept(window_recall.train, **READERS[name], seed=seed)


def lookup(sink: str, seed: int = 0) -> sink_lookup.Lookup:
    """Return a trained lookup."""
    model = sink_lookup.Lookup(sink)
    trained = kept(sink_lookup.train, **LOOKUPS[sink], seed=seed)
    model.load_state_dict(trained)
    return model


def asked(
    model: sink_lookup.Lookup, length: int, mask: Tensor | None = None
) -> dict[str, float]:
    """Return error and weight on the first key, by kind of question."""
    generator = torch.Generator().manual_seed(1)
    *question, answer, there = sink_lookup.make_lists(TESTS, generator, length)
    with torch.no_grad():
        context, weights = model(*question, mask)
    error = (context - answer).square().mean(dim=1)
    first = weights[:, 0]
    return {
        "error, there": error[there].mean().item(),
        "error, not there": error[~there].mean().item(),
        "first, there": first[there].mean().item(),
        "first, not there": first[~there].mean().item(),
    }


def error_in_window(
    sink: str, length: int, sinks: int, seed: int = 0
) -> float:
    """Return the error for names that are not there, by window and length.

    The window holds as many keys as there were in training.
    """
    model = lookup(sink, seed)
    source = length + (sink != "none")
    mask = window_with_sinks(
        1, source, left=sink_lookup.LENGTH, sinks=sinks, offset=source - 1
    )
    return asked(model, length, mask)["error, not there"]


def stream(seed: int = 0) -> dict[str, list[float]]:
    """Return these errors for each length of STREAM."""
    ways = {
        "window": ("start", 0),
        "window and first key": ("start", 1),
        "trained without a first key": ("none", 0),
    }
    return {
        name: [error_in_window(sink, length, sinks, seed) for length in STREAM]
        for name, (sink, sinks) in ways.items()
    }


def sinks() -> list[dict[str, str]]:
    """Return one row a lookup: its errors and where its weight goes.

    Each number has the range of the other random starts behind it.
    """
    names = {
        "start": "a start",
        "zero": "a key of zeros",
        "none": "nothing",
    }
    rows = []
    for sink in LOOKUPS:
        found = asked(lookup(sink), sink_lookup.LENGTH)

        def cell(what: str, form: str, sink=sink, found=found) -> str:
            ranges = "long_inputs.each_sink"
            return record.beside(found[what], ranges, f"{sink}, {what}", form)

        rows.append(
            {
                "before the list": names[sink],
                "there": cell("error, there", ".3f"),
                "not there": cell("error, not there", ".3f"),
                "weight": (
                    cell("first, not there", ".0%") if sink != "none" else "–"
                ),
            }
        )
    return rows


def sink_facts() -> dict[str, int | float]:
    """Return the numbers that the page names."""
    found = asked(lookup("start"), sink_lookup.LENGTH)
    return {
        "list": sink_lookup.LENGTH,
        "names": sink_lookup.NAMES,
        "there": found["first, there"],
        "not_there": found["first, not there"],
        "even": 1 / sink_lookup.LENGTH,
        "window": STREAM[0],
        "lost": STREAM[1],
        "tests": TESTS,
        "models": len(LOOKUPS),
    }


def recall_facts() -> dict[str, float | str]:
    """Return the numbers that the page names."""
    two, three = (recall(name) for name in [*READERS][1:])
    return {
        "left": READERS_LEFT,
        "facts": window_recall.FACTS,
        "chance": 1 / window_recall.FACTS,
        "far": window_recall.LENGTH - 1,
        "two_last": two[2 * READERS_LEFT - 1],
        "two_last_others": record.written(
            "long_inputs.at_the_end", [*READERS][1], ".0%"
        ),
        "two_beyond": two[2 * READERS_LEFT],
        "three_beyond": three[3 * READERS_LEFT],
    }


def reach(layers: int, left: int, length: int) -> Tensor:
    """Return how strongly each word moves the last output, (length).

    The layers attend with queries, keys and values as they come in; the
    result is the norm of the derivative.
    """
    generator = torch.Generator().manual_seed(0)
    # Small numbers, so that no weight is near 1 or 0.
    words = 0.3 * torch.randn(1, 1, length, 8, generator=generator)

    def last(words: Tensor) -> Tensor:
        state = words
        for _ in range(layers):
            context, _ = attention(
                state, state, state, is_causal=True, window=(left, 0)
            )
            state = state + context
        return state[0, 0, -1]

    derivative = torch.autograd.functional.jacobian(last, words)
    return derivative[:, 0, 0].norm(dim=(0, 2))


def costs() -> list[dict[str, int]]:
    """Return how many scores are computed, by length."""
    rows = []
    for length in (256, 1024, 4096):
        tensors = torch.ones(3, 1, 1, length, 1).unbind()
        counts = []
        for window in (None, (WINDOW, 0)):
            count = count_multiplications(
                flash_attention_forward,
                *tensors,
                block_size=128,
                is_causal=True,
                window=window,
            )
            # One makes a score, one weights a value, both of size 1.
            counts.append(count // 2)
        rows.append(
            {
                "words": length,
                "scores, all": counts[0],
                "scores, window": counts[1],
            }
        )
    return rows
