"""A program of a signed-in person: it calls the API of the people plane with the session of a browser and its key."""

import json

from browsing import Browser
from fetching import Answer, answered
from office import Office
from proving import Session


class Program:
    def __init__(self, office: Office, browser: Browser):
        self.session = Session(office, browser)
        self.cookie = self.session.cookie
        self.form_token = self.get("/session").json["form_token"]

    def get(self, path: str, **headers) -> Answer:
        return answered(self.session.ask("GET", "/api/v1" + path, **{"cookie": self.cookie, **headers}))

    def post(self, path: str, body: object, **headers) -> Answer:
        """Posts JSON; `headers` is written with `_` for `-`, and None removes one."""
        words = {"cookie": self.cookie, "content_type": "application/json", "origin": None,
                 "x_interlock_form_token": self.form_token, **headers}
        return answered(self.session.ask("POST", "/api/v1" + path, json.dumps(body).encode(), **words))
