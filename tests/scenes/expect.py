# SPDX-License-Identifier: GPL-3.0-or-later
"""What must be said of a scene, may be said, and must not."""
import dataclasses
import datetime
import re
import typing

from . import faces
from .scene import Call, Scene, endpoint_text

SEVERITIES = ("info", "low", "medium", "high", "critical")
ALL_IDS = ("server-changed", "auth-fails-on-one-face", "client-stopped-authenticating", "relay-by-address", "open-relay",
           "port-blocked", "brute-force", "password-spray", "starttls-stripped", "service-down", "greylist-not-retried",
           "greylisted-then-delivered")
LIST_MIN = 16        # so many clients or users a diagnosis names at least; of more it may name some only, and says how many
TOLERANCE_NS = 2 * faces.SECOND


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What is true of a diagnosis. Hosts and servers by their names in the scene: "bob-pc", "mail:587"."""
    id: str
    least: str = "low"
    most: str = "critical"
    server: str = ""
    clients: typing.Optional[tuple] = None     # exactly these; None: not looked at
    users: typing.Optional[tuple] = None
    unaffected: typing.Optional[tuple] = None
    change: str = ""                           # "gateway -> postfix", by the faces' titles
    outage: str = ""                           # the server: first and last are those of its failures
    text: tuple = ()                           # in title, explanation or what was considered; "a|b": one of them
    no_text: tuple = ()                        # in title or explanation
    ongoing: typing.Optional[bool] = None      # not over at the end of the capture
    over: bool = False                         # the text says when the first face came back


def must(id: str, **facts: object) -> Diagnosis:
    return Diagnosis(id, **facts)


def may(id: str, **facts: object) -> Diagnosis:
    return Diagnosis(id, **{"least": "info", **facts})


def severity(document: dict) -> int:
    return SEVERITIES.index(document.get("severity"))


def time_ns(text: str) -> int:
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(seconds) * faces.SECOND + int(fraction.ljust(9, "0")[:9] or 0)


def server_text(document: dict) -> str:
    """The endpoint, whether as text or as an object."""
    server = document.get("server") or ""
    return endpoint_text(server["ip"], server["port"]) if isinstance(server, dict) else server


def listed(document: dict, field: str) -> list:
    return [item["ip"] if isinstance(item, dict) else item for item in document.get(field) or []]


def list_problem(document: dict, field: str, expected: typing.Iterable) -> str:
    got, expected = listed(document, field), set(expected)
    if len(set(got)) != len(got):
        return f"{field} names somebody twice: {got}"
    some = len(got) >= LIST_MIN and set(got) <= expected
    count = document.get(f"{field.removesuffix('s')}_count", len(expected))
    right = (set(got) == expected or some) and count == len(expected)
    return "" if right else f"{field} are {sorted(got)} ({count} in all), not {sorted(expected)}"


def words_problem(document: dict, wanted: tuple, unwanted: tuple) -> str:
    text = f"{document.get('title')}\n{document.get('explanation')}".lower()
    more = "\n".join([text, *(document.get("considered") or [])]).lower()
    problems = [f"the text does not say {word!r}" for word in wanted if not any(each in more for each in word.lower().split("|"))]
    return "; ".join(problems + [f"the text says {word!r}" for word in unwanted if word.lower() in text])


# ---- times

def seen(call: Call, scene: Scene, time: int) -> int:
    """The time as the capture file has it."""
    return time + scene.clocks[call.source]


def calls_to(scene: Scene, server: str) -> list:
    text = scene.endpoint(server)
    return sorted((call for call in scene.calls if call.server.text == text), key=lambda call: seen(call, scene, call.start))


def time_problem(what: str, text: typing.Optional[str], least: int, most: int) -> str:
    if text is None:
        return f"no {what}"
    if least - TOLERANCE_NS <= time_ns(text) <= most + TOLERANCE_NS:
        return ""
    return f"{what} is {text}, {min(abs(time_ns(text) - least), abs(time_ns(text) - most)) / faces.SECOND:.1f} s off"


def change_problem(document: dict, scene: Scene, server: str, change: str) -> str:
    """The two faces, and the moment: when the second was first seen, and the last time of the first before that."""
    old, new = change.split(" -> ")
    calls = [call for call in calls_to(scene, server) if call.face]
    after = next(at for at, call in enumerate(calls) if call.face.title == new and any(c.face.title == old for c in calls[:at]))
    before = max(at for at, call in enumerate(calls[:after]) if call.face.title == old)
    problems = []
    for field, call in (("before", calls[before]), ("after", calls[after])):
        face = document.get(field) or {}
        banner = f"{call.face.name} {call.face.greeting.partition('{')[0]}".strip()
        if banner not in (face.get("banner") or ""):
            problems.append(f"{field} is {face.get('banner')!r}, not {banner!r}")
    returns = [call for call in calls[after:] if call.face.title == old]
    first, last = (document.get("after") or {}).get("first"), (document.get("before") or {}).get("last")
    was_there = any(call.face.title == new for call in calls[:before])
    if not was_there:
        problems.append(time_problem("after.first", first, seen_start(calls[after], scene), seen_end(calls[after], scene)))
    ends = [call for call in [calls[before], *returns[-1:]]]
    if last is None or all(time_problem("", last, seen_start(call, scene), seen_end(call, scene)) for call in ends):
        problems.append(f"before.last is {last}")
    return "; ".join(filter(None, problems))


def times_in(text: str, day: int) -> list:
    """The times of day in a text, on the day of a time."""
    midnight = day - day % (86400 * faces.SECOND)
    found = re.findall(r"(\d\d):(\d\d):(\d\d)", text)
    return [midnight + (int(hour) * 3600 + int(minute) * 60 + int(second)) * faces.SECOND for hour, minute, second in found]


def over_problem(document: dict, scene: Scene, server: str, change: str) -> str:
    """The first face has come back: the text says when, or when the second was last seen."""
    old, new = change.split(" -> ")
    calls = [call for call in calls_to(scene, server) if call.face]
    last = max(at for at, call in enumerate(calls) if call.face.title == new)
    least, most = seen_start(calls[last], scene) - TOLERANCE_NS, seen_end(calls[last + 1], scene) + TOLERANCE_NS
    said = times_in(document.get("explanation") or "", least)
    return "" if any(least <= time <= most for time in said) else f"that {new} was gone again is not said"


def seen_start(call: Call, scene: Scene) -> int:
    return seen(call, scene, call.start)


def seen_end(call: Call, scene: Scene) -> int:
    return seen(call, scene, call.end)


def outage_problem(document: dict, scene: Scene, server: str) -> str:
    """first: the first failure; last: the last one, or the first success after it."""
    calls = calls_to(scene, server)
    failed = [at for at, call in enumerate(calls) if call.face is None]
    over = calls[failed[-1] + 1:][:1]
    first, last = calls[failed[0]], calls[failed[-1]]
    problems = [time_problem("first", document.get("first"), seen_start(first, scene), seen_end(first, scene)),
                time_problem("last", document.get("last"), seen_start(last, scene), seen_end((over or [last])[0], scene))]
    return "; ".join(filter(None, problems))


# ---- one document

def problems(document: dict, expected: Diagnosis, scene: Scene) -> list:
    """Why the document is not the expected diagnosis."""
    if document["id"] != expected.id:
        return ["another id"]
    found = []
    if not SEVERITIES.index(expected.least) <= severity(document) <= SEVERITIES.index(expected.most):
        found.append(f"severity is {document['severity']}, not {expected.least} to {expected.most}")
    if expected.server and server_text(document) != scene.endpoint(expected.server):
        found.append(f"server is {server_text(document)}, not {scene.endpoint(expected.server)}")
    if expected.clients is not None:
        found.append(list_problem(document, "clients", [scene.hosts[nick].address for nick in expected.clients]))
    if expected.users is not None:
        found.append(list_problem(document, "users", expected.users))
    if expected.unaffected is not None:
        found.append(list_problem(document, "unaffected_users", expected.unaffected))
    if expected.change:
        found.append(change_problem(document, scene, expected.server, expected.change))
    if expected.outage:
        found.append(outage_problem(document, scene, expected.outage))
    if expected.over:
        found.append(over_problem(document, scene, expected.server, expected.change))
    if expected.ongoing is not None and document.get("ongoing") is not expected.ongoing:
        found.append(f"ongoing is {document.get('ongoing')}")
    found.append(words_problem(document, expected.text, expected.no_text))
    return [problem for problem in found if problem]


def above_info(document: dict) -> bool:
    return severity(document) > 0


def brief(document: dict) -> str:
    parts = [document["id"], document["severity"], server_text(document)]
    fields = [field for field in ("clients", "users", "unaffected_users") if document.get(field)]
    parts += [f"{field} {', '.join(listed(document, field))}" for field in fields]
    return "; ".join(filter(None, parts)) + f": {document.get('explanation')}"
