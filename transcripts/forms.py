"""The upload form: whom the recordings are about, and what kind they are."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from transcripts.actions.recordings import About
from transcripts.enums import Role, Specialty, Type
from transcripts.models import Membership


class AuthorChoice(forms.ModelChoiceField):
    def label_from_instance(self, member: Membership) -> str:
        return member.printed_name


class UploadForm(forms.Form):
    mrn = forms.CharField(label="Medical record number", max_length=64)
    patient_name = forms.CharField(label="Patient's name", max_length=200)
    birth_date = forms.DateField(
        label="Birth date", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    specialty = forms.ChoiceField(choices=Specialty)
    type = forms.ChoiceField(choices=Type)
    author = AuthorChoice(queryset=Membership.objects.none(), empty_label=None)
    encounter_date = forms.DateField(
        label="Encounter date", widget=forms.DateInput(attrs={"type": "date"})
    )
    file = forms.FileField(label="Recording", allow_empty_file=True)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        """A clinician uploads for themselves; everyone else names a clinician of the practice."""
        super().__init__(*args, **kwargs)
        authors = Membership.objects.filter(practice=member.practice, role=Role.CLINICIAN)
        if member.role == Role.CLINICIAN:
            authors = authors.filter(pk=member.pk)
        self.fields["author"].queryset = authors.order_by("printed_name")
        self.fields["author"].initial = authors.first()
        self.fields["encounter_date"].initial = timezone.localdate().isoformat()

    def clean_birth_date(self) -> date | None:
        return self._not_in_future("birth_date")

    def clean_encounter_date(self) -> date | None:
        return self._not_in_future("encounter_date")

    def _not_in_future(self, field: str) -> date | None:
        value = self.cleaned_data[field]
        if value and value > timezone.localdate():
            raise forms.ValidationError("This date is in the future.")
        return value

    def about(self) -> About:
        values = {name: value for name, value in self.cleaned_data.items() if name != "file"}
        return About(**values)
