"""Forms: urlencoded or multipart in, a validated model or a message per field in the reader's language out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.core.errors import Invalid, ReelroomError
from app.core.i18n import gettext as _
from app.core.i18n import ngettext
from app.web.exits import exits

Model = TypeVar("Model", bound=BaseModel)
PART_LIMIT = 8 * 1024 * 1024


class Form(Generic[Model]):
    """What a person typed, what is wrong with it, and the model it makes when nothing is."""

    def __init__(
        self,
        typed: Mapping[str, Sequence[str]],
        model: Model | None = None,
        errors: Mapping[str, str] | None = None,
        files: Mapping[str, Sequence[UploadFile]] | None = None,
    ) -> None:
        self._typed = {name: list(values) for name, values in typed.items()}
        self._model = model
        self.errors: dict[str, str] = dict(errors or {})
        self.files = dict(files or {})
        self.problem = ""

    @property
    def ok(self) -> bool:
        """Whether ``value`` can be used."""
        return self._model is not None and not self.errors and not self.problem

    @property
    def value(self) -> Model:
        """The validated model; raises ``Invalid`` with the message of each field when there is none."""
        if self._model is None or self.errors:
            raise Invalid("web.invalid_form", _("Some fields need another look."), fields=self.errors)
        return self._model

    def fail(self, error: ReelroomError | str, field: str = "") -> Form[Model]:
        """Say what a service found wrong, at ``field`` or over the whole form; returns the form."""
        message = error.message if isinstance(error, ReelroomError) else error
        if field:
            self.errors[field] = message
        else:
            self.problem = message
        return self

    def text(self, name: str) -> str:
        """Return what stands in field ``name``; of several values the first."""
        return next(iter(self._typed.get(name, [])), "")

    def texts(self, name: str) -> list[str]:
        """Return every value of field ``name``."""
        return self._typed.get(name, [])

    def file(self, name: str) -> UploadFile | None:
        """Return the file sent as ``name``, or none when nothing was chosen."""
        return next(iter(self.files.get(name, [])), None)


def blank_form(values: BaseModel | Mapping[str, Any] | None = None) -> Form[Any]:
    """Return a form to show for the first time, filled with ``values``."""
    given = values.model_dump(mode="json") if isinstance(values, BaseModel) else dict(values or {})
    return Form({name: _texts(value) for name, value in given.items() if value is not None})


async def read_form(request: Request, model: type[Model]) -> Form[Model]:
    """Return the form that was sent, checked against ``model``; wrong input is in ``errors``, it does not raise.

    Text is trimmed only where the model says so; an empty field counts as not given. Files are closed when the
    request has been answered. Raises ``Invalid`` when the body is no form at all.
    """
    sent = await _sent(request)
    typed: dict[str, list[str]] = {}
    files: dict[str, list[UploadFile]] = {}
    for name, value in sent.multi_items():
        if isinstance(value, str):
            typed.setdefault(name, []).append(value.replace("\r\n", "\n"))
        elif value.filename:
            files.setdefault(name, []).append(value)
    try:
        return Form(typed, model.model_validate(_arranged(model, typed)), files=files)
    except ValidationError as error:
        return Form(typed, errors=field_messages(error), files=files)


async def _sent(request: Request) -> FormData:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise Invalid("web.not_a_form", _("This address takes a form, and something else was sent."))
    try:
        sent = await request.form(max_part_size=PART_LIMIT)
    except HTTPException as error:
        raise Invalid("web.broken_form", _("The form arrived broken: send it again.")) from error
    exits(request).push_async_callback(sent.close)
    return sent


def _arranged(model: type[BaseModel], typed: Mapping[str, list[str]]) -> dict[str, Any]:
    """Return the typed texts as the model takes them: lists where it has lists, nothing where nothing was typed."""
    given: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        key = field.alias or name
        values = typed.get(key, [])
        if _is_list(field):
            given[key] = [value for value in values if value]
        elif values and values[-1] != "":
            given[key] = values[-1]
    return given


def _is_list(field: FieldInfo) -> bool:
    kinds = get_args(field.annotation) if get_origin(field.annotation) in {Union, UnionType} else (field.annotation,)
    return any(get_origin(kind) in {list, tuple, set, frozenset} for kind in kinds)


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["true"] if value else []
    if isinstance(value, list | tuple | set):
        return [str(item) for item in value]
    return [str(value)]


def field_messages(error: ValidationError) -> dict[str, str]:
    """Return one sentence per field that is wrong, in the reader's language; the first fault of each."""
    messages: dict[str, str] = {}
    for fault in error.errors():
        field = str(fault["loc"][0]) if fault["loc"] else ""
        messages.setdefault(field, message_of(fault["type"], fault.get("ctx", {}), fault["msg"]))
    return messages


def message_of(kind: str, facts: Mapping[str, Any], otherwise: str) -> str:
    """Return what to tell a person about a fault that pydantic calls ``kind``."""
    if kind == "missing":
        return _("Fill this in.")
    if kind == "string_too_short":
        least = facts["min_length"]
        return ngettext("At least %(count)d character.", "At least %(count)d characters.", least) % {"count": least}
    if kind == "string_too_long":
        most = facts["max_length"]
        return ngettext("At most %(count)d character.", "At most %(count)d characters.", most) % {"count": most}
    if kind in {"greater_than_equal", "greater_than"}:
        return _("This is too small: the least is %(limit)s.") % {"limit": facts.get("ge", facts.get("gt"))}
    if kind in {"less_than_equal", "less_than"}:
        return _("This is too large: the most is %(limit)s.") % {"limit": facts.get("le", facts.get("lt"))}
    if kind == "value_error":
        return str(facts.get("error", otherwise))
    return _families(kind, otherwise)


def _families(kind: str, otherwise: str) -> str:
    if kind in {"enum", "literal_error"}:
        return _("Choose one of the list.")
    if kind.startswith(("int", "float", "decimal", "finite")):
        return _("A number is needed here.")
    if kind.startswith(("date", "time")):
        return _("A date is needed here, such as 2026-12-04.")
    if kind.startswith("uuid"):
        return _("This does not name anything: choose again from the page.")
    if kind == "string_pattern_mismatch":
        return _("This is not in the form that is expected here.")
    return otherwise
