"""Who gets which answer at which address. An address that is not listed here fails the build."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import URLResolver, get_resolver

from review.models import AuditEvent, Review
from tests import rows
from tests.cast import make_cast
from transcripts.models import User
from transcripts.permissions import TABLE, Permission

PEOPLE = ("anonymous", "nobody", "outsider", "auditor", "colleague", "author", "editor", "manager")

# Route, method, and the status for each of PEOPLE. Nobody is a user without a practice; the
# outsider a clinician of another practice; the colleague a clinician who is not the author.
RECORDING = "recordings/<uuid:recording_id>/"
SECOND = "quality/second/<uuid:second_id>/"
FINDING = "quality/findings/<uuid:finding_id>/"
VOCABULARY = "vocabularies/<uuid:vocabulary_id>"
APPLICATION = f"""
                               GET   302 200 200 302 200 200 200 200
                               POST  302 200 200 302 200 200 200 200
operate/                       GET   302 403 403 403 403 403 403 403
operate/live                   GET   401 403 403 403 403 403 403 403
operate/queue                  POST  302 403 403 403 403 403 403 403
operate/practices/new          GET   302 403 403 403 403 403 403 403
operate/practices/new          POST  302 403 403 403 403 403 403 403
operate/practices/<uuid:practice_id> POST 302 403 403 403 403 403 403 403
operate/jobs/retry             POST  302 403 403 403 403 403 403 403
operate/jobs/<uuid:job_id>/<slug:verb> POST 302 403 403 403 403 403 403 403
operate/duties/<slug:name>     POST  302 403 403 403 403 403 403 403
work/                          POST  302 403 302 403 302 302 302 302
work/next                      POST  302 403 302 403 302 302 302 403
views/                         POST  302 403 302 403 302 302 302 302
views/<uuid:view_id>/remove    POST  302 403 404 403 404 404 404 404
setup/                         GET   302 403 403 403 403 403 403 200
setup/<slug:name>/             GET   302 403 403 403 403 403 403 404
setup/<slug:name>/             POST  302 403 403 403 403 403 403 404
turnaround/                    GET   302 403 403 403 403 403 403 200
turnaround/                    POST  302 403 403 403 403 403 403 422
dashboard/                     GET   302 403 403 403 403 403 403 200
dashboard/live                 GET   401 403 403 403 403 403 403 200
dashboard/<slug:name>.csv      GET   302 403 403 403 403 403 403 404
dashboard/<slug:name>/         GET   302 403 403 403 403 403 403 404
quality/                       GET   302 403 200 403 200 200 200 200
quality/rubric/                GET   302 403 200 403 200 200 200 200
quality/rules/                 GET   302 403 403 403 403 403 403 200
quality/rules/                 POST  302 403 403 403 403 403 403 422
quality/figures/               GET   302 403 200 403 200 200 200 200
quality/figures/<slug:name>.csv GET  302 403 404 403 404 404 404 404
quality/terms/                 GET   302 403 200 403 200 200 200 200
quality/terms/                 POST  302 403 422 403 422 422 422 422
quality/terms/<uuid:decision_id>/back POST 302 403 404 403 404 404 404 404
{SECOND}                       GET   302 403 404 403 404 404 404 404
{SECOND}line                   POST  401 403 404 403 404 404 404 404
{SECOND}submit                 POST  302 403 404 403 404 404 404 404
{SECOND}mark                   POST  302 403 404 403 404 404 404 404
{SECOND}close                  POST  302 403 404 403 404 404 404 404
{SECOND}give                   POST  302 403 403 403 403 403 403 404
{SECOND}withdraw               POST  302 403 403 403 403 403 403 404
{FINDING}judge                 POST  302 403 404 403 404 404 404 404
{FINDING}undo                  POST  302 403 404 403 404 404 404 404
{FINDING}dispute               POST  302 403 404 403 404 404 404 404
{RECORDING}questions/          GET   302 403 404 403 404 200 200 200
{RECORDING}questions/          POST  302 403 404 403 404 404 404 403
{RECORDING}                    GET   302 403 404 403 404 200 200 200
{RECORDING}state               GET   401 403 404 403 404 200 200 200
{RECORDING}operations          POST  401 403 404 403 404 200 200 403
{RECORDING}history             GET   401 403 404 403 404 422 422 422
{RECORDING}work                POST  401 403 404 403 404 422 422 422
{RECORDING}look                POST  401 403 404 403 404 422 422 403
{RECORDING}plays               POST  401 403 404 403 404 422 422 403
{RECORDING}entities            GET   401 403 404 403 404 200 200 200
{RECORDING}details/            GET   302 403 404 403 404 200 200 403
{RECORDING}details/            POST  302 403 404 403 404 422 422 403
{RECORDING}again/              GET   302 403 404 403 404 200 200 403
{RECORDING}again/              POST  302 403 404 403 404 302 409 403
{RECORDING}again/accept        POST  302 403 404 403 404 422 422 403
{RECORDING}again/dismiss       POST  302 403 404 403 404 409 409 403
{RECORDING}comparison/         GET   302 403 404 403 404 404 404 404
{RECORDING}sign/               GET   302 404 404 404 404 403 403 403
{RECORDING}sign/               POST  302 404 404 404 404 403 403 403
{RECORDING}sign/review/        GET   302 404 404 404 404 403 403 403
{RECORDING}sign/review/        POST  302 404 404 404 404 403 403 403
{RECORDING}addendum/           GET   302 404 404 404 404 403 403 403
{RECORDING}addendum/           POST  302 404 404 404 404 403 403 403
{RECORDING}addendum/<uuid:addendum_id>/ GET 302 404 404 404 404 404 404 404
{RECORDING}addendum/<uuid:addendum_id>/ POST 302 404 404 404 404 404 404 404
{RECORDING}addendum/<uuid:addendum_id>/discard POST 302 404 404 404 404 404 404 404
{RECORDING}print/              GET   302 403 404 403 404 200 200 200
{RECORDING}recipients/         GET   302 403 404 403 404 200 200 200
recipients/<uuid:recipient_id>/acknowledge POST 302 403 404 403 404 404 404 404
letterhead/                    GET   302 403 403 403 403 403 403 200
letterhead/                    POST  302 403 403 403 403 403 403 422
letterhead/<uuid:letterhead_id>/logo GET 302 403 404 403 404 404 404 404
signing-keys/                  GET   302 403 403 403 403 403 403 200
signing-keys/                  POST  302 403 403 403 403 403 403 422
keys/<uuid:key_id>/client-keys/ GET  302 403 403 403 403 403 403 404
keys/<uuid:key_id>/client-keys/ POST 302 403 403 403 403 403 403 404
client-keys/<uuid:client_key_id>/end POST 302 403 403 403 403 403 403 404
{RECORDING}document.<str:form> GET   302 403 404 403 404 200 200 200
{RECORDING}audio               GET   302 404 404 404 404 200 200 200
{RECORDING}peaks               GET   302 404 404 404 404 200 200 200
jobs/<uuid:job_id>/retry       POST  401 404 404 404 404 409 409 409
jobs/<uuid:job_id>/cancel      POST  401 404 404 404 404 409 409 409
dictate/                       GET   302 403 200 403 200 200 200 403
dictate/                       POST  302 403 422 403 422 422 422 403
dictate/<uuid:stream_id>/      GET   302 403 404 403 404 404 404 403
dictate/<uuid:stream_id>/discard POST 401 403 404 403 404 404 404 403
upload/                        GET   302 403 200 403 200 200 200 200
upload/                        POST  302 403 422 403 422 422 422 422
uploads/                       OPTIONS 401 403 204 403 204 204 204 204
uploads/                       POST  401 403 400 403 400 400 400 400
uploads/<uuid:upload_id>       HEAD  401 403 404 403 404 404 404 404
uploads/<uuid:upload_id>       PATCH 401 403 404 403 404 404 404 404
uploads/<uuid:upload_id>       DELETE 401 403 404 403 404 404 404 404
my-notices/                    GET   302 200 200 200 200 200 200 200
my-notices/                    POST  302 302 302 302 302 302 302 302
my-keys/                       GET   302 200 200 200 200 200 200 200
my-keys/keep                   POST  401 422 422 422 422 422 422 422
verify/                        GET   200 200 200 200 200 200 200 200
verify/<str:name>.py           GET   200 200 200 200 200 200 200 200
audit/                         GET   302 403 403 200 403 403 403 200
audit/tail                     GET   302 403 403 422 403 403 403 422
audit/patient                  POST  302 403 403 302 403 403 403 302
audit/export                   POST  302 403 403 422 403 403 403 422
audit/schedule                 POST  302 403 403 422 403 403 403 422
audit/check                    POST  302 403 403 302 403 403 403 302
audit/checkpoints.jsonl        GET   302 403 403 200 403 403 403 200
audit/key.pem                  GET   302 403 403 200 403 403 403 200
exports/                       GET   302 200 200 200 200 200 200 200
exports/state                  GET   302 200 200 200 200 200 200 200
exports/<uuid:export_id>/file  GET   302 404 404 404 404 404 404 404
exports/<uuid:export_id>/cancel POST 302 404 404 404 404 404 404 404
vocabularies/                  GET   302 403 200 403 200 200 200 200
vocabularies/new               GET   302 403 200 403 200 200 200 200
vocabularies/new               POST  302 403 422 403 422 422 422 422
{VOCABULARY}/                  GET   302 403 404 403 404 404 404 404
{VOCABULARY}/                  POST  302 403 404 403 404 404 404 404
{VOCABULARY}/delete            GET   302 403 404 403 404 404 404 404
{VOCABULARY}/delete            POST  302 403 404 403 404 404 404 404
{VOCABULARY}/download          GET   302 403 404 403 404 404 404 404
retention/                     GET   302 403 403 403 403 403 403 200
retention/                     POST  302 403 403 403 403 403 403 422
retention/preview/             GET   302 403 403 403 403 403 403 200
retention/hold                 POST  302 403 403 403 403 403 403 422
retention/hold/<uuid:hold_id>/lift POST 302 403 403 403 403 403 403 404
people/                        GET   302 403 403 403 403 403 403 200
people/                        POST  302 403 403 403 403 403 403 422
people/<uuid:member_id>/       GET   302 403 403 403 403 403 403 404
people/<uuid:member_id>/       POST  302 403 403 403 403 403 403 404
people/<uuid:member_id>/disable POST 302 403 403 403 403 403 403 404
people/<uuid:member_id>/enable POST  302 403 403 403 403 403 403 404
people/<uuid:member_id>/factors POST 302 403 403 403 403 403 403 404
people/<uuid:member_id>/sessions POST 302 403 403 403 403 403 403 404
people/invitations/<uuid:invitation_id>/withdraw POST 302 403 403 403 403 403 403 404
sign-in-rules/                 GET   302 403 403 403 403 403 403 200
sign-in-rules/                 POST  302 403 403 403 403 403 403 302
invitation/<str:token>/        GET   404 404 404 404 404 404 404 404
invitation/<str:token>/        POST  404 404 404 404 404 404 404 404
session/                       GET   401 200 200 200 200 200 200 200
session/active                 POST  401 200 200 200 200 200 200 200
sessions/                      GET   302 200 200 200 200 200 200 200
sessions/<uuid:number>/end     POST  302 404 404 404 404 404 404 404
sessions/others/end            POST  302 302 302 302 302 302 302 302
emergency/                     GET   302 403 200 403 200 200 403 403
emergency/                     POST  302 403 400 403 400 400 403 403
emergency/<uuid:grant_id>/end  POST  302 403 404 403 404 404 403 403
emergency/reviews/             GET   302 403 403 200 403 403 403 200
emergency/reviews/<uuid:grant_id>/ POST 302 403 403 404 403 403 403 404
safety/                        GET   302 403 403 403 403 403 403 200
safety/<slug:check>            POST  302 403 403 403 403 403 403 422
drug-safety/                   GET   302 403 200 403 200 200 403 200
drug-safety/export.<str:form>  GET   302 403 404 403 404 404 403 404
drug-safety/<uuid:event_id>/decide POST 302 403 302 403 302 302 403 302
thresholds/                    GET   302 403 403 403 403 403 403 200
thresholds/choose              POST  302 403 403 403 403 403 403 422
thresholds/refit               POST  302 403 403 403 403 403 403 302
thresholds/refit/state         GET   401 403 403 403 403 403 403 200
thresholds/drift/<uuid:alarm_id> POST 302 403 403 403 403 403 403 404
destinations/                  GET   302 403 403 403 403 403 403 200
destinations/                  POST  302 403 403 403 403 403 403 422
destinations/<uuid:destination_id>/end POST 302 403 403 403 403 403 403 404
deliveries/<uuid:delivery_id>/again POST 302 403 403 403 403 403 403 404
keys/                          GET   302 403 403 403 403 403 403 200
keys/                          POST  302 403 403 403 403 403 403 422
keys/<uuid:key_id>/revoke      POST  302 403 403 403 403 403 403 404
"""
# Addresses whose rights do not come from a role here: a person's own account, the Django admin
# (staff only), and the clients of AWS and of FHIR, who have a signature or a token and no session.
BY_OTHER_RULES = ("accounts/", "admin/", "aws", "fhir/")


def table() -> Iterator[tuple[str, str, dict[str, int]]]:
    for row in filter(str.strip, APPLICATION.splitlines()):
        *route, method = row.split()[:-8]
        yield "".join(route), method, dict(zip(PEOPLE, map(int, row.split()[-8:]), strict=True))


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        here = prefix + str(pattern.pattern)
        yield from routes(pattern, here) if isinstance(pattern, URLResolver) else [here]


def entered(cast):
    """One recording in review, and everyone's browser."""
    review = rows.review(cast)
    users = {
        "nobody": User.objects.create_user("nils"),
        "outsider": cast.outsider.user,
        "auditor": cast.auditor.user,
        "colleague": cast.colleague.user,
        "author": cast.clinician.user,
        "editor": cast.editor.user,
        "manager": cast.manager.user,
    }
    browsers = {"anonymous": Client()}
    for name, user in users.items():
        browsers[name] = Client(HTTP_ACCEPT="text/html")
        browsers[name].force_login(user)
    return review, browsers


