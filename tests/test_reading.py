"""Input files: only regular ones are opened, of bounded size."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from flowopt.reading import UnfitFileError, input_bytes, input_json

posix = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes in the file system")


def refusal(path: Path) -> str:
    with pytest.raises(UnfitFileError) as caught:
        input_bytes(path)
    return str(caught.value.strerror)


@posix
def test_a_pipe_nobody_writes_to_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe") == "it is a pipe, not a regular file"
    assert refusal(tmp_path / "link") == "it is a pipe, not a regular file"


@posix
def test_a_device_and_a_socket_are_refused(tmp_path: Path) -> None:
    assert refusal(Path("/dev/zero")) == "it is a device, not a regular file"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "s"))
        assert refusal(tmp_path / "s") == "it is a socket, not a regular file"


def test_a_folder_is_none(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        input_bytes(tmp_path)


def test_the_size_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"12345")
    assert input_bytes(path, most=5) == b"12345"
    with pytest.raises(UnfitFileError, match="it has more than 4 bytes, the most that is read"):
        input_bytes(path, most=4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 200_000, "nested too deeply"),
        ('{"a":' * 200_000, "nested too deeply"),
        (f'{{"a": {"9" * 5000}}}', "a number of 5,000 digits"),
        ("{", "Expecting"),
    ],
)
def test_hostile_json_is_a_value_error(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        input_json(path)


def test_a_byte_order_mark_is_no_part_of_json(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": 1}', encoding="utf-8-sig")
    assert input_json(path) == {"a": 1}
