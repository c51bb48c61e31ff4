"""Reads rendered charts and says of each object what Kubernetes' own schemas say of it.

Standard input: a line `VERSION FILE` for each rendering. Standard output: a line of JSON for each object:
{"file", "object", "error"}; error is null when the object is fine, "unknown" when no schema knows the kind. The schemas
come with kubernetes-validate and are strict: an unknown field is an error.
"""

import functools
import json
import sys

import kubernetes_validate
import yaml
from kubernetes_validate import utils

# As it is, the package reads megabytes for each object.
utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Refuses a key that is there twice, which YAML forbids and most readers forgive."""


def mapping(loader, node):
    keys = [key.value for key, _ in node.value]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise yaml.YAMLError(f"{', '.join(twice)} is there twice,{node.start_mark}")
    return yaml.SafeLoader.construct_mapping(loader, node, deep=True)


Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)


@functools.lru_cache(maxsize=None)
def error(version, text):
    try:
        kubernetes_validate.validate(json.loads(text), version, strict=True)
    except kubernetes_validate.ValidationError as wrong:
        return f"{'.'.join(map(str, wrong.path))}: {wrong.message}"
    except kubernetes_validate.SchemaNotFoundError:
        return "unknown"
    return None


for line in sys.stdin:
    version, file = line.split()
    with open(file) as text:
        try:
            objects = [o for o in yaml.load_all(text, Loader) if o is not None]
        except yaml.YAMLError as wrong:
            print(json.dumps({"file": file, "object": None, "error": f"not YAML: {wrong}"}))
            continue
    for o in objects:
        print(json.dumps({"file": file, "object": o, "error": error(version, json.dumps(o, sort_keys=True))}))