@pytest.fixture(scope="module")
def made(kept_rows):
    """The same for all tests here."""
    return entered(make_cast())


@pytest.fixture
def world(made, db):
    """What a test does to it is gone with the test: rows by its transaction, cookies as copies."""
    review, browsers = made
    return Review.objects.get(pk=review.pk), {name: again(b) for name, b in browsers.items()}


def again(browser: Client) -> Client:
    same = Client(**browser.defaults)
    same.cookies = deepcopy(browser.cookies)
    return same


def ask(browser: Client, route: str, method: str, review, **ids):
    values = {
        "recording_id": review.recording_id,
        "job_id": review.recording.jobs.order_by("generation").first().pk,
        "key_id": uuid4(),
        "practice_id": uuid4(),
        "verb": "retry",
        "vocabulary_id": uuid4(),
        "stream_id": uuid4(),
        "upload_id": uuid4(),
        "destination_id": uuid4(),
        "event_id": uuid4(),
        "delivery_id": uuid4(),
        "hold_id": uuid4(),
        "export_id": uuid4(),
        "alarm_id": uuid4(),
        "view_id": uuid4(),
        "second_id": uuid4(),
        "finding_id": uuid4(),
        "decision_id": uuid4(),
        "addendum_id": uuid4(),
        "member_id": uuid4(),
        "invitation_id": uuid4(),
        "grant_id": uuid4(),
        "number": uuid4(),
        "token": "no-such-token",
        "recipient_id": uuid4(),
        "letterhead_id": uuid4(),
        "client_key_id": uuid4(),
        "name": "document",
        "form": "txt",
        "check": "drug",
    } | ids
    path = "/" + re.sub(r"<\w+:(\w+)>", lambda m: str(values[m[1]]), route)
    if method == "GET":
        return browser.get(path)
    if route.startswith("uploads/"):
        return browser.generic(method, path, headers={"Tus-Resumable": "1.0.0"})
    segment = review.segments.first()
    body = {
        "op_id": str(uuid4()),
        "kind": "confirm",
        "segment": str(segment.pk),
        "base_version": segment.version,
        "items": [],
    }
    if route.endswith("operations"):
        return browser.post(path, json.dumps(body), content_type="application/json")
    return browser.post(path, {"empty": "form"})


