"""Tables, columns and indexes of pandas, and their single values.

A column travels as an array of numpy's, or as a list of plain values, with the name of its type.
What is kept in other ways (sparse, intervals, periods, a column of the student's own objects)
stays behind, and so does every subclass.
"""

import re
import sys
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import READERS, exact, late, library, reads, register

_UNITS = ("s", "ms", "us", "ns")
_ZONE = re.compile(r"[A-Za-z0-9_+:/-]{1,60}")
_MASKED = {
    **{f"{sign}Int{bits}": "IntegerArray" for sign in ("", "U") for bits in (8, 16, 32, 64)},
    "Float32": "FloatingArray", "Float64": "FloatingArray", "boolean": "BooleanArray",
}  # fmt: skip


def _column(values: Any) -> list[Any] | None:
    """The values of a column or index as plain data, or None where there is no such form."""
    pd, np = sys.modules["pandas"], sys.modules["numpy"]
    dtype = values.dtype
    if isinstance(dtype, np.dtype):
        return ["array", values.to_numpy()]
    name = str(dtype)
    if type(dtype) is pd.CategoricalDtype:
        codes = pd.Series(values.array).cat.codes.to_numpy()
        return ["category", codes, dtype.categories, bool(dtype.ordered)]
    if type(dtype) is pd.DatetimeTZDtype:
        zone = str(dtype.tz)
        if not _ZONE.fullmatch(zone):
            return None
        return ["zone", values.array.astype("int64"), dtype.unit, zone]
    missing = np.asarray(values.isna())
    if type(dtype) is pd.StringDtype:
        texts = [None if gone else text for text, gone in zip(values, missing, strict=True)]
        return ["text", texts, dtype.storage, dtype.na_value is pd.NA]
    if name in _MASKED:
        data = values.array.to_numpy(dtype=dtype.numpy_dtype, na_value=dtype.type(0))
        return ["masked", name, data, missing]
    return None


def _array(parts: Any) -> Any:
    """What `_column` took apart. raises: WireError"""
    pd, np = library("pandas"), library("numpy")
    kind, *rest = parts
    if kind == "array":
        (values,) = rest
        if type(values) is not np.ndarray or values.ndim != 1:
            raise WireError("not a column")
        return values
    if kind == "category":
        codes, categories, ordered = rest
        if type(codes) is not np.ndarray or codes.dtype.kind != "i":
            raise WireError("not codes of categories")
        return pd.Categorical.from_codes(
            codes, categories=_index(categories), ordered=ordered is True
        )
    if kind == "zone":
        moments, unit, zone = rest
        if unit not in _UNITS or type(moments) is not np.ndarray or moments.dtype != np.int64:
            raise WireError("not moments")
        if type(zone) is not str or not _ZONE.fullmatch(zone):
            raise WireError("not a time zone")
        naive = pd.DatetimeIndex(moments.view(f"M8[{unit}]"))
        return naive.tz_localize("UTC").tz_convert(zone).array
    if kind == "text":
        texts, storage, plain_missing = rest
        if type(texts) is not list or not all(t is None or type(t) is str for t in texts):
            raise WireError("not texts")
        if storage not in ("python", "pyarrow"):
            raise WireError("not a storage of texts")
        na_value = pd.NA if plain_missing is True else np.nan
        return pd.array(texts, dtype=pd.StringDtype(storage, na_value=na_value))
    if kind == "masked":
        name, data, missing = rest
        if not exact(np.ndarray, data, missing) or data.ndim != 1 or missing.dtype != bool:
            raise WireError("not a column with missing values")
        value = getattr(pd.arrays, _MASKED[name])(data, missing)
        if str(value.dtype) != name:
            raise WireError("not a column of this type")
        return value
    raise WireError("not a column")


def _index(value: Any) -> Any:
    if not isinstance(value, library("pandas").Index):  # only the decoder makes these
        raise WireError("not an index")
    return value


def _put_index(encoder: Encoder, value: Any, depth: int) -> bool:
    parts = _column(value)
    if parts is None:
        return False
    freq = getattr(value, "freqstr", None)
    return encoder.put_plain((b"pd.Index",), [parts, value.name, freq], depth)


