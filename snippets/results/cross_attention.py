"""The numbers of *Cross-Attention*."""

import torch
from torch import Tensor

from snippets.claims import record
from snippets.counting import count_multiplications
from snippets.cross_attention import CrossAttention
from snippets.results.measured import measured, translator
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import translate
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    START,
    encode,
    english,
)

TRAINING = "scaled, Luong's order"
RECORDED = "cross_attention.translator"
TARGET, SOURCE, SIZE = 20, 30, 512


def as_cross_attention(model: Translator) -> CrossAttention:
    """Put what a translator with the scaled score has learnt in the module."""
    learnt = model.decoder.attention
    hidden, query_size = learnt.query_projection.weight.shape
    key_size = learnt.key_projection.in_features
    module = CrossAttention(query_size, key_size, hidden, value_dim=key_size)
    with torch.no_grad():
        module.query_projection.weight.copy_(learnt.query_projection.weight)
        module.key_projection.weight.copy_(learnt.key_projection.weight)
        module.value_projection.weight.copy_(torch.eye(key_size))
    return module


@torch.no_grad()
def example() -> tuple[list[str], list[str], Tensor]:
    """Return English words, German morphemes and the module's weights.

    Raises AssertionError if they are not those of the translator.
    """
    model = translator(TRAINING)
    [(morphemes, expected)] = translate(model, [EXAMPLE])
    words = english(EXAMPLE)
    memory, state = model.encode(encode([words], ENGLISH_WORDS))
    numbers = [GERMAN_MORPHEMES.index(morpheme) for morpheme in morphemes]
    previous = torch.tensor([[START, *numbers[:-1]]])
    states, _ = model.decoder.recurrent(
        model.embedding(previous), state.unsqueeze(0)
    )
    _, weights = as_cross_attention(model)(states, memory.outputs)
    torch.testing.assert_close(weights[0], expected, rtol=0, atol=1e-4)
    return words, morphemes, weights[0]


def facts() -> dict[str, int | str]:
    """Return what the page says of the trained translator."""
    words, morphemes, _ = example()
    found = measured(TRAINING)
    return {
        "source": len(words),
        "target": len(morphemes),
        "exact": record.beside(found["exact"], RECORDED, "exact"),
        "words": record.beside(found["alignment"]["words"], RECORDED, "words"),
    }


def _attend_step_by_step(
    module: CrossAttention, states: Tensor, outputs: Tensor, once: bool
) -> None:
    """Attend with each state by itself; project the keys once or anew.

    states: (batch, target, features), outputs: (batch, source, features).
    """
    projected = module.project(outputs) if once else None
    for query in states.split(1, dim=1):
        if projected:
            module(query, projected=projected)
        else:
            module(query, outputs)


def steps() -> dict[str, str | float]:
    """Count the multiplications of all steps, keys projected once or anew."""
    counts: dict[str, float] = {}
    for name in ("anew", "once"):
        with torch.device("meta"), torch.no_grad():
            module = CrossAttention(SIZE, SIZE, SIZE)
            states = torch.ones(1, TARGET, SIZE)
            outputs = torch.ones(1, SOURCE, SIZE)
            counts[name] = count_multiplications(
                _attend_step_by_step, module, states, outputs, name == "once"
            )
    return {
        "target": TARGET,
        "source": SOURCE,
        "size": SIZE,
        "ratio": counts["anew"] / counts["once"],
        **counts,
    }