def test_every_address_is_listed():
    found = set(routes(get_resolver()))
    listed = {route for route, _, _ in table()}
    unlisted = {r for r in found if not r.startswith(BY_OTHER_RULES)} - listed
    assert unlisted == set(), "add these addresses and who may use them to the table"
    assert listed - found == set(), "these addresses are gone"


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume async")
@pytest.mark.parametrize(("route", "method", "expected"), list(table()), ids=lambda v: str(v)[:60])
def test_everyone_gets_the_answer_of_the_table(world, route, method, expected):
    review, browsers = world
    got = {name: ask(browsers[name], route, method, review).status_code for name in PEOPLE}
    assert got == expected


@pytest.mark.parametrize("route", sorted({route for route, _, _ in table()}))
def test_other_methods_are_not_taken(world, route):
    review, browsers = world
    allowed = {method for r, method, _ in table() if r == route}
    for method in {"GET", "POST"} - allowed:
        assert ask(browsers["manager"], route, method, review).status_code == 405


@pytest.mark.parametrize(
    "route",
    sorted({route for route, _, _ in table() if "recording_id" in route or "job_id" in route}),
)
@pytest.mark.parametrize("who", ["outsider", "colleague", "auditor", "nobody"])
def test_what_is_not_theirs_looks_as_if_it_did_not_exist(world, route, who):
    review, browsers = world
    method = next(m for r, m, _ in table() if r == route)
    theirs = ask(browsers[who], route, method, review)
    nowhere = ask(browsers[who], route, method, review, recording_id=uuid4(), job_id=uuid4())
    assert theirs.status_code == nowhere.status_code in (403, 404)
    assert rows.plain(theirs.content) == rows.plain(nowhere.content)
    assert sorted(theirs.headers) == sorted(nowhere.headers)


