"""Train a translator of number words, the same way every time."""

# --8<-- [start:imports]
from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

# --8<-- [end:imports]
from snippets.checks import expect
from snippets.training import fit
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    PADDING,
    START,
    encode,
    english,
    german,
    make_splits,
)


# --8<-- [start:batches]
def encode_pairs(numbers: list[int]) -> tuple[Tensor, Tensor]:
    """Return the English sentences and the German ones as word numbers.

    Both are (items, length); the German ones have START before and END after.
    """
    start, end = [GERMAN_MORPHEMES[START]], [GERMAN_MORPHEMES[END]]
    sources = [english(number) for number in numbers]
    targets = [start + german(number) + end for number in numbers]
    return encode(sources, ENGLISH_WORDS), encode(targets, GERMAN_MORPHEMES)


def cropped(words: Tensor) -> Tensor:
    """Cut off the columns at the end that hold padding only."""
    return words[:, (words != PADDING).any(dim=0)]


def batches(
    sources: Tensor, targets: Tensor, size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield sources and targets of one batch after another, without an end.

    sources, targets: (items, length). Sources of like lengths come together,
    so that a batch holds little padding; each epoch draws the rest of the
    order anew.
    """
    items = len(sources)
    lengths = (sources != PADDING).sum(dim=1)  # (items)
    while True:
        noise = torch.rand(items, generator=generator)  # (items)
        order = (lengths + noise).argsort()  # (items)
        chunks = order.split(size)
        for index in torch.randperm(len(chunks), generator=generator):
            yield sources[chunks[index]], targets[chunks[index]]


# --8<-- [end:batches]


# --8<-- [start:loss]
def translation_loss(
    model: nn.Module, source: Tensor, target: Tensor
) -> Tensor:
    """Return the cross-entropy of the right next words, without padding.

    model: called as Translator is. source, target: (batch, length).
    """
    source, target = cropped(source), cropped(target)
    logits, _ = model(source, target[:, :-1])  # (batch, target, vocabulary)
    return nn.functional.cross_entropy(
        logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PADDING
    )


# --8<-- [end:loss]


# --8<-- [start:load_translator]
def new_translator(settings: dict) -> Translator:
    """Make a translator of number words with new weights.

    settings: "attention", "order" and "mask" as in Translator; "times": how
    often as large as usual the states of both sides are. For "dot" the states
    must fit the keys. "none" gets larger states, so that it has no fewer
    parameters than attention has.
    """
    chosen = {name: settings[name] for name in ("attention", "order", "mask")}
    hidden_size = {"dot": 96, "none": 56}.get(chosen["attention"], 48)
    sizes = len(ENGLISH_WORDS), len(GERMAN_MORPHEMES)
    return Translator(
        *sizes,
        encoder_size=48 * settings["times"],
        hidden_size=hidden_size * settings["times"],
        **chosen,
    )


def load_translator(trained: dict) -> Translator:
    """Make the translator that train_translator returned the weights of."""
    model = new_translator(trained["settings"])
    model.load_state_dict(trained["state"])
    return model.eval()


# --8<-- [end:load_translator]


# --8<-- [start:train_translator]
BATCH_SIZE = 128


def train_translator(
    *,
    attention: str,
    seed: int,
    steps: int,
    rate: float,
    order: str = "bahdanau",
    longest: int | None = None,
    mask: bool = True,
    times: int = 1,
    report: Callable[[int, int, float], None] | None = None,
) -> dict:
    """Train a translator and return its weights, losses and settings.

    attention, order, mask, times: as in new_translator.
    rate, report: as in fit.
    longest: leave out training items of more source words than this.
    Returns {"state": weights by name, in 16 bits, "losses": one a step,
        "settings": the arguments}; the same arguments give the same weights.
    Raises ValueError for settings that cannot be used.
    """
    expect(longest is None or longest >= 1, "longest", "1 or more", longest)
    settings = dict(attention=attention, seed=seed, steps=steps, rate=rate)
    settings |= dict(order=order, longest=longest, mask=mask)
    settings |= dict(times=times)

    numbers = make_splits()["training"]
    if longest is not None:
        numbers = [n for n in numbers if len(english(n)) <= longest]
    sources, targets = encode_pairs(numbers)

    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = new_translator(settings)
    losses = fit(
        model,
        batches(sources, targets, BATCH_SIZE, generator),
        translation_loss,
        torch.optim.AdamW(model.parameters(), weight_decay=0),
        steps=steps,
        rate=rate,
        report=report,
    )
    # In 16 bits, as a browser gets them: what is measured, drawn and sent to
    # readers is one model.
    weights = model.state_dict()
    state = {name: weight.half().float() for name, weight in weights.items()}
    return {"state": state, "losses": losses, "settings": settings}


# --8<-- [end:train_translator]
