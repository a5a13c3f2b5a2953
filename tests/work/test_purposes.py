"""Customer and purpose, read from names of environments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.work.purposes import Purpose, customer_of, find_purpose, purpose_of


@pytest.mark.parametrize(
    ("name", "customer", "purpose"),
    [
        ("acme-prod", "acme", Purpose.PRODUCTION),
        ("ACME_Production", "ACME", Purpose.PRODUCTION),
        ("prod-acme", "acme", Purpose.PRODUCTION),
        ("test-corp-prod", "test-corp", Purpose.PRODUCTION),
        ("acme.east.stg", "acme.east", Purpose.STAGING),
        ("みなと 本番", "みなと", Purpose.PRODUCTION),
        ("青葉-検証", "青葉", Purpose.STAGING),
        ("acme/負荷試験", "acme", Purpose.LOADTEST),
        ("dev", "", Purpose.DEVELOPMENT),
        ("main", "", None),
        ("product-api", "", None),
        ("", "", None),
    ],
)
def test_names_say_customer_and_purpose(name: str, customer: str, purpose: Purpose | None) -> None:
    assert (customer_of(name), find_purpose(name)) == (customer, purpose)


@given(st.text(max_size=80))
def test_any_name_has_a_purpose_that_work_goes_by(name: str) -> None:
    assert purpose_of(name) in set(Purpose)
    assert customer_of(name) == customer_of(name).strip()


@given(st.text(max_size=40), st.sampled_from(sorted(Purpose)), st.text(min_size=1, max_size=40))
def test_what_people_say_goes_before_the_name(name: str, purpose: Purpose, customer: str) -> None:
    assert find_purpose(name, purpose.value) is purpose
    assert customer_of(name, customer) == customer


def test_a_purpose_nobody_knows_counts_as_not_said() -> None:
    assert find_purpose("acme-stg", "lunch") is Purpose.STAGING
