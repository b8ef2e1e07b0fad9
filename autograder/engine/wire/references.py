"""What travels by name or by handle: types, functions and modules, and opaque values."""

import importlib

from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.names import BUILTIN_NAMES, BUILTIN_TYPES
from autograder.engine.wire.registry import READERS, reads, register


def _put_class(encoder: Encoder, value: type, depth: int) -> bool:
    name = BUILTIN_NAMES.get(id(value))
    if name is None:
        return False
    encoder.token(b"type", name)
    return True


@reads(b"type")
def _get_class(decoder: Decoder, depth: int) -> type:
    return BUILTIN_TYPES[decoder.text()]


@reads(b"name")
def _get_name(decoder: Decoder, depth: int) -> object:
    if not decoder.references:
        raise WireError("a name, where only values may come")
    module, qualname = decoder.text(), decoder.text()
    value: object = importlib.import_module(module)
    for part in qualname.split(".") if qualname else ():
        value = getattr(value, part)
    return value


READERS[b"handle"] = lambda decoder, depth: decoder.handle()
register(type, _put_class)
