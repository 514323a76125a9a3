"""YAML as an editor reads it before it applies a JSON Schema: dates stay text, and only numbers in JSON's spelling are
numbers (YAML 1.2). It shares no code with the gateway's reader."""

import re

import yaml


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {
        first: [(tag, form) for tag, form in forms if tag.split(":")[-1] not in ("timestamp", "int", "bool", "merge")]
        for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(?:0|[1-9][0-9]*)$"), list("-0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(?:true|false)$"), list("tf"))


def load(text: str):
    return yaml.load(text, _Loader)
