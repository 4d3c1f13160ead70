"""``/api/v1/openapi.json``: what FastAPI says of the routes, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web.problem import Mistake, Problem, answers

DESCRIPTION = (
    "What Seedwire found, decided and sent, and what may be said of it. A bearer token guards everything but health "
    "when one is set; without one, only the machine itself is served."
)


def complete(app: FastAPI) -> None:
    """Have the application describe itself in OpenAPI 3.1, made once."""

    def describe() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                description=DESCRIPTION,
                routes=app.routes,
                license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
            )
            parts = document.setdefault("components", {})
            schemas = parts.setdefault("schemas", {})
            for model in (Problem, Mistake):
                schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schema.pop("$defs", None)
                schemas[model.__name__] = schema
            # FastAPI describes its own error for wrong parameters; ours is the one shape.
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            for path, operations in document["paths"].items():
                for operation in operations.values():
                    told = operation["responses"]
                    if "422" in told:
                        told["422"] = answers(422)[422]
                    if path.startswith("/api/"):
                        told["429"] = answers(429)[429]  # whoever sent wrong tokens before
                    if "requestBody" in operation:
                        told["400"] = answers(400)[400]  # what is no JSON at all
            parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"token": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = describe  # type: ignore[method-assign]  # the way FastAPI names for extending it
