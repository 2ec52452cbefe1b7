"""Filters as they stand in an address, and the words of the list."""

from service.workbench.worklist import words
from service.worklist.cursors import Place, read_place
from service.worklist.filters import Filters, Length, Sort, Sureness, View


def test_only_what_differs_from_the_default_stands_in_the_address() -> None:
    assert Filters().address() == "/worklist"
    chosen = Filters(View.ON_HOLD, site="A&B", length=Length.LONG, mine=True, sort=Sort.LONGEST)
    assert chosen.address() == "/worklist?status=on_hold&site=A%26B&length=long&mine=1&sort=longest"
    assert chosen.address("/worklist/claim", status="ready").startswith("/worklist/claim?status=ready&")


def test_a_view_or_an_order_alone_leaves_nothing_out() -> None:
    assert not Filters(View.ON_HOLD, sort=Sort.SUREST).narrows
    assert Filters(sureness=Sureness.NONE).narrows


def test_every_view_filter_and_order_has_words() -> None:
    assert set(words.VIEWS) == set(View)
    assert set(words.LENGTHS) == set(Length)
    assert set(words.SURENESSES) == set(Sureness)
    assert set(words.SORTS) == set(Sort)


def test_a_place_in_an_order_comes_back_from_its_cursor() -> None:
    from datetime import date

    number = "00000000-0000-4000-8000-000000000000"
    for keys in ((), (-0.4204300773791785,), (5e-324,)):
        cursor = Place((*keys, date(2026, 3, 2)), number).cursor()
        assert read_place(cursor, keyed=bool(keys)) == (*keys, date(2026, 3, 2), number)
        assert len(cursor) <= 120


def test_what_was_done_is_told_with_its_number() -> None:
    assert words.told("claimed", 1) == "1 episode claimed"
    assert words.told("held", 3) == "3 episodes put on hold"
    assert words.told("saved", 0) == "View saved"
    assert words.told("unknown", 3) == ""
    assert [words.stay(days) for days in (None, 0, 1, 5)] == ["Not known", "Same day", "1 day", "5 days"]
