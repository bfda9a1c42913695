"""Strict, frozen models whose faults are reported with their place in the text."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from simcore.document import Document, Keys
from simcore.errors import InputError, Problem, did_you_mean
from simcore.labels import say, say_again


class Strict(BaseModel):
    """A model that refuses unknown keys and is never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=False)


FAULTS = (
    "input should be a valid integer",
    "input should be a valid integer, unable to parse string as an integer",
    "input should be a valid integer, got a number with a fractional part",
    "unable to parse input string as an integer, exceeded maximum size",
    "input should be a valid number",
    "input should be a valid number, unable to parse string as a number",
    "input should be a finite number",
    "input should be a valid string",
    "input should be a valid boolean",
    "input should be a valid boolean, unable to interpret input",
    "input should be a valid list",
    "input should be a valid tuple",
    "input should be a valid dictionary",
    "input should be a valid dictionary or instance of {name}",
    "input should be a dictionary or an instance of {name}",
    "input should be None",
    "input should be greater than or equal to {least}",
    "input should be greater than {least}",
    "input should be less than or equal to {most}",
    "input should be less than {most}",
    "string should match pattern '{pattern}'",
    "string should have at least {least} character",
    "string should have at least {least} characters",
    "string should have at most {most} characters",
    "{kind} should have at least {least} item after validation, not {found}",
    "{kind} should have at least {least} items after validation, not {found}",
    "{kind} should have at most {most} items after validation, not {found}",
)
"""templates of pydantic's messages; those of other types are said in English"""

Model = TypeVar("Model", bound=Strict)


def _no_truth_value(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(say("{value} is no number", value=str(value).lower()))
    return value


Whole = Annotated[int, BeforeValidator(_no_truth_value)]
"""A whole number; true is none."""
Version = Annotated[Literal[1], BeforeValidator(_no_truth_value)]
"""The version of the file format."""


def validated(
    model: type[Model], document: Document, context: dict[str, Any] | None = None
) -> Model:
    """Validate a document; raises `InputError` with every problem, each where it stands."""
    if not isinstance(document.data, dict):
        raise InputError([document.problem((), say("a mapping of keys is expected"))])
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as error:
        raise InputError(problems(model, document, error)) from None


def problems(model: type[Strict], document: Document, error: ValidationError) -> list[Problem]:
    """Turn pydantic's errors into problems with file, line and column."""
    found = []
    for fault in error.errors(include_url=False):
        keys = _keys_in(document.data, fault["loc"])
        found.append(document.problem(keys, _message(model, keys, fault)))
    return found


def _keys_in(data: Any, location: tuple[int | str, ...]) -> Keys:
    """Return the part of pydantic's location that are keys of the data (it adds union tags)."""
    keys: list[int | str] = []
    for part in location:
        if isinstance(data, dict):
            key = next((key for key in data if str(key) == str(part)), None)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            key = part
        else:
            key = None
        if key is not None:
            keys.append(key)
            data = data[key]
    return tuple(keys)


def _message(model: type[Strict], keys: Keys, fault: Any) -> str:
    last = str(fault["loc"][-1]) if fault["loc"] else ""
    match fault["type"]:
        case "extra_forbidden":
            known = sorted(_fields(model, keys[:-1]))
            near = did_you_mean(last, known)
            near = near or say("; known here: {names}", names=", ".join(known))
            return say("unknown key '{name}'{near}", name=last, near=near)
        case "unexpected_keyword_argument":
            return say("unknown key '{name}'{near}", name=last, near="")
        case "missing":
            return say("the key '{name}' is missing", name=last)
        case "value_error":
            return str(fault["ctx"]["error"])
        case "literal_error" | "enum":
            names = fault["ctx"]["expected"].replace(" or ", say(" or "))
            return say("'{value}' is not one of {names}", value=fault["input"], names=names)
    wrong = say_again(f"{fault['msg'][0].lower()}{fault['msg'][1:]}", FAULTS)
    return say("{wrong}, not {value!r:.60}", wrong=wrong, value=fault["input"])


def _fields(annotation: Any, keys: Keys) -> set[str]:
    """Names of the fields that a model knows at a key path."""
    models, rest = _models(annotation), list(keys)
    if not rest:
        return {name for model in models for name in model.model_fields}
    if models:
        known = [model.model_fields.get(str(rest[0])) for model in models]
        inner = [field.annotation for field in known if field]
        return {name for part in inner for name in _fields(part, tuple(rest[1:]))}
    return {name for part in get_args(annotation) for name in _fields(part, tuple(rest[1:]))}


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation is, or is a union or optional of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (dict, list, tuple):
        return []
    return [model for part in get_args(annotation) for model in _models(part)]


def json_schema(model: type[Strict]) -> dict[str, Any]:
    """Return the JSON Schema of a file's model, for editors."""
    schema = model.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
