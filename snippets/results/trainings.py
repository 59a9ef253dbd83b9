"""Every translator that the pages show: what it is trained with.

The build trains them before anything else, side by side, and keeps each under
the settings here and the code that it runs. This file imports nothing, since
the build reads it without PyTorch.
"""

FUNCTION = "snippets.results.measured.measure"

SEEDS = (0, 1, 2)
ATTENTION = {"attention": "additive", "steps": 450, "rate": 0.01}
# As many steps as take the same CPU time, and the rate that is best for it.
FIXED = {"attention": "none", "steps": 650, "rate": 0.02}
# The scores side by side: one seed each, all other settings alike.
SCORES = {
    "concat": ATTENTION | {"attention": "concat", "seed": 0},
    "dot": ATTENTION | {"attention": "dot", "seed": 0},
    "general": ATTENTION | {"attention": "general", "seed": 0},
    "scaled": ATTENTION | {"attention": "scaled", "seed": 0},
    "additive, Luong's order": ATTENTION | {"seed": 0, "order": "luong"},
    "general, Luong's order": ATTENTION
    | {"attention": "general", "seed": 0, "order": "luong"},
    "scaled, Luong's order": ATTENTION
    | {"attention": "scaled", "seed": 0, "order": "luong"},
}

TRAININGS = {
    "fixed vector, four times the steps": FIXED
    | {"seed": 0, "steps": 4 * FIXED["steps"]},
    **{f"attention {seed}": ATTENTION | {"seed": seed} for seed in SEEDS},
    **{f"fixed vector {seed}": FIXED | {"seed": seed} for seed in SEEDS},
    "attention, at most 16 words": ATTENTION | {"seed": 0, "longest": 16},
    "fixed vector, at most 16 words": FIXED | {"seed": 0, "longest": 16},
    "attention, no mask": ATTENTION | {"seed": 0, "mask": False},
    **SCORES,
}

# The Transformer on the same task.
TRANSFORMER = {"steps": 1200, "rate": 0.008}
TRANSFORMERS = {
    f"transformer {seed}": TRANSFORMER | {"seed": seed} for seed in SEEDS
}

# Functions that are kept as FUNCTION is, and what each is called with.
MORE = {"snippets.results.measured_transformer.measure": TRANSFORMERS}
