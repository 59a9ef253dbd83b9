"""Every shape comment of the snippets is true, and every one is reached."""

from pathlib import Path

import pytest
import torch

from snippets.additive_attention import AdditiveAttention
from tests.support.code import FOLDER, SNIPPETS, called
from tests.support.shape_comments import Report, check, read_comments

# What the names in the comments stand for: different primes, so that no two
# can be confused.
SIZES = {
    "batch": 2,
    "heads": 3,
    "target": 5,
    "source": 7,
    "hidden": 11,
    "query_size": 13,
    "key_size": 17,
    "head_dim": 19,
    "value_dim": 23,
    "features": 29,
    "length": 31,
    "embedding": 37,
    "vocabulary": 41,
}


def ones(names: str) -> torch.Tensor:
    """Return a tensor with the sizes of these names."""
    return torch.ones([SIZES.get(name) or int(name) for name in names.split()])


def interventions(module):
    mask = ones("batch 1 source") > 0
    weights = ones("batch target source") / SIZES["source"]
    for change in module.CHANGES.values():
        change(weights, mask)
    attention = AdditiveAttention(13, 17, 11)
    query, outputs = ones("batch target query_size"), ones("batch source 17")
    module.Changed(attention, module.equal)(query, outputs, mask=mask)


def checks(module):
    mask = ones("batch target source") > 0
    module.check_mask(mask[0], tuple(mask.shape), mask.device)


def masked_softmax(module):
    score = ones("batch heads target source")
    module.masked_softmax(score, score > 0)


def additive_attention(module):
    attention = module.AdditiveAttention(13, 17, 11)
    outputs = ones("batch source key_size")
    attention(
        ones("batch target query_size"),
        outputs,
        mask=ones("batch target source") > 0,
        projected_keys=attention.project_keys(outputs),
    )


def dot_product_attention(module):
    query = ones("batch target query_size")
    key = ones("batch source key_size")
    module.DotScore()(query, ones("batch source query_size"))
    general = module.GeneralScore(13, 17)
    concat = module.ConcatScore(13, 17, 11)
    mask = ones("batch target source") > 0
    module.LuongAttention(general)(query, key, mask=mask)
    module.LocalAttention(concat, 13, 11, window=2)(query, key)


def scaled_dot_product_attention(module):
    module.attention(
        ones("batch heads target head_dim"),
        ones("batch heads source head_dim"),
        ones("batch heads source value_dim"),
        mask=ones("batch heads target source") > 0,
        is_causal=True,
    )


def attention(module):
    tensors = (
        ones("batch heads target head_dim"),
        ones("batch heads source head_dim"),
        ones("batch heads source value_dim"),
    )
    for axes in ("", "heads ", "batch heads "):
        mask = ones(f"{axes}target source")
        module.attention(*tensors, mask=mask)
    module.attention(*tensors, offset=torch.tensor([1, 2]))


def masks(module):
    module.prefix_mask(torch.tensor([3, 5]), 31)
    module.block_mask(ones("batch length").long())


def cross_attention(module):
    attention = module.CrossAttention(13, 17, 19, value_dim=23)
    outputs = ones("batch source key_size")
    mask = ones("batch 1 source") > 0
    attention(ones("batch target query_size"), outputs, mask=mask)


def linear_attention(module):
    sequence = ones("batch heads length head_dim")
    value = ones("batch heads length value_dim")
    module.unmasked_linear_attention(
        ones("batch heads target head_dim"),
        ones("batch heads source head_dim"),
        ones("batch heads source value_dim"),
    )
    beta = ones("batch heads length")
    for axes in ("heads", "batch heads length", "batch heads length head_dim"):
        gates = dict(decay=ones(axes), beta=beta, normalise=False)
        module.linear_attention(sequence, sequence, value, **gates)


def parallel_linear_attention(module):
    sequence = ones("batch heads length head_dim")
    value = ones("batch heads length value_dim")
    gates = dict(decay=torch.ones(3), beta=ones("batch heads length"))
    module.parallel_linear_attention(
        sequence, sequence, value, normalise=False, **gates
    )


def tasks_recall(module):
    module.make_batch(2, 5, 3, torch.Generator())


def tasks_recall_training(module):
    symbols = torch.zeros(2, 5, dtype=torch.long)
    for kind in module.KINDS:
        module.RecallModel(kind)(symbols, symbols, symbols)
    module.accuracy(module.RecallModel("linear"), 5, 1, 10, 0)


