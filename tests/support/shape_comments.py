"""Check the shape comments of a module while it runs.

A shape comment is a comment at the end of a line that starts with a bracket:
`score = query @ key.mT  # (batch, target, source)`. Its entries are names,
integers, sums and products of them, or `...` at the start for any number of
axes; a line with several values has a shape for each, separated by a comma or
`and`. The names stand for the same sizes throughout one call of a function.

`check(path, example, sizes)` loads the module of that path, runs an example
call of it, and lists what is wrong: a comment that is not true, one that
cannot be read, and one whose line was never run.
"""

import ast
import importlib.util
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

# An optimizer's first step imports this. While traced, it would take minutes.
import torch._dynamo  # noqa: F401

SHAPE = r"\(([^()]*)\)"
SHAPES = re.compile(rf"{SHAPE}(?:(?:,| and|, and) {SHAPE})*")
# Frames inside one statement, whose locals are not the statement's.
INNER = {"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>"}


@dataclass
class Comment:
    """The shapes that one statement promises, and where it is."""

    line: int
    text: str
    shapes: list[list[str]]
    first: int
    last: int
    targets: list[str]  # what is assigned, `_` left out; empty: a return
    reached: bool = False


@dataclass
class Report:
    """What is wrong in one module, a line for each problem."""

    path: Path
    problems: list[str] = field(default_factory=list)

    def add(self, line: int, problem: str) -> None:
        problem = f"{self.path.name}:{line}: {problem}"
        if problem not in self.problems:
            self.problems.append(problem)


