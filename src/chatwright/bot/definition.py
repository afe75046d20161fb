"""What a bot is, as its owner wrote it in `bot.yaml`. Unknown keys are refused with the line and the nearest known key.

In: a bot folder. Out: BotDefinition. Never loads a model, never opens an index.
"""

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from chatwright.actions.actions_settings import ActionSettings
from chatwright.bot.rasa_channels import RasaChannels
from chatwright.bot.silence import Silence
from chatwright.dialogue.rules.rule_settings import MAX_RULES, Rule, order_problems
from chatwright.dialogue.running.repair import REPAIR_TEXT_NAMES
from chatwright.dialogue.texts import TEXT_NAMES
from chatwright.errors import ConfigError, nearest
from chatwright.messages import Language
from chatwright.yamlfile import YamlFile

Scenario = Literal["support", "marketing", "tutor"]
Localized = dict[Language, str]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Persona(_Section):
    """How the bot presents itself: its first words, which say that it is an AI, its manner, and first questions."""

    greeting: Localized = Field(default_factory=dict)
    tone: Localized = Field(default_factory=dict)
    suggestions: dict[Language, tuple[str, ...]] = Field(default_factory=dict)


class ModelChoice(_Section):
    """Which language model words the answers, and how far it is trusted with that.

    wording: `quote` answers with the evidence's own words; `checked` lets the model word it and falls back to the
    quotation whenever a sentence is not supported or a quantity of the evidence is missing.
    """

    name: str = "qwen2.5-coder-0.5b"
    wording: Literal["quote", "checked"] = "quote"
    max_new_tokens: int = Field(default=160, ge=16, le=2048)


class Retrieval(_Section):
    """How much is looked at and how sure the bot must be; both thresholds are calibrated probabilities."""

    num_passages: int = Field(default=8, ge=1, le=50)
    faq_threshold: Probability = 0.8
    answer_threshold: Probability = 0.35


class Safety(_Section):
    """Limits on what a visitor may send."""

    max_message_chars: int = Field(default=4000, ge=50, le=32_000)


class Channels(_Section):
    """Where the bot may be embedded, web origins allowed to call it from a browser; and which of Rasa's channels it
    speaks."""

    allowed_origins: tuple[str, ...] = ()
    rasa: RasaChannels = RasaChannels()


class BotDefinition(_Section):
    """One bot. `texts` overrides any of the bot's fixed sentences by name (see docs/bot-folder.md)."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    scenario: Scenario = "support"
    title: Localized = Field(default_factory=dict)
    languages: tuple[Language, ...] = Field(default=("zh", "en"), min_length=1)
    persona: Persona = Persona()
    model: ModelChoice = ModelChoice()
    retrieval: Retrieval = Retrieval()
    safety: Safety = Safety()
    channels: Channels = Channels()
    actions: ActionSettings = ActionSettings()
    contact: Localized = Field(default_factory=dict)
    texts: dict[str, Localized] = Field(default_factory=dict)
    silence: Silence = Silence()
    rules: tuple[Rule, ...] = Field((), max_length=MAX_RULES)

    @field_validator("texts")
    @classmethod
    def _check_text_names(cls, texts: dict[str, Localized]) -> dict[str, Localized]:
        for name in texts:
            if name not in TEXT_NAMES | REPAIR_TEXT_NAMES:
                known = sorted(TEXT_NAMES | REPAIR_TEXT_NAMES)
                raise ValueError(f"unknown text {name!r}. {nearest(name, known)}")
        return texts


def load_definition(bot_dir: Path) -> BotDefinition:
    """The definition in `bot_dir`/bot.yaml. Raises ConfigError listing every problem with file, line and next step."""
    if not bot_dir.is_dir():
        raise ConfigError(
            f"There is no bot folder {bot_dir}.",
            hint=f"Make one with: chatwright new {bot_dir} --scenario support",
            code="bot_not_found",
        )
    file = YamlFile(bot_dir / "bot.yaml")
    if not isinstance(file.values, dict):
        raise ConfigError(f"{file.path}:1: expected keys such as `name: shop`.", hint="See docs/bot-folder.md.")
    try:
        definition = BotDefinition.model_validate(file.values)
    except ValidationError as err:
        problems = [_problem(file, problem) for problem in err.errors()]
        raise ConfigError(" ".join(problems), hint="See docs/bot-folder.md.", code="bot_invalid") from err
    if wrong := [f"{file.place(('rules', place))}: {what}" for place, what in order_problems(definition.rules)]:
        raise ConfigError(" ".join(wrong), hint="See docs/bot-folder.md.", code="bot_invalid")
    return definition


def _problem(file: YamlFile, problem: Any) -> str:
    """One validation problem as `path:line: what is wrong`."""
    location = problem["loc"]
    name = ".".join(str(part) for part in location)
    place = file.place(location)
    if problem["type"] == "extra_forbidden":
        return f"{place}: unknown key {name!r}. {nearest(str(location[-1]), _known_keys(location[:-1]))}"
    value = problem.get("input")
    shown = f" (it is {value!r})" if isinstance(value, str | int | float | bool) else ""
    return f"{place}: {name!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}{shown}."


def _known_keys(location: tuple[str | int, ...]) -> list[str]:
    model: Any = BotDefinition
    for part in location:
        if isinstance(part, int):  # a place in a list, whose items are all of one kind
            continue
        field = model.model_fields.get(part)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        model = next((kind for kind in kinds if hasattr(kind, "model_fields")), None)
        if model is None:
            return []
    return list(model.model_fields)