def multi_head_attention(module):
    layer = module.MultiHeadAttention(30, 3, value_features=23)
    layer(torch.ones(2, 5, 30), torch.ones(2, 7, 30), torch.ones(2, 7, 23))


def positions(module):
    module.sinusoidal_positions(5, 14)
    module.LearnedPositions(17, 11)(5)
    for places in (torch.zeros(2, 31), torch.zeros(31)):
        module.rotary_embedding(torch.ones(2, 3, 31, 14), places)
    module.alibi_bias(3, 5, 7)


def kv_cache(module):
    cache = module.Cache(2, 3, 11, 19)
    cache.append(ones("batch heads 4 head_dim"))
    cache.trim(torch.tensor([3, 4]))
    cache.append(ones("batch heads 7 head_dim"))
    both = module.KVCache(2, 3, 11, 19, 23)
    both.append(
        ones("batch heads 7 head_dim"), ones("batch heads 7 value_dim")
    )


def decoding(module):
    model = module.Decoder(41, 30, 3)
    words = torch.zeros(2, 5, dtype=torch.long)
    caches = model.make_caches(2, 7)
    module.write(model, words, 1, caches)
    for cache in caches:
        cache.trim(torch.tensor([1, 0]))
    model(words, caches)


def transformer_one_text(module):
    module.OneText()(torch.zeros(2, 31, dtype=torch.long))
    module.texts([7, 21, 105])


def latent_attention(module):
    layer = module.LatentAttention(57, 3, 11)
    sequence = ones("batch target 57")
    cache = layer.new_cache(2, 7)
    layer(sequence[:, :2], cache=cache)
    layer(sequence, cache=cache, absorbed=True)
    layer(sequence[:, :2], mask=torch.ones(2, 2, dtype=torch.bool))


def self_attention(module):
    mask = ones("length length") > 0
    module.SelfAttention(29, 19)(ones("batch length features"), mask=mask)


def self_attention_by_hand(module):
    module.self_attention(*module.example())


def additive_core(module):
    mask = ones("batch 1 source").bool()
    layer = module.Additive(13, 17, 11)
    layer(ones("batch target query_size"), ones("batch source key_size"), mask)


def scores_by_hand(module):
    outputs, state = module.example()
    module.additive_score(state, outputs, *module.additive_parameters())
    module.dot_score(state, outputs)
    state, W = module.other_language()
    module.general_score(state, outputs, W)


def tasks_agreement(module):
    words = module.encode(module.make_beginnings()[-2:])  # (batch, length)
    for attends in ("learnt", "equal"):
        module.LanguageModel(attends)(words)
    module.train("learnt", 0, steps=1)


def time_first_attention(module):
    states = ones("1 batch hidden"), ones("source batch hidden")
    module.TimeFirstAttention(11)(*states)
    with pytest.raises(RuntimeError, match="batch2"):
        module.PublishedAttention(11)(*states)


def five_steps(module):
    module.five_steps(*module.example())
    module.next_state()
    module.attend(torch.ones(3, 2), torch.ones(3, 4, 2))


def attention_decoder(module):
    decoder = module.AttentionDecoder(41, 37, 11, 17)
    previous_word = torch.zeros(2, dtype=torch.long)
    decoder(previous_word, ones("batch hidden"), ones("batch source key_size"))


def fixed_vector(module):
    encoder = torch.nn.GRU(29, 11, batch_first=True)
    module.encode(encoder, ones("batch source features"))
    module.influence(encoder, ones("source features"))


def translator_number_words(module):
    module.encode([["one"] * 31] * 2, module.ENGLISH_WORDS)


def translator_attention(module):
    query = ones("batch target query_size")
    key = ones("batch source key_size")
    module.make_attention("scaled", 13, 17, 11)(query, key)


def translator_decoders(module):
    outputs = ones("batch source key_size")
    attention = AdditiveAttention(11, 17, 19)
    memory = module.Memory(
        outputs,
        ones("batch key_size"),
        mask=ones("batch 1 source") > 0,
        projected_keys=attention.project_keys(outputs),
    )
    arguments = ones("batch target embedding"), ones("batch hidden"), memory
    module.BahdanauDecoder(attention, 37, 17, 11)(*arguments)
    module.LuongDecoder(attention, 37, 17, 11)(*arguments)
    module.FixedVectorDecoder(37, 17, 11)(*arguments)


