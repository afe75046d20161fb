"""练习流程调用的函数：从 course.yaml 选题、判断答案、给提示。"""

from fractions import Fraction
from pathlib import Path
from typing import Any

from chatwright.actions import action
from chatwright.messages import ActionCall
from chatwright.yamlfile import YamlFile

EXERCISES: list[dict[str, Any]] = YamlFile(Path(__file__).with_name("course.yaml")).values["exercises"]


@action
def choose_exercise(skill: str, call: ActionCall) -> dict[str, Any]:
    """The next exercise of the skill, after the one before it."""
    own = [each for each in EXERCISES if each["skill"] == skill] or EXERCISES
    ids = [each["id"] for each in own]
    before = call.slots.get("exercise_id")
    found = own[(ids.index(before) + 1) % len(own)] if before in ids else own[0]
    return {"exercise_id": found["id"], "exercise_text": found["question"], "num_tries": 0, "is_solved": False}


@action
def judge_answer(pupil_answer: str, exercise_id: str, call: ActionCall) -> dict[str, Any]:
    """Right, a hint, or after the last hint the answer."""
    exercise = next(each for each in EXERCISES if each["id"] == exercise_id)
    tries = int(call.slots.get("num_tries") or 0)
    zh = call.language == "zh"
    if _same(pupil_answer, str(exercise["answer"])):
        return {"is_solved": True, "verdict": "答对了！" if zh else "That is right!"}
    if tries < len(exercise["hints"]):
        hint = exercise["hints"][tries]
        return {"num_tries": tries + 1, "verdict": f"还不对。提示：{hint}" if zh else f"Not yet. A hint: {hint}"}
    answer = exercise["answer"]
    return {"is_solved": True, "verdict": f"答案是 {answer}。" if zh else f"The answer is {answer}."}


def _same(said: str, answer: str) -> bool:
    """Equal as numbers where both are, else as texts."""
    try:
        return Fraction(said.replace(" ", "")) == Fraction(answer.replace(" ", ""))
    except (ValueError, ZeroDivisionError):
        return said.strip().casefold() == answer.strip().casefold()
