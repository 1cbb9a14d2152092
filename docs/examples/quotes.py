#!/usr/bin/env python3
"""Prints the prices of a few symbols as they move.

    python3 -m pip install websockets
    WATCHTAPE_PASSWORD='correct horse battery staple' python3 docs/examples/quotes.py ada@example.com AAPL MSFT

Signs in, or opens the account where the address has none. Needs Python 3.10 and, for the stream (docs/stream.md),
the package websockets; REST needs the standard library alone. A lost connection is made again, and says where it stopped.
"""

import argparse
import getpass
import json
import os
import random
import time
import urllib.error
import urllib.parse
import urllib.request

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

TOKEN_EXPIRED = 4401
SESSION_REVOKED = 4409
# Another attempt would end in the same way.
FINAL = {1000, 4400, 4413, 4429}


class Refused(Exception):
    """The API's problem document."""

    def __init__(self, problem):
        super().__init__(f"{problem['status']} {problem['code']}: {problem['detail']}")
        self.code = problem["code"]


class Api:
    """The REST API, with the tokens of one session."""

    def __init__(self, server):
        self.server = server
        self.access_token = self.refresh_token = None

    def call(self, method, path, body=None):
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        request = urllib.request.Request(f"{self.server}/api/v1{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            if error.headers.get_content_type() != "application/problem+json":
                raise
            raise Refused(json.load(error)) from None

    def sign_in(self, email, password):
        # "body" puts the refresh token into the answer; without it, it is a cookie for browsers.
        credentials = {"email": email, "password": password, "transport": "body"}
        try:
            self.keep(self.call("POST", "/auth/login", credentials))
        except Refused as refused:
            if refused.code != "wrong_credentials":
                raise
            # A wrong password and an unknown address get the same answer; registering tells them apart.
            try:
                self.keep(self.call("POST", "/auth/register", credentials))
            except Refused as taken:
                raise refused if taken.code == "email_taken" else taken from None

    def refresh(self):
        token, self.access_token = self.refresh_token, None
        self.keep(self.call("POST", "/auth/refresh", {"refresh_token": token}))

    def keep(self, signed_in):
        self.access_token, self.refresh_token = signed_in["access_token"], signed_in["refresh_token"]


class Tape:
    """The stream, kept open."""

    def __init__(self, api, symbols, interval_ms, rounds):
        self.api, self.symbols, self.interval_ms, self.rounds_left = api, symbols, interval_ms, rounds
        self.resume = None
        self.failures = 0

    def run(self):
        while self.rounds_left != 0:
            code = self.listen()
            if code == TOKEN_EXPIRED:
                self.api.refresh()
            elif code in FINAL or code == SESSION_REVOKED:
                raise SystemExit(f"the stream was closed with {code}")
            elif code is not None:
                # Full jitter: the clients of a server that restarts must not come back all at once.
                time.sleep(random.uniform(0, min(30, 0.5 * 2**self.failures)))
                self.failures += 1

    def listen(self):
        """One connection. Gives the code that it was closed with; none where enough has been seen."""
        url = "ws" + self.api.server.removeprefix("http") + "/api/v1/stream"
        headers = {"Authorization": f"Bearer {self.api.access_token}"}
        try:
            with connect(url, additional_headers=headers, subprotocols=["watchtape.v1"], max_size=None) as socket:
                subscribe = {"op": "subscribe", "symbols": self.symbols, "interval_ms": self.interval_ms}
                if self.resume:
                    subscribe["resume"] = self.resume
                socket.send(json.dumps(subscribe))
                while self.rounds_left != 0:
                    self.hear(json.loads(socket.recv()))
                return None
        except ConnectionClosed as closed:
            # Without a close frame the connection was lost on the way.
            return closed.rcvd.code if closed.rcvd else 1006
        except InvalidStatus as refused:
            if refused.response.status_code == 401:
                return TOKEN_EXPIRED
            if refused.response.status_code < 500:
                raise
            return 1006
        except OSError:
            return 1006

    def hear(self, message):
        match message["type"]:
            case "hello":
                print(f"prices are {message['feed']['mode']}, from {message['feed']['source']}")
                if self.resume is None or self.resume["epoch"] != message["epoch"]:
                    self.resume = {"epoch": message["epoch"], "seq": 0}
            case "subscribed":
                for rejected in message["rejected"]:
                    print(f"{rejected['symbol']:8} {rejected['code']}")
            case "snapshot":
                self.resume["seq"] = message["seq"]
                self.failures = 0
                for quote in message["quotes"]:
                    print_quote(quote)
            case "ticks":
                self.resume["seq"] = message["seq"]
                self.rounds_left -= 1
                # More may follow at the end of a row one day.
                for symbol, price, as_of_ms, *_ in message["d"]:
                    print(f"{symbol:8} {price:>12}  {time.strftime('%H:%M:%S', time.localtime(as_of_ms / 1000))}")
            case "gap":
                self.resume = {"epoch": message["epoch"], "seq": message["to"]}
            case "error":
                print(f"{message['code']}: {message['message']}")
            case _:
                pass  # market, bye, and what a newer server may say


def print_quote(quote):
    if quote["price"] is None:
        print(f"{quote['symbol']:8} no price: {quote['reason']}")
    else:
        print(f"{quote['symbol']:8} {quote['price']:>12} {quote['currency']}  previous close {quote['previous_close']}")


def main():
    parser = argparse.ArgumentParser(description="Prints the prices of a few symbols as they move.")
    parser.add_argument("email")
    parser.add_argument("symbols", nargs="+", metavar="SYMBOL")
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--interval-ms", type=int, default=0, help="least time between two messages; 0: every round")
    parser.add_argument("--rounds", type=int, default=-1, help="stop after so many messages with prices")
    arguments = parser.parse_args()
    password = os.environ.get("WATCHTAPE_PASSWORD") or getpass.getpass("Password: ")

    api = Api(arguments.server.rstrip("/"))
    try:
        api.sign_in(arguments.email, password)
        found = api.call("GET", f"/tickers?{urllib.parse.urlencode({'q': arguments.symbols[0], 'limit': 1})}")
        for ticker in found["items"]:
            print(f"{ticker['symbol']} is {ticker['name']}")
        Tape(api, arguments.symbols, arguments.interval_ms, arguments.rounds).run()
    except Refused as refused:
        raise SystemExit(str(refused)) from None
    except urllib.error.URLError as error:
        raise SystemExit(f"{api.server} does not answer: {error.reason}") from None
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
