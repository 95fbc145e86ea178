# SPDX-License-Identifier: GPL-3.0-or-later
"""A network namespace with one veth pair, and what is sent and captured in it. For bench/live and bench/soak."""
import atexit
import json
import os
import pathlib
import signal
import subprocess
import sys

NAMESPACE = f"smtpscope-load-{os.getpid()}"
SENDING, CAPTURED = "left0", "right0"
MTU = 9000


def ip(*arguments: str) -> str:
    done = subprocess.run(["ip", "-n", NAMESPACE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stdout}")
    return done.stdout


def delete() -> None:
    subprocess.run(["ip", "netns", "del", NAMESPACE], stderr=subprocess.DEVNULL)


def make() -> None:
    atexit.register(delete)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    # Nothing but what the sender sends.
    disable = "cd /proc/sys/net/ipv6/conf && echo 1 >all/disable_ipv6 && echo 1 >default/disable_ipv6"
    subprocess.run([*inside(), "sh", "-c", f"test ! -e /proc/sys/net/ipv6 || ( {disable} )"], check=True)
    ip("link", "add", SENDING, "mtu", str(MTU), "type", "veth", "peer", "name", CAPTURED, "mtu", str(MTU))
    ip("link", "set", SENDING, "up")
    ip("link", "set", CAPTURED, "up")


def inside() -> list:
    return ["ip", "netns", "exec", NAMESPACE]


def arrived() -> int:
    """Packets that the captured end has had, those before a capture began too."""
    return json.loads(ip("-s", "-j", "link", "show", CAPTURED))[0]["stats64"]["rx"]["packets"]


class Process:
    """A program in the namespace; killed when the script ends, however it does."""

    def __init__(self, command: list, **options):
        self.process = subprocess.Popen([*inside(), *map(str, command)], **options)
        atexit.register(self.kill)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def status(self) -> dict:
        """Of /proc/PID/status, by name; empty when the program has ended."""
        try:
            text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return {}
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def rss_kib(self) -> int:
        return int(self.status().get("VmRSS", "0 kB").split()[0])

    def threads(self) -> int:
        return int(self.status().get("Threads", "0"))

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


class Sender(Process):
    def __init__(self, program: str, capture: pathlib.Path, *options: str):
        super().__init__([program, *options, SENDING, capture], stdout=subprocess.PIPE)

    def result(self, timeout_s: float = None) -> dict:
        out, _ = self.process.communicate(timeout=timeout_s)
        if self.process.returncode != 0:
            raise RuntimeError(f"the sender has failed: status {self.process.returncode}")
        return json.loads(out)
