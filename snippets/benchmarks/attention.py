"""Time the reference attention against PyTorch's own.

Run by hand, some two CPU minutes: python -m snippets.benchmarks.attention
It writes attention.json beside this file, which the pages read. Time is
always that of the processor, of one thread: other programs do not count. The
two take turns, so that what slows the machine down slows both.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from snippets.attention import attention
from snippets.benchmarks.record import start, write

RECORD = Path(__file__).with_suffix(".json")
SEED = 0
PASSES = ("forward", "both")


class Plan(NamedTuple):
    """How much is measured.

    lengths: of the sequences. rounds: how often each pair is timed. least:
        CPU seconds that a timing takes, at the least; short calls are
        repeated.
    """

    batch: int = 1
    heads: int = 8
    head_dim: int = 64
    lengths: tuple[int, ...] = (64, 256, 1024, 2048)
    rounds: int = 11
    least: float = 0.05


FULL = Plan()
QUICK = Plan(heads=2, lengths=(8, 16), rounds=3, least=0.001)


def ours(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return the context of the reference attention."""
    return attention(query, key, value)[0]


ATTENTIONS = {"ours": ours, "pytorch": F.scaled_dot_product_attention}


def forward(attend: Callable, tensors: list[Tensor], _: Tensor) -> None:
    """Compute the context, and nothing that gradients would need."""
    with torch.no_grad():
        attend(*tensors)


def both(attend: Callable, tensors: list[Tensor], gradient: Tensor) -> None:
    """Compute the context and the gradients of query, key and value."""
    torch.autograd.grad(attend(*tensors), tensors, gradient)


def seconds(call: Callable[[], None], repeats: int) -> float:
    """Return the CPU seconds of a call, the mean over some in a row."""
    start = process_time()
    for _ in range(repeats):
        call()
    return (process_time() - start) / repeats


def measure_length(plan: Plan, length: int) -> dict:
    """Time both attentions, forward and with backward, in turns."""
    torch.manual_seed(SEED)
    shape = plan.batch, plan.heads, length, plan.head_dim
    tensors = [torch.randn(shape, requires_grad=True) for _ in range(3)]
    gradient = torch.randn(shape)
    contexts = [attend(*tensors) for attend in ATTENTIONS.values()]
    torch.testing.assert_close(*contexts, rtol=0, atol=1e-5)
    row: dict = {"length": length}
    for run in (forward, both):
        calls = {
            name: lambda attend=attend, run=run: run(attend, tensors, gradient)
            for name, attend in ATTENTIONS.items()
        }
        for call in calls.values():
            call()  # the first one is slower
        once = max(seconds(calls["pytorch"], 3), 1e-6)
        repeats = 1 + int(plan.least / once)
        rounds = []
        for number in range(plan.rounds):
            order = [*calls] if number % 2 else [*calls][::-1]
            times = {name: seconds(calls[name], repeats) for name in order}
            rounds.append({name: times[name] for name in calls})
        row[run.__name__] = {"repeats": repeats, "rounds": rounds}
    return row


def ratios(timed: dict) -> list[float]:
    """Return ours / PyTorch of each round."""
    return [times["ours"] / times["pytorch"] for times in timed["rounds"]]


def measure_all(plan: Plan) -> dict:
    """Return every number, and what was measured."""
    return {
        "quick": plan == QUICK,
        "batch": plan.batch,
        "heads": plan.heads,
        "head_dim": plan.head_dim,
        "rounds": plan.rounds,
        "rows": [measure_length(plan, length) for length in plan.lengths],
    }


def show(record: dict) -> None:
    """Print what matters of a record."""
    print("length, ours / PyTorch: forward, forward and backward")
    for row in record["rows"]:
        found = [median(ratios(row[name])) for name in PASSES]
        print(f"{row['length']:>6}  {found[0]:.2f}  {found[1]:.2f}")


def main(arguments: list[str] | None = None, path: Path | None = None) -> None:
    """Measure, print and write the record to `path`.

    Without a path the record goes beside this file, unless it is a quick one:
    that measures next to nothing and is only printed.
    """
    quick = start(__doc__, arguments, can_be_quick=True).quick
    record = measure_all(QUICK if quick else FULL)
    show(record)
    if path or not quick:
        write(record, path or RECORD)


if __name__ == "__main__":
    main()
