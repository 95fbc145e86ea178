#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Live capture on veth pairs in a network namespace of its own: what is sent arrives, also after an interface was away.

    live_source.py LIVE-DRIVER
"""
import atexit
import os
import pathlib
import select
import signal
import struct
import subprocess
import sys
import time

import rewrite
from netns import NAMESPACE, add_pair, ip, make_namespace, missing, send
from tap import PCAPS, Tap

PATIENCE_S = 20
DLT_EN10MB, DLT_LINUX_SLL2 = 1, 276
ETHERNET = bytes.fromhex("020000000002 020000000001")


class Driver:
    """The program under test, and the lines that it printed."""

    def __init__(self, binary: str, *arguments: str, wait: bool = True):
        # Who has no privileges is refused the files that leaks are looked for in.
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        if {"-u", "-U"} & set(arguments):
            environment["ASAN_OPTIONS"] = environment.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        self.process = subprocess.Popen(["ip", "netns", "exec", NAMESPACE, binary, *arguments], env=environment,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        atexit.register(self.kill)
        self.lines, self.rest = [], b""
        if wait and not self.wait_for(lambda: "ready" in self.lines):
            raise RuntimeError(f"the driver does not become ready: {self.lines}")

    def read(self, timeout_s: float) -> bool:
        """Reads what there is; False at the end."""
        if not select.select([self.process.stdout], [], [], timeout_s)[0]:
            return True
        data = os.read(self.process.stdout.fileno(), 1 << 16)
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.lines += [line.decode(errors="replace") for line in lines]
        return bool(data)

    def wait_for(self, condition) -> bool:
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline or not self.read(0.1):
                return condition()
        return True

    def frames(self) -> list:
        return [line.split(" ") for line in self.lines if line.startswith("frame ")]

    def data(self, interface: str = None) -> list:
        return [bytes.fromhex(frame[5]) for frame in self.frames() if interface in (None, frame[1])]

    def wait_said(self, text: str, times: int = 1) -> bool:
        return self.wait_for(lambda: sum(line.startswith("say ") and text in line for line in self.lines) >= times)

    def wait_frames(self, count: int, interface: str = None) -> bool:
        return self.wait_for(lambda: len(self.data(interface)) >= count)

    def stats(self) -> dict:
        """Asks for statistics and returns the words behind each name; the total is under its own."""
        count = sum(line.startswith("total ") for line in self.lines)
        self.process.send_signal(signal.SIGUSR1)
        if not self.wait_for(lambda: sum(line.startswith("total ") for line in self.lines) > count):
            return {}
        return self.last_stats()

    def last_stats(self) -> dict:
        found = {}
        for line in self.lines:
            words = line.split(" ")
            if words[0] == "interface":
                found[words[1]] = words[2:]
            elif words[0] == "total":
                found["total"] = words[1:]
        return found

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.end()

    def end(self) -> int:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and self.read(0.1):
            pass
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            return -1

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()

    def __str__(self) -> str:
        return "\n".join(line[:200] for line in self.lines[-20:])


def capture_frames(name: str) -> tuple:
    """All frames of a capture, and those of them that the filter for all TCP lets through."""
    capture = rewrite.read(PCAPS / name)
    assert capture.link_type == DLT_EN10MB
    whole = name.startswith(("icmp-", "ipv6-extension-"))
    wanted = [packet.data for packet in capture.packets if whole or packet.segment or is_unreachable(packet.data)]
    return [packet.data for packet in capture.packets], wanted


def is_unreachable(frame: bytes) -> bool:
    """IPv4's, without tags."""
    return frame[12:14] == b"\x08\x00" and frame[23] == 1 and frame[34] == 3


def smtp_frame(number: int, port: int = 25, flags: int = 0x18, tags: bytes = b"") -> bytes:
    """Ethernet, IPv4, TCP; told apart by its sequence number."""
    payload = b"NOOP\r\n"
    tcp = struct.pack("!HHIIBBHHH", 40000, port, number, 1, 0x50, flags, 4096, 0, 0)
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), number & 0xFFFF, 0x4000, 64, 6, 0, bytes([192, 0, 2, 1]),
                         bytes([198, 51, 100, 2]))
    return ETHERNET + tags + b"\x08\x00" + header + tcp + payload


def tag(ethertype: int, vlan: int) -> bytes:
    return struct.pack("!HH", ethertype, vlan)


