"""What is wrong with an input, said in French and in English: pydantic's errors as breaches.

Validators of the house raise `flaw(...)`, which carries both languages; patterns are declared with
`shaped(...)`, which keeps the sentence that explains them. Everything else is in `sentences`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from pydantic import StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from comptoir.kernel.errors import Breach
from comptoir.kernel.sentences import SENTENCES

_SHAPES: dict[str, tuple[str, str]] = {}


def flaw(code: str, fr: str, en: str) -> PydanticCustomError:
    """The `ValueError` that a validator raises, in both languages."""
    return PydanticCustomError(code, "{en}", {"fr": fr, "en": en})


def shaped(pattern: str, fr: str, en: str) -> StringConstraints:
    """The constraint of a text of this pattern, and what to tell who breaks it."""
    _SHAPES[pattern] = (fr, en)
    return StringConstraints(pattern=pattern)


def pointer(loc: Sequence[int | str]) -> str:
    """The JSON pointer (RFC 6901) of a pydantic location: `("lines", 0)` → `/lines/0`."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in loc if step != "[key]")
    return "".join(f"/{step}" for step in steps)


def explain(error: ErrorDetails) -> tuple[str, str, str]:
    """The code of one error, and its sentence in French and in English."""
    kind, context = error["type"], error.get("ctx", {})
    if "fr" in context:
        return kind, str(context["fr"]), str(context["en"])
    if kind == "string_pattern_mismatch" and context["pattern"] in _SHAPES:
        return kind, *_SHAPES[context["pattern"]]
    fr, en = SENTENCES.get(kind, ("Valeur refusée : {message}.", "Value refused: {message}."))
    told: dict[str, Any] = {"message": error["msg"], "plural": _plural(context)} | context
    told |= {name: f"{value:f}" for name, value in told.items() if isinstance(value, Decimal)}
    in_french = {"expected": str(told["expected"]).replace(" or ", " ou ")} if "expected" in told else {}
    return kind, fr.format_map(told | in_french), en.format_map(told)


def _plural(context: dict[str, Any]) -> str:
    limits = ("max_length", "min_length", "max_digits", "decimal_places", "whole_digits")
    return "s" if any(context.get(name, 0) > 1 for name in limits) else ""


def breaches(error: ValidationError, prefix: str = "") -> list[Breach]:
    """Every error of a validation as a breach; `prefix` is the pointer of what was validated."""
    found, details = [], error.errors(include_url=False, include_input=False)
    for detail in details:
        if _emptied(detail, details):
            continue
        code, fr, en = explain(detail)
        found.append(Breach(code=code, fr=fr, en=en, pointer=prefix + pointer(detail["loc"])))
    return found


def _emptied(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """Whether a list is too short only for its faulty elements, which pydantic does not count: those are told."""
    if detail["type"] != "too_short":
        return False
    loc, size, context = detail["loc"], len(detail["loc"]), detail["ctx"]
    within = {other["loc"][size] for other in details if len(other["loc"]) > size and other["loc"][:size] == loc}
    return bool(context["actual_length"] + len(within) >= context["min_length"])
