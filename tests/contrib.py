#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""contrib/ is true: what is in it can be read by whom it is for, or by the nearest that Debian has; names no field, metric or document that
the program does not write; and the rules find what they are for, and not what is nearly that.

    contrib.py BINARY DRIVER             DRIVER: drive_metrics, which writes every metric
    contrib.py --update BINARY           writes the index templates anew
"""
import collections
import configparser
import datetime
import json
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import yaml

from formats import Talk, all_captures
from metrics import Exposition
from scenes.scene import START, Scene
from scenes.table import ROWS
from siem import ecs, mappings, promql, sigma
from tap import PCAPS, ROOT, Tap, run

CONTRIB = ROOT / "contrib"
PRODUCTS = ("elasticsearch", "opensearch")
KINDS = ("session", "transaction", "auth", "finding", "diagnosis", "stats")
WAIT_S = 20


def all_documents(binary: str) -> list:
    found = []
    for options in ([], ["--attachments", "--local-net", "192.0.2.0/24", "--sensor", "sensor1"]):
        found += [json.loads(line) for line in run(binary, [*all_captures(), "-o", "ecs", *options]).out.splitlines()]
    return found


def listed(binary: str, name: str = "ecs") -> str:
    return run(binary, [f"--list-fields={name}"]).out.decode()


def known(binary: str) -> set:
    """All fields of -o ecs, with those inside of attachments."""
    types = mappings.field_types(listed(binary), ecs.Ecs().fields)
    return set(types)


# ---- index templates

def made_templates(binary: str) -> dict:
    fields, listing = ecs.Ecs().fields, listed(binary)
    return {CONTRIB / product / name: text for product in PRODUCTS for name, text in mappings.templates(listing, fields, product).items()}


def check_templates(tap: Tap, binary: str, documents: list) -> None:
    made = made_templates(binary)
    there = {path for product in PRODUCTS for path in (CONTRIB / product).glob("*.json")}
    tap.equal("templates: the files that there should be", sorted(map(str, there ^ set(made))), [])
    for path, text in made.items():
        tap.ok(path.exists() and path.read_text() == text, f"templates: {path.parent.name}/{path.name} has the fields of the program",
               "tests/contrib.py --update BINARY")
    for product in PRODUCTS:
        index = mappings.Index(CONTRIB / product)
        tap.equal(f"templates: {product}: nothing unknown in the files", index.problems_of_files, [])
        problems = collections.Counter(problem for document in documents for problem in index.problems(document))
        tap.ok(not problems, f"templates: {product}: {len(documents)} documents fit", "\n".join(map(str, problems.most_common(20))))
        tap.ok(len(index.seen) > 150, f"templates: {product}: {len(index.seen)} fields were tried")
        broken = {**documents[0], "no_such_field": 1, "event": {**documents[0]["event"], "sequence": "one"}}
        tap.equal(f"templates: {product}: a wrong field and a wrong value are found", len(index.problems(broken)), 2)
    types = {kind for product, kind in inner_types(mappings.Index(CONTRIB / "opensearch"))}
    tap.ok(not types & set(mappings.OPENSEARCH_TYPES) - {"match_only_text"}, "templates: opensearch: no types of Elasticsearch only", str(types))


def inner_types(index: mappings.Index) -> list:
    def walk(properties: dict) -> list:
        found = []
        for name, row in properties.items():
            found += walk(row["properties"]) if "properties" in row else [(name, row["type"])]
        return found
    return [pair for component in index.components.values() for pair in walk(component["template"]["mappings"]["properties"])]


# ---- Sigma

def rejected_logins(path: pathlib.Path, count: int) -> None:
    talk = Talk("logins")
    talk.server(b"220 mail.example.com ESMTP")
    talk.say(b"EHLO client.example.com", b"250-mail.example.com", b"250 AUTH CRAM-MD5")
    for _ in range(count):
        talk.say(b"AUTH CRAM-MD5", b"334 PDEyMzRAbWFpbC5leGFtcGxlLmNvbT4=")
        talk.say(b"YWxpY2UgMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=", b"535 5.7.8 Error: authentication failed")
    talk.write(path)


def refused_recipients(path: pathlib.Path, count: int) -> None:
    talk = Talk("recipients")
    talk.server(b"220 mail.example.com ESMTP")
    talk.say(b"EHLO client.example.com", b"250 mail.example.com")
    talk.say(b"MAIL FROM:<alice@example.org>", b"250 2.1.0 Ok")
    for number in range(count):
        talk.say(b"RCPT TO:<user%d@example.com>" % number, b"550 5.1.1 No such user")
    talk.write(path)


def attachment(path: pathlib.Path, name: bytes) -> None:
    talk = Talk("attachment")
    talk.server(b"220 mail.example.com ESMTP")
    talk.say(b"EHLO client.example.com", b"250 mail.example.com")
    talk.say(b"MAIL FROM:<alice@example.org>", b"250 2.1.0 Ok")
    talk.say(b"RCPT TO:<bob@example.com>", b"250 2.1.5 Ok")
    talk.say(b"DATA", b"354 go on")
    talk.connection.send(0, b"From: alice@example.org\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
                         b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b\r\nContent-Type: application/octet-stream\r\n"
                         b"Content-Disposition: attachment; filename=\"" + name + b"\"\r\n\r\nMZ\r\n--b--\r\n.\r\n")
    talk.server(b"250 2.0.0 Ok: queued as 1")
    talk.write(path)


# Captures that are made here: how, and with what.
MADE = {"five-rejections": (rejected_logins, 5), "four-rejections": (rejected_logins, 4),
        "ten-refused": (refused_recipients, 10), "nine-refused": (refused_recipients, 9),
        "program-attached": (attachment, b"invoice.pdf.EXE"), "picture-attached": (attachment, b"exe.png")}

# File of contrib/sigma/: where it must match, where it must not. A capture, a scene of scenes/table.py (scene:), or one of MADE (made:),
# perhaps with options.
CASES = {
    "smtp_mail_without_login_accepted": ("mail-without-auth-accepted gateway-down",
                                         "mail-without-auth-refused relay-refused auth-login-accepted"),
    "smtp_password_in_clear": ("auth-plain-accepted auth-login-rejected", "auth-cram-md5-accepted auth-scram-sha-256"),
    "smtp_password_guessing": ("made:five-rejections", "made:four-rejections auth-login-rejected"),
    "smtp_smuggling_succeeded": ("smuggling smuggling-nul", "smuggling-not-taken smuggling-quoted bare-newline"),
    "smtp_smuggling_attempt": ("smuggling-not-taken", "smuggling smuggling-quoted bare-newline"),
    "smtp_starttls_injection": ("starttls-injection response-injection", "starttls-eager-hello starttls"),
    "smtp_starttls_in_clear": ("starttls-in-clear", "starttls starttls-injection starttls-refused"),
    "smtp_capabilities_masked": ("capability-masked capability-masked-asterisks", "greeting-with-stars"),
    "smtp_header_injection": ("header-injection", "addresses-that-look-injected"),
    "smtp_certificate_invalid": ("tls-certificate-expired tls-certificate-not-yet-valid tls-certificate-name-mismatch",
                                 "tls-certificate tls-certificate-self-signed tls12-exim-alpn"),
    "smtp_weak_tls": ("tls-version-weak tls-certificate-self-signed", "tls-certificate tls12-exim-alpn"),
    "smtp_other_protocol_on_mail_port": ("not-smtp-http not-smtp-tls not-smtp-ssh-server", "not-smtp-random unknown-command"),
    "smtp_protocol_abuse": ("bare-newline commands-after-quit early-talker line-too-long nul-byte pipelining-not-offered",
                            "bare-return-body quit-refused postscreen-greeting line-at-limit nul-in-binary pipelining newline-split"),
    "smtp_conflicting_retransmission": ("retransmission-conflict", "retransmission overlapping"),
    "smtp_brute_force": ("scene:brute-force scene:under-attack", "scene:stale-password scene:slips-and-newcomers scene:password-spray"),
    "smtp_password_spraying": ("scene:password-spray", "scene:brute-force scene:all-passwords-wrong"),
    "smtp_login_after_guessing": ("scene:brute-force-succeeds", "scene:brute-force scene:password-changed"),
    "smtp_open_relay": ("scene:open-relay-on-submission scene:open-relay-on-25", "scene:turns-login-off"),
    "smtp_relay_by_address": ("gateway-down scene:gateway-dies", "scene:printer scene:all-encrypted"),
    "smtp_starttls_stripped": ("scene:starttls-stripped scene:starttls-masked starttls-stripped", "starttls-refused scene:brute-force"),
    "smtp_logins_fail_on_one_server": ("gateway-down scene:two-gateways-one-dies", "scene:all-passwords-wrong scene:password-changed"),
    "smtp_client_stopped_logging_in": ("gateway-down scene:turns-login-off", "scene:turns-login-off-in-vain"),
    "smtp_server_changed": ("gateway-down scene:gateway-dies", "scene:planned-move scene:restart"),
    "smtp_service_down": ("scene:service-down-for-good", "scene:service-down scene:never-there"),
    "smtp_port_blocked": ("scene:port-25-dropped scene:port-25-prohibited", "scene:one-server-refuses scene:network-down"),
    "smtp_recipients_probed": ("made:ten-refused", "made:nine-refused recipient-refused"),
    "smtp_risky_attachment": ("made:program-attached,--attachments", "made:picture-attached,--attachments attachments,--attachments"),
    "smtp_on_unusual_port": ("smtp-on-odd-port", "two-mails lmtp-opensmtpd not-smtp-http"),
    "smtp_direct_to_internet": ("two-mails,--local-net,192.0.2.20/32", "two-mails two-mails,--local-net,192.0.2.0/24"),
    "smtp_login_failures_many": ("scene:brute-force", "scene:slips-and-newcomers auth-login-rejected"),
    "smtp_login_failures_users": ("scene:password-spray", "scene:brute-force-few-users auth-login-rejected"),
}

# Findings and diagnoses that are no alert of their own: what goes wrong every day, or is said better by a diagnosis.
NO_RULE = """
connection-refused connection-unanswered no-greeting banner-refused server-busy auth-temporary-failure auth-needs-tls auth-syntax
auth-password-transition-needed auth-mechanism-too-weak auth-mechanism-not-offered auth-not-offered-on-submission auth-required mail-refused
size-over-limit size-understated recipient-refused greylisted starttls-refused starttls-not-used tls-handshake-failed extension-not-offered
parameter-wrong limit-exceeded hello-not-repeated slow-reply tarpit capture-loss server-alternates greylist-not-retried
greylisted-then-delivered
""".split()


class Cases:
    """The documents of captures, each read once."""

    def __init__(self, binary: str, folder: pathlib.Path) -> None:
        self.binary, self.folder, self.documents, self.rows = binary, folder, {}, {row.name: row for row in ROWS}

    def get(self, case: str) -> list:
        if case not in self.documents:
            name, *options = case.split(",")
            result = run(self.binary, [*self.arguments(name), "-o", "ecs", *options])
            self.documents[case] = [json.loads(line) for line in result.out.splitlines()]
            if not self.documents[case]:
                raise ValueError(f"{case}: {result}")
        return self.documents[case]

    def arguments(self, name: str) -> list:
        kind, _, rest = name.rpartition(":")
        if kind == "made":
            build, what = MADE[rest]
            build(self.folder / f"{rest}.pcap", what)
            return ["-r", self.folder / f"{rest}.pcap"]
        if kind == "scene":
            row = self.rows[rest]
            scene = Scene(row.name, row.ipv6, row.start or START)
            row.build(scene, **row.arguments)
            return [word for path in scene.write(self.folder) for word in ("-r", self.folder / path)] + [*row.options, *row.packet_options]
        return ["-r", next(path.name for path in sorted(PCAPS.glob(f"{rest}.pcap*")))]


def load_rules() -> dict:
    """File name without its ending to the rules in it."""
    return {path.stem: [sigma.Rule(source) for source in yaml.safe_load_all(path.read_text())] for path in sorted((CONTRIB / "sigma").iterdir())}


def applies(rules: list, documents: list) -> bool:
    """The last rule of a file is what alerts; those before it have names that it counts."""
    if rules[-1].correlation is not None:
        return sigma.correlated(rules[-1], {rule.name: rule for rule in rules[:-1]}, documents)
    return any(rules[-1].matches(document) for document in documents)


def check_rule_files(tap: Tap, files: dict, fields: set) -> None:
    tap.equal("sigma: each rule has captures to try it on, and the other way round", sorted(set(files) ^ set(CASES)), [])
    everything = [rule for rules in files.values() for rule in rules]
    for part in ("id", "title", "name"):
        found = collections.Counter(rule.source[part] for rule in everything if part in rule.source and
                                    not (part == "title" and rule.source.get("name")))
        tap.equal(f"sigma: no {part} is there twice", [value for value, count in found.items() if count > 1], [])
    for name, rules in files.items():
        tap.ok(re.fullmatch("[a-z0-9_]{10,70}", name), f"sigma: {name}: a proper name")
        problems = [problem for rule in rules for problem in rule.problems]
        problems += [f"{field}: no such field" for rule in rules if not rule.problems for field in rule.fields() - fields]
        tap.equal(f"sigma: {name}: has what a rule must have, and fields that documents have", problems, [])


def check_rules(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    files, cases = load_rules(), Cases(binary, folder)
    check_rule_files(tap, files, known(binary))
    for name, (matching, others) in CASES.items():
        for case in matching.split():
            tap.ok(applies(files[name], cases.get(case)), f"sigma: {name}: finds {case}")
        for case in others.split():
            tap.ok(not applies(files[name], cases.get(case)), f"sigma: {name}: does not find {case}")
    ids = set(re.findall(r"^\| `([a-z0-9-]+)` \| (?:high|medium|low|info|connection|the same|AUTH)?", (ROOT / "docs" / "findings.md").read_text(), re.M))
    texts = {path.stem: path.read_text() for path in (CONTRIB / "sigma").iterdir()}
    ruled = {one for one in ids if any(re.search(rf"[:-] {one}$", text, re.M) for text in texts.values())}
    alone = set(NO_RULE)
    tap.ok(len(ids) > 60, "sigma: findings and diagnoses are known", str(len(ids)))
    tap.equal("sigma: each finding and diagnosis has a rule, or needs none", sorted(ids - ruled - alone), [])
    tap.equal("sigma: none is said to need none that has one, or is not there", sorted(alone & ruled | alone - ids), [])
    check_tags(tap, files, cases)


def check_tags(tap: Tap, files: dict, cases: Cases) -> None:
    """Where the program itself names a technique, the rule does, too."""
    for name, rules in files.items():
        tags = set(rules[-1].source.get("tags", []))
        for case in CASES[name][0].split():
            matched = [one for one in cases.get(case) if rules[-1].correlation is None and rules[-1].matches(one)]
            wanted = {f"attack.{value.lower()}" for one in matched for value in sigma.values(one, "threat.technique.id")}
            missing = {tag for tag in wanted if not any(mine.startswith(tag) for mine in tags)}
            if wanted:
                tap.equal(f"sigma: {name}: has the technique of {case}", sorted(missing), [])


# ---- collectors

FIELD_SYNTAX = {
    # Where a configuration names a field of a document.
    "vector/vector.yaml": (r"\.document_id = ((?:\.[a-z_]+)+)",),
    "filebeat/filebeat.yml": (r"%\{\[([a-z_.]+)\]\}", r"from: ([a-z_.]+)"),
    "fluent-bit/fluent-bit.yaml": (r"\$([a-z_]+(?:\['[a-z_]+'\])+)", r'time_key: "([^"]+)"'),
    "logstash/smtpscope.conf": (r"%\{((?:\[[a-z_@]+\])+)\}", r"if ((?:\[[a-z_]+\]){2,})"),
    "rsyslog/30-smtpscope.conf": (r"\$!([a-z_!]+)",),
}
FIELDS_MIN = {"vector/vector.yaml": 1, "filebeat/filebeat.yml": 4, "fluent-bit/fluent-bit.yaml": 3, "logstash/smtpscope.conf": 5,
              "rsyslog/30-smtpscope.conf": 10}


def check_collector_fields(tap: Tap, fields: set) -> None:
    for name, patterns in FIELD_SYNTAX.items():
        text = (CONTRIB / name).read_text()
        found = {re.sub(r"[!\[\]']+", ".", match).strip(".") for pattern in patterns for match in re.findall(pattern, text)}
        tap.ok(len(found) >= FIELDS_MIN[name] and found <= fields, f"{name}: its {len(found)} fields are there", str(sorted(found - fields)))


def check_yaml_files(tap: Tap) -> None:
    vector = yaml.safe_load((CONTRIB / "vector" / "vector.yaml").read_text())
    names = set(vector["sources"]) | set(vector["transforms"]) | {f"{name}.dropped" for name in vector["transforms"]}
    wired = [name for part in ("transforms", "sinks") for one in vector[part].values() for name in one["inputs"]]
    tap.ok(set(wired) <= names and set(names) <= set(wired), "vector: all parts are connected", f"{names} {wired}")
    beat = yaml.safe_load((CONTRIB / "filebeat" / "filebeat.yml").read_text())
    scanner = beat["filebeat.inputs"][0]["prospector.scanner.fingerprint"]
    tap.ok(scanner["enabled"] and scanner["length"] == 64, "filebeat: files are known by what is unique in them")
    fluent = yaml.safe_load((CONTRIB / "fluent-bit" / "fluent-bit.yaml").read_text())
    outputs = {one["match"]: one["index"] for one in fluent["pipeline"]["outputs"]}
    expected = {f"smtpscope.{kind}": f"{'metrics' if kind == 'stats' else 'logs'}-smtpscope.{kind}-default" for kind in KINDS}
    tap.equal("fluent-bit: each kind goes to its data stream", outputs, expected)
    parsers = {one["name"]: one for one in fluent["parsers"]}
    tap.ok(fluent["pipeline"]["inputs"][0]["parser"] in parsers, "fluent-bit: the parser is there")
    rule = fluent["pipeline"]["filters"][0]["rule"].split(" ")
    tap.ok(len(rule) == 4 and all(re.fullmatch(rule[1], f"smtpscope.{kind}") for kind in KINDS), "fluent-bit: tags of all kinds", str(rule))


def check_first_lines(tap: Tap, documents: list) -> None:
    """Collectors know a file by its beginning."""
    heads = [json.dumps(document, separators=(",", ":"), ensure_ascii=False)[:64] for document in documents]
    tap.ok(all(head.startswith('{"@timestamp":"') for head in heads), "ecs: the time is within the first 64 bytes")


LOGSTASH_TOKEN = re.compile(r'\s*(?:#[^\n]*\n|(?P<text>"(?:[^"\\]|\\.)*")|(?P<field>(?:\[[@a-z_]+\])+)|(?P<word>[a-z_0-9]+)|(?P<sign>=>|==|[{}\[\],]))')


class Logstash:
    """input { plugin { name => value ... } if CONDITION { ... } }, and the same of filter and output."""

    def __init__(self, text: str) -> None:
        self.tokens, at, self.plugins = [], 0, collections.Counter()
        while text[at:].strip():
            match = LOGSTASH_TOKEN.match(text, at)
            if not match:
                raise ValueError(f"{text[at:at + 40]!r}")
            at = match.end()
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match[match.lastgroup]))
        while self.tokens:
            section = self.expect("word")
            if section not in ("input", "filter", "output"):
                raise ValueError(f"a section {section}")
            self.block(section)

    def peek(self) -> str:
        return self.tokens[0][1] if self.tokens else ""

    def expect(self, kind: str, value: str = "") -> str:
        if not self.tokens or self.tokens[0][0] != kind or (value and self.tokens[0][1] != value):
            raise ValueError(f"{kind} {value} expected at {self.tokens[:3]}")
        return self.tokens.pop(0)[1]

    def block(self, section: str) -> None:
        self.expect("sign", "{")
        while self.peek() != "}":
            name = self.expect("word")
            if name == "if":
                self.condition()
                self.block(section)
            else:
                self.plugins[section, name] += 1
                self.hash()
        self.expect("sign", "}")

    def condition(self) -> None:
        self.tokens.pop(0)
        if self.peek() == "in":
            self.expect("word")
            self.expect("field")
        else:
            self.expect("sign", "==")
            self.expect("text")

    def hash(self) -> None:
        self.expect("sign", "{")
        while self.peek() != "}":
            self.tokens.pop(0)
            self.expect("sign", "=>")
            self.value()
        self.expect("sign", "}")

    def value(self) -> None:
        kind, token = self.tokens.pop(0)
        if token == "[":
            while self.peek() != "]":
                self.value()
                if self.peek() == ",":
                    self.expect("sign", ",")
            self.expect("sign", "]")
        elif token == "{":
            self.tokens.insert(0, (kind, token))
            self.hash()
        elif kind not in ("text", "word"):
            raise ValueError(f"a value {token}")
        elif kind == "word" and self.peek() == "{":
            self.hash()


def check_logstash(tap: Tap) -> None:
    text = (CONTRIB / "logstash" / "smtpscope.conf").read_text()
    try:
        plugins = dict(Logstash(text).plugins)
    except ValueError as error:
        tap.ok(False, "logstash: can be read", str(error))
        return
    tap.equal("logstash: its plugins", plugins, {("input", "file"): 1, ("input", "http"): 1, ("filter", "drop"): 1, ("filter", "mutate"): 1,
                                                 ("output", "elasticsearch"): 1})


# ---- rsyslog, for real

def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, end: float) -> bool:
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def lines_of(path: pathlib.Path) -> list:
    return path.read_text().splitlines() if path.exists() else []


def check_rsyslog(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    """The file as it is, with other places, is given documents in a file and over TCP by the program itself."""
    if not shutil.which("rsyslogd"):
        tap.skip("rsyslog", "it is not installed")
        return
    port, logs, work = free_port(), folder / "log", folder / "work"
    logs.mkdir()
    work.mkdir()
    text = (CONTRIB / "rsyslog" / "30-smtpscope.conf").read_text()
    tap.ok(text.count("/var/log/smtpscope") == 5 and text.count('"10514"') == 1, "rsyslog: the places that are replaced here are there")
    text = text.replace("/var/log/smtpscope/", f"{logs}/").replace("/var/log/smtpscope-", f"{folder}/").replace('"10514"', f'"{port}"')
    config = folder / "rsyslog.conf"
    config.write_text(f'global(workDirectory="{work}")\n' + text)
    checked = subprocess.run(["rsyslogd", "-N1", "-f", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=WAIT_S)
    tap.ok(checked.returncode == 0 and b"error" not in checked.stdout.lower(), "rsyslog: takes the configuration", checked.stdout.decode())
    documents = [line for name in ("gateway-down.pcap", "smuggling.pcap") for line in run(binary, ["-r", name, "-o", "ecs"]).out.decode().splitlines()]
    (logs / "sensor.ecs.ndjson").write_text("".join(line + "\n" for line in documents) + "this is no document\n")
    daemon = subprocess.Popen(["rsyslogd", "-n", "-f", str(config), "-i", str(folder / "pid")], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        received = folder / "documents.ndjson"
        end = time.monotonic() + WAIT_S
        wait_for(lambda: len(lines_of(received)) >= len(documents), end)
        sent = run(binary, ["-r", "two-mails.pcap", "-w", f"ecs=syslog+tcp://127.0.0.1:{port}"])
        over_tcp = run(binary, ["-r", "two-mails.pcap", "-o", "ecs"]).out.decode().splitlines()
        tap.equal("rsyslog: the program delivers to it", sent.status, 0)
        wait_for(lambda: len(lines_of(received)) >= len(documents) + len(over_tcp), end)
        wait_for(lambda: (folder / "not-understood.log").exists(), end)
    finally:
        daemon.terminate()
        daemon.wait(WAIT_S)
    tap.equal("rsyslog: each document came, and is as it was", sorted(lines_of(received)), sorted(documents + over_tcp))
    tap.equal("rsyslog: what is no document is kept apart", lines_of(folder / "not-understood.log"), ["this is no document"])
    parsed = [json.loads(line) for line in documents + over_tcp]
    worst = sorted((one["event"]["id"] for one in parsed if one["event"]["kind"] == "alert" and one["event"]["severity"] >= 4))
    alerts = lines_of(folder / "alerts.log")
    said = [re.fullmatch(r"\S+ (?:high|critical) [a-z-]+ \S* ?-> \S* ?([0-9a-f]+-[a-z0-9]+): .+", line) for line in alerts]
    got = sorted(match[1] if match else line for match, line in zip(said, alerts))
    tap.ok(len(worst) > 2, "rsyslog: there are alerts to find")
    tap.equal("rsyslog: findings and diagnoses that are high or critical are alerts", got, worst)


# ---- Splunk

def stanzas(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str
    parser.read_string((CONTRIB / "splunk" / name).read_text())
    return parser


def check_splunk(tap: Tap, binary: str, documents: list) -> None:
    props, transforms = stanzas("props.conf"), stanzas("transforms.conf")
    fields, words = known(binary), listed(binary, "splunk")
    lines = [json.dumps(document, separators=(",", ":"), ensure_ascii=False) for document in documents]
    rule = transforms["smtpscope_kind"]
    matches = [re.search(rule["REGEX"], line[:int(rule["LOOKAHEAD"])]) for line in lines]
    kinds = {rule["FORMAT"].replace("$1", match[1]).removeprefix("sourcetype::") for match in matches if match}
    tap.ok(all(matches), "splunk: the kind of each document is found")
    tap.equal("splunk: each kind has a stanza", sorted(kinds ^ {name for name in props.sections() if name.startswith("smtpscope:ecs:")}), [])
    everything = run(binary, [*all_captures(), "-o", "splunk"]).out
    hec = {json.loads(line)["sourcetype"] for line in everything.splitlines()}
    tap.equal("splunk: each source type of -o splunk has a stanza",
              sorted(hec ^ {name for name in props.sections() if name.count(":") == 1}), ["smtpscope:ecs"])
    check_splunk_times(tap, props["smtpscope:ecs"], lines, documents)
    problems, names = [], set()
    for section in props.sections():
        for key, value in props[section].items():
            if key.startswith("FIELDALIAS-"):
                source, target = re.fullmatch(r"(\S+) AS (\S+)", value).groups()
                used = {source.removesuffix("{}")}
                problems += [f"[{section}] {key}: {source} is a list" for one in documents for found in [ecs.get(one, source.removesuffix("{}"))]
                             if isinstance(found, list) != source.endswith("{}") and found is not None][:1]
                names.add(target)
            elif key.startswith("EVAL-"):
                used = set(re.findall(r"'([^']+)'", value))
                names.add(key.removeprefix("EVAL-"))
            else:
                continue
            kind = section.rpartition(":")[2]
            there = fields_of_kind(binary, "statistics" if kind == "stats" else kind)
            problems += [f"[{section}] {key}: no {name} in {kind}" for name in used - there]
    tap.equal("splunk: names are translated from fields that these documents have", problems, [])
    cim = set(re.findall(r"event\.([a-z_]+)", words))
    tap.equal("splunk: ... to the names that -o splunk uses", sorted(names - cim - {"id", "type"}), [])
    tap.ok(len(names) > 20 and fields, "splunk: many names are translated")
    searches = {name: set(re.findall(r"sourcetype=(\S+)", section["search"])) for name, section in stanzas("eventtypes.conf").items() if "search" in section}
    tap.equal("splunk: event types are of source types", sorted(set().union(*searches.values()) - set(props.sections())), [])
    tap.equal("splunk: tags are of event types", sorted({name.removeprefix("eventtype=") for name in stanzas("tags.conf").sections()} ^ set(searches)), [])
    tap.equal("splunk: the input has a stanza", {section["sourcetype"] for section in stanzas("inputs.conf").values() if "sourcetype" in section},
              {"smtpscope:ecs"})


def fields_of_kind(binary: str, kind: str) -> set:
    rows = [line.split("\t") for line in listed(binary).split("\n")[1:-1]]
    return {name for row in rows if kind in row[2].split(",") for name in row[0].split(" ")}


def check_splunk_times(tap: Tap, stanza: configparser.SectionProxy, lines: list, documents: list) -> None:
    wrong = []
    for line, document in zip(lines, documents):
        match = re.search(stanza["TIME_PREFIX"], line)
        text = line[match.end():match.end() + int(stanza["MAX_TIMESTAMP_LOOKAHEAD"])]
        try:
            datetime.datetime.strptime(text.partition('"')[0], stanza["TIME_FORMAT"].replace("%6N", "%f"))
        except ValueError as error:
            wrong.append(f"{error}")
    tap.equal("splunk: the time of each document is found", wrong[:3], [])
    tap.ok(stanza["TRUNCATE"] == "0" and stanza["KV_MODE"] == "json", "splunk: documents are not cut")
    tap.ok(len(re.split(stanza["LINE_BREAKER"], "\n".join(lines[:10]))) == 19, "splunk: a line is an event")


# ---- Prometheus and Grafana

def check_expressions(tap: Tap, what: str, expressions: list, exposition: Exposition) -> None:
    labels = collections.defaultdict(lambda: collections.defaultdict(set))
    for name, pairs in exposition.samples:
        labels[name]  # metrics without labels are there, too
        for label, value in pairs:
            labels[name][label].add(value)
    for expression in expressions:
        try:
            found = promql.selectors(expression)
        except ValueError as error:
            tap.ok(False, f"{what}: {expression}", str(error))
            continue
        wrong = [f"no metric {name}" for name, _ in found if name not in labels]
        wrong += [f"{name} has no label {label}" for name, wanted in found if name in labels for label in wanted
                  if label not in labels[name] and label != "instance"]
        wrong += [f"{name} is no counter" for name in re.findall(r"(?:rate|increase)\((\w+)", expression) if not name.endswith("_total")]
        tap.equal(f"{what}: {expression}", wrong, [])


def every_metric(driver: str) -> Exposition:
    return Exposition(subprocess.run([driver, "text"], stdout=subprocess.PIPE, timeout=WAIT_S).stdout.decode())


def check_grafana(tap: Tap, exposition: Exposition) -> None:
    board = json.loads((CONTRIB / "grafana" / "smtpscope.json").read_text())
    variables = {one["name"] for one in board["templating"]["list"]}
    panels = [panel for panel in board["panels"] if panel["type"] != "row"]
    tap.ok(len(panels) > 15 and all(panel["targets"] and panel["title"] for panel in panels), "grafana: panels show something")
    tap.equal("grafana: no panel is there twice", len({panel["id"] for panel in board["panels"]}), len(board["panels"]))
    used = set(re.findall(r"\$\{?([a-z_]+)", json.dumps(board))) - {"__rate_interval", "__all"}
    tap.equal("grafana: variables", sorted(used ^ variables), [])
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"], panel["gridPos"]["w"], panel["gridPos"]["h"]) for panel in board["panels"]]
    clashes = [(a, b) for number, a in enumerate(places) for b in places[:number] if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and
               a[1] < b[1] + b[3] and b[1] < a[1] + a[3]]
    tap.ok(not clashes and all(x + w <= 24 for x, _, w, _ in places), "grafana: panels stand beside each other", str(clashes))
    targets = [target for panel in panels for target in panel["targets"]]
    check_expressions(tap, "grafana", [target["expr"].replace("$__rate_interval", "5m") for target in targets], exposition)
    wrong = [target["legendFormat"] for target in targets for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])
             if label != "instance" and f"{label}" not in {name for _, pairs in exposition.samples for name, _ in pairs}]
    tap.equal("grafana: legends are of labels", wrong, [])


def check_prometheus(tap: Tap, exposition: Exposition) -> None:
    rules = [rule for group in yaml.safe_load((CONTRIB / "prometheus" / "alerts.yml").read_text())["groups"] for rule in group["rules"]]
    wrong = [rule for rule in rules if set(rule) - {"alert", "expr", "for", "labels", "annotations"} or "summary" not in rule["annotations"]]
    tap.ok(len(rules) > 5 and not wrong, "prometheus: rules are rules", str(wrong))
    check_expressions(tap, "prometheus", [rule["expr"] for rule in rules], exposition)
    ids = [one for rule in rules for part in re.findall(r'id=~"([^"]+)"', rule["expr"]) for one in part.split("|")]
    text = (ROOT / "docs" / "findings.md").read_text()
    tap.ok(ids and all(f"| `{one}` |" in text for one in ids), "prometheus: diagnoses are known", str(ids))


def check_readme(tap: Tap) -> None:
    """Each folder is named in the README, and each file that it names is there."""
    text = (CONTRIB / "README.md").read_text()
    folders = {path.name for path in CONTRIB.iterdir() if path.is_dir()}
    named = set(re.findall(r"`([a-z-]+)/", text))
    tap.equal("README: folders", sorted(folders ^ (named & (folders | set(PRODUCTS)))), [])
    missing = [name for name in re.findall(r"`((?:[a-z-]+/)+[A-Za-z0-9_.-]+)`", text) if name.split("/")[0] in folders and not (CONTRIB / name).exists()]
    tap.equal("README: files", missing, [])


def main() -> None:
    if len(sys.argv) == 3 and sys.argv[1] == "--update":
        for path, text in made_templates(str(pathlib.Path(sys.argv[2]).resolve())).items():
            path.write_text(text)
        return
    if len(sys.argv) != 3:
        sys.exit("usage: contrib.py BINARY DRIVER | contrib.py --update BINARY")
    tap, binary = Tap(), str(pathlib.Path(sys.argv[1]).resolve())
    documents = all_documents(binary)
    check_templates(tap, binary, documents)
    check_first_lines(tap, documents)
    fields = known(binary)
    check_collector_fields(tap, fields)
    check_yaml_files(tap)
    check_logstash(tap)
    check_splunk(tap, binary, documents)
    exposition = every_metric(sys.argv[2])
    tap.equal("metrics can be read", exposition.problems, [])
    check_grafana(tap, exposition)
    check_prometheus(tap, exposition)
    check_readme(tap)
    with tempfile.TemporaryDirectory() as folder:
        check_rules(tap, binary, pathlib.Path(folder))
        check_rsyslog(tap, binary, pathlib.Path(folder))
    tap.finish()


if __name__ == "__main__":
    main()
