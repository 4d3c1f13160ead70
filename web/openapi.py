"""``/api/v1/openapi.json``: the API described in OpenAPI 3.1."""

from __future__ import annotations

from web.api import DEFAULT_PAGE, LARGEST_PAGE

_TEXT = {"type": "string"}
_TEXT_OR_NULL = {"type": ["string", "null"]}
_TIME = {"type": "string", "format": "date-time"}
_PROBLEM = {
    "description": "What was wrong and what to do (RFC 9457)",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_HEALTH = {"application/json": {"schema": {"$ref": "#/components/schemas/Health"}}}

_SCHEMAS = {
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT},
    },
    "Health": {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"enum": ["ok", "failing"]},
            "checks": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["name", "ok", "detail"],
                    "properties": {"name": _TEXT, "ok": {"type": "boolean"}, "detail": _TEXT},
                },
            },
        },
    },
    "Event": {
        "description": "As in the webhook body; what the text does not tell is null or empty.",
        "type": "object",
        "required": ["type", "score"],
        "properties": {"type": _TEXT, "score": {"type": "number", "minimum": 0, "maximum": 1}, "status": _TEXT_OR_NULL},
    },
    "Story": {
        "type": "object",
        "required": ["story", "event", "evidence", "items"],
        "properties": {
            "story": {
                "type": "object",
                "required": ["id", "opened", "changed", "items", "outlets"],
                "properties": {
                    "id": _TEXT,
                    "opened": _TIME,
                    "changed": _TIME,
                    "items": {"type": "integer"},
                    "outlets": {"type": "integer"},
                },
            },
            "event": {"$ref": "#/components/schemas/Event"},
            "evidence": {"type": "array", "items": {"type": "object"}},
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "url", "title", "published", "language", "feed"],
                    "properties": {
                        "id": _TEXT,
                        "url": _TEXT_OR_NULL,
                        "title": _TEXT,
                        "published": {"type": ["string", "null"], "format": "date-time"},
                        "language": _TEXT_OR_NULL,
                        "feed": {
                            "type": "object",
                            "required": ["id", "title", "url"],
                            "properties": {"id": _TEXT, "title": _TEXT, "url": _TEXT_OR_NULL},
                        },
                    },
                },
            },
        },
    },
    "StoryPage": {
        "type": "object",
        "required": ["stories", "next"],
        "properties": {
            "stories": {"type": "array", "items": {"$ref": "#/components/schemas/Story"}},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null on the last one"},
        },
    },
}


def describe(version: str) -> dict[str, object]:
    """The whole document; every path that exists is in it, and none that does not (a test holds it to the routes)."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Seedwire",
            "version": version,
            "description": "Stories that Seedwire found. A bearer token guards everything but health when one is set; "
            "without one, only the machine itself is served.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": {
            "/healthz": {
                "get": {
                    "operationId": "process",
                    "summary": "The web process answers",
                    "security": [],
                    "responses": {"200": {"description": "It does", "content": _HEALTH}},
                }
            },
            "/readyz": {
                "get": {
                    "operationId": "readiness",
                    "summary": "Database and broker answer, and due work is being done",
                    "security": [],
                    "responses": {
                        "200": {"description": "All is well", "content": _HEALTH},
                        "503": {"description": "At least one check fails", "content": _HEALTH},
                    },
                }
            },
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "summary": "Figures in the Prometheus text format",
                    "responses": {
                        "200": {"description": "One scrape", "content": {"text/plain": {"schema": _TEXT}}},
                        "401": _PROBLEM,
                        "403": _PROBLEM,
                        "503": _PROBLEM,
                    },
                }
            },
            "/api/v1/stories": {
                "get": {
                    "operationId": "stories",
                    "summary": "Stories, the newest first",
                    "parameters": [
                        {
                            "name": "limit",
                            "in": "query",
                            "schema": {
                                "type": "integer",
                                "minimum": 1,
                                "maximum": LARGEST_PAGE,
                                "default": DEFAULT_PAGE,
                            },
                        },
                        {
                            "name": "cursor",
                            "in": "query",
                            "description": "`next` of the page before",
                            "schema": _TEXT,
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "A page of stories",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/StoryPage"}}},
                        },
                        "400": _PROBLEM,
                        "401": _PROBLEM,
                        "403": _PROBLEM,
                        "503": _PROBLEM,
                    },
                }
            },
            "/websub/{feed}": {
                "parameters": [
                    {"name": "feed", "in": "path", "required": True, "schema": _TEXT},
                    {
                        "name": "token",
                        "in": "query",
                        "required": True,
                        "description": "What makes the address of a subscription one that nobody guesses",
                        "schema": _TEXT,
                    },
                ],
                "get": {
                    "operationId": "confirmPush",
                    "summary": "A WebSub hub asks back whether it was we who subscribed, or says that it will not push",
                    "security": [],
                    "responses": {
                        "200": {
                            "description": "Yes: its `hub.challenge`",
                            "content": {"text/plain": {"schema": _TEXT}},
                        },
                        "404": _PROBLEM,
                        "429": _PROBLEM,
                        "503": _PROBLEM,
                    },
                },
                "post": {
                    "operationId": "push",
                    "summary": "A WebSub hub delivers what a feed published, signed with the subscription's secret",
                    "security": [],
                    "responses": {
                        "200": {"description": "Stored, or ignored because its signature or topic is not right"},
                        **dict.fromkeys(("404", "408", "410", "413", "429", "503"), _PROBLEM),
                    },
                },
            },
            "/api/v1/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This document",
                    "responses": {
                        "200": {"description": "OpenAPI 3.1", "content": {"application/json": {}}},
                        "401": _PROBLEM,
                        "403": _PROBLEM,
                    },
                }
            },
        },
        "components": {
            "schemas": _SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
