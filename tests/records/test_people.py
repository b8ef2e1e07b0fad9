"""Who is who: ids that the class has stay, and what is not sure is held alone and named."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.records.people import About, People, Row, Told
from autograder.records.seating import Seating, seat

CANVAS = ("SIS Login ID", "SIS User ID", "ID")
AT = datetime(2026, 11, 1, tzinfo=UTC)


def row(place: int, login: str = "", number: str = "", sis: str = "", name: str = "") -> Row:
    values = {"SIS Login ID": login, "SIS User ID": sis, "ID": number}
    names = {column: value for column, value in values.items() if value}
    return Row(place, "canvas", (number,), names, name or f"row {place}")


class Class:
    """A class whose lines are kept in a list."""

    def __init__(self, *ids: str) -> None:
        self.ids, self.facts = set(ids), list[About]()

    @property
    def people(self) -> People:
        return People(self.facts)

    def say(self, told: Told, student: str, **data: Any) -> None:
        self.facts.append(
            About(
                number=len(self.facts) + 1, at=AT, who="tess", told=told, student=student, data=data
            )
        )

    def look(self, *rows: Row, wanted: str = "") -> Seating:
        return seat(self.people, rows, CANVAS, self.ids, wanted)

    def see(self, *rows: Row, wanted: str = "") -> Mapping[int, str]:
        """Take a roster in; what each row's student is called now."""
        seating = self.look(*rows, wanted=wanted)
        for one in rows:
            if one.place in seating.ids:
                self.say(Told.SEEN, seating.ids[one.place], **one.seen(seating.column))
        return {place: self.people.now(one) for place, one in seating.ids.items()}


ADA, BOB = row(1, "ada", "101", "S1"), row(2, "bob", "102", "S2")


def test_new_row_without_a_login_is_held_and_everybody_keeps_the_id() -> None:
    of = Class()
    assert of.see(ADA, BOB) == {1: "ada", 2: "bob"}
    seating = of.look(ADA, BOB, row(3, "", "103", name="Cyd"))
    assert seating.ids == {1: "ada", 2: "bob"}
    assert seating.held.keys() == {3}
    assert "Cyd has no SIS Login ID" in seating.held[3]


def test_the_same_in_a_class_of_which_no_roster_was_seen() -> None:
    seating = Class("ada", "bob").look(ADA, BOB, row(3, "", "103"))
    assert (seating.ids, set(seating.held)) == ({1: "ada", 2: "bob"}, {3})
    assert seating.column == "SIS Login ID"


def test_known_row_that_loses_or_changes_its_login_keeps_the_id() -> None:
    of = Class()
    of.see(ADA, BOB)
    assert of.see(row(1, "", "101"), row(2, "robert", "102")) == {1: "ada", 2: "bob"}
    assert of.see(row(1, "ada2", "", "S1"), BOB) == {1: "ada", 2: "bob"}


def test_row_that_came_without_a_login_keeps_its_number() -> None:
    of = Class("101", "102")
    rows = row(1, "", "101"), row(2, "", "102")
    assert of.see(*rows) == {1: "101", 2: "102"}
    assert of.see(ADA, BOB) == {1: "101", 2: "102"}
    assert of.see(ADA, BOB, row(3, "cyd", "103")) == {1: "101", 2: "102", 3: "103"}


def test_first_class_takes_the_column_that_most_have() -> None:
    seating = Class().look(ADA, BOB, row(3, "", "103"))
    assert (seating.column, seating.ids) == ("ID", {1: "101", 2: "102", 3: "103"})
    assert Class().look(ADA, row(2, "", "102"), wanted="SIS Login ID").ids == {1: "ada"}


# 1002 is the login of one and the number of another.
ZOE, YAN = row(1, "1002", "55"), row(2, "yan", "1002")


