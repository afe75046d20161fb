"""The GGUF header reader: believes whole files, refuses every kind of damage with a reason, in bounded memory."""

import contextlib
import resource
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from gguf import GGUFWriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatwright.errors import ConfigError
from chatwright.models import read_gguf_header


def write_gguf(path: Path, **extra: str) -> Path:
    writer = GGUFWriter(path, "llama")
    writer.add_name("tiny")
    writer.add_context_length(128)
    writer.add_chat_template("{{ messages }}")
    writer.add_token_list(["a", "b", "c"])
    for key, value in extra.items():
        writer.add_string(key, value)
    writer.add_tensor("w", np.zeros((4, 32), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def test_whole_file(tmp_path: Path) -> None:
    header = read_gguf_header(write_gguf(tmp_path / "tiny.gguf"))
    assert (header.architecture, header.name, header.context_length) == ("llama", "tiny", 128)
    assert header.has_chat_template
    assert header.tensor_types == (("F32", 1),)
    assert header.num_parameters == 128


def header_bytes(num_tensors: int = 0, num_pairs: int = 0, body: bytes = b"", version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, num_tensors, num_pairs) + body


def pair(key: str, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(key)) + key.encode() + struct.pack("<I", kind) + value


def string(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


ARCHITECTURE = pair("general.architecture", 8, string("llama"))


def tensor(dimensions: tuple[int, ...], kind: int = 0, offset: int = 0) -> bytes:
    shape = b"".join(struct.pack("<Q", size) for size in dimensions)
    return string("w") + struct.pack("<I", len(dimensions)) + shape + struct.pack("<IQ", kind, offset)


PAD = b"\0" * 4096


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the magic"),
        (b"PK\x03\x04" + PAD, "does not begin with GGUF"),
        (header_bytes(version=1) + PAD, "version 1"),
        (header_bytes(num_tensors=2**63), "claims"),
        (header_bytes(num_pairs=2**40), "claims"),
        (header_bytes(num_pairs=1, body=pair("k", 99, b"") + PAD), "unknown type 99"),
        (header_bytes(num_pairs=1, body=pair("k", 8, struct.pack("<Q", 2**62)) + PAD), "claims"),
        (header_bytes(num_pairs=1, body=pair("k", 9, struct.pack("<IQ", 4, 2**62)) + PAD), "the file ends"),
        (header_bytes(num_pairs=1, body=pair("k", 9, struct.pack("<IQ", 8, 2**50)) + PAD), "the file ends"),
        (header_bytes(num_pairs=1, body=pair("k", 9, struct.pack("<IQ", 9, 1)) + PAD), "unsupported type 9"),
        (header_bytes(num_pairs=2, body=ARCHITECTURE * 2 + PAD), "twice"),
        (header_bytes(body=PAD), "general.architecture is missing"),
        (
            header_bytes(num_pairs=2, body=ARCHITECTURE + pair("general.alignment", 4, struct.pack("<I", 2**31)) + PAD),
            "alignment",
        ),
        (header_bytes(1, 1, ARCHITECTURE + string("w") + struct.pack("<I", 2**32 - 1) + PAD), "dimensions"),
        (header_bytes(1, 1, ARCHITECTURE + tensor((2**62, 2**62)) + PAD), "ends at byte"),
        (header_bytes(1, 1, ARCHITECTURE + tensor((0,)) + PAD), "not a multiple"),
        (header_bytes(1, 1, ARCHITECTURE + tensor((32,), kind=200) + PAD), "unknown type 200"),
        (header_bytes(1, 1, ARCHITECTURE + tensor((32,), offset=7) + PAD), "not aligned"),
        (header_bytes(1, 1, ARCHITECTURE + tensor((32,), offset=2**63) + PAD), "ends at byte"),
    ],
)
def test_refused_with_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.gguf"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_gguf_header(path)
    assert reason in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_truncated_at_every_percent_is_refused(tmp_path: Path) -> None:
    whole = write_gguf(tmp_path / "tiny.gguf").read_bytes()
    path = tmp_path / "cut.gguf"
    for percent in range(100):
        path.write_bytes(whole[: len(whole) * percent // 100])
        with pytest.raises(ConfigError):
            read_gguf_header(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(position=st.integers(0, 400), value=st.binary(min_size=1, max_size=9))
def test_any_damage_is_read_or_refused(tmp_path: Path, position: int, value: bytes) -> None:
    content = bytearray(write_gguf(tmp_path / "tiny.gguf").read_bytes())
    content[position : position + len(value)] = value
    path = tmp_path / "damaged.gguf"
    path.write_bytes(bytes(content))
    with contextlib.suppress(ConfigError):  # any other exception fails
        assert read_gguf_header(path).num_tensors <= 100_000


def test_memory_stays_small(tmp_path: Path) -> None:
    """A sparse file of 8 GiB that claims one string of all of it is refused within 400 MB of address space."""
    path = tmp_path / "huge.gguf"
    with path.open("wb") as file:
        file.write(header_bytes(num_pairs=1, body=pair("k", 8, struct.pack("<Q", 2**33))))
        file.truncate(2**33)
    program = "import sys; from pathlib import Path; from chatwright.models.gguf_header import read_gguf_header; "
    program += "read_gguf_header(Path(sys.argv[1]))"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (400 * 2**20, 400 * 2**20))

    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, preexec_fn=limit, check=False
    )
    assert done.returncode == 1
    assert "ConfigError" in done.stderr
    assert "MemoryError" not in done.stderr
