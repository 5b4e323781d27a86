"""A person's views of the worklist: their own, named once, a few, and one that it opens with."""

import pytest
from django.db import IntegrityError, transaction

from review.actions import saved_views
from review.models import SavedView
from review.policies import Refused
from review.worklists import Chosen
from tests import rows

LATE = Chosen(state="late", type="DICTATION", order="due")


def test_what_is_on_screen_is_saved_and_the_worklist_opens_with_it(cast, as_):
    made, browser = rows.review(cast), as_(cast.editor)
    back = "state=ready&order=due&page=3&q=Paula&nonsense=1"
    answer = browser.post("/views/", {"name": "  To   do ", "back": back, "opens": "on"})
    assert answer["Location"] == "/?state=ready&order=due"
    view = SavedView.objects.get()
    assert (view.name, view.query, view.opens) == ("To do", "state=ready&order=due", True)
    assert browser.get("/")["Location"] == "/?state=ready&order=due"
    page = browser.get("/", {"state": "ready", "order": "due"})
    assert 'aria-current="true">To do' in page.content.decode()
    everything = browser.get("/", {"state": "all"})
    assert [row["pk"] for row in everything.context["rows"]] == [made.pk]
    assert browser.get("/", {"rows": "1"}).status_code == 200
    assert browser.post("/", {"q": "paula"}).status_code == 200


def test_a_view_of_everything_does_not_lead_in_a_circle(cast, as_):
    saved_views.save(name="All", chosen=Chosen(), opens=True, by=cast.editor)
    assert as_(cast.editor).get("/")["Location"] == "/?state=all"
    assert as_(cast.editor).get("/?state=all").status_code == 200


def test_views_are_a_persons_own(cast, as_):
    mine = saved_views.save(name="Late", chosen=LATE, opens=True, by=cast.editor)
    assert as_(cast.manager).get("/").status_code == 200
    for other in (cast.manager, cast.outsider):
        assert as_(other).post(f"/views/{mine.pk}/remove").status_code == 404
    saved_views.save(name="Late", chosen=LATE, opens=True, by=cast.manager)
    assert as_(cast.editor).post(f"/views/{mine.pk}/remove")["Location"].startswith("/?state=late")
    assert as_(cast.editor).get("/").status_code == 200
    assert SavedView.objects.get().member == cast.manager


def test_a_name_is_used_again_and_only_one_view_opens_the_worklist(cast):
    for name, chosen in (("Late", LATE), ("All", Chosen()), ("Late", Chosen(state="mine"))):
        saved_views.save(name=name, chosen=chosen, opens=True, by=cast.editor)
    found = {view.name: (view.query, view.opens) for view in SavedView.objects.all()}
    assert found == {"Late": ("state=mine", True), "All": ("", False)}
    other = {"member": cast.editor, "practice": cast.practice, "opens": True}
    with pytest.raises(IntegrityError, match="one_view_opens"), transaction.atomic():
        SavedView.objects.create(name="Another", **other)


@pytest.mark.parametrize("name", ["", "  ", "\x00", "x" * 41])
def test_a_view_without_a_fit_name_is_not_saved(cast, as_, name):
    browser = as_(cast.editor)
    browser.post("/views/", {"name": name, "back": "state=late"})
    assert not SavedView.objects.exists()
    assert "at most 40" in str(next(iter(browser.get("/").context["messages"])))


def test_there_are_no_more_views_than_one_can_look_through(cast):
    for n in range(saved_views.MAX_VIEWS):
        saved_views.save(name=f"View {n}", chosen=LATE, opens=False, by=cast.editor)
    saved_views.save(name="View 3", chosen=Chosen(), opens=False, by=cast.editor)
    with pytest.raises(Refused, match="20 views"):
        saved_views.save(name="One more", chosen=LATE, opens=False, by=cast.editor)
