"""The tables of *Summary*: names, formulas, shapes and calls."""

import re

import pytest
import torch
from torch import nn

from snippets.machinery.settings import DOCS
from snippets.results import summary as results
from tests.results.made import columns, printed


def test_tensors_have_the_axes_of_their_names():
    found = results.tensor("batch", "target", "value_dim")
    assert found.shape == (2, 5, 19)
    assert results.axes_of(found) == "(batch, target, value_dim)"
    assert len({*results.SIZES.values()}) == len(results.SIZES)


def by_name(x):
    pass


def with_function(x, f=by_name, n=10.0):
    pass


class Module(nn.Module):
    def __init__(self, size: int, *, bias: bool = True):
        super().__init__()

    def forward(self, query: torch.Tensor, mask=None) -> torch.Tensor:
        pass


class Plain:
    def __init__(self, size: int):
        pass

    def forward(self, query):
        pass


def test_a_call_is_written_as_in_code():
    assert results.call(with_function) == "(x, f=by_name, n=10.0)"
    assert results.call(Module.forward) == "(query, mask=None)"
    assert results.name_and_call(with_function) == (
        "with_function(x, f=by_name, n=10.0)"
    )
    module = "Module(size, *, bias=True)(query, mask=None)"
    assert results.name_and_call(Module) == module
    assert results.name_and_call(Module(3)) == module
    assert results.name_and_call(Plain) == "Plain(size)"


QUERY = "(batch, target, query_size)"
OUTPUTS = "(batch, source, key_size)"
WEIGHTS = "→ (batch, target, source)"
OTHER_SIZE = (
    f"{QUERY}<br>{OUTPUTS}<br>→ (batch, target, key_size)<br>{WEIGHTS}"
)


def test_the_attentions_of_the_article():
    printed(
        results.every_attention(),
        columns(
            {
                "attention and score": [
                    "[additive](types-of-attention/additive.html)<br>"
                    r"$v^\top \tanh(W_q \query{s} + W_k \key{h} + b)$",
                    "[dot](types-of-attention/dot-product.html#dot)<br>"
                    r"$\query{s}^\top \key{h}$",
                    "[general](types-of-attention/dot-product.html#general)"
                    r"<br>$\query{s}^\top W \key{h}$",
                    "[concat](types-of-attention/dot-product.html#what-else-luong-et-al-tried)<br>"
                    r"$v^\top \tanh(W [\query{s} ; \key{h}])$",
                    "[local-p](types-of-attention/dot-product.html"
                    "#what-else-luong-et-al-tried)<br>"
                    r"$\operatorname{softmax}(e) "
                    r"\exp(-(j - p)^2 / 2 \sigma^2)$",
                    "[scaled dot-product]"
                    "(types-of-attention/self-attention.html)<br>"
                    r"$\query{q}^\top \key{k} / \sqrt{d}$",
                    "[self-attention]"
                    "(types-of-attention/self-attention.html)<br>"
                    r"$(W_q \query{x})^\top (W_k \key{x'}) / \sqrt{d}$",
                ],
                "takes, returns": [
                    OTHER_SIZE,
                    f"{QUERY}<br>(batch, source, query_size)<br>"
                    f"→ {QUERY}<br>{WEIGHTS}",
                    OTHER_SIZE,
                    OTHER_SIZE,
                    OTHER_SIZE,
                    "(batch, heads, target, head_dim)<br>"
                    "(batch, heads, source, head_dim)<br>"
                    "(batch, heads, source, value_dim)<br>"
                    "→ (batch, heads, target, value_dim)<br>"
                    "→ (batch, heads, target, source)",
                    "(batch, length, features)<br>"
                    "→ (batch, length, head_dim)<br>"
                    "→ (batch, length, length)",
                ],
                "call": [
                    "`AdditiveAttention(query_size, key_size, hidden_size)"
                    "(query, encoder_outputs, *, mask=None, "
                    "projected_keys=None)`",
                    *[
                        "`LuongAttention(score)"
                        "(query, encoder_outputs, *, mask=None)`"
                    ]
                    * 3,
                    "`LocalAttention(score, query_size, hidden_size, window)"
                    "(query, encoder_outputs, *, mask=None)`",
                    "`attention(query, key, value, *, mask=None, "
                    "is_causal=False, scale=None)`",
                    "`SelfAttention(features, head_dim=None)"
                    "(sequence, *, mask=None, is_causal=False)`",
                ],
            }
        ),
    )