def test_a_stranger_gets_the_same_answer_for_a_recording_and_for_nothing(world):
    review, browsers = world
    for route, method, _ in table():
        if "recording_id" in route:
            there = ask(browsers["anonymous"], route, method, review)
            nowhere = ask(browsers["anonymous"], route, method, review, recording_id=uuid4())
            assert there.status_code == nowhere.status_code in (302, 401)


def test_the_admin_is_for_staff_only(world):
    review, browsers = world
    pages = [r for r in routes(get_resolver()) if re.fullmatch(r"admin/[\w/]*", r)]
    assert len(pages) > 20
    for route in pages:
        for name, browser in browsers.items():
            answer = browser.get(f"/{route}")
            login = answer.status_code in (301, 302) or b"id_password" in answer.content
            assert login or route == "admin/login/", (route, name, answer.status_code)


def test_no_one_signs_up_by_themselves():
    assert "closed" in Client().get("/accounts/signup/").content.decode().lower()


@pytest.mark.parametrize("who", PEOPLE)
def test_a_session_opens_no_door_to_aws_clients(world, who):
    review, browsers = world
    for path in ("/aws", "/aws/", "/aws/service/Transcribe/operation/ListTranscriptionJobs"):
        answer = browsers[who].post(path, "{}", content_type="application/x-amz-json-1.1")
        assert 400 <= answer.status_code < 500
    for path in (f"/aws/results/{uuid4().hex}", f"/aws/vocabularies/{uuid4().hex}"):
        assert browsers[who].get(path).status_code in (400, 403, 404)


