"""The first page of quality, the rules of the draw, and the rubric."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from review import second_reviews as reads
from review.actions import quality_rules
from review.enums import Action, SecondState
from review.models import Dispute, QualityRule
from review.permissions import Permission, check, refusal
from review.policies import Refused
from review.quality import rubric as rubrics
from transcripts import events
from transcripts.enums import Type
from transcripts.models import Membership, User

ROWS_A_PAGE = 50


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is to do, one's own closed ones, and for a manager all of them."""
    member = request.membership
    check(member, Permission.SECOND_REVIEW)
    rows = reads.listed(member).select_related("reviewer", "subject", "review__recording")
    disputes = Dispute.objects.filter(outcome="", finding__second__in=reads.listed(member))
    waiting = reads.concerning(member)
    every = refusal(member, Permission.QUALITY) is None
    page = Paginator(rows.order_by("-id"), ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "mine": waiting["second_reviews"].select_related("review__recording"),
        "own": rows.filter(subject=request.user, state=SecondState.CLOSED).order_by("-ended_at")[
            :ROWS_A_PAGE
        ],
        "disputes": disputes.select_related("finding__second", "opened_by").order_by("opened_at"),
        "drafts": waiting["corrections"].select_related("review"),
        "every": every,
        "page": page if every else None,
        "has_rules": not every or QualityRule.objects.filter(practice=request.practice).exists(),
    }
    events.seen(
        Action.QUALITY_VIEWED,
        practice_id=request.practice.pk,
        by=request.user,
        object_type="Quality",
    )
    return render(request, "review/quality.html", context)


@login_required
@require_GET
def rubric(request: HttpRequest) -> HttpResponse:
    check(request.membership, Permission.SECOND_REVIEW)
    return render(request, "review/quality_rubric.html", {"rubric": published()})


def published() -> dict[str, Any]:
    """The rubric as pages show it; points and scores as numbers of 100."""
    weights = [
        {"name": name, "label": one.label, "points": one.points / 100, "about": one.about}
        for name, one in rubrics.WEIGHTS.items()
    ]
    classes = [
        {"name": name, "label": one.label, "usual": str(one.usual)}
        | {"usual_label": rubrics.WEIGHTS[one.usual].label, "stands": one.stands, "said": one.said}
        for name, one in rubrics.CLASSES.items()
    ]
    passing = rubrics.PASS / 100
    return {"version": rubrics.VERSION, "pass": passing, "weights": weights, "classes": classes}


class RuleForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        User.objects.none(), required=False, empty_label="Everybody", label="Whose documents"
    )
    type = forms.ChoiceField(choices=[("", "Both"), *Type.choices], required=False, label="Type")
    percent = forms.IntegerField(
        min_value=0, max_value=100, required=False, label="Share, in percent",
        help_text="Leave it empty to take the rule away.",
    )  # fmt: skip

    def __init__(self, practice: Any, *args: Any) -> None:
        super().__init__(*args)
        people = Membership.objects.filter(practice=practice, disabled_at=None)
        field = self.fields["reviewer"]
        field.queryset = User.objects.filter(memberships__in=people).order_by("username")
        field.label_from_instance = lambda user: user.name


@login_required
@require_http_methods(["GET", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    check(request.membership, Permission.QUALITY)
    form = RuleForm(request.practice, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and "percent" not in request.POST:
        form.add_error("percent", "Give a share.")
    if request.method == "POST" and form.is_valid():
        try:
            quality_rules.set_rule(by=request.membership, **form.cleaned_data)
        except Refused as reason:
            form.add_error(None, str(reason))
        else:
            messages.success(
                request, "The rule is saved. It holds for documents signed from now on."
            )
            return redirect("quality-rules")
    found = QualityRule.objects.filter(practice=request.practice)
    rows = found.select_related("reviewer", "changed_by").order_by("reviewer", "type")
    context = {"form": form, "rules": rows}
    return render(request, "review/quality_rules.html", context, status=422 if form.errors else 200)
