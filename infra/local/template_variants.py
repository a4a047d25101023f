"""The template with its conditions decided: what AWS makes of it when an option is on, and when it is off."""

import copy

NOTHING = {"Ref": "AWS::NoValue"}


def conditions(template: dict) -> list[str]:
    """The names of the template's conditions."""
    return sorted(template["Conditions"])


def resolved(template: dict, decided: dict[str, bool]) -> dict:
    """The template under these conditions: each choice made, and what is left out left out."""
    found = _resolved(copy.deepcopy(template), decided)
    del found["Conditions"]
    for section in ("Resources", "Outputs"):
        found[section] = {name: each for name, each in found[section].items()
                          if decided.get(each.pop("Condition", None), True)}
    return found


def _resolved(value, decided: dict[str, bool]):
    if isinstance(value, dict):
        if set(value) == {"Fn::If"}:
            condition, then, otherwise = value["Fn::If"]
            return _resolved(then if decided[condition] else otherwise, decided)
        found = {key: _resolved(inner, decided) for key, inner in value.items()}
        return {key: inner for key, inner in found.items() if inner != NOTHING}
    if isinstance(value, list):
        return [inner for inner in (_resolved(each, decided) for each in value) if inner != NOTHING]
    return value
