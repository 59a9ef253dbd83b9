"""Every translator that the pages show: what it is trained with.

The build trains them before anything else, side by side, and keeps each under
the settings here and the code that it runs. This file imports nothing, since
the build reads it without PyTorch.
"""

FUNCTION = "snippets.results.measured.measure"

SEEDS = (0, 1, 2)
ATTENTION = {"attention": "additive", "steps": 450, "rate": 0.01}
# As many steps as take the same CPU time, and the rate that is best for it.
FIXED = {"attention": "none", "steps": 760, "rate": 0.01}
SCORES = ("additive", "concat", "dot", "general", "scaled")

TRAININGS = {
    "fixed vector, four times as long": FIXED
    | {"seed": 0, "steps": 4 * FIXED["steps"]},
    **{f"attention {seed}": ATTENTION | {"seed": seed} for seed in SEEDS},
    **{f"fixed vector {seed}": FIXED | {"seed": seed} for seed in SEEDS},
    "attention, at most 16 words": ATTENTION | {"seed": 0, "longest": 16},
    "fixed vector, at most 16 words": FIXED | {"seed": 0, "longest": 16},
    "attention, no mask": ATTENTION | {"seed": 0, "mask": False},
}
