"""Train a Transformer on number words, the same way every time."""

# --8<-- [start:imports]
from collections.abc import Callable

import torch

# --8<-- [end:imports]
from snippets.training import fit
from snippets.transformer.model import Transformer
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    make_splits,
)
from snippets.translator.training import (
    batches,
    encode_pairs,
    translation_loss,
)

# --8<-- [start:train_transformer]
BATCH_SIZE = 32


def new_transformer(settings: dict) -> Transformer:
    """Make a Transformer for number words with new weights.

    settings: "key_heads", "norm_first" and "shift", as in Transformer.
    """
    return Transformer(
        len(ENGLISH_WORDS),
        len(GERMAN_MORPHEMES),
        num_key_heads=settings["key_heads"],
        norm_first=settings["norm_first"],
        shift=settings["shift"],
    )


def train_transformer(
    *,
    seed: int,
    steps: int,
    rate: float,
    key_heads: int | None = None,
    norm_first: bool = True,
    shift: int = 8,
    report: Callable[[int, int, float], None] | None = None,
) -> dict:
    """Train a Transformer and return its weights, losses and settings.

    key_heads: heads of keys and values in the decoder's self-attention.
    norm_first: norm before each sub-layer, or after each sum.
    shift: the largest position of a first word while training.
    rate, report: as in fit.
    Returns {"state": weights by name, "losses": one a step, "settings": the
        arguments}; the same arguments give the same weights.
    Raises ValueError for settings that cannot be used.
    """
    settings: dict = dict(seed=seed, steps=steps, rate=rate)
    settings |= dict(key_heads=key_heads, norm_first=norm_first, shift=shift)
    torch.manual_seed(seed)
    model = new_transformer(settings)
    generator = torch.Generator().manual_seed(seed)
    pairs = encode_pairs(make_splits()["training"])
    losses = fit(
        model,
        batches(*pairs, BATCH_SIZE, generator),
        translation_loss,
        torch.optim.AdamW(
            model.parameters(), betas=(0.9, 0.98), weight_decay=0, fused=True
        ),
        steps=steps,
        rate=rate,
        rise=0.3,
        cycle_momentum=False,
        report=report,
    )
    state = model.state_dict()
    return {"state": state, "losses": losses, "settings": settings}


def load_transformer(trained: dict) -> Transformer:
    """Make the Transformer that train_transformer returned the weights of."""
    model = new_transformer(trained["settings"])
    model.load_state_dict(trained["state"])
    return model.eval()


# --8<-- [end:train_transformer]
