#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live capture from end to end: the golden captures are sent over veth pairs, at their own pace, while the program runs on them
in a dozen ways, as a user would start it. What it says live is what it says of the files, and it says it in time.

    live.py BINARY

All captures are sent at once, each a little after the one before. Those that have addresses and ports of an earlier one get client
ports of their own. What arrives is recorded beside the program, by a socket that is given the kernel's own times: what is expected is
what BINARY says of these packets at these times, read from a file, to the nanosecond. How long the program waited for a processor that
others had is the kernel's to say, and is not held against it. Built with sanitizers, two layers of the sandbox are left out, and a
try of them is skipped; suite "release" has them.
"""
import atexit
import bisect
import collections
import dataclasses
import ipaddress
import json
import os
import pathlib
import pty
import pwd
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import typing

import evidence
import no_secrets
import rewrite
from golden import Schemas
from invariance import without
from netns import NAMESPACE, add_pair, in_namespace, ip, make_namespace, missing, open_sender
from rewrite import LINK_ETHERNET
from tap import PCAPS, Tap, captures, run

NOBODY = 65534
MTU = 65535
PATIENCE_S = 30
STAGGER_S = 0.03     # between the beginnings of two captures
GAP_MAX_S = 2.2      # longer silences are shortened to this: a connection is taken for ended after OPEN_TIMEOUT_S
OPEN_TIMEOUT_S = 4
EMBRYONIC_TIMEOUT_S = 4
DOCUMENT_WITHIN_S = 2
EVENT_WITHIN_S = 1
METRICS = ("127.0.0.1", 9090)
TIMEOUTS = ("--idle-timeout", f"open={OPEN_TIMEOUT_S},embryonic={EMBRYONIC_TIMEOUT_S}")

# So many times as fast as they were recorded.
FASTER = {"gateway-down.pcap": 4, "gateway-down-ipv6.pcap": 4, "healthy-day.pcap": 4}
# On an interface of its own: what is said of all its sessions together is compared, too.
ALONE = "gateway-down.pcap"

# ---- What is compared ----

# What a session document says differently live, wherever it is in it. All else is compared, times too. Frames are compared where each
# frame that is sent is captured. client.mailbox is left out where a run sees more of a client than the one capture.
OF_FRAMES = {"frame", "frames", "first_frame", "last_frame", "clear_frame", "tls_frame", "after_login_frame", "encrypted_from_frame"}
OF_RUNS = {"source", "stream"}
# What the same packets at other times may say differently, in a file; and where an explanation says how long something took.
OF_TIMES = {"id", "start", "end", "time", "ms", "duration_ms", "latency_ms", "handshake_ms", "server_ms", "last", "timing"}
DURATION = re.compile(r"\b[\d.]+ (milliseconds|seconds|ms|s)\b")


def without_times(value: object) -> object:
    if isinstance(value, str):
        return DURATION.sub("(duration)", value)
    if isinstance(value, list):
        return [without_times(inner) for inner in value]
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if key not in OF_TIMES}
    return value


def with_frames_of_capture(value: object, numbers: list, key: str = "") -> object:
    """Live frame numbers become those of the capture that the frame was sent from."""
    if key in OF_FRAMES and isinstance(value, int):
        return numbers[value - 1]
    if isinstance(value, list):
        return [with_frames_of_capture(inner, numbers, key) for inner in value]
    if isinstance(value, dict):
        return {inner_key: with_frames_of_capture(inner, numbers, inner_key) for inner_key, inner in value.items()}
    return value


def count_leaves(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 1 if inner is None else sum(map(count_leaves, inner))


def differences(expected: object, got: object, path: str = "") -> list:
    if isinstance(expected, dict) and isinstance(got, dict):
        return [line for key in sorted({*expected, *got})
                for line in differences(expected.get(key, "(absent)"), got.get(key, "(absent)"), f"{path}.{key}")]
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        return [line for i, pair in enumerate(zip(expected, got)) for line in differences(*pair, f"{path}[{i}]")]
    return [] if expected == got else [f"{path}: expected {str(expected)[:300]}, got {str(got)[:300]}"]


# ---- What is sent ----

class Frame(typing.NamedTuple):
    due_s: float
    data: bytes
    capture: str
    number: int  # in the capture


@dataclasses.dataclass
class Sent:
    """What was sent on an interface, in this order."""
    frames: list = dataclasses.field(default_factory=list)
    times_s: list = dataclasses.field(default_factory=list)  # monotonic


def as_ethernet(capture: rewrite.Capture) -> rewrite.Capture:
    if capture.link_type == LINK_ETHERNET:
        return capture
    packets = []
    for packet in capture.packets:
        at = rewrite.find_ip(capture.link_type, packet.data)
        ethertype = 0x0800 if packet.data[at] >> 4 == 4 else 0x86DD
        data = bytes.fromhex("020000000002020000000001") + struct.pack("!H", ethertype) + packet.data[at:]
        packets.append(rewrite.Packet(packet.time_ns, data, len(data), rewrite.parse_segment(LINK_ETHERNET, data)))
    return rewrite.Capture(LINK_ETHERNET, packets)


def with_ports(capture: rewrite.Capture, taken: set) -> tuple:
    """The flows of the capture that are taken already get other client ports. Returns the capture and whether it was changed."""
    flows, changed = {}, False
    packets = []
    for packet in capture.packets:
        segment = packet.segment
        if segment and segment.flow not in flows:
            low = min(segment.ports)
            ports, free = segment.ports, 20000
            while pair(segment, ports) in taken:
                free += 1
                ports = tuple(port if port == low else free for port in segment.ports)
            flows[segment.flow] = dict(zip(segment.ports, ports))
            taken.add(pair(segment, ports))
        if segment and any(old != new for old, new in flows[segment.flow].items()):
            changed = True
            packet = packet.carrying(renumbered(segment, flows[segment.flow]))
        packets.append(packet)
    return rewrite.Capture(capture.link_type, packets), changed


def pair(segment: rewrite.Segment, ports: tuple) -> tuple:
    """Both ends, whatever the VLAN: not every interface shows it."""
    return tuple(sorted(zip(segment.addresses, ports)))


def ends_by_itself(packets: list) -> dict:
    """By the ends of each connection: whether all sides that were captured said goodbye, or one reset it."""
    sides, ended, reset = (collections.defaultdict(set) for _ in range(3))
    for segment in (packet.segment for packet in packets if packet.segment):
        key = pair(segment, segment.ports)
        sides[key].add(segment.source)
        if segment.flags & rewrite.FIN:
            ended[key].add(segment.source)
        if segment.flags & rewrite.RST:
            reset[key].add(segment.source)
    return {key: bool(reset[key]) or sides[key] == ended[key] for key in sides}


def renumbered(segment: rewrite.Segment, ports: dict) -> rewrite.Segment:
    header = struct.pack("!HH", *(ports[port] for port in segment.ports)) + segment.tcp_header[4:]
    return dataclasses.replace(segment, tcp_header=header)


def schedule(name: str, capture: rewrite.Capture, start_s: float) -> list:
    frames, due_s, before_ns = [], start_s, capture.packets[0].time_ns
    for number, packet in enumerate(capture.packets, 1):
        due_s += min(max(0, packet.time_ns - before_ns) / 1e9 / FASTER.get(name, 1), GAP_MAX_S)
        before_ns = packet.time_ns
        frames.append(Frame(due_s, packet.data, name, number))
    return frames


def be_punctual() -> None:
    """For a thread that has little to do, but at its time, whatever else the machine does."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(3))
    except OSError:
        pass  # then on a busy machine silences are longer than they should be


