#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures that lack packets: nothing crashes, and no document claims what the whole capture contradicts.

    lossy.py [--seeds N] [--only TEXT] BINARY       --seeds: of each rewrite that has any; default: a few, for every day

Every golden capture goes through every rewrite of rewrite.LOSSY, and small ones lose each of their packets in turn. What is said of
the rest is compared with what is said of the whole, claim by claim: the rewrites know which frame was which. A claim may be missing,
or unknown; it may not be another. Printed is how many facts of the whole were still told: see KEPT_AT_LEAST.
"""
import argparse
import collections
import concurrent.futures
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import rewrite
from tap import PCAPS, Tap, brief, json_rows

SEEDS = 2
SMALL, SMALL_DAILY = 60, 24  # packets; of a capture that loses each of them in turn
BATCH = 64  # captures read by one process; each stands alone
TIMEOUT_S = 240
KEPT_AT_LEAST = {"lose-1": 0.95, "lose-5": 0.80}

# What a document that tells of a loss may say beyond the whole one.
FINDINGS_OF_LOSS = {"capture-loss"}

# What a header says of how it was seen.
MARKS = {"incomplete", "malformed", "truncated", "repeated", "invalid_utf8"}

# A server that answers with other codes in one reply, which makes the whole capture ambiguous: what is a reply of its own there
# depends on where one begins to look. Its replies are not compared, nor what rests on them.
#
# A retransmission with other bytes, which are the first when the first are lost.
AMBIGUOUS = {"early-talker.pcap", "retransmission-conflict.pcap"}


# ---- What documents say ----

def endpoints(document: dict) -> tuple:
    return tuple(sorted((document[side]["ip"], document[side]["port"]) for side in ("client", "server")))


# What a TLS handshake says, each of which is known or not. "retried" is only said when it is so.
TLS_CLAIMS = ("version", "version_offered", "cipher", "sni", "alpn", "alpn_offered", "ja3", "ja3s", "ja4", "retried", "resumed", "handshake",
              "certificate_matches_sni")


class View:
    """A session document with the frame numbers of the whole capture."""

    def __init__(self, document: dict, frames: list):
        self.document = document
        self.frames = frames
        self.key = endpoints(document), json.dumps(document["client"].get("vlan"))
        self.first = self.original(document["capture"]["first_frame"])

    def original(self, frame: int) -> int:
        return self.frames[frame - 1]

    def reply(self, reply: dict) -> tuple:
        """What a reply is told by, or None where there is none."""
        return (self.original(reply["frame"]), reply["code"], reply.get("enhanced")) if reply else None

    def entries(self) -> list:
        """Of the timeline: (kind, frame, what)."""
        result = []
        for entry in self.document["timeline"]:
            frame, event = self.original(entry["frame"]), entry["event"]
            if event == "greeting":
                result.append((event, frame, (entry["code"], None if entry.get("incomplete") else tuple(entry.get("text") or ()))))
            elif event == "command":
                result.append((event, frame, (entry["verb"], entry.get("argument"))))
            elif event == "reply":
                result.append((event, frame, (entry["code"], entry.get("enhanced"), entry["answers"])))
            elif event == "auth":
                result.append((event, frame, (entry["step"], entry["mechanism"], entry.get("username"))))
            elif event == "tls":
                result.append((event, frame, (entry["step"],)))
            elif event == "body":
                result.append((event, frame, (entry["command"], entry["bytes"], entry["lines"], entry.get("complete", True))))
        return result

    def facts(self) -> set:
        """All that a reader would want to know, each with the frame or the session that it is about."""
        document, session = self.document, self.key
        told = set(self.entries())
        told.add((session, "protocol", document["protocol"]))
        told.add((session, "result", document["result"]))
        told.add((session, "auth", document["auth"]["result"]))
        told.add((session, "close", document["tcp"]["close"]))
        told.add((session, "client", document["client"].get("name")))
        told.add((session, "banner", document["server"].get("banner")))
        for kind in ("clear", "tls"):
            for line in document["capabilities"].get(kind) or ():
                told.add((session, kind, line))
        for attempt in document["auth"]["attempts"]:
            frame = self.original(attempt["frame"])
            told.add((frame, "attempt", attempt["mechanism"], attempt.get("username")))
            told.add((frame, "attempt result", attempt["result"], self.reply(attempt["reply"])))
        for mail in document["mails"]:
            frame = self.original(mail["frame"])
            told.add((frame, "from", mail["from"]))
            told.add((frame, "authenticated", mail["authenticated"]))
            told.add((frame, "mail reply", self.reply(mail["reply"])))
            told.add((frame, "mail result", mail["result"]))
            for recipient in mail["recipients"]:
                at = self.original(recipient["frame"])
                told.add((at, "recipient", recipient["to"], recipient["accepted"], self.reply(recipient["reply"])))
            if mail.get("body"):
                told.add((frame, "body", mail["body"]["command"], mail["body"]["bytes"], self.reply(mail["body"]["reply"])))
            for name, value in mail.get("headers", {}).items():
                if name not in MARKS:
                    told.add((frame, "header", name, value))
            for part in mail.get("attachments") or ():
                told.add((frame, "attachment", part["part"], part["type"], part.get("name"), part.get("sha256")))
        tls = document["tls"] or {}
        for claim in TLS_CLAIMS:
            if tls.get(claim) is not None:
                told.add((session, "tls", claim, str(tls[claim])))
        for side in ("certificate", "client_certificate"):
            if side in tls:
                told.add((session, "tls", side, tls[side]["sha256"]))
        for finding in document["findings"]:
            if finding["id"] not in FINDINGS_OF_LOSS:
                told.add((session, "finding", finding["id"]))
        return told


class Whole:
    """What is said of a capture of which nothing is missing."""

    def __init__(self, documents: list, count: int):
        self.views = [View(document, list(range(1, count + 1))) for document in documents if document["type"] == "session"]
        self.diagnoses = {document["id"] for document in documents if document["type"] == "diagnosis"}
        self.facts = set().union(*(view.facts() for view in self.views))
        self.entries = collections.defaultdict(list)  # (kind, frame): what
        for view in self.views:
            for kind, frame, what in view.entries():
                self.entries[kind, frame].append(what)
        self.commands = {id(view): collections.Counter(what for kind, _, what in view.entries() if kind == "command")
                         for view in self.views}

    def find(self, view: View) -> View:
        """The session of which the view tells: the one of its addresses that began last before it."""
        same = [whole for whole in self.views if whole.key == view.key and whole.first <= view.first]
        return max(same, key=lambda whole: whole.first, default=None)


# ---- Contradictions ----

class Comparison:
    """Of what is said of a session with what the whole capture says."""

    def __init__(self, whole: Whole, view: View):
        self.whole, self.view, self.wrong = whole, view, []
        self.true = whole.find(view)

    def claim(self, what: str, said: object, true: object, unknown: tuple = (None, "unknown")) -> None:
        """What the whole capture does not know either is left alone."""
        if said not in unknown and said != true and true not in unknown:
            self.wrong.append(f"{what}: {said!r}, truly {true!r}")

    def claim_reply(self, what: str, said: dict, true: dict) -> None:
        """The same reply may have been sent twice, and the first time it was lost; its enhanced code may be."""
        got, real = self.view.reply(said), self.true.reply(true)
        if got and real and got[1] == real[1] and got[2] in (None, real[2]):
            again = not any(self.whole.entries.get((kind, got[0])) for kind in ("reply", "greeting"))
            if again or got[0] == real[0]:
                return
        self.claim(what, got, real)

    def run(self) -> list:
        if self.true is None:
            return [f"session {self.view.key}: there was none"]
        said, true = self.view.document, self.true.document
        self.claim("client", said["client"]["ip"], true["client"]["ip"])
        self.claim("client name", said["client"].get("name"), true["client"].get("name"))
        self.claim("banner", said["server"].get("banner"), true["server"].get("banner"), (None, ""))
        self.claim("protocol", said["protocol"], true["protocol"])
        # "encrypted" says that it is not known, and why: the capture lacks what it takes to decrypt it.
        self.claim("result", said["result"], true["result"], (None, "unknown", "encrypted"))
        self.claim("auth", said["auth"]["result"], true["auth"]["result"])
        self.close(said["tcp"]["close"], true["tcp"]["close"])
        self.capabilities(said["capabilities"])
        self.tls(said["tls"] or {}, true["tls"] or {})
        if not set(said["auth"]["offered"]) <= set(true["auth"]["offered"]):
            self.wrong.append(f"offered: {said['auth']['offered']}, truly {true['auth']['offered']}")
        self.timeline()
        self.attempts(said["auth"]["attempts"], true["auth"]["attempts"])
        for mail in said["mails"]:
            self.mail(mail)
        lacking = {finding["id"] for finding in said["findings"]} - {finding["id"] for finding in true["findings"]}
        for finding in sorted(lacking - FINDINGS_OF_LOSS):
            # What an ICMP error was about is lost with it, but not that nobody answered.
            if finding != "connection-unanswered" or true["tcp"]["close"] != "unreachable":
                self.wrong.append(f"finding {finding}: not in the whole capture")
        return self.wrong

    def close(self, said: str, true: str) -> None:
        """How the end was seen is known of what was captured only; how it was not established is said of the connection.

        "unanswered" says that only SYNs were captured, which stays true of any connection that was not established.
        """
        if said in ("refused", "unreachable") or (said == "unanswered" and true not in ("refused", "unreachable")):
            self.claim("close", said, true)

    def list_at(self, frame: int, kind: str) -> list:
        """The extensions in the reply that the whole capture has there, or its own list where none ends."""
        own = self.true.document["capabilities"]
        for entry in self.true.document["timeline"]:
            if entry["frame"] == frame and entry["event"] == "reply":
                if entry["answers"] in ("EHLO", "LHLO"):
                    return entry["text"][1:]
                return own[kind] if own.get(f"{kind}_frame") == frame else []
        return own.get(kind)

    def capabilities(self, said: dict) -> None:
        """Who does not see all EHLO commands may tell the list of another one, which is told in the frame that it came in."""
        for kind in ("clear", "tls"):
            got = said.get(kind)
            if got is None:
                continue
            real = self.list_at(self.view.original(said[f"{kind}_frame"]), kind)
            if real is None or not set(got) <= set(real):
                self.wrong.append(f"capabilities: {got}, truly {real}")
            elif not said.get("incomplete") and got != real:
                self.wrong.append(f"capabilities without a word of loss: {got}, truly {real}")

    def tls(self, said: dict, true: dict) -> None:
        for claim in TLS_CLAIMS:
            if said.get(claim) is not None and said[claim] != true.get(claim):
                self.wrong.append(f"tls {claim}: {said[claim]!r}, truly {true.get(claim)!r}")
        for claim in ("certificate", "client_certificate"):
            if claim not in said:
                continue
            got, real = ({key: value for key, value in one.get(claim, {}).items() if key != "frame"} for one in (said, true))
            if got != real:
                self.wrong.append(f"tls {claim}: {got}, truly {real}")
        alerts = [(alert["from"], alert["code"]) for alert in true.get("alerts", ())]
        for alert in said.get("alerts", ()):
            if (alert["from"], alert["code"]) not in alerts:
                self.wrong.append(f"tls alert {alert}, truly {alerts}")
        for side in ("client", "server"):
            got, real = ((one.get("data") or {}).get(side) for one in (said, true))
            if got and real and (got["records"] > real["records"] or got["bytes"] > real["bytes"]):
                self.wrong.append(f"tls data {got}, truly {real}")

    def timeline(self) -> None:
        left = collections.Counter(self.whole.commands[id(self.true)])
        for kind, frame, what in self.view.entries():
            here = self.whole.entries.get((kind, frame), [])
            if kind == "reply":
                self.answer(frame, what, here)
            elif kind == "command":
                self.command(frame, what, here, left)
            elif kind == "body" and what[3] and what not in here and here:
                self.wrong.append(f"frame {frame}: {kind} {what}, truly {here}")
            elif kind == "auth" and here and not any(
                    what[0] == real[0] and what[1] in (None, real[1]) and what[2] in (None, real[2]) for real in here):
                self.wrong.append(f"frame {frame}: {kind} {what}, truly {here}")
            elif kind == "greeting" and what not in here and here:
                if not any(what[0] == real[0] and what[1] in (None, ()) for real in here):
                    self.wrong.append(f"frame {frame}: {kind} {what}, truly {here}")

    def answer(self, frame: int, what: tuple, here: list) -> None:
        code, enhanced, answers = what
        greetings = self.whole.entries.get(("greeting", frame), [])
        if not here and greetings:
            if answers is not None:
                self.wrong.append(f"frame {frame}: the greeting said to answer {answers}")
            return
        same = [real for real in here if real[0] == code]
        if answers is None and any(real[0] == code for real in greetings):
            return  # what it was is not said
        if here and not same:
            self.wrong.append(f"frame {frame}: reply {what}, truly {here}")
        elif same and not any(answers in (None, real[2]) or real[2] is None for real in same):
            self.wrong.append(f"frame {frame}: reply {what}, truly {same}")
        elif same and not any(enhanced in (None, real[1]) for real in same):
            self.wrong.append(f"frame {frame}: reply {what}, truly {same}")

    def command(self, frame: int, what: tuple, here: list, left: collections.Counter) -> None:
        if what[0] is None:
            return
        left[what] -= 1
        if left[what] < 0 and not any(what[0] == real[0] and what[1] in (None, real[1]) for real in here):
            self.wrong.append(f"frame {frame}: command {what}, truly {here}")

    def attempts(self, said: list, true: list) -> None:
        by_frame = {self.true.original(attempt["frame"]): attempt for attempt in true}
        for attempt in said:
            real = by_frame.get(self.view.original(attempt["frame"]))
            if real is None:
                # The command was lost; what is left of the exchange must be one of those that were.
                results = {(other["result"], other.get("username")) for other in true}
                if attempt["result"] != "unknown" and not any(
                        attempt["result"] == result and attempt.get("username") in (None, name) for result, name in results):
                    self.wrong.append(f"attempt {attempt}: truly {true}")
                continue
            self.claim("mechanism", attempt["mechanism"], real["mechanism"])
            self.claim("user", attempt.get("username"), real.get("username"))
            self.claim("login", attempt["result"], real["result"])
            self.claim_reply("reply to AUTH", attempt["reply"], real["reply"])

    def find_mail(self, mail: dict) -> dict:
        frames = {self.view.original(mail["frame"])} | {self.view.original(to["frame"]) for to in mail["recipients"]}
        for other in self.true.document["mails"]:
            if frames & ({other["frame"]} | {to["frame"] for to in other["recipients"]}):
                return other
        # Sent twice, and the first time it was lost.
        return next((other for other in self.true.document["mails"]
                     if mail["from"] is not None and mail["from"] == other["from"]), None)

    def mail(self, mail: dict) -> None:
        real = self.find_mail(mail)
        if real is None:
            if mail["from"] is not None or mail["recipients"]:
                self.wrong.append(f"mail {mail}: there was none")
            return
        self.claim("from", mail["from"], real["from"])
        self.claim("authenticated", mail["authenticated"], real["authenticated"], (None,))
        self.claim_reply("reply to MAIL", mail["reply"], real["reply"])
        self.claim("mail", mail["result"], real["result"])
        if mail["from"] is not None and mail["params"] != real["params"]:
            self.wrong.append(f"parameters {mail['params']}, truly {real['params']}")
        by_name = collections.defaultdict(list)
        for recipient in real["recipients"]:
            by_name[recipient["to"]].append(recipient)
        for recipient in mail["recipients"]:
            same = by_name[recipient["to"]]
            if not same:
                self.wrong.append(f"recipient {recipient}: there was none in this mail")
                continue
            frame = self.view.original(recipient["frame"])
            other = next((one for one in same if one["frame"] == frame), same[0])
            self.claim("recipient", recipient["accepted"], other["accepted"], (None,))
            self.claim_reply("reply to RCPT", recipient["reply"], other["reply"])
        self.body(mail.get("body"), real.get("body"))
        self.headers(mail.get("headers"), real.get("headers"))
        self.parts(mail.get("attachments"), real.get("attachments"))

    def headers(self, said: dict, true: dict) -> None:
        if said is None:
            return
        if true is None:
            self.wrong.append(f"headers {said}: there were none")
            return
        for name, value in said.items():
            if name not in MARKS:
                self.claim(f"header {name}", value, true.get(name, "none"), (None,))
        if not said.get("incomplete"):
            lacking = set(true) - set(said) - MARKS
            if lacking:
                self.wrong.append(f"headers: {sorted(lacking)} are missing without a word")

    def parts(self, said: list, true: list) -> None:
        """Those that are told are the first, in their order; what was not seen whole has no hash."""
        for part, other in itertools.zip_longest(said or (), (true or ())[:len(said or ())]):
            for name in ("part", "type", "name", "sha256", "md5"):
                self.claim(f"attachment {name}", part.get(name), (other or {}).get(name, "none"), (None,))
            if "sha256" in part:
                self.claim("attachment size", part["size"], (other or {}).get("size"))

    def body(self, said: dict, true: dict) -> None:
        if said is None:
            return
        if true is None:
            self.wrong.append(f"body {said}: there was none")
            return
        if said["complete"]:
            self.claim("whole body", (said["command"], said["bytes"], said["lines"], said["content"]),
                       (true["command"], true["bytes"], true["lines"], true.get("content")))
        self.claim_reply("reply to the body", said["reply"], true["reply"])


# ---- Running ----

class Case:
    def __init__(self, row: object, capture: rewrite.Capture, name: str, packets: list):
        self.row, self.name = row, name
        self.frames = [packet.frame for packet in packets]
        self.data = rewrite.encode(rewrite.Capture(capture.link_type, packets))
        self.wrong, self.kept = [], None


def packets_of(capture: rewrite.Capture, rewriting: str, seed: int) -> list:
    return rewrite.LOSSY[rewriting][0](capture.packets, random.Random(seed))


def cases(row: object, capture: rewrite.Capture, seeds: int) -> object:
    for name, (_, seeded) in rewrite.LOSSY.items():
        for seed in range(1, (seeds if seeded else 1) + 1):
            yield Case(row, capture, f"{name}, seed {seed}", packets_of(capture, name, seed))
    if len(capture.packets) <= (SMALL if seeds > SEEDS else SMALL_DAILY):
        for position, packet in enumerate(capture.packets):
            yield Case(row, capture, f"without frame {packet.frame}", rewrite.lose_one(capture.packets, position))


def check_batch(binary: str, whole: Whole, batch: list) -> str:
    """Reads the batch, and tells each of its cases what was wrong. Returns what went wrong with the program."""
    with tempfile.TemporaryDirectory() as folder:
        names, arguments = {}, []
        for number, case in enumerate(batch):
            name = f"{number}.pcap"
            (pathlib.Path(folder) / name).write_bytes(case.data)
            names[name] = case
            arguments += ["-r", name]
        environment = {**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        try:
            done = subprocess.run([binary, "-o", "json", "--attachments", *arguments, *batch[0].row.options], cwd=folder, env=environment,
                                  timeout=TIMEOUT_S, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except subprocess.TimeoutExpired:
            return "timed out"
        if done.returncode != 0 or done.stderr:
            return f"status {done.returncode}: {brief(done.stderr)}"
    told = {name: [] for name in names}
    for line in done.stdout.splitlines():
        document = json.loads(line)
        if document["type"] == "session":
            told[document["capture"]["source"]].append(document)
    for name, case in names.items():
        facts = set()
        for document in told[name]:
            view = View(document, case.frames)
            if case.row.capture not in AMBIGUOUS:
                case.wrong += Comparison(whole, view).run()
            facts |= view.facts()
        case.kept = len(facts & whole.facts) / len(whole.facts)
        if len(batch) == 1:
            case.wrong += diagnosed(whole, done.stdout)
    return ""


def diagnosed(whole: Whole, out: bytes) -> list:
    """Diagnoses speak of all captures that were read together, so that only who reads one alone can compare them."""
    documents = map(json.loads, out.splitlines())
    return [f"diagnosis {document['id']}: not of the whole capture" for document in documents
            if document["type"] == "diagnosis" and document["id"] not in whole.diagnoses]


def batches(chosen: list, size: int) -> list:
    return [chosen[at:at + size] for at in range(0, len(chosen), size)]


def check_capture(binary: str, row: object, seeds: int) -> tuple:
    """Returns the cases, with their results, and what went wrong with the program."""
    capture = rewrite.read(PCAPS / row.capture)
    if any(packet.frame == 0 for packet in capture.packets):
        raise ValueError("a packet without a number")
    done = row.run(binary, "--attachments")
    whole = Whole([json.loads(line) for line in done.out.splitlines()], len(capture.packets))
    if not whole.views:
        raise ValueError("no session")
    chosen, failures = list(cases(row, capture, seeds)), []
    for batch in batches(chosen, BATCH if not whole.diagnoses else 1 if seeds <= SEEDS else 8):
        failures.append(check_batch(binary, whole, batch))
    return chosen, [failure for failure in failures if failure]


def renumbered(tap: Tap, binary: str, rows: list) -> None:
    """Other ports of clients change nothing but what is made of them."""
    def without_ports(document: dict) -> dict:
        kept = {key: value for key, value in document.items() if key not in ("id", "community_id", "client")}
        kept["client"] = {key: value for key, value in document["client"].items() if key != "port"}
        return kept
    for row in rows:
        capture = rewrite.read(PCAPS / row.capture)
        packets = rewrite.renumber(capture.packets, random.Random(1))
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / row.capture
            rewrite.write(rewrite.Capture(capture.link_type, packets), path)
            done = subprocess.run([binary, "-o", "json", "--attachments", "-r", row.capture, *row.options], cwd=folder, stdout=subprocess.PIPE, timeout=TIMEOUT_S)
        got, expected = ([without_ports(document) for document in map(json.loads, out.splitlines()) if document["type"] == "session"]
                         for out in (done.stdout, row.run(binary, "--attachments").out))
        tap.equal(f"{row.capture}: other ports of clients", len(got), len(expected))
        different = [(one, other) for one, other in zip(got, expected) if one != other]
        tap.ok(not different, f"{row.capture}: the same documents with them", str(different[:1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--only", default="", help="captures whose names have this in them")
    arguments = parser.parse_args()
    binary, tap = str(pathlib.Path(arguments.binary).resolve()), Tap()
    rows = [row for row in json_rows() if arguments.only in row.capture and "secrets-block" not in row.capture]
    kept, claims = collections.defaultdict(list), 0

    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        running = [(row, pool.submit(check_capture, binary, row, arguments.seeds)) for row in rows]
        for row, result in running:
            chosen, failures = result.result()
            tap.ok(not failures, f"{row.capture}: {len(chosen)} times with losses, all read to the end", "\n".join(failures))
            wrong = collections.defaultdict(list)
            for case in chosen:
                for what in case.wrong:
                    wrong[what].append(case.name)
                if case.kept is not None:
                    kept[case.name.split(",")[0].split(" frame")[0]].append(case.kept)
            claims += len(chosen)
            tap.ok(not wrong, f"{row.capture}: nothing said that is not so",
                   "\n".join(f"{len(names)} times ({names[0]}): {what}" for what, names in sorted(wrong.items())[:20]))
    if not arguments.only:
        renumbered(tap, binary, [row for row in rows if "icmp" not in row.capture and "gateway-down" not in row.capture])
    tap.ok(claims > 0, f"{claims} rewritten captures were read")
    for name, shares in kept.items():
        mean = sum(shares) / len(shares)
        tap.say(f"{name}: {100 * mean:.1f} % of the facts kept, mean of {len(shares)}")
        if name in KEPT_AT_LEAST and not arguments.only:
            tap.ok(mean >= KEPT_AT_LEAST[name], f"{name}: at least {100 * KEPT_AT_LEAST[name]:.0f} % of the facts kept")
    tap.finish()


if __name__ == "__main__":
    main()
