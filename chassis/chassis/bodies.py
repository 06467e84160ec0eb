"""Bodies that a route reads itself, because something else must be judged first."""

from typing import TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from chassis.errors import MalformedBody

Body = TypeVar("Body", bound=BaseModel)


def read_body(model: type[Body], body: bytes) -> Body:
    """Return the body as `model`, refused as FastAPI refuses one that a route declares.

    Raises: MalformedBody for what is no JSON, RequestValidationError for fields at fault.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as failure:
        raise MalformedBody from failure
    try:
        return model.model_validate(document)
    except ValidationError as failure:
        errors = failure.errors(include_input=False, include_url=False)
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in errors]) from failure
