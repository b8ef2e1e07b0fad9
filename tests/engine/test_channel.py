"""The channel: whole frames or a typed end, whatever the other side does."""

import contextlib
import fcntl
import gc
import itertools
import os
import signal
import socket
import struct
import threading
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.engine.channel import Channel
from autograder.engine.channel_base import ChannelClosed, ChannelTimeout, TooLong
from autograder.engine.wire import WireError

SOON = 0.05  # seconds after which nothing more comes
LATE = 60  # seconds in which a busy machine has done it


@contextlib.contextmanager
def pair(max_bytes: int = 2**20) -> Iterator[tuple[Channel, Channel]]:
    ours, theirs = (Channel(end, max_bytes) for end in socket.socketpair())
    with contextlib.closing(ours), contextlib.closing(theirs):
        yield ours, theirs


@contextlib.contextmanager
def raw_pair(max_bytes: int = 2**20) -> Iterator[tuple[Channel, socket.socket]]:
    """A channel, and the bare socket of a peer that keeps to no rule."""
    ours, theirs = socket.socketpair()
    with contextlib.closing(Channel(ours, max_bytes)) as channel, theirs:
        yield channel, theirs


@contextlib.contextmanager
def meanwhile(action: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=action, daemon=True)
    thread.start()
    yield
    thread.join(LATE)
    assert not thread.is_alive()


def frame(message: bytes) -> bytes:
    return struct.pack("<Q", len(message)) + message


def open_fds() -> set[str]:
    gc.collect()  # what other tests have left is not closed in the middle of this one
    listed = os.listdir("/dev/fd")  # through a file of its own, which is closed by now
    return {fd for fd in listed if os.path.lexists(f"/dev/fd/{fd}")}


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_messages_come_in_order_and_whole(messages: list[bytes]) -> None:
    with pair() as (ours, theirs):
        for message in messages:
            ours.send(message)
        assert [theirs.receive(LATE) for _ in messages] == messages
        with pytest.raises(ChannelTimeout):
            theirs.receive(0)


@given(st.binary(max_size=40), st.lists(st.integers(1, 7), min_size=1, max_size=60))
def test_fragments_make_a_frame(message: bytes, sizes: list[int]) -> None:
    data = frame(message) + frame(b"next")
    with raw_pair() as (channel, peer):

        def drip() -> None:
            rest = data
            for size in sizes:
                peer.sendall(rest[:size])
                rest = rest[size:]
            peer.sendall(rest)

        with meanwhile(drip):
            assert channel.receive(LATE) == message
            assert channel.receive() == b"next"


