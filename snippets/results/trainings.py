"""Every model that the pages show: what it is trained with.

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

# Models of one attention each that learn to recall, all with the rate that
# suits each of them, or nearly so: see snippets/benchmarks/recall.json.
RECALL_FUNCTION = "snippets.results.recall_models.measure"
RECALL_KINDS = ("softmax", "linear", "gated", "delta")
RECALL_TRAINING = {"steps": 1000, "rate": 0.04}
RECALL = {
    f"{kind} {seed}": RECALL_TRAINING | {"kind": kind, "seed": seed}
    for kind in RECALL_KINDS
    for seed in SEEDS
}

# The Transformer on the same task.
TRANSFORMER = {"steps": 1200, "rate": 0.008}
TRANSFORMERS = {
    f"transformer {seed}": TRANSFORMER | {"seed": seed} for seed in SEEDS
}

# Source and translation as one text, with caches of different sizes; one seed.
TEXT = {"seed": 0, "steps": 500, "rate": 0.005}
ONE_TEXT = {
    "4 key heads": TEXT | {"key_heads": 4},
    "2 key heads": TEXT | {"key_heads": 2},
    "1 key head": TEXT | {"key_heads": 1},
    "latent": TEXT | {"latent_size": 24},
}

# Readers that recall an earlier word, with a window or without.
READERS_LEFT = 4  # earlier words in the window
READERS = {
    "2 layers, all words": {"layers": 2, "left": None, "steps": 200},
    f"2 layers, window {READERS_LEFT}": {
        "layers": 2,
        "left": READERS_LEFT,
        "steps": 400,
    },
    f"3 layers, window {READERS_LEFT}": {
        "layers": 3,
        "left": READERS_LEFT,
        "steps": 400,
    },
}
READERS = {name: kind | {"seed": 0} for name, kind in READERS.items()}
# Lookups with a place for the weight of what is not found, or without.
LOOKUPS = {
    sink: {"sink": sink, "seed": 0, "steps": 800}
    for sink in ("start", "zero", "none")
}

# Functions that are kept as FUNCTION is, and what each is called with.
MORE = {
    "snippets.results.measured_transformer.measure": TRANSFORMERS,
    "snippets.one_text.train_one_text": ONE_TEXT,
    RECALL_FUNCTION: RECALL,
    "snippets.window_recall.train": READERS,
    "snippets.sink_lookup.train": LOOKUPS,
}
