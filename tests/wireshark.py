#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Frame numbers and stream indices are Wireshark's.

    wireshark.py BINARY            the test; needs no tshark
    wireshark.py --update BINARY   asks tshark again about every golden capture

What tshark says is kept in tests/golden/wireshark/CAPTURE.tsv, four kinds of rows:

    stream   INDEX  FIRST-FRAME  LAST-FRAME  ENDPOINT  ENDPOINT
    command  INDEX  FRAME  VERB
    reply    INDEX  FRAME  CODE
    body     INDEX  FRAME           client's bytes that it does not take for commands; there may be some behind a body's end
"""
import json
import pathlib
import subprocess
import sys

from tap import GOLDEN, PCAPS, Row, Tap, json_rows

FACTS = GOLDEN / "wireshark"
SMTP_PORTS = {24, 25, 465, 587, 2525}

# Wireshark shows four letters of a command, and takes lines for commands that are not. Only these are compared.
VERBS = ("HELO", "EHLO", "LHLO", "AUTH", "STARTTLS", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "VRFY", "EXPN", "HELP",
         "QUIT")
SHORT_VERBS = {verb[:4] for verb in VERBS}

FIELDS = ("frame.number", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport",
          "frame.protocols", "smtp.req.command", "smtp.response.code")


# ---- Asking tshark ----

def tshark(row: Row, ports: set) -> list:
    command = ["tshark", "-n", "-r", row.capture, "-Y", "tcp && !icmp && !icmpv6", "-T", "fields", "-E", "separator=/t",
               "-E", "occurrence=a", "-E", "aggregator=,", "-o", "tcp.desegment_tcp_streams:TRUE",
               "-o", "tcp.reassemble_out_of_order:TRUE", "-o", "smtp.desegment_lines:TRUE"]
    if "--keylog" in row.options:
        command += ["-o", f"tls.keylog_file:{row.options[row.options.index('--keylog') + 1]}"]
    for port in sorted(ports):
        command += ["-d", f"tcp.port=={port},smtp"]
    for port in [option[:-len("/smtps")] for option in row.options if option.endswith("/smtps")]:
        command += ["-d", f"tcp.port=={port},tls", "-d", f"tls.port=={port},smtp"]  # it knows the usual ones
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, cwd=PCAPS, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.split("\n") if line]


def endpoint(row: dict, side: str) -> str:
    """Of the innermost packet."""
    port = row[f"tcp.{side}port"].split(",")[-1]
    if row[f"ipv6.{side}"] and not row[f"ip.{side}"]:
        return f"[{row[f'ipv6.{side}'].split(',')[-1]}]:{port}"
    return f"{row[f'ip.{side}'].split(',')[-1]}:{port}"


def facts(rows: list) -> list:
    streams, steps = {}, []
    for row in rows:
        frame, stream = int(row["frame.number"]), int(row["tcp.stream"].split(",")[-1])
        known = streams.setdefault(stream, [frame, frame, endpoint(row, "src"), endpoint(row, "dst")])
        known[1] = frame
        commands = [word[:4].upper() for word in row["smtp.req.command"].split(",")]
        steps += [("command", stream, frame, word) for word in commands if word in SHORT_VERBS]
        codes = row["smtp.response.code"].split(",")
        steps += [("reply", stream, frame, code) for code in dict.fromkeys(codes) if code]
        if "smtp" in row["frame.protocols"].split(":") and not any(commands) and not any(codes):
            steps.append(("body", stream, frame))
    return [("stream", stream, *known) for stream, known in sorted(streams.items())] + steps


def server_ports(out: bytes) -> set:
    """tshark finds SMTP by port only; content detection finds it elsewhere too."""
    ports = {session["server"]["port"] for session in map(json.loads, out.splitlines())
             if session["type"] == "session" and session["protocol"] != "smtps"}
    return (ports | SMTP_PORTS) - {465}


def update(binary: str) -> None:
    FACTS.mkdir(parents=True, exist_ok=True)
    kept = set()
    for row in json_rows():
        path = FACTS / f"{row.capture}.tsv"
        kept.add(path)
        lines = ["\t".join(map(str, fact)) for fact in facts(tshark(row, server_ports(row.run(binary).out)))]
        text = "\n".join(lines) + "\n"
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(f"written: wireshark/{path.name}")
    for path in set(FACTS.glob("*.tsv")) - kept:
        path.unlink()
        print(f"removed: wireshark/{path.name}")


# ---- The test ----

def read_facts(path: pathlib.Path) -> tuple:
    streams, commands, replies, bodies = {}, {}, {}, set()
    for line in path.read_text().splitlines():
        kind, stream, *rest = line.split("\t")
        if kind == "stream":
            streams[int(stream)] = int(rest[0]), int(rest[1]), set(rest[2:])
        elif kind == "body":
            bodies.add(int(rest[0]))
        else:
            target = commands if kind == "command" else replies
            target.setdefault(int(stream), []).append((int(rest[0]), rest[1]))
    return streams, commands, replies, bodies


def endpoint_text(side: dict) -> str:
    ip = f"[{side['ip']}]" if ":" in side["ip"] else side["ip"]
    return f"{ip}:{side['port']}"


def port_of(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def sees_all(session: dict) -> bool:
    """Where bytes are missing, Wireshark and smtpscope guess differently, and both may; and it reads early data (0-RTT)."""
    blind = session["blind"]
    early_data = ((session["tls"] or {}).get("unread") or {}).get("reason") == "early-data"
    return not early_data and not blind["midstream"] and not blind["one_sided"] and not blind["gaps"]


def check_streams(tap: Tap, row: Row, sessions: list, streams: dict) -> None:
    got = [session["capture"]["stream"] for session in sessions]
    tap.ok(len(got) == len(set(got)), f"{row.capture}: no two sessions have one stream", str(got))
    expected = {stream for stream, (_, _, ends) in streams.items() if SMTP_PORTS & set(map(port_of, ends))}
    tap.ok(expected <= set(got) and set(got) <= set(streams), f"{row.capture}: every stream on an SMTP port is a session",
           f"got {sorted(got)}\nexpected {sorted(expected)}")


def check_session(tap: Tap, name: str, session: dict, stream: tuple, commands: list, replies: list, bodies: set) -> None:
    capture, (first, last, ends) = session["capture"], stream
    if session["tcp"]["close"] == "unreachable":
        last = capture["last_frame"]  # that of the ICMP message
    got = capture["first_frame"], capture["last_frame"], {endpoint_text(session["client"]), endpoint_text(session["server"])}
    tap.equal(f"{name}: first and last frame, endpoints", got, (first, last, ends))
    if not sees_all(session):
        return
    steps = session["timeline"]
    got = [(step["frame"], step["verb"][:4]) for step in steps if step["event"] == "command" and step["verb"] in VERBS]
    got = [step for step in got if step in commands or step[0] not in bodies]
    tap.equal(f"{name}: frames of commands", got, commands)
    # Behind TURN it is the client that replies; Wireshark goes by the port.
    got = {(step["frame"], str(step["code"])) for step in steps if step["event"] in ("greeting", "reply") and step["from"] == "server"}
    tap.ok(got <= set(replies) and bool(got) == bool(replies), f"{name}: frames of replies",
           f"not there: {sorted(got - set(replies))}")


def test(binary: str) -> None:
    tap, rows = Tap(), json_rows()
    tap.ok(len(rows) > 0, "there are golden captures")
    for row in rows:
        path = FACTS / f"{row.capture}.tsv"
        if not tap.ok(path.exists(), f"{row.capture}: Wireshark was asked", "wireshark.py --update BINARY does it"):
            continue
        streams, commands, replies, bodies = read_facts(path)
        documents = map(json.loads, row.run(binary).out.splitlines())
        sessions = [document for document in documents if document["type"] == "session"]
        check_streams(tap, row, sessions, streams)
        for session in sessions:
            stream = session["capture"]["stream"]
            if stream in streams:
                check_session(tap, f"{row.capture}, stream {stream}", session, streams[stream], commands.get(stream, []),
                              replies.get(stream, []), bodies)
    stray = {path.name for path in FACTS.glob("*.tsv")} - {f"{row.capture}.tsv" for row in rows}
    tap.ok(not stray, "every file of facts has its capture", " ".join(sorted(stray)))
    tap.finish()


def main() -> None:
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--update":
        update(str(pathlib.Path(arguments[1]).resolve()))
    elif len(arguments) == 1:
        test(str(pathlib.Path(arguments[0]).resolve()))
    else:
        sys.exit("usage: wireshark.py [--update] BINARY")


if __name__ == "__main__":
    main()
