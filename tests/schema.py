"""What --json prints, held against tests/schemas."""

import json
import os

SCHEMAS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "schemas")


def read(name):
    with open(os.path.join(SCHEMAS, name)) as file:
        return json.load(file)


def check(document, name):
    """Raises where the document is not as that schema has it, and
    ImportError where python3-jsonschema is not installed."""
    import jsonschema
    rules = read(name)
    rules["definitions"] = {**read("common.json")["definitions"],
                            **rules.get("definitions", {})}
    jsonschema.validate(document, rules)
