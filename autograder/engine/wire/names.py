"""The names by which an import finds functions, classes and modules."""

import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

BUILTIN_TYPES: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        types.NoneType, bool, int, float, complex, str, bytes, bytearray, list, tuple, dict, set,
        frozenset, range, slice, object, type,
    )
}  # fmt: skip
BUILTIN_NAMES = {id(kind): name for name, kind in BUILTIN_TYPES.items()}
# Where a value is often found that does not say so itself, such as torch.relu or random.random.
_HOMES = ("torch", "torch.nn.functional", "numpy", "numpy.random", "random", "math", "operator")
# Ids of the types that hold no code of others.
NAMED_IDS = {
    id(kind)
    for kind in (
        types.FunctionType, types.BuiltinFunctionType, types.MethodType,
        types.MethodDescriptorType, types.WrapperDescriptorType,
    )
}  # fmt: skip

# What a class says of itself, whatever its metaclass defines.
name_of: Callable[[type], str] = type.__dict__["__name__"].__get__
qualified_name_of: Callable[[type], str] = type.__dict__["__qualname__"].__get__
mro_of: Callable[[type], tuple[type, ...]] = type.__dict__["__mro__"].__get__
parts_of: Callable[[type], Mapping[str, Any]] = type.__dict__["__dict__"].__get__


def address(value: object) -> tuple[str, str] | None:
    """Module and qualified name by which an import finds this very object, if any does.

    Only for the trusted side: it asks the value for attributes, though only values of types that
    are known to hold no code of others.
    """
    kind = type(value)
    if kind is types.ModuleType:
        name = getattr(value, "__name__", None)
        known = type(name) is str and name != "__main__" and sys.modules.get(name) is value
        return (name, "") if known and name else None
    if not (id(kind) in NAMED_IDS or issubclass(kind, type)):
        return None
    owner = getattr(value, "__objclass__", value)
    own = getattr(owner, "__module__", None)
    names = [getattr(value, key, None) for key in ("__qualname__", "__name__")]
    for module in (own, *_HOMES):
        for name in names:
            if type(module) is str and type(name) is str and _found(module, name) is value:
                return module, name
    return None


def _found(module: str, qualname: str) -> object:
    place: object = sys.modules.get(module)
    if place is None or module == "__main__":
        return None
    for part in qualname.split("."):
        try:
            place = getattr(place, part)
        except Exception:  # modules that import their parts when asked for them
            return None
    return place
