# SPDX-License-Identifier: GPL-3.0-or-later
"""A network namespace for a test of its own: its interfaces, and sockets that send on them. It ends with the test."""
import atexit
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import typing

NAMESPACE = f"smtpscope-{os.getpid()}"
CLONE_NEWNET = 0x40000000
MAC_A, MAC_B = "02:00:00:00:00:01", "02:00:00:00:00:02"


def missing() -> str:
    """What keeps a test from having one, or nothing."""
    if os.geteuid() != 0:
        return "needs root for a network namespace"
    return "" if shutil.which("ip") else "needs ip(8), of the package iproute2"


def ip(*arguments: str, check: bool = True) -> str:
    done = subprocess.run(["ip", "-n", NAMESPACE, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {done.stdout}")
    return done.stdout


def delete_namespace() -> None:
    subprocess.run(["ip", "netns", "del", NAMESPACE], stderr=subprocess.DEVNULL)


def make_namespace() -> None:
    atexit.register(delete_namespace)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    # Nothing but what the tests send.
    disable = "cd /proc/sys/net/ipv6/conf && echo 1 >all/disable_ipv6 && echo 1 >default/disable_ipv6"
    quiet = f"test ! -e /proc/sys/net/ipv6 || ( {disable} )"
    subprocess.run(["ip", "netns", "exec", NAMESPACE, "sh", "-c", quiet], check=True)
    ip("link", "set", "lo", "up")


def add_pair(left: str, right: str, mtu: int = 9000) -> None:
    """What is sent on one end arrives at the other."""
    ip("link", "add", left, "address", MAC_A, "mtu", str(mtu), "type", "veth",
       "peer", "name", right, "address", MAC_B, "mtu", str(mtu))
    ip("link", "set", left, "up")
    ip("link", "set", right, "up")


def in_namespace(make: typing.Callable) -> typing.Any:
    """What make() returns. A socket of the namespace stays one when the thread is back in its own."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net") as own, open(f"/run/netns/{NAMESPACE}") as other:
        if libc.setns(other.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            return make()
        finally:
            if libc.setns(own.fileno(), CLONE_NEWNET) != 0:
                os._exit(1)


def open_sender(interface: str) -> socket.socket:
    sender = in_namespace(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
    sender.bind((interface, 0))
    return sender


def send(interface: str, frames: list) -> None:
    with open_sender(interface) as sender:
        for frame in frames:
            sender.send(frame)
