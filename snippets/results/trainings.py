"""Every model that the pages show: what it is trained with.

The build trains them before anything else, side by side, and keeps each under
the settings here and the code that it runs. This file imports nothing, since
the build reads it without PyTorch.
"""

# The main comparison is trained from each of these random starts when the site
# is built, every other model from the first.
SEEDS = (0, 1, 2)
COMPARED = ("attention", "fixed vector")

# Translators, by name.
ATTENTION: dict = {"attention": "additive", "steps": 450, "rate": 0.01}
# As many steps as take the same CPU time, and the rate that is best for it.
FIXED: dict = {"attention": "none", "steps": 650, "rate": 0.02}
# The scores side by side: all other settings alike.
SCORES = {
    "concat": ATTENTION | {"attention": "concat"},
    "dot": ATTENTION | {"attention": "dot"},
    "general": ATTENTION | {"attention": "general"},
    "scaled": ATTENTION | {"attention": "scaled"},
    "scaled, Luong's order": ATTENTION
    | {"attention": "scaled", "order": "luong"},
}
TRANSLATORS = {
    "attention": ATTENTION,
    "fixed vector": FIXED,
    "attention, at most 16 words": ATTENTION | {"longest": 16},
    "fixed vector, at most 16 words": FIXED | {"longest": 16},
    "attention, no mask": ATTENTION | {"mask": False},
    **SCORES,
}
# Trained for the record of many starts only: for longer, and with twice the
# numbers in the fixed vector and in the states of both sides.
LONGER = {
    "fixed vector, four times the steps": FIXED
    | {"steps": 4 * FIXED["steps"]},
}
LARGER = {"fixed vector, twice the numbers": FIXED | {"times": 2}}

# Attentions of one layer each that learn to find a partner.
LOOKUP_KINDS = (
    "dot",
    "general",
    "concat",
    "local-p",
    "additive",
    "self-attention",
)
PARTNERS = {kind: {"kind": kind} for kind in LOOKUP_KINDS}

# Models of one attention each that learn to recall, all with the rate that
# suits each of them, or nearly so: see snippets/benchmarks/recall.json.
RECALL_KINDS = ("softmax", "linear", "gated", "delta")
RECALL_TRAINING: dict = {"steps": 1000, "rate": 0.04}
RECALL = {kind: RECALL_TRAINING | {"kind": kind} for kind in RECALL_KINDS}

# The Transformer on the translators' task.
TRANSFORMER: dict = {"steps": 1200, "rate": 0.008}
TRANSFORMERS = {"transformer": TRANSFORMER}
# That of the page's code; the build runs it there.
SHORT = TRANSFORMER | {"steps": 500}

# Source and translation as one text, with caches of different sizes, and
# feed-forward parts so wide that all have nearly as many parameters.
TEXT: dict = {"steps": 500, "rate": 0.005}
ONE_TEXT = {
    "4 key heads": TEXT | {"key_heads": 4, "hidden": 96},
    "2 key heads": TEXT | {"key_heads": 2, "hidden": 120},
    "1 key head": TEXT | {"key_heads": 1, "hidden": 132},
    "latent": TEXT | {"latent_size": 24, "hidden": 110},
}

# Readers that recall an earlier word, with a window or without.
READERS_LEFT = 4  # earlier words in the window
READERS: dict[str, dict] = {
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
# Lookups with a place for the weight of what is not found, or without.
LOOKUPS: dict[str, dict] = {
    sink: {"sink": sink, "steps": 800} for sink in ("start", "zero", "none")
}

# A language model of one self-attention, and one that weighs all words alike.
AGREEMENT: dict[str, dict] = {
    "learnt weights": {"attends": "learnt"},
    "equal weights": {"attends": "equal"},
}

# What is kept at each build, longest first: the function, and its models.
TRAINED: dict[str, dict] = {
    "snippets.results.measured.measure": TRANSLATORS,
    "snippets.results.measured.measure_transformer": TRANSFORMERS,
    "snippets.transformer.one_text.train_one_text": ONE_TEXT,
    "snippets.results.recall_models.measure": RECALL,
    "snippets.results.lookup_models.measure": PARTNERS,
    "snippets.tasks.window_recall.train": READERS,
    "snippets.results.agreement.measure": AGREEMENT,
    "snippets.tasks.sink_lookup.train": LOOKUPS,
}
# What the record of many starts trains as well.
RECORDED: dict[str, dict] = {
    "snippets.results.measured.measure": LONGER | LARGER,
    "snippets.results.measured.measure_transformer": {"short": SHORT},
}


def seeds(name: str) -> tuple[int, ...]:
    """Return the random starts that a build trains a model from."""
    return SEEDS if name in COMPARED else SEEDS[:1]


# Read by the build: one stage after the other, each side by side.
STAGES: list[dict[str, list[dict]]] = [
    {
        function: [
            settings | {"seed": seed}
            for name, settings in models.items()
            for seed in seeds(name)
        ]
        for function, models in TRAINED.items()
    },
    {
        "snippets.results.measured_heads.measure": [{"seed": 0}],
        "snippets.results.batch_mates.measure": [{"seed": 0}],
        "snippets.results.influence.measure": [{}],
        "snippets.results.transformer.count_sentences": [{}],
    },
]
