"""Train a Transformer on number words, the same way every time."""

# --8<-- [start:imports]
from collections.abc import Callable

import torch
from torch import nn

# --8<-- [end:imports]
from snippets.checks import expect
from snippets.transformer.model import Transformer
from snippets.translator.number_words import (
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    PADDING,
    make_splits,
)
from snippets.translator.training import batches, cropped, encode_pairs

# --8<-- [start:fit]
BATCH_SIZE = 32


def fit(
    model: nn.Module,
    *,
    seed: int,
    steps: int,
    rate: float,
    report: Callable[[int, int, float], None] | None = None,
) -> list[float]:
    """Train a model that is called as Transformer is; return the losses.

    rate: the largest learning rate; it rises over the first 30 % of the
        steps and then falls to nothing.
    report: called with (step, steps, loss) now and then.
    Raises ValueError for steps or a rate that cannot be used.
    """
    expect(steps >= 1, "steps", "1 or more", steps)
    expect(rate > 0, "rate", "more than 0", rate)
    sources, targets = encode_pairs(make_splits()["training"])
    optimizer = torch.optim.AdamW(
        model.parameters(), betas=(0.9, 0.98), weight_decay=0, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=rate,
        total_steps=max(steps, 2),
        pct_start=0.3,
        cycle_momentum=False,
    )
    generator = torch.Generator().manual_seed(seed)
    stream = batches(sources, BATCH_SIZE, generator)
    losses = []
    for step in range(1, steps + 1):
        chosen = next(stream)
        source, target = cropped(sources[chosen]), cropped(targets[chosen])
        logits, _ = model(source, target[:, :-1])
        loss = nn.functional.cross_entropy(
            logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PADDING
        )
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if report and (step % 25 == 0 or step == steps):
            report(step, steps, losses[-1])
    return losses


# --8<-- [end:fit]


# --8<-- [start:train_transformer]
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
    losses = fit(model, seed=seed, steps=steps, rate=rate, report=report)
    state = model.state_dict()
    return {"state": state, "losses": losses, "settings": settings}


def load_transformer(trained: dict) -> Transformer:
    """Make the Transformer that train_transformer returned the weights of."""
    model = new_transformer(trained["settings"])
    model.load_state_dict(trained["state"])
    return model.eval()


# --8<-- [end:train_transformer]