@pytest.mark.parametrize("rows", [(ZOE, YAN), (YAN, ZOE)])
def test_login_of_one_and_number_of_another_are_not_confused(rows: tuple[Row, Row]) -> None:
    of = Class()
    assert of.see(*rows) == {1: "1002", 2: "yan"}
    assert of.see(rows[0]) == {rows[0].place: {1: "1002", 2: "yan"}[rows[0].place]}
    assert of.look(YAN).ids == {2: "yan"}


def test_login_whose_owner_is_gone_is_nobodys_number() -> None:
    of = Class()
    of.see(ZOE, ADA)
    assert of.see(ADA, YAN) == {1: "ada", 2: "yan"}


def test_id_of_which_the_column_is_not_known_is_held_where_two_rows_have_it() -> None:
    seating = Class("1002", "ada").look(ZOE, YAN, row(3, "ada", "101"))
    assert seating.ids == {2: "yan", 3: "ada"}
    assert "whose the class's is, is not known" in seating.held[1]
    said = Class("1002", "ada").look(ZOE, YAN, row(3, "ada", "101"), wanted="SIS Login ID")
    assert said.ids == {1: "1002", 2: "yan", 3: "ada"}


def test_number_of_a_row_with_another_login_is_held_and_the_ways_out_are_named() -> None:
    of = Class("1002", "ada")
    seating = of.look(YAN, ADA)
    assert seating.ids == {1: "ada"}
    assert "--join 1002 yan" in seating.held[2]
    of.say(Told.WITHDRAWN, "1002")
    assert of.look(YAN, ADA).ids == {1: "ada", 2: "yan"}
    of = Class("1002", "ada", "yan")
    of.say(Told.JOINED, "1002", into="yan")
    assert of.see(YAN, ADA) == {1: "ada", 2: "yan"}


def test_login_that_is_given_to_another_person_is_held() -> None:
    of = Class()
    of.see(ADA, BOB)
    seating = of.look(row(1, "ada-old", "101"), row(3, "ada", "150", name="New"), BOB)
    assert seating.ids == {1: "ada", 2: "bob"}
    assert "New has the SIS Login ID ada, which was ada's" in seating.held[3]
    assert of.look(row(3, "ada", "150")).ids == {}


def test_swapped_logins_change_nobody() -> None:
    of = Class()
    of.see(ADA, BOB)
    assert of.see(row(1, "bob", "101"), row(2, "ada", "102")) == {1: "ada", 2: "bob"}


def test_row_that_fits_two_is_held_until_they_are_joined() -> None:
    of = Class("ada", "101", "bob", "102")
    seating = of.look(ADA, BOB)
    assert seating.ids == {}
    assert "students --join 101 ada" in seating.held[1]
    of.say(Told.JOINED, "101", into="ada")
    assert of.look(ADA, BOB).ids == {1: "ada"}
    assert of.see(ADA, BOB) == {1: "ada"}
    assert of.people.ids("101") == ("ada", "101")


def test_two_new_rows_with_one_login_are_held() -> None:
    seating = Class("ada").look(ADA, row(2, "x", "7"), row(3, "X", "8"))
    assert (seating.ids, set(seating.held)) == ({1: "ada"}, {2, 3})


def test_upper_case_counts_only_between_two_ids_of_the_class() -> None:
    assert Class("Ada").look(ADA).ids == {1: "Ada"}
    seating = Class("Ada", "ada", "bob").look(ADA, row(2, "Ada", "7"), row(3, "BOB", "8"))
    assert seating.ids == {1: "ada", 2: "Ada", 3: "bob"}


@pytest.mark.parametrize("way", ["NFC", "NFD"])
def test_name_is_one_in_both_of_unicodes_ways_to_write_it(way: Literal["NFC", "NFD"]) -> None:
    of = Class(unicodedata.normalize(way, "béla"))
    assert list(of.see(row(1, "béla", "101"), BOB).values()) == [*of.ids, "bob"]
    assert list(of.see(row(1, "béla", ""), BOB).values()) == [*of.ids, "bob"]


