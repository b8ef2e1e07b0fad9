"""Values made equal in place, so that whoever holds them sees the change."""

from collections.abc import Sequence

from autograder.engine.wire.encoder import encode
from autograder.engine.wire.message import SCALAR_IDS, WireError
from autograder.engine.wire.registry import UPDATERS, late_writer


def update(target: object, value: object) -> bool:
    """Make the mutable `target` equal to `value`, in place; nested arrays keep their identity.

    returns: whether `target` now equals `value`; False where that needs another object (another
             type, shape or dtype, an immutable one), and then `target` may be changed in part.
    Raises nothing.
    """
    try:
        if type(target) is tuple and type(value) is tuple:
            return len(target) == len(value) and all(
                update(old, new) or _identical(old, new)
                for old, new in zip(target, value, strict=True)
            )
        return _updated(target, value)
    except Exception:  # read-only arrays, exported buffers, keys that cannot be compared
        return False


def merged(target: object, value: object) -> object:
    """What shall stand where `target` stood: itself, made equal, or else `value`."""
    if type(target) is tuple and type(value) is tuple and len(target) == len(value):
        return tuple(map(merged, target, value))
    return target if id(type(value)) not in SCALAR_IDS and _updated(target, value) else value


def merged_all(target: Sequence[object], value: Sequence[object]) -> list[object]:
    """The elements of a target that shall equal `value`: its own, made equal, where that can be."""
    kept = [merged(old, new) for old, new in zip(target, value, strict=False)]
    return kept + list(value)[len(kept) :]


def _updated(target: object, value: object) -> bool:
    if type(target) is not type(value):
        return False
    updater = UPDATERS.get(id(type(target)))
    if updater is None and late_writer(type(target)):
        updater = UPDATERS.get(id(type(target)))
    return updater is not None and updater(target, value)


def _identical(target: object, value: object) -> bool:
    if target is value:
        return True
    try:
        data = [encode(each, opaque=lambda _: None, references=False) for each in (target, value)]
    except WireError:
        return False
    return data[0] == data[1]
