"""Which attempt counts, since when and how late: examples of each rule, and what always holds."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.records.journal import Fact, Said
from autograder.records.receipts import Receipt
from autograder.records.standing import Standing, in_order, stand

DUE = datetime(2026, 11, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(hours: float) -> datetime:
    """So many hours after the due date."""
    return DUE + hours * HOUR


def came(number: int, collected: float = 50, **more: Any) -> Receipt:
    """An attempt; `time` and `downloaded` are hours after the due date too."""
    for name in ("time", "downloaded"):
        if name in more:
            more[name] = at(more[name])
    return Receipt(
        student="ada", assignment="02_cnn", number=number, source=more.pop("source", "folder"),
        origin="", collected=at(collected), sha256=f"{number}", placed=f"key {number}", **more,
    )  # fmt: skip


def said(number: int, kind: Said, attempt: int | None, **data: Any) -> Fact:
    """A line of the journal."""
    if data.get("time") is not None:
        data["time"] = at(data["time"]).isoformat()
    return Fact(
        number=number,
        at=at(50 + number),
        who="kim",
        said=kind,
        student="ada",
        attempt=attempt,
        data=data,
    )


def standing(
    receipts: Sequence[Receipt], facts: Sequence[Fact] = (), due: datetime | None = DUE
) -> Standing:
    return stand("ada", receipts, facts, due)


def counts(receipts: Sequence[Receipt], facts: Sequence[Fact] = ()) -> int | None:
    found = standing(receipts, facts).counts
    return found.number if found else None


def order(*receipts: Receipt) -> list[int]:
    return [receipt.number for receipt in in_order(receipts)]


# --- the order


def test_numbers_of_the_source_decide_however_the_downloads_were_collected() -> None:
    assert order(came(1, 1, order=3), came(2, 2, order=1), came(3, 3, order=2)) == [2, 3, 1]
    assert order(came(1, 1, order=9), came(2, 2, order=7), came(3, 3, order=8)) == [2, 3, 1]
    four = [came(n, n, order=o) for n, o in ((1, 8), (2, 2), (3, 6), (4, 4))]
    assert order(*four) == [2, 4, 3, 1]


def test_last_on_time_counts_of_downloads_collected_newest_oldest_middle() -> None:
    late = came(1, 1, order=9, said_late=True)
    on_time = [came(2, 2, order=7, said_late=False), came(3, 3, order=8, said_late=False)]
    assert counts([late, *on_time]) == 3


def test_times_of_the_source_decide_also_after_a_clock_that_was_ahead() -> None:
    ahead = came(1, 10_000)
    assert order(ahead, came(2, 5, time=3), came(3, 6, time=2)) == [1, 3, 2]
    # And when the clock is where it was once more.
    assert order(ahead, came(2, 5, time=2), came(3, 20_000, time=3)) == [1, 2, 3]


def test_without_a_time_the_order_is_that_of_collecting_whatever_the_clock_says() -> None:
    assert order(came(1, 3), came(2, 2), came(3, 1)) == [1, 2, 3]


def test_attempt_with_a_time_comes_before_what_was_collected_after_that_time() -> None:
    assert order(came(1, 10), came(2, 20), came(3, 30, time=15)) == [1, 3, 2]


orders = st.lists(
    st.one_of(
        st.builds(dict, collected=st.integers(0, 9)),
        st.builds(dict, collected=st.integers(0, 9), time=st.integers(-9, 9)),
        st.builds(dict, collected=st.integers(0, 9), order=st.integers(1, 6)),
    ),
    max_size=7,
)


@given(orders)
def test_order_holds_what_is_known_and_no_attempt_changes_that_of_earlier_ones(
    rows: list[dict[str, Any]],
) -> None:
    receipts = [came(number, **row) for number, row in enumerate(rows, 1)]
    row = in_order(receipts)
    assert sorted(one.number for one in row) == list(range(1, len(rows) + 1))
    for name in ("time", "order"):
        known = [one for one in row if getattr(one, name) is not None]
        for before, after in pairwise(known):
            assert (getattr(before, name), before.number) < (getattr(after, name), after.number)
    unknown = [one.number for one in row if one.time is None and one.order is None]
    assert unknown == sorted(unknown)
    if receipts:
        assert [one for one in row if one.number < len(rows)] == list(in_order(receipts[:-1]))


# --- time and lateness


@pytest.mark.parametrize(
    ("receipt", "when", "late"),
    [
        (came(1, time=1), "late", 3600),
        (came(1, time=0), "on time", 0),
        (came(1, said_late=True), "late", None),
        (came(1, said_late=False), "on time", 0),
        (came(1, collected=0), "on time", 0),
        (came(1, collected=0.01), "unknown", None),
        (came(1, downloaded=0), "on time", 0),
        (came(1, downloaded=1), "unknown", None),
    ],
)
def test_what_is_known_of_one_attempt(receipt: Receipt, when: str, late: float | None) -> None:
    (found,) = standing([receipt]).attempts
    assert (found.when, found.late) == (when, late)


@pytest.mark.parametrize("times", [(0, 30), (30, 0), (30, -1, 60)])
def test_any_download_before_the_due_date_is_proof(times: tuple[float, ...]) -> None:
    """A later one has the same work once more, which takes nothing back."""
    facts = [said(n, Said.DOWNLOADED, 1, time=time) for n, time in enumerate(times, 1)]
    (found,) = standing([came(1)], facts).attempts
    assert (found.when, found.late) == ("on time", 0)
    (found,) = standing([came(1)], [f for f in facts if f.time and f.time > DUE]).attempts
    assert found.when == "unknown"


def test_word_of_a_person_goes_before_all_else() -> None:
    for receipt in (came(1, time=5), came(1, said_late=True), came(1)):
        (found,) = standing([receipt], [said(1, Said.TIME, 1, time=-1)]).attempts
        assert (found.time, found.when) == (at(-1), "on time")


def test_time_that_is_not_known_after_all_is_not_known() -> None:
    facts = [said(1, Said.TIME, 1, time=3), said(2, Said.TIME, 1, time=None)]
    (found,) = standing([came(1, time=1)], facts).attempts
    assert (found.time, found.when, found.late) == (None, "unknown", None)


def test_time_of_a_mended_file_can_be_unknown_though_that_of_the_first_is_known() -> None:
    both = [came(1, time=1), came(2, stands_for=1, by_hand=True)]
    assert standing(both).attempts[1].late == 3600
    found = standing(both, [said(1, Said.TIME, 2, time=None)]).attempts[1]
    assert (found.time, found.when) == (None, "unknown")
    found = standing(both, [said(1, Said.TIME, 1, time=2)]).attempts[1]
    assert found.late == 7200


# --- what a person chooses


def test_last_word_counts_also_where_the_clock_went_back() -> None:
    three = [came(1), came(2), came(3)]
    first, second = said(1, Said.COUNTS, 2), replace(said(2, Said.COUNTS, 1), at=at(-500))
    assert counts(three, [first, second]) == 1
    by_rule = replace(said(2, Said.COUNTS, None), at=at(-500))
    assert counts(three, [first, by_rule]) == 3


@pytest.mark.parametrize(("lines", "wanted"), [(0, 1), (1, 2), (5, 2)])
def test_word_and_file_put_by_hand_the_later_counts(lines: int, wanted: int) -> None:
    """Later by the lines of the journal, whatever the clock said."""
    put = came(2, by_hand=True, lines=lines)
    for hours in (-500, 500):
        word = replace(said(1, Said.COUNTS, 1), at=at(hours))
        assert counts([came(1), put, came(3)], [word]) == wanted


def test_of_two_files_put_by_hand_the_second_counts() -> None:
    assert counts([came(1, by_hand=True), came(2, -9, by_hand=True), came(3)]) == 2


def test_chosen_attempt_that_waits_or_was_left_out_does_not_count() -> None:
    facts = [said(1, Said.COUNTS, 2)]
    found = standing([came(1), came(2, waits="two notebooks")], facts)
    assert (found.counts and found.counts.number, found.chosen) == (1, False)
    assert found.waits == "two notebooks; an earlier attempt counts"
    found = standing([came(1), came(2)], [*facts, said(2, Said.LEFT_OUT, 2)])
    assert (found.counts and found.counts.number, found.waits) == (1, "")


def test_held_attempt_counts_when_a_person_says_so() -> None:
    held = [came(1), came(2, held="owned by eve")]
    assert counts(held) == 1
    assert counts(held, [said(1, Said.COUNTS, 2)]) == 2


def test_nothing_counts_when_all_is_left_out() -> None:
    found = standing([came(1)], [said(1, Said.LEFT_OUT, 1)])
    assert (found.counts, found.waits, found.nothing) == (None, "", True)


# --- what always holds

receipt_rows = st.lists(
    st.fixed_dictionaries(
        {"collected": st.integers(-20, 20)},
        optional={
            "time": st.integers(-20, 20), "said_late": st.booleans(),
            "downloaded": st.integers(-20, 20), "order": st.integers(1, 5),
            "waits": st.just("two notebooks"), "held": st.just("owned by eve"),
            "by_hand": st.just(True), "lines": st.integers(0, 6), "stands_for": st.integers(1, 3),
        },
    ),
    min_size=1, max_size=5,
)  # fmt: skip
fact_rows = st.lists(
    st.one_of(
        st.tuples(st.just(Said.TIME), st.fixed_dictionaries({"time": st.none() | st.integers(-9, 9)})),
        st.tuples(st.just(Said.DOWNLOADED), st.fixed_dictionaries({"time": st.integers(-9, 9)})),
        st.tuples(st.just(Said.MARKED_LATE), st.fixed_dictionaries({"late": st.booleans()})),
        st.tuples(st.just(Said.WAITS), st.fixed_dictionaries({"why": st.sampled_from(["", "x"])})),
        st.tuples(st.just(Said.PLACED), st.fixed_dictionaries({"key": st.just("k")})),
        st.tuples(st.sampled_from([Said.COUNTS, Said.LEFT_OUT]), st.just({})),
    ).flatmap(lambda one: st.tuples(st.just(one), st.integers(1, 5))),
    max_size=6,
)  # fmt: skip


def made(
    rows: list[dict[str, Any]], lines: list[tuple[tuple[Said, dict[str, Any]], int]]
) -> tuple[list[Receipt], list[Fact]]:
    receipts = [
        came(number, **{**row, "stands_for": min(row.get("stands_for", 0), number - 1) or None})
        for number, row in enumerate(rows, 1)
    ]
    facts = [
        said(number, kind, min(attempt, len(rows)), **data)
        for number, ((kind, data), attempt) in enumerate(lines, 1)
    ]
    return receipts, facts


@given(receipt_rows, fact_rows, st.integers(-30, 30), st.integers(1, 40))
def test_more_time_makes_nobody_later(
    rows: list[dict[str, Any]], lines: list[Any], due: int, more: int
) -> None:
    receipts, facts = made(rows, lines)
    before = standing(receipts, facts, at(due))
    after = standing(receipts, facts, at(due + more))
    for one, other in zip(before.attempts, after.attempts, strict=True):
        assert (one.number, one.time) == (other.number, other.time)
        better = {"late": {"late", "on time"}, "unknown": {"unknown", "on time"}}
        assert other.when in better.get(one.when, {"on time"})
        if one.late is not None:
            assert other.late is not None
            assert other.late <= one.late


@given(receipt_rows, fact_rows, st.randoms())
def test_facts_of_others_and_their_place_among_ones_own_change_nothing(
    rows: list[dict[str, Any]], lines: list[Any], chance: Any
) -> None:
    receipts, facts = made(rows, lines)
    mixed = list(facts)
    for fact in facts:
        mixed.insert(chance.randrange(len(mixed) + 1), replace(fact, student="bob"))
    assert standing(receipts, mixed) == standing(receipts, facts)


@given(receipt_rows, fact_rows, st.integers(1, 9))
def test_numbers_of_lines_count_only_by_their_order(
    rows: list[dict[str, Any]], lines: list[Any], more: int
) -> None:
    """Lines about others between one's own, and clocks, change nothing."""
    receipts, facts = made(rows, lines)
    far = [replace(fact, number=fact.number * more, at=at(-fact.number)) for fact in facts]
    put = [replace(receipt, lines=receipt.lines * more) for receipt in receipts]
    found, wanted = standing(put, far), standing(receipts, facts)
    assert [one.late for one in found.attempts] == [one.late for one in wanted.attempts]
    assert (found.counts and found.counts.number) == (wanted.counts and wanted.counts.number)