def translator_model(module):
    source = torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
    previous = torch.ones(2, 5, dtype=torch.long)
    module.Translator(43, 41, word_size=37, encoder_size=13, hidden_size=11)(
        source, previous
    )


def translator_training(module):
    sources = torch.ones(3, 5, dtype=torch.long)
    next(module.batches(sources, sources, 2, torch.Generator()))
    logits = torch.ones(3, 4, 41)
    module.translation_loss(lambda *words: (logits, None), sources, sources)
    module.encode_pairs([7, 21, 105])


def translator_evaluation(module):
    model = module.Translator(
        len(module.ENGLISH_WORDS), len(module.GERMAN_MORPHEMES)
    )
    module.translate(model, [7, 21])


def online_softmax(module):
    for attend in (module.three_passes, module.two_passes, module.one_pass):
        attend(ones("source"), ones("source value_dim"))


def flash_attention(module):
    module.flash_attention_forward(
        ones("batch heads target head_dim"),
        ones("batch heads source head_dim"),
        ones("batch heads source value_dim"),
        mask=ones("1 heads target source"),
    )


def long_inputs(module):
    module.window_with_sinks(5, 7, left=2, sinks=1)
    value = ones("batch heads source value_dim")
    module.add_zero_key(ones("batch heads source head_dim"), value)
    cache = module.RollingCache(2, 3, 5, 19)
    for _ in range(4):
        cache.append(*[ones("batch heads 1 head_dim")] * 2)


def tasks_window_recall(module):
    module.train(1, 4, seed=0, steps=2)


def tasks_sink_lookup(module):
    *question, _, _ = module.make_lists(2, torch.Generator(), length=17)
    module.Lookup("zero", features=29)(*question)


def transformer_model(module):
    source = torch.tensor([[1] * 7, [1] * 4 + [0] * 3])
    previous = torch.ones(2, 5, dtype=torch.long)
    model = module.Transformer(43, 41, features=30, num_heads=3, hidden=11)
    model(source, previous)


def transformer_block(module):
    sequence, memory = torch.ones(2, 5, 30), torch.ones(2, 7, 30)
    module.EncoderBlock(30, 3, 11)(sequence)
    module.DecoderBlock(30, 3, 11)(sequence, memory)


def transformer_decoder(module):
    block = module.DecoderBlock(30, 3, 11)
    memory = torch.ones(2, 7, 30)
    projected = block.cross_attention.project(memory, memory)
    mask = torch.ones(2, 1, 1, 7) > 0
    decoder = module.Decoder(41, 30, lambda: block, 1)
    words = torch.ones(2, 5, dtype=torch.long)
    decoder(words, module.Memory([projected], mask))


class Untrained(torch.nn.Module):
    """Returns the query: an attention without parameters."""

    def forward(self, query, encoder_outputs):
        return query, encoder_outputs


def tasks_lookup(module):
    generator = torch.Generator().manual_seed(0)
    rotation = module.make_rotation(29, generator)
    batch = module.make_batch(2, 7, rotation, generator)
    module.train(Untrained(), lambda: batch)
    module.found(torch.ones(2, 5, 7), torch.ones(2, 5))


