#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Holds the YAML files that are shipped against their JSON Schema.

validate.py ROOT KIND

KIND is "machine" or "workload": ROOT/schemas/KIND.schema.json, and those files of ROOT/traces whose
first key it is.  Or "cost", and ROOT/schemas/cost.yaml.  The schema has to be one, every file has to fit, and a key put into any of a file's
maps that no schema knows has to be refused.  Ends as Criterion's programs do, so that ./check counts
it; exit code 77 where a Python module is missing.
"""
import copy
import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"[SKIP] schemas: no Python module {missing.name}")
    sys.exit(77)

UNKNOWN = "no such key"


class Loader(yaml.SafeLoader):
    """Scalars as src/base/yaml_scalar.c has them, not as YAML 1.1: off and 010 are what they are there."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node, deep=False):
        mapping = {}
        for key, value in node.value:
            if key.value in mapping:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} is there twice", key.start_mark)
            mapping[key.value] = self.construct_object(value, deep=True)
        return mapping


def resolve(tag, pattern, convert):
    Loader.add_implicit_resolver(tag, re.compile(rf"(?:{pattern})\Z"), None)
    Loader.add_constructor(tag, lambda loader, node: convert(node.value))


resolve("!null", r"", lambda text: None)
resolve("!int", r"0|[1-9][0-9]*", int)
resolve("!hex", r"0[xX][0-9a-fA-F]+", lambda text: int(text, 16))
resolve("!float", r"(?:0|[1-9][0-9]*)\.[0-9]+", float)
resolve("!bool", r"true|on|yes|false|off|no", lambda text: text in ("true", "on", "yes"))
Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))


def load(path):
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=Loader)


def first_key(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith(("#", "---", "%")):
            return line.split(":")[0].strip("'\" ")
    return None


def place(path):
    return "/".join(str(step) for step in path) or "the root"


def maps(value, path=()):
    """The paths of all maps in value."""
    if isinstance(value, dict):
        yield path
    items = value.items() if isinstance(value, dict) else \
        enumerate(value) if isinstance(value, list) else ()
    for step, item in items:
        yield from maps(item, path + (step,))


def with_unknown_key(document, path):
    changed = copy.deepcopy(document)
    at = changed
    for step in path:
        at = at[step]
    at[UNKNOWN] = {UNKNOWN: None}
    return changed


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, ok, message):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED  {message}")


def check_file(checks, validator, path, name):
    try:
        document = load(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        checks.check(False, f"{name}: {error}")
        return
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    checks.check(error is None, error and f"{name}: {place(error.absolute_path)}: {error.message}")
    if error is not None:
        return
    for at in maps(document):
        checks.check(not validator.is_valid(with_unknown_key(document, at)),
                     f"{name}: {place(at)}: the schema takes a key that there is not")


def main(root, kind):
    checks = Checks()
    path = root / "schemas" / f"{kind}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    cls = jsonschema.validators.validator_for(schema, default=None)
    checks.check(cls is not None, f"{path.name}: its $schema is none that is known")
    cls = cls or jsonschema.validators.Draft7Validator
    try:
        cls.check_schema(schema)
    except jsonschema.exceptions.SchemaError as error:
        sys.exit(f"{path.name}: {place(error.absolute_path)}: {error.message}")
    validator = cls(schema)
    files = [file for file in sorted((root / "traces").rglob("*.yaml")) if first_key(file) == kind]
    if kind == "cost":
        files = [root / "schemas" / "cost.yaml"]
    checks.check(files, f"no file under {root / 'traces'} begins with {kind!r}")
    for file in files:
        check_file(checks, validator, file, file.relative_to(root))
    checks.check(not validator.is_valid([]), f"{path.name}: takes a list")
    checks.check(not validator.is_valid({}), f"{path.name}: takes a map without keys")
    print(f"{len(files)} files, {path.name}")
    print(f"[====] Synthesis: Tested: {checks.passed + checks.failed} | Passing: {checks.passed} "
          f"| Failing: {checks.failed} | Crashing: 0")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: validate.py ROOT KIND")
    sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2]))