def run_captures(tap: Tap, binary: str) -> None:
    for name in ("gateway-down.pcap", "pipelining.pcap", "vlan.pcap", "qinq.pcap", "ipv6-extension-headers.pcap",
                 "icmp-prohibited.pcap", "icmp-prohibited-ipv6.pcap", "large-mail.pcap"):
        frames, wanted = capture_frames(name)
        before_ns = time.time_ns()
        driver = Driver(binary, "-a", "right0")
        send("left0", frames)
        driver.wait_frames(len(wanted))
        tap.equal(f"{name}: SIGTERM ends it", driver.stop(), 0)
        tap.ok(bool(wanted) and driver.data() == wanted, f"{name}: arrives as it was sent",
               f"{len(driver.data())} of {len(wanted)} frames\n{driver}")
        tap.ok([int(frame[2]) for frame in driver.frames()] == list(range(1, len(wanted) + 1)), f"{name}: frames are numbered")
        tap.ok(all(before_ns <= int(frame[3]) <= time.time_ns() for frame in driver.frames()), f"{name}: times are now")
        total_bytes = sum(map(len, wanted))
        tap.equal(f"{name}: counted", driver.last_stats().get("total"), [str(len(wanted)), str(total_bytes), "0", "0"])


def run_filter(tap: Tap, binary: str) -> None:
    """On a live interface the kernel takes the outer tag away: the filter works otherwise than in a file."""
    inner = tag(0x8100, 7)
    both = tag(0x88A8, 8) + inner
    wanted = [smtp_frame(1), smtp_frame(2, tags=inner), smtp_frame(3, tags=both), smtp_frame(4, tags=inner + inner),
              smtp_frame(5, port=110, flags=2), smtp_frame(6, port=993, flags=0x11, tags=inner)]
    unwanted = [smtp_frame(7, port=443), smtp_frame(8, port=443, tags=inner), smtp_frame(9, port=443, tags=both),
                smtp_frame(10, port=110), smtp_frame(11, port=110, tags=inner)]
    mixed = [frame for pair in zip(wanted, unwanted + unwanted[:1]) for frame in pair]
    last = smtp_frame(99)
    for name, arguments, expected in (
            ("the default filter", [], wanted),
            ("all TCP", ["-a"], mixed),
            ("immediate mode", ["-I"], wanted),
            ("a filter of the user's", ["-f", "tcp port 25 and tcp[4:4] < 3 or tcp[4:4] = 99"], [*wanted[:2]])):
        driver = Driver(binary, *arguments, "right0")
        send("left0", [*mixed, last])
        driver.wait_frames(len(expected) + 1)
        driver.stop()
        tap.ok(driver.data() == [*expected, last], f"{name}: what passes", str(driver))
    driver = Driver(binary, "-s", "60", "right0")
    send("left0", [smtp_frame(1), smtp_frame(2)])
    driver.wait_frames(2)
    driver.stop()
    tap.equal("the snap length cuts", [len(data) for data in driver.data()], [60, 60])


def run_count(tap: Tap, binary: str) -> None:
    driver = Driver(binary, "-c", "3", "right0")
    send("left0", [smtp_frame(number) for number in range(1, 11)])
    tap.equal("it ends by itself after a count", driver.end(), 0)
    tap.equal("and delivers no more than that", driver.data(), [smtp_frame(number) for number in range(1, 4)])


def run_overload(tap: Tap, binary: str) -> None:
    """What finds no room is counted, and what comes later finds room again."""
    driver = Driver(binary, "-B", "512", "right0")
    driver.process.send_signal(signal.SIGSTOP)
    while " T " not in pathlib.Path(f"/proc/{driver.process.pid}/stat").read_text():
        time.sleep(0.01)
    send("left0", [smtp_frame(number) for number in range(1, 10001)])
    driver.process.send_signal(signal.SIGCONT)
    driver.wait_for(lambda: (stats := driver.stats().get("right0")) and int(stats[1]) + int(stats[3]) >= 10000)
    delivered = len(driver.frames())
    dropped = int(driver.last_stats()["right0"][3])
    tap.ok(delivered > 0 and dropped > 0, "overload: some frames are delivered, some dropped", f"{delivered}, {dropped}")
    tap.equal("overload: all are delivered or counted", delivered + dropped, 10000)
    tap.equal("overload: the total says the same", driver.last_stats()["total"][2], str(dropped))
    send("left0", [smtp_frame(20000)])
    tap.ok(driver.wait_for(lambda: driver.data()[-1] == smtp_frame(20000)), "overload: it goes on after that", str(driver))
    tap.equal("overload: it ends well", driver.stop(), 0)


