"""Dates and times: naive, or with an exact datetime.timezone."""

import datetime
from typing import Any

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import reads, register


def _put_zone(encoder: Encoder, zone: datetime.tzinfo | None) -> None:
    """As microseconds from UTC and a name, or None."""
    if zone is None:
        encoder.token(None)
        return
    offset: Any = zone.utcoffset(None)
    name = zone.tzname(None)
    plain = datetime.timezone(offset).tzname(None) == name
    encoder.token(offset // datetime.timedelta(microseconds=1), None if plain else name)


def _get_zone(decoder: Decoder) -> datetime.timezone | None:
    offset = decoder.token()
    if offset is None:
        return None
    if type(offset) is not int:
        raise WireError("not an offset from UTC")
    name = decoder.token()
    delta = datetime.timedelta(microseconds=offset)
    return datetime.timezone(delta) if name is None else datetime.timezone(delta, name)


def _plain_zone(zone: object) -> bool:
    return zone is None or type(zone) is datetime.timezone


def _put_date(encoder: Encoder, value: datetime.date, depth: int) -> bool:
    encoder.token(b"date", value.year, value.month, value.day)
    return True


def _put_datetime(encoder: Encoder, value: datetime.datetime, depth: int) -> bool:
    if not _plain_zone(value.tzinfo):
        return False
    encoder.token(b"datetime", value.year, value.month, value.day, value.hour, value.minute)
    encoder.token(value.second, value.microsecond, value.fold)
    _put_zone(encoder, value.tzinfo)
    return True


def _put_time(encoder: Encoder, value: datetime.time, depth: int) -> bool:
    if not _plain_zone(value.tzinfo):
        return False
    encoder.token(b"time", value.hour, value.minute, value.second, value.microsecond, value.fold)
    _put_zone(encoder, value.tzinfo)
    return True


def _put_timedelta(encoder: Encoder, value: datetime.timedelta, depth: int) -> bool:
    encoder.token(b"timedelta", value.days, value.seconds, value.microseconds)
    return True


@reads(b"date")
def _get_date(decoder: Decoder, depth: int) -> datetime.date:
    year, month, day = (decoder.integer() for _ in range(3))
    return datetime.date(year, month, day)


@reads(b"datetime")
def _get_datetime(decoder: Decoder, depth: int) -> datetime.datetime:
    year, month, day, hour, minute, second, microsecond = (decoder.integer() for _ in range(7))
    fold = decoder.integer()
    zone = _get_zone(decoder)
    return datetime.datetime(year, month, day, hour, minute, second, microsecond, zone, fold=fold)


@reads(b"time")
def _get_time(decoder: Decoder, depth: int) -> datetime.time:
    hour, minute, second, microsecond, fold = (decoder.integer() for _ in range(5))
    zone = _get_zone(decoder)
    return datetime.time(hour, minute, second, microsecond, tzinfo=zone, fold=fold)


@reads(b"timedelta")
def _get_timedelta(decoder: Decoder, depth: int) -> datetime.timedelta:
    days, seconds, microseconds = (decoder.integer() for _ in range(3))
    return datetime.timedelta(days, seconds, microseconds)


register(datetime.date, _put_date)
register(datetime.datetime, _put_datetime)
register(datetime.time, _put_time)
register(datetime.timedelta, _put_timedelta)
