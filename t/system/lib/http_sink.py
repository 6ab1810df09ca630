#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The far end of a writer over HTTP: http_sink.py PORT DIRECTORY [CERTIFICATE KEY [CLIENT_CA]]

Appends each request to DIRECTORY/requests, a line of JSON each, with the status that it answered.
What it answers DIRECTORY/behaviour says, anew for each request: a line each of
    status NUMBER [SECONDS]    instead of 200, with Retry-After
    poison TEXT                400 for what contains the text
    stall SECONDS              before it answers
"""
import http.server
import json
import ssl
import sys
import threading
import time

port, directory = int(sys.argv[1]), sys.argv[2]
lock = threading.Lock()


def behaviour(body):
    status, retry = 200, None
    try:
        lines = open(directory + "/behaviour").read().splitlines()
    except OSError:
        lines = []
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "status":
            status, *more = rest.split()
            status, retry = int(status), more[0] if more else None
        elif word == "poison" and rest in body:
            status = 400
        elif word == "stall":
            time.sleep(float(rest))
    return status, retry


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        status, retry = behaviour(body)
        entry = {"path": self.path, "headers": dict(self.headers), "body": body, "status": status,
                 "time": time.time(), "peer": self.client_address[1]}
        with lock, open(directory + "/requests", "a") as file:
            file.write(json.dumps(entry) + "\n")
        answer = b"" if status == 200 else b"the reason is here"
        self.send_response(status)
        if retry:
            self.send_header("Retry-After", retry)
        if status == 401:
            self.send_header("WWW-Authenticate", 'Basic realm="test"')
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128

    def handle_error(self, *_):
        pass


server = Server(("127.0.0.1", port), Handler)
if len(sys.argv) > 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[3], sys.argv[4])
    if len(sys.argv) > 5:
        context.load_verify_locations(sys.argv[5])
        context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
