"""Changes of a thing's head: what is not sent stays, so that nothing is lost by leaving it out (RFC 7396)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict, ValidationError
from pydantic_core import to_jsonable_python

from comptoir.access.execute import Command
from comptoir.kernel.errors import Refused
from comptoir.kernel.explain import breaches
from comptoir.kernel.model import Model

_LONGEST = 60


class Merge(Command):
    """A command that changes some of the `fields` of a thing, by the rules of a JSON merge patch.

    Fields that are not sent stay as they are, within an object too; null puts one back to what it is
    when nothing was ever entered; a list replaces the whole list. Every command on the head of a thing
    is one, and a PATCH; what a PUT sends is the whole of something: a list, a table, a definition.
    """

    model_config = ConfigDict(extra="allow")
    guarded: ClassVar[bool] = True
    fields: ClassVar[type[Model]]

    @property
    def sent(self) -> Mapping[str, Any]:
        """What was sent, as JSON."""
        return dict(to_jsonable_python(self.model_extra or {}))

    def named(self, *fields: str) -> list[str]:
        """The identifiers or codes that these fields were sent with: what `keys` may read beforehand."""
        values = (self.sent.get(field) for field in fields)
        return [value for value in values if isinstance(value, str) and 0 < len(value) <= _LONGEST]

    def merged(self, before: Model) -> Any:
        """The fields of `before` with what was sent. Errors: `Refused` with everything that is malformed."""
        known = before.model_dump(mode="json", include=set(self.fields.model_fields))
        try:
            return self.fields.model_validate(_merge(known, self.sent))
        except ValidationError as error:
            raise Refused(breaches(error)) from error


def _merge(known: Any, patch: Any) -> Any:
    if not isinstance(patch, Mapping):
        return patch
    result = dict(known) if isinstance(known, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merge(result.get(name), value)
    return result
