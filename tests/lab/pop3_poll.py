#!/usr/bin/env python3
"""A mail client that fetches its mail again and again, until it is stopped.

usage: pop3_poll.py HOST USER PASSWORD SECONDS
"""

import poplib
import sys
import time


def fetch(host, user, password):
    mailbox = poplib.POP3(host, timeout=10)
    mailbox.user(user)
    mailbox.pass_(password)
    for number in range(1, mailbox.stat()[0] + 1):
        mailbox.retr(number)
        mailbox.dele(number)
    mailbox.quit()


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    host, user, password, seconds = sys.argv[1:]
    while True:
        fetch(host, user, password)
        time.sleep(float(seconds))


if __name__ == "__main__":
    main()
