"""Cuts a carrier's published OpenAPI document down to the interface that Portico uses: names, types, formats and
enums of the calls it makes. Texts and examples are the publisher's and are left out.

    python3 cut.py DOCUMENT.json > telnyx.openapi.json
"""

import json
import sys

CALLS = [
    ("post", "/portability_checks"),
    ("get", "/porting_orders"),
    ("post", "/porting_orders"),
    ("get", "/porting_orders/{id}"),
    ("patch", "/porting_orders/{id}"),
    ("delete", "/porting_orders/{id}"),
    ("post", "/porting_orders/{id}/actions/confirm"),
    ("post", "/porting_orders/{id}/actions/cancel"),
    ("get", "/porting/events"),
]
# What a schema says to a program.
OF_A_SCHEMA = {
    "$ref", "additionalProperties", "allOf", "anyOf", "const", "default", "discriminator", "enum", "format", "items",
    "maximum", "minimum", "nullable", "oneOf", "pattern", "properties", "required", "type",
}


def schema(given):
    if not isinstance(given, dict):
        return given
    kept = {}
    for name, value in given.items():
        if name not in OF_A_SCHEMA:
            continue
        if name == "properties":
            kept[name] = {key: schema(inner) for key, inner in value.items()}
        elif name in ("allOf", "anyOf", "oneOf"):
            kept[name] = [schema(inner) for inner in value]
        elif name in ("items", "additionalProperties"):
            kept[name] = schema(value)
        else:
            kept[name] = value
    return kept


def content(given):
    return {kind: {"schema": schema(it["schema"])} for kind, it in given.get("content", {}).items()}


def resolved(document, given):
    while "$ref" in given:
        at = document
        for part in given["$ref"].removeprefix("#/").split("/"):
            at = at[part]
        given = at
    return given


def parameter(document, given):
    given = resolved(document, given)
    kept = {name: given[name] for name in ("name", "in", "required", "style", "explode") if name in given}
    kept["schema"] = schema(given["schema"])
    return kept


def call(document, given):
    kept = {
        "parameters": [parameter(document, it) for it in given.get("parameters", [])],
        "responses": {},
    }
    if "requestBody" in given:
        body = resolved(document, given["requestBody"])
        kept["requestBody"] = {"required": body.get("required", False), "content": content(body)}
    for status, answer in given["responses"].items():
        kept["responses"][status] = {"description": status, **({"content": content(answer)} if "content" in answer else {})}
    return kept


def references(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "$ref":
                yield inner.rsplit("/", 1)[1]
            elif key == "mapping":
                yield from (it.rsplit("/", 1)[1] for it in inner.values())
            else:
                yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def main():
    with open(sys.argv[1]) as file:
        document = json.load(file)
    paths = {}
    for method, path in CALLS:
        paths.setdefault(path, {})[method] = call(document, document["paths"][path][method])
    schemas, wanted = {}, set(references(paths))
    while wanted:
        name = wanted.pop()
        schemas[name] = schema(document["components"]["schemas"][name])
        wanted |= set(references(schemas[name])) - schemas.keys()
    cut = {
        "openapi": document["openapi"],
        "info": {"title": "The part of Telnyx's porting API that Portico uses", "version": document["info"]["version"]},
        "servers": document["servers"] and [{"url": document["servers"][0]["url"]}],
        "security": [{"bearerAuth": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"bearerAuth": {"type": "http", "scheme": "bearer"}},
        },
    }
    json.dump(cut, sys.stdout, indent=1)
    print()


main()