@reads(b"pd.Index")
def _get_index(decoder: Decoder, depth: int) -> object:
    pd = library("pandas")
    parts, name, freq = decoder.get_plain(depth)
    values = _array(parts)
    index = pd.Index(values, dtype=values.dtype, name=name)
    if freq is not None and hasattr(index, "freq"):
        index.freq = freq  # refused by pandas if it does not fit
    return index


def _put_range_index(encoder: Encoder, value: Any, depth: int) -> bool:
    span = [int(value.start), int(value.stop), int(value.step), value.name]
    return encoder.put_plain((b"pd.RangeIndex",), span, depth)


@reads(b"pd.RangeIndex")
def _get_range_index(decoder: Decoder, depth: int) -> object:
    start, stop, step, name = decoder.get_plain(depth)
    if not exact(int, start, stop, step):
        raise WireError("not a range")
    return library("pandas").RangeIndex(start, stop, step, name=name)


def _put_multi_index(encoder: Encoder, value: Any, depth: int) -> bool:
    codes = [code.astype("int64") for code in map(sys.modules["numpy"].asarray, value.codes)]
    parts = [list(value.levels), codes, list(value.names)]
    return encoder.put_plain((b"pd.MultiIndex",), parts, depth)


@reads(b"pd.MultiIndex")
def _get_multi_index(decoder: Decoder, depth: int) -> object:
    levels, codes, names = decoder.get_plain(depth)
    return library("pandas").MultiIndex(
        levels=[_index(level) for level in levels], codes=codes, names=names, verify_integrity=True
    )


def _put_series(encoder: Encoder, value: Any, depth: int) -> bool:
    parts = _column(value)
    if parts is None:
        return False
    return encoder.put_plain((b"pd.Series",), [parts, value.index, value.name], depth)


@reads(b"pd.Series")
def _get_series(decoder: Decoder, depth: int) -> object:
    parts, index, name = decoder.get_plain(depth)
    values = _array(parts)
    return library("pandas").Series(values, index=_index(index), dtype=values.dtype, name=name)


def _put_frame(encoder: Encoder, value: Any, depth: int) -> bool:
    columns = [_column(value.iloc[:, place]) for place in range(value.shape[1])]
    if None in columns:
        return False
    return encoder.put_plain((b"pd.DataFrame",), [value.columns, value.index, columns], depth)


@reads(b"pd.DataFrame")
def _get_frame(decoder: Decoder, depth: int) -> object:
    pd = library("pandas")
    names, index, columns = decoder.get_plain(depth)
    index, names = _index(index), _index(names)
    if type(columns) is not list or len(columns) != len(names):
        raise WireError("not as many columns as names")
    arrays = map(_array, columns)
    series = {n: pd.Series(each, index=index, dtype=each.dtype) for n, each in enumerate(arrays)}
    frame = pd.DataFrame(series, index=index)
    frame.columns = names
    return frame


def _update_frame(target: Any, value: Any) -> bool:
    """pandas has no public way to change all of a table in place, and this one for itself."""
    target._update_inplace(value.copy())
    return True


def _put_categorical(encoder: Encoder, value: Any, depth: int) -> bool:
    codes = sys.modules["numpy"].asarray(value.codes)
    parts = ["category", codes, value.categories, bool(value.ordered)]
    return encoder.put_plain((b"pd.Categorical",), parts, depth)


READERS[b"pd.Categorical"] = lambda decoder, depth: _array(decoder.get_plain(depth))


def _put_timestamp(encoder: Encoder, value: Any, depth: int) -> bool:
    zone = None if value.tzinfo is None else str(value.tzinfo)
    if zone is not None and not _ZONE.fullmatch(zone):
        return False
    encoder.token(b"pd.Timestamp", int(value.asm8.astype("i8")), value.unit, zone)
    return True


