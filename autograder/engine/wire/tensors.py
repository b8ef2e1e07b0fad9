"""Tensors, sizes, dtypes and devices of torch."""

import re
import sys
from typing import Any

from autograder.engine.wire.arrays import check_bool
from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import Writer, exact, late, library, reads, register

_TORCH_DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16",
    "bfloat16", "float32", "float64", "complex32", "complex64", "complex128", "float8_e4m3fn",
    "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu",
)  # fmt: skip
_DEVICE = re.compile(r"[a-z]{2,20}(:[0-9]{1,3})?")


def _put_tensor(encoder: Encoder, value: Any, depth: int) -> bool:
    torch = sys.modules["torch"]
    name = str(value.dtype)[6:]
    try:
        strided = value.layout is torch.strided and not value.is_quantized
        if not strided or name not in _TORCH_DTYPES or value.device.type == "meta":
            return False
        data = _tensor_bytes(value)
    except RuntimeError:  # a tensor within vmap, and other kinds without memory of their own
        return False
    encoder.token(b"tensor", name, value.requires_grad, value.ndim, *value.shape)
    encoder.blob(data, data.nbytes)
    return True


def _tensor_bytes(value: Any) -> Any:
    """A flat uint8 array of the elements in order; shares memory where it can."""
    torch = sys.modules["torch"]
    plain = value.detach().cpu().resolve_conj().resolve_neg().contiguous()
    return plain.reshape(-1).view(torch.uint8).numpy()


@reads(b"tensor")
def _get_tensor(decoder: Decoder, depth: int) -> object:
    name, requires_grad = decoder.text(), decoder.token()
    if name not in _TORCH_DTYPES or type(requires_grad) is not bool:
        raise WireError("not a tensor")
    torch = library("torch")
    dtype = getattr(torch, name)
    shape, size = decoder.shape(dtype.itemsize)
    data = decoder.blob(size)
    value = torch.empty(shape, dtype=dtype, device="cpu")
    if size:
        elements = _tensor_bytes(value)
        elements[:] = data
        if name == "bool":
            check_bool(elements)
    return value.requires_grad_() if requires_grad else value


def _put_size(encoder: Encoder, value: tuple[int, ...], depth: int) -> bool:
    sizes = tuple(value)
    if not exact(int, *sizes):
        return False
    encoder.token(b"torch.Size", len(sizes))
    encoder.integers(sizes)
    return True


@reads(b"torch.Size")
def _get_size(decoder: Decoder, depth: int) -> object:
    sizes = [decoder.integer() for _ in range(decoder.integer(0, 10**6))]
    return library("torch").Size(sizes)


def _put_text(tag: bytes) -> Writer:
    def put(encoder: Encoder, value: object, depth: int) -> bool:
        encoder.token(tag, str(value))
        return True

    return put


@reads(b"torch.dtype")
def _get_torch_dtype(decoder: Decoder, depth: int) -> object:
    torch = library("torch")
    names = {str(kind): kind for kind in vars(torch).values() if type(kind) is torch.dtype}
    return names[decoder.text()]


@reads(b"torch.device")
def _get_device(decoder: Decoder, depth: int) -> object:
    name = decoder.text()
    if not _DEVICE.fullmatch(name):
        raise WireError("not a device")
    return library("torch").device(name)


def _update_tensor(target: Any, value: Any) -> bool:
    torch = sys.modules["torch"]
    if target.shape != value.shape or target.dtype != value.dtype:
        return False
    # Writing would count as a change, and autograd refuses to go back through a changed tensor.
    if (_tensor_bytes(target) != _tensor_bytes(value)).any():
        with torch.no_grad():
            target.copy_(value)
    if target.is_leaf and target.requires_grad != value.requires_grad:
        target.requires_grad_(value.requires_grad)
    return True


@late("torch")
def _register_torch(torch: Any) -> None:
    register(torch.Size, _put_size)
    register(torch.dtype, _put_text(b"torch.dtype"))
    register(torch.device, _put_text(b"torch.device"))
    register(torch.Tensor, _put_tensor, _update_tensor)
