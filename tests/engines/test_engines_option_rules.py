"""Options out of range are refused by name."""

import pytest

from chatwright.engines.option_rules import MAX_GRAMMAR_CHARS, check_alternatives, check_options
from chatwright.errors import RequestError
from chatwright.messages import GenerateOptions


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"max_new_tokens": 0}, "max_tokens"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"presence_penalty": 2.5}, "presence_penalty"),
        ({"frequency_penalty": -3.0}, "frequency_penalty"),
        ({"logprobs": 21}, "top_logprobs"),
        ({"seed": 2**63}, "seed"),
        ({"stop": ("a",) * 17}, "stop"),
        ({"stop": ("a" * 1001,)}, "stop"),
        ({"json_schema": "{}", "regex": "a"}, "response_format"),
        ({"json_schema": "{"}, "response_format"),
        ({"json_schema": "[]"}, "response_format"),
        ({"json_schema": '{"type": "nope"}'}, "response_format"),
        ({"json_schema": '{"$ref": "http://example.com/x"}'}, "response_format"),
        ({"regex": "(("}, "response_format"),
        ({"regex": "a" * (MAX_GRAMMAR_CHARS + 1)}, "response_format"),
        ({"timeout_s": 0.0}, "timeout"),
    ],
)
def test_each_fault_names_its_field(fields, param):
    with pytest.raises(RequestError) as caught:
        check_options(GenerateOptions(**fields))
    assert caught.value.param == param


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"temperature": 2.0, "top_p": 0.5, "seed": -(2**63)},
        {"logprobs": 20},
        {"json_schema": '{"type": "object"}'},
        {"regex": "(是|否)"},
    ],
)
def test_options_in_range_pass(fields):
    check_options(GenerateOptions(**fields))


@pytest.mark.parametrize(
    ("fields", "is_possible"),
    [
        ({}, True),
        ({"logprobs": 0, "temperature": 1.0}, True),
        ({"logprobs": 1}, True),
        ({"logprobs": 2}, False),
        ({"logprobs": 1, "temperature": 0.7}, False),
        ({"logprobs": 1, "regex": "是|否"}, False),
        ({"logprobs": 1, "frequency_penalty": 0.5}, False),
    ],
)
def test_alternatives_that_the_engine_does_not_know_are_refused_not_left_out(fields, is_possible):
    if is_possible:
        check_alternatives(GenerateOptions(**fields))
        return
    with pytest.raises(RequestError, match="chosen token only") as caught:
        check_alternatives(GenerateOptions(**fields))
    assert (caught.value.status, caught.value.code, caught.value.param) == (400, "unsupported_value", "top_logprobs")