# One example call a module, which must reach all of its shape comments. A
# module without shape comments needs none. A module with sizes of its own has
# them in OWN_SIZES.
EXAMPLES = {
    example.__name__: example
    for example in (
        checks,
        masked_softmax,
        additive_attention,
        dot_product_attention,
        scaled_dot_product_attention,
        attention,
        masks,
        cross_attention,
        linear_attention,
        parallel_linear_attention,
        tasks_recall,
        tasks_recall_training,
        multi_head_attention,
        positions,
        kv_cache,
        decoding,
        latent_attention,
        transformer_one_text,
        self_attention,
        self_attention_by_hand,
        additive_core,
        scores_by_hand,
        tasks_agreement,
        time_first_attention,
        five_steps,
        attention_decoder,
        fixed_vector,
        tasks_lookup,
        translator_number_words,
        transformer_model,
        transformer_block,
        transformer_decoder,
        translator_model,
        translator_attention,
        translator_decoders,
        translator_training,
        translator_evaluation,
        online_softmax,
        flash_attention,
        long_inputs,
        tasks_window_recall,
        tasks_sink_lookup,
        interventions,
    )
}
OWN_SIZES = {
    "positions": {"batch": 2, "heads": 3, "target": 5, "source": 7},
    "linear_attention": SIZES | {"key_dim": 19},
    "tasks_recall": {"size": 2, "pairs": 5, "length": 15},
    "tasks_recall_training": {"batch": 2, "pairs": 5, "length": 10},
    "multi_head_attention": SIZES | {"head_dim": 10},
    "tasks_window_recall": {"length": 20},
    "tasks_sink_lookup": {"features": 29},
    "kv_cache": {"batch": 2, "new": 7},
    "decoding": {"batch": 2, "new": 5, "features": 30, "vocabulary": 41},
    "transformer_one_text": {"batch": 2, "length": 31, "features": 48},
    "latent_attention": {
        "batch": 2,
        "heads": 3,
        "features": 57,
        "head_dim": 19,
        "latent_size": 11,
    },
    "transformer_model": SIZES | {"features": 30},
    "transformer_decoder": SIZES | {"features": 30},
    "translator_model": SIZES | {"key_size": 26},
    "translator_evaluation": {},
    "translator_training": {},
    "fixed_vector": {"source": 7, "features": 29, "hidden": 11},
    "self_attention_by_hand": {"length": 4, "features": 2, "head_dim": 2},
    "scores_by_hand": {
        "source": 4,
        "hidden": 2,
        "query_size": 2,
        "key_size": 2,
    },
    "tasks_agreement": {"features": 32},
    "five_steps": {"batch": 3, "source": 4, "hidden": 2, "vocabulary": 4},
}


@pytest.mark.parametrize("path", SNIPPETS, ids=called)
def test_shape_comments_are_true(path):
    sizes = OWN_SIZES.get(called(path), SIZES)
    assert check(path, EXAMPLES.get(called(path)), sizes) == []


def test_examples_are_of_modules_that_exist():
    modules = {*map(called, SNIPPETS)}
    assert set(OWN_SIZES) <= set(EXAMPLES) <= modules


def test_the_comments_are_found():
    path = FOLDER / "additive_attention.py"
    comments = read_comments(path.read_text(encoding="utf-8"), Report(path))
    assert [comment.text for comment in comments] == [
        "(batch, source, hidden)",
        "(batch, target, hidden)",
        "(batch, target, 1, hidden)",
        "(batch, 1, source, hidden)",
        "(batch, target, source, hidden)",
        "(batch, target, source, 1)",
        "(batch, target, source)",
        "(batch, target, key_size)",
    ]


# The test of the test: each module has one line marked HERE.

TRUE = """
import torch

table = torch.ones(3, 5)  # (rows, columns)


def right(query, key):
    one, two = query, key  # (batch, 3, features), (batch, length, features)
    pair = query, key  # (batch, 3, features) and (batch, length, features)
    both = torch.cat(pair, dim=1)  # (batch, 3 + length, features)
    twice = torch.cat([key, key], dim=2)  # (batch, length, 2 * features)
    total, _ = both.sum(), both  # ()
    for row in [rows * 1 for rows in (row for row in key)]:
        row = row[0]  # (features)
    wide: object = (
        query.unsqueeze(1)
    )  # (..., 3, features)
    wide += total  # (batch, 1, 3, features)
    try:
        wide = query @ key  # (batch, batch, batch)
    except RuntimeError:
        wide = torch.ones(7)  # (7,)
    return (
        twice, pair
    )[0]  # (batch, length, 2 * features)
"""

