#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The formats for other programs: each document of each capture is what its format asks for, and what the packets say gets through
whatever is in it.

    formats.py BINARY
    formats.py --update BINARY    writes the table of docs/formats.md anew

ECS and OCSF: by the field lists in siem/. CEF, LEEF and Zeek's logs: by readers in siem/lines.py that know nothing of the program. Values
that would end a field, a line or a record are sent through captures made here.
"""
import collections
import json
import pathlib
import random
import re
import sys
import tempfile

from scenes import wire
from scenes.wire import CLIENT, SECOND, SERVER
from siem import ecs, lines, ocsf
from tap import ROOT, Tap, captures, run

START = 1795593600 * SECOND
FORMATS = ("ecs", "ocsf", "zeek", "zeek-tsv", "eve", "cef", "leef", "splunk")
MAX = {"cef": 7600, "leef": 7600}
JSON_MAX = 9900
VARIANTS = ([], ["--attachments", "--sensor", "sensor1", "--local-net", "192.0.2.0/24"], ["--users", "hash", "--no-envelope"],
            ["--users", "omit", "--no-headers", "--lang", "ja"])
PROBLEMS_SHOWN = 20


def no_doubles(pairs: list) -> dict:
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError(f"a key stands twice: {keys}")
    return dict(pairs)


def documents(out: bytes) -> list:
    return [json.loads(line, object_pairs_hook=no_doubles) for line in out.decode().split("\n")[:-1]]


# ---- what each format asks for

EVE_HEAD = {"timestamp", "flow_id", "event_type", "src_ip", "src_port", "dest_ip", "dest_port", "proto", "ip_v", "pcap_filename", "in_iface",
            "host", "vlan", "community_id", "tx_id", "app_proto", "smtp", "email", "alert"}
EVE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+0000")
EVE_EMAIL = {"status": str, "from": str, "to": list, "cc": list, "attachment": list, "subject": str, "message_id": str, "x_mailer": str,
             "in_reply_to": str}


def eve_problems(record: dict) -> list:
    problems = [f"{key}: not in EVE" for key in set(record) - EVE_HEAD]
    if not EVE_TIME.fullmatch(record["timestamp"]) or not 0 < record["flow_id"] < 1 << 53 or record["proto"] != "TCP":
        problems.append("the head")
    if ":" in record["src_ip"] and not re.fullmatch(r"([0-9a-f]{4}:){7}[0-9a-f]{4}", record["src_ip"]):
        problems.append("IPv6 is not written out")
    if (record["event_type"] == "smtp") != ("smtp" in record or "email" in record) or (record["event_type"] == "alert") != ("alert" in record):
        problems.append("the record is not of its type")
    smtp = record.get("smtp", {})
    for path in [*smtp.get("rcpt_to", []), smtp.get("mail_from", "<>")]:
        if not (path.startswith("<") and path.endswith(">")):
            problems.append(f"{path!r} has no brackets")
    problems += [f"email.{key}: {value!r}" for key, value in record.get("email", {}).items() if not isinstance(value, EVE_EMAIL.get(key, ()))]
    alert = record.get("alert")
    if alert is not None and (alert["severity"] not in (1, 2, 3) or alert["action"] != "allowed" or
                              not all(isinstance(value, list) for value in alert["metadata"].values())):
        problems.append(f"alert: {alert}")
    return problems


ZEEK_KINDS = {"string": str, "addr": str, "port": int, "count": int, "bool": bool, "set[string]": list, "vector[string]": list,
              "vector[addr]": list}


def zeek_problems(record: dict) -> list:
    kinds = dict(zip(lines.ZEEK_FIELDS, lines.ZEEK_TYPES))
    problems = [f"{key}: {value!r}" for key, value in record.items()
                if key not in kinds or (key != "ts" and not isinstance(value, ZEEK_KINDS[kinds[key]]))]
    problems += [f"{key}: missing" for key in ("ts", "uid", "id.orig_h", "id.resp_p", "tls", "fuids") if key not in record]
    if not isinstance(record.get("ts"), float) or not re.fullmatch("C[0-9a-f]{17}", record.get("uid", "")):
        problems.append("ts or uid")
    return problems


SPLUNK_CIM = {"transaction": ("src", "dest", "action", "recipient_count", "protocol", "vendor_product"),
              "auth": ("src", "dest", "action", "app", "vendor_product"),
              "finding": ("src", "dest", "type", "severity", "signature", "signature_id", "description", "app", "id"),
              "session": ("src", "dest", "src_port", "dest_port", "transport", "bytes", "bytes_in", "bytes_out", "action")}


def splunk_problems(record: dict) -> list:
    event, problems = record.get("event", {}), []
    if not set(record) <= {"time", "host", "source", "sourcetype", "event", "fields"} or not isinstance(record.get("time"), float):
        problems.append(f"the envelope: {set(record)}, {record.get('time')!r}")
    if record.get("sourcetype") != f"smtpscope:{event.get('kind')}":
        problems.append("sourcetype")
    problems += [f"event.{key}: missing" for key in SPLUNK_CIM.get(event.get("kind"), ()) if key not in event]
    problems += [f"event.{key}: an object" for key, value in event.items() if isinstance(value, dict) or value in ("", None, [])]
    return problems


LEEF_NUMBERS = ("devTime", "srcPort", "dstPort", "sev")
CEF_NUMBERS = ("rt", "start", "end", "spt", "dpt", "cn1", "cn2", "cn3", "in", "out", "fsize", "cnt")


def cef_problems(line: str) -> list:
    header, pairs = lines.cef(line)
    problems = [f"{key}={pairs[key]!r}" for key in CEF_NUMBERS if key in pairs and not pairs[key].isdigit()]
    problems += [f"{key} and its label do not go together" for key in {key.removesuffix("Label") for key in pairs}
                 if re.fullmatch("c[sn][0-9]|c6a[0-9]|flexString[0-9]", key) and not {key, key + "Label"} <= set(pairs)]
    problems += [f"{key}: missing" for key in ("rt", "externalId", "act", "cat") if key not in pairs]
    if len(pairs.get("externalId", "")) > 40 or not 10**12 < int(pairs.get("rt", "0")) < 10**13 or header[1:3] != ["smtpscope", "smtpscope"]:
        problems.append("externalId, rt or the header")
    return problems


def leef_problems(line: str) -> list:
    _, pairs = lines.leef(line)
    problems = [f"{key}={pairs.get(key)!r}" for key in LEEF_NUMBERS if not pairs.get(key, "0").isdigit()]
    return problems + [f"{key}: missing" for key in ("devTime", "cat", "sev", "eventId") if key not in pairs]


def checker(name: str, version: str = "1.8"):
    """Of a format, what finds the problems of one line."""
    if name in ("cef", "leef"):
        return {"cef": cef_problems, "leef": leef_problems}[name]
    of_document = {"ecs": lambda: ecs.Ecs().problems, "ocsf": lambda: ocsf.Ocsf(version).problems, "zeek": lambda: zeek_problems,
                   "eve": lambda: eve_problems, "splunk": lambda: splunk_problems}[name]()
    return lambda line: of_document(json.loads(line, object_pairs_hook=no_doubles))


def check_output(tap: Tap, name: str, what: str, out: bytes, version: str = "1.8") -> None:
    text, problems = out.decode(), []
    if name == "zeek-tsv":
        try:
            tap.ok(bool(lines.zeek(text)), f"{what}: has records, and is as Zeek writes it")
        except ValueError as error:
            tap.ok(False, f"{what}: is as Zeek writes it", str(error))
        return
    check = checker(name, version)
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            found = check(line)
        except (ValueError, KeyError, TypeError) as error:
            found = [f"{type(error).__name__}: {error}"]
        if len(line.encode()) > MAX.get(name, JSON_MAX):
            found.append(f"{len(line.encode())} bytes")
        if re.search("[\x00-\x08\x0a-\x1f\x7f\x80-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", line) or (name != "leef" and "\t" in line):
            found.append("a control character")
        problems += [f"line {number}: {problem}\n   {line[:300]}" for problem in found]
    tap.ok(text.endswith("\n") and not problems, f"{what}: {text.count(chr(10))} documents are valid",
           "\n".join(problems[:PROBLEMS_SHOWN]) + f"\n{len(problems)} problems")


def all_captures() -> list:
    return [word for name in captures() for word in ("-r", name)]


def test_captures(tap: Tap, binary: str) -> None:
    for name in FORMATS:
        for options in VARIANTS:
            for more in ([], ["--ocsf-version", "1.3"]) if name == "ocsf" else ([],):
                arguments = [*options, *more]
                result = run(binary, [*all_captures(), "-o", name, *arguments])
                what = " ".join(["-o", name, *arguments])
                tap.ok(result.status in (0, 1), f"{what}: all captures", str(result)[:2000])
                check_output(tap, name, what, result.out, more[1] if more else "1.8")
                if name == "ecs" and not options:
                    found = documents(result.out)
                    again = run(binary, [*all_captures(), "-o", name])
                    tap.ok(again.out == result.out, "the same packets give the same documents")
                    kinds = collections.Counter(document["event"]["dataset"] for document in found)
                    tap.ok(len(kinds) == 6, "there are documents of all six kinds", str(kinds))
                    tap.equal("documents are numbered", [document["event"]["sequence"] for document in found], list(range(1, len(found) + 1)))


def test_ids(tap: Tap, binary: str) -> None:
    """Within one capture each id is there once, and has the id of its session."""
    wrong = []
    for name in captures()[::10]:
        found = documents(run(binary, ["-r", name, "-o", "ecs"]).out)
        ids = [document["event"]["id"] for document in found]
        wrong += [name for _ in (1,) if len(ids) != len(set(ids))]
        wrong += [f"{name}: {document['event']['id']}" for document in found if "session_id" in document.get("smtp", {}) and
                  not re.fullmatch(document["smtp"]["session_id"] + r"-(s|[taf]\d+)", document["event"]["id"])]
    tap.equal("each document of a capture has an id of its own, made of that of the session", wrong, [])


# ---- values that would break out

class Talk:
    def __init__(self, seed: str):
        self.connection = wire.Connection(("192.0.2.20", 40025), ("192.0.2.10", 25), START, 10**6, random.Random(seed))
        self.connection.handshake()

    def server(self, line: bytes) -> None:
        self.connection.send(SERVER, line + b"\r\n")

    def say(self, line: bytes, *replies: bytes) -> None:
        self.connection.send(CLIENT, line + b"\r\n")
        for reply in replies:
            self.server(reply)

    def write(self, path: pathlib.Path) -> None:
        self.say(b"QUIT", b"221 2.0.0 Bye")
        self.connection.close()
        wire.packets.write_pcap(path, [(frame.time, frame.data) for frame in self.connection.frames])


# What ends a field, a line, a record or a document in one format or another; and what looks like the next field.
HOSTILE = {
    "bars and backslashes": b"a|b\\|c\\\\d\\",
    "equals": b"x= src=198.51.100.1 cs1=y cs1Label=z act=nothing",
    "quotes and braces": b'"}],"event":{"kind":"signal"},"x":[{"y":"',
    "brackets": b'"] [meta sequenceId="1"] <34>1 -',
    "tab": b"a\tusrName=eve\tsev=10",
    "return": b"a\rCEF:0|x|y|1|z|z|10|",
    "newline": b"a\nLEEF:2.0|x|y|1|z|x09|sev=10",
    "escapes": b"\\n\\r\\t\\u0000\\x0a\\x09 %0a %0d",
    "commas": b"a,b,c,(empty),-",
    "controls": b"\x1b[2J\x07\x08\x00\x0b\x0c\x7f",
    "separators": "\u2028{}\u2029{}\u0085\u202e\u200b".encode(),
    "not UTF-8": b"\xff\xfe\xc0\xaf\xed\xa0\x80",
    "characters": "日本語 ✉ ñ \U0001f4e7".encode(),
    "long": b"x" * 4096,
    "dash": b"-",
    "empty": b"(empty)",
}


def spoken(value: bytes) -> bytes:
    """As a part of one line of SMTP: what would end it there is not in it."""
    return value.replace(b"\r", b" ").replace(b"\n", b" ")[:3000]


def write_hostile(path: pathlib.Path, value: bytes) -> None:
    talk, text = Talk("hostile"), spoken(value)
    talk.server(b"220 mail.example.com " + text[:900])
    talk.say(b"EHLO " + text[:900], b"250-mail.example.com " + text[:400], b"250-X" + text[:400], b"250 AUTH PLAIN")
    address = text.replace(b">", b"").replace(b"<", b"").replace(b" ", b"_")[:800]
    talk.say(b'MAIL FROM:<"' + address.replace(b'"', b"'").replace(b"\\", b"/") + b'"@example.org>', b"250 2.1.0 " + text[:800])
    talk.say(b"RCPT TO:<" + address + b"@example.com>", b"250 2.1.5 " + text[:800])
    talk.say(b"RCPT TO:<bob@example.com>", b"550 5.1.1 " + text[:800])
    talk.say(b"DATA", b"354 go on")
    head = b"From: " + text + b" <alice@example.org>\r\nTo: " + text[:900] + b" <bob@example.com>\r\nSubject: " + text
    talk.connection.send(CLIENT, head + b"\r\nMessage-ID: <" + text[:900] + b"@x>\r\nX-Mailer: " + text[:900] + b"\r\n"
                         b"Content-Type: application/octet-stream; name=\"" + text[:200].replace(b'"', b"'") + b"\"\r\n"
                         b"Date: Wed, 25 Nov 2026 10:10:19 +0000\r\n\r\nbody\r\n.\r\n")
    talk.server(b"250 2.0.0 " + text[:800] + b" queued as 1")
    talk.write(path)


def count_of(name: str, out: bytes) -> dict:
    """How many records of which kind, by the reader of the format."""
    text = out.decode()
    if name == "zeek-tsv":
        return {"record": len(lines.zeek(text))}
    if name in ("cef", "leef"):
        return dict(collections.Counter((lines.cef if name == "cef" else lines.leef)(line)[0][4] for line in text.split("\n")[:-1]))
    key = {"ecs": lambda one: one["event"]["dataset"], "ocsf": lambda one: one["class_uid"], "zeek": lambda one: "record",
           "eve": lambda one: one["event_type"], "splunk": lambda one: one["sourcetype"]}[name]
    return dict(collections.Counter(key(one) for one in documents(out)))


def names_of(name: str, out: bytes) -> set:
    """All names of fields that a reader finds."""
    if name in ("cef", "leef"):
        reader = lines.cef if name == "cef" else lines.leef
        return {key for line in out.decode().split("\n")[:-1] for key in reader(line)[1]}
    if name == "zeek-tsv":
        return {key for record in lines.zeek(out.decode()) for key in record}

    def inside(value: object, path: str) -> set:
        if isinstance(value, dict):
            return set().union(*[inside(inner, f"{path}.{key}") for key, inner in value.items()])
        if isinstance(value, list):
            return set().union({path}, *[inside(inner, path) for inner in value])
        return {path}
    return set().union(*[inside(one, "") for one in documents(out)])


def known_names(binary: str, name: str) -> set:
    listed = run(binary, [f"--list-fields={name}"]).out.decode().split("\n")[1:-1]
    names = {word for line in listed for word in line.split("\t")[0].split(" ")}
    if name == "cef":
        return {word.partition(":")[0] + suffix for word in names for suffix in ("", "Label")}
    return names | {"fuids"} if name.startswith("zeek") else names


def test_hostile(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    plain = folder / "plain.pcap"
    write_hostile(plain, b"plain")
    for what, value in HOSTILE.items():
        path = folder / "hostile.pcap"
        write_hostile(path, value)
        for name in FORMATS:
            options = ["-o", name, "--attachments"]
            result, reference = run(binary, ["-r", path, *options]), run(binary, ["-r", plain, *options])
            tap.ok(result.status == 0 and not result.err, f"{name}: {what}", str(result))
            check_output(tap, name, f"{name}: {what}", result.out)
            try:
                mails = {kind: count for kind, count in count_of(name, result.out).items() if "session" in str(kind).lower() or
                         kind in ("record", "smtp", 4001, 4009, "SMTP-TXN-OK", "smtpscope.transaction", "smtpscope:transaction")}
                expected = {kind: count for kind, count in count_of(name, reference.out).items() if kind in mails}
                tap.ok(mails == expected and bool(mails), f"{name}: {what}: as many records as without", f"{mails} and {expected}")
                if name in ("cef", "leef"):
                    tap.ok(names_of(name, result.out) <= known_names(binary, name), f"{name}: {what}: no other fields",
                           str(names_of(name, result.out) - known_names(binary, name)))
            except (ValueError, KeyError, TypeError) as error:
                tap.ok(False, f"{name}: {what}: can be read", repr(error))


def subject_of(name: str, out: bytes) -> str:
    """The subject of the mail, as a reader of the format finds it."""
    if name == "zeek-tsv":
        return lines.zeek(out.decode())[0]["subject"]
    if name in ("cef", "leef"):
        reader, key = (lines.cef, "msg") if name == "cef" else (lines.leef, "subject")
        return next(pairs[key] for _, pairs in map(reader, out.decode().split("\n")[:-1]) if key in pairs)
    getter = {"ecs": lambda one: one.get("email", {}).get("subject"), "ocsf": lambda one: one.get("email", {}).get("subject"),
              "zeek": lambda one: one.get("subject"), "eve": lambda one: one.get("email", {}).get("subject"),
              "splunk": lambda one: one["event"].get("subject")}[name]
    return next(filter(None, map(getter, documents(out))))


ROUND_TRIPS = ["a | b \\ c = d \" e ] f", "\\|=\"]", "trailing \\", "key=value other=thing", "日本語 = ✉ | ñ", "a\tb", "%3D &amp; {\"x\":1}", "(empty)", "-",
               "comma, comma", "x" * 900, "y" * 4000, "é" * 2000]


def test_round_trips(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """A subject comes out of each format as it went in; cut, where the format has a limit, and with a blank for a tab where it has none."""
    path = folder / "round.pcap"
    for text in ROUND_TRIPS:
        talk = Talk("round trip")
        talk.server(b"220 mail.example.com")
        talk.say(b"EHLO client.example.com", b"250 mail.example.com")
        talk.say(b"MAIL FROM:<alice@example.org>", b"250 Ok")
        talk.say(b"RCPT TO:<bob@example.com>", b"250 Ok")
        talk.say(b"DATA", b"354 go on")
        talk.connection.send(CLIENT, b"Subject: " + text.encode() + b"\r\n\r\nbody\r\n.\r\n")
        talk.server(b"250 Ok")
        talk.write(path)
        native = run(binary, ["-r", path, "-o", "json"]).out.split(b"\n")[0]
        sent = json.loads(native)["mails"][0]["headers"]["subject"]
        for name in FORMATS:
            out = run(binary, ["-r", path, "-o", name]).out
            expected = sent.replace("\t", " ") if name in ("cef", "leef") else sent
            try:
                got = subject_of(name, out)
            except (ValueError, KeyError, StopIteration) as error:
                tap.ok(False, f"{name}: {text[:30]!r} can be read", repr(error))
                continue
            limited = len(expected.encode()) > 1000
            good = got == expected if not limited else expected.startswith(got) and len(got.encode()) >= 240
            tap.ok(good, f"{name}: {text[:30]!r} of {len(text)} characters comes through", f"{got[:200]!r}\nfor {expected[:200]!r}")


def test_many(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """5,000 recipients: the documents stay within their size, say what was cut, and keep the count."""
    path, talk = folder / "many.pcap", Talk("many")
    talk.server(b"220 mail.example.com")
    talk.say(b"EHLO client.example.com", b"250-mail.example.com", b"250 PIPELINING")
    talk.say(b"MAIL FROM:<alice@example.org>", b"250 Ok")
    for at in range(0, 5000, 50):
        talk.connection.send(CLIENT, b"".join(b"RCPT TO:<recipient-number-%d@example.com>\r\n" % number for number in range(at, at + 50)))
        talk.connection.send(SERVER, b"250 2.1.5 Ok\r\n" * 50)
    talk.say(b"DATA", b"354 go on")
    talk.connection.send(CLIENT, b"Subject: many\r\nTo: " + b", ".join(b"r%d@example.com" % number for number in range(300)) +
                         b"\r\n\r\nbody\r\n.\r\n")
    talk.server(b"250 Ok")
    talk.write(path)
    for name in FORMATS:
        out = run(binary, ["-r", path, "-o", name]).out
        check_output(tap, name, f"{name}: 5,000 recipients", out)
    ours = [one for one in documents(run(binary, ["-r", path, "-o", "ecs"]).out) if one["event"]["dataset"] == "smtpscope.transaction"][0]["smtp"]
    tap.ok(ours["rcpt_count"] == 5000 and ours["rcpt_accepted"] == 5000 and len(ours["rcpt_to"]) == 20 and
           "rcpt_to" in ours["capture"]["truncated_fields"], "ecs: 5,000 recipients are counted, 20 named, and that is said", str(ours)[:500])
    cef = [pairs for _, pairs in map(lines.cef, run(binary, ["-r", path, "-o", "cef"]).out.decode().split("\n")[:-1]) if pairs["cat"] == "email"][0]
    tap.ok(cef["cn3"] == "5000" and len(cef["duser"]) <= 1023 and all(re.fullmatch(r"recipient-number-\d+@example\.com", one)
           for one in cef["duser"].split(",")), "cef: whole addresses, as many as fit", cef["duser"])


def test_sizes(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """Long texts everywhere at once: what identifies a document stays, whatever has to go."""
    path, talk, long = folder / "sizes.pcap", Talk("sizes"), b"\xf0\x9f\x93\xa7" * 220
    talk.server(b"220 mail.example.com " + long)
    talk.say(b"EHLO " + long, *[b"250-X%d %s" % (number, long[:400]) for number in range(60)], b"250 AUTH PLAIN")
    talk.say(b"MAIL FROM:<" + b"a" * 900 + b"@example.org>", b"250 " + long)
    for number in range(30):
        talk.say(b"RCPT TO:<%d%s@example.com>" % (number, b"b" * 900), b"550 5.1.1 " + long)
    talk.say(b"RCPT TO:<carol@example.com>", *[b"250-" + long] * 20, b"250 " + long)
    talk.say(b"DATA", b"354 go on")
    talk.connection.send(CLIENT, b"".join(b"%s: %s\r\n" % (key, value) for key, value in (
        (b"From", b"A <alice@example.org>"), (b"Subject", long * 4), (b"Message-ID", b"<" + b"m" * 3000 + b"@x>"), (b"X-Mailer", long * 4),
        (b"To", b", ".join(b"%d%s@example.com" % (number, b"t" * 60) for number in range(60))), (b"In-Reply-To", b"<" + b"r" * 3000 + b">"))) +
        b"\r\nbody\r\n.\r\n")
    talk.server(b"550 5.7.1 " + long)
    talk.write(path)
    for name in FORMATS:
        out = run(binary, ["-r", path, "-o", name]).out
        check_output(tap, name, f"{name}: long texts everywhere", out)
    found = documents(run(binary, ["-r", path, "-o", "ecs"]).out)
    tap.ok(all(ecs.get(one, "event.id") and ecs.get(one, "event.outcome") for one in found if one["event"]["kind"] == "event") and
           any(ecs.get(one, "smtp.capture.truncated_fields") for one in found), "ecs: what identifies documents is left")


# ---- the table

def test_table(tap: Tap, binary: str) -> None:
    listed = run(binary, ["--list-fields"])
    rows = [line.split("\t") for line in listed.out.decode().split("\n")[:-1]]
    tap.ok(listed.status == 0 and len(rows) > 150 and all(len(row) == len(rows[0]) and all(row) for row in rows), "--list-fields is a table")
    for name in (*FORMATS, "ocsf-1.3"):
        listed = run(binary, [f"--list-fields={name}"])
        rows = [line.split("\t") for line in listed.out.decode().split("\n")[:-1]]
        tap.ok(listed.status == 0 and len(rows) > 15 and all(len(row) == 5 and all(row) for row in rows), f"--list-fields={name} is a table",
               str([row for row in rows if len(row) != 5]))
        meant = collections.Counter((field, kind) for row in rows[1:] for field in row[0].split(" ") for kind in row[2].split(","))
        tap.equal(f"{name}: each field has one meaning in each kind of document", [key for key, count in meant.items() if count > 1], [])
    refused = run(binary, ["--list-fields=nonesuch"])
    tap.ok(refused.status == 2 and b"nonesuch" in refused.err, "--list-fields of no format: refused", str(refused))


DOCS = ROOT / "docs" / "formats.md"
TABLE_MARK = "<!-- Made by tests/formats.py --update. -->\n"


def table(binary: str) -> str:
    """--list-fields as Markdown."""
    rows = [line.split("\t") for line in run(binary, ["--list-fields"]).out.decode().split("\n")[:-1]]

    def cell(text: str, code: bool) -> str:
        text = text.replace("|", "\\|")
        return "" if text == "-" else "<br>".join(f"`{word}`" for word in text.split(" ")) if code else text
    head = [f"| {' | '.join(rows[0])} |", "|---" * len(rows[0]) + "|"]
    return TABLE_MARK + "\n".join(head + ["| " + " | ".join(
        cell(text, number not in (1, 2, len(row) - 1)).replace(",", ", ") for number, text in enumerate(row)) + " |" for row in rows[1:]]) + "\n"


def test_docs(tap: Tap, binary: str) -> None:
    text = DOCS.read_text()
    tap.ok(text.partition(TABLE_MARK)[2] == table(binary).removeprefix(TABLE_MARK) and TABLE_MARK in text,
           "the table of docs/formats.md is that of the program", "tests/formats.py --update BINARY")


def update(binary: str) -> None:
    DOCS.write_text(DOCS.read_text().partition(TABLE_MARK)[0] + table(binary))


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--update":
        update(str(pathlib.Path(sys.argv[2]).resolve()))
        return
    if len(sys.argv) != 2:
        sys.exit("usage: formats.py [--update] BINARY")
    binary, tap = str(pathlib.Path(sys.argv[1]).resolve()), Tap()
    test_table(tap, binary)
    test_docs(tap, binary)
    test_captures(tap, binary)
    test_ids(tap, binary)
    with tempfile.TemporaryDirectory() as folder:
        test_hostile(tap, binary, pathlib.Path(folder))
        test_round_trips(tap, binary, pathlib.Path(folder))
        test_many(tap, binary, pathlib.Path(folder))
        test_sizes(tap, binary, pathlib.Path(folder))
    tap.finish()


if __name__ == "__main__":
    main()