@reads(b"pd.Timestamp")
def _get_timestamp(decoder: Decoder, depth: int) -> object:
    pd = library("pandas")
    moment, unit, zone = decoder.integer(), decoder.text(), decoder.token()
    if unit not in _UNITS or not (zone is None or (type(zone) is str and _ZONE.fullmatch(zone))):
        raise WireError("not a moment")
    value = pd.Timestamp(library("numpy").datetime64(moment, unit))
    return value if zone is None else value.tz_localize("UTC").tz_convert(zone)


def _put_timedelta(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(b"pd.Timedelta", int(value.asm8.astype("i8")), value.unit)
    return True


@reads(b"pd.Timedelta")
def _get_timedelta(decoder: Decoder, depth: int) -> object:
    length, unit = decoder.integer(), decoder.text()
    if unit not in _UNITS:
        raise WireError("not a duration")
    return library("pandas").Timedelta(library("numpy").timedelta64(length, unit))


def _put_missing(tag: bytes) -> Any:
    def put(encoder: Encoder, value: object, depth: int) -> bool:
        encoder.token(tag)
        return True

    return put


READERS[b"pd.NaT"] = lambda decoder, depth: library("pandas").NaT
READERS[b"pd.NA"] = lambda decoder, depth: library("pandas").NA


def _put_dtype(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(
        b"pd.dtype", str(value), bool(getattr(value, "na_value", None) is sys.modules["pandas"].NA)
    )
    return True


@reads(b"pd.dtype")
def _get_dtype(decoder: Decoder, depth: int) -> object:
    pd, name, plain_missing = library("pandas"), decoder.text(), decoder.token()
    if name in ("str", "string"):
        return pd.StringDtype(na_value=pd.NA if plain_missing is True else library("numpy").nan)
    if name not in _MASKED:
        raise WireError("not a dtype")
    return pd.api.types.pandas_dtype(name)


def _put_category_dtype(encoder: Encoder, value: Any, depth: int) -> bool:
    parts = [value.categories, value.ordered]
    return encoder.put_plain((b"pd.CategoricalDtype",), parts, depth)


@reads(b"pd.CategoricalDtype")
def _get_category_dtype(decoder: Decoder, depth: int) -> object:
    categories, ordered = decoder.get_plain(depth)
    if not (ordered is None or type(ordered) is bool):
        raise WireError("not a dtype")
    if categories is not None:
        categories = _index(categories)
    return library("pandas").CategoricalDtype(categories, ordered)


def _put_zone_dtype(encoder: Encoder, value: Any, depth: int) -> bool:
    if not _ZONE.fullmatch(str(value.tz)):
        return False
    encoder.token(b"pd.DatetimeTZDtype", value.unit, str(value.tz))
    return True


@reads(b"pd.DatetimeTZDtype")
def _get_zone_dtype(decoder: Decoder, depth: int) -> object:
    unit, zone = decoder.text(), decoder.text()
    if unit not in _UNITS or not _ZONE.fullmatch(zone):
        raise WireError("not a dtype")
    return library("pandas").DatetimeTZDtype(unit, zone)


@late("pandas")
def _register_pandas(pd: Any) -> None:
    frame, series = pd.DataFrame, pd.Series  # AttributeError while pandas is being imported
    missing = (pd.NaT, pd.NA)
    kinds = [getattr(pd, f"{name}Dtype") for name in (*_MASKED, "String") if name != "boolean"]
    for kind in (pd.Index, pd.DatetimeIndex, pd.TimedeltaIndex, pd.CategoricalIndex):
        register(kind, _put_index)
    register(pd.RangeIndex, _put_range_index)
    register(pd.MultiIndex, _put_multi_index)
    register(series, _put_series, _update_frame)
    register(frame, _put_frame, _update_frame)
    register(pd.Categorical, _put_categorical)
    register(pd.Timestamp, _put_timestamp)
    register(pd.Timedelta, _put_timedelta)
    register(type(missing[0]), _put_missing(b"pd.NaT"))
    register(type(missing[1]), _put_missing(b"pd.NA"))
    for kind in (*kinds, pd.BooleanDtype):
        register(kind, _put_dtype)
    register(pd.DatetimeTZDtype, _put_zone_dtype)
    register(pd.CategoricalDtype, _put_category_dtype)
