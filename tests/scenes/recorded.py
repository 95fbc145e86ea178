# SPDX-License-Identifier: GPL-3.0-or-later
"""The re-enacted incident, recorded from real servers: the facts that must be said of it, one by one.

What is true is taken from the session documents where it can be, so that the captures may be recorded again.
"""
import typing

from .expect import SEVERITIES, TOLERANCE_NS, above_info, listed, server_text, severity, time_ns, times_in
from .scene import endpoint_text

GATEWAY, POSTFIX = "gateway.example.com ESMTP ready", "mail.example.com ESMTP Postfix"
MECHANISMS = {"LOGIN", "PLAIN", "CRAM-MD5"}


class Day:
    """A capture's sessions and diagnoses, and where everybody is."""

    def __init__(self, sessions: list, diagnoses: list, ipv6: bool):
        self.sessions, self.diagnoses = sorted(sessions, key=lambda session: session["start"]), diagnoses
        self.alice, self.bob, self.mail = ("2001:db8::21", "2001:db8::22", "2001:db8::10") if ipv6 else \
            ("192.0.2.21", "192.0.2.22", "192.0.2.10")
        self.outsider, self.elsewhere = ("2001:db8:113::50", "2001:db8:113::25") if ipv6 else ("203.0.113.50", "203.0.113.25")
        self.submission = endpoint_text(self.mail, 587)

    def of(self, id: str, server: str = "") -> list:
        return [each for each in self.diagnoses if each["id"] == id and (not server or server_text(each) == server)]

    def to(self, address: str, port: int, **facts: object) -> list:
        return [session for session in self.sessions if (session["server"]["ip"], session["server"]["port"]) == (address, port)
                and all(session["server"].get(key) == value for key, value in facts.items())]


def near(text: typing.Optional[str], *moments: str) -> bool:
    return text is not None and any(abs(time_ns(text) - time_ns(moment)) <= TOLERANCE_NS for moment in moments)


# ---- the facts: each returns what is wrong, or nothing

def two_faces(day: Day) -> str:
    """The gateway answered, then Postfix did: both are named, and the moment."""
    gateway, direct = day.to(day.mail, 587, banner=GATEWAY), day.to(day.mail, 587, banner=POSTFIX)
    last = [session for session in gateway if session["start"] < direct[0]["start"]][-1]
    for each in day.of("server-changed", day.submission):
        before, after = each.get("before") or {}, each.get("after") or {}
        if (before.get("banner"), after.get("banner")) == (GATEWAY, POSTFIX):
            right = near(after.get("first"), direct[0]["start"])
            if right and near(before.get("last"), last["start"], last["end"], gateway[-1]["end"]):
                return "" if above_info(each) else "it is said as information only"
            return f"the gateway until {before.get('last')}, Postfix from {after.get('first')}"
    return f"no change from {GATEWAY!r} to {POSTFIX!r} of {day.submission}"


def differences(day: Day) -> str:
    """What differs between the faces is said: the lists of extensions."""
    each = (day.of("server-changed", day.submission) or [{}])[0]
    before, after = each.get("before") or {}, each.get("after") or {}
    if "PIPELINING" not in (after.get("capabilities") or []) or "PIPELINING" in (before.get("capabilities") or []):
        return "PIPELINING is of Postfix only"
    if set(before.get("auth") or []) != MECHANISMS or set(after.get("auth") or []) != MECHANISMS:
        return f"both offer {MECHANISMS}"
    return "" if each.get("changes") else "no changes are listed"


def gateway_returns(day: Day) -> str:
    """Before the capture ends, the gateway answers again: what is said tells so."""
    last = day.to(day.mail, 587, banner=POSTFIX)[-1]
    back = [session for session in day.to(day.mail, 587, banner=GATEWAY) if session["start"] > last["start"]][0]
    for each in day.of("server-changed", day.submission):
        said = times_in(each["explanation"], time_ns(back["start"]))
        right = [time for time in said if time_ns(last["start"]) - TOLERANCE_NS <= time <= time_ns(back["end"])]
        if each.get("ongoing") is False and right:
            return ""
    return f"{last['end']} or {back['start']} is not said"


def one_face(day: Day) -> dict:
    return (day.of("auth-fails-on-one-face", day.submission) or [{}])[0]


def bob_fails(day: Day) -> str:
    """Bob, and only he, is accepted by the gateway and rejected by Postfix."""
    if len(day.of("auth-fails-on-one-face")) != 1:
        return f"said {len(day.of('auth-fails-on-one-face'))} times"
    each = one_face(day)
    if SEVERITIES.index("high") > severity(each):
        return f"only {each['severity']}"
    got = each.get("users"), listed(each, "clients")
    return "" if got == (["bob"], [day.bob]) else f"{got}"


def alice_does_not(day: Day) -> str:
    return "" if one_face(day).get("unaffected_users") == ["alice"] else f"{one_face(day).get('unaffected_users')}"


def in_each_mechanism(day: Day) -> str:
    """The sessions named are those of Bob's rejected logins, with LOGIN, PLAIN and CRAM-MD5."""
    named = one_face(day).get("sessions") or []
    tried = {attempt["mechanism"] for session in day.sessions if session["id"] in named for attempt in session["auth"]["attempts"]
             if attempt.get("username") == "bob" and attempt["result"] == "rejected"}
    return "" if tried == MECHANISMS else f"{tried}"


