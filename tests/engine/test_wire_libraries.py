"""The wire: tables of pandas, images, paths, files in memory, named tuples, views of dictionaries."""

import collections
import io
import pathlib
import typing
from typing import Any

import msgpack
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from autograder.engine.wire import WireError, decode, encode, update

OPAQUE = object()
Point = collections.namedtuple("Point", "x y")


class Typed(typing.NamedTuple):
    number: int
    word: str = "x"


class WithMethod(typing.NamedTuple):
    number: int

    def double(self) -> int:
        return 2 * self.number


class Below(Point):
    pass


class Table(pd.DataFrame):
    pass


def there_and_back(value: object) -> Any:
    data = encode(value, opaque=lambda _: 7, references=False)
    return decode(data, resolve=lambda _: OPAQUE, references=False)


FRAME = pd.DataFrame(
    {
        "int": [1, 2],
        "text": ["x", None],
        "float": [1.5, np.nan],
        "category": pd.Categorical(["u", "v"], ordered=True),
        "date": pd.to_datetime(["2020-01-01", None]),
        "masked": pd.array([1, None], dtype="Int64"),
        "boolean": pd.array([True, None], dtype="boolean"),
        "string": pd.Series(["q", None], dtype="string"),
        "zone": pd.to_datetime(["2020-01-01", "2020-06-01"]).tz_localize("Europe/Berlin"),
        "object": pd.Series([[1], {"k": 2}], dtype=object),
        "duration": pd.to_timedelta([1, 2], unit="s"),
    }
)


@pytest.mark.parametrize(
    "frame",
    [
        FRAME,
        FRAME.set_index(["int", "text"]),
        FRAME.T,
        FRAME.iloc[:0],
        FRAME.set_index("date"),
        FRAME[["int", "int"]],
        FRAME.describe(),
        FRAME.groupby("int")[["float"]].agg(["mean", "sum"]),
        pd.DataFrame(),
        pd.DataFrame(index=[1, 2]),
        pd.DataFrame({"x": range(3)}, index=pd.date_range("2020", periods=3, freq="D")),
    ],
)
def test_table_is_the_same_on_the_other_side(frame: pd.DataFrame) -> None:
    found = there_and_back(frame)
    assert type(found) is pd.DataFrame
    pd.testing.assert_frame_equal(frame, found)


@pytest.mark.parametrize("name", FRAME.columns)
def test_column_is_the_same_on_the_other_side(name: str) -> None:
    pd.testing.assert_series_equal(FRAME[name], there_and_back(FRAME[name]))


def test_types_of_columns_are_the_same_on_the_other_side() -> None:
    pd.testing.assert_series_equal(FRAME.dtypes, there_and_back(FRAME.dtypes))


@pytest.mark.parametrize(
    "index",
    [
        FRAME.columns,
        FRAME.index,
        pd.Index([1.5, 2], name="n"),
        pd.MultiIndex.from_product([[1, 2], ["a", "b"]], names=["p", "q"]),
        pd.date_range("2020", periods=3, freq="MS"),
        pd.timedelta_range("1D", periods=3),
        pd.CategoricalIndex(["a", "b"]),
    ],
)
def test_index_is_the_same_on_the_other_side(index: pd.Index) -> None:
    pd.testing.assert_index_equal(index, there_and_back(index), exact=True)


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2020-01-01"),
        pd.Timestamp("2020-01-01 10:00", tz="Europe/Berlin"),
        pd.Timedelta("1D"),
        pd.Int64Dtype(),
        FRAME["category"].dtype,
        pathlib.Path("a/b"),
        pathlib.PurePosixPath("q"),
        pathlib.PureWindowsPath("c:/q"),
    ],
)
def test_single_value_is_the_same_on_the_other_side(value: object) -> None:
    found = there_and_back(value)
    assert found == value
    assert type(found) is type(value)


def test_what_is_missing_stays_missing() -> None:
    assert there_and_back(pd.NaT) is pd.NaT
    assert there_and_back(pd.NA) is pd.NA


@pytest.mark.parametrize(
    "value",
    [
        Table({"a": [1]}),
        pd.DataFrame({"a": [object()]}),
        pd.DataFrame({"a": pd.period_range("2020", periods=1, freq="M")}),
        WithMethod(1),
        Below(1, 2),
    ],
)
def test_subclasses_and_what_holds_objects_stay_behind(value: object) -> None:
    assert there_and_back(value) is OPAQUE


def test_named_tuple_keeps_its_fields() -> None:
    found = there_and_back(Point(1, [2]))
    assert (found.x, found.y) == (1, [2])
    assert found == (1, [2])
    assert repr(found) == "Point(x=1, y=[2])"
    assert type(found) is type(there_and_back(Point(3, 4)))
    assert there_and_back(Typed(1)).word == "x"


@pytest.mark.parametrize("fields", [["x", "class"], ["x", "x y"], ["x", "_y"], ["x", "x"], ["x"]])
def test_named_tuple_that_python_would_not_make_is_refused(fields: list[str]) -> None:
    tokens = msgpack.packb([b"namedtuple", "P", len(fields), *fields, 2, 1, 2])
    head = b"\x92\xc6" + len(tokens).to_bytes(4, "big")
    message = head + tokens + b"\xc6" + (0).to_bytes(4, "big")
    with pytest.raises(WireError):
        decode(message, resolve=lambda _: OPAQUE, references=False)


def test_files_in_memory_keep_their_place() -> None:
    text = io.StringIO("a\r\nb")
    text.read(2)
    found = there_and_back(text)
    assert (found.read(), found.getvalue()) == ("\nb", "a\r\nb")
    binary = io.BytesIO(b"abc")
    binary.read(1)
    assert there_and_back(binary).read() == b"bc"


def test_views_of_a_dictionary() -> None:
    numbers = {1: 2, 3: 4}
    for view in (numbers.keys(), numbers.values(), numbers.items()):
        found = there_and_back(view)
        assert type(found) is type(view)
        assert list(found) == list(view)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "F"])
def test_image_keeps_its_pixels(mode: str) -> None:
    image = Image.new(mode, (3, 2))
    found = there_and_back(image)
    assert (found.mode, found.size, found.tobytes()) == (mode, (3, 2), image.tobytes())


def test_image_from_a_file_is_an_image() -> None:
    file = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(file, "PNG")
    found = there_and_back(Image.open(file))
    assert type(found) is Image.Image
    assert (found.format, found.getpixel((0, 0))) == ("PNG", (255, 0, 0))


def test_tables_are_changed_in_place() -> None:
    frame, held = pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [2, 3]})
    assert update(frame, held)
    pd.testing.assert_frame_equal(frame, held)
    column = pd.Series([1])
    assert update(column, pd.Series([2.5, 1]))
    assert list(column) == [2.5, 1]
