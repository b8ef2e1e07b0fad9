"""Values as bytes and back, between two processes of which one may be hostile. Never pickle.

`message` says what the bytes are, `registry` holds the types that travel, `encoder` and `decoder`
are the two machines, `updates` makes a value equal to another in place; each other module adds
types of one kind.
"""

# Importing a module that adds types is what makes them travel.
from autograder.engine.wire import (  # noqa: F401
    arrays,
    containers,
    dates,
    eager,
    files,
    frames,
    generators,
    images,
    references,
    scalars,
    tensors,
    tuples,
)
from autograder.engine.wire.decoder import decode
from autograder.engine.wire.encoder import encode
from autograder.engine.wire.message import WireError, WireLimits
from autograder.engine.wire.updates import update

__all__ = ["WireError", "WireLimits", "decode", "encode", "update"]
