"""The base of every value of the house: frozen, closed to unknown fields, built once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value; unknown fields are refused; the schema is built on first use."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def change(self, **fields: Any) -> Self:
        """The same value with other fields, validated again (never `model_copy(update=…)`)."""
        values = self.picked(type(self).model_fields) | (self.model_extra or {})
        return type(self).model_validate(values | fields)

    def picked(self, names: Iterable[str]) -> dict[str, Any]:
        """The fields of these names, as they are: to build another value that has them too."""
        return {name: getattr(self, name) for name in names}
