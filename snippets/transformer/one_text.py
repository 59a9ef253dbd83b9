"""A translator of one text: English words, then German ones, one cache.

As in a language model, all that it knows of the source has to pass through
keys and values of causal self-attention. With an encoder it comes through
cross-attention instead.
"""

# --8<-- [start:imports]
from collections.abc import Callable

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.latent_attention import LatentAttention
from snippets.multi_head_attention import MultiHeadAttention
from snippets.training import fit
from snippets.transformer.decoder import sinusoids
from snippets.transformer_block import EncoderBlock
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    PADDING,
    make_splits,
)
from snippets.translator.training import batches, cropped, encode_pairs

# --8<-- [start:module]
FEATURES, HEADS, LAYERS, BATCH_SIZE = 48, 4, 2, 64


class OneText(nn.Module):
    """Predicts the next German morpheme after each word of a text."""

    def __init__(
        self,
        key_heads: int | None = None,
        latent_size: int | None = None,
        hidden: int = 2 * FEATURES,
    ) -> None:
        """Make all parts; with a latent_size, key_heads is not used.

        hidden: numbers between the two matrices of a feed-forward part.
        """
        super().__init__()
        words = len(ENGLISH_WORDS) + len(GERMAN_MORPHEMES)
        self.embedding = nn.Embedding(words, FEATURES)
        self.blocks = nn.ModuleList(
            EncoderBlock(FEATURES, HEADS, hidden) for _ in range(LAYERS)
        )
        for block in self.blocks:
            if latent_size is None:
                attention = MultiHeadAttention(
                    FEATURES, HEADS, num_key_heads=key_heads
                )
            else:
                attention = LatentAttention(FEATURES, HEADS, latent_size)
            block.self_attention = attention
        self.norm = nn.LayerNorm(FEATURES)
        self.output = nn.Linear(FEATURES, len(GERMAN_MORPHEMES))

    def forward(self, words: Tensor) -> Tensor:
        """Read words (batch, length), int64.

        Returns logits (batch, length, vocabulary).
        """
        length = words.size(1)
        # With this mask a block of an encoder is one of a decoder.
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        sequence = self.embedding(words)  # (batch, length, features)
        sequence = sequence + sinusoids(length, FEATURES).to(sequence)
        for block in self.blocks:
            sequence, _ = block(sequence, mask=causal)
        return self.output(self.norm(sequence))


def texts(numbers: list[int]) -> tuple[Tensor, Tensor]:
    """Return the text of each number, and the morpheme after each word.

    Both (items, length). PADDING: there is no word, or nothing to predict,
    which is so after each English word.
    """
    sources, targets = encode_pairs(numbers)
    rows, wanted = [], []
    for source, target in zip(sources, targets, strict=True):
        source, target = source[source != PADDING], target[target != PADDING]
        rows.append(torch.cat((source, target[:-1] + len(ENGLISH_WORDS))))
        wanted.append(torch.cat((torch.zeros_like(source), target[1:])))
    pad = nn.utils.rnn.pad_sequence
    return pad(rows, batch_first=True), pad(wanted, batch_first=True)


def loss_of(model: OneText, words: Tensor, wanted: Tensor, how: str) -> Tensor:
    """Return the cross-entropy of the morphemes wanted, "mean" or "sum"."""
    return nn.functional.cross_entropy(
        model(words).flatten(0, 1),
        wanted.flatten(),
        ignore_index=PADDING,
        reduction=how,
    )


def text_loss(model: OneText, words: Tensor, wanted: Tensor) -> Tensor:
    """Return the mean cross-entropy for texts with padding at their ends."""
    words = cropped(words)
    return loss_of(model, words, wanted[:, : words.size(1)], "mean")


@torch.no_grad()
def score(model: OneText) -> dict[str, float]:
    """Return loss and exact match on unseen numbers.

    A translation that is written word by word, the likeliest each time, is
    right if and only if each word is the likeliest after the right ones.
    """
    words, wanted = texts(make_splits()["held_out"])
    loss, right = 0.0, 0
    for text, target in zip(words.split(250), wanted.split(250), strict=True):
        loss += loss_of(model, text, target, "sum").item()
        hits = (model(text).argmax(dim=2) == target) | (target == PADDING)
        right += int(hits.all(dim=1).sum())
    count = int((wanted != PADDING).sum())
    return {"loss": loss / count, "exact": right / len(words)}


def train_one_text(
    *,
    seed: int,
    steps: int,
    rate: float,
    key_heads: int | None = None,
    latent_size: int | None = None,
    hidden: int = 2 * FEATURES,
    report: Callable[[int, int, float], None] | None = None,
) -> dict:
    """Train a model and measure it on unseen numbers.

    key_heads, latent_size, hidden: as in OneText.
    rate, report: as in fit.

    Returns {"state": weights by name, "parameters": how many, "numbers": that
    it caches of a position, "loss" and "exact": on unseen numbers}.
    """
    torch.manual_seed(seed)
    model = OneText(key_heads, latent_size, hidden)
    generator = torch.Generator().manual_seed(seed)
    fit(
        model,
        batches(*texts(make_splits()["training"]), BATCH_SIZE, generator),
        text_loss,
        torch.optim.AdamW(model.parameters(), weight_decay=0),
        steps=steps,
        rate=rate,
        report=report,
    )
    shared = 2 * (key_heads or HEADS) * FEATURES // HEADS
    return score(model) | {
        "state": model.state_dict(),
        "parameters": sum(p.numel() for p in model.parameters()),
        "numbers": LAYERS * (latent_size or shared),
    }


# --8<-- [end:module]
