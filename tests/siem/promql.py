# SPDX-License-Identifier: GPL-3.0-or-later
"""What an expression of PromQL asks for: names of metrics, with the labels that it looks at. For the dashboard and the alerts of contrib/."""
import re

TOKEN = re.compile(r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<range>\[[^\]]*\])|(?P<number>\d+(?:\.\d+)?[smhd]?)|(?P<name>[a-zA-Z_:$][\w:]*)|"""
                   r"""(?P<sign>=~|!~|!=|==|>=|<=|[-+*/%(){},=<>]))""")
FUNCTIONS = {"sum", "min", "max", "count", "topk", "rate", "increase", "time", "vector"}
GROUPINGS, OPERATORS = {"by"}, {"or", "and", "unless"}


def tokens(text: str) -> list:
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if not match:
            raise ValueError(f"{text[at:]!r}")
        found.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return found


def balanced(found: list) -> bool:
    open_, pairs = [], {")": "(", "}": "{"}
    for _, token in found:
        if token in ("(", "{"):
            open_.append(token)
        elif token in pairs and (not open_ or open_.pop() != pairs[token]):
            return False
    return not open_


def selectors(text: str) -> list:
    """(metric, {label: value that must be there, or None}) of each; raises ValueError at what it does not know."""
    found = tokens(text)
    if not balanced(found):
        raise ValueError("brackets")
    metrics, grouped, at = [], set(), 0
    while at < len(found):
        kind, token = found[at]
        at += 1
        if kind != "name" or token in OPERATORS or token in FUNCTIONS:
            continue
        if token in GROUPINGS:
            end = found.index(("sign", ")"), at)
            grouped |= {name for part, name in found[at:end] if part == "name"}
            at = end + 1
            continue
        labels = {}
        if at < len(found) and found[at][1] == "{":
            end = found.index(("sign", "}"), at)
            inside = [part for part in found[at + 1:end] if part[1] != ","]
            for label, sign, value in zip(inside[::3], inside[1::3], inside[2::3]):
                if label[0] != "name" or value[0] != "text":
                    raise ValueError(f"the labels of {token}")
                labels[label[1]] = value[1][1:-1] if sign[1] == "=" else None
            at = end + 1
        metrics.append((token, labels))
    if not metrics:
        raise ValueError("no metric")
    return [(name, {**dict.fromkeys(grouped), **labels}) for name, labels in metrics]