def run_several(tap: Tap, binary: str) -> None:
    add_pair("left1", "right1")
    first = [smtp_frame(number) for number in range(1, 1001)]
    second = [smtp_frame(number, port=587) for number in range(1, 1001)]
    driver = Driver(binary, "right0", "right1")
    send("left0", first)
    send("left1", second)
    driver.wait_frames(2000)
    driver.stop()
    tap.ok(driver.data("right0") == first, "two interfaces: the first", str(driver))
    tap.ok(driver.data("right1") == second, "two interfaces: the second", str(driver))
    numbers = [int(frame[2]) for frame in driver.frames() if frame[1] == "right1"]
    tap.equal("two interfaces: frames are numbered by interface", numbers, list(range(1, 1001)))
    tap.equal("two interfaces: both are counted", driver.last_stats().get("total", [])[:1], ["2000"])

    driver = Driver(binary, "any")
    send("left0", first[:2])
    send("left1", second[:2])
    # A frame is seen where it leaves, too.
    driver.wait_frames(8)
    driver.stop()
    tap.equal("any: frames of all interfaces", sorted(data[20:] for data in driver.data()),
              sorted(2 * [frame[14:] for frame in first[:2] + second[:2]]))
    tap.equal("any: its name and link type", {(frame[1], int(frame[4])) for frame in driver.frames()},
              {("any", DLT_LINUX_SLL2)})
    ip("link", "del", "left1")


def run_idle(tap: Tap, binary: str) -> None:
    driver = Driver(binary, "right0")
    tap.equal("ticks come without frames", driver.stats().get("right0"), ["up"] + 8 * ["0"])
    tap.equal("SIGTERM ends an idle one", driver.stop(), 0)


def run_down(tap: Tap, binary: str, unprivileged: str) -> None:
    arguments = [unprivileged] if unprivileged else []
    who = "unprivileged: " if unprivileged else ""
    driver = Driver(binary, *arguments, "right0")
    before_ns = time.time_ns()
    ip("link", "set", "right0", "down")
    tap.ok(driver.wait_said("right0: the interface is down; waiting for it"), f"{who}down is said", str(driver))
    stats = driver.stats().get("right0", [])
    tap.equal(f"{who}down is a state", (stats[0], stats[7] != "0", stats[8]), ("down", True, "0"))
    ip("link", "set", "right0", "up")
    tap.ok(driver.wait_said("right0: the interface is back; nothing was captured from 2"), f"{who}up is said", str(driver))
    ip("link", "set", "left0", "down")
    tap.ok(driver.wait_said("right0: the interface has no link"), f"{who}a cut link is said", str(driver))
    ip("link", "set", "left0", "up")
    tap.ok(driver.wait_for(lambda: driver.stats().get("right0", [""])[0] == "up"), f"{who}the link is back", str(driver))
    frames = [smtp_frame(number) for number in range(1, 4)]
    send("left0", frames)
    driver.wait_frames(3)
    stats = driver.stats().get("right0", [])
    tap.equal(f"{who}ended", driver.stop(), 0)
    tap.ok(driver.data() == frames, f"{who}frames arrive after that", str(driver))
    tap.equal(f"{who}both outages are counted", (stats[0], stats[5], int(stats[6]) > 0), ("up", "2", True))
    tap.ok(before_ns < int(stats[7]) < int(stats[8]) < time.time_ns(), f"{who}the last one has a time", " ".join(stats))


def promiscuity(interface: str) -> int:
    words = ip("-d", "link", "show", interface).split()
    return int(words[words.index("promiscuity") + 1])


def run_gone(tap: Tap, binary: str) -> None:
    add_pair("left2", "right2")
    driver = Driver(binary, "-u", "right0", "right2")
    status = pathlib.Path(f"/proc/{driver.process.pid}/status").read_text()
    privileges = [line.split()[1] for line in status.splitlines() if line.startswith(("Uid:", "CapPrm:", "CapEff:"))]
    tap.equal("the driver has no privileges", privileges, ["65534", 16 * "0", 16 * "0"])
    send("left2", [smtp_frame(1)])
    driver.wait_frames(1)
    tap.equal("it is promiscuous", promiscuity("right2"), 1)
    for cycle in range(1, 4):
        ip("link", "del", "left2")
        tap.ok(driver.wait_said("right2: the interface has disappeared", cycle), f"deleted ({cycle}): it is said", str(driver))
        tap.equal(f"deleted ({cycle}): the state", driver.stats().get("right2", [])[:1], ["gone"])
        send("left0", [smtp_frame(100 + cycle)])
        tap.ok(driver.wait_frames(cycle, "right0"), f"deleted ({cycle}): the other interface goes on", str(driver))
        add_pair("left2", "right2")
        tap.ok(driver.wait_said("right2: the interface is back", cycle), f"made again ({cycle}): it is said", str(driver))
        tap.equal(f"made again ({cycle}): it is promiscuous", promiscuity("right2"), 1)
        send("left2", [smtp_frame(1 + cycle), smtp_frame(50, port=443)])
        tap.ok(driver.wait_frames(1 + cycle, "right2"), f"made again ({cycle}): frames arrive", str(driver))
    # Deleted and made again faster than anyone could look.
    ip("link", "del", "left2")
    add_pair("left2", "right2")
    tap.ok(driver.wait_said("is back", 4), "replaced at once: it is said", str(driver))
    send("left2", [smtp_frame(5)])
    driver.wait_frames(5, "right2")
    sent = [smtp_frame(number) for number in range(1, 6)]
    tap.ok(driver.data("right2") == sent, "all that was sent arrived, once", str(driver))
    numbers = [int(frame[2]) for frame in driver.frames() if frame[1] == "right2"]
    tap.equal("frame numbers go on", numbers, [1, 2, 3, 4, 5])
    stats = driver.stats().get("right2", [])
    tap.equal("its state, frames and outages", (stats[0], stats[1], stats[5]), ("up", "5", "4"))
    run_other_kind(tap, driver)
    tap.equal("it ends well", driver.stop(), 0)


