"""Sites for the tests of this folder. They are no part of `make test`: see `make test-cluster`."""

from collections.abc import Iterator

import pytest

from tests.cluster import site as sites
from tests.cluster.person import Person
from tests.external import LOOPBACK


@pytest.fixture(scope="session", params=["one host", "three hosts"])
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sites.Site]:
    folder = tmp_path_factory.mktemp("site")
    for above in folder.parents[:3]:
        above.chmod(0o755)  # PostgreSQL runs as a user of its own
    if request.param == "one host":
        with sites.running(folder, sites.one_host(), LOOPBACK) as running:
            yield running
        return
    try:
        with sites.three_hosts() as hosts, sites.running(folder, hosts, sites.GATEWAY) as running:
            yield running
    except PermissionError as error:
        pytest.skip(str(error))


@pytest.fixture
def clinician(site: sites.Site) -> Person:
    return Person(site, "clinician")


@pytest.fixture
def apart(site: sites.Site) -> sites.Site:
    """The site on hosts with cables of their own."""
    if not site.hosts[0].within:
        pytest.skip("one host has no cable to pull")
    return site
