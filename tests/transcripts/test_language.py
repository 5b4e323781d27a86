"""The language engine that the site's setting names."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from transcripts.engines.comprehend import AwsLanguage
from transcripts.engines.entities import LocalLanguage
from transcripts.language import language


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    language.cache_clear()
    yield
    language.cache_clear()


def test_a_name_that_is_neither_is_refused(settings: Any) -> None:
    settings.LANGUAGE_ENGINE = "AWS "
    with pytest.raises(ImproperlyConfigured):
        language()


def test_local_and_aws(settings: Any) -> None:
    settings.LANGUAGE_ENGINE = "local"
    assert isinstance(language(), LocalLanguage)
    language.cache_clear()
    settings.LANGUAGE_ENGINE, settings.AWS_REGION = "aws", "eu-west-1"
    found = language()
    assert isinstance(found, AwsLanguage)
    assert found.region == "eu-west-1"
