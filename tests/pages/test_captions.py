"""A caption speaks of the figure or table that it stands at.

What a figure shows is its text alternative; a table's subject is the text in
the function that makes it and in those that this one calls. A caption that
was swapped with another of its page shares fewer words with its subject.
"""

import ast
import itertools
import math
import re
from collections import Counter
from functools import cache
from pathlib import Path

from snippets.machinery.asked import asked
from snippets.machinery.fences import Figure, Table
from snippets.machinery.run import Run
from snippets.machinery.settings import ROOT
from tests.pages.prose import plain
from tests.pages.words import stems
from tests.support.blocks import every_page, page_of


@cache
def definitions(path: Path) -> dict[str, ast.stmt]:
    """Return what a module defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            found[ast.unparse(node.targets[0])] = node
    return found


def texts(node: ast.AST) -> list[str]:
    """Return the texts that code holds, its docstring among them."""
    return [
        re.sub(r"\{\w+\}", "", part.value)
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


@cache
def subject(run: Run, is_table: bool) -> frozenset[str]:
    """Return the words that say what a figure or a table shows."""
    known = definitions(ROOT / f"{run.module.replace('.', '/')}.py")
    waiting, seen, said = [run.function], set(), []
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        said += [one.replace("_", " "), *texts(known[one])]
        if is_table:
            names = {
                node.id
                for node in ast.walk(known[one])
                if isinstance(node, ast.Name)
            }
            waiting += names & known.keys()
    return frozenset(stems(" ".join(said)))


def captions(page: Path) -> list[tuple[str, frozenset[str], set[str]]]:
    """Return place, subject and words of each caption of a page."""
    return [
        (
            thing.page.at(thing.part.line),
            subject(thing.run(), isinstance(thing, Table)),
            stems(plain(thing.caption)),
        )
        for thing in asked(page_of(page))
        if isinstance(thing, Figure | Table)
    ]


def nearness(caption: set[str], subject: frozenset[str], known: list) -> float:
    """Return how much of a subject a caption speaks of, rare words first."""
    uses = Counter(word for _, words, _ in known for word in words)

    def weight(words) -> float:
        return sum(math.log(1 + len(known) / uses[word]) for word in words)

    return weight(caption & subject) / math.sqrt(1 + weight(subject))


@every_page
def test_each_caption_speaks_of_its_own_figure(page):
    known = captions(page)
    for place, own, caption in known:
        assert nearness(caption, own, known) > 0, place


@every_page
def test_no_two_captions_fit_better_the_other_way_round(page):
    known = captions(page)
    for one, two in itertools.combinations(known, 2):
        right = nearness(one[2], one[1], known)
        right += nearness(two[2], two[1], known)
        swapped = nearness(one[2], two[1], known)
        swapped += nearness(two[2], one[1], known)
        assert right > swapped, (one[0], two[0])
