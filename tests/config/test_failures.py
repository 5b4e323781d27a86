"""A process whose connections to the database are all in use says so, and that it helps to wait."""

import json
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from config.failures import failed
from tests.transcripts.aws import signing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def none_free(cast) -> Iterator[Client]:
    """A person who is signed in at a process whose only connection somebody else holds."""
    browser = Client(raise_request_exception=False)
    browser.force_login(cast.editor.user)
    connection.close()
    options = connection.settings_dict["OPTIONS"]
    options["pool"] = {"min_size": 1, "max_size": 1, "timeout": 0.05}
    connection.pool.open()
    held = connection.pool.getconn(timeout=10)
    yield browser
    connection.pool.putconn(held)
    connection.close()
    connection.close_pool()
    del options["pool"]


def test_a_person_reads_what_to_do(none_free):
    answer = none_free.get("/", HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert "Try again in a moment." in answer.content.decode()
    assert "audit log" not in answer.content.decode()


def test_scripts_get_it_as_json_and_fhir_clients_as_fhir(none_free):
    answer = none_free.get("/", HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["error"] == "busy"
    answer = none_free.get("/fhir/r4/Patient", HTTP_ACCEPT="application/fhir+json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["issue"][0]["code"] == "transient"


def test_aws_clients_get_the_error_that_they_try_again_after(none_free):
    headers = signing.headers(b"{}", url="http://testserver/aws/")
    kind = headers.pop("content-type")
    answer = none_free.post("/aws/", b"{}", content_type=kind, headers=headers)
    assert answer.status_code == 503
    assert json.loads(answer.content)["__type"].endswith("#ServiceUnavailableException")


def test_any_other_trouble_stays_500(rf):
    try:
        raise OperationalError("the server closed the connection")
    except OperationalError:
        assert failed(rf.get("/")).status_code == 500
