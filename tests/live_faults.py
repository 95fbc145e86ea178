#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong around a live run: disks that are full, readers that leave, interfaces that disappear, floods, signals. Each
test sends whole SMTP sessions over a veth pair, in a network namespace of its own, and holds what is written against what was
sent: every session is there exactly once, or counted as lost.

    live_faults.py SMTPSCOPE FLOOD [TEST...]
"""
import atexit
import collections
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

import netns
from netns import NAMESPACE, add_pair, ip, open_sender
from tap import Tap

PATIENCE_S = 30
ETHERNET = bytes.fromhex("020000000002 020000000001 0800")
FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10
SERVER = bytes([192, 0, 2, 10])


# ---- Traffic ----

def frame(source: tuple, target: tuple, seq: int, ack: int, flags: int, payload: bytes = b"") -> bytes:
    tcp = struct.pack("!HHIIBBHHH", source[1], target[1], seq, ack, 0x50, flags, 4096, 0, 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0x4000, 64, 6, 0, source[0], target[0])
    return ETHERNET + header + tcp + payload


DIALOGUE = (
    ("S", "220 mail.example.com ESMTP\r\n"), ("C", "EHLO client.example.org\r\n"), ("S", "250 mail.example.com\r\n"),
    ("C", "MAIL FROM:<s{number}@example.org>\r\n"), ("S", "250 2.1.0 Ok\r\n"),
    ("C", "RCPT TO:<carol@example.com>\r\n"), ("S", "250 2.1.5 Ok\r\n"), ("C", "DATA\r\n"), ("S", "354 End it\r\n"),
    ("C", "Subject: x\r\n\r\nHello\r\n.\r\n"), ("S", "250 2.0.0 Ok\r\n"), ("C", "QUIT\r\n"), ("S", "221 2.0.0 Bye\r\n"))
MAIL_AT = 7  # frames of a session until its number is known


def session(number: int) -> list:
    """All frames of one mail, whose sender says which session it is."""
    client, server = (bytes([198, 51, 100, 1 + number % 250]), 1024 + number // 250), (SERVER, 25)
    next_seq = {"C": 1000 + number, "S": 5000 + number}
    ends = {"C": (client, server), "S": (server, client)}
    frames = [frame(*ends["C"], next_seq["C"], 0, SYN), frame(*ends["S"], next_seq["S"], next_seq["C"] + 1, SYN | ACK)]
    next_seq = {side: seq + 1 for side, seq in next_seq.items()}

    def say(side: str, flags: int, payload: bytes = b"") -> None:
        other = "S" if side == "C" else "C"
        frames.append(frame(*ends[side], next_seq[side], next_seq[other], flags, payload))
        next_seq[side] += len(payload) + bool(flags & FIN)
    say("C", ACK)
    for side, text in DIALOGUE:
        say(side, PSH | ACK, text.format(number=number).encode())
    say("S", FIN | ACK)
    say("C", FIN | ACK)
    say("S", ACK)
    return frames


class Sender:
    def __init__(self, interface: str = "left0"):
        self.socket = open_sender(interface)

    def send(self, frames: list) -> None:
        for one in frames:
            self.socket.send(one)

    def sessions(self, numbers) -> None:
        for number in numbers:
            self.send(session(number))

    def close(self) -> None:
        self.socket.close()


# ---- The program ----

def wait_for(condition, timeout_s: float = PATIENCE_S) -> bool:
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return bool(condition())
        time.sleep(0.02)
    return True


class Sensor:
    """The program, from when it is ready. Its messages go to a file."""

    def __init__(self, folder: pathlib.Path, *arguments: str, stdout=subprocess.DEVNULL):
        self.errors = folder / "stderr"
        address = str(folder / "notify")
        pathlib.Path(address).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, open(self.errors, "ab") as errors:
            notify.bind(address)
            notify.settimeout(PATIENCE_S)
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", NAMESPACE, BINARY, "-i", "right0", "-o", "json", "--stats-interval", "0",
                 "--idle-timeout", "closing=1", *map(str, arguments)],
                stdout=stdout, stderr=errors, env={**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "NOTIFY_SOCKET": address})
            atexit.register(self.kill)
            while b"READY=1" not in notify.recv(4096):
                pass

    def said(self) -> str:
        return self.errors.read_text(errors="replace")

    def wait_said(self, text: str, times: int = 1) -> bool:
        return wait_for(lambda: self.said().count(text) >= times)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        self.signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            return -1

    def status(self, name: str) -> int:
        """A line of /proc/PID/status that has a number."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)[1])

    def is_alive(self) -> bool:
        return self.process.poll() is None

    def freeze(self) -> None:
        """Until SIGCONT; signals take a moment."""
        self.signal(signal.SIGSTOP)
        wait_for(lambda: " T " in pathlib.Path(f"/proc/{self.process.pid}/stat").read_text())

    def kill(self) -> None:
        if self.is_alive():
            self.process.kill()
            self.process.wait()


