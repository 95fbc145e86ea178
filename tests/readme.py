#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows is what the program prints.

    readme.py [--update] BINARY

Runs every command of a ```console block, and compares what it prints with what stands below it. --update writes it there.
"""
import os
import re
import subprocess
import sys

from tap import ROOT, Tap

README = ROOT / "README.md"
BLOCK = re.compile(r"```console\n\$ (?P<command>.*)\n(?P<output>(?:.*\n)*?)```\n")
PROGRAM = "build/cli/smtpscope"


def output_of(command: str, binary: str) -> str:
    env = {**os.environ, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run(["bash", "-c", command.replace(PROGRAM, binary)], cwd=ROOT, env=env, capture_output=True, timeout=60,
                          check=False)
    text = done.stdout.decode()
    return text if text.endswith("\n") else text + "\n"


def update(binary: str) -> None:
    def filled(block: re.Match) -> str:
        return f"```console\n$ {block['command']}\n{output_of(block['command'], binary)}```\n"
    README.write_text(BLOCK.sub(filled, README.read_text()))


def main() -> int:
    binary = os.path.abspath(sys.argv[-1])
    if "--update" in sys.argv:
        update(binary)
        return 0
    tap = Tap()
    blocks = list(BLOCK.finditer(README.read_text()))
    tap.ok(len(blocks) >= 3, "the README shows examples")
    for block in blocks:
        got = output_of(block["command"], binary)
        tap.ok(got == block["output"], block["command"], got)
    tap.finish()
    return 0


if __name__ == "__main__":
    sys.exit(main())
