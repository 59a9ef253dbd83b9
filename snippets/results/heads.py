"""What the heads of the trained Transformer attend, and what each is for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch
from torch import Tensor

from snippets.multi_head_attention import MultiHeadAttention
from snippets.number_words import (
    alignment,
    make_splits,
)
from snippets.results.measured_transformer import transformer
from snippets.transformer import Transformer
from snippets.transformer_training import encode_pairs
from snippets.translator_evaluation import exact_match

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


def hits(name: str) -> list[dict[str, str]]:
    """Return for each head how often its largest weight is on which word."""
    model = transformer()
    counts: dict[str, Tensor] = {}
    totals: dict[str, int] = {}
    for number in make_splits()["held_out"][:UNSEEN]:
        largest = weights_of(model, number)[name].argmax(dim=2)
        for title, places in cross_places(number).items():
            rows = [i for i, place in enumerate(places) if place is not None]
            wanted = torch.tensor([places[i] for i in rows])
            right = (largest[:, rows] == wanted).sum(dim=1)
            counts[title] = counts.get(title, 0) + right
            totals[title] = totals.get(title, 0) + len(rows)
    heads = range(len(next(iter(counts.values()))))
    return [
        {
            "head": f"{name}, head {head + 1}",
            **{
                title: f"{counts[title][head].item() / totals[title]:.0%}"
                for title in counts
            },
        }
        for head in heads
    ]


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


def ablation() -> list[dict[str, str]]:
    """Return exact match on unseen numbers without one head, or all four."""
    model = transformer()
    numbers = make_splits()["held_out"][:UNSEEN]

    def without(attention: MultiHeadAttention, heads: list[int]) -> str:
        with ExitStack() as stack:
            for head in heads:
                stack.enter_context(removed(attention, head))
            return f"{exact_match(model, numbers):.0%}"

    rows = []
    for name, attention in attentions(model).items():
        heads = range(attention.num_heads)
        row = {f"{i + 1}": without(attention, [i]) for i in heads}
        row["all"] = without(attention, [*heads])
        rows.append({"attention": name, **row})
    return rows


def cross() -> list[dict[str, str]]:
    """Return where the heads of both cross-attentions look."""
    return hits("cross 1") + hits("cross 2")


def largest(name: str) -> float:
    """Return the mean largest weight of the heads of one attention."""
    model = transformer()
    found = [
        weights_of(model, number)[name].amax(dim=2).flatten()
        for number in make_splits()["held_out"][:UNSEEN]
    ]
    return torch.cat(found).mean().item()


def facts() -> dict[str, str | int]:
    """Return how many numbers are looked at, how many right, and weights."""
    numbers = make_splits()["held_out"][:UNSEEN]
    return {
        "unseen": UNSEEN,
        "exact": f"{exact_match(transformer(), numbers):.1%}",
        "encoder": f"{largest('encoder 1'):.2f}",
        "cross": f"{largest('cross 2'):.2f}",
    }
