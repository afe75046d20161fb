"""The arithmetic and the workload of `bench engine`; its figures are measured, not tested."""

import sys

import pytest

from chatwright.cli.bench_engine import compare, describe_machine, grounded_chat, run_engine_bench
from chatwright.errors import ConfigError

OURS = {
    "prefill_tokens_per_s": 1200.0,
    "decode_tokens_per_s": 33.0,
    "throughput_8_tokens_per_s": 80.0,
    "first_token_8_s": 1.0,
}
PEER = {
    "prefill_tokens_per_s": 200.0,
    "decode_tokens_per_s": 30.0,
    "throughput_8_tokens_per_s": 20.0,
    "first_token_8_s": 8.0,
}


def test_every_ratio_is_our_advantage():
    assert compare(OURS, PEER) == {"prefill": 6.0, "decode": 1.1, "throughput_8": 4.0, "first_token_8": 8.0}
    assert all(ratio < 1 for ratio in compare(PEER, OURS).values())


def test_chats_share_the_system_prefix_and_nothing_else():
    chats = [grounded_chat(number) for number in range(9)]
    assert len({chat[0].content for chat in chats}) == 1
    assert len({chat[1].content for chat in chats}) == 9
    assert chats[3] == grounded_chat(3)


def test_the_machine_is_described():
    assert {"cpu", "cores", "threads_used", "instructions", "load_average"} <= set(describe_machine())


@pytest.mark.parametrize(("peer", "n", "told"), [("lamacpp", 1, "llamacpp"), ("llamacpp", 0, "at least 1")])
def test_a_wrong_peer_or_number_is_named(tmp_path, peer, n, told):
    with pytest.raises(ConfigError, match=told):
        run_engine_bench(tmp_path, tmp_path, peer=peer, n=n)


def test_a_missing_peer_is_told_with_the_command_that_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ConfigError, match=r"pip install 'chatwright\[llamacpp\]'"):
        run_engine_bench(tmp_path, tmp_path, peer="llamacpp", n=1)