# Name, page, and what is called, as it is written in the table.
BEYOND = """
one function for all | index | attention(query, key, value, *, mask=None,
    is_causal=False, offset=0, scale=None, softcap=0.0, window=None)
masks | masks-and-padding | padding_mask(lengths,
    length)`<br>`causal_mask(length)
multi-head | multi-head-attention | MultiHeadAttention(features, num_heads, *,
    num_key_heads=None, key_features=None, value_features=None,
    bias=True)(query, key=None, value=None, *, projected=None, cache=None,
    mask=None, is_causal=False)
cross-attention | cross-attention | CrossAttention(query_size, key_size,
    head_dim, *, value_dim=None, scale=None)(query, encoder_outputs=None, *,
    projected=None, mask=None)
sinusoidal positions | positions | sinusoidal_positions(length, features, *,
    base=10000.0, dtype=torch.float32)
RoPE | positions | rotary_embedding(x, positions, *, base=10000.0,
    interleaved=False)
ALiBi | positions | alibi_bias(heads, target, source, offset=0)
Transformer block | transformer-block | EncoderBlock(features, num_heads,
    hidden, *, norm_first=True)(sequence, *, mask=None)
KV cache | kv-cache | KVCache(batch, key_heads, capacity, head_dim,
    value_dim=None, *, dtype=torch.float32, device='cpu')
grouped queries | grouped-query-attention | attention(query, key, value, *,
    mask=None, is_causal=False, offset=0, scale=None, softcap=0.0,
    window=None)
latents | grouped-query-attention | LatentAttention(features, num_heads,
    latent_size)(sequence, *, cache=None, mask=None, is_causal=False,
    absorbed=False)
window with sinks | long-inputs | window_with_sinks(target, source, *, left,
    sinks, offset=0)
tiles | exact-attention-in-tiles | flash_attention_forward(query, key, value,
    *, block_size=128, **options)
linear | linear-attention | linear_attention(query, key, value, *, state=None,
    decay=None, beta=None, feature_map=elu_plus_one, normalise=True)
counted costs | what-it-costs | count(call, *args, **kwargs)
"""
FORMULAS = {
    "one function for all": r"\text{scale} \cdot \query{q_i}^\top \key{k_j}",
    "masks": r"\operatorname{softmax}_j(e_{ij} + m_{ij})",
    "multi-head": r"\left[\, \context{C^{(1)}} \; \cdots \; "
    r"\context{C^{(H)}} \,\right] W_o^\top",
    "cross-attention": r"(W_q \, \query{s_i})^\top (W_k \, \key{h_j})",
    "sinusoidal positions": r"p_{i,2m} = \sin(\omega_m i)",
    "RoPE": r"(R_i \, \query{q})^\top (R_j \, \key{k})",
    "ALiBi": r"- s_h \, |i - j|",
    "Transformer block": r"x + f(\operatorname{norm}(x))",
    "KV cache": r"[\key{k_1} \dots \key{k_t}]^\top \, \query{q_t}",
    "grouped queries": r"\query{q_i^h}^\top \key{k_j^g}",
    "latents": r"z_j = \operatorname{norm}(W_z \, x_j)",
    "tiles": r"m_j = \max(m_{j-1}, e_j)",
    "linear": r"S_i = S_{i-1} + \varphi(\key{k_i}) \, \val{v_i}^\top",
}


def test_what_lies_beyond_the_article():
    lines = re.sub(r"\n +", " ", BEYOND.strip()).splitlines()
    rows = [line.split(" | ") for line in lines]
    printed(
        results.beyond(),
        columns(
            {
                "name and formula": [
                    f"[{name}](beyond/{page}.html)"
                    + (f"<br>${FORMULAS[name]}$" if name in FORMULAS else "")
                    for name, page, _ in rows
                ],
                "call": [f"`{call}`" for *_, call in rows],
            }
        ),
    )


PLAIN = re.compile(r"\\\\|&|\\quad|\s")


@pytest.mark.parametrize("row", results.BEYOND, ids=lambda row: row[0])
def test_formulas_are_quoted_from_their_pages(row):
    _, page, formula, _ = row
    text = (DOCS / "beyond" / f"{page}.md").read_text("utf-8")
    assert PLAIN.sub("", formula) in PLAIN.sub("", text)


# They try out a trained model, and have no attention of their own.
TRIED = {"change-the-weights", "attention-in-javascript"}


def test_every_page_beyond_with_an_attention_is_linked():
    pages = {path.stem for path in (DOCS / "beyond").glob("*.md")}
    assert pages > TRIED
    assert {row[1] for row in results.BEYOND} == pages - TRIED
