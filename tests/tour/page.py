"""One review's pages, as the tour uses them."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.test import Client

from review.models import Review
from transcripts.models import Membership

Browsers = Callable[[Membership], Client]


class Page:
    """A person's browser on a review."""

    def __init__(self, browser: Client, review: Review) -> None:
        self.browser, self.review = browser, review
        self.url = f"/recordings/{review.recording_id}/"

    def get(self, path: str = "", **query: str) -> Any:
        answer = self.browser.get(self.url + path, query)
        assert answer.status_code in (200, 302), (path, answer.status_code)
        return answer

    def post(self, path: str, values: dict[str, Any], status: int = 302) -> Any:
        answer = self.browser.post(self.url + path, values)
        assert answer.status_code == status, (path, answer.status_code, answer.content[:300])
        return answer

    def do(self, kind: str, **body: Any) -> dict[str, Any]:
        """An operation of the review screen; its answer."""
        body = {"op_id": str(uuid4()), "kind": kind, **body}
        answer = self.browser.post(
            self.url + "operations", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, (kind, answer.content)
        return answer.json()

    def segments(self) -> list[dict[str, Any]]:
        return self.browser.get(self.url + "state").json()["segments"]