def run_other_kind(tap: Tap, driver: Driver) -> None:
    """Its frames would be read as Ethernet."""
    ip("link", "del", "left2")
    driver.wait_said("has disappeared", 5)
    if "rror" in ip("tuntap", "add", "dev", "right2", "mode", "tun", check=False) or "right2" not in ip("link", "show"):
        tap.skip("an interface of another kind", "no tun interface can be made here")
        return
    ip("link", "set", "right2", "up")
    tap.ok(driver.wait_said("right2: the interface of this name is of another kind now"), "another kind is said", str(driver))
    tap.equal("another kind is as good as none", driver.stats().get("right2", [])[:1], ["gone"])
    ip("link", "del", "right2")
    add_pair("left2", "right2")
    tap.ok(driver.wait_said("is back", 5), "the right kind is back", str(driver))
    send("left2", [smtp_frame(6)])
    tap.ok(driver.wait_frames(6, "right2"), "and its frames", str(driver))


def run_renamed(tap: Tap, binary: str) -> None:
    add_pair("left3", "right3")
    driver = Driver(binary, "-u", "right3")
    ip("link", "set", "right3", "name", "other3")
    send("left3", [smtp_frame(1)])
    tap.ok(driver.wait_frames(1), "an interface that gets another name is captured on", str(driver))
    ip("link", "set", "other3", "down")
    ip("link", "set", "other3", "up")
    tap.ok(driver.wait_said("the interface is back"), "renamed: down and up", str(driver))
    send("left3", [smtp_frame(2)])
    tap.ok(driver.wait_frames(2), "renamed: frames arrive after that", str(driver))
    tap.equal("renamed: ended", driver.stop(), 0)
    ip("link", "del", "left3")


def run_errors(tap: Tap, binary: str) -> None:
    ip("link", "add", "down0", "type", "veth", "peer", "name", "down1")
    for name, arguments, expected in (
            ("no such interface", ["nosuch0"], "error nosuch0: there is no such interface: -D lists those there are"),
            ("one of two", ["right0", "nosuch0"], "error nosuch0: there is no such interface: -D lists those there are"),
            ("down", ["down0"], "error down0: the interface is down: bring it up with ip link set dev down0 up"),
            ("twice", ["right0", "right0"],
             "error right0: the interface is named twice: each of its frames would count twice"),
            ("a wrong filter", ["-f", "prt 25", "right0"],
             "error right0: the filter cannot be used: can't parse filter expression: syntax error: \"prt 25\" "
             "(see pcap-filter(7))"),
            ("no privileges", ["-U", "right0"],
             "error right0: no permission to capture: run it as root, or give the program the capability once with "
             "setcap cap_net_raw+ep")):
        driver = Driver(binary, *arguments, wait=False)
        tap.equal(f"{name}: status", driver.end(), 1)
        tap.equal(f"{name}: is explained", driver.lines[:1], [expected])
    driver = Driver(binary, "-D", wait=False)
    driver.end()
    described = {line.split(" ")[1]: line.split(" ")[2:5] for line in driver.lines if line.startswith("description ")}
    tap.equal("interfaces are listed", {name: described.get(name) for name in ("right0", "down0", "lo", "any")},
              {"right0": ["1", "1", "0"], "down0": ["0", "0", "0"], "lo": ["1", "1", "1"], "any": ["1", "1", "0"]})


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: live_source.py LIVE-DRIVER")
    tap = Tap()
    binary = str(pathlib.Path(sys.argv[1]).resolve())
    if missing():
        tap.skip("live capture", missing())
        tap.finish()
    make_namespace()
    add_pair("left0", "right0")
    run_captures(tap, binary)
    run_filter(tap, binary)
    run_count(tap, binary)
    run_overload(tap, binary)
    run_several(tap, binary)
    run_idle(tap, binary)
    run_down(tap, binary, "")
    run_down(tap, binary, "-u")
    run_gone(tap, binary)
    run_renamed(tap, binary)
    run_errors(tap, binary)
    tap.finish()


if __name__ == "__main__":
    main()
