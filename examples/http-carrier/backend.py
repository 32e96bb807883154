#!/usr/bin/env python3
"""A backend that hands Portico's port requests to a carrier, in Python's standard library alone.

It takes the four signed messages of Portico's carrier protocol, keeps every request on disk before
it answers, and tells what the carrier said by `POST .../carrierUpdate`. The carrier here is played:
`ask_carrier` is the one function to replace.
"""

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["PORTICO_CARRIER_SECRET"]
PORTICO = os.environ["PORTICO_URL"].rstrip("/")
API_KEY = os.environ["PORTICO_API_KEY"]
DATABASE = os.environ.get("DATABASE", "requests.db")
PORT = int(os.environ.get("PORT", "8090"))

# A message that is older was recorded and is being played back.
TOLERANCE_SECONDS = 5 * 60
LONGEST_BODY = 64 * 1024
LONGEST_PAUSE_SECONDS = 60


# --- the carrier: replace this ------------------------------------------------------------------


def ask_carrier(porting):
    """Hands a request to the carrier, and yields what the carrier says as it comes.

    This one takes every request, refuses accounts that end in 0 for their PIN, and moves the rest.
    """
    yield {"type": "accepted"}
    if (porting["accountNumber"] or "").endswith("0"):
        yield {"type": "declined", "code": "8C", "text": "Password/PIN incorrect"}
    else:
        yield {"type": "completed"}


# --- what is kept -------------------------------------------------------------------------------


class Requests:
    """Every request by its reference, and the updates that Portico is still to be told."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.db = sqlite3.connect(path, check_same_thread=False)
        with self.lock, self.db:
            self.db.execute(
                "CREATE TABLE IF NOT EXISTS requests (reference TEXT PRIMARY KEY, "
                "project TEXT NOT NULL, porting TEXT NOT NULL, details TEXT)"
            )
            self.db.execute(
                "CREATE TABLE IF NOT EXISTS updates (id TEXT PRIMARY KEY, reference TEXT NOT NULL, "
                "said TEXT NOT NULL, told INTEGER NOT NULL DEFAULT 0)"
            )

    def take(self, message):
        """Keeps a request. A repetition, which has the same reference, changes nothing."""
        porting = message["porting"]
        row = (message["reference"], message["project"], porting["id"], json.dumps(porting))
        with self.lock, self.db:
            self.db.execute(
                "INSERT OR IGNORE INTO requests (reference, project, porting, details) "
                "VALUES (?, ?, ?, ?)",
                row,
            )
        print(f"{message['reference']}: kept", flush=True)

    def is_known(self, reference):
        return bool(self.rows("SELECT 1 FROM requests WHERE reference = ?", reference))

    def cancel(self, reference):
        self.finish(reference)

    def open(self):
        return self.rows("SELECT reference, details FROM requests WHERE details IS NOT NULL")

    def learn(self, reference, number, update):
        named = {"id": f"{reference}/{number}", "reference": reference, **update}
        row = (named["id"], reference, json.dumps(named))
        with self.lock, self.db:
            self.db.execute("INSERT OR IGNORE INTO updates (id, reference, said) VALUES (?, ?, ?)", row)

    def finish(self, reference):
        """Nothing more is asked of the carrier, so nobody needs the customer's data any more."""
        with self.lock, self.db:
            self.db.execute("UPDATE requests SET details = NULL WHERE reference = ?", (reference,))

    def untold(self):
        return self.rows(
            "SELECT updates.id, project, porting, said FROM updates "
            "JOIN requests ON requests.reference = updates.reference "
            "WHERE told = 0 ORDER BY updates.rowid"
        )

    def told(self, update):
        with self.lock, self.db:
            self.db.execute("UPDATE updates SET told = 1 WHERE id = ?", (update,))

    def updates_of(self, reference):
        rows = self.rows("SELECT said FROM updates WHERE reference = ? ORDER BY rowid", reference)
        return [json.loads(said) for (said,) in rows]

    def rows(self, sql, *values):
        with self.lock:
            return self.db.execute(sql, values).fetchall()


# --- from Portico to us -------------------------------------------------------------------------


def is_signed(headers, body, now):
    """Whether Portico sent it, lately: Standard Webhooks, https://www.standardwebhooks.com."""
    name, sent = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not sent.isdecimal() or abs(now - int(sent)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{name}.{sent}.".encode() + body
    own = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    candidates = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(f"v1,{own}", candidate) for candidate in candidates)


def answer(requests, message):
    """The status and body that a message is answered with."""
    match message["type"]:
        case "submitPorting":
            # On disk before the answer: from here on it is our business that it reaches the carrier.
            requests.take(message)
            return 202, {}
        case "lookUpPorting":
            reference = message["reference"]
            known = requests.is_known(reference)
            return 200, {"known": known, "updates": requests.updates_of(reference)}
        case "cancelPorting":
            requests.cancel(message["reference"])
            return 200, {}
        case "checkPortability":
            return 200, {"portable": True}
    return 400, {"text": "unknown type of message"}


def handler(requests, news):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = self.headers.get("content-length", "")
            if not length.isdecimal() or int(length) > LONGEST_BODY:
                return self.reply(413, {})
            body = self.rfile.read(int(length))
            if not is_signed(self.headers, body, time.time()):
                return self.reply(401, {})
            self.reply(*answer(requests, json.loads(body)))
            news.set()

        def reply(self, status, body):
            text = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *args):
            """Says nothing: what is posted here is about people."""

    return Handler


# --- from us to Portico -------------------------------------------------------------------------


def tell(update, project, porting, said):
    """Tells Portico one thing. Whether it was taken: told again it is still one update."""
    request = urllib.request.Request(
        f"{PORTICO}/projects/{project}/portings/{porting}/carrierUpdate",
        data=said.encode(),
        headers={"authorization": f"Bearer {API_KEY}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10):
            return True
    except urllib.error.HTTPError as error:
        # What was told is wrong, or about something that is gone: the same again would be, too.
        if error.code in (404, 422):
            print(f"{update}: refused with {error.code}", file=sys.stderr, flush=True)
            return True
        return False
    except OSError:
        return False


def work(requests, news):
    """Asks the carrier what was not asked, tells Portico what it was not told, for ever."""
    pause = 1
    while True:
        news.clear()
        for reference, details in requests.open():
            for number, update in enumerate(ask_carrier(json.loads(details)), 1):
                requests.learn(reference, number, update)
            requests.finish(reference)
        is_done = True
        for update, *about in requests.untold():
            if tell(update, *about):
                requests.told(update)
            else:
                is_done = False
                break
        pause = 1 if is_done else min(2 * pause, LONGEST_PAUSE_SECONDS)
        news.wait(None if is_done else pause)


def main():
    requests, news = Requests(DATABASE), threading.Event()
    threading.Thread(target=work, args=(requests, news), daemon=True).start()
    server = ThreadingHTTPServer(("127.0.0.1", PORT), handler(requests, news))
    print(f"listening on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
