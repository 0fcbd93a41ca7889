import pytest
import typer

from streams.cli.settings import _shown
from streams.cli.worker import _chosen


def test_stages_come_in_the_order_of_the_flow_and_once():
    assert _chosen("match, embed,,embed") == ["embed", "match"]


@pytest.mark.parametrize("text", ["", " , ", "embed,nonsense", "EMBED"])
def test_stages_that_do_not_exist_are_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="some of embed,index,blend,match"):
        _chosen(text)


def test_a_login_in_a_url_is_not_shown():
    assert _shown("https://me:hush@host") == "https://host"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), ("", "-"), (0, "0"), (False, "False"), ("a\x1bb", "a\ufffdb")]
)
def test_values_are_shown_in_one_word(value, shown):
    assert _shown(value) == shown
