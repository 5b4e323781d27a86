"""Forms: whom a recording is about, what kind it is, and what is asked of the engine."""

from dataclasses import fields
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from transcripts.actions.jobs import Request
from transcripts.actions.recordings import About
from transcripts.engines import vocabulary
from transcripts.enums import EngineName, Role, Specialty, Type, VocabularyState
from transcripts.models import MedicalVocabulary, Membership, Recording

CHANNELS = "channels"
VOICES = [
    ("", "One"),
    *((str(n), f"Up to {n}, told apart by voice") for n in range(2, 11)),
    (CHANNELS, "Two, each on a channel of their own"),
]
ALTERNATIVES = [("", "None"), *((str(n), f"Up to {n}") for n in range(2, 11))]


class MemberForm(forms.Form):
    """A form whose choices are those of the member's practice."""

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)


class AuthorChoice(forms.ModelChoiceField):
    def label_from_instance(self, member: Membership) -> str:
        return member.printed_name


class DetailsForm(MemberForm):
    """Whom a recording is about, who is its author, and when the encounter was."""

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

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        """A clinician names themselves as author; everyone else a clinician of the practice."""
        super().__init__(*args, member=member, **kwargs)
        authors = Membership.objects.filter(
            practice=member.practice, role=Role.CLINICIAN, disabled_at=None
        )
        if member.role == Role.CLINICIAN:
            authors = authors.filter(pk=member.pk)
        self.fields["author"].queryset = authors.order_by("printed_name")
        self.fields["author"].initial = authors.first()
        self.fields["specialty"].initial = member.practice.default_specialty
        self.fields["type"].initial = member.practice.default_type
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
        """Whom and what the recording is about."""
        return About(**{f.name: self.cleaned_data[f.name] for f in fields(About)})


def details_of(recording: Recording) -> dict[str, Any]:
    """Initial values of the form for a recording that is there already."""
    patient = recording.patient
    return {
        "mrn": patient.mrn if patient else "",
        "patient_name": patient.name if patient else "",
        "birth_date": patient.birth_date.isoformat() if patient and patient.birth_date else "",
        "specialty": recording.specialty,
        "type": recording.type,
        "author": recording.author,
        "encounter_date": recording.encounter_date.isoformat(),
    }


class SettingsForm(MemberForm):
    """What is asked of the engine, in a clinician's words."""

    voices = forms.ChoiceField(label="Speakers", choices=VOICES, required=False)
    vocabulary = forms.ModelChoiceField(
        queryset=MedicalVocabulary.objects.none(), required=False, empty_label="None"
    )
    alternatives = forms.ChoiceField(
        label="Other readings", choices=ALTERNATIVES, required=False, initial="3"
    )
    engine = forms.ChoiceField(
        label="Transcribed by",
        choices=[("", "The practice's choice"), *EngineName.choices],
        required=False,
    )
    phi = forms.BooleanField(
        label="Mark protected health information", required=False, initial=True
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, member=member, **kwargs)
        self.fields["vocabulary"].queryset = MedicalVocabulary.objects.filter(
            practice=member.practice, state=VocabularyState.READY
        ).order_by("name")

    def request(self) -> Request:
        """The same in AWS's terms."""
        chosen = self.cleaned_data
        settings: dict[str, Any] = {}
        if chosen.get("voices") == CHANNELS:
            settings["ChannelIdentification"] = True
        elif chosen.get("voices"):
            settings |= {"ShowSpeakerLabels": True, "MaxSpeakerLabels": int(chosen["voices"])}
        if chosen.get("alternatives"):
            settings |= {"ShowAlternatives": True, "MaxAlternatives": int(chosen["alternatives"])}
        if chosen["vocabulary"]:
            settings["VocabularyName"] = chosen["vocabulary"].name
        return Request(
            settings=settings,
            content_identification="PHI" if chosen["phi"] else "",
            vocabulary=chosen["vocabulary"],
            engine=chosen.get("engine", ""),
        )


class UploadForm(DetailsForm, SettingsForm):
    """With the file itself, or with the number of an upload that came in pieces, and its name."""

    file = forms.FileField(
        label="Recording",
        allow_empty_file=True,
        required=False,
        widget=forms.ClearableFileInput(attrs={"required": True}),
    )
    upload = forms.UUIDField(required=False, widget=forms.HiddenInput)
    file_name = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if "upload" not in self.errors and not (given.get("file") or given.get("upload")):
            self.add_error("file", self.fields["file"].error_messages["required"])
        return given


class DictateForm(DetailsForm, SettingsForm):
    """One voice, heard on this site."""

    voices = alternatives = engine = None


class VocabularyForm(forms.Form):
    """A vocabulary's name and its table, typed or as a file; the file goes before the text."""

    name = forms.RegexField(
        r"^[0-9a-zA-Z._-]{1,200}$",
        max_length=200,
        help_text="Letters, digits, dots, hyphens and underscores, such as cardiology-drugs.",
        error_messages={
            "invalid": "Use only letters, digits, dots, hyphens and underscores, without spaces."
        },
    )
    file = forms.FileField(label="Table from a file", required=False, allow_empty_file=True)
    content = forms.CharField(
        label="Table",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 18, "wrap": "off", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def table(self) -> bytes | str:
        """The table as it was given; of typed text only the browser's line ends are undone."""
        file = self.cleaned_data["file"]
        if file:
            return file.read(vocabulary.MAX_BYTES + 1)
        return self.cleaned_data["content"].replace("\r\n", "\n").rstrip("\n")
