"""The page on which a manager says how soon documents are due."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from review import turnaround
from review.actions import turnarounds as actions
from review.enums import Priority
from review.permissions import Permission, check
from transcripts.enums import Type

MINUTES_A_YEAR = 525_600


class RulesForm(forms.Form):
    """One field for each type and priority, in minutes."""

    def __init__(self, minutes: turnaround.Minutes, *args: object) -> None:
        super().__init__(*args)
        for kind in Type:
            for priority in Priority:
                self.fields[f"{kind}-{priority:d}"] = forms.IntegerField(
                    label=f"{kind.label}, {priority.label.lower()}: minutes",
                    min_value=1,
                    max_value=MINUTES_A_YEAR,
                    initial=minutes[kind, priority],
                    help_text=f"Now {turnaround.words(minutes[kind, priority])}.",
                )

    def minutes(self) -> turnaround.Minutes:
        return {
            (kind, priority): self.cleaned_data[f"{kind}-{priority:d}"]
            for kind in Type.values
            for priority in Priority
        }


@login_required
@require_http_methods(["GET", "POST"])
def turnarounds(request: HttpRequest) -> HttpResponse:
    check(request.membership, Permission.ASSIGN)
    now = turnaround.minutes_of(request.practice.pk)
    form = RulesForm(now, *([request.POST] if request.method == "POST" else []))
    if request.method == "POST" and form.is_valid():
        moved = actions.change(minutes=form.minutes(), by=request.membership)
        words = "1 open document is" if moved == 1 else f"{moved} open documents are"
        messages.success(request, f"The times are saved; {words} due anew.")
        return redirect("turnarounds")
    status = 422 if form.errors else 200
    return render(request, "review/turnarounds.html", {"form": form}, status=status)
