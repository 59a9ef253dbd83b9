"""Measure the translator against other settings and another recipe.

Run by hand, some eight CPU minutes: python -m snippets.benchmarks.translator
It writes translator.json beside this file, which the pages read. Time is
always that of the processor, of one thread: other programs do not count.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple
from unittest.mock import patch

import torch

from snippets.benchmarks import tutorial_recipe
from snippets.benchmarks.record import start, write
from snippets.benchmarks.tutorial_recipe import (
    RecipeTranslator,
    recipe_exact_match,
    train_recipe,
)
from snippets.results.trainings import ATTENTION, FIXED, SCORES
from snippets.translator import training as translator_training
from snippets.translator.evaluation import exact_match
from snippets.translator.number_words import make_splits
from snippets.translator.training import (
    batches,
    encode_pairs,
    load_translator,
    train_translator,
)

RECORD = Path(__file__).with_suffix(".json")
SEED = 0
GOAL = 0.9  # exact match that both recipes are timed to
FIRST_REPORT = 25  # the step that train_translator reports first


class Plan(NamedTuple):
    """How much is measured.

    rates: peak learning rates of the sweep.
    attention_steps, fixed_steps: training steps with and without attention.
    rounds: how often both are timed, and timed_steps: for how many steps.
    score_rounds: how often all scores are timed, one after the other.
    unseen: how many numbers of validation and held_out, None = all.
    check_every: CPU seconds from one check on validation to the next, at the
        least: train_translator lets one look at every 25th step.
    stop_at: CPU seconds after which the tutorial's recipe is stopped.
    """

    rates: tuple[float, ...] = (0.005, 0.01, 0.02, 0.04)
    attention_steps: int = ATTENTION["steps"]
    fixed_steps: int = FIXED["steps"]
    rounds: int = 9
    timed_steps: int = 100
    score_rounds: int = 3
    unseen: int | None = None
    check_every: float = 0.5
    stop_at: float = 200.0


FULL = Plan()
QUICK = Plan(
    rates=(0.01, 0.02),
    attention_steps=2,
    fixed_steps=2,
    rounds=1,
    timed_steps=1,
    score_rounds=1,
    unseen=8,
    check_every=0.01,
    stop_at=0.5,
)


class Clock:
    """Counts the CPU seconds of this process, but for its pauses."""

    def __init__(self) -> None:
        """Start at 0."""
        self.start = process_time()
        self.pauses = 0.0

    def seconds(self) -> float:
        """Return the CPU seconds since the start, without the pauses."""
        return process_time() - self.start - self.pauses

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Count nothing of what is done inside."""
        begin = process_time()
        yield
        self.pauses += process_time() - begin


class Checks:
    """Measures a model in training now and then, while its clock stands."""

    def __init__(self, plan: Plan, numbers: list[int], measure) -> None:
        """Take `measure(model, numbers)`, and start the clock."""
        self.every = plan.check_every
        self.numbers = numbers
        self.measure = measure
        self.history: list[dict[str, float]] = []
        self.clock = Clock()

    def look(self, model) -> None:
        """Measure the model, if the last time is long enough ago."""
        last = self.history[-1]["seconds"] if self.history else 0.0
        seconds = self.clock.seconds()
        if seconds - last < self.every:
            return
        with self.clock.paused():
            share = self.measure(model, self.numbers)
        self.history.append({"seconds": seconds, "exact": share})

    def seconds_to_goal(self) -> float | None:
        """Return the CPU seconds at the first check that reached GOAL."""
        for check in self.history:
            if check["exact"] >= GOAL:
                return check["seconds"]
        return None


def measure_sweep(plan: Plan) -> dict:
    """Train both models with every rate; score them on validation numbers."""
    numbers = make_splits()["validation"][: plan.unseen]
    kinds = {
        "additive": ATTENTION | {"steps": plan.attention_steps},
        "none": FIXED | {"steps": plan.fixed_steps},
    }
    rows = []
    for rate in plan.rates:
        row = {"rate": rate}
        for kind, settings in kinds.items():
            trained = train_translator(
                **settings | {"rate": rate, "seed": SEED}
            )
            row[kind] = exact_match(load_translator(trained), numbers)
        print(f"  rate {rate}: {row['additive']:.1%}, {row['none']:.1%}")
        rows.append(row)
    return {
        "seed": SEED,
        "validation": len(numbers),
        "attention_steps": plan.attention_steps,
        "fixed_steps": plan.fixed_steps,
        "rows": rows,
    }