@pytest.mark.parametrize("timeout", [None, LATE])
@pytest.mark.parametrize("size", [2**16 - 8, 2**16, 2**18, 2**18 + 1, 30 * 2**20])
def test_large_frames_pass(size: int, timeout: float | None) -> None:
    message = os.urandom(1000) * (size // 1000) + bytes(size % 1000)
    with pair(2**25) as (ours, theirs), meanwhile(lambda: ours.send(message, timeout=timeout)):
        assert theirs.receive(timeout) == message


def test_frames_of_both_directions_do_not_mix() -> None:
    with pair() as (ours, theirs):
        ours.send(b"question")
        theirs.send(b"other question")
        assert (theirs.receive(), ours.receive()) == (b"question", b"other question")


# --- limits ----------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", [2**20 + 1, 2**40, 2**64 - 1])
def test_frame_that_is_too_long_is_refused_before_it_comes(claim: int) -> None:
    with raw_pair() as (channel, peer):
        peer.sendall(struct.pack("<Q", claim))
        with pytest.raises(WireError):
            channel.receive(LATE)
        peer.sendall(frame(b"and now?"))
        with pytest.raises(ChannelClosed):
            channel.receive(LATE)


def test_message_that_is_too_long_is_not_sent() -> None:
    with pair(max_bytes=10) as (ours, theirs):
        ours.send(b"0123456789")
        with pytest.raises(WireError):
            ours.send(b"0123456789a")
        assert theirs.receive(LATE) == b"0123456789"


# --- the end ---------------------------------------------------------------------------------


@pytest.mark.parametrize("sent", range(len(frame(b"abc"))))
def test_end_within_a_frame_is_an_end(sent: int) -> None:
    with raw_pair() as (channel, peer):
        peer.sendall(frame(b"abc")[:sent])
        peer.close()
        with pytest.raises(ChannelClosed):
            channel.receive(LATE)


def test_last_message_arrives_before_the_end() -> None:
    with pair() as (ours, theirs):
        ours.send(b"last")
        ours.close()
        assert theirs.receive() == b"last"
        with pytest.raises(ChannelClosed):
            theirs.receive()


def test_nobody_reads_what_is_sent_to_a_closed_end() -> None:
    for size in (1, 2**19):
        with pair() as (ours, theirs):
            theirs.close()
            with pytest.raises(ChannelClosed):
                ours.send(bytes(size))


def test_peer_that_goes_away_with_unread_messages_is_an_end() -> None:
    with pair() as (ours, theirs):
        ours.send(b"unread")
        theirs.close()
        with pytest.raises(ChannelClosed):
            ours.receive()


def test_peer_that_goes_away_while_we_send_is_an_end() -> None:
    with pair(2**25) as (ours, theirs):

        def leave() -> None:
            os.read(theirs.fileno(), 1)
            theirs.close()

        with meanwhile(leave), pytest.raises(ChannelClosed):
            ours.send(bytes(2**24), timeout=LATE)


def test_closed_channel_says_so() -> None:
    with pair() as (ours, _):
        ours.close()
        ours.close()
        assert ours.fileno() == -1
        with pytest.raises(ChannelClosed):
            ours.send(b"a")
        with pytest.raises(ChannelClosed):
            ours.receive(LATE)


# --- time ------------------------------------------------------------------------------------


def test_silence_is_a_timeout_and_costs_no_message() -> None:
    with pair() as (ours, theirs):
        for timeout in (0, SOON, -1):
            with pytest.raises(ChannelTimeout):
                ours.receive(timeout)
        theirs.send(b"late")
        assert ours.receive(0) == b"late"


@pytest.mark.parametrize("sent", range(1, len(frame(b"abc"))))
def test_frame_that_stops_halfway_is_a_timeout(sent: int) -> None:
    with raw_pair() as (channel, peer):
        peer.sendall(frame(b"abc")[:sent])
        with pytest.raises(ChannelTimeout):
            channel.receive(SOON)
        peer.sendall(frame(b"abc")[sent:])
        with pytest.raises(ChannelClosed):  # what follows cannot be told apart any more
            channel.receive(SOON)


def test_dripping_does_not_prolong_the_deadline() -> None:
    with raw_pair() as (channel, peer):
        stop = threading.Event()

        def drip() -> None:
            peer.sendall(struct.pack("<Q", 2**20))
            while not stop.wait(0.001):
                peer.sendall(b"x")

        with meanwhile(drip):
            with pytest.raises(ChannelTimeout):
                channel.receive(0.2)
            stop.set()


def fill(channel: Channel, messages: Iterable[bytes], timeout: float) -> None:
    for message in messages:
        channel.send(message, timeout=timeout)


@pytest.mark.parametrize("size", [2**10, 2**24])
def test_peer_that_does_not_read_is_a_timeout(size: int) -> None:
    with pair(2**25) as (ours, _), pytest.raises(ChannelTimeout):
        fill(ours, itertools.repeat(bytes(size)), SOON)


def test_send_that_found_no_room_at_all_may_be_tried_again() -> None:
    with pair() as (ours, theirs):
        numbers = itertools.count()
        with pytest.raises(ChannelTimeout):
            fill(ours, (b"%d" % number for number in numbers), 0)
        sent = next(numbers) - 1
        received = [theirs.receive(LATE) for _ in range(sent)]
        assert received == [b"%d" % number for number in range(sent)]
        ours.send(b"again", timeout=LATE)
        assert theirs.receive(LATE) == b"again"


def test_signals_do_not_break_a_frame() -> None:
    message = os.urandom(2**24)
    seen = []
    before = signal.signal(signal.SIGALRM, lambda *_: seen.append(1))
    try:
        with pair(2**25) as (ours, theirs):
            signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
            for timeout in (None, LATE):
                with meanwhile(lambda timeout=timeout: ours.send(message, timeout=timeout)):
                    assert theirs.receive(timeout) == message
            while not seen:
                signal.pause()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class AlarmError(Exception):
    pass


def test_exception_of_a_signal_handler_ends_a_frame_that_had_begun() -> None:
    def ring(*_: Any) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, ring)
    try:
        with raw_pair() as (channel, peer):
            signal.setitimer(signal.ITIMER_REAL, SOON)
            with pytest.raises(AlarmError):
                channel.receive()
            peer.sendall(frame(b"whole"))
            assert channel.receive(LATE) == b"whole"
            peer.sendall(frame(b"cut")[:9])
            signal.setitimer(signal.ITIMER_REAL, SOON)
            with pytest.raises(AlarmError):
                channel.receive()
            peer.sendall(frame(b"cut")[9:])
            with pytest.raises(ChannelClosed):
                channel.receive(LATE)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# --- open files ------------------------------------------------------------------------------