def receiving_works(day: Day) -> str:
    return "" if "POP3" in one_face(day).get("explanation", "") else one_face(day).get("explanation", "not said")


def which_is_said(day: Day) -> str:
    """Names and servers are in the text, for people read that."""
    text = one_face(day).get("explanation", "")
    missing = [word for word in ("bob", "alice", day.submission) if word not in text]
    return f"{missing} not in {text!r}" if missing else ""


def bob_stopped(day: Day) -> str:
    """Then Bob's mail program sent without login, though AUTH was offered, and it was accepted."""
    found = [each for each in day.of("client-stopped-authenticating", day.submission) if listed(each, "clients") == [day.bob]]
    if len(found) != 1 or len(day.of("client-stopped-authenticating")) != 1:
        return f"{[listed(each, 'clients') for each in day.of('client-stopped-authenticating')]}"
    without = [session for session in day.to(day.mail, 587) if session["auth"]["result"] == "not-attempted"]
    first = [session for session in without if session["client"]["ip"] == day.bob][0]
    if first["id"] not in (found[0].get("sessions") or []):
        return "the session is not named"
    text = found[0]["explanation"]
    return "" if "accepted" in text and ("offered" in text or "offers" in text) else text


def because_of_address(day: Day) -> str:
    """It was accepted because the client's network may relay."""
    found = day.of("relay-by-address", day.submission)
    got = [listed(each, "clients") for each in found]
    return "" if got == [[day.bob]] else f"{got}"


def port_25_blocked(day: Day) -> str:
    """From both desks, while 587 works."""
    found = day.of("port-blocked")
    if len(found) != 1 or set(listed(found[0], "clients")) != {day.alice, day.bob}:
        return f"{[listed(each, 'clients') for each in found]}"
    failed = [session for session in day.to(day.elsewhere, 25) if session["result"] == "not-established"]
    text, known = found[0]["explanation"], {session["id"] for session in failed}
    if not set(found[0]["sessions"]) & known:
        return "the sessions are others"
    if time_ns(found[0]["first"]) > time_ns(failed[0]["start"]) + TOLERANCE_NS:
        return f"since {found[0]['first']}, not {failed[0]['start']}"
    return "" if "25" in text and "587" in text else text


def refused_for_a_moment(day: Day) -> str:
    """Between gateway and Postfix nobody answered."""
    refused = [session for session in day.to(day.mail, 587) if session["tcp"]["close"] == "refused"]
    over = [session for session in day.to(day.mail, 587) if session["start"] > refused[-1]["start"]][0]
    for each in day.of("service-down", day.submission):
        if near(each["first"], refused[0]["start"]) and near(each["last"], refused[-1]["end"], over["start"]):
            return ""
    return f"not from {refused[0]['start']} to {over['start']}"


def no_open_relay(day: Day) -> str:
    """The outsider was refused, and mail to the office's own people is no relaying."""
    return "open-relay is said" if day.of("open-relay") else ""


def nothing_false(day: Day) -> str:
    """All that may be said, with whom it may be said of."""
    may = {("server-changed", day.submission), ("auth-fails-on-one-face", day.submission), ("relay-by-address", day.submission),
           ("client-stopped-authenticating", day.submission), ("service-down", day.submission)}
    wrong = [f"{each['id']} of {server_text(each)}" for each in day.diagnoses
             if each["id"] != "port-blocked" and (each["id"], server_text(each)) not in may]
    return "; ".join(wrong)


def nobody_else(day: Day) -> str:
    """Neither the world's servers nor the outsider are blamed."""
    inside = {day.alice, day.bob}
    wrong = [each for each in day.diagnoses if not set(listed(each, "clients")) <= inside]
    return "; ".join(f"{each['id']}: {listed(each, 'clients')}" for each in wrong)


def nothing_above_info(day: Day) -> str:
    return "; ".join(f"{each['id']} {each['severity']}" for each in day.diagnoses if above_info(each))


def no_incident(day: Day) -> str:
    return "; ".join(each["id"] for each in day.diagnoses if each["id"] != "relay-by-address")


INCIDENT = (
    ("the moment and the two faces of the submission port", two_faces),
    ("what differs between them", differences),
    ("the gateway returns", gateway_returns),
    ("bob fails on the second face", bob_fails),
    ("alice does not", alice_does_not),
    ("with LOGIN, PLAIN and CRAM-MD5", in_each_mechanism),
    ("receiving works meanwhile", receiving_works),
    ("users and server are in the words", which_is_said),
    ("bob's client then sent without login, which was accepted", bob_stopped),
    ("because its network may relay", because_of_address),
    ("port 25 is blocked while 587 works", port_25_blocked),
    ("the service was refused for a moment", refused_for_a_moment),
    ("no open relay", no_open_relay),
    ("nothing false", nothing_false),
    ("nobody else is blamed", nobody_else),
)

CAPTURES = {
    "gateway-down.pcap": INCIDENT,
    "gateway-down-ipv6.pcap": INCIDENT,
    "healthy-day.pcap": (("nothing above info", nothing_above_info), ("no incident of any kind", no_incident)),
}


def check(name: str, sessions: list, diagnoses: list) -> list:
    """Returns (fact, what is wrong with it) for each fact."""
    day = Day(sessions, diagnoses, "ipv6" in name)
    return [(what, fact(day)) for what, fact in CAPTURES[name]]