def training_seconds(settings: dict, seed: int, steps: int) -> float:
    """Return the CPU seconds of so many steps, after the first few."""
    times = []

    def report(*_) -> None:
        times.append(process_time())

    longer = {"seed": seed, "steps": FIRST_REPORT + steps}
    train_translator(**settings | longer, report=report)
    return times[-1] - times[0]


def measure_equal_time(plan: Plan) -> dict:
    """Time both models side by side: as many steps of the same batches."""
    rounds = []
    for seed in range(plan.rounds):
        additive = training_seconds(ATTENTION, seed, plan.timed_steps)
        none = training_seconds(FIXED, seed, plan.timed_steps)
        rounds.append({"seed": seed, "additive": additive, "none": none})
    ratio = median(pair["additive"] / pair["none"] for pair in rounds)
    return {
        "timed_steps": plan.timed_steps,
        "rounds": rounds,
        "seconds_attention": median(pair["additive"] for pair in rounds),
        "seconds_fixed": median(pair["none"] for pair in rounds),
        "ratio": ratio,
        "attention_steps": plan.attention_steps,
        "fixed_steps": round(plan.attention_steps * ratio),
    }


def measure_scores(plan: Plan) -> dict:
    """Time a training step with each score, all of them in turn."""
    settings = {"additive": ATTENTION} | SCORES
    rounds = [
        {
            name: training_seconds(chosen, seed, plan.timed_steps)
            for name, chosen in settings.items()
        }
        for seed in range(plan.score_rounds)
    ]
    return {
        "timed_steps": plan.timed_steps,
        "rounds": rounds,
        "cost": {
            name: median(times[name] / times["additive"] for times in rounds)
            for name in settings
        },
    }


def measure_ours(plan: Plan) -> dict:
    """Train with attention, and time it from the model's making on."""
    splits = make_splits()
    validation = splits["validation"][: plan.unseen]
    made: dict = {}
    make = translator_training.new_translator

    def new_translator(settings: dict):
        made["model"] = make(settings)
        # The data are encoded by now, as they are for the other recipe.
        made["checks"] = Checks(plan, validation, exact_match)
        return made["model"]

    def report(*_) -> None:
        made["checks"].look(made["model"])

    settings = ATTENTION | {"steps": plan.attention_steps, "seed": SEED}
    # The loop that the pages show is timed, not a copy of it; so the model
    # is caught where the loop makes it.
    with patch.object(translator_training, "new_translator", new_translator):
        trained = train_translator(**settings, report=report)
    checks = made["checks"]
    seconds = checks.clock.seconds()
    model = load_translator(trained)
    return {
        "settings": settings,
        "parameters": count_parameters(model),
        "steps": plan.attention_steps,
        "seconds": seconds,
        "exact": exact_match(model, splits["held_out"][: plan.unseen]),
        "pairs_a_second": pairs_seen(plan.attention_steps) / seconds,
        "seconds_to_goal": checks.seconds_to_goal(),
        "history": checks.history,
    }


def pairs_seen(steps: int) -> int:
    """Count the pairs of our first batches; an epoch's last one is small."""
    pairs = encode_pairs(make_splits()["training"])
    generator = torch.Generator().manual_seed(SEED)
    stream = batches(*pairs, translator_training.BATCH_SIZE, generator)
    return sum(len(source) for source, _ in islice(stream, steps))


def count_parameters(model: torch.nn.Module) -> int:
    """Return how many numbers a model learns."""
    return sum(weights.numel() for weights in model.parameters())


