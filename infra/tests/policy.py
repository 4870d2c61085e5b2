"""A request and the policies that apply to it in, allowed or not out, by AWS's evaluation logic:
an explicit Deny wins, then an Allow, and everything else is denied.

Covers what infra/template.yaml uses; anything else in a statement is an error, so that nothing is
taken for granted silently. Source: IAM User Guide, "Policy evaluation logic" and "Condition
operators".
"""

import re
from dataclasses import dataclass, field, replace

STATEMENT_KEYS = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}


@dataclass(frozen=True)
class Request:
    """One action on one resource, with what its context says."""

    action: str
    resource: str
    context: dict = field(default_factory=dict)
    # The service that asks, or nothing for the function's role.
    service: str | None = None

    def with_context(self, **values):
        """The same with other values; a name's `__` stands for a colon."""
        renamed = {name.replace("__", ":"): value for name, value in values.items()}
        return replace(self, context={**self.context, **renamed})


def listed(value):
    return value if isinstance(value, list) else [value]


def matches(pattern, text):
    """`*` and `?` of IAM, which know no slashes."""
    parts = re.split(r"([*?])", pattern)
    regex = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def arn_matches(pattern, arn):
    """By parts: a `*` does not reach over a colon, but in the last part."""
    patterns, parts = pattern.split(":", 5), arn.split(":", 5)
    return len(patterns) == len(parts) and all(map(matches, patterns, parts))


OPERATORS = {
    "StringEquals": lambda pattern, value: pattern == value,
    "ArnEquals": arn_matches,
    "ArnLike": arn_matches,
    "Bool": lambda pattern, value: pattern.lower() == value.lower(),
}


def condition_holds(operator, name, patterns, context):
    if name not in context:
        return False
    return any(OPERATORS[operator](pattern, context[name]) for pattern in listed(patterns))


def principal_matches(principal, request):
    if principal == "*":
        return True
    assert set(principal) == {"Service"}, principal
    return request.service in listed(principal["Service"])


def applies(statement, request):
    """Whether a statement speaks of a request."""
    assert set(statement) <= STATEMENT_KEYS, statement
    conditions = statement.get("Condition", {})
    return (
        principal_matches(statement.get("Principal", "*"), request)
        and any(matches(one, request.action) for one in listed(statement["Action"]))
        and any(matches(one, request.resource) for one in listed(statement["Resource"]))
        and all(
            condition_holds(operator, name, patterns, request.context)
            for operator, named in conditions.items()
            for name, patterns in named.items()
        )
    )


def allowing(policies, request):
    """The statements that allow a request, or none where one denies it."""
    statements = [one for policy in policies for one in policy["Statement"]]
    found = [one for one in statements if applies(one, request)]
    if any(one["Effect"] == "Deny" for one in found):
        return []
    return [one for one in found if one["Effect"] == "Allow"]


def is_allowed(policies, request):
    return bool(allowing(policies, request))


def grants(policy):
    """Every right that a policy gives: statement, action and resource."""
    return {
        (one["Sid"], action, resource)
        for one in policy["Statement"]
        if one["Effect"] == "Allow"
        for action in listed(one["Action"])
        for resource in listed(one["Resource"])
    }


def used(policies, request):
    """The rights that allow a request, as `grants` names them."""
    return {
        (one["Sid"], action, resource)
        for one in allowing(policies, request)
        for action in listed(one["Action"])
        for resource in listed(one["Resource"])
        if matches(action, request.action) and matches(resource, request.resource)
    }
