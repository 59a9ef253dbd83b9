"""The translator as a browser gets it: a script with all its weights."""

import base64
import hashlib
import json

import torch

from snippets.results.measured import translator
from snippets.results.translator import EXAMPLE
from snippets.translator.evaluation import write
from snippets.translator.model import Translator
from snippets.translator.number_words import (
    END,
    ENGLISH_WORDS,
    GERMAN_MORPHEMES,
    encode,
    english,
    make_splits,
)

PROOF = 200  # translations that a reader can compare


def attention() -> str:
    """Return the script of the translator with additive attention."""
    return script(translator("attention"))


def proof() -> str:
    """Return the script with translations for a reader to compare with."""
    known = translations(translator("attention"), numbers())
    return f"ship({json.dumps(known, separators=(',', ':'))});\n"


def numbers() -> list[int]:
    """Return the numbers of the proof, none of which was trained on."""
    return make_splits()["held_out"][:PROOF]


def facts() -> dict[str, int | str]:
    """Return what the page says of the script."""
    state = translator("attention").state_dict()
    rows, columns = state["output.weight"].shape
    return {
        "shape": f"[{rows}, {columns}]",
        "numbers": sum(part.numel() for part in state.values()),
        "held_out": len(make_splits()["held_out"]),
        "proof": PROOF,
    }


def script(model: Translator) -> str:
    """Return a call of `ship` with what is needed to run a translator.

    The header has the words, the name and shape of each part, a digest of the
    bytes, and three translations that a browser must find as well. Raises
    ValueError for weights that 16 bits do not hold.
    """
    state = model.state_dict()
    content = packed([*state.values()])
    splits = make_splits()
    header = {
        "english": ENGLISH_WORDS,
        "german": GERMAN_MORPHEMES,
        "parts": [[name, [*part.shape]] for name, part in state.items()],
        "sha256": hashlib.sha256(content).hexdigest(),
        "checks": translations(model, [EXAMPLE, *splits["held_out"][:2]]),
    }
    told = json.dumps(header, ensure_ascii=False, separators=(",", ":"))
    return f'ship({told},"{base64.b64encode(content).decode()}");\n'


def packed(parts: list[torch.Tensor]) -> bytes:
    """Return numbers in 16 bits each, all high bytes before all low ones.

    Apart, the two compress better. Raises ValueError if a number changes.
    """
    numbers = torch.cat([part.flatten() for part in parts])
    halves = numbers.half()
    if not torch.equal(halves.float(), numbers):
        raise ValueError("weights that are not rounded to 16 bits")
    pairs = halves.view(torch.uint8).view(-1, 2)  # low byte, high byte
    return bytes(pairs[:, 1].tolist() + pairs[:, 0].tolist())


def translations(model: Translator, numbers: list[int]) -> list[dict]:
    """Return for each number what a browser must find as well.

    "source" and "target" are the numbers of the words, the last one END;
    "weights" has a row for each written word, END too.
    """
    sentences = [english(number) for number in numbers]
    sources = encode(sentences, ENGLISH_WORDS)
    targets, weights = write(model, sources)
    found = []
    for row, sentence in enumerate(sentences):
        words = len(sentence)
        target = targets[row].tolist()
        if END in target:
            target = target[: target.index(END) + 1]
        rows = weights[row, : len(target), :words].tolist()
        found.append(
            {
                "source": sources[row, :words].tolist(),
                "target": target,
                "weights": [[round(w, 7) for w in row] for row in rows],
            }
        )
    return found
