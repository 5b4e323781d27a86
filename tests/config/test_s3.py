"""The storage in S3: threads have clients of their own, and one session makes them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from config.s3 import Storage

THREADS = 8


def test_threads_share_the_session_and_no_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    storage = Storage(bucket_name="store", endpoint_url="http://127.0.0.1:1", region_name="nowhere")
    together = Barrier(THREADS)

    def look(_: int) -> tuple[int, object, bool]:
        together.wait(10)
        made = storage.connection
        return id(storage._session), made, storage.connection is made

    with ThreadPoolExecutor(THREADS) as threads:
        found = list(threads.map(look, range(THREADS)))

    assert len({session for session, _, _ in found}) == 1
    assert len({id(made) for _, made, _ in found}) == THREADS
    assert all(kept for _, _, kept in found)