class Output:
    """Documents of some files, in order. Lines that are none, or of which the end is missing, are broken."""

    def __init__(self, *texts: bytes):
        self.documents, self.broken = [], []
        for text in texts:
            *lines, rest = text.split(b"\n")
            self.broken += [rest] if rest else []
            for line in lines:
                try:
                    self.documents.append(json.loads(line))
                except ValueError:
                    self.broken.append(line)

    def of_type(self, name: str) -> list:
        return [document for document in self.documents if document["type"] == name]

    def numbers(self) -> list:
        """Which sessions, in order of their numbers."""
        return sorted(int(mail["from"][1:].split("@")[0]) for document in self.of_type("session") for mail in document["mails"])

    def statistics(self) -> dict:
        """The last; empty when there is none."""
        found = self.of_type("statistics")
        return found[-1] if found else {}


def output_of(*paths: pathlib.Path) -> Output:
    return Output(*(path.read_bytes() for path in paths if path.exists()))


def wait_sessions(paths, count: int) -> bool:
    """Until so many sessions are in the files that paths() names."""
    return wait_for(lambda: sum(path.read_bytes().count(b'"type":"session"') for path in paths() if path.exists()) >= count)


def check_all_once(tap: Tap, name: str, output: Output, count: int) -> None:
    tap.equal(f"{name}: each line is whole", output.broken, [])
    counts = collections.Counter(output.numbers())
    wrong = [number for number in range(count) if counts[number] != 1] + [number for number in counts if number >= count]
    tap.equal(f"{name}: each of {count} sessions is there exactly once", wrong[:20], [])