WRONG = {
    "a wrong size": (
        "score = query @ key.mT  # (batch, 3, features)  HERE",
        "(batch, 3, features): the shape is (2, 3, 7), and features is 11",
    ),
    "axes in the wrong order": (
        "score = query.transpose(0, 1)  # (batch, 3, features)  HERE",
        "(batch, 3, features): the shape is (3, 2, 11), and batch is 2",
    ),
    "a name for two sizes": (
        "score = query @ key.mT  # (batch, new, new)  HERE",
        "(batch, new, new): the shape is (2, 3, 7), and new is 3",
    ),
    "a missing axis": (
        "score = query @ key.mT  # (batch, 3)  HERE",
        "(batch, 3): the shape is (2, 3, 7)",
    ),
    "more axes than there are": (
        "score = query.sum()  # (..., 3)  HERE",
        "(..., 3): the shape is ()",
    ),
    "a wrong product": (
        "score = query.repeat(1, 1, 2)  # (batch, 3, 3 * features)  HERE",
        "(batch, 3, 3 * features): the shape is (2, 3, 22), "
        "and 3 * features is 33",
    ),
    "a product of an unknown name": (
        "score = query.repeat(1, 1, 2)  # (batch, 3, 2 * new)  HERE",
        "(batch, 3, 2 * new): the sizes in 2 * new are not known yet",
    ),
    "a wrong second value": (
        "one, two = query, key  # (batch, 3, features), (batch, 3, features)"
        "  HERE",
        "(batch, 3, features), (batch, 3, features): the shape is (2, 7, 11)",
    ),
    "more values than shapes": (
        "one, two = query, key  # (batch, 3, features)  HERE",
        "(batch, 3, features): there are 2 values",
    ),
    "fewer values than shapes": (
        "pair = query, key  # (batch, 3, features), (1), (1)  HERE",
        "(batch, 3, features), (1), (1): there are 2 values",
    ),
    "a value without a shape": (
        "score = len(query)  # (batch)  HERE",
        "(batch): a int has no shape",
    ),
    "a wrong returned value": (
        "return query @ key.mT  # (batch, 7, 3)  HERE",
        "(batch, 7, 3): the shape is (2, 3, 7)",
    ),
    "a comment that cannot be read": (
        "score = query  # (batch, 3, features) or so  HERE",
        "cannot read the shape comment: (batch, 3, features) or so",
    ),
    "an entry that cannot be read": (
        "score = query  # (batch, 3, the features)  HERE",
        "(batch, 3, the features): cannot read the features",
    ),
    "a line without a value": (
        "print(query.shape)  # (batch, 3, features)  HERE",
        "a shape comment without a value: (batch, 3, features)",
    ),
    "two comments at one statement": (
        "score = query.transpose(  # (batch, features, 3)\n"
        "        1, 2)  # (batch, 3, features)  HERE",
        "a second shape comment at a statement: (batch, 3, features)",
    ),
    "a line that is not run": (
        "score = query if len(query) else key\n"
        "    if not len(query):\n"
        "        score = key  # (batch, 3, features)  HERE",
        "(batch, 3, features): never run",
    ),
    "a line that raises": (
        "raise ValueError\n    score = key  # (batch, length, features)  HERE",
        "(batch, length, features): never run",
    ),
}


def problems_of(folder: Path, source: str, function: str) -> list[str]:
    """Check a module of this source with a query and a key."""
    path = folder / "example.py"
    path.write_text(source, encoding="utf-8")

    def example(module):
        try:
            getattr(module, function)(
                torch.ones(2, 3, 11), torch.ones(2, 7, 11)
            )
        except ValueError:
            pass

    return check(path, example, {"batch": 2, "features": 11})


def test_true_comments_are_accepted(tmp_path):
    assert problems_of(tmp_path, TRUE, "right") == [
        "example.py:20: (batch, batch, batch): never run"
    ]


@pytest.mark.parametrize("name", WRONG)
def test_wrong_comment_is_reported(tmp_path, name):
    line, message = WRONG[name]
    source = f'''"""An example."""


def wrong(query, key):
    """Do something with a wrong comment."""
    {line}
'''
    (number,) = [
        number
        for number, text in enumerate(source.splitlines(), 1)
        if text.endswith("HERE")
    ]
    problems = problems_of(tmp_path, source.replace("  HERE", ""), "wrong")
    assert problems == [f"example.py:{number}: {message}"]


def test_module_without_an_example_is_reported(tmp_path):
    path = tmp_path / "example.py"
    path.write_text(
        "def double(score):\n    return 2 * score  # (batch, source)\n",
        encoding="utf-8",
    )
    assert check(path, None, SIZES) == [
        "example.py:2: (batch, source): never run"
    ]


def test_tracing_ends(tmp_path):
    import sys

    before = sys.gettrace()
    path = tmp_path / "example.py"
    path.write_text("raise KeyError\n", encoding="utf-8")
    with pytest.raises(KeyError):
        check(path, None, SIZES)
    assert sys.gettrace() is before
