"""The FHIR endpoint's addresses: capability, token, search, read and $document. All read-only."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from review import copies
from review.audit import fhir as audit_fhir
from review.enums import Action, ClientAlgorithm
from review.fhir import access, resources, search
from review.models import AuditEvent, Signature
from transcripts import events
from transcripts.models import AccessKey, Practice

FHIR_JSON = "application/fhir+json; charset=utf-8"
View = Callable[..., dict[str, Any]]


def answer(content: dict[str, Any], status: int = 200) -> HttpResponse:
    body = json.dumps(content, ensure_ascii=False).encode()
    return HttpResponse(body, status=status, content_type=FHIR_JSON)


def outcome(status: int, code: str, sentence: str) -> HttpResponse:
    """An OperationOutcome."""
    made = answer(operation_outcome(code, sentence), status)
    if status == 401:
        made["WWW-Authenticate"] = "Bearer"
    return made


def operation_outcome(code: str, sentence: str) -> dict[str, Any]:
    issue = {"severity": "error", "code": code, "diagnostics": sentence}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


UNVERIFIED = "A stored document does not verify. It is not given out; tell the practice."


class Missing(Exception):
    """No such resource in the caller's practice."""


def guarded(scope: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Lets in who has a token for the scope, in one transaction with the record of the reading."""

    def wrap(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @require_GET
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                key = access.caller(request, scope)
                with transaction.atomic():
                    return answer(view(request, key, *args, **kwargs))
            except access.Refused as refusal:
                return outcome(refusal.status, refusal.code, str(refusal))
            except search.BadSearch as failure:
                return outcome(400, "invalid", str(failure))
            except copies.Unverified as failure:
                with transaction.atomic():
                    _report_unverified(failure.signature, key)
                return outcome(500, "exception", UNVERIFIED)
            except Missing:
                return outcome(404, "not-found", "There is no such resource.")

        return wrapped

    return wrap


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    return answer(resources.capability(_base(), settings.VERSION))


@require_GET
def smart(request: HttpRequest) -> JsonResponse:
    """Where tokens come from (SMART App Launch 2.2, .well-known/smart-configuration)."""
    return JsonResponse(
        {
            "token_endpoint": settings.BASE_URL + reverse("fhir-token"),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ClientAlgorithm.values,
            "scopes_supported": list(access.SCOPES),
            "capabilities": [
                "client-confidential-asymmetric",
                "client-confidential-symmetric",
                "permission-v2",
            ],
        }
    )


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> JsonResponse:
    try:
        made = access.token(request).answer()
    except access.Refused as refusal:
        content = {"error": refusal.code, "error_description": str(refusal)}
        return JsonResponse(content, status=refusal.status)
    return JsonResponse(made, headers={"Cache-Control": "no-store"})


@guarded("system/DocumentReference.rs")
def document_references(request: HttpRequest, key: AccessKey) -> dict[str, Any]:
    def make(signature: Signature) -> dict[str, Any]:
        try:
            return resources.listed(signature)
        except copies.Unverified as failure:
            _report_unverified(failure.signature, key)
            return operation_outcome("exception", UNVERIFIED)

    return _found(request, key, "DocumentReference", search.documents, make)


@guarded("system/DocumentReference.rs")
def document_reference(request: HttpRequest, key: AccessKey, number: UUID) -> dict[str, Any]:
    return resources.document_reference(_read(key, number, "fhir_reference"))


@guarded("system/Composition.r")
def composition_document(request: HttpRequest, key: AccessKey, number: UUID) -> dict[str, Any]:
    return resources.composition_bundle(_read(key, number, "fhir"))


@guarded("system/AuditEvent.rs")
def audit_events(request: HttpRequest, key: AccessKey) -> dict[str, Any]:
    def make(row: AuditEvent) -> dict[str, Any]:
        return audit_fhir.resource(row.row())

    return _found(request, key, "AuditEvent", search.audit, make)


def _found(
    request: HttpRequest,
    key: AccessKey,
    kind: str,
    find: Callable[[Practice, dict[str, list[str]]], QuerySet[Any]],
    make: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """A page of a search; that there was one is on record, and how many were shown."""
    asked = dict(request.GET.lists())
    rows = find(key.practice, search.narrowing(asked))
    made = search.page(rows, asked, _base(), kind, make)
    events.emit(
        events.Event(
            action=Action.FHIR_SEARCHED,
            practice_id=key.practice_id,
            by=key.user,
            object_type=kind,
            detail={"found": len(made["entry"]), "key": str(key.pk)}
            | ({"documents": _ids(made)} if kind == "DocumentReference" else {}),
        )
    )
    return made


def _read(key: AccessKey, number: UUID, form: str) -> Signature:
    """The signature of a document or addendum by its id; its release is on record."""
    rows = search.documents(key.practice, {})
    found = rows.filter(addendum=number).first()
    found = found or rows.filter(addendum__isnull=True, review=number).order_by("-number").first()
    if found is None:
        raise Missing
    events.about(
        found.review.recording, Action.DOCUMENT_RELEASED, key.user, form=form, key=str(key.pk)
    )
    return found


def _ids(bundle: dict[str, Any]) -> list[str]:
    """Which documents a search told of."""
    return [entry["resource"]["id"] for entry in bundle["entry"] if "fullUrl" in entry]


def _report_unverified(signature: Signature, key: AccessKey) -> None:
    events.about(
        signature.review.recording,
        Action.DOCUMENT_UNVERIFIED,
        key.user,
        signature=str(signature.pk),
        key=str(key.pk),
    )


def _base() -> str:
    return settings.BASE_URL + "/fhir"