def test_open_files_come_with_their_message() -> None:
    with pair() as (ours, theirs):
        read_end, write_end = os.pipe()
        ours.send(b"before")
        ours.send(b"take this", fds=[write_end, read_end])
        ours.send(bytes(2**19 // 4))
        os.close(read_end)
        os.close(write_end)
        assert theirs.receive_with_fds(2, LATE) == (b"before", [])
        message, fds = theirs.receive_with_fds(2, LATE)
        assert message == b"take this"
        assert all(fcntl.fcntl(fd, fcntl.F_GETFD) & fcntl.FD_CLOEXEC for fd in fds)
        os.write(fds[0], b"through")
        assert os.read(fds[1], 10) == b"through"
        assert theirs.receive(LATE) == bytes(2**19 // 4)
        for fd in fds:
            os.close(fd)


@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
def test_surplus_files_are_closed(wanted: int) -> None:
    with pair() as (ours, theirs), open(os.devnull) as file:
        before = open_fds()
        ours.send(b"four", fds=[file.fileno()] * 4)
        message, fds = theirs.receive_with_fds(wanted, LATE)
        assert message == b"four"
        assert len(fds) == wanted
        assert open_fds() - before == {str(fd) for fd in fds}
        for fd in fds:
            os.close(fd)


def test_files_that_nobody_asked_for_are_dropped() -> None:
    with pair() as (ours, theirs), open(os.devnull) as file:
        before = open_fds()
        ours.send(b"unasked", fds=[file.fileno()] * 3)
        assert theirs.receive(LATE) == b"unasked"
        assert open_fds() <= before


def test_files_with_every_byte_are_at_most_those_asked_for() -> None:
    with raw_pair() as (channel, peer), open(os.devnull) as file:
        before = open_fds()
        for byte in frame(b"abc"):
            socket.send_fds(peer, [bytes([byte])], [file.fileno()] * 3)
        message, fds = channel.receive_with_fds(4, LATE)
        assert message == b"abc"
        assert len(fds) == 4
        assert open_fds() - before == {str(fd) for fd in fds}
        for fd in fds:
            os.close(fd)


@pytest.mark.parametrize("end", ["closed", "silent", "too long"])
def test_files_of_an_incomplete_frame_are_closed(end: str) -> None:
    with raw_pair() as (channel, peer), open(os.devnull) as file:
        before = open_fds()
        head = struct.pack("<Q", 2**40 if end == "too long" else 3)
        socket.send_fds(peer, [head], [file.fileno()] * 2)
        if end == "closed":
            peer.shutdown(socket.SHUT_RDWR)
        with pytest.raises((ChannelClosed, ChannelTimeout, WireError)):
            channel.receive_with_fds(2, SOON)
        assert open_fds() <= before


def test_files_arrive_beside_the_sender_s_credentials() -> None:
    if not hasattr(socket, "SO_PASSCRED"):
        pytest.skip("only Linux tells a sender's process id")
    ours, theirs = socket.socketpair()
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    with contextlib.closing(Channel(ours)) as sender, contextlib.closing(Channel(theirs)) as taker:
        with open(os.devnull) as file:
            sender.send(b"two", fds=[file.fileno()] * 2)
        _, fds = taker.receive_with_fds(2, LATE)
        assert len(fds) == 2
        for fd in fds:
            os.close(fd)


# --- control messages ------------------------------------------------------------------------

controls = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.binary()
    | st.floats(allow_nan=False) | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.integers() .filter(lambda n: -(2**63) <= n < 2**64) | st.text(), inner),
    max_leaves=8,
)  # fmt: skip


@given(controls)
def test_control_messages_come_back(value: Any) -> None:
    with pair() as (ours, theirs):
        ours.send_data(value)
        assert theirs.receive_data(LATE) == value


@pytest.mark.parametrize(
    "value", [object(), 2**64, {"a": 1j}, {1, 2}], ids=["object", "too large", "complex", "set"]
)
def test_control_message_of_other_values_is_refused(value: Any) -> None:
    with pair() as (ours, theirs):
        with pytest.raises(WireError):
            ours.send_data(value)
        ours.send_data("next")
        assert theirs.receive_data(LATE) == "next"


MALFORMED = {
    "nothing": b"",
    "reserved byte": b"\xc1",
    "ends too early": msgpack.packb({"a": [1, 2]})[:-1],
    "two values": b"\x01\x02",
    "unhashable key": b"\x81\x90\x01",
    "no text": b"\xa1\xff",
    "an extension": msgpack.packb(msgpack.ExtType(1, b"a")),
    "a timestamp": b"\xd6\xff\0\0\0\0",
    "a long array": b"\xdd\xff\xff\xff\xff",
    "deep": b"\x91" * 100_000,
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_control_message_is_refused_and_the_next_one_read(name: str) -> None:
    with pair() as (ours, theirs):
        ours.send(MALFORMED[name])
        ours.send_data({"event": "done"})
        with pytest.raises(WireError):
            theirs.receive_data(LATE)
        assert theirs.receive_data(LATE) == {"event": "done"}


OVERFULL = {
    "empty lists": b"\xdc\x01\x00" + 256 * (b"\xdd\x00\x01\x00\x00" + 65_536 * b"\x90"),
    "empty dicts": b"\xdc\x01\x00" + 256 * (b"\xdd\x00\x01\x00\x00" + 65_536 * b"\x80"),
    "zeros": b"\xdc\x01\x00" + 256 * (b"\xdd\x00\x01\x00\x00" + 65_536 * b"\x00"),
    "a list in a list": b"\xdd\x00\x01\x80\x00" + 98_304 * (b"\x9f" + 15 * b"\x90"),
}


@pytest.mark.parametrize("name", OVERFULL)
def test_message_of_a_few_bytes_and_much_memory_is_refused(name: str) -> None:
    with pair(2**26) as (ours, theirs):
        sender = threading.Thread(target=ours.send, args=(OVERFULL[name],))
        sender.start()
        tracemalloc.start()
        try:
            with pytest.raises(TooLong, match="too many items"):
                theirs.receive_data(LATE)
            assert tracemalloc.get_traced_memory()[1] < 2 * len(OVERFULL[name]) + 150 * 2**20
        finally:
            tracemalloc.stop()
            sender.join()
        ours.send_data("next")
        assert theirs.receive_data(LATE) == "next"


def test_message_longer_than_the_reader_wants_is_refused_and_the_next_one_read() -> None:
    with pair() as (ours, theirs):
        ours.send_data("x" * 1000)
        with pytest.raises(TooLong, match="longer than 500 bytes"):
            theirs.receive_data(LATE, 500)
        ours.send_data("x" * 400)
        assert theirs.receive_data(LATE, 500) == "x" * 400


@given(st.binary(max_size=60))
def test_random_control_messages_give_a_value_or_a_wire_error(data: bytes) -> None:
    with pair() as (ours, theirs):
        ours.send(data)
        with contextlib.suppress(WireError):
            theirs.receive_data(LATE)
