"""What is printed never commands the terminal."""

import pytest

from chatwright.cli.show import plain, size


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("hello\n你好\tx", "hello\n你好\tx"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]52;c;cGF5bG9hZA==\x07", "]52;c;cGF5bG9hZA=="),
        ("a\x9b31mb", "a31mb"),
        ("over\rwrite\x08", "overwrite"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(("size_bytes", "shown"), [(491_400_064, "491 MB"), (1_117_320_736, "1.1 GB"), (0, "0 MB")])
def test_size(size_bytes: int, shown: str) -> None:
    assert size(size_bytes) == shown