def test_column_is_not_told_by_one_number_nor_by_as_many_of_each() -> None:
    assert Class("101").look(ADA, BOB).column == "SIS Login ID"
    assert Class("101").look(ADA, BOB).held.keys() == {1}
    assert Class("101", "S2").look(ADA, BOB).column == "SIS Login ID"
    assert Class("101", "102").look(ADA, BOB).column == "ID"
    assert Class("S1").look(ADA, BOB).ids == {1: "S1", 2: "S2"}


def test_email_address_is_one_in_every_system() -> None:
    of = Class()
    names = {"Email address": "ada@x.org", "Identifier": "55"}
    mine = Row(1, "moodle", ("55",), names, "Ada")
    seating = seat(of.people, (mine,), ("Email address", "Identifier"), ())
    of.say(Told.SEEN, seating.ids[1], **mine.seen(seating.column))
    theirs = Row(1, "gradescope", ("0101",), {"SID": "0101", "Email": "Ada@x.org"}, "Ada")
    assert seat(of.people, (theirs,), ("SID", "Email"), ()).ids == {1: "ada@x.org"}


def test_renaming_there_and_back_and_joining_after_it() -> None:
    of = Class("ada", "bob")
    of.say(Told.RENAMED, "ada", into="alove")
    assert (of.people.now("ada"), of.people.ids("alove")) == ("alove", ("alove", "ada"))
    of.say(Told.RENAMED, "alove", into="ada")
    assert of.people.ids("alove") == ("ada", "alove")
    of.say(Told.JOINED, "ada", into="bob")
    assert of.people.ids("alove") == ("bob", "ada", "alove")
    assert of.people.joined == {"ada", "alove"}


def test_rename_keeps_the_rows() -> None:
    of = Class()
    of.see(ADA, BOB)
    of.say(Told.RENAMED, "ada", into="alove")
    assert of.see(ADA, BOB) == {1: "alove", 2: "bob"}
    assert of.see(row(1, "alove", "101"), BOB) == {1: "alove", 2: "bob"}


@given(st.data())
def test_nobody_has_two_ids_and_no_two_share_one_unless_held(data: st.DataObject) -> None:
    """People have a number for life; logins come, go, are swapped and given to others."""
    logins = ["", "a", "b", "c", "1", "2", "3"]
    numbers = ["1", "2", "3", "4"]
    of = Class()
    ids: dict[str, set[str]] = {number: set() for number in numbers}
    for _ in range(data.draw(st.integers(1, 6))):
        step = data.draw(st.sampled_from(("roster", "roster", "rename", "join")))
        had = sorted(number for number in numbers if ids[number])
        if step == "roster":
            there = data.draw(st.lists(st.sampled_from(numbers), min_size=1, unique=True))
            rows = [
                row(int(number), data.draw(st.sampled_from(logins)), number,
                    data.draw(st.sampled_from(["", f"S{number}"])))
                for number in there
            ]  # fmt: skip
            wanted = data.draw(st.sampled_from(["", "", "SIS Login ID"]))
            seating = of.look(*rows, wanted=wanted)
            assert set(seating.ids) | set(seating.held) == {one.place for one in rows}
            assert not set(seating.ids) & set(seating.held)
            assert all(seating.held.values())
            of.see(*rows, wanted=wanted)
            for place, one in seating.ids.items():
                ids[str(place)].add(one)
        elif step == "rename" and had:
            old = of.people.now(min(ids[data.draw(st.sampled_from(had))]))
            of.say(Told.RENAMED, old, into=f"new {len(of.facts)}")
        elif step == "join" and had:
            # The person came by another door as well, under an id of that door.
            old = of.people.now(min(ids[data.draw(st.sampled_from(had))]))
            other = f"door {len(of.facts)}"
            of.ids.add(other)
            old, new = data.draw(st.permutations([old, other]))
            of.say(Told.JOINED, old, into=new)
        called = {n: {of.people.now(one) for one in those} for n, those in ids.items() if those}
        assert all(len(names) == 1 for names in called.values())
        assert len({min(names) for names in called.values()}) == len(called)
