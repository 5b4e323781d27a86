"""What the installation tries on itself: the real engine, storage and certificates."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.files.storage import default_storage

from transcripts import duties
from transcripts.actions import selfchecks, work
from transcripts.models import DataKey

pytestmark = pytest.mark.django_db


def test_the_engine_hears_the_test_phrase():
    found = selfchecks.model()
    assert found["right"] == found["words"] and found["model"].startswith("tiny.en@")
    assert found["seconds"] > 0 and "ask not what your country" in found["text"]


def test_an_engine_that_says_something_else_fails_and_tells_what(monkeypatch):
    monkeypatch.setattr(selfchecks, "SAID", "Quite another sentence was expected")
    monkeypatch.setitem(duties._plans, "model-check", plan("model-check", selfchecks.model))
    row = duties.run("model-check")
    assert row.outcome == "ModelMisheard" and row.failures == 1
    assert row.found["right"] == 0 and "country" in row.found["text"]


def test_a_check_gives_up_on_an_engine_that_never_gets_free(monkeypatch):
    monkeypatch.setattr(selfchecks, "PATIENCE", 0.01)
    with work.ENGINE, pytest.raises(selfchecks.EngineBusy):
        selfchecks.model()


def test_an_object_is_written_read_and_leaves_nothing_behind(cast):
    assert selfchecks.storage()["bytes"] == selfchecks.OBJECT
    first = min(cast.practice.pk, cast.outsider.practice_id)
    assert default_storage.listdir(f"countersign/{first}") == ([], [])
    assert not DataKey.objects.exists()


def test_a_storage_that_gives_other_bytes_back_fails(cast, monkeypatch):
    monkeypatch.setattr(selfchecks, "ContentFile", lambda body: ContentFile(b"x" + body))
    from django.core.files.base import ContentFile

    with pytest.raises(selfchecks.StorageAltered):
        selfchecks.storage()


def test_a_storage_that_is_away_is_an_error_of_the_duty(cast, monkeypatch):
    monkeypatch.setattr(default_storage, "save", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    monkeypatch.setitem(duties._plans, "storage-check", plan("storage-check", selfchecks.storage))
    assert duties.run("storage-check").outcome == "OSError"


def test_before_there_is_a_practice_nothing_is_stored(db):
    assert selfchecks.storage() == {}


@pytest.fixture
def certificate(tmp_path):
    """Makes a certificate that is good for so many days; the PEM file of it and its key."""

    def make(days: int):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=90))
            .not_valid_after(now + timedelta(days=days, hours=1))
            .sign(key, hashes.SHA256())
        )
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path = tmp_path / "site.pem"
        path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
        return path

    return make


def test_a_certificate_in_a_file_is_good_or_ends_soon(settings, certificate):
    settings.TLS_CERTIFICATE = str(certificate(40))
    assert selfchecks.certificate()["days"] == 40
    settings.TLS_CERTIFICATE = str(certificate(3))
    with pytest.raises(selfchecks.CertificateEnds) as ends:
        selfchecks.certificate()
    assert ends.value.found["days"] == 3


def test_a_certificate_is_asked_for_where_the_site_is(settings, certificate, tmp_path):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(20))
    handler = partial(SimpleHTTPRequestHandler, directory=tmp_path)
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        settings.BASE_URL = f"https://localhost:{server.server_port}"
        assert selfchecks.certificate()["days"] == 20
        thread.join(5)


def test_a_site_without_https_has_no_certificate(settings):
    settings.BASE_URL = "http://127.0.0.1:8000"
    assert selfchecks.certificate() == {}


def plan(name, run):
    return duties.Plan(name, run, timedelta(hours=1), None, timedelta(minutes=10))
