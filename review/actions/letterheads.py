"""The practice's letterhead: a new version at each change. What is signed keeps the one it had."""

import io

from django.db import transaction
from PIL import Image

from review.enums import Action
from review.models import Letterhead
from review.policies import Refused
from transcripts import events
from transcripts.models import Practice, User

LOGO_BYTES = 512 * 1024
LOGO_SIDE = 3000
KEPT_SIDE = 800
LINES = 6


@transaction.atomic
def change(
    *,
    practice: Practice,
    name: str,
    address: str,
    phone: str,
    logo: bytes | None,
    by: User,
) -> Letterhead:
    """The next version. `logo` is a PNG or JPEG file, b"" for none, or None to keep it. Refused."""
    name, phone = " ".join(name.split()), " ".join(phone.split())
    lines = [" ".join(line.split()) for line in address.splitlines()]
    lines = [line for line in lines if line]
    if not name:
        raise Refused("A letterhead has the name of the practice.")
    if len(lines) > LINES:
        raise Refused(f"An address has at most {LINES} lines.")
    picture = None if logo is None else logo and cleaned(logo)
    Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    before = current(practice)
    made = Letterhead.objects.create(
        practice=practice,
        number=before.number + 1 if before else 1,
        name=name,
        address="\n".join(lines),
        phone=phone,
        logo=bytes(before.logo) if picture is None and before else picture or b"",
        created_by=by,
    )
    events.emit(
        events.Event(
            action=Action.LETTERHEAD_CHANGED,
            practice_id=practice.pk,
            by=by,
            object_type="Letterhead",
            object_id=made.pk,
            detail={"version": made.number, "logo": bool(made.logo)},
        )
    )
    return made


def current(practice: Practice) -> Letterhead | None:
    """The letterhead of what is signed now."""
    return practice.letterheads.order_by("-number").first()


def cleaned(data: bytes) -> bytes:
    """The picture as a plain PNG on white, at most KEPT_SIDE a side. Refused for anything else.

    It is drawn anew, so that nothing but its pixels gets into a letter.
    """
    if len(data) > LOGO_BYTES:
        raise Refused(f"The logo is larger than {LOGO_BYTES // 1024} KB.")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG"]) as picture:
            if max(picture.size) > LOGO_SIDE:
                raise Refused(f"The logo is more than {LOGO_SIDE} points wide or high.")
            drawn = picture.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise Refused(
            "The logo is not a PNG or JPEG picture. Drawings (SVG) are not taken."
        ) from None
    drawn.thumbnail((KEPT_SIDE, KEPT_SIDE))
    flat = Image.new("RGB", drawn.size, "white")
    flat.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    flat.save(out, "PNG", optimize=True)
    return out.getvalue()
