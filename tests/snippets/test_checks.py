"""Each wrong call gets a ValueError: the argument, expected and received."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from torch import Tensor

from snippets.additive_attention import AdditiveAttention
from snippets.checks import (
    check_integers,
    check_mask,
    check_shapes,
    check_sizes,
    expect,
)
from snippets.dot_product_attention import (
    ConcatScore,
    DotScore,
    GeneralScore,
    LocalAttention,
    LuongAttention,
)
from snippets.masked_softmax import masked_softmax
from snippets.scaled_dot_product_attention import attention
from snippets.self_attention import SelfAttention
from snippets.time_first_attention import TimeFirstAttention

CPU = torch.device("cpu")


def fails(message: str):
    """Expect a ValueError with exactly this message."""
    return pytest.raises(ValueError, match=f"^{re.escape(message)}$")


def test_expect():
    expect(True, "key", "this", "that")
    with fails("key: expected this, got that"):
        expect(False, "key", "this", "that")


def test_whole_numbers_are_of_one_dtype_and_have_these_axes():
    words = torch.ones(2, 5, dtype=torch.int64)
    check_integers("words", words, "batch", "length")
    check_integers("words", words, 2, "length")
    kind, shape = "words: expected an int64 tensor", "words: expected shape"
    for wrong, got in {
        words.int(): "torch.int32",
        words.bool(): "torch.bool",
        words.double(): "torch.float64",
    }.items():
        with fails(f"{kind}, got {got}"):
            check_integers("words", wrong, "batch", "length")
    with fails(f"{kind}, got list"):
        check_integers("words", words.tolist(), "batch", "length")
    for wrong in (words[0], words[None], words[:0], words[:, :0]):
        with fails(f"{shape} (batch, length), got {tuple(wrong.shape)}"):
            check_integers("words", wrong, "batch", "length")
    with fails(f"{shape} (3, length), got (2, 5)"):
        check_integers("words", words, 3, "length")


def test_a_size_is_a_whole_number_that_is_large_enough():
    check_sizes(heads=1, length=5)
    check_sizes(offset=0, least=0)
    for wrong in (0, -1, 2.0, True, "2", None, torch.tensor(2)):
        with fails(f"length: expected an int, 1 or more, got {wrong}"):
            check_sizes(heads=1, length=wrong)
    with fails("offset: expected an int, 0 or more, got -1"):
        check_sizes(offset=-1, least=0)


def test_sizes_are_returned_by_name():
    sizes = check_shapes(
        query=(torch.ones(2, 3, 7), "batch target 7"),
        key=(torch.ones(2, 5, 7), "batch source features"),
    )
    assert sizes == {"batch": 2, "target": 3, "source": 5, "features": 7}


def test_a_size_that_differs_is_shown_with_what_it_should_be():
    with fails(
        "key: expected shape (batch, source, features=16), got (2, 5, 8)"
    ):
        check_shapes(
            query=(torch.ones(2, 3, 16), "batch target features"),
            key=(torch.ones(2, 5, 8), "batch source features"),
        )
    with fails(
        "key: expected shape (batch=2, source, features=16), got (3, 5, 8)"
    ):
        check_shapes(
            query=(torch.ones(2, 3, 16), "batch target features"),
            key=(torch.ones(3, 5, 8), "batch source features"),
        )


def test_a_fixed_size():
    with fails("key: expected shape (batch, 16), got (2, 8)"):
        check_shapes(key=(torch.ones(2, 8), "batch 16"))


def test_a_name_twice_in_one_shape():
    square = torch.ones(2, 5, 5)
    assert check_shapes(weights=(square, "batch length length")) == {
        "batch": 2,
        "length": 5,
    }
    with fails(
        "weights: expected shape (batch, length, length=5), got (2, 5, 7)"
    ):
        check_shapes(weights=(torch.ones(2, 5, 7), "batch length length"))


def test_any_number_of_leading_axes():
    for shape in [(3, 5), (2, 3, 5), (7, 2, 3, 5)]:
        sizes = check_shapes(score=(torch.ones(shape), "... target source"))
        assert sizes == {"target": 3, "source": 5}
    with fails("score: expected shape (target, source), got (5,)"):
        check_shapes(score=(torch.ones(5), "... target source"))
    with fails("value: expected shape (2, source=5, features), got (2, 7, 3)"):
        check_shapes(
            score=(torch.ones(2, 3, 5), "... target source"),
            value=(torch.ones(2, 7, 3), "... source features"),
        )


@pytest.mark.parametrize(
    "shape", [(3, 5), (1, 5), (3, 1), (1, 1), (1, 3, 5), (2, 1, 5), (2, 3, 5)]
)
def test_mask_that_broadcasts_is_accepted(shape):
    mask = torch.ones(shape, dtype=torch.bool)
    check_mask(mask, (2, 3, 5), CPU)
    check_mask(mask, torch.Size((2, 3, 5)), CPU)


# The callables with checks: their tensor arguments and the shape of a mask.

SIZES = {
    "batch": 2,
    "heads": 3,
    "target": 5,
    "source": 7,
    "head_dim": 11,
    "value_dim": 13,
    "features": 17,
    "length": 19,
    "query_size": 29,
    "key_size": 31,
    "hidden": 37,
}
SCORE = GeneralScore(29, 31)
LOCAL = LocalAttention(SCORE, 29, 37, window=2)


@dataclass(frozen=True)
class Checked:
    name: str
    function: Callable
    axes: dict[str, str]
    mask: tuple[int, ...] | None = None

    def tensors(self) -> dict[str, Tensor]:
        return {
            name: torch.ones([SIZES.get(word) or int(word) for word in axes])
            for name, axes in (
                (name, axes.replace("... ", "batch heads ").split())
                for name, axes in self.axes.items()
            )
        }


STATES = {"query": "batch target 29", "encoder_outputs": "batch source 31"}
CHECKED = [
    Checked(
        "softmax", masked_softmax, {"score": "... target source"}, (2, 3, 5, 7)
    ),
    Checked("additive", AdditiveAttention(29, 31, 37), STATES, (2, 5, 7)),
    Checked(
        "additive, keys given",
        AdditiveAttention(29, 31, 37),
        STATES | {"projected_keys": "batch source 37"},
        (2, 5, 7),
    ),
    Checked(
        "project_keys",
        AdditiveAttention(29, 31, 37).project_keys,
        {"encoder_outputs": "batch source 31"},
    ),
    Checked(
        "dot",
        DotScore(),
        {"query": "batch target features", "key": "batch source features"},
    ),
    Checked(
        "general",
        SCORE,
        {"query": "batch target 29", "key": "batch source 31"},
    ),
    Checked(
        "concat",
        ConcatScore(29, 31, 37),
        {"query": "batch target 29", "key": "batch source 31"},
    ),
    Checked(
        "luong",
        LuongAttention(SCORE),
        {
            "query": "batch target query_size",
            "encoder_outputs": "batch source key_size",
        },
        (2, 5, 7),
    ),
    Checked(
        "local",
        LOCAL,
        {
            "query": "batch target query_size",
            "encoder_outputs": "batch source key_size",
        },
        (2, 5, 7),
    ),
    Checked(
        "position",
        lambda query: LOCAL.predict_position(query, 7),
        {"query": "batch target 29"},
    ),
    Checked(
        "scaled",
        attention,
        {
            "query": "batch heads target head_dim",
            "key": "batch heads source head_dim",
            "value": "batch heads source value_dim",
        },
        (2, 3, 5, 7),
    ),
    Checked(
        "scaled, causal",
        partial(attention, is_causal=True),
        {
            "query": "batch heads target head_dim",
            "key": "batch heads source head_dim",
            "value": "batch heads source value_dim",
        },
        (2, 3, 5, 7),
    ),
    Checked(
        "self",
        SelfAttention(17, 11),
        {"sequence": "batch length 17"},
        (2, 19, 19),
    ),
    Checked(
        "time first",
        TimeFirstAttention(37),
        {
            "decoder_hidden": "1 batch 37",
            "encoder_outputs": "source batch 37",
        },
    ),
]


def wrong_tensors(checked: Checked) -> Iterator:
    """List calls with one wrong tensor each, and the message expected."""
    for name, axes in checked.axes.items():
        tensor = checked.tensors()[name]
        shape = tuple(tensor.shape)
        words = axes.split()
        any_rank = words[0] == "..."
        listed = re.escape(f"({', '.join(words[any_rank:])})")
        labels = ", ".join(rf"{word}(=\d+)?" for word in words)

        def case(what, replacement, message, name=name):
            return pytest.param(
                checked,
                {name: replacement},
                message,
                id=f"{checked.name}-{name}-{what}",
            )

        yield case(
            "list", tensor.tolist(), f"{name}: expected a tensor, got list"
        )
        for dtype in (torch.int64, torch.bool, torch.complex64):
            yield case(
                dtype,
                tensor.to(dtype),
                f"{name}: expected a floating-point dtype, got {dtype}",
            )
        # Too few axes; too many, unless there may be any number.
        too_few = tensor.flatten(0, -2)[0] if any_rank else tensor[0]
        yield case(
            "fewer axes",
            too_few,
            rf"{name}: expected shape {listed}, "
            + re.escape(f"got {tuple(too_few.shape)}"),
        )
        if not any_rank:
            yield case(
                "more axes",
                tensor[None],
                rf"{name}: expected shape {listed}, "
                + re.escape(f"got {(1, *shape)}"),
            )
        for axis in range(tensor.dim()):
            empty = tensor.narrow(axis, 0, 0)
            yield case(
                f"axis {axis} empty",
                empty,
                rf"{name}: expected (no empty axis|shape \({labels}\)), "
                + re.escape(f"got {tuple(empty.shape)}"),
            )
        if any_rank:
            continue

        for axis, word in enumerate(words):
            longer = torch.cat((tensor, tensor.narrow(axis, 0, 1)), axis)
            got = re.escape(f"got {tuple(longer.shape)}")
            if word.isdigit():
                message = rf"{name}: expected shape {listed}, {got}"
            else:
                # The size of another argument differs; which of the two is
                # named depends on which one is checked first.
                others = [
                    other
                    for other in checked.axes
                    if other != name and word in checked.axes[other].split()
                ]
                if not others:
                    continue
                names = "|".join([name, *others])
                message = rf"({names}): expected shape \(.*{word}=\d+.*\), got"
            yield case(f"axis {axis} longer", longer, message)

        if len(checked.axes) > 1:
            names = "|".join(other for other in checked.axes if other != name)
            for what, replacement, right, wrong in (
                (
                    "dtype",
                    tensor.double(),
                    "torch.float32",
                    "torch.float64",
                ),
                ("device", tensor.to("meta"), "cpu", "meta"),
            ):
                yield case(
                    what,
                    replacement,
                    rf"({name}: expected {right}, got {wrong}$)|"
                    rf"(({names}): expected {wrong}, got {right}$)",
                )


def wrong_masks(checked: Checked) -> Iterator:
    """List calls with a wrong mask each, and the message expected."""
    shape = checked.mask
    assert shape is not None
    right = torch.ones(shape, dtype=torch.bool)

    def case(what, mask, message):
        return pytest.param(
            checked,
            {"mask": mask},
            re.escape(f"mask: expected {message}") + "$",
            id=f"{checked.name}-mask-{what}",
        )

    boolean = "a boolean tensor, got"
    yield case("list", right.tolist(), f"{boolean} list")
    for dtype in (torch.float32, torch.int64, torch.uint8):
        yield case(dtype, right.to(dtype), f"{boolean} {dtype}")
    yield case("device", right.to("meta"), "cpu, got meta")

    axes = f"2 to {len(shape)} axes that broadcast to {shape}, got"
    wrong_shapes = [(), shape[-1:], (1,), (1, *shape)]
    for axis, size in enumerate(shape):
        for wrong in (0, size - 1, size + 1):
            # A size that is one less than 2 is 1, and broadcasts.
            if wrong != 1:
                wrong_shapes.append((*shape[:axis], wrong, *shape[axis + 1 :]))
    for wrong_shape in wrong_shapes:
        mask = torch.ones(wrong_shape, dtype=torch.bool)
        yield case(wrong_shape, mask, f"{axes} {wrong_shape}")


@pytest.mark.parametrize("checked", CHECKED, ids=lambda checked: checked.name)
def test_right_call_is_accepted(checked):
    checked.function(**checked.tensors())
    if checked.mask is not None:
        mask = torch.ones(checked.mask, dtype=torch.bool)
        rows, columns = mask[..., :1, :], mask[..., :1]
        for right in (mask, mask[:1], mask[0], rows, columns):
            checked.function(**checked.tensors(), mask=right)


@pytest.mark.parametrize(
    ("checked", "wrong", "message"),
    [
        case
        for checked in CHECKED
        for cases in (
            wrong_tensors(checked),
            wrong_masks(checked) if checked.mask else (),
        )
        for case in cases
    ],
)
def test_wrong_call_is_answered(checked, wrong, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        checked.function(**(checked.tensors() | wrong))
