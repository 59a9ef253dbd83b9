"""What a smaller cache costs in quality, on one task."""

import torch

from snippets.build.kept import kept
from snippets.grouped_query import average_heads
from snippets.kv_cache import cache_bytes
from snippets.one_text import OneText, fit, score
from snippets.results.trainings import ONE_TEXT

TRAIN = "snippets.one_text.train_one_text"
MORE_STEPS, MORE_RATE = 35, 0.002  # after key heads have been averaged


def measured(name: str) -> dict:
    """Return the measurements of one of ONE_TEXT."""
    return kept(TRAIN, **ONE_TEXT[name])


def cached_bytes(name: str) -> int:
    """Return the bytes that a model keeps of one position, in 16 bits."""
    return cache_bytes(1, 1, measured(name)["numbers"])


def task() -> dict[str, int | str]:
    """Return the sizes of the comparison."""
    steps = ONE_TEXT["4 key heads"]["steps"]
    return {
        "steps": steps,
        "more_steps": MORE_STEPS,
        "more": f"{MORE_STEPS / steps:.0%}",
        "latent": ONE_TEXT["latent"]["latent_size"],
    }


def quality() -> list[dict[str, str | int]]:
    """Return one row a model: its cache, and how well it translates."""
    return [
        {
            "cache": name,
            "bytes a position": cached_bytes(name),
            "parameters": found["parameters"],
            "loss": f"{found['loss']:.3f}",
            "exact match": f"{found['exact']:.1%}",
        }
        for name in ONE_TEXT
        for found in [measured(name)]
    ]


def convert(key_heads: int, steps: int) -> dict[str, float]:
    """Average the key heads of the trained model, train on, and measure."""
    torch.manual_seed(0)  # for the weights that are then replaced
    model = OneText(key_heads=4)
    model.load_state_dict(measured("4 key heads")["state"])
    for block in model.blocks:
        block.self_attention = average_heads(block.self_attention, key_heads)
    if steps:
        fit(model, seed=1, steps=steps, rate=MORE_RATE)
    return score(model)


def converted() -> list[dict[str, str]]:
    """Return one row a number of key heads: averaged, and trained on."""

    def exact(key_heads: int, steps: int) -> str:
        found = kept(f"{__name__}.convert", key_heads=key_heads, steps=steps)
        return f"{found['exact']:.1%}"

    return [
        {
            "key heads": str(key_heads),
            "averaged": exact(key_heads, 0),
            f"{MORE_STEPS} steps later": exact(key_heads, MORE_STEPS),
            "trained so from the start": f"{measured(name)['exact']:.1%}",
        }
        for key_heads, name in ((2, "2 key heads"), (1, "1 key head"))
    ]
