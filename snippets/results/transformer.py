"""The numbers of the Transformer, beside those of the GRU."""

import torch

from snippets.claims import record
from snippets.counting import count_multiplications
from snippets.machinery.kept import kept
from snippets.results.measured import measured, transformer, translator
from snippets.results.trainings import ATTENTION, TRANSFORMER
from snippets.transformer.training import BATCH_SIZE
from snippets.transformer_block import EncoderBlock
from snippets.translator.number_words import english, make_splits
from snippets.translator.training import BATCH_SIZE as TRANSLATOR_BATCH_SIZE
from snippets.translator.training import encode_pairs

# Which of all trained models stands for each.
KINDS = {"Transformer": "transformer", "GRU": "attention"}
RECORDED = "transformer_block.exact"  # from the other random starts


def run(kind: str) -> dict:
    """Return what was measured of one of KINDS."""
    return measured(KINDS[kind])


def exact(kind: str) -> str:
    """Write its exact match, and the range of other starts in brackets."""
    return record.beside(run(kind)["exact"], RECORDED, kind)


@torch.no_grad()
def multiplications(model: torch.nn.Module, sentences: int = 100) -> int:
    """Count the multiplications of a translation, all words at once.

    The mean of so many unseen sentences, each alone, without padding. Counted
    are the products of matrices, which are nearly all.
    """
    numbers = make_splits()["held_out"][:sentences]
    count = 0
    for number in numbers:
        source, target = encode_pairs([number])
        count += count_multiplications(model, source, target[:, :-1])
    return round(count / sentences)


def count_sentences() -> dict[str, int]:
    """Count the multiplications of a translation with each of KINDS."""
    return {
        "Transformer": multiplications(transformer()),
        "GRU": multiplications(translator("attention")),
    }


def sentence_costs() -> dict[str, int]:
    """Return what was counted, once for all."""
    return kept(count_sentences)


def comparison() -> list[dict[str, str | int]]:
    """Return both models side by side: size, cost and quality."""
    steps = {
        "Transformer": TRANSFORMER["steps"],
        "GRU": ATTENTION["steps"],
    }
    pairs = {
        "Transformer": steps["Transformer"] * BATCH_SIZE,
        "GRU": steps["GRU"] * TRANSLATOR_BATCH_SIZE,
    }
    costs = sentence_costs()
    rows = {
        "parameters": {kind: run(kind)["parameters"] for kind in KINDS},
        "multiplications each": costs,
        "training steps": steps,
        "sentences seen": pairs,
        "multiplications, all": {
            kind: f"{costs[kind] * pairs[kind] / 1e9:.0f} × 10⁹"
            for kind in KINDS
        },
        "exact match": {kind: exact(kind) for kind in KINDS},
    }
    return [{"measured": title, **row} for title, row in rows.items()]


def task() -> dict[str, str | int]:
    """Return the sizes of the experiment, and what came out."""
    model = transformer()
    costs = sentence_costs()
    lengths = [len(english(number)) for number in make_splits()["training"]]
    return {
        "long": sum(length > 20 for length in lengths),
        "longest": sum(length > 25 for length in lengths),
        "steps": TRANSFORMER["steps"],
        "batch": BATCH_SIZE,
        "parameters": measured("transformer")["parameters"],
        "features": model.output.in_features,
        "heads": model.decoder.attention.num_heads,
        "exact": exact("Transformer"),
        "gru_exact": exact("GRU"),
        "ratio": f"{costs['Transformer'] / costs['GRU']:.1f}",
    }


BLOCKS, FEATURES, LENGTH = 12, 48, 16


@torch.no_grad()
def untrained(norm_first: bool, seed: int = 0) -> list[float]:
    """Return how large the numbers are before and after untrained blocks.

    The matrices are drawn as nn.Transformer draws its own (Xavier).
    """
    torch.manual_seed(seed)
    blocks = [
        EncoderBlock(FEATURES, 4, 2 * FEATURES, norm_first=norm_first)
        for _ in range(BLOCKS)
    ]
    for block in blocks:
        for parameter in block.parameters():
            if parameter.dim() == 2:
                torch.nn.init.xavier_uniform_(parameter)
    sequence = torch.randn(32, LENGTH, FEATURES)
    stream = [size(sequence)]
    for block in blocks:
        sequence, _ = block(sequence)
        stream.append(size(sequence))
    return stream


def size(tensor: torch.Tensor) -> float:
    """Return the root mean square of all numbers."""
    return tensor.square().mean().sqrt().item()
