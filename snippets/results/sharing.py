"""What a smaller cache costs in quality, on one task."""

from statistics import fmean

from snippets.claims import record
from snippets.kv_cache import cache_bytes
from snippets.machinery.kept import kept
from snippets.results.trainings import ONE_TEXT
from snippets.transformer.one_text import train_one_text

RANGES = "grouped_query_attention.quality"


def measured(name: str, seed: int = 0) -> dict:
    """Return the measurements of one of ONE_TEXT."""
    return kept(train_one_text, **ONE_TEXT[name], seed=seed)


def cached_bytes(name: str) -> int:
    """Return the bytes that a model keeps of one position, in 16 bits."""
    return cache_bytes(1, 1, measured(name)["numbers"])


def task() -> dict[str, int]:
    """Return the sizes of the comparison."""
    return {
        "steps": ONE_TEXT["4 key heads"]["steps"],
        "latent": ONE_TEXT["latent"]["latent_size"],
        "models": len(ONE_TEXT),
    }


def spreads() -> dict[str, float]:
    """Return how far losses lie apart over the recorded random starts.

    starts: of one model from all starts; caches: of all models from one
    start; the mean of these differences.
    """
    rows = [
        [row[f"{name}, loss"] for name in ONE_TEXT]
        for row in record.record()["ranges"][RANGES]
    ]
    return {
        "starts": fmean(max(c) - min(c) for c in zip(*rows, strict=True)),
        "caches": fmean(max(row) - min(row) for row in rows),
    }


def quality() -> list[dict[str, str | int]]:
    """Return one row a model: its cache, and how well it translates."""
    return [
        {
            "cache": name,
            "bytes per position": cached_bytes(name),
            "parameters": found["parameters"],
            "loss": record.beside(
                found["loss"], RANGES, f"{name}, loss", ".3f"
            ),
            "exact match": record.beside(
                found["exact"], RANGES, f"{name}, exact"
            ),
        }
        for name in ONE_TEXT
        for found in [measured(name)]
    ]