def trailing_comments(source: str) -> Iterator[tuple[int, str]]:
    """Find the comments after code that start with a bracket."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            before = token.line[: token.start[1]].strip()
            text = token.string.lstrip("#").strip()
            if before and text.startswith("("):
                yield token.start[0], text


def statement_at(
    tree: ast.Module, line: int
) -> tuple[ast.stmt | None, int, int]:
    """Find the innermost statement on a line, with its first and last line.

    A compound statement, such as `if`, counts as its head alone.
    """
    found: tuple[ast.stmt | None, int, int] = (None, line, line)
    for node in ast.walk(tree):  # outer before inner
        if isinstance(node, ast.stmt):
            last = node.end_lineno or node.lineno
            body = getattr(node, "body", None)
            if body:
                last = max(node.lineno, body[0].lineno - 1)
            if node.lineno <= line <= last:
                found = (node, node.lineno, last)
    return found


def read_comments(source: str, report: Report) -> list[Comment]:
    """Read all shape comments of a module, with the statements they are at."""
    tree = ast.parse(source)
    comments: list[Comment] = []
    for line, text in trailing_comments(source):
        statement, first, last = statement_at(tree, line)
        if not SHAPES.fullmatch(text):
            report.add(line, f"cannot read the shape comment: {text}")
            continue
        if comments and comments[-1].first == first:
            report.add(line, f"a second shape comment at a statement: {text}")
            continue
        shapes = [
            [entry.strip() for entry in inner.split(",") if entry.strip()]
            for inner in re.findall(SHAPE, text)
        ]
        target: ast.expr | None
        match statement:
            case ast.Return(value=ast.expr()):
                target = None
            case (
                ast.Assign(targets=[target, *_])
                | ast.AnnAssign(target=target, value=ast.expr())
                | ast.AugAssign(target=target)
            ):
                pass
            case _:
                report.add(line, f"a shape comment without a value: {text}")
                continue
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        names = [ast.unparse(part) for part in parts if part is not None]
        names = [name for name in names if name != "_"]
        comments.append(Comment(line, text, shapes, first, last, names))
    return comments


def size_of(entry: str, sizes: dict[str, int]) -> int | None:
    """Compute a size such as `2 * hidden`, None if a name is unknown."""

    def value(node: ast.expr) -> int:
        match node:
            case ast.Constant(value=int() as number):
                return number
            case ast.Name(id=name):
                return sizes[name]
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return value(left) * value(right)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return value(left) + value(right)
        raise ValueError(f"cannot read {entry}")

    try:
        return value(ast.parse(entry, mode="eval").body)
    except KeyError:
        return None
    except SyntaxError:
        raise ValueError(f"cannot read {entry}") from None


def mismatch(
    entries: list[str], value: Any, sizes: dict[str, int]
) -> str | None:
    """Say what is wrong with one value, and learn the sizes of new names."""
    if not hasattr(value, "shape"):
        return f"a {type(value).__name__} has no shape"
    shape = tuple(value.shape)
    got = f"the shape is {shape}"
    if entries and entries[0] == "...":
        entries = entries[1:]
        if len(entries) > len(shape):
            return got
        shape = shape[len(shape) - len(entries) :]
    if len(entries) != len(shape):
        return got
    for entry, size in zip(entries, shape, strict=True):
        if entry.isidentifier():
            sizes.setdefault(entry, size)
        try:
            expected = size_of(entry, sizes)
        except ValueError as error:
            return str(error)
        if expected is None:
            return f"the sizes in {entry} are not known yet"
        if expected != size:
            known = "" if entry.isdigit() else f", and {entry} is {expected}"
            return got + known
    return None


class Tracer:
    """Compare shapes with comments after each line of one file."""

    def __init__(
        self, comments: list[Comment], sizes: dict[str, int], report: Report
    ) -> None:
        """Take the comments of one file and the sizes known beforehand."""
        self.comments = {
            line: comment
            for comment in comments
            for line in range(comment.first, comment.last + 1)
        }
        self.sizes = sizes
        self.report = report

    def __call__(self, frame: FrameType, event: str, _: Any) -> Any:
        """Follow a new frame if it is of this file."""
        path, name = frame.f_code.co_filename, frame.f_code.co_name
        if path != str(self.report.path) or name in INNER:
            return None
        running: Comment | None = None
        sizes = dict(self.sizes)

        def follow(frame: FrameType, event: str, argument: Any) -> Any:
            nonlocal running
            if event == "exception":
                # The statement gave no value, unless a generator in it ended.
                if argument[0] is not StopIteration:
                    running = None
            elif event == "line":
                comment = self.comments.get(frame.f_lineno)
                if running is not None and comment is not running:
                    self.compare(running, frame, None, sizes)
                running = comment
            elif event == "return" and running is not None:
                self.compare(running, frame, argument, sizes)
            return follow

        return follow

    def compare(
        self,
        comment: Comment,
        frame: FrameType,
        returned: Any,
        sizes: dict[str, int],
    ) -> None:
        """Compare the values of a statement that has run with its comment."""
        comment.reached = True
        values = [
            eval(target, frame.f_globals, frame.f_locals)
            for target in comment.targets
        ]
        values = values or [returned]
        if len(values) == 1 and len(comment.shapes) > 1:
            values = list(values[0])
        if len(values) != len(comment.shapes):
            self.report.add(
                comment.line,
                f"{comment.text}: there are {len(values)} values",
            )
            return
        for entries, value in zip(comment.shapes, values, strict=True):
            problem = mismatch(entries, value, sizes)
            if problem is not None:
                self.report.add(comment.line, f"{comment.text}: {problem}")


def check(
    path: Path,
    example: Callable[[ModuleType], object] | None,
    sizes: dict[str, int],
) -> list[str]:
    """List the shape comments of a module that are not true or not reached.

    example: called with the module, to reach all of its shape comments.
    sizes: what the names in the comments must stand for in that call; other
        names may stand for any size, the same within one call.
    """
    report = Report(path)
    comments = read_comments(path.read_text(encoding="utf-8"), report)
    run_traced(path, example, Tracer(comments, sizes, report))
    for comment in comments:
        if not comment.reached:
            report.add(comment.line, f"{comment.text}: never run")
    return report.problems


def run_traced(
    path: Path, example: Callable[[ModuleType], object] | None, tracer: Any
) -> None:
    """Load the module of a path anew and run its example, while traced."""
    name = f"traced_{path.stem}"
    specification = importlib.util.spec_from_file_location(name, path)
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        specification.loader.exec_module(module)
        if example is not None:
            example(module)
    finally:
        sys.settrace(before)