def measure_tutorial(plan: Plan, equal_seconds: float) -> dict:
    """Train the tutorial's recipe until GOAL; score it at equal CPU time."""
    splits = make_splits()
    validation = splits["validation"][: plan.unseen]
    held_out = splits["held_out"][: plan.unseen]
    sources, targets = encode_pairs(splits["training"])
    torch.manual_seed(SEED)
    model = RecipeTranslator()
    pairs = steps = 0
    at_equal_time: dict[str, float] = {}
    checks = Checks(plan, validation, recipe_exact_match)
    for _, seen in train_recipe(model, sources, targets, SEED):
        pairs, steps = pairs + seen, steps + 1
        checks.look(model)
        seconds = checks.clock.seconds()
        if not at_equal_time and seconds >= equal_seconds:
            with checks.clock.paused():
                at_equal_time = {
                    "steps": steps,
                    "seconds": seconds,
                    "exact": recipe_exact_match(model, held_out),
                    "pairs_a_second": pairs / seconds,
                }
        reached = checks.seconds_to_goal() is not None
        if at_equal_time and (reached or seconds >= plan.stop_at):
            break
    return {
        "settings": {
            "seed": SEED,
            "hidden_size": tutorial_recipe.HIDDEN_SIZE,
            "dropout": tutorial_recipe.DROPOUT,
            "batch_size": tutorial_recipe.BATCH_SIZE,
            "rate": tutorial_recipe.RATE,
        },
        "parameters": count_parameters(model),
        **at_equal_time,
        "steps_at_the_end": steps,
        "seconds_at_the_end": seconds,
        "exact_at_the_end": recipe_exact_match(model, held_out),
        "seconds_to_goal": checks.seconds_to_goal(),
        "history": checks.history,
    }


def measure_against_tutorial(plan: Plan) -> dict:
    """Compare both recipes at equal CPU time and to equal quality."""
    ours = measure_ours(plan)
    tutorial = measure_tutorial(plan, ours["seconds"])
    # Ours once more, after the long run: has the machine changed meanwhile?
    again = measure_ours(plan)
    times = tutorial["seconds_to_goal"], ours["seconds_to_goal"]
    speeds = ours["pairs_a_second"], tutorial["pairs_a_second"]
    return {
        "goal": GOAL,
        "check_every": plan.check_every,
        "stop_at": plan.stop_at,
        "validation": len(make_splits()["validation"][: plan.unseen]),
        "held_out": len(make_splits()["held_out"][: plan.unseen]),
        "ours": ours,
        "ours_seconds_again": again["seconds"],
        "tutorial": tutorial,
        "goal_ratio": None if None in times else times[0] / times[1],
        "pairs_ratio": speeds[0] / speeds[1],
    }


def measure_all(plan: Plan) -> dict:
    """Return every number, and what was measured."""
    print("sweep of the peak rate: exact match with attention, without")
    sweep = measure_sweep(plan)
    return {
        "quick": plan == QUICK,
        "batch_size": translator_training.BATCH_SIZE,
        "attention": ATTENTION,
        "fixed": FIXED,
        "sweep": sweep,
        "equal_time": measure_equal_time(plan),
        "scores": measure_scores(plan),
        "against_tutorial": measure_against_tutorial(plan),
    }


def show(record: dict) -> None:
    """Print what matters of a record."""
    equal, against = record["equal_time"], record["against_tutorial"]
    print(
        f"CPU seconds per {equal['timed_steps']} steps:"
        f" {equal['seconds_attention']:.2f} with attention,"
        f" {equal['seconds_fixed']:.2f} without, ratio {equal['ratio']:.2f}:"
        f" {equal['attention_steps']} steps take the time of"
        f" {equal['fixed_steps']}"
    )
    for name, cost in record["scores"]["cost"].items():
        print(f"  a step with {name}: {cost:.2f} of one with additive")
    print(f"{'':16}{'parameters':>12}{'exact':>8}{'pairs/s':>9}{'to 90%':>9}")
    for name in ("ours", "tutorial"):
        row = against[name]
        goal = row["seconds_to_goal"]
        print(
            f"{name:16}{row['parameters']:>12,}{row['exact']:>8.1%}"
            f"{row['pairs_a_second']:>9,.0f}"
            f"{'never' if goal is None else f'{goal:.1f} s':>9}"
        )


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
