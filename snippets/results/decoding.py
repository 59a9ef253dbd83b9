"""The numbers of *Decoding with a KV Cache*."""

import functools
from collections.abc import Iterator

import torch
from torch import Tensor

from snippets.claims import record
from snippets.counting import count_multiplications
from snippets.decoding import Decoder
from snippets.kv_cache import KVCache, cache_bytes
from snippets.multi_head_attention import MultiHeadAttention

FEATURES, HEADS = 512, 8  # of the layer whose cost is counted
LAST = 1024  # the last position that is counted


@functools.cache
def multiplications(position: int, cached: bool) -> int:
    """Count the multiplications of the step that writes one position.

    position: counted from 1. One layer of attention, on tensors without
    content (device "meta").
    """
    layer = MultiHeadAttention(FEATURES, HEADS).to("meta")
    words = torch.ones(1, position, FEATURES, device="meta")
    cache = layer.new_cache(1, position) if cached else None
    if cached and position > 1:
        layer(words[:, :-1], cache=cache, is_causal=True)
    new = words[:, -1:] if cached else words
    return count_multiplications(layer, new, cache=cache, is_causal=True)


def cost() -> dict[str, int | float]:
    """Return what the step at the last position costs, in one layer."""
    again = multiplications(LAST, cached=False)
    once = multiplications(LAST, cached=True)
    numbers = 2 * FEATURES
    return {
        "position": LAST,
        "features": FEATURES,
        "heads": HEADS,
        "without": again,
        "with": once,
        "times": again / once,
        "bytes": cache_bytes(1, 1, numbers),
        "mib": cache_bytes(1, LAST, numbers) / 2**20,
    }


# Mistakes: each one runs, raises nothing, and is wrong.

WORDS = 9


def _model(seed: int) -> tuple[Decoder, Tensor]:
    torch.manual_seed(seed)
    model = Decoder(vocabulary=11, features=30, num_heads=3).double()
    return model, torch.randint(11, (2, WORDS))


def _read(
    model: Decoder,
    words: Tensor,
    caches: list,
    first: int,
    is_causal: bool = True,
) -> Tensor:
    """Read words as the decoder does, but with positions of one's own."""
    place = torch.arange(first, first + words.size(1))
    state = model.embedding(words) + model.position(place)
    for layer, cache in zip(model.layers, caches, strict=True):
        context, _ = layer(state, cache=cache, is_causal=is_causal)
        state = state + context
    return model.output(state)


class TopLeft(KVCache):
    """A cache that hides its length: is_causal counts from the first key."""

    length = 0


def _logits(seed: int) -> Iterator[tuple[str, Tensor]]:
    """Give the logits that each mistake leads to; the first has none."""
    model, words = _model(seed)
    each = words.split(1, dim=1)

    caches = model.make_caches(2, WORDS)
    steps = [model(word, caches) for word in each]
    yield "none", torch.cat(steps, dim=1)

    caches = model.make_caches(2, 2 * WORDS)
    model(words.flip(1), caches)  # another text, never forgotten
    steps = [_read(model, word, caches, i) for i, word in enumerate(each)]
    yield "not emptied for a new text", torch.cat(steps, dim=1)

    caches = model.make_caches(2, WORDS)
    steps = [_read(model, word, caches, 0) for word in each]
    yield "every new word at position 0", torch.cat(steps, dim=1)

    sizes = 2, 3, WORDS, 10
    caches = [TopLeft(*sizes, dtype=torch.float64) for _ in model.layers]
    steps = [_read(model, word, caches, i) for i, word in enumerate(each)]
    yield "`is_causal` without an offset", torch.cat(steps, dim=1)

    caches = model.make_caches(2, WORDS)
    steps = [
        _read(model, part, caches, 3 * i, is_causal=False)
        for i, part in enumerate(words.split(3, dim=1))
    ]
    yield "chunks of three, not causal", torch.cat(steps, dim=1)

    caches = model.make_caches(2, 2 * WORDS)[:1] * 2
    steps = [_read(model, word, caches, i) for i, word in enumerate(each)]
    yield "one cache for both layers", torch.cat(steps, dim=1)

    # Read with three words of padding behind it, then with the right words.
    caches = model.make_caches(2, WORDS + 3)
    padded = torch.cat((words[:, :4], torch.zeros(2, 3).long()), dim=1)
    start = model(padded, caches)[:, :4]
    rest = _read(model, words[:, 4:], caches, 4)
    yield "padding left in the cache", torch.cat((start, rest), dim=1)


@torch.no_grad()
def errors(seed: int = 0) -> dict[str, tuple[float, float]]:
    """Return for each mistake how far it leads.

    The largest error of a logit, and the share of steps whose likeliest next
    word is the right one.
    """
    model, words = _model(seed)
    full = model(words)
    likeliest = full.argmax(dim=2)
    return {
        name: (
            (logits - full).abs().max().item(),
            (logits.argmax(dim=2) == likeliest).double().mean().item(),
        )
        for name, logits in _logits(seed)
    }


def mistakes() -> list[dict[str, str]]:
    """Return one row a mistake, with the range of other random starts."""
    ranges = "kv_cache.each_mistake"
    return [
        {
            "mistake": name,
            "error": record.beside(error, ranges, f"{name}, error", ".2f"),
            "same word": record.beside(same, ranges, f"{name}, same", ".0%"),
        }
        for name, (error, same) in errors().items()
    ]


def spread() -> dict[str, float]:
    """Return the standard deviation of the logits."""
    model, words = _model(seed=0)
    with torch.no_grad():
        return {"logits": model(words).std().item()}
