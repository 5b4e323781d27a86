"""The pages of medical vocabularies: list, editor, download and delete."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Func, IntegerField, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from transcripts.access import may_edit_vocabularies
from transcripts.actions import vocabularies as actions
from transcripts.engines import vocabulary as tables
from transcripts.enums import LIVE_STATUSES, VocabularyState
from transcripts.forms import VocabularyForm
from transcripts.models import MedicalVocabulary

EMPTY = "\t".join(tables.COLUMNS) + "\n"
CHANGED_MEANWHILE = (
    "Someone else has replaced this vocabulary since you opened it. Open it again in another "
    "window and compare before you save."
)
Problems = list[tuple[int, str]]


@login_required
@require_GET
def vocabularies(request: HttpRequest) -> HttpResponse:
    """The practice's vocabularies with state, size and how many jobs used them. Two queries."""
    size = Func(F("terms"), function="jsonb_array_length", output_field=IntegerField())
    rows = _rows(request).annotate(size=size, uses=Count("jobs")).defer("content", "terms")
    return render(request, "transcripts/vocabularies.html", {"rows": rows.order_by("name")})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The empty editor; POST makes the vocabulary, or shows the lines that are wrong."""
    _rows(request)
    if request.method == "GET":
        return _editor(request, VocabularyForm(initial={"content": EMPTY}))
    form = VocabularyForm(request.POST, request.FILES)
    problems = _problems(form)
    if problems is None or problems:
        return _editor(request, form, problems=problems)
    try:
        row = actions.create(
            practice=request.practice,
            name=form.cleaned_data["name"],
            content=form.table(),
            by=request.user,
        )
    except actions.Refused as refusal:
        form.add_error("name", str(refusal))
        return _editor(request, form)
    return _saved(request, row)


@login_required
@require_http_methods(["GET", "POST"])
def vocabulary(request: HttpRequest, vocabulary_id: object) -> HttpResponse:
    """The editor of one vocabulary; POST replaces its table. The name stays."""
    row = _row(request, vocabulary_id)
    if request.method == "GET":
        problems = _found(row.content) if row.failure_reason and row.content else []
        initial = {"name": row.name, "content": row.content or EMPTY, "version": row.version}
        return _editor(request, VocabularyForm(initial=initial), row, problems, status=200)
    data = request.POST.copy()
    data["name"] = row.name
    form = VocabularyForm(data, request.FILES)
    problems = _problems(form)
    if problems is None or problems:
        return _editor(request, form, row, problems)
    if form.cleaned_data["version"] != row.version:
        form.add_error(None, CHANGED_MEANWHILE)
        return _editor(request, form, row)
    try:
        row = actions.replace(vocabulary=row, content=form.table(), by=request.user)
    except actions.Refused as refusal:
        form.add_error(None, str(refusal))
        return _editor(request, form, row)
    return _saved(request, row)


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, vocabulary_id: object) -> HttpResponse:
    """GET asks, POST deletes."""
    row = _row(request, vocabulary_id)
    if request.method == "GET":
        running = row.jobs.filter(status__in=LIVE_STATUSES).count()
        context = {"vocabulary": row, "running": running, "uses": row.jobs.count()}
        return render(request, "transcripts/vocabulary_delete.html", context)
    try:
        actions.delete(vocabulary=row, by=request.user)
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("vocabulary", row.pk)
    messages.success(request, f"The vocabulary {row.name} is deleted.")
    return redirect("vocabularies")


@login_required
@require_GET
def download(request: HttpRequest, vocabulary_id: object) -> HttpResponse:
    """The table as it was given."""
    row = _row(request, vocabulary_id)
    response = HttpResponse(row.content, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{row.name}.txt"'
    return response


def _rows(request: HttpRequest) -> QuerySet[MedicalVocabulary]:
    if not may_edit_vocabularies(request.membership):
        raise PermissionDenied("Only editors, clinicians and managers work on vocabularies.")
    return MedicalVocabulary.objects.filter(practice=request.practice)


def _row(request: HttpRequest, vocabulary_id: object) -> MedicalVocabulary:
    row = _rows(request).filter(pk=vocabulary_id).first()
    if row is None:
        raise Http404
    return row


def _problems(form: VocabularyForm) -> Problems | None:
    """What is wrong with the table; None when the form itself needs another look."""
    if not form.is_valid():
        return None
    content = form.table()
    file = form.cleaned_data["file"]
    if file:
        file.seek(0)
    return _found(content)


def _found(content: bytes | str) -> Problems:
    try:
        tables.parse(content)
    except tables.VocabularyError as error:
        return error.problems
    return []


def _saved(request: HttpRequest, row: MedicalVocabulary) -> HttpResponse:
    """Checks at once what the page has found right already, so that nobody waits for a worker."""
    row = actions.check(vocabulary=row)
    messages.success(request, f"The vocabulary {row.name} is saved and ready.")
    return redirect("vocabulary", row.pk)


def _editor(
    request: HttpRequest,
    form: VocabularyForm,
    row: MedicalVocabulary | None = None,
    problems: Problems | None = None,
    status: int | None = None,
) -> HttpResponse:
    """The editor; a file that was refused is shown as text, so that it can be put right here."""
    context: dict[str, Any] = {
        "form": form,
        "vocabulary": row,
        "problems": problems or [],
        "terms": actions.terms_of(row) if row and row.state == VocabularyState.READY else [],
        "content": form["content"].value() or "",
    }
    if form.is_bound and form.files.get("file"):
        file = form.files["file"]
        file.seek(0)
        context["content"] = file.read(tables.MAX_BYTES).decode("utf-8", errors="replace")
    status = status or (422 if form.is_bound else 200)
    return render(request, "transcripts/vocabulary.html", context, status=status)
