#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""--sessions kafka://: a group of consumers shares a topic and says what one alone says, whoever dies; nothing is committed before it has
arrived; what is no session document is skipped and counted.

    kafka.py BINARY KAFKA-MOCK [SCENE ...]
"""
import collections
import concurrent.futures
import datetime
import http.server
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import traceback

from delivery import Cluster, free_port
from golden import Schemas
from metrics import Exposition
from tap import GOLDEN, ROOT, Notes, Result, Tap, json_rows, run

WAIT_S = 60  # for what takes seconds
# The mock group takes three seconds for the first member to join, and answers a member that was not heard of for less than that with nothing.
GROUP = ("--kafka", "session.timeout.ms=4000", "--kafka", "heartbeat.interval.ms=300")
MEMORY = ("--diagnosis-memory", "36500d")
BEGIN = datetime.datetime(2026, 3, 2, 12)
TIME = re.compile(rb'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z"')


# ---- the documents

def later(line: bytes, seconds: float) -> bytes:
    def shift(match: re.Match) -> bytes:
        moment = datetime.datetime.fromisoformat(match[1].decode()) + datetime.timedelta(seconds=seconds)
        return b'"' + moment.isoformat().encode() + (match[2] or b"") + b'Z"'
    return TIME.sub(shift, line)


def moment_of(line: bytes, name: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(json.loads(line)[name][:19])


def key_of(line: bytes) -> str:
    server = json.loads(line)["server"]
    return f"{server['ip']}:{server['port']}"


def sites() -> list:
    """The sessions of captures that have a diagnosis, each capture at servers of its own, in the order in which they end. What is said of
    several servers together (port-blocked, mail that is greylisted and tried again) is left out: who reads one partition does not know the
    others."""
    lines, seen = [], set()
    for row in json_rows():
        out = (GOLDEN / row.golden).read_bytes().splitlines()
        sessions = [line for line in out if line.startswith(b'{"type":"session"') and b'"ip":"203.0.113.' not in line and b"2001:db8:113:" not in line]
        ids = {json.loads(line)["id"] for line in sessions}
        if row.capture == "greylisted.pcap":
            sessions = [line.replace(b"bob@", b"recipient@") for line in sessions]
        elif "greylisted" in row.capture:
            continue
        elif not sessions or ids & seen or not any(line.startswith(b'{"type":"diagnosis"') for line in out):
            continue
        number = 100 + len(lines)
        sessions = [re.sub(rb'"192\.0\.2\.1\d"', b'"192.0.2.%d"' % number, line) for line in sessions]
        sessions = [re.sub(rb'"2001:db8::1\d"', b'"2001:db8::%d"' % number, line) for line in sessions]
        seen |= ids
        # Captures were made at any time; together they shall take some minutes.
        began = min(moment_of(line, "start") for line in sessions)
        lines.append([later(line, (BEGIN - began).total_seconds() + len(lines)) for line in sessions])
    return sorted((line for sessions in lines for line in sessions), key=lambda line: json.loads(line)["end"])


def copies(lines: list, count: int, apart_s: float) -> list:
    """The same again and again, as other sessions at other servers, later."""
    result = []
    for number in range(count):
        for line in lines:
            line = re.sub(rb'"192\.0\.2\.1(\d\d)"', rb'"192.0.%d.1\1"' % (number + 2), later(line, number * apart_s))
            line = re.sub(rb'"2001:db8::1(\d\d)"', rb'"2001:db8::%d:1\1"' % (number + 2), line)
            line = line.replace(b"recipient@", b"recipient%d@" % number)
            result.append(line.replace(b'"id":"', b'"id":"%d' % number, 1))
    return result


def diagnoses(lines: list) -> list:
    return [json.loads(line) for line in lines if line.startswith(b'{"type":"diagnosis"')]


def differences(got: dict, expected: dict) -> dict:
    return {key: (got.get(key), expected.get(key)) for key in sorted(got.keys() | expected.keys()) if got.get(key) != expected.get(key)}


def final(documents: list) -> dict:
    """What was told last of each."""
    return {document["diagnosis_id"]: document for document in sorted(documents, key=lambda document: document["updates"])}


# ---- the program

class Consumer:
    def __init__(self, suite: "Suite", name: str, *arguments: str, group: str = "group", extra: str = ""):
        self.path = suite.folder / f"{name}.ndjson"
        topic = f"kafka://{suite.cluster.servers}/sessions?group={group}{extra}"
        where = () if "-w" in arguments else ("-w", str(self.path))
        self.process = subprocess.Popen([suite.binary, "--sessions", topic, "-o", "json", *GROUP, *where, *arguments], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        suite.consumers.append(self)

    def lines(self) -> list:
        return self.path.read_bytes().split(b"\n")[:-1] if self.path.exists() else []

    def end(self, signal: bool = True) -> Result:
        if signal:
            self.process.terminate()
        try:
            out, err = self.process.communicate(timeout=WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
        return Result(self.process.returncode, out, err)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


class Suite:
    def __init__(self, binary: str, mock: str, tap: Tap, folder: pathlib.Path):
        self.binary, self.mock, self.tap, self.folder = binary, mock, tap, folder
        self.cluster, self.consumers = None, []
        self.lines = sites()

    def start(self, partitions: int = 4, brokers: int = 2) -> None:
        self.cluster = Cluster(self.mock, f"sessions={partitions}", "diagnoses=2", brokers=brokers)

    def finish(self) -> None:
        for consumer in self.consumers:
            if consumer.process.poll() is None:
                consumer.kill()
        if self.cluster:
            self.cluster.close()

    def put(self, lines: list) -> None:
        for line in lines:
            self.cluster.ask(f"put sessions {key_of(line)} {line.decode()}")
        self.cluster.ask("flush sessions")

    def committed(self, group: str = "group") -> dict:
        rows = [row.split(b"\t") for row in self.cluster.ask(f"committed {group} sessions")]
        return {int(partition): (int(offset), metadata.decode()) for partition, offset, metadata in rows if int(offset) >= 0}

    def ends(self) -> dict:
        counts = collections.Counter(partition for partition, *_ in self.cluster.dump("sessions"))
        return dict(counts)

    def offsets(self, group: str = "group") -> dict:
        return {partition: offset for partition, (offset, _) in self.committed(group).items()}

    def until(self, condition: object, what: str) -> bool:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.1)
        return self.tap.ok(False, what, "not in time")

    def until_committed(self, what: str, group: str = "group") -> bool:
        ends = self.ends()
        return self.until(lambda: self.offsets(group) == ends, what)

    def file_run(self, lines: list, *arguments: str) -> Result:
        path = self.folder / "all"
        path.write_bytes(b"".join(line + b"\n" for line in lines))
        return run(self.binary, ["--sessions", path, "-o", "json", *arguments])

    # ---- scenes

    def batch(self) -> None:
        """until=end says what a file says, and skips what no document is."""
        self.start()
        lines = copies(self.lines, 2, 3600)
        expected = diagnoses(self.file_run(lines).out.splitlines())
        self.tap.ok(len(expected) >= 12, f"batch: the file has {len(expected)} diagnoses")
        self.put(lines[:30])
        session = lines[0].decode()
        hostile = [('{"type":"session","schema":1}', "incomplete document"), (session[:-9], "not JSON"), ("x", "not JSON"),
                   (session.replace('"schema":1', '"schema":7', 1), "document of another schema"), ("[" * 5000, "not JSON"),
                   ("[" + "0," * 200000 + "0]", "document of another type"), ('{"type":"statistics"}', "document of another type")]
        for value, _ in hostile:
            self.cluster.ask(f"put sessions hostile {value}")
        for size in (0, 3000000):
            self.cluster.ask(f"fill sessions hostile {size}")
        reasons = collections.Counter([reason for _, reason in hostile] + ["document of another type", "not JSON"])
        self.put(lines[30:] + lines[:10])
        consumer = Consumer(self, "batch", "--metrics-file", str(self.folder / "metrics"), extra="&until=end")
        result = consumer.end(signal=False)
        self.tap.equal("batch: status 1, something was skipped", result.status, 1) or self.tap.say(str(result))
        got = consumer.lines()
        self.tap.equal("batch: the diagnoses of a file", diagnoses(got), expected)
        schemas, statistics = Schemas(), json.loads(got[-1])
        self.tap.equal("batch: what is skipped is counted", statistics["reasons"], dict(reasons))
        self.tap.ok(result.err.count(b"\n") == result.err.count(b"skipped") == len(reasons) - 1,
                    "batch: and told, a line each", result.err.decode())
        topic = statistics["topic"]
        self.tap.equal("batch: the statistics of the topic", [topic[name] for name in ("records", "skipped", "read_again", "partitions", "lag", "up")],
                       [len(lines) + 10 + sum(reasons.values()), sum(reasons.values()), 0, 4, 0, True])
        self.tap.equal("batch: the documents are valid", [problem for line in got for problem in schemas.problems(line)], [])
        self.tap.equal("batch: all is committed", self.offsets(), self.ends())
        self.metrics((self.folder / "metrics").read_text(), statistics)
        again = Consumer(self, "again", extra="&until=end")
        result = again.end(signal=False)
        statistics = json.loads(again.lines()[-1])
        self.tap.ok(not diagnoses(again.lines()) and statistics["topic"]["read_again"] == statistics["topic"]["records"] > 0,
                    "batch: nothing new, nothing to tell", str(statistics["topic"]))

    def metrics(self, text: str, statistics: dict) -> None:
        exposition = Exposition(text)
        self.tap.equal("metrics: well-formed", exposition.problems, [])
        names = {name for name in exposition.types if name.startswith("smtpscope_topic_")}
        rows = re.findall(r"^\| `(smtpscope_topic_\w+)` \| ([\w, ]*) \| (.*) \|$", (ROOT / "docs" / "scaling.md").read_text(), re.MULTILINE)
        self.tap.equal("metrics: docs/scaling.md lists them", {name: said for name, _, said in rows},
                       {name: exposition.helps[name] for name in names})
        self.tap.equal("metrics: as the statistics have it", exposition.samples[("smtpscope_topic_records_total", ())], statistics["topic"]["records"])
        lag = [value for (name, _), value in exposition.samples.items() if name == "smtpscope_topic_lag_records"]
        self.tap.equal("metrics: the lag of each partition", lag, [0] * 4)

    def shared(self) -> None:
        """Two share the partitions, one is killed: what is told is what one alone tells."""
        self.start()
        lines = copies(self.lines, 4, 6 * 3600)
        half = len(lines) // 2
        self.put(lines[:half])
        pair = [Consumer(self, name, *MEMORY, "--stats-interval", "1") for name in ("first", "second")]

        def partitions(consumer: Consumer) -> int:
            statistics = [json.loads(line) for line in consumer.lines() if line.startswith(b'{"type":"statistics"')]
            return statistics[-1]["topic"]["partitions"] if statistics else -1

        self.until(lambda: sorted(map(partitions, pair)) == [2, 2], "shared: each has two partitions")
        self.until_committed( "shared: the first half is committed")
        self.tap.ok(all(diagnoses(consumer.lines()) for consumer in pair), "shared: both tell diagnoses")
        pair[1].kill()
        self.put(lines[half:])
        self.until(lambda: partitions(pair[0]) == 4, "shared: the other has all partitions")
        self.until_committed( "shared: everything is committed")
        result = pair[0].end()
        self.tap.ok(result.status == 0 and not result.err, "shared: status 0", str(result))
        statistics = json.loads(pair[0].lines()[-1])
        self.tap.ok(statistics["topic"]["read_again"] > 0 and statistics["topic"]["rebalances"] > 1 and statistics["topic"]["not_committed"] == 0,
                    "shared: what the dead one knew was read again", str(statistics["topic"]))
        alone = Consumer(self, "alone", *MEMORY, group="alone")
        self.until_committed("shared: one alone reads everything", "alone")
        result = alone.end()
        self.tap.ok(result.status == 0 and not result.err, "shared: one alone, status 0", str(result))
        expected = diagnoses(alone.lines())
        told = diagnoses(pair[0].lines()) + diagnoses(pair[1].lines())
        # What is told while it ends is told by that end only.
        by_id = {(document["diagnosis_id"], document["updates"]): document for document in expected}
        self.tap.ok(len(by_id) == len(expected) > 20, f"shared: one alone tells {len(expected)} documents, each once")
        self.tap.equal("shared: the diagnoses are those of one alone", differences(final(told), final(expected)), {})
        twice = len(told) - len({(document["diagnosis_id"], document["updates"]) for document in told})
        self.tap.ok(twice > 0, f"shared: {twice} of {len(told)} were told twice")
        self.tap.equal("shared: documents with the same id are the same",
                       [document for document in told if by_id.get((document["diagnosis_id"], document["updates"])) != document], [])
        self.of_file(lines, expected)

    def of_file(self, lines: list, told: list) -> None:
        """The diagnoses that were told one after the other are those of a file."""
        same = ("id", "severity", "server", "clients", "client_count", "users", "user_count", "first", "sessions", "session_count", "frames")
        expected = {document["diagnosis_id"]: document for document in diagnoses(self.file_run(lines).out.splitlines())}
        got = final(told)
        apart = [key for key, document in expected.items() if document["id"] == "greylist-not-retried"]
        self.tap.ok(len(apart) == 3 and not set(apart) & set(got), "file: what was not tried again here may have been elsewhere", str(apart))
        expected = {key: document for key, document in expected.items() if key not in apart}
        self.tap.equal("file: the same diagnoses", differences({key: got[key]["title"] for key in got}, {key: expected[key]["title"] for key in expected}), {})
        for name in same:
            self.tap.equal(f"file: the same {name}", differences({key: got[key].get(name) for key in got}, {key: expected[key].get(name) for key in expected}), {})

    def refused(self) -> None:
        """Nothing is committed as long as the diagnoses have not arrived."""
        self.start(partitions=2, brokers=1)
        self.put(self.lines)
        answers = collections.Counter()
        state = {"answer": 503}

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answers[state["answer"]] += 1
                self.send_response(state["answer"])
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments: object) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        to = ("-w", f"http://127.0.0.1:{server.server_port}/")
        consumer = Consumer(self, "refused", *to, *MEMORY)
        self.until(lambda: answers[503] >= 3, "refused: the receiver refuses")
        time.sleep(1)
        self.tap.equal("refused: nothing is committed", self.offsets(), {})
        state["answer"] = 200
        self.until_committed( "refused: when it has arrived, it is")
        consumer.end()
        state["answer"] = 400
        for name, dead, status, done in (("for good", (), 1, {}), ("for good, kept", ("--dead-letters", str(self.folder / "dead")), 0, self.ends())):
            result = Consumer(self, "bad", *to, *dead, group=name.replace(" ", "").replace(",", "-"), extra="&until=end").end(signal=False)
            self.tap.equal(f"refused {name}: status {status}", result.status, status) or self.tap.say(str(result))
            self.tap.ok((b"nothing is committed" in result.err) == (status == 1), f"refused {name}: what that means is told", str(result))
            self.tap.equal(f"refused {name}: committed", self.offsets(name.replace(" ", "").replace(",", "-")), done)
        self.tap.ok(b'diagnosis_id' in (self.folder / "dead").read_bytes(), "refused for good, kept: it is")
        server.shutdown()
        server.server_close()

    def brokers(self) -> None:
        """One of three brokers is away for a while, then all of them; diagnoses go to another topic."""
        self.start(partitions=3, brokers=3)
        half = len(self.lines) // 2
        self.put(self.lines[:half])
        consumer = Consumer(self, "brokers", *MEMORY, "-w", f"kafka://{self.cluster.servers}/diagnoses")
        self.until_committed( "brokers: the first half is committed")
        self.cluster.ask("down 2")
        time.sleep(0.5)
        self.cluster.ask("up 2")
        self.put(self.lines[half:])
        self.until_committed( "brokers: one was away")
        for number in (1, 2, 3):
            self.cluster.ask(f"down {number}")
        time.sleep(3)
        self.tap.ok(consumer.process.poll() is None, "brokers: all away, it waits")
        for number in (1, 2, 3):
            self.cluster.ask(f"up {number}")
        self.put(copies(self.lines, 1, 0)[:20])
        self.until_committed( "brokers: they are back")
        result = consumer.end()
        self.tap.ok(result.status == 0 and b"no broker can be reached" in result.err and b"there is a broker again" in result.err,
                    "brokers: it is told", str(result))
        told = final([json.loads(value) for _, _, _, value in self.cluster.dump("diagnoses") if b'"diagnosis"' in value])
        self.tap.ok(len(told) >= 6, f"brokers: {len(told)} diagnoses are in the other topic")

    def window(self) -> None:
        """Who comes after reads again what counts, and no more."""
        self.start(partitions=1, brokers=1)
        lines = copies(self.lines, 3, 3600)
        self.put(lines)
        consumer = Consumer(self, "window", "--diagnosis-memory", "30m")
        self.until_committed( "window: everything is committed")
        consumer.end()
        offset, metadata = self.committed()[0]
        match = re.fullmatch(r"smtpscope from=(\d+)", metadata)
        start = int(match[1]) if match else -1
        self.tap.ok(len(lines) // 2 < start < offset == len(lines), "window: a commit says from where to read again", f"{offset} {metadata}")
        self.put(lines[:1])
        again = Consumer(self, "next", "--diagnosis-memory", "30m")
        self.until_committed( "window: the next one goes on")
        again.end()
        topic = json.loads(again.lines()[-1])["topic"]
        self.tap.equal("window: it read that again", (topic["read_again"], topic["records"]), (offset - start, offset - start + 1))
        before, after = final(diagnoses(consumer.lines())), final(diagnoses(again.lines()))
        self.tap.ok(after and set(after) <= set(before), "window: and tells the same diagnoses", f"{sorted(set(after) - set(before))}")

    def away(self) -> None:
        """No cluster at all: it waits, and a signal ends it."""
        process = subprocess.Popen([self.binary, "--sessions", f"kafka://127.0.0.1:{free_port()}/sessions?group=g", "-o", "json"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        time.sleep(2)
        process.terminate()
        out, err = process.communicate(timeout=WAIT_S)
        self.tap.ok(process.returncode == 0 and b"no broker can be reached, waiting" in err and json.loads(out)["topic"]["up"] is False,
                    "away: it waits and says so", f"{process.returncode} {err} {out}")

    def usage(self) -> None:
        topic = "kafka://127.0.0.1:1/sessions"
        rows = (((topic,), b"a consumer group is missing"), ((topic + "?group=",), b"a name is meant"), ((topic + "?group=g&until=x",), b"end is meant"),
                ((topic + "?group=g", "--sessions", "file"), b"files and a topic"), ((topic + "?group=g", "-w", topic), b"the topic to be read"),
                ((topic + "?group=g", "--sessions", topic + "?group=g"), b"only be one topic"), ((topic + "?group=g", "--top"), b"only with -i"),
                ((topic + "?group=g", "--spool", "/tmp"), b"only with -i"), ((topic + "?group=g", "-r", "x"), b"do not go together"),
                ((topic + "?group=g", "--kafka", "sasl.password=x"), b"a secret is not said here"), (("kafka://u:p@h/t?group=g",), b"never said here"))
        for arguments, says in rows:
            result = run(self.binary, ["--sessions", *arguments])
            self.tap.ok(result.status == 2 and not result.out and says in result.err and result.err.count(b"\n") == 1,
                        f"usage: {' '.join(arguments)}", str(result))
        result = run(self.binary, ["--sessions", topic + "?group=g", "--kafka", "no.such=1"])
        self.tap.ok(result.status == 1 and b"no.such" in result.err, "usage: a setting that Kafka has not", str(result))


SCENES = ("usage", "away", "batch", "shared", "refused", "brokers", "window")


def run_scene(name: str, binary: str, mock: str, folder: pathlib.Path) -> Notes:
    notes = Notes()
    folder.mkdir()
    folder.chmod(0o777)  # root becomes somebody else
    suite = Suite(binary, mock, notes, folder)
    try:
        getattr(suite, name)()
    except Exception:  # pylint: disable=broad-except
        notes.ok(False, f"{name}: runs to its end", traceback.format_exc())
    finally:
        suite.finish()
    return notes


def main() -> None:
    if len(sys.argv) < 3:
        sys.exit("usage: kafka.py BINARY KAFKA-MOCK [SCENE ...]")
    tap = Tap()
    binary, mock = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
    # They wait most of the time: for groups to form, for members to be missed.
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor() as pool:
        pathlib.Path(folder).chmod(0o755)
        for notes in [pool.submit(run_scene, name, binary, mock, pathlib.Path(folder) / name) for name in sys.argv[3:] or SCENES]:
            notes.result().tell(tap)
    tap.finish()


if __name__ == "__main__":
    main()
