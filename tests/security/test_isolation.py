"""One practice sees nothing of another: same bytes as for nothing, and a net in the database."""

import json
from base64 import b64encode
from collections.abc import Iterator
from uuid import uuid4

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.test import RequestFactory

from review.models import Review
from review.models.audit import SYSTEM
from tests import rows
from tests.cast import Cast
from tests.sockets import Socket, session_of
from tests.transcripts.aws import signing
from transcripts import access, tenancy
from transcripts.actions import keys
from transcripts.models import Patient, Practice, Recording

# Tables that no policy covers. What is read to find out whose rows a request may see:
WITHOUT_POLICY = {
    *("transcripts_accesskey", "transcripts_membership", "transcripts_invitation"),
    *("transcripts_practice", "transcripts_user", "transcripts_browsersession"),
    *("review_clientkey", "review_usedassertion"),
    # The site's own: its workers, duties and queue, and the keys of the audit log.
    *("transcripts_worker", "transcripts_duty", "transcripts_queue", "review_auditkey"),
}


@pytest.fixture
def two(cast) -> tuple[Cast, Recording, Recording]:
    """Our recording and another practice's."""
    ours = rows.review(cast).recording
    theirs = rows.recording(cast, author=cast.outsider, mrn="777")
    return cast, ours, theirs


ADDRESSES = [
    "/recordings/{}/",
    "/recordings/{}/state",
    "/recordings/{}/audio",
    "/recordings/{}/peaks",
    "/recordings/{}/document.txt",
    "/recordings/{}/document.pdf",
    "/recordings/{}/details/",
    "/recordings/{}/sign/",
    "/recordings/{}/history",
]


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["editor", "clinician"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_another_practices_id_is_answered_like_no_id(two, as_, address, who):
    cast, _, theirs = two
    browser = as_(getattr(cast, who))
    there = browser.get(address.format(theirs.pk))
    nowhere = browser.get(address.format(uuid4()))
    assert there.status_code == nowhere.status_code == 404
    assert rows.plain(there.content) == rows.plain(nowhere.content)
    assert sorted(there.headers.items()) == sorted(nowhere.headers.items())


@pytest.fixture
def net(two) -> Iterator[tuple[Cast, Recording, Recording]]:
    """As for a role that does not own the tables: their owner is bound too, for this test."""
    rows.hold_to_policies()
    yield two


@pytest.mark.django_db
def test_a_query_that_forgot_its_practice_finds_nothing_of_another(net):
    cast, ours, theirs = net
    with tenancy.within(cast.practice.pk):
        assert list(Recording.objects.all()) == [ours]
        assert not Recording.objects.filter(pk=theirs.pk).exists()
        assert not Patient.objects.filter(mrn="777").exists()
        assert Recording.objects.filter(pk=theirs.pk).update(original_name="x") == 0
    with tenancy.within(cast.outsider.practice_id):
        assert list(Recording.objects.all()) == [theirs] and not Review.objects.filter(
            recording=ours
        )
    with tenancy.within(tenancy.NOBODY):
        assert not Recording.objects.exists() and not Patient.objects.exists()
    assert Recording.objects.count() == 2


@pytest.mark.django_db
def test_nothing_is_written_into_another_practice(net):
    cast, _, theirs = net
    with (
        tenancy.within(cast.practice.pk),
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
    ):
        Patient.objects.create(practice=cast.outsider.practice, mrn="9", name="Nobody")
    assert not Patient.objects.filter(mrn="9").exists()


@pytest.mark.django_db
def test_the_practice_survives_what_a_transaction_takes_back(net):
    cast, ours, _ = net
    with pytest.raises(IntegrityError), transaction.atomic(), tenancy.within(cast.practice.pk):
        assert Recording.objects.count() == 1
        with transaction.atomic():
            Patient.objects.filter(pk=ours.patient_id).update(mrn=None)
    assert Recording.objects.count() == 2
    with tenancy.within(cast.practice.pk):
        assert Recording.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "sees"), [("editor", 1), ("outsider", 1), (None, 0)])
def test_a_view_that_forgot_its_practice_shows_nothing_of_another(net, who, sees):
    cast, _, _ = net

    def careless(request: HttpRequest) -> JsonResponse:
        found = Recording.objects.values_list("practice", flat=True)
        return JsonResponse({"practices": [str(one) for one in found]})

    request = RequestFactory().get("/")
    stranger = cast.auditor
    stranger.user.memberships.all().delete()
    request.user = getattr(cast, who).user if who else stranger.user
    answer = access.CurrentPractice(careless)(request)
    own = str(getattr(cast, who).practice_id) if who else ""
    assert answer.content.decode().count(own or "-") == sees


