"""The numbers of a benchmark run by hand, read from its record.

The record is translator.json of snippets.benchmarks; its numbers depend on
the machine, so pages that print them print facts() with them.
"""

import json
from pathlib import Path

RECORD = Path(__file__).parents[1] / "benchmarks" / "translator.json"


def record() -> dict:
    """Return the whole record."""
    return json.loads(RECORD.read_text("utf-8"))


def made_on(record: dict) -> dict[str, str]:
    """Return when and on what a record was made, as pages print it."""
    place = f"{record['machine']}, {record['processor']}"
    return {
        "date": record["date"],
        "machine": f"{place}, {record['cores']} cores, one thread",
        "python": record["python"],
        "torch": record["torch"].partition("+")[0],
    }


def sweep() -> list[dict[str, str]]:
    """Return exact match on validation numbers for each peak rate."""
    return [
        {
            "peak rate": f"{row['rate']:g}",
            "with attention": f"{row['additive']:.1%}",
            "fixed vector": f"{row['none']:.1%}",
        }
        for row in record()["sweep"]["rows"]
    ]


def equal_time() -> dict[str, int | float]:
    """Return what training costs, with attention and without.

    seconds_attention and seconds_fixed are CPU seconds of timed_steps steps;
    fixed_steps without attention take the time of attention_steps with it,
    which is that of `training`, in seconds.
    """
    found = record()["equal_time"]
    a_step = found["seconds_attention"] / found["timed_steps"]
    return {
        "training": round(a_step * found["attention_steps"]),
        "attention_steps": found["attention_steps"],
        "fixed_steps": found["fixed_steps"],
        "timed_steps": found["timed_steps"],
        "rounds": len(found["rounds"]),
        "seconds_attention": round(found["seconds_attention"], 1),
        "seconds_fixed": round(found["seconds_fixed"], 1),
        "ratio": round(found["ratio"], 2),
    }


def cost(score: str) -> float:
    """Return a training step's cost with a score; with additive it is 1."""
    return record()["scores"]["cost"][score]


def against_tutorial() -> list[dict[str, str | int]]:
    """Return one row a recipe: ours, and that of PyTorch's tutorial."""
    found = record()["against_tutorial"]
    names = {"ours": "ours", "tutorial": "tutorial recipe"}
    return [
        {
            "recipe": title,
            "parameters": found[name]["parameters"],
            "pairs a CPU second": rounded(found[name]["pairs_a_second"]),
            f"CPU seconds to {found['goal']:.0%}": seconds_to_goal(
                found[name]["seconds_to_goal"], found["stop_at"]
            ),
        }
        for name, title in names.items()
    ]


def rounded(value: float) -> int:
    """Round to two digits: a timing is not known better than that."""
    return int(float(f"{value:.1e}"))


def seconds_to_goal(seconds: float | None, stop_at: float) -> str:
    """Write the time to the goal, which a recipe may not have reached."""
    if seconds is None:
        return f"more than {stop_at:.0f}"
    return two_digits(seconds)


def two_digits(value: float) -> str:
    """Write a timing, or a ratio of two, with two digits."""
    return f"{value:.1f}" if value < 9.95 else f"{rounded(value)}"


def facts() -> dict[str, str | int]:
    """Return when and where it was measured, and the ratios as texts."""
    found = record()
    against = found["against_tutorial"]
    ours, tutorial = against["ours"], against["tutorial"]
    goal_ratio = against["goal_ratio"]
    if goal_ratio is not None:
        goal_text = two_digits(goal_ratio)
    elif ours["seconds_to_goal"] is not None:
        # Not reached before it was stopped: the ratio is at least this.
        least = against["stop_at"] / ours["seconds_to_goal"]
        goal_text = f"more than {two_digits(least)}"
    else:
        goal_text = "unknown"
    return {
        **made_on(found),
        "tutorial_steps": tutorial["steps"],
        "step_ratio": two_digits(found["equal_time"]["ratio"]),
        "pairs_ratio": two_digits(against["pairs_ratio"]),
        "goal_ratio": goal_text,
    }