def test_a_person_of_a_practice_without_rights_is_told_so_and_it_is_on_record(world):
    review, browsers = world
    answer = browsers["auditor"].get(f"/recordings/{review.recording_id}/")
    assert "Your role does not include reading transcripts." in answer.content.decode()
    denied = AuditEvent.objects.get(action="access.denied")
    assert (denied.outcome, denied.detail) == ("denied", {"route": "recording"})
    assert denied.actor_display == "Ada" and denied.actor_role == "auditor"


def test_forms_need_a_token(world):
    review, browsers = world
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = browsers["editor"].cookies
    for route, method, _ in table():
        if method == "POST":
            assert ask(browser, route, method, review).status_code == 403, route


def test_the_page_of_permissions_is_what_the_table_says():
    call_command("permissions", check=True)


ROLES = {"auditor": "auditor", "author": "clinician", "editor": "editor", "manager": "manager"}
# An address that asks exactly one permission of the table, whatever else there is.
DOORS = {
    Permission.VIEW: f"{RECORDING}state",
    Permission.EDIT: "dictate/",
    Permission.RELEASE: f"{RECORDING}document.<str:form>",
    Permission.UPLOAD: "upload/",
    Permission.DICTATE: "dictate/",
    Permission.VOCABULARIES: "vocabularies/",
    Permission.EMERGENCY: "emergency/",
    Permission.EMERGENCY_REVIEW: "emergency/reviews/",
    Permission.AUDIT: "audit/",
    Permission.PEOPLE: "people/",
    Permission.KEYS: "keys/",
    Permission.CONNECT: "destinations/",
    Permission.CHECKS: "safety/",
    Permission.DASHBOARD: "dashboard/",
    Permission.SETUP: "setup/",
}


@pytest.mark.parametrize("permission", DOORS)
def test_the_table_of_permissions_and_the_table_of_addresses_agree(permission):
    expected = next(row for route, method, row in table() if route == DOORS[permission])
    for who, role in ROLES.items():
        assert (expected[who] == 200) == (role in TABLE[permission].roles), (who, permission)
