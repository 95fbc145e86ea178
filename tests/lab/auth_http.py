#!/usr/bin/env python3
"""Answers nginx's mail proxy whether a user may log in, and where mail goes.

usage: auth_http.py USERS-FILE BACKEND-ADDRESS BACKEND-PORT

USERS-FILE has one `user:{PLAIN}password` a line. Listens on 127.0.0.1:9000.
"""

import hmac
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote


def read_users(path):
    users = {}
    with open(path, encoding="ascii") as lines:
        for line in lines:
            name, password = line.rstrip("\n").split(":")[:2]
            users[name] = password.removeprefix("{PLAIN}")
    return users


def is_right(password, method, given, salt):
    if password is None:
        return False
    if method == "cram-md5":
        password = hmac.new(password.encode(), salt.encode(), "md5").hexdigest()
    return hmac.compare_digest(password.encode(), given.encode())


class Handler(BaseHTTPRequestHandler):
    users = {}
    backend = ("", "")

    def do_GET(self):
        header = self.headers
        method = header.get("Auth-Method", "")
        user = unquote(header.get("Auth-User", ""))
        given = unquote(header.get("Auth-Pass", ""))
        answer = {"Auth-Status": "Invalid login or password", "Auth-Error-Code": "535 5.7.8"}
        if is_right(self.users.get(user), method, given, header.get("Auth-Salt", "")):
            answer = {
                "Auth-Status": "OK",
                "Auth-Server": self.backend[0],
                "Auth-Port": self.backend[1],
            }
        self.send_response(200)
        for name, value in answer.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_):
        pass


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    Handler.users = read_users(sys.argv[1])
    Handler.backend = (sys.argv[2], sys.argv[3])
    HTTPServer(("127.0.0.1", 9000), Handler).serve_forever()


if __name__ == "__main__":
    main()
