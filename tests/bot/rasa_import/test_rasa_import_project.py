"""Broken, old, foreign and hostile projects: what is wrong is told with its place, the rest goes on, nothing gets out."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.bot.rasa_import.imported import imported, write

from chatwright.bot.rasa_import import Report, import_rasa
from chatwright.errors import ConfigError
from chatwright.yamlfile import YamlFile

SMALL = {
    "domain.yml": "intents: [greet]\nresponses:\n  utter_greet:\n    - text: Hello there\n",
    "data/nlu.yml": "nlu:\n- intent: greet\n  examples: |\n    - good day\n    - hi\n",
    "data/rules.yml": "rules:\n- rule: hello\n  steps:\n  - intent: greet\n  - action: utter_greet\n",
}
BILLION = "\n".join(
    ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
)


def outcomes(report: Report, kind: str) -> dict[str, str]:
    return {entry.name: entry.outcome for entry in report.entries if entry.kind == kind}


def told(report: Report, place: str) -> str:
    return " ".join(f"{entry.outcome}: {entry.note}" for entry in report.entries if entry.place == place)


@pytest.mark.parametrize(
    ("files", "place", "note"),
    [
        ({"data/bad.yml": "a: [1\n"}, "data/bad.yml:2", "left: expected ',' or ']'"),
        ({"data/bad.yml": "\ta: 1\n"}, "data/bad.yml:1", "left: found character '\\t'"),
        ({"data/list.yml": "- a\n"}, "data/list.yml:1", "left: It is no mapping"),
        ({"docker-compose.yml": "services: {}\n"}, "docker-compose.yml:1", "left: It has no section that Rasa knows."),
        ({"data/aliases.yml": BILLION}, "data/aliases.yml:1", "left: aliases.yml: it stands for more than 500000 values"),
        ({"data/old.md": "## intent:greet\n- hi\n"}, "data/old.md:1", "left: Training data of Rasa 1"),
        ({"data/old.json": '{"rasa_nlu_data": {}}'}, "data/old.json:1", "left: Training data of Rasa 1"),
        ({"helper.py": "x = 1\n"}, "helper.py:1", "left: Python outside of `actions` is not copied."),
        ({"domain2.yml": "slots:\n  a:\n    type: text\n  a:\n    type: bool\n"}, "domain2.yml:4", "stands there twice"),
        ({"d2.yml": "slots:\n  a.b:\n    type: text\n"}, "d2.yml:2", "left: A slot cannot have this name here."),
        ({"d2.yml": "slots:\n  a:\n    type: my.Slot\n"}, "d2.yml:2", "approximated: Its type 'my.Slot' is a class"),
        ({"d2.yml": "slots:\n  a:\n    type: categorical\n"}, "d2.yml:2", "approximated: It is categorical without values"),
        ({"d2.yml": "intents: 5\n"}, "d2.yml:1", "left: `intents` is neither a list nor a mapping."),
        ({"d2.yml": "responses:\n  utter_x:\n    - text:\n"}, "d2.yml:2", "left: It says nothing."),
        ({"d2.yml": "responses:\n  utter_greet:\n    - text: Other\n"}, "domain.yml:3", "left: Another file defines it"),
        ({"d2.yml": "responses:\n  utter_x:\n    - text: a\n      colour: red\n"}, "d2.yml:2", "The key 'colour' was left out."),
        ({"data/s.yml": "stories: 5\n"}, "data/s.yml:1", "left: `stories` is no list."),
        ({"data/s.yml": "stories:\n- story: a\n"}, "data/s.yml:2", "left: It has no list of `steps`."),
        ({"data/s.yml": "stories:\n- story: a\n  steps:\n  - checkpoint: nowhere\n  - action: utter_greet\n"}, "data/s.yml:2", "left: Nothing leads to its checkpoint"),
        ({"data/s.yml": "stories:\n- story: a\n  steps:\n  - action: utter_greet\n"}, "data/s.yml:2", "left: It does not begin with what the visitor says"),
        ({"data/s.yml": "stories:\n- story: a\n  steps:\n  - intent: bye\n  - action: utter_gone\n"}, "data/s.yml:2", "left: Response 'utter_gone' is nowhere in the project"),
        ({"data/s.yml": "stories:\n- story: a\n  steps:\n  - intent: greet\n  - action: action_other\n"}, "data/s.yml:2", "approximated: Where it runs 'action_other', another runs 'utter_greet'"),
        ({"data/n.yml": "nlu:\n- examples: |\n    - x\n"}, "data/n.yml:2", "left: It has none of intent"),
        ({"data/n.yml": "nlu:\n- intent: a\n  examples: 7\n"}, "data/n.yml:2", "left: It has no examples."),
        ({"data/n.yml": 'nlu:\n- intent: a\n  examples: |\n    - to [Rome]{"entity" "city"}\n'}, "data/n.yml:2", "approximated: The mark of [Rome] is not JSON"),
        ({"data/n.yml": "nlu:\n- regex: a\n  examples: |\n    - (x\n"}, "data/n.yml:2", "left: It has no examples. The pattern '(x' was left out"),
        ({"data/f.yml": "flows: []\n"}, "data/f.yml:1", "left: `flows` is no mapping of ids."),
        ({"data/f.yml": "flows:\n  a b:\n    steps: []\n"}, "data/f.yml:2", "left: A flow cannot have this id."),
        ({"data/f.yml": "flows:\n  a:\n    description: x\n"}, "data/f.yml:2", "left: It has no list of `steps`."),
        ({"data/f.yml": "flows:\n  a:\n    description: x\n    if: slots.a >< 2\n    steps:\n    - action: utter_greet\n"}, "data/f.yml:2", "cannot be read and never holds"),
        ({"data/f.yml": "flows:\n  a:\n    description: x\n    steps:\n    - call: elsewhere\n"}, "data/f.yml:2", "approximated: The step that goes to 'elsewhere'"),
        ({"config.yml": "language: de\n"}, "config.yml:1", "left: The bot speaks Chinese and English"),
        ({"credentials.yml": "telegram:\n  access_token: x\n"}, "credentials.yml:1", "left: This channel has no counterpart"),
        ({"endpoints.yml": 'action_endpoint:\n  url: "${ACTION_URL}"\n'}, "endpoints.yml:1", "approximated: Its URL '${ACTION_URL}' is filled in by Rasa"),
        ({"actions/actions.py": "def (:\n"}, "actions/actions.py:1", "approximated: Copied, though it is not valid Python"),
        ({"tests/test_a.yml": "stories:\n- story: a\n  steps:\n  - intent: greet\n"}, "tests/test_a.yml:2", "left: It does not say what the visitor says"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_rest_goes_on(
    tmp_path: Path, files: Mapping[str, str], place: str, note: str
) -> None:
    folder, report = imported(tmp_path, {**SMALL, **files})
    assert note in told(report, place), [entry for entry in report.entries if entry.outcome != "converted"]
    assert report.problems == []
    assert "utter_greet" in (folder / "flows" / "replies.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("credentials", "written", "told_of"),
    [
        ("rest:\n", {"rest": True}, ["converted"]),
        ("rest:\nfacebook:\n  secret: s3cret\n", {"rest": True}, ["converted", "left"]),
        ("socketio:\n  session_persistence: true\n", {"rest": False, "socketio": {"session_persistence": True}}, ["converted"]),
        ("socketio:\n  jwt_key: s3cret\n", {"rest": False, "socketio": {"jwt_key": "${RASA_SOCKETIO_JWT_KEY}"}}, ["approximated"]),
        ("socketio:\n  jwt_key: ${MINE}\n", {"rest": False, "socketio": {"jwt_key": "${MINE}"}}, ["converted"]),
        (
            "callback:\n  url: https://example.org/bot\n  token: s3cret\n  cafile: /etc/ca.pem\n  headers:\n    X-Key: s3cret\n"
            "  basic_auth:\n    username: me\n    password: s3cret\n",
            {
                "rest": False,
                "callback": {
                    "url": "https://example.org/bot",
                    "token": "${RASA_CALLBACK_TOKEN}",
                    "headers": {"X-Key": "${RASA_CALLBACK_X_KEY}"},
                    "basic_auth": {"username": "me", "password": "${RASA_CALLBACK_PASSWORD}"},
                },
            },
            ["approximated"],
        ),
        ("callback:\n  url: not an address\n", None, ["left"]),
        ("socketio:\n  socketio_path: /v1/x\n", None, ["left"]),
        ("telegram:\n  access_token: s3cret\n", None, ["left"]),
    ],
)  # fmt: skip
def test_channels_move_without_their_secrets(
    tmp_path: Path, credentials: str, written: dict[str, object] | None, told_of: list[str]
) -> None:
    folder, report = imported(tmp_path, {**SMALL, "credentials.yml": credentials})
    assert [entry.outcome for entry in report.entries if entry.kind == "channel"] == told_of
    text = (folder / "bot.yaml").read_text(encoding="utf-8")
    assert "s3cret" not in text + (folder / "IMPORT.md").read_text(encoding="utf-8")
    channels = YamlFile(folder / "bot.yaml").values.get("channels")
    assert (channels or {}).get("rasa") == written
    assert report.problems == []


def test_every_part_is_counted_once(tmp_path: Path) -> None:
    _, report = imported(tmp_path, SMALL)
    assert report.counts() == {
        "intent": {"converted": 1, "approximated": 0, "left": 0},
        "response": {"converted": 1, "approximated": 0, "left": 0},
        "examples": {"converted": 1, "approximated": 0, "left": 0},
        "rule": {"converted": 1, "approximated": 0, "left": 0},
    }
    assert sum(sum(row.values()) for row in report.counts().values()) == len(report.entries)


def test_no_code_of_the_project_runs(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    code = f"open({str(trap)!r}, 'w').close()\n"
    imported(tmp_path, {**SMALL, "actions/__init__.py": code, "actions.py": code, "setup.py": code})
    assert not trap.exists()


def test_data_that_actions_name_is_copied_and_nothing_else(tmp_path: Path) -> None:
    code = 'A = "db"\nB = "prices.csv"\nC = "../outside.txt"\nD = "data"\nE = "linked"\n'
    (tmp_path / "outside.txt").write_text("x")
    root = write(
        tmp_path / "project",
        {**SMALL, "actions/__init__.py": code, "db/a/b.json": "{}", "prices.csv": "1", "other.csv": "2"},
    )
    (root / "linked").symlink_to(tmp_path)
    (root / "db" / "out.txt").symlink_to(tmp_path / "outside.txt")
    import_rasa(root, tmp_path / "bot")
    names = {path.relative_to(tmp_path / "bot").as_posix() for path in (tmp_path / "bot").rglob("*") if path.is_file()}
    written = {"IMPORT.md", "bot.yaml", "domain.yaml", "nlu.yaml", "flows/replies.yaml", "flows/patterns.yaml"}
    assert names == written | {"actions/__init__.py", "db/a/b.json", "prices.csv"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = write(
        tmp_path / "outside", {"secret.yml": "responses:\n  utter_x:\n    - text: secret\n", "more/a.yml": "a: 1\n"}
    )
    root = write(tmp_path / "project", SMALL)
    (root / "data" / "linked.yml").symlink_to(secret / "secret.yml")
    (root / "data" / "folder").symlink_to(secret)
    (root / "actions").mkdir()
    (root / "actions" / "linked.py").symlink_to(secret / "secret.yml")
    report = import_rasa(root, tmp_path / "bot")
    assert outcomes(report, "file") == {"data/linked.yml": "left", "data/folder": "left", "actions/linked.py": "left"}
    assert all("secret" not in path.read_text(encoding="utf-8") for path in (tmp_path / "bot" / "flows").rglob("*"))
    assert not (tmp_path / "bot" / "actions").exists()


@pytest.mark.parametrize(
    "name", ["../../up", "/etc/x", "a/../../b", "C:\\x", "\x1b[31m", "x" * 300, "你好", "con fig: [", "{{7*7}}", "null"]
)
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    quoted = '"' + name.replace("\\", "\\\\").replace("\x1b", "\\e") + '"'
    files = {
        "domain.yml": f"intents: [{quoted}]\nslots:\n  {quoted}:\n    type: text\nresponses:\n  utter_a:\n    - text: {quoted}\n",
        "data/rules.yml": f"rules:\n- rule: {quoted}\n  steps:\n  - intent: {quoted}\n  - action: utter_a\n",
        "data/flows.yml": f"flows:\n  {quoted}:\n    description: x\n    steps:\n    - action: utter_a\n",
        "data/nlu.yml": f"nlu:\n- intent: {quoted}\n  examples: |\n    - hello\n",
    }
    before = {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents and path != tmp_path}
    _, report = imported(tmp_path, files)
    after = {path for path in tmp_path.parent.rglob("*") if tmp_path not in path.parents and path != tmp_path}
    assert after == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bot", "project"]
    assert report.problems == []


@pytest.mark.parametrize(
    ("files", "code"),
    [({}, "no_project"), ({"readme.yml": "a: 1\n"}, "no_project"), ({"data/nlu.yml": "nlu: [\n"}, "no_project")],
)  # fmt: skip
def test_what_is_no_project_is_refused(tmp_path: Path, files: Mapping[str, str], code: str) -> None:
    (tmp_path / "project").mkdir()
    with pytest.raises(ConfigError) as caught:
        imported(tmp_path, files)
    assert caught.value.code == code
    assert not (tmp_path / "bot").exists()


def test_a_missing_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="There is no folder"):
        import_rasa(tmp_path / "none", tmp_path / "bot")


@pytest.mark.parametrize("taken", ["file", "folder", "link"])
def test_what_is_there_already_is_not_written_over(tmp_path: Path, taken: str) -> None:
    target = tmp_path / "bot"
    if taken == "file":
        target.write_text("mine")
    elif taken == "folder":
        write(target, {"mine.txt": "mine"})
    else:
        target.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError) as caught:
        import_rasa(write(tmp_path / "project", SMALL), target)
    assert caught.value.code == "target_taken"
    assert not (tmp_path / "elsewhere").exists()
