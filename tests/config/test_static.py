"""Scripts and style sheets as they are collected: the same bytes everywhere, or a clear refusal."""

import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import static


def test_every_host_makes_the_same_bundles_and_maps(tmp_path):
    """Their names are hashes of their content: a page of one host asks another for its files."""
    here, there = tmp_path / "a", tmp_path / "much" / "deeper" / "b"
    names = static.bundle(here)
    assert static.bundle(there) == names
    assert {"js/review/main.js", "js/review/main.js.map", "css/site.css"} <= set(names)
    for name in names:
        assert (here / name).read_bytes() == (there / name).read_bytes(), name


def test_a_bundle_holds_what_its_entry_imports_and_nothing_is_left_to_fetch(tmp_path):
    static.bundle(tmp_path)
    script = (tmp_path / "js/worklist/main.js").read_text()
    assert not re.search(r"\bimport\b|\bfrom ?[\"']", script)
    sheet = (tmp_path / "css/site.css").read_text()
    assert "@import" not in sheet and "../" not in sheet


def test_a_source_that_is_wrong_is_named(tmp_path, monkeypatch):
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "page.css").write_text('@import "./nowhere.css";')
    monkeypatch.setattr(static, "SOURCES", tmp_path)
    with pytest.raises(ImproperlyConfigured, match="nowhere.css"):
        static.bundle(tmp_path / "out")


def test_without_esbuild_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(static, "PACKAGES", tmp_path)
    with pytest.raises(ImproperlyConfigured, match="make setup"):
        static.bundle(tmp_path)
