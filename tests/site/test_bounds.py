"""The bounds of the claims, said twice: a looser one lets a sentence be wrong.

Whoever changes a bound says it here, too, and looks at the sentence again.
"""

from snippets.claims.claim import CLAIMS
from snippets.claims.every import MODULES

# No smaller than, no larger than, and from how many starts a build measures.
BOUNDS = {
    "introduction.lines_cross": (1.5, None, 1),
    "why.short_are_right": (0.9, None, 3),
    "why.fixed_falls": (0.8, None, 3),
    "why.attention_holds": (0.85, None, 3),
    "why.longer_helps": (0.05, None, 0),
    "why.ahead_at_equal_cost": (0.15, None, 3),
    "why.far_words_fade": (None, 0.0001, 1),
    "why.influence_is_flat": (None, 2.0, 1),
    "why.a_little_beyond": (0.8, None, 1),
    "why.far_beyond": (0.3, None, 1),
    "types_of_attention.dot_cannot_turn": (None, 0.6, 1),
    "types_of_attention.dot_in_one_language": (0.85, None, 1),
    "types_of_attention.general_turns": (0.8, None, 1),
    "types_of_attention.local_misses": (0.03, None, 1),
    "types_of_attention.bias_matters": (0.2, None, 1),
    "types_of_attention.self_attention_returns": (None, 0.2, 1),
    "types_of_attention.concat_stays_high": (1.5, None, 1),
    "types_of_attention.all_translate": (0.9, None, 1),
    "types_of_attention.concat_translates": (0.9, None, 1),
    "additive.compares": (0.95, None, 1),
    "dot_product.rotation_undone": (0.8, None, 1),
    "dot_product.missing_bias": (0.2, None, 1),
    "dot_product.concat_translates": (0.9, None, 1),
    "self_attention.unscaled_takes_all": (0.85, None, 1),
    "self_attention.scaled_stays": (None, 0.1, 1),
    "self_attention.looks_at_the_subject": (0.8, None, 1),
    "self_attention.right_verb": (0.95, None, 1),
    "self_attention.equal_weights_fail": (None, 0.75, 1),
    "preparing_data.right_alone": (0.95, None, 1),
    "preparing_data.mask_changes_nothing": (None, 0.0, 1),
    "using_it.strong_in_one_place": (0.6, None, 1),
    "using_it.on_the_true_word": (0.95, None, 1),
    "multi_head_attention.some_align": (0.75, None, 1),
    "multi_head_attention.most_heads": (None, 0.05, 1),
    "multi_head_attention.one_cross": (None, 0.75, 1),
    "multi_head_attention.encoder_can_go": (None, 0.05, 1),
    "multi_head_attention.encoder_looks_everywhere": (None, 0.5, 1),
    "cross_attention.order_differs": (1.5, None, 1),
    "transformer_block.numbers_grow": (1.5, None, 1),
    "transformer_block.short_training": (0.6, None, 0),
    "transformer_block.nearly_level": (None, 0.1, 1),
    "transformer_block.falls_behind": (0.5, None, 1),
    "kv_cache.wrong_logits": (0.01, None, 1),
    "kv_cache.right_word": (0.5, None, 1),
    "long_inputs.all_words": (0.9, None, 1),
    "long_inputs.inside_reach": (0.9, None, 1),
    "long_inputs.beyond_reach": (None, 0.07, 1),
    "long_inputs.start_is_used": (0.4, None, 1),
    "long_inputs.no_harm": (None, 0.6, 1),
    "long_inputs.zero_helps": (None, 0.5, 1),
    "long_inputs.mean_of_all": (0.04, 0.085, 1),
    "long_inputs.start_is_lost": (None, 0.5, 1),
    "long_inputs.start_is_kept": (None, 2.5, 1),
    "linear_attention.few_fit": (0.9, None, 1),
    "linear_attention.many_do_not": (None, 0.9, 1),
    "linear_attention.no_more_room": (None, 0.12, 1),
    "linear_attention.sum_guesses": (None, 0.65, 1),
    "linear_attention.gate_helps": (0.03, None, 1),
    "linear_attention.delta_replaces": (0.9, None, 1),
    "interventions.weights_matter": (None, 0.12, 1),
    "interventions.largest_is_enough": (0.5, None, 1),
    "interventions.sharper_is_the_same": (0.97, None, 1),
}


def test_bounds_are_those_that_the_sentences_need():
    assert MODULES
    found = {
        claim.name: (claim.least, claim.most, len(claim.builds))
        for claim in CLAIMS.values()
    }
    assert found == BOUNDS
