"""Formulas of the pages, and their twins.

A twin is a test that stands right under the TeX of a formula and computes it
as it is written: small functions with the formula's own letters and indices,
vectors as columns, one number or one vector at a time. What it gives must be
what the snippet gives, on random numbers. Change a formula on a page, and its
twin has to be read again, since the census of test_every_formula.py then finds
a formula without a twin and a twin without its formula.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from snippets.machinery.settings import DOCS
from snippets.results.summary import SCALED
from snippets.results.types_of_attention import FORMULAS
from tests.support.blocks import SOURCES, page_of

TABLES = "results/types_of_attention.py"
CODE = re.compile(r"(`+)[^`]+\1")
DISPLAY = re.compile(r"\$\$(.*?)\$\$|\\\[(.*?)\\\]", re.S)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)([^$]+?)\$(?!\$)")
# A letter with its indices is a name and claims nothing: h_j, C^{(h)}. The
# letter e with something above it is a power.
ROLE = re.compile(
    r"\\(?:query|key|val|context|bar)\{((?:[^{}]|\{[^{}]*\})*)\}"
)
LETTER = r"\\?[A-Za-z]+"
INDEX = r"[_^](?:\{\(?[\w, -]+\)?\}|\\?[A-Za-z]+|\d)"
NAME = re.compile(rf"(?!e\^){LETTER}(?:{INDEX})*")

# (page, TeX) of each formula that has a twin, and the twin.
TWINS: dict[tuple[str, str], Callable] = {}


def formula(page: str, *formulas: str) -> Callable:
    """Mark a test as the twin of formulas on a page, given verbatim."""

    def mark(twin: Callable) -> Callable:
        for tex in formulas:
            TWINS[page, squeezed(tex)] = twin
        return twin

    return mark


def squeezed(tex: str) -> str:
    """Return TeX as if it had never been broken into lines."""
    return " ".join(tex.split()).replace("} {", "}{")


def displayed() -> Iterator[tuple[str, str]]:
    """Find the formulas that stand on a line of their own, by page."""
    for path in SOURCES:
        for found in DISPLAY.finditer(CODE.sub("", prose(path))):
            yield name(path), squeezed(found[1] or found[2])


def claimed() -> Iterator[tuple[str, str]]:
    """Find the formulas inside sentences and tables that are not just names.

    The tables that results make are read where they are written.
    """
    for path in SOURCES:
        text = DISPLAY.sub("", CODE.sub("", prose(path)))
        for found in INLINE.finditer(text):
            tex = squeezed(found[1])
            if not NAME.fullmatch(ROLE.sub(r"\1", tex)):
                yield name(path), tex
    for tex in (*FORMULAS.values(), SCALED):
        yield TABLES, tex.strip("$")


def name(path: Path) -> str:
    """Return how the twins call a page."""
    return path.relative_to(DOCS).as_posix()


def prose(path: Path) -> str:
    """Return the prose and the captions of a page."""
    read = (None, "figure", "table")
    parts = page_of(path).parts()
    return "\n\n".join(part.text for part in parts if part.fence in read)


# What twins are made of.

_generator = torch.Generator().manual_seed(0)


def random(*sizes: int) -> Tensor:
    """Return random numbers, in float64."""
    return torch.randn(*sizes, generator=_generator, dtype=torch.float64)


def drawn(module: nn.Module) -> nn.Module:
    """Give every parameter of a module random numbers, in float64."""
    module.double().requires_grad_(False)
    for parameter in module.parameters():
        parameter.copy_(random(*parameter.shape))
    return module


def table(function: Callable, *sizes: int) -> Tensor:
    """Return function(i, j, …) for all indices, as a tensor."""
    indices = itertools.product(*map(range, sizes))
    values = [number(function(*index)) for index in indices]
    return torch.stack(values).unflatten(0, sizes)


def number(value: Tensor | float) -> Tensor:
    """Return a tensor as it is, and a number without loss."""
    kind = torch.float64 if isinstance(value, float) else None
    return torch.as_tensor(value, dtype=kind)


def softmax(scores: Sequence[Tensor]) -> list[Tensor]:
    """Return the powers of all scores, divided by their sum."""
    powers = [torch.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def agree(twin: Tensor, snippet: Tensor) -> None:
    """Fail unless a twin gives what the snippet gives."""
    torch.testing.assert_close(
        torch.as_tensor(twin), snippet, rtol=1e-9, atol=1e-9
    )
