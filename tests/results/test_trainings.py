"""Which models are trained at a build, and from which random starts."""

from snippets.results import trainings


def test_what_is_compared_is_trained_three_times():
    compared = "attention", "fixed vector"
    assert trainings.COMPARED == compared
    for name in compared:
        assert trainings.seeds(name) == (0, 1, 2)
    for name in ("attention, no mask", "concat", "transformer", "softmax"):
        assert trainings.seeds(name) == (0,)


def test_a_build_trains_every_model_from_each_of_its_starts():
    stage, later = trainings.STAGES
    assert later == {
        "snippets.results.measured_heads.measure": [{"seed": 0}],
        "snippets.results.batch_mates.measure": [{"seed": 0}],
        "snippets.results.influence.measure": [{}],
        "snippets.results.transformer.count_sentences": [{}],
    }
    assert [*stage] == [*trainings.TRAINED]
    for function, models in trainings.TRAINED.items():
        expected = [
            settings | {"seed": seed}
            for name, settings in models.items()
            for seed in trainings.seeds(name)
        ]
        assert stage[function] == expected


def test_each_name_says_what_is_trained():
    """What differs from the others of its table, and nothing else."""
    attention, fixed = trainings.ATTENTION, trainings.FIXED
    assert trainings.TRANSLATORS == {
        "attention": attention,
        "fixed vector": fixed,
        "attention, at most 16 words": attention | {"longest": 16},
        "fixed vector, at most 16 words": fixed | {"longest": 16},
        "attention, no mask": attention | {"mask": False},
        "concat": attention | {"attention": "concat"},
        "dot": attention | {"attention": "dot"},
        "general": attention | {"attention": "general"},
        "scaled": attention | {"attention": "scaled"},
        "scaled, Luong's order": attention
        | {"attention": "scaled", "order": "luong"},
    }
    text = trainings.TEXT
    assert trainings.ONE_TEXT == {
        "4 key heads": text | {"key_heads": 4, "hidden": 96},
        "2 key heads": text | {"key_heads": 2, "hidden": 120},
        "1 key head": text | {"key_heads": 1, "hidden": 132},
        "latent": text | {"latent_size": 24, "hidden": 110},
    }
    window = {"left": 4, "steps": 400}
    assert trainings.READERS == {
        "2 layers, all words": {"layers": 2, "left": None, "steps": 200},
        "2 layers, window 4": window | {"layers": 2},
        "3 layers, window 4": window | {"layers": 3},
    }
    for kind in ("softmax", "linear", "gated", "delta"):
        settings = trainings.RECALL_TRAINING | {"kind": kind}
        assert trainings.RECALL[kind] == settings
    for sink in ("start", "zero", "none"):
        assert trainings.LOOKUPS[sink] == {"sink": sink, "steps": 800}