@given(receipt_rows, fact_rows)
def test_what_counts_is_free_and_nobody_on_time_is_passed_over(
    rows: list[dict[str, Any]], lines: list[Any]
) -> None:
    receipts, facts = made(rows, lines)
    found = standing(receipts, facts)
    free = [one for one in found.attempts if not one.left_out]
    if found.counts is None:
        assert not free
        assert found.waits or found.nothing
    elif not found.chosen:
        assert found.counts in free
        after = found.attempts[found.attempts.index(found.counts) + 1 :]
        assert all(one.left_out or one.when == "late" for one in after)
        if found.counts.when == "late":
            assert all(one.when == "late" for one in free)


@given(receipt_rows, fact_rows)
def test_without_a_due_date_nothing_is_late_but_by_the_word_of_its_source(
    rows: list[dict[str, Any]], lines: list[Any]
) -> None:
    receipts, facts = made(rows, lines)
    for one in standing(receipts, facts, None).attempts:
        assert one.when in ("", "on time", "late")
        assert not one.late
        if one.when == "":
            assert one.late is None


@given(receipt_rows, fact_rows.filter(bool))
def test_to_say_again_what_was_said_last_changes_nothing(
    rows: list[dict[str, Any]], lines: list[Any]
) -> None:
    receipts, facts = made([{**row, "by_hand": False} for row in rows], lines)
    again = replace(facts[-1], number=len(facts) + 1)
    assert standing(receipts, [*facts, again]) == standing(receipts, facts)