@pytest.mark.django_db
def test_ordinary_pages_work_under_the_net(net, as_):
    cast, ours, _ = net
    for who in ("editor", "clinician", "manager"):
        browser = as_(getattr(cast, who))
        assert browser.get("/").status_code == 200
        assert browser.get(f"/recordings/{ours.pk}/").status_code == 200
        assert browser.get(f"/recordings/{ours.pk}/document.txt").status_code == 200


@pytest.mark.django_db
def test_every_table_is_covered_or_named():
    models = [m for m in apps.get_models() if m._meta.app_label in ("transcripts", "review")]
    bare = {m._meta.db_table for m in models} - rows.covered() - WITHOUT_POLICY
    assert bare == set(), "give these a policy as in migrations/*_rows_*_a_practice, or name them"


@pytest.mark.usefixtures("folder_storage")
@pytest.mark.django_db
def test_of_every_covered_table_each_practice_sees_its_own_rows_and_a_stranger_none(net):
    cast, ours, _ = net
    rows.signed(ours.review, cast)
    practices = [cast.practice.pk, cast.outsider.practice_id, SYSTEM]
    whole = 0
    for table in sorted(rows.covered()):
        seen = {scope: count(table, scope) for scope in (*practices, "nobody", "everywhere")}
        assert seen["nobody"] == 0, table
        assert sum(seen[practice] for practice in practices) == seen["everywhere"], table
        whole += bool(seen["everywhere"])
    assert whole > 15, "the world of this test fills fewer tables than it did"


def count(table: str, scope: object) -> int:
    with tenancy.within(scope), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.fixture
def clients(cast, client):
    """A GET over FHIR and a call over AWS for each practice, and the signed document of ours."""
    review = rows.review(cast)
    rows.signed(review, cast)

    def of(practice: Practice):
        key, secret = keys.create(practice=practice, by=None, scopes=("documents.read",))
        basic = b64encode(f"{key.access_key_id}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}"}
        asked = client.post("/fhir/token", {"grant_type": "client_credentials"}, headers=headers)
        token = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        both = keys.create(practice=practice, by=None)

        def fhir(path: str):
            return client.get(f"/fhir/{path}", headers=token)

        def aws(name: str):
            body = json.dumps({"MedicalTranscriptionJobName": name}).encode()
            target = "Transcribe.GetMedicalTranscriptionJob"
            sent = signing.headers(
                body,
                key=both[0].access_key_id,
                secret=both[1],
                url="http://testserver/aws/",
                X_Amz_Target=target,
            )
            sent = {n: v for n, v in sent.items() if n != "content-type"}
            kind = "application/x-amz-json-1.1"
            return client.post("/aws/", body, content_type=kind, headers=sent)

        return fhir, aws

    return review, of(cast.practice), of(cast.outsider.practice)


@pytest.mark.django_db
def test_another_practices_document_is_answered_over_fhir_like_none(clients):
    review, (ours, _), (theirs, _) = clients
    listed = ours("DocumentReference").json()["entry"][0]["resource"]
    numbers = {listed["id"], str(review.recording_id), str(review.signatures.get().pk)}
    assert ours(f"DocumentReference/{listed['id']}").status_code == 200
    for form in ("DocumentReference/{}", "Composition/{}/$document"):
        nowhere = theirs(form.format(uuid4()))
        for number in numbers:
            there = theirs(form.format(number))
            assert there.status_code == nowhere.status_code == 404
            assert there.content == nowhere.content
    assert theirs("DocumentReference").json()["total"] == 0


@pytest.mark.django_db
def test_another_practices_job_is_answered_over_aws_like_none(clients):
    review, (_, ours), (_, theirs) = clients
    job = review.recording.jobs.get()
    name = job.name
    asked = {"MedicalTranscriptionJobName": name, "LanguageCode": "en-US", "Type": "DICTATION"}
    asked |= {"Specialty": "PRIMARYCARE", "Media": {"MediaFileUri": "s3://hill-practice/a.wav"}}
    asked |= {"OutputBucketName": "hill-practice"}
    type(job).objects.filter(pk=job.pk).update(request=asked)
    found = ours(name)
    assert found.status_code == 200, found.content
    there, nowhere = theirs(name), theirs("x" * len(name))
    assert there.status_code == nowhere.status_code == 400
    assert there.content.replace(name.encode(), b"") == nowhere.content.replace(
        b"x" * len(name), b""
    )


@pytest.mark.django_db(transaction=True)
def test_another_practices_recording_is_answered_over_a_socket_like_none(cast):
    theirs = rows.recording(cast, author=cast.outsider, mrn="777")
    session = session_of(cast.editor)

    async def knock(recording_id: object) -> list[object]:
        socket = Socket(f"/ws/recordings/{recording_id}/", session)
        return [await socket.open(), await socket.next()]

    there = async_to_sync(knock)(theirs.pk)
    assert there == async_to_sync(knock)(uuid4()) and there[1] == {"closed": 4404}