class Place:
    """A folder for one test, which the program may write in when it is nobody."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="live-faults-"))
        self.path.chmod(0o755)
        self.mounts = []
        atexit.register(self.remove)

    def folder(self, name: str) -> pathlib.Path:
        path = self.path / name
        path.mkdir()
        shutil.chown(path, "nobody", "nogroup")
        return path

    def small_disk(self, name: str, size: str) -> pathlib.Path:
        path = self.folder(name)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},uid=65534,gid=65534,mode=755", "tmpfs", path], check=True)
        self.mounts.append(path)
        return path

    def remove(self) -> None:
        for path in self.mounts:
            subprocess.run(["umount", "-l", path], stderr=subprocess.DEVNULL)
        self.mounts = []
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> "Place":
        return self

    def __exit__(self, *_) -> None:
        self.remove()


def send_paced(sender: Sender, numbers: range) -> None:
    """Not all at once: a small queue would overflow before anybody could look at it."""
    for at in range(0, len(numbers), 20):
        sender.sessions(numbers[at:at + 20])
        time.sleep(0.03)


# ---- Disks ----

def test_disk_full(tap: Tap) -> None:
    """It waits in memory and then in the spool, and is written when there is room again."""
    count = 700
    with Place() as place:
        disk = place.small_disk("disk", "256k")
        spool = place.folder("spool")
        sensor = Sensor(place.path, "-w", disk / "out", "--queue", "1M", "--spool", spool, "--spool-size", "64M")
        sender = Sender()
        send_paced(sender, range(count // 2))
        tap.ok(sensor.wait_said("No space left on device"), "disk full: it is said", sensor.said())
        send_paced(sender, range(count // 2, count))
        tap.ok(wait_for(lambda: any(path.stat().st_size for path in spool.iterdir())), "disk full: the spool is used")
        tap.ok(sensor.is_alive(), "disk full: it goes on", sensor.said())
        time.sleep(1.5)
        tap.equal("disk full: what is written meanwhile is whole", output_of(disk / "out").broken, [])
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        tap.ok(wait_sessions(lambda: [disk / "out"], count), "disk full: all is written once there is room", sensor.said())
        tap.ok("works again" in sensor.said(), "disk full: that it works again is said", sensor.said())
        tap.equal("disk full: it ends well", sensor.stop(), 0)
        output = output_of(disk / "out")
        check_all_once(tap, "disk full", output, count)
        counted = output.statistics().get("output", {})
        tap.equal("disk full: none is counted as lost", counted.get("documents_lost"), 0)
        tap.ok(counted.get("write_errors", 0) > 0, "disk full: errors are counted", str(counted))
        sender.close()


def test_disk_full_for_long(tap: Tap) -> None:
    """Memory and spool are full, too: what is lost is counted, to the last document."""
    count = 1500
    with Place() as place:
        disk = place.small_disk("disk", "256k")
        spool = place.folder("spool")
        sensor = Sensor(place.path, "-w", disk / "out", "--queue", "256k", "--spool", spool, "--spool-size", "1M")
        sender = Sender()
        for part in range(10):
            sender.sessions(range(part * count // 10, (part + 1) * count // 10))
            time.sleep(0.15)
        tap.ok(sensor.wait_said("were lost"), "disk full for long: losses are said", sensor.said())
        time.sleep(1.5)  # the last ones end
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        tap.ok(sensor.wait_said("works again"), "disk full for long: it works again", sensor.said())
        # All is written in order: once a later one is there, nothing waits any more.
        sent = count
        while sent == count or not wait_for(lambda: sent - 1 in output_of(disk / "out").numbers(), 2) and sent < count + 20:
            sender.sessions([sent])
            sent += 1
        last = list(range(sent, sent + 10))
        sender.sessions(last)
        wait_for(lambda: output_of(disk / "out").numbers()[-10:] == last)
        tap.equal("disk full for long: the end says that there were losses", sensor.stop(), 1)
        output = output_of(disk / "out")
        tap.equal("disk full for long: each line is whole", output.broken, [])
        numbers = output.numbers()
        tap.equal("disk full for long: none is there twice", len(numbers), len(set(numbers)))
        tap.equal("disk full for long: what comes later is there", numbers[-10:], last)
        others = [document["type"] for document in output.documents if document["type"] != "session"]
        tap.equal("disk full for long: nothing but sessions could be lost", others, ["statistics"])
        lost = output.statistics().get("output", {}).get("documents_lost", 0)
        tap.ok(lost > 0, "disk full for long: something was lost", str(lost))
        tap.equal("disk full for long: written and lost are what was sent", len(numbers) + lost, sent + 10)
        tap.equal("disk full for long: all are counted as sessions", output.statistics().get("sessions"), sent + 10)
        sender.close()


# ---- Readers ----

def read_lines(fd: int, count: int) -> bytes:
    """As many lines as were asked for, or what came within reason."""
    data, deadline = b"", time.monotonic() + PATIENCE_S
    os.set_blocking(fd, False)
    while data.count(b"\n") < count and time.monotonic() < deadline:
        try:
            data += os.read(fd, 1 << 16)
        except BlockingIOError:
            time.sleep(0.02)
    return data


def test_reader_gone(tap: Tap) -> None:
    """Standard output is a pipe that nobody reads any more: all that comes after that is lost, and counted."""
    with Place() as place:
        metrics = place.folder("metrics")
        reader, writer = os.pipe()
        sensor = Sensor(place.path, "--metrics-file", metrics / "metrics.prom", stdout=writer)
        os.close(writer)
        sender = Sender()
        sender.sessions(range(20))
        output = Output(read_lines(reader, 20))
        check_all_once(tap, "reader gone: before", output, 20)
        os.close(reader)
        sender.sessions(range(20, 70))
        tap.ok(sensor.wait_said("its reader is gone"), "reader gone: it is said", sensor.said())
        tap.ok(sensor.is_alive(), "reader gone: it goes on", sensor.said())
        counted = re.compile(r'^smtpscope_sessions_total\{result="delivered"\} (\d+)$', re.MULTILINE)

        def sessions() -> int:
            path = metrics / "metrics.prom"
            found = counted.search(path.read_text()) if path.exists() else None
            return int(found[1]) if found else 0
        tap.ok(wait_for(lambda: sessions() == 70), "reader gone: sessions are still followed", str(sessions()))
        tap.equal("reader gone: the end says that there were losses", sensor.stop(), 1)
        # Fifty sessions and the statistics of the end.
        tap.ok("51 documents" in sensor.said(), "reader gone: it is said how many were lost", sensor.said())
        sender.close()


def test_fifo(tap: Tap) -> None:
    with Place() as place:
        fifo = place.path / "fifo"
        os.mkfifo(fifo, 0o666)
        shutil.chown(fifo, "nobody", "nogroup")
        sender = Sender()
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        sensor = Sensor(place.path, "-w", fifo)
        sender.sessions(range(20))
        first = read_lines(reader, 20)
        os.close(reader)
        sender.sessions(range(20, 220))
        tap.ok(sensor.wait_said("cannot write to"), "FIFO: that nobody reads is said", sensor.said())
        reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
        second = read_lines(reader, 200)
        tap.ok(sensor.wait_said("works again"), "FIFO: that it works again is said", sensor.said())
        sensor.signal(signal.SIGTERM)
        second += read_lines(reader, 1)
        tap.equal("FIFO: it ends well", sensor.wait(), 0)
        output = Output(first, second)
        check_all_once(tap, "FIFO", output, 220)
        tap.equal("FIFO: none is counted as lost", output.statistics().get("output", {}).get("documents_lost"), 0)
        os.close(reader)
        sender.close()


# ---- Interfaces ----

def test_interface(tap: Tap) -> None:
    """Deleted and made again, down and up, by a program without any rights."""
    with Place() as place:
        folder = place.folder("out")
        sensor = Sensor(place.path, "-w", folder / "out")
        tap.ok(sensor.status("Uid") != 0 and sensor.status("CapEff") == 0, "interface: it has no rights")

        def send(numbers) -> None:
            sender = Sender()
            sender.sessions(numbers)
            sender.close()
        send(range(5))
        wait_sessions(lambda: [folder / "out"], 5)
        ip("link", "del", "left0")
        tap.ok(sensor.wait_said("right0: the interface has disappeared"), "interface: deleted", sensor.said())
        add_pair("left0", "right0")
        tap.ok(sensor.wait_said("right0: the interface is back"), "interface: made again", sensor.said())
        send(range(5, 10))
        wait_sessions(lambda: [folder / "out"], 10)
        ip("link", "set", "right0", "down")
        tap.ok(sensor.wait_said("right0: the interface is down"), "interface: down", sensor.said())
        ip("link", "set", "right0", "up")
        tap.ok(sensor.wait_said("right0: the interface is back", 2), "interface: up", sensor.said())
        send(range(10, 15))
        wait_sessions(lambda: [folder / "out"], 15)
        tap.equal("interface: it ends well", sensor.stop(), 0)
        output = output_of(folder / "out")
        check_all_once(tap, "interface", output, 15)
        row = output.statistics().get("interfaces", [{}])[0]
        tap.equal("interface: outages are counted", (row.get("name"), row.get("state"), row.get("outages")), ("right0", "up", 2))


# ---- Files that are moved away ----

def test_rotation(tap: Tap) -> None:
    """As logrotate does it: a new name, a signal; twenty times while sessions come."""
    count = 1000
    with Place() as place:
        folder = place.folder("out")
        out = folder / "out"
        sensor = Sensor(place.path, "-w", out)
        sender = Sender()
        sending = threading.Thread(target=lambda: [(sender.sessions([number]), time.sleep(0.003)) for number in range(count)])
        sending.start()
        moved = []
        for number in range(20):
            wait_for(lambda: out.exists() and out.stat().st_size > 0)
            moved.append(out.rename(folder / f"out.{number}"))
            sensor.signal(signal.SIGHUP)
        sending.join()
        tap.ok(wait_sessions(lambda: [*moved, out], count), "SIGHUP: all arrive", sensor.said())
        tap.equal("SIGHUP: it ends well", sensor.stop(), 0)
        output = output_of(*moved, out)
        tap.equal("SIGHUP: there are all files", [path.name for path in moved if path.stat().st_size == 0], [])
        check_all_once(tap, "SIGHUP", output, count)
        tap.equal("SIGHUP: none is counted as lost", output.statistics().get("output", {}).get("documents_lost"), 0)
        sender.close()


def test_directory_removed(tap: Tap) -> None:
    with Place() as place:
        parent = place.folder("parent")
        folder = parent / "out"
        folder.mkdir()
        shutil.chown(folder, "nobody", "nogroup")
        sensor = Sensor(place.path, "-w", folder / "out")
        sender = Sender()
        sender.sessions(range(20))
        wait_sessions(lambda: [folder / "out"], 20)
        before = output_of(folder / "out")
        shutil.rmtree(folder)
        tap.ok(sensor.wait_said("was removed"), "directory removed: it is said", sensor.said())
        sender.sessions(range(20, 60))
        time.sleep(1.5)
        folder.mkdir()
        shutil.chown(folder, "nobody", "nogroup")
        tap.ok(wait_sessions(lambda: [folder / "out"], 40), "directory made again: all arrive", sensor.said())
        tap.equal("directory made again: it ends well", sensor.stop(), 0)
        output = output_of(folder / "out")
        output.documents = before.documents + output.documents
        check_all_once(tap, "directory removed", output, 60)
        tap.equal("directory removed: none is counted as lost", output.statistics().get("output", {}).get("documents_lost"), 0)
        sender.close()


# ---- Ends ----

def test_kill(tap: Tap) -> None:
    """Whatever is written is whole; what a power loss could tear is cut off by the next run."""
    with Place() as place:
        folder = place.folder("out")
        out = folder / "out"
        sender = Sender()
        for cycle in range(3):
            sensor = Sensor(place.path, "-w", out)
            sender.sessions(range(100 * cycle, 100 * (cycle + 1)))
            wait_sessions(lambda: [out], 100 * cycle + 30)
            sensor.kill()
            output = output_of(out)
            tap.equal(f"kill -9 ({cycle}): each line is whole", output.broken, [])
            tap.equal(f"kill -9 ({cycle}): none is there twice", len(output.numbers()), len(set(output.numbers())))
        sessions = len(output.of_type("session"))
        with open(out, "ab") as file:
            file.write(b'{"type":"session","torn')
        sensor = Sensor(place.path, "-w", out)
        sender.sessions(range(300, 310))
        wait_sessions(lambda: [out], sessions + 10)
        tap.equal("torn end: it ends well", sensor.stop(), 0)
        output = output_of(out)
        tap.equal("torn end: it is cut off", output.broken, [])
        tap.equal("torn end: what comes later is there", output.numbers()[-10:], list(range(300, 310)))
        tap.equal("torn end: no other is lost", len(output.of_type("session")), sessions + 10)
        sender.close()


def test_terminate(tap: Tap) -> None:
    """A thousand sessions are open: each is written as it is."""
    count = 1000
    with Place() as place:
        folder = place.folder("out")
        sensor = Sensor(place.path, "-w", folder / "out")
        sender = Sender()
        for number in range(count):
            sender.send(session(number)[:MAIL_AT])
        time.sleep(0.5)  # they are in the kernel's ring, and that is read
        tap.equal("SIGTERM: it ends well", sensor.stop(), 0)
        output = output_of(folder / "out")
        check_all_once(tap, "SIGTERM", output, count)
        tap.equal("SIGTERM: each says how it ended", {document["tcp"]["close"] for document in output.of_type("session")},
                  {"capture-ended"})
        sender.close()


# ---- Too much ----

def test_overload(tap: Tap) -> None:
    """A session that was open while the kernel had to drop packets says so; the ones before and after it do not."""
    with Place() as place:
        folder = place.folder("out")
        sensor = Sensor(place.path, "-w", folder / "out", "-B", "512")
        sender = Sender()
        sender.sessions([0])
        wait_sessions(lambda: [folder / "out"], 1)
        frames = session(1)
        sender.send(frames[:MAIL_AT])
        time.sleep(0.5)
        sensor.freeze()
        for number in range(100, 700):
            sender.send(session(number))
        sender.send(frames[MAIL_AT:-6])
        sensor.signal(signal.SIGCONT)
        time.sleep(1)
        sender.send(frames[-6:])
        sender.sessions([2])
        wait_for(lambda: {1, 2} <= set(output_of(folder / "out").numbers()))
        tap.equal("overload: it ends well", sensor.stop(), 0)
        output = output_of(folder / "out")
        tap.equal("overload: each line is whole", output.broken, [])
        sessions = {int(document["mails"][0]["from"][1:].split("@")[0]): document for document in output.of_type("session")
                    if document["mails"]}
        dropped = sum(row["dropped_by_kernel"] for row in output.statistics().get("interfaces", []))
        tap.ok(dropped > 0, "overload: drops are counted", str(dropped))
        blind = {number: sessions.get(number, {}).get("blind", {}) for number in (0, 1, 2)}
        tap.equal("overload: the session says how many", blind[1].get("dropped_by_kernel"), dropped)
        tap.ok(blind[1].get("gaps", 0) > 0, "overload: it has gaps", str(blind[1]))
        loss = [finding["explanation"] for finding in sessions.get(1, {}).get("findings", []) if finding["id"] == "capture-loss"]
        tap.ok(loss and f"dropped {dropped:,} packets" in loss[0], "overload: its finding says why", str(loss))
        tap.equal("overload: the sessions before and after say nothing",
                  [blind[number] for number in (0, 2)], 2 * [{"midstream": False, "one_sided": False, "gaps": 0}])
        sender.close()


def flood(rate: int, seconds: int) -> subprocess.Popen:
    process = subprocess.Popen(["ip", "netns", "exec", NAMESPACE, FLOOD, "left0", str(rate), str(seconds)],
                               stdout=subprocess.PIPE, text=True)
    atexit.register(process.kill)
    return process


def test_flood(tap: Tap) -> None:
    """Half-open connections by the hundred thousand a second: memory is bounded, who talks is heard."""
    rate, seconds = (10000, 5) if SANITIZED else (100000, 10)
    with Place() as place:
        folder = place.folder("out")
        out = folder / "out"
        sensor = Sensor(place.path, "-w", out, "--max-memory", "256M")
        sender = Sender()
        sender.sessions([0])
        wait_sessions(lambda: [out], 1)
        frames = session(1)
        sender.send(frames[:MAIL_AT])
        sending, resident = flood(rate, seconds), []
        while sending.poll() is None:
            resident.append(sensor.status("VmRSS"))
            if len(frames) > MAIL_AT + 6:
                sender.send([frames.pop(MAIL_AT)])
            time.sleep(0.5)
        sent, took_ns = map(int, sending.stdout.read().split())
        tap.say(f"{sent} SYNs, {sent / took_ns * 1e9:.0f} a second")
        sender.send(frames[MAIL_AT:])
        sender.sessions([2])
        began = time.monotonic()
        found = wait_for(lambda: b"<s2@" in out.read_bytes() or b'"s2@' in out.read_bytes())
        after_s = time.monotonic() - began
        peak = sensor.status("VmHWM")
        tap.say(f"VmHWM {peak // 1024} MiB, VmRSS at the most {max(resident) // 1024} MiB")
        # A second of it is the time for stragglers.
        tap.ok(found and after_s < 1 + 2, "flood: a session after it is reported within two seconds of its end", f"{after_s:.1f} s")
        tap.equal("flood: it ends well", sensor.stop(), 0)
        if SANITIZED:
            tap.skip("flood: memory stays within its bound", "built with sanitizers, which take memory of their own")
        else:
            tap.ok(peak < 256 * 1024, "flood: memory stays within its bound", f"{peak} KiB")
        output = output_of(out)
        statistics = output.statistics()
        told = [document for document in output.of_type("session") if not document["mails"]]
        row = statistics.get("interfaces", [{}])[0]
        dropped = row.get("dropped_by_kernel", -1)
        not_told = statistics.get("failures_not_told", 0)
        tap.say(f"{dropped} dropped, {len(told)} told, {not_told} not told, {statistics.get('evictions')} evicted")
        tap.equal("flood: each line is whole", output.broken, [])
        tap.equal("flood: each frame is read or counted as dropped", row.get("frames", 0) + dropped, sent + 3 * len(session(0)))
        sessions = {int(document["mails"][0]["from"][1:].split("@")[0]): document for document in output.of_type("session")
                    if document["mails"]}
        tap.equal("flood: the others are there", sorted(sessions), [0, 1, 2])
        if dropped > 0:
            tap.skip("flood: the session that went on is whole", f"the kernel dropped {dropped} packets")
            tap.ok(sessions[1]["blind"].get("dropped_by_kernel", 0) > 0, "flood: it says that packets were dropped")
        else:
            tap.equal("flood: the session that went on is whole", (sessions[1]["result"], sessions[1]["blind"]["gaps"]),
                      ("delivered", 0))
        if not SANITIZED:
            tap.ok(statistics.get("evictions", 0) > 0, "flood: evictions are counted", str(statistics.get("evictions")))
        tap.ok(not_told > 0, "flood: failures that are not told are counted", str(not_told))
        tap.equal("flood: each half-open connection is told or counted", len(told) + not_told,
                  statistics.get("connections", 0) - 3)
        sender.close()


TESTS = (test_disk_full, test_disk_full_for_long, test_reader_gone, test_fifo, test_interface, test_rotation,
         test_directory_removed, test_kill, test_terminate, test_overload, test_flood)


def main() -> None:
    global BINARY, FLOOD, SANITIZED
    if len(sys.argv) < 3:
        sys.exit("usage: live_faults.py SMTPSCOPE FLOOD [TEST...]")
    BINARY, FLOOD = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    SANITIZED = b"__asan_init" in pathlib.Path(BINARY).read_bytes()
    tap = Tap()
    if os.geteuid() != 0:
        tap.skip("faults of a live run", "needs root for a network namespace")
        tap.finish()
    if not shutil.which("ip"):
        tap.skip("faults of a live run", "needs ip(8), of the package iproute2")
        tap.finish()
    netns.make_namespace()
    add_pair("left0", "right0")
    for test in TESTS:
        if len(sys.argv) > 3 and test.__name__ not in sys.argv[3:]:
            continue
        began = time.monotonic()
        test(tap)
        tap.say(f"{test.__name__}: {time.monotonic() - began:.1f} s")
    tap.finish()


if __name__ == "__main__":
    main()
