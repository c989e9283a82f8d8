"""People against a plain model, some hundred steps; `make storm-people` takes fifty thousand."""

import pytest

from tests.storm.crowd import play


@pytest.mark.timeout(120)
def test_whatever_people_tap_and_type_is_kept_as_a_plain_model_says() -> None:
    play(1_000)
