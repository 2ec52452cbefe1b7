"""The menu leads where a role may go, and nowhere else."""

import pytest

from service.identity import Actor, ActorKind, UserRole
from service.workbench.menu import menu_of


def who(role: UserRole) -> Actor:
    return Actor(ActorKind.ACCOUNT, "id", "Somebody", role, "provider")


def labels(role: UserRole) -> list[str]:
    menu = menu_of(who(role), "/")
    return [link.label for link in (*menu.in_sight, *menu.more)]


def test_nobody_has_an_empty_menu() -> None:
    menu = menu_of(None, "/sign-in")
    assert (menu.in_sight, menu.more) == ((), ())


@pytest.mark.parametrize("role", [role for role in UserRole if role is not UserRole.EPR])
def test_what_stands_in_sight_fits_beside_the_name(role: UserRole) -> None:
    assert 1 <= len(menu_of(who(role), "/").in_sight) <= 7


def test_a_trainee_sees_own_checks_and_nothing_of_the_house() -> None:
    assert "My checks" in labels(UserRole.TRAINEE)
    assert {"Checks", "Audits", "Administration", "Attributions"}.isdisjoint(labels(UserRole.TRAINEE))


def test_a_page_below_a_place_marks_the_place() -> None:
    menu = menu_of(who(UserRole.CODER), "/episodes/1")
    assert [link.label for link in menu.in_sight if link.current == "true"] == ["Worklist"]


def test_a_place_whose_name_begins_alike_is_another_place() -> None:
    menu = menu_of(who(UserRole.MANAGER), "/clinician-accounts")
    current = [link.label for link in (*menu.in_sight, *menu.more) if link.current]
    assert current == ["Clinician accounts"]
