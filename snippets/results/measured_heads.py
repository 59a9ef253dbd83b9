"""What is measured of the heads of each trained Transformer, once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from snippets.machinery.kept import kept
from snippets.multi_head_attention import MultiHeadAttention
from snippets.results.measured import transformer
from snippets.transformer.model import Transformer
from snippets.transformer.training import encode_pairs
from snippets.translator.evaluation import exact_match
from snippets.translator.number_words import alignment, make_splits

UNSEEN = 500  # held-out numbers that are looked at


def attentions(model: Transformer) -> dict[str, MultiHeadAttention]:
    """Return every attention of a Transformer by what a page calls it."""
    named = {
        f"encoder {number}": block.self_attention
        for number, block in enumerate(model.encoder, 1)
    }
    for number, block in enumerate(model.decoder.blocks, 1):
        named[f"decoder {number}"] = block.self_attention
        named[f"cross {number}"] = block.cross_attention
    return named


@torch.no_grad()
def weights_of(model: Transformer, number: int) -> dict[str, Tensor]:
    """Return the weights (heads, target, source) of every attention.

    The model reads a number's right translation word by word.
    """
    found: dict[str, Tensor] = {}
    hooks = [
        attention.register_forward_hook(
            lambda _, __, result, name=name: found.update({name: result[1][0]})
        )
        for name, attention in attentions(model).items()
    ]
    sources, targets = encode_pairs([number])
    model(sources, targets[:, :-1])
    for hook in hooks:
        hook.remove()
    return found


def cross_places(number: int) -> dict[str, list[int | None]]:
    """Return for each German word that is written where a head might look.

    Row i of the weights is that of the step that writes word i; it has read
    word i - 1.
    """
    written = alignment(number)
    return {
        "written now": [*written, None],
        "written last": [None, *written],
    }


def hits(looked: dict[int, Tensor]) -> dict[str, list[float]]:
    """Return for each head how often its largest weight is on which word.

    looked: weights of one cross-attention, by number.
    """
    counts: dict[str, Tensor] = {}
    totals: dict[str, int] = {}
    for number, weights in looked.items():
        largest = weights.argmax(dim=2)
        for title, places in cross_places(number).items():
            rows = [i for i, place in enumerate(places) if place is not None]
            wanted = torch.tensor([places[i] for i in rows])
            right = (largest[:, rows] == wanted).sum(dim=1)
            counts[title] = counts.get(title, 0) + right
            totals[title] = totals.get(title, 0) + len(rows)
    return {
        title: (count / totals[title]).tolist()
        for title, count in counts.items()
    }


def largest(looked: dict[int, Tensor]) -> float:
    """Return the mean largest weight of all heads of one attention."""
    rows = [weights.amax(dim=2).flatten() for weights in looked.values()]
    return torch.cat(rows).mean().item()


@contextmanager
def removed(attention: MultiHeadAttention, head: int) -> Iterator[None]:
    """Let nothing of a head through the output projection, for a while."""
    size = attention.head_dim
    weight = attention.output_projection.weight.data
    kept = weight.clone()
    weight[:, head * size : (head + 1) * size] = 0
    try:
        yield
    finally:
        weight.copy_(kept)


def without(
    model: Transformer, name: str, heads: list[int], numbers: list[int]
) -> float:
    """Return exact match without some heads of one attention."""
    attention = attentions(model)[name]
    with ExitStack() as stack:
        for head in heads:
            stack.enter_context(removed(attention, head))
        return exact_match(model, numbers)


def measure(*, seed: int) -> dict:
    """Measure the heads of the Transformer from one random start.

    Returns "exact": exact match on unseen numbers; and by attention: "hits",
    of the cross-attentions, as in hits(); "largest", the mean largest weight;
    "without", exact match without each head; "without all", without all.
    """
    model = transformer(seed=seed)
    numbers = make_splits()["held_out"][:UNSEEN]
    weights = {number: weights_of(model, number) for number in numbers}
    looked = {
        name: {number: found[name] for number, found in weights.items()}
        for name in attentions(model)
    }
    heads = {
        name: [*range(attention.num_heads)]
        for name, attention in attentions(model).items()
    }
    return {
        "exact": exact_match(model, numbers),
        "hits": {
            name: hits(found)
            for name, found in looked.items()
            if name.startswith("cross")
        },
        "largest": {name: largest(found) for name, found in looked.items()},
        "without": {
            name: [without(model, name, [head], numbers) for head in all_heads]
            for name, all_heads in heads.items()
        },
        "without all": {
            name: without(model, name, all_heads, numbers)
            for name, all_heads in heads.items()
        },
    }


def measured(seed: int = 0) -> dict:
    """Return what was measured of the heads of one Transformer."""
    return kept(measure, seed=seed)
