"""Check the shapes in the docstrings of a module while its functions run.

A shape is a bracket of axes, `(batch, target, features)`, read as in shape
comments. Whose shape it is follows from where it stands:

- `query, key: (batch, length, features)`: of these parameters, or of the
  fields of a named tuple. Several shapes are a choice, unless the value is a
  tuple, whose parts have them in turn. A value that is said to be broadcast
  may have axes of size 1, and fewer of them.
- `Returns context, (batch, features), and weights, (batch, source)`: of what
  is returned, in turn; `or` between two shapes leaves the choice.
- `each query (batch, features)`: of the parameter whose name stands before it.
- anywhere else: of some tensor that goes in, comes out, or is a parameter of
  the module.

`check(path, example, sizes)` runs an example call as shape comments do, and
lists the shapes that are not true, cannot be read, or were never seen.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType, SimpleNamespace
from typing import Any

from torch import nn

from tests.support.shape_comments import Report, mismatch, run_traced

BRACKET = re.compile(r"(?<![^\s(])\(([^()]*)\)")
AXIS = r"(?:[A-Za-z_]\w*|\d+)"
ENTRY = re.compile(rf"(?:{AXIS}(?: [+*] {AXIS})*|\.\.\.)")
YEAR = re.compile(r"\d{4}")
BROADCAST = re.compile(r"broadcast|full\s+size\s+or\s+1")
RETURNED = "what is returned"


@dataclass
class Shape:
    """One shape of a docstring."""

    text: str
    entries: list[str]
    reached: bool = False


@dataclass
class Promise:
    """The shapes of one thing, each a choice of a few, and whose they are.

    owners: names of parameters or fields, or RETURNED; none: anything.
    """

    owners: list[str]
    turns: list[list[Shape]]
    loose: bool


@dataclass
class Docstring:
    """What the docstring of a function or a class promises."""

    line: int
    promises: list[Promise] = field(default_factory=list)


def read_docstrings(
    source: str, other: set[str], report: Report
) -> dict[str, Docstring]:
    """Read the docstrings of a module, by the name of what they describe.

    other: brackets that look like a shape and are none.
    """
    found: dict[str, Docstring] = {}

    def visit(parent: ast.AST, prefix: str) -> None:
        for node in ast.iter_child_nodes(parent):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                text = ast.get_docstring(node) or ""
                docstring = Docstring(node.lineno)
                promises = read(text, names_of(node), other)
                docstring.promises = [*promises]
                found[prefix + node.name] = docstring
                inside = (
                    "<locals>." if isinstance(node, ast.FunctionDef) else ""
                )
                visit(node, f"{prefix}{node.name}.{inside}")

    visit(ast.parse(source), "")
    for docstring in found.values():
        for shape in shapes_of(docstring):
            if not all(map(ENTRY.fullmatch, shape.entries)):
                report.add(docstring.line, f"cannot read {shape.text}")
                shape.reached = True
    return found


def names_of(node: ast.FunctionDef | ast.ClassDef) -> list[str]:
    """List the parameters of a function, or the fields of a class."""
    if isinstance(node, ast.FunctionDef):
        a = node.args
        return [x.arg for x in (*a.posonlyargs, *a.args, *a.kwonlyargs)]
    return [
        item.target.id
        for item in node.body
        if isinstance(item, ast.AnnAssign)
        and isinstance(item.target, ast.Name)
    ]


def read(text: str, names: list[str], other: set[str]) -> Iterator[Promise]:
    """Find the promises of one docstring."""
    name = "|".join(names) or "(?!)"
    parts = re.compile(
        rf"(?:^|(?<=[.,;:]\s)|(?<=\n))(?P<names>(?:{name})(?:, (?:{name}))*):"
        r"|(?P<returned>\bReturns?\b|\bShapes:|\bBoth\b|->)"
        r"|(?P<end>\bRaises\b|\bSource:)"
    )
    marks = [*parts.finditer(text)]
    ends = [mark.start() for mark in marks] + [len(text)]
    yield from promises_in(text[: ends[0]], [], names, other)
    for mark, end in zip(marks, ends[1:], strict=True):
        owners = (mark["names"] or "").split(", ") if mark["names"] else []
        owners = [RETURNED] if mark["returned"] else owners
        yield from promises_in(text[mark.end() : end], owners, names, other)


def promises_in(
    part: str, owners: list[str], names: list[str], other: set[str]
) -> Iterator[Promise]:
    """Find the promises in one part of a docstring."""
    promise, end = Promise(owners, [], bool(BROADCAST.search(part))), 0
    for found in BRACKET.finditer(part):
        text = " ".join(found[0].split())
        entries = [entry.strip() for entry in found[1].split(",")]
        entries = [" ".join(entry.split()) for entry in entries if entry]
        readable = all(map(ENTRY.fullmatch, entries))
        known = readable or any(entry == "batch" for entry in entries)
        if not known or text in other or YEAR.fullmatch(found[1]):
            continue
        between = part[end : found.start()]
        shape, end = Shape(text, entries), found.end()
        before = re.search(r"(\w+),?\s*$", between)
        if not owners and before and before[1] in names:
            yield Promise([before[1]], [[shape]], False)
        elif not owners:
            yield Promise([], [[shape]], False)
        elif promise.turns and re.match(r",?\s+or\b", between):
            promise.turns[-1].append(shape)
        else:
            promise.turns.append([shape])
    if promise.turns:
        yield promise


def shapes_of(docstring: Docstring) -> Iterator[Shape]:
    """List all shapes of a docstring."""
    for promise in docstring.promises:
        for turn in promise.turns:
            yield from turn


def tensors(value: Any) -> list[Any]:
    """List the tensors in tuples and lists; sizes count as a tensor's."""
    if hasattr(value, "shape"):
        return [value]
    if isinstance(value, tuple | list) and not hasattr(value, "_fields"):
        if value and all(type(part) is int for part in value):
            return [SimpleNamespace(shape=tuple(value))]
        return [tensor for part in value for tensor in tensors(part)]
    return []


