"""Which addresses may be called: no inside of anybody's network, however it is written."""

import pytest

from review.outbound import targets


def looking(*addresses):
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.9",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1%eth0",
        "fd00::1",
        "::ffff:10.0.0.1",
        "2002:0a00:0001::1",
        "ff02::1",
    ],
)
def test_an_address_of_an_inner_network_is_forbidden(address):
    with pytest.raises(targets.Forbidden):
        targets.checked("hook.example", 443, allowed=[], public=True, look=looking(address))


def test_one_inner_address_among_public_ones_is_enough():
    with pytest.raises(targets.Forbidden):
        look = looking("93.184.216.34", "10.0.0.1")
        targets.checked("hook.example", 443, allowed=[], public=True, look=look)


def test_public_addresses_are_for_webhooks_only():
    look = looking("93.184.216.34")
    assert targets.checked("h.example", 443, allowed=[], public=True, look=look) == "93.184.216.34"
    with pytest.raises(targets.Forbidden):
        targets.checked("h.example", 2575, allowed=[], public=False, look=look)


@pytest.mark.parametrize("allowed", ["10.1.0.0/16", "10.1.2.3", "EHR.local", "ehr.local:2575"])
def test_the_operator_allows_networks_hosts_and_ports(allowed):
    look = looking("10.1.2.3")
    made = targets.checked("ehr.local", 2575, allowed=[allowed], public=False, look=look)
    assert made == "10.1.2.3"


@pytest.mark.parametrize("allowed", ["10.2.0.0/16", "ehr.local:99", "other.local"])
def test_what_the_operator_allowed_is_not_everything(allowed):
    with pytest.raises(targets.Forbidden):
        targets.checked(
            "ehr.local", 2575, allowed=[allowed], public=False, look=looking("10.1.2.3")
        )


def test_a_name_without_an_address_is_unknown():
    with pytest.raises(targets.Unknown):
        targets.look_up("no-such-host.invalid", 443)