def send_all(interface: str, frames: list, sent: Sent) -> None:
    be_punctual()
    start_s = time.monotonic()
    with open_sender(interface) as sender:
        for frame in sorted(frames, key=lambda frame: frame.due_s):
            wait_s = start_s + frame.due_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            sender.send(frame.data)
            sent.frames.append(frame)
            sent.times_s.append(time.monotonic())


class Recorder:
    """When each frame arrived on an interface: the kernel's time, which it gives to every socket that sees the frame."""
    SO_TIMESTAMPNS, SO_RCVBUFFORCE, ETH_P_ALL, VLAN_TAG_LEN = 35, 33, 0x0003, 4

    def __init__(self, interface: str):
        self.arrivals = []  # (nanoseconds, length)
        self.socket = in_namespace(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self.socket.setsockopt(socket.SOL_SOCKET, self.SO_TIMESTAMPNS, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, self.SO_RCVBUFFORCE, 256 << 20)
        self.socket.bind((interface, self.ETH_P_ALL))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            frame, ancillary, _, _ = self.socket.recvmsg(1 << 17, 64)
            seconds, nanoseconds = struct.unpack("qq", next(data for _, kind, data in ancillary if kind == self.SO_TIMESTAMPNS))
            self.arrivals.append((seconds * 10**9 + nanoseconds, len(frame)))

    def times_of(self, frames: list) -> list:
        """Of each frame sent. They arrive in their order; the kernel takes a tag out of a frame."""
        lengths = [length for _, length in self.arrivals]
        if len(lengths) != len(frames) or any(len(frame.data) - length not in (0, self.VLAN_TAG_LEN)
                                              for frame, length in zip(frames, lengths)):
            raise RuntimeError(f"{len(frames)} frames were sent, and {len(lengths)} arrived, or others")
        return [time_ns for time_ns, _ in self.arrivals]


# ---- The program ----

class Line(typing.NamedTuple):
    at_s: float  # monotonic: when it was there to read
    data: bytes

    @property
    def document(self) -> dict:
        return json.loads(self.data)


class Watcher:
    """Reads what the programs write while they write it, and says when it came. It looks at how long they waited for a processor, too:
    a bound is on the program, and not on what else the machine does."""
    PAUSE_S, LOOK_EACH_S = 0.02, 0.1

    def __init__(self) -> None:
        self.files, self.running = {}, True
        self.rounds_s = [time.monotonic()]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def add(self, scope: "Scope") -> None:
        self.files[scope] = None

    def run(self) -> None:
        be_punctual()
        looked_s = 0.0
        while self.running:
            look = time.monotonic() - looked_s >= self.LOOK_EACH_S
            looked_s = time.monotonic() if look else looked_s
            for scope in list(self.files):
                scope.read()
                if look:
                    scope.look()
            self.rounds_s.append(time.monotonic())
            time.sleep(self.PAUSE_S)

    def stall_s(self, from_s: float, to_s: float) -> float:
        """How late it was itself, at most, to read what was written then."""
        rounds_s = self.rounds_s[max(0, bisect.bisect_left(self.rounds_s, from_s) - 1):bisect.bisect_right(self.rounds_s, to_s) + 1]
        return max((after_s - before_s - self.PAUSE_S for before_s, after_s in zip(rounds_s, rounds_s[1:])), default=0.0)

    def not_its_own_s(self, scope: "Scope", from_s: float, to_s: float) -> float:
        """How much of this time was not the program's: nobody let it run, or it was not read."""
        return scope.waited_s(from_s, to_s) + self.stall_s(from_s, to_s)


class Scope:
    """One run of the program in the namespace, and the lines that it wrote."""

    def __init__(self, binary: str, folder: pathlib.Path, name: str, *arguments: str, output: str = "file",
                 path: pathlib.Path = None):
        self.name, self.lines, self.rest, self.descriptor = name, [], b"", None
        self.waits, self.wait_of = [(0.0, 0.0)], {}  # (when, how long all its threads had waited until then), and by thread
        self.path = path or folder / f"{name}.ndjson"
        if output == "file":
            arguments = ("-w", str(self.path), *arguments)
        # Who has no privileges is refused the files that leaks are looked for in.
        environment = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm", "NOTIFY_SOCKET": str(folder / f"{name}.notify")}
        environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(environment["NOTIFY_SOCKET"])
        self.errors = open(folder / f"{name}.stderr", "w+b")
        stdout, self.master = subprocess.DEVNULL, None
        if output == "terminal":
            self.master, stdout = pty.openpty()
        self.process = subprocess.Popen(["ip", "netns", "exec", NAMESPACE, binary, *arguments], env=environment, stdin=subprocess.DEVNULL,
                                        stdout=stdout, stderr=self.errors, cwd=folder)
        atexit.register(self.kill)
        if output == "terminal":
            os.close(stdout)

    def wait_ready(self) -> bool:
        deadline_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline_s and self.process.poll() is None:
            if select.select([self.notify], [], [], 0.1)[0] and b"READY=1" in self.notify.recv(1000):
                return True
        return False

    def read(self) -> None:
        if self.master is not None:
            if self.master >= 0 and select.select([self.master], [], [], 0)[0]:
                try:
                    self.take(os.read(self.master, 1 << 16))
                except OSError:  # nobody has the other end any more
                    self.master = -1
            return
        if self.descriptor is None:
            try:
                self.descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return
        self.take(os.read(self.descriptor, 1 << 22))

    def look(self) -> None:
        """/proc/PID/task/TID/schedstat: the second number is the time spent waiting for a processor, though there was something to do."""
        for path in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"):
            try:
                self.wait_of[path.parent.name] = int(path.read_text().split()[1]) / 1e9
            except (OSError, IndexError):
                pass  # the thread has ended
        self.waits.append((time.monotonic(), sum(self.wait_of.values())))

    def waited_s(self, from_s: float, to_s: float) -> float:
        first = bisect.bisect_right(self.waits, (from_s, 0.0)) - 1
        last = min(bisect.bisect_left(self.waits, (to_s, 0.0)), len(self.waits) - 1)
        return self.waits[last][1] - self.waits[max(0, first)][1]

    def take(self, data: bytes) -> None:
        if not data:
            return
        now_s = time.monotonic()
        *whole, self.rest = (self.rest + data).split(b"\n")
        self.lines += [Line(now_s, line) for line in whole]

    def documents(self, kind: str) -> list:
        return [line.document for line in list(self.lines) if line.data.startswith(b'{"type":"%s"' % kind.encode())]

    def wait_for(self, condition: typing.Callable, patience_s: float = PATIENCE_S) -> bool:
        deadline_s = time.monotonic() + patience_s
        while not condition():
            if time.monotonic() > deadline_s:
                return False
            time.sleep(0.05)
        return True

    def stderr(self) -> str:
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def end(self, watcher: "Watcher" = None) -> int:
        try:
            status = self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            status = -1
        if watcher:
            time.sleep(0.1)  # what was written last is read, too
        self.notify.close()
        return status

    def stop(self, watcher: "Watcher" = None) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end(watcher)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()

    def __str__(self) -> str:
        return f"{self.name}: {len(self.lines)} lines; status {self.process.poll()}; stderr: {self.stderr()[:1000]}"


# ---- Sessions ----

def endpoints(document: dict) -> tuple:
    return tuple((document[side]["ip"], document[side]["port"], *document[side].get("vlan", [])) for side in ("client", "server"))


def by_endpoints(sessions: list) -> dict:
    """Sessions of the same endpoints in the order of their beginnings."""
    found = collections.defaultdict(list)
    for session in sorted(sessions, key=lambda session: session["start"]):
        found[endpoints(session)].append(session)
    return {(key, i): session for key, list_ in found.items() for i, session in enumerate(list_)}


class Expected(typing.NamedTuple):
    capture: str
    session: dict


def main_of(sessions: list) -> list:
    """Without the documents of sessions that went on."""
    return [session for session in sessions if not session.get("partial")]


class Traffic:
    """All captures: what is to be sent on each interface, and what the program says of it when it reads files."""

    def __init__(self, binary: str, folder: pathlib.Path):
        self.binary, self.folder = binary, folder
        self.frames = {"left0": [], "left1": []}
        self.sent = {"left0": Sent(), "left1": Sent()}
        self.ends_by_itself = {}
        self.captures, self.untouched, self.secrets = {}, set(), set()
        taken, start_s, paths = set(), 0.1, {}
        for name in [ALONE, *[name for name in captures() if name != ALONE]]:
            try:
                original = as_ethernet(rewrite.read(PCAPS / name))
            except ValueError:
                continue  # compressed in a way that nothing here can read
            capture, changed = with_ports(original, taken)
            cut = any(len(packet.data) != packet.wire_len for packet in capture.packets)
            times_ns = [packet.time_ns for packet in capture.packets]
            silent = any(after - before > GAP_MAX_S * 1e9 for before, after in zip(times_ns, times_ns[1:]))
            self.captures[name] = capture
            if changed or cut or silent:
                paths[name] = self.write(name, [int(frame.due_s * 1e9) for frame in schedule(name, capture, 1e9)])
            else:
                paths[name] = PCAPS / name
                self.untouched.add(name)
            self.frames[self.interface(name)] += schedule(name, capture, 0.1 if name in FASTER else start_s)
            start_s += STAGGER_S
            self.ends_by_itself.update(ends_by_itself(capture.packets))
            sent, parts, _ = no_secrets.secrets_of(capture.packets)
            self.secrets |= sent | parts
        self.sessions, self.diagnoses = self.read(paths)

    @staticmethod
    def interface(name: str) -> str:
        return "left1" if name == ALONE else "left0"

    def write(self, name: str, times_ns: list) -> pathlib.Path:
        """The packets as they are sent, at these times."""
        path = self.folder / f"sent-{name}.pcap"
        packets = [dataclasses.replace(packet, wire_len=len(packet.data), time_ns=time_ns)
                   for packet, time_ns in zip(self.captures[name].packets, times_ns)]
        rewrite.write(rewrite.Capture(LINK_ETHERNET, packets), path)
        return path

    def read(self, paths: dict) -> tuple:
        """What the program says of the files, all of which it reads at once: they have nothing to do with each other. Returns the sessions
        by interface and endpoints, and the diagnoses of the one that is alone."""
        def documents_of(names: list) -> list:
            arguments = [word for name in names for word in ("-r", paths[name])]
            return [json.loads(line) for line in run(self.binary, [*arguments, "-o", "json", *TIMEOUTS]).out.splitlines()]
        of_file = collections.defaultdict(list)
        for document in documents_of(list(paths)):
            if document["type"] == "session":
                of_file[document["capture"]["source"]].append(document)
        diagnoses = [document for document in documents_of([ALONE]) if document["type"] == "diagnosis"]
        sessions = {"left0": {}, "left1": {}}
        for name, path in paths.items():
            found = of_file[str(path)]
            if any("mailbox" in document["client"] for document in found):  # which is known from other connections
                found = [document for document in documents_of([name]) if document["type"] == "session"]
            sessions[self.interface(name)].update({key: Expected(name, session) for key, session in by_endpoints(found).items()})
        return sessions, diagnoses

    def read_recorded(self, recorders: dict) -> tuple:
        """What it says of the packets at the times that were recorded, by the interface that they were sent on."""
        times_ns = collections.defaultdict(list)
        for interface, recorder in recorders.items():
            frames = self.sent[interface].frames
            for frame, time_ns in sorted(zip(frames, recorder.times_of(frames)), key=lambda pair: pair[0].number):
                times_ns[frame.capture].append(time_ns)
        return self.read({name: self.write(name, times_ns[name]) for name in self.captures})

    def send(self) -> list:
        threads = [threading.Thread(target=send_all, args=(interface, frames, self.sent[interface]), daemon=True)
                   for interface, frames in self.frames.items()]
        for thread in threads:
            thread.start()
        return threads

    def sent_at(self) -> dict:
        """When each frame of each capture was sent."""
        return {(frame.capture, frame.number): at_s for sent in self.sent.values()
                for frame, at_s in zip(sent.frames, sent.times_s)}


class Comparison:
    """Of one run with the expectations; counts what it compares."""

    def __init__(self) -> None:
        self.sessions = self.fields = 0

    def check(self, tap: Tap, name: str, expected: dict, documents: list, excluded: set, numbers: list = None,
              but: set = frozenset()) -> None:
        live = by_endpoints(main_of(documents))
        missing_, more = sorted(map(str, {*expected} - {*live})), sorted(map(str, {*live} - {*expected}))
        tap.ok(not missing_ and not more and bool(live), f"{name}: {len(expected)} sessions, each once",
               f"missing {missing_[:10]}\nmore {more[:10]}")
        for key in [key for key in expected if key in live]:
            want, got = expected[key].session, live[key]
            if numbers:
                got = with_frames_of_capture(got, [frame.number for frame in numbers])
            if closes_later(want, got):
                want, got = without_end(want), without_end(got)
            want, got = (without(document, excluded | but) for document in (want, got))
            found = differences(want, got)
            self.sessions += 1
            self.fields += count_leaves(want)
            if found:
                tap.ok(False, f"{name}: {expected[key].capture}, {key}: as in the file", "\n".join(found[:12]))
        tap.ok(self.sessions >= len(expected), f"{name}: {self.sessions} sessions with {self.fields} values compared")


def closes_later(want: dict, got: dict) -> bool:
    """A file ends; live, a connection goes on until it was silent for too long."""
    return want["tcp"]["close"] == "capture-ended" and got["tcp"]["close"] == "idle-timeout"


def without_end(document: dict) -> dict:
    timeline = [{key: value for key, value in entry.items() if (entry["event"], key) != ("close", "how")}
                for entry in document["timeline"]]
    return {**document, "timeline": timeline, "tcp": {**document["tcp"], "close": ""}}


class Delays:
    """How long after what they tell of the lines of a program came, and which of them came too late."""

    def __init__(self, scope: Scope, watcher: Watcher):
        self.scope, self.watcher = scope, watcher
        self.count, self.slowest_s, self.late = 0, 0.0, []

    def add(self, what: object, happened_s: float, told_s: float, within_s: float) -> None:
        delay_s, excused_s = told_s - happened_s, 0.0
        if delay_s > within_s:
            excused_s = self.watcher.not_its_own_s(self.scope, happened_s, told_s)
        self.count += 1
        self.slowest_s = max(self.slowest_s, delay_s)
        if not 0 < delay_s <= within_s + excused_s:
            self.late.append(f"{delay_s:.2f} s, {excused_s:.2f} s of them not its own: {str(what)[:300]}")

    def check(self, tap: Tap, name: str, at_least: int = 1) -> None:
        tap.ok(self.count >= at_least and not self.late, f"{name}: {self.count}; the slowest {self.slowest_s:.2f} s",
               "\n".join(self.late[:10]))


def check_delays(tap: Tap, name: str, traffic: Traffic, scope: Scope, watcher: Watcher) -> None:
    sent_at, expected = traffic.sent_at(), {**traffic.sessions["left0"], **traffic.sessions["left1"]}
    arrived = {line.document["id"]: line.at_s for line in scope.lines if line.data.startswith(b'{"type":"session"')}
    delays, silent = Delays(scope, watcher), Delays(scope, watcher)
    for key, document in by_endpoints(main_of(scope.documents("session"))).items():
        if key not in expected:
            continue
        capture, session = expected[key]
        # Without an end of its own it ends by being silent for so long.
        ends = tuple(sorted((ipaddress.ip_address(end[0]).packed, end[1]) for end in key[0]))
        close = document["tcp"]["close"]
        silence_s = (EMBRYONIC_TIMEOUT_S if close == "unanswered" else 0 if close == "unreachable" or
                     traffic.ends_by_itself[ends] else OPEN_TIMEOUT_S)
        silence_s += silence_s / 8
        last_s = sent_at[capture, session["capture"]["last_frame"]]
        (silent if silence_s else delays).add(f"{capture} {key}: {close}", last_s, arrived[document["id"]], silence_s + DOCUMENT_WITHIN_S)
    delays.check(tap, f"{name}: documents within {DOCUMENT_WITHIN_S} s")
    silent.check(tap, f"{name}: documents within {DOCUMENT_WITHIN_S} s of a silence", 0)


# How it ended is told when nobody tries again; and what takes a session that is over, with it.
ENDS, WITH_THE_END = ("close", "refused", "unanswered", "unreachable"), ("message", "finding")


def check_events(tap: Tap, scope: Scope, watcher: Watcher, offset_s: float) -> None:
    """That there is a connection is told with the first thing said on it; what comes after a hole waits for the hole to be filled."""
    lines = [(line.at_s, line.document) for line in scope.lines]
    lines = [(at_s, document) for at_s, document in lines if document["type"] == "event"]
    with_holes = {document["session"] for _, document in lines if document["event"] == "gap"}
    ended_s = {document["session"]: at_s for at_s, document in lines if document["event"] in ENDS}
    steps, after_holes, at_end = (Delays(scope, watcher) for _ in range(3))
    for at_s, document in lines:
        event, happened_s = document["event"], wall_s(document["time"]) + offset_s
        if event in WITH_THE_END:
            at_end.add(document, ended_s[document["session"]] - Watcher.PAUSE_S, at_s, EVENT_WITHIN_S)
        elif event in ENDS or event == "connect":
            pass  # the end is told with the documents, see check_delays()
        elif document["session"] in with_holes:
            after_holes.add(document, happened_s, at_s, DOCUMENT_WITHIN_S)
        else:
            steps.add(document, happened_s, at_s, EVENT_WITHIN_S)
    steps.check(tap, f"events: steps within {EVENT_WITHIN_S} s", 1000)
    after_holes.check(tap, f"events: steps in {len(with_holes)} sessions with holes within {DOCUMENT_WITHIN_S} s", 10)
    at_end.check(tap, f"events: messages and findings within {EVENT_WITHIN_S} s of the end", 100)


def wall_s(text: str) -> float:
    seconds, fraction = text.rstrip("Z").split(".")
    return time.mktime(time.strptime(seconds + "UTC", "%Y-%m-%dT%H:%M:%S%Z")) - time.timezone + float("0." + fraction)


# ---- All of it ----

EVERYTHING = "greater 1"  # a filter of the user's that nothing is kept out by
OPEN_PORT = 39999  # of the client of a session that does not end
USUAL_PORTS = {24, 25, 465, 587, 2525}


class Scopes:
    """All runs that watch the same traffic."""

    def __init__(self, binary: str, folder: pathlib.Path, watcher: Watcher):
        self.binary, self.folder, self.watcher, self.all = binary, folder, watcher, []
        for name in ("evidence", "dated", "metrics"):
            (folder / name).mkdir()
            (folder / name).chmod(0o777)
        config = folder / "smtpscope.conf"
        config.write_text(f"""# All of it can stand in a file.
interface = right0
output = json
write = {folder}/dated/%Y%m%d-%H%M%S.ndjson
idle-timeout = {TIMEOUTS[1]}
partial = 1
stats-interval = 1
metrics-file = {folder}/metrics/smtpscope.prom
metrics-listen = {METRICS[0]}:{METRICS[1]}
evidence = {folder}/evidence
evidence-severity = low
buffer-size = 32768
""")
        json_ = ("-o", "json", *TIMEOUTS, "-B", "32768")
        self.everything = self.start("everything", "-i", "right0", *json_, EVERYTHING)
        self.default = self.start("default", "-i", "right0", *json_)
        self.any = self.start("any", "-i", "any", *json_, "--partial", "1", EVERYTHING)
        self.two = self.start("two", "-i", "right0", "-i", "right1", *json_, EVERYTHING)
        self.alone = self.start("alone", "-i", "right1", *json_, "--stats-interval", "1")
        self.events = self.start("events", "-i", "right0", "-o", "events", *TIMEOUTS, EVERYTHING)
        self.filter = self.start("filter", "-i", "right0", *json_, "tcp port 25 or icmp or icmp6")
        self.all_tcp = self.start("all-tcp", "-i", "right0", *json_, "--all-tcp")
        self.count = self.start("count", "-i", "right0", *json_, "-c", "100", EVERYTHING)
        self.text = self.start("text", "-i", "right0", *TIMEOUTS, "-B", "32768", output="terminal")
        self.config = self.start("config", "--config", str(config), EVERYTHING, output="config")

    def start(self, name: str, *arguments: str, output: str = "file") -> Scope:
        scope = Scope(self.binary, self.folder, name, *arguments, output=output)
        self.all.append(scope)
        self.watcher.add(scope)
        return scope

    def read_dated(self) -> list:
        """The run with a configuration file writes files with a date in their names."""
        paths = sorted((self.folder / "dated").iterdir())
        return [path.name for path in paths], [Line(0, line) for path in paths for line in path.read_bytes().splitlines()]


def is_odd(expected: Expected) -> bool:
    return expected.session["server"]["port"] not in USUAL_PORTS


def chosen(expected: dict, wanted: typing.Callable) -> dict:
    return {key: value for key, value in expected.items() if wanted(value)}


def check_process(tap: Tap, scope: Scope, sanitized: bool) -> None:
    status = pathlib.Path(f"/proc/{scope.process.pid}/status").read_text()
    facts = {words[0].rstrip(":"): words[1:] for words in map(str.split, status.splitlines()) if words}
    try:
        user = pwd.getpwnam("smtpscope").pw_uid
    except KeyError:
        user = NOBODY
    tap.equal("running: its user", facts["Uid"], [str(user)] * 4)
    tap.equal("running: its capabilities", [facts[key] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
              [["0" * 16]] * 5)
    tap.equal("running: no new privileges", facts["NoNewPrivs"], ["1"])
    if sanitized:
        tap.skip("running: system calls are filtered", "not with sanitizers")
    else:
        tap.equal("running: system calls are filtered", facts["Seccomp"], ["2"])
        threads = [re.search(r"^Seccomp:\s*(\d)", path.read_text(), re.MULTILINE)[1]
                   for path in pathlib.Path(f"/proc/{scope.process.pid}/task").glob("*/status")]
        tap.ok(len(threads) >= 3 and set(threads) == {"2"}, f"running: in all of {len(threads)} threads", str(threads))


def metrics_of(text: str) -> dict:
    return {name: float(value) for name, value in re.findall(r"^(smtpscope_\S+) (\S+)$", text, re.MULTILINE)}


def fetch_metrics() -> str:
    with in_namespace(lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as client:
        client.settimeout(PATIENCE_S)
        client.connect(METRICS)
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost: %s:%d\r\nConnection: close\r\n\r\n" % (METRICS[0].encode(), METRICS[1]))
        answer = b""
        while data := client.recv(1 << 16):
            answer += data
    return answer.decode()


def check_metrics(tap: Tap, scopes: Scopes, traffic: Traffic) -> None:
    sent = traffic.sent["left0"].frames
    expected = {"smtpscope_captured_frames_total": len(sent), "smtpscope_captured_bytes_total": sum(len(frame.data) for frame in sent),
                "smtpscope_sessions_ended_total": len(traffic.sessions["left0"])}
    path = scopes.folder / "metrics" / "smtpscope.prom"

    def values(text: str) -> dict:
        found = metrics_of(text)
        found["smtpscope_sessions_ended_total"] = sum(value for name, value in found.items()
                                                      if name.startswith("smtpscope_sessions_total"))
        return {name: found.get(name) for name in expected}

    scopes.config.wait_for(lambda: path.exists() and values(path.read_text()) == expected, 3)
    tap.equal("metrics: the file counts what was sent", values(path.read_text()) if path.exists() else None, expected)
    answer = fetch_metrics()
    tap.ok(answer.startswith("HTTP/1.") and " 200 " in answer.splitlines()[0], "metrics: they are served", answer[:200])
    tap.equal("metrics: over HTTP too", values(answer), expected)


def without_open(sessions: list) -> list:
    return [session for session in sessions if session["client"]["port"] != OPEN_PORT]


def check_comparisons(tap: Tap, scopes: Scopes, traffic: Traffic, as_sent: dict) -> None:
    left, right = traffic.sessions["left0"], traffic.sessions["left1"]
    # Who listens on all interfaces sees a frame when it is sent, before it arrives; and the tags of frames are lost there.
    untagged = chosen({**as_sent["left0"], **as_sent["left1"]}, lambda one: "vlan" not in one.session["client"])
    excluded = OF_RUNS
    total = Comparison()
    total.check(tap, "everything", left, scopes.everything.documents("session"), excluded, traffic.sent["left0"].frames)
    _, dated = scopes.read_dated()
    dated = [line.document for line in dated]
    total.check(tap, "configuration file", left, [one for one in dated if one["type"] == "session"], excluded | {"evidence"},
                traffic.sent["left0"].frames)
    # Two captures have the same clients: each counts the mailboxes of both.
    any_ = [one for one in scopes.any.documents("session")]
    total.check(tap, "any", untagged, [one for one in any_ if endpoints(one) in {key[0] for key in untagged}],
                excluded | OF_FRAMES, but={"mailbox"})
    total.check(tap, "two interfaces", {**left, **right}, scopes.two.documents("session"), excluded | OF_FRAMES, but={"mailbox"})
    sources = {(expected.capture == ALONE, document["capture"]["source"]) for key, document in
               by_endpoints(scopes.two.documents("session")).items() for expected in [{**left, **right}.get(key)] if expected}
    tap.equal("two interfaces: which one it was", sources, {(False, "right0"), (True, "right1")})
    # The default filter lets no packets through that say when a mailbox was looked into.
    total.check(tap, "default filter", chosen(left, lambda one: not is_odd(one)), without_open(scopes.default.documents("session")),
                excluded | OF_FRAMES, but={"mailbox"})
    total.check(tap, "all TCP", left, scopes.all_tcp.documents("session"), excluded | OF_FRAMES)
    tap.ok(any(is_odd(one) for one in left.values()), "all TCP: one session is on an odd port")
    total.check(tap, "filter", chosen(left, lambda one: 25 in (one.session["client"]["port"], one.session["server"]["port"])),
                scopes.filter.documents("session"), excluded | OF_FRAMES, but={"mailbox"})
    # Of connections to mailboxes it lets the FIN through, and not the ACK that comes last in the file: "last" is of client.mailbox.
    total.check(tap, "alone", right, scopes.alone.documents("session"), excluded | OF_FRAMES, but={"last"})
    print(f"# {len(traffic.captures)} captures ({len(traffic.untouched)} untouched), {sum(len(one.frames) for one in traffic.sent.values())} "
          f"frames; compared: {total.sessions} sessions, {total.fields} values")


def check_other_times(tap: Tap, traffic: Traffic, before: dict) -> None:
    """Of captures that were sent as they are, what is said of the packets as they arrived is what is said of the capture, but for times."""
    compared, problems = 0, []
    for interface, sessions in before.items():
        for key, (name, session) in sessions.items():
            if name in traffic.untouched and name not in FASTER:
                again = traffic.sessions[interface].get(key)
                found = differences(*(without_times(without(one, OF_RUNS)) for one in (session, again.session if again else {})))
                problems += [f"{name}, {key}: {line}" for line in found]
                compared += 1
    tap.ok(compared > 100 and not problems, f"{compared} sessions of captures are the same at other times", "\n".join(problems[:10]))


def check_partial(tap: Tap, name: str, documents: list, expected: dict) -> None:
    partial = collections.defaultdict(list)
    for i, document in enumerate(documents):
        if document.get("partial"):
            partial[document["id"]].append(i)
    long_ones = [key for key, one in expected.items() if 1600 < one.session["duration_ms"] < 5000 and one.capture not in FASTER]
    last = {document["id"]: i for i, document in enumerate(documents) if not document.get("partial")}
    tap.ok(len(partial) >= len(long_ones) > 0, f"{name}: {len(partial)} long sessions are told of early", str(long_ones))
    wrong = [id_ for id_, places in partial.items() if last.get(id_, -1) < max(places)]
    tap.ok(not wrong, f"{name}: and in the end, under the same id", str(wrong))
    tap.equal(f"{name}: each session ends once", len(last), sum(not document.get("partial", False) for document in documents))


def check_diagnoses(tap: Tap, scope: Scope, traffic: Traffic) -> None:
    told = [(line.at_s, line.document) for line in scope.lines if line.data.startswith(b'{"type":"diagnosis"')]
    history = collections.defaultdict(list)
    for _, document in told:
        history[document["diagnosis_id"]].append(document["state"])
    ends = {(document["id"], document["title"]) for _, document in told}
    expected = {(document["id"], document["title"]) for document in traffic.diagnoses}
    tap.ok(bool(expected) and expected <= ends, f"diagnoses: all {len(expected)} of the file",
           f"missing {expected - ends}\ntold {ends}")
    tap.ok(all(states[0] == "new" and "new" not in states[1:] and "closed" not in states[:-1] for states in history.values()),
           "diagnoses: each is new, is updated, is closed", str(dict(history)))
    states = {state for list_ in history.values() for state in list_}
    tap.equal("diagnoses: all states come up", states, {"new", "updated", "closed"})
    last_s = traffic.sent["left1"].times_s[-1]
    early = {document["id"] for at_s, document in told if at_s < last_s}
    tap.ok("auth-fails-on-one-face" in early, f"diagnoses: told while traffic flows: {' '.join(sorted(early))}")


def check_evidence(tap: Tap, scopes: Scopes, traffic: Traffic) -> None:
    _, lines = scopes.read_dated()
    named = {document["evidence"]["file"]: document for document in (line.document for line in lines)
             if document["type"] == "session" and "evidence" in document}
    files = {path.name: path for path in (scopes.folder / "evidence").iterdir()}
    tap.ok(len(named) > 20 and set(named) == set(files), f"evidence: {len(named)} sessions have theirs",
           f"{set(named) ^ set(files)}")
    wanted = {secret: "sent" for secret in traffic.secrets}
    known = [line for line in (PCAPS / "secrets.txt").read_bytes().splitlines() if line]
    for secret in [*traffic.secrets, *known]:
        wanted.update(no_secrets.forms(secret))
    found = [f"{name}: {what}" for name, path in files.items() for what in no_secrets.found_in(evidence.content(path), wanted)]
    tap.ok(len(wanted) > 10 and not found, "evidence: no secret", "\n".join(found[:10]))
    written = b"\n".join(line.data for scope in scopes.all for line in scope.lines)
    found = no_secrets.found_in(written, wanted)
    tap.ok(len(written) > 100000 and not found, "output: no secret", "\n".join(found[:10]))
    name, document = next(((name, document) for name, document in sorted(named.items())
                           if document["evidence"]["dropped_packets"] == 0 and document["tcp"]["client"]["packets"] > 3), ("", {}))
    if tap.ok(bool(name), "evidence: there is one to look into"):
        packets = rewrite.read(files[name]).packets
        tap.equal(f"evidence: {name} has the packets", len(packets), document["evidence"]["packets"])


def check_schemas(tap: Tap, scopes: Scopes) -> None:
    schemas, lines = Schemas(), [line.data for scope in scopes.all if scope is not scopes.text for line in scope.lines]
    lines += [line.data for line in scopes.read_dated()[1]]
    problems = [f"{problem}: {line[:200]}" for line in lines[::7] for problem in schemas.problems(line)]
    tap.ok(len(lines) > 1000 and not problems, f"documents are valid: {len(lines[::7])} of {len(lines)}", "\n".join(problems[:10]))


def check_text(tap: Tap, scope: Scope, traffic: Traffic, watcher: Watcher) -> None:
    lines = [(line.at_s, line.data.decode(errors="replace")) for line in scope.lines]
    heads = [(at_s, line) for at_s, line in lines if "→" in line and "──" in line]
    expected = chosen(traffic.sessions["left0"], lambda one: not is_odd(one))
    tap.equal("terminal: text, of every session", len(heads), len(expected))
    first_s, last_s = traffic.sent["left0"].times_s[0], traffic.sent["left0"].times_s[-1]
    early = sum(at_s - watcher.not_its_own_s(scope, first_s, at_s) < last_s for at_s, _ in heads)
    tap.ok(early > len(heads) // 2, f"terminal: {early} of {len(heads)} sessions while traffic flows")
    tap.ok(any("\x1b[" in line for _, line in lines), "terminal: in colour")


def check_statistics(tap: Tap, scopes: Scopes) -> None:
    scope = scopes.everything
    before = len(scope.documents("statistics"))
    scope.process.send_signal(signal.SIGUSR1)
    tap.ok(scope.wait_for(lambda: len(scope.documents("statistics")) > before, 5), "SIGUSR1 writes statistics", str(scope))
    regular = [line for line in scopes.alone.lines if line.data.startswith(b'{"type":"statistics"')]
    seconds = scopes.alone.lines[-1].at_s - regular[0].at_s if regular else 0
    tap.ok(len(regular) > 5 and abs(len(regular) - seconds) < 0.3 * seconds + 2,
           f"--stats-interval 1: {len(regular)} in {seconds:.1f} s")


def check_open_session(tap: Tap, scopes: Scopes) -> None:
    """What is open is written at the end, and a second run writes to the same file."""
    scope = scopes.default
    capture = rewrite.read(PCAPS / "auth-plain-accepted.pcap")
    packets = [packet.carrying(renumbered(packet.segment, {port: OPEN_PORT if port > 1024 else port for port in packet.segment.ports}))
               for packet in capture.packets[:16] if packet.segment]
    before = len(scope.documents("session"))
    with open_sender("left0") as sender:
        for packet in packets:
            sender.send(packet.data)
    time.sleep(0.3)
    tap.equal("an open session is not written", len(scope.documents("session")), before)
    tap.equal("SIGTERM: status", scope.stop(scopes.watcher), 0) or tap.say(str(scope))
    flushed = scope.documents("session")[before:]
    tap.ok(len(flushed) == 1 and flushed[0]["client"]["port"] == OPEN_PORT and flushed[0]["tcp"]["close"] == "capture-ended"
           and not flushed[0].get("partial"), "SIGTERM: the open session is written", str(flushed)[:500])
    tap.equal("SIGTERM: statistics come last", scope.lines[-1].document.get("final"), True)
    first = scope.path.read_bytes()
    again = Scope(scopes.binary, scopes.folder, "again", "-i", "right0", "-o", "json", "-c", "3", path=scope.path)
    again.wait_ready()
    with open_sender("left0") as sender:
        for packet in packets[:3]:
            sender.send(packet.data)
    tap.equal("a second run: status", again.end(), 0) or tap.say(str(again))
    both = scope.path.read_bytes()
    tap.ok(both.startswith(first) and b'"port":%d' % OPEN_PORT in both[len(first):], "a second run writes after the first",
           both[len(first):][:300].decode())


def check_others(tap: Tap, binary: str, folder: pathlib.Path, sanitized: bool) -> None:
    listed = subprocess.run(["ip", "netns", "exec", NAMESPACE, binary, "-D"], capture_output=True, text=True, check=False)
    names = {line.split()[0]: line.split()[1] for line in listed.stdout.splitlines()}
    tap.equal("-D: the interfaces", [listed.returncode, *map(names.get, ("right0", "right1", "left0"))], [0, "up", "up", "up"])
    public = shutil.copy(binary, folder / "public")
    environment = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}
    done = subprocess.run([public, "-i", "lo"], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, text=True,
                          cwd="/tmp", timeout=PATIENCE_S, env=environment, check=False)
    tap.equal("without rights: status, output", (done.returncode, done.stdout), (1, ""))
    tap.ok(len(done.stderr.splitlines()) == 1 and "no permission to capture" in done.stderr and "setcap" in done.stderr,
           "without rights: what to do", done.stderr)
    done = subprocess.run([binary, "--check-sandbox"], capture_output=True, text=True, cwd="/tmp", timeout=60, env=environment,
                          check=False)
    if sanitized:
        tap.skip("--check-sandbox", "two layers are left out with sanitizers")
    else:
        tap.equal("--check-sandbox: status", done.returncode, 0) or tap.say(done.stdout + done.stderr)


def check_ends(tap: Tap, scopes: Scopes, traffic: Traffic) -> None:
    tap.equal("-c 100: ends by itself", scopes.count.end(scopes.watcher), 0) or tap.say(str(scopes.count))
    tap.equal("-c 100: frames", [one["frames"] for one in scopes.count.documents("statistics")][-1:], [100])
    for scope in scopes.all:
        if scope not in (scopes.count, scopes.default):  # that one is still needed
            tap.equal(f"{scope.name}: ends well", scope.stop(), 0) or tap.say(str(scope))
    time.sleep(0.2)
    for scope in scopes.all:
        tap.equal(f"{scope.name}: says nothing", scope.stderr(), "")
    counted = scopes.everything.documents("statistics")[-1]
    tap.equal("statistics: frames, sessions, drops and losses",
              [counted["frames"], counted["interfaces"][0]["dropped_by_kernel"], counted["output"]["documents_lost"]],
              [len(traffic.sent["left0"].frames), 0, 0])


def run_all(tap: Tap, binary: str, folder: pathlib.Path) -> None:
    sanitized = b"left out" in run(binary, ["--check-sandbox"]).out
    traffic, watcher = Traffic(binary, folder), Watcher()
    sending, arriving = ({left: Recorder(end) for left, end in ends.items()}
                         for ends in ({"left0": "left0", "left1": "left1"}, {"left0": "right0", "left1": "right1"}))
    scopes = Scopes(binary, folder, watcher)
    for scope in scopes.all:
        if not tap.ok(scope.wait_ready(), f"{scope.name}: is ready, and says so to the service manager", str(scope)):
            return
    check_process(tap, scopes.everything, sanitized)
    offset_s = time.monotonic() - time.time()
    threads = traffic.send()
    for thread in threads:
        thread.join()
    last_s = time.monotonic()
    count = len(traffic.sessions["left0"])
    for scope in (scopes.everything, scopes.all_tcp):
        scope.wait_for(lambda: len(main_of(scope.documents("session"))) >= count, 1.125 * OPEN_TIMEOUT_S + 4)
    print(f"# sent in {last_s - traffic.sent['left0'].times_s[0]:.1f} s, all there {time.monotonic() - last_s:.1f} s later")
    before, (as_sent, _) = traffic.sessions, traffic.read_recorded(sending)
    traffic.sessions, traffic.diagnoses = traffic.read_recorded(arriving)
    check_metrics(tap, scopes, traffic)
    check_statistics(tap, scopes)
    check_ends(tap, scopes, traffic)
    check_open_session(tap, scopes)
    watcher.running = False
    watcher.thread.join()
    check_comparisons(tap, scopes, traffic, as_sent)
    check_other_times(tap, traffic, before)
    for scope in (scopes.everything, scopes.default, scopes.any, scopes.two, scopes.alone, scopes.filter, scopes.all_tcp):
        check_delays(tap, scope.name, traffic, scope, watcher)
    check_events(tap, scopes.events, watcher, offset_s)
    check_partial(tap, "any, --partial 1", scopes.any.documents("session"), traffic.sessions["left0"])
    names, dated = scopes.read_dated()
    check_partial(tap, "configuration file, --partial 1", [line.document for line in dated if b'"type":"session"' in line.data[:20]],
                  traffic.sessions["left0"])
    tap.ok(bool(names) and all(re.fullmatch(r"\d{8}-\d{6}(-\d+)?\.ndjson", name) for name in names), "names have a date", str(names))
    check_diagnoses(tap, scopes.alone, traffic)
    check_evidence(tap, scopes, traffic)
    check_text(tap, scopes.text, traffic, watcher)
    check_schemas(tap, scopes)
    check_others(tap, binary, folder, sanitized)


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: live.py BINARY")
    tap = Tap()
    if missing():
        tap.skip("live capture", missing())
        tap.finish()
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    make_namespace()
    for left, right in (("left0", "right0"), ("left1", "right1")):
        add_pair(left, right, MTU)
    with tempfile.TemporaryDirectory(prefix="smtpscope-live-", dir="/tmp") as name:
        os.chmod(name, 0o777)
        run_all(tap, binary, pathlib.Path(name))
    tap.finish()


if __name__ == "__main__":
    main()
