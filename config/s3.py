"""The storage in S3: django-storages', with one session for all threads.

A session reads the description of all of S3, a tenth of a second of CPU; each request has a thread
of its own, and made one. A session makes clients safely one at a time alone.
"""

from threading import Lock
from typing import Any

from boto3.session import Session
from storages.backends.s3 import S3Storage


class Storage(S3Storage):
    _session: Session | None = None
    _one_at_a_time = Lock()

    @property
    def connection(self) -> Any:
        """This thread's."""
        if made := getattr(self._connections, "connection", None):
            return made
        with self._one_at_a_time:
            return super().connection

    def _create_session(self) -> Session:
        self._session = self._session or super()._create_session()
        return self._session