def fits(
    choice: list[Shape], value: Any, sizes: dict[str, int], loose: bool
) -> str | None:
    """Say why a value has none of some shapes; learn sizes if it has one."""
    problem = None
    for shape in choice:
        learnt = dict(sizes)
        entries = shape.entries
        if loose:
            rank = len(value.shape)
            entries = entries[max(0, len(entries) - rank) :]
            if rank == len(entries):
                entries = [
                    "1" if size == 1 else entry
                    for entry, size in zip(entries, value.shape, strict=True)
                ]
        said = mismatch(entries, value, learnt)
        if said is None:
            sizes.update(learnt)
            shape.reached = True
            return None
        problem = problem or said
    return f"{choice[0].text}: {problem}"


def in_turn(
    promise: Promise, values: list[Any], sizes: dict[str, int]
) -> str | None:
    """Say why values have not the shapes of a promise, one after another.

    Neighbours may share a shape; values behind the last one have none.
    """
    turn, problem = -1, None
    for value in values:
        here = turn + 1
        if here < len(promise.turns):
            next_one = fits(promise.turns[here], value, sizes, promise.loose)
            if next_one is None:
                turn = here
                continue
            problem = next_one
        if turn < 0:
            return problem
        same = fits(promise.turns[turn], value, sizes, promise.loose)
        if same is not None and here < len(promise.turns):
            return problem
    return problem if turn + 1 < len(promise.turns) else None


class Tracer:
    """Compare what goes into functions of one file with their docstrings."""

    def __init__(
        self,
        docstrings: dict[str, Docstring],
        sizes: dict[str, int],
        report: Report,
    ) -> None:
        """Take the docstrings of one file and the sizes known beforehand."""
        self.docstrings, self.sizes = docstrings, sizes
        self.report = report

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        """Follow a call of a function of this file."""
        path, name = frame.f_code.co_filename, frame.f_code.co_qualname
        if path != str(self.report.path) or name not in self.docstrings:
            return None
        docstring, arguments = self.docstrings[name], dict(frame.f_locals)
        numbers = {k: v for k, v in arguments.items() if type(v) is int}
        sizes = self.sizes | numbers
        failed = False
        self.inputs(docstring, arguments, sizes)

        def follow(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal failed
            failed = event == "exception" or (failed and event == "return")
            if event == "return" and not failed:
                self.outputs(docstring, arguments, argument, sizes)
            return follow

        return follow

    def inputs(
        self,
        docstring: Docstring,
        values: dict[str, Any],
        sizes: dict[str, int],
    ) -> None:
        """Compare parameters, or fields, with what is promised of them."""
        for promise in docstring.promises:
            for owner in promise.owners:
                given = tensors(values.get(owner))
                if not given:
                    continue
                if isinstance(values[owner], tuple | list):
                    problem = in_turn(promise, given, sizes)
                else:
                    choice = [
                        shape for turn in promise.turns for shape in turn
                    ]
                    problem = fits(choice, given[0], sizes, promise.loose)
                if problem:
                    self.report.add(docstring.line, f"{owner}: {problem}")
        for value in values.values():
            self.fields(value)

    def outputs(
        self,
        docstring: Docstring,
        arguments: dict[str, Any],
        returned: Any,
        sizes: dict[str, int],
    ) -> None:
        """Compare what came out, and what is promised of anything."""
        self.fields(returned)
        for part in returned if isinstance(returned, tuple) else ():
            self.fields(part)
        results = tensors(returned)
        around = [*results]
        for value in arguments.values():
            around += tensors(value)
            if isinstance(value, nn.Module):
                around += value.parameters()
        for promise in docstring.promises:
            problem = None
            if promise.owners == [RETURNED] and results:
                problem = in_turn(promise, results, sizes)
            elif not promise.owners and around:
                [choice] = promise.turns
                said = [fits(choice, value, sizes, False) for value in around]
                problem = None if None in said else said[-1]
            if problem:
                self.report.add(docstring.line, problem)

    def fields(self, value: Any) -> None:
        """Compare the fields of a tuple or a record with its class's."""
        docstring = self.docstrings.get(type(value).__qualname__)
        if docstring is not None and hasattr(type(value), "__annotations__"):
            names = type(value).__annotations__
            values = {name: getattr(value, name, None) for name in names}
            self.inputs(docstring, values, dict(self.sizes))


def check(
    path: Path,
    example: Callable[[ModuleType], object] | None,
    sizes: dict[str, int],
    other: set[str],
) -> list[str]:
    """List the shapes in docstrings that are not true or never seen.

    The arguments are those of the check of shape comments.
    other: brackets that look like a shape and are none.
    """
    report = Report(path)
    docstrings = read_docstrings(path.read_text("utf-8"), other, report)
    run_traced(path, example, Tracer(docstrings, sizes, report))
    for name, docstring in docstrings.items():
        for shape in shapes_of(docstring):
            if not shape.reached:
                report.add(docstring.line, f"{name}, {shape.text}: never seen")
    return report.problems
