"""The demonstration practice: people with random passwords, two recordings, and one access key.

Everything is made through the application's own actions, so the demo has a real audit chain.
"""

import json
import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from review.actions import edit
from transcripts import lease
from transcripts.actions import keys, recordings, work
from transcripts.actions import members as people
from transcripts.actions.jobs import Request
from transcripts.enums import Role, Specialty, Type
from transcripts.models import Membership, Practice, Recording, User

AUDIO = settings.BASE_DIR / "tests" / "audio"
BUCKET = "northgate-family-practice"
REGION = "us-east-1"
PEOPLE = {
    Role.EDITOR: ("Erin", "Doyle", {}),
    Role.CLINICIAN: (
        "Maya",
        "Okafor",
        {"printed_name": "Maya Okafor, MD", "title": "Family physician", "licence": "MD-204817"},
    ),
    Role.MANAGER: ("Tomás", "Reyes", {}),
    Role.AUDITOR: ("Ingrid", "Solberg", {}),
}
OPERATOR = ("operator", "Priya", "Nair")  # of the installation, and of no practice
RECORDINGS = (
    (
        "dictation_mono.wav",
        {
            "mrn": "30077",
            "patient_name": "Walter Brandt",
            "birth_date": date(1963, 4, 18),
            "specialty": Specialty.INTERNALMEDICINE,
            "type": Type.DICTATION,
        },
        {"ShowAlternatives": True, "MaxAlternatives": 3},
    ),
    (
        "conversation_mono.wav",
        {
            "mrn": "41205",
            "patient_name": "Rosa Delgado",
            "birth_date": date(1981, 11, 2),
            "specialty": Specialty.FAMILYMEDICINE,
            "type": Type.CONVERSATION,
        },
        {
            "ShowAlternatives": True,
            "MaxAlternatives": 3,
            "ShowSpeakerLabels": True,
            "MaxSpeakerLabels": 2,
        },
    ),
)


def seed() -> bool:
    """Makes the practice where there is none, and writes demo.json; False otherwise."""
    if Practice.objects.exists():
        return False
    names = [*(role.value for role in PEOPLE), OPERATOR[0]]
    passwords = {name: secrets.token_urlsafe(12) for name in names}
    with transaction.atomic():
        practice = Practice.objects.create(name="Northgate Family Practice", bucket=BUCKET)
        members = {role: _person(practice, role, passwords[role.value]) for role in PEOPLE}
        name, first, last = OPERATOR
        people.create(
            practice=None,
            standing=None,
            username=name,
            password=passwords[name],
            operator=True,
            first_name=first,
            last_name=last,
        )
        manager = members[Role.MANAGER].user
        key, secret = keys.create(practice=practice, user=manager, by=manager)
    _write_logins(passwords, key.access_key_id, secret)
    first, _waiting = (_recording(practice, members, *recording) for recording in RECORDINGS)
    _begin_review(first, members[Role.EDITOR])
    return True


def _person(practice: Practice, role: Role, password: str) -> Membership:
    first, last, credentials = PEOPLE[role]
    user = User.objects.create_user(role.value, password=password, first_name=first, last_name=last)
    return Membership.objects.create(user=user, practice=practice, role=role, **credentials)


def _recording(
    practice: Practice,
    members: dict[Role, Membership],
    name: str,
    about: dict[str, Any],
    asked: dict[str, Any],
) -> Recording:
    author = members[Role.CLINICIAN]
    return recordings.upload(
        path=AUDIO / name,
        name=name,
        about=recordings.About(author=author, encounter_date=timezone.localdate(), **about),
        practice=practice,
        by=members[Role.EDITOR].user,
        request=Request(settings=asked, content_identification="PHI"),
    )


def _begin_review(recording: Recording, editor: Membership) -> None:
    """Transcribes one recording here and now, and has the editor confirm its first marked word."""
    job = recording.jobs.get()
    while unit := lease.claim("seed", job=job):
        work.run(unit)
    flag = recording.review.flags.filter(critical=False).select_related("segment").first()
    if flag:
        edit.confirm(
            review=recording.review,
            segment_id=flag.segment_id,
            base_version=flag.segment.version,
            items=flag.items,
            op_id=uuid4(),
            by=editor,
        )


def _write_logins(passwords: dict[str, str], key_id: str, secret: str) -> None:
    users = {name: {"username": name, "password": p} for name, p in passwords.items()}
    aws = {
        "access_key_id": key_id,
        "secret_access_key": secret,
        "region": REGION,
        "bucket": BUCKET,
    }
    logins = {"base_url": settings.BASE_URL, "users": users, "aws": aws}
    path: Path = settings.DATA / "demo.json"
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(logins, file, indent=2)
        file.write("\n")
