# SPDX-License-Identifier: BSD-3-Clause
import pytest
from jumper_extension.mistakes import unknown, variable_name
from jumper_extension.native import JumperError


def test_unknown_name_comes_with_the_known_ones_and_the_nearest() -> None:
    error = unknown("level", "Proces", ["process", "user", "system"])
    assert str(error) == (
        "unknown level 'Proces' (did you mean process?): choose from process, user, system"
    )


def test_no_guess_where_nothing_is_near() -> None:
    assert "did you mean" not in str(unknown("level", "zzz", ["process", "user"]))


def test_variable_names() -> None:
    assert variable_name(None, "perfdata_df") == "perfdata_df"
    assert variable_name("größe", "perfdata_df") == "größe"


@pytest.mark.parametrize("name", ["", "9", "a b", "a.b", "class", "None", "x\n"])
def test_what_cannot_be_a_variable(name: str) -> None:
    with pytest.raises(JumperError, match="perfdata_df"):
        variable_name(name, "perfdata_df")
