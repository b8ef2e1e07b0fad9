"""Eager tensors, dtypes and shapes of TensorFlow."""

import math
import sys
from typing import Any

from autograder.engine.wire.arrays import check_bool
from autograder.engine.wire.decoder import Decoder
from autograder.engine.wire.encoder import Encoder
from autograder.engine.wire.message import WireError
from autograder.engine.wire.registry import exact, late, library, reads, register

_TENSORFLOW_DTYPES = (
    "bool", "uint8", "int8", "int16", "int32", "int64", "uint16", "uint32", "uint64", "float16",
    "bfloat16", "float32", "float64", "complex64", "complex128",
)  # fmt: skip


def _put_eager(encoder: Encoder, value: Any, depth: int) -> bool:
    name = value.dtype.name
    if name != "string" and name not in _TENSORFLOW_DTYPES:
        return False
    np = sys.modules["numpy"]
    encoder.token(b"tf.Tensor", name, len(value.shape), *value.shape)
    if name == "string":
        encoder.put_all(np.asarray(value.numpy(), object).ravel().tolist(), depth)
    else:
        data = np.asarray(value.numpy()).tobytes()
        encoder.blob(data, len(data))
    return True


@reads(b"tf.Tensor")
def _get_eager(decoder: Decoder, depth: int) -> object:
    name = decoder.text()
    if name != "string" and name not in _TENSORFLOW_DTYPES:
        raise WireError("not a tensor")
    tensorflow, np = library("tensorflow"), library("numpy")
    dtype = tensorflow.as_dtype(name)
    if name == "string":
        shape, _ = decoder.shape(0)
        texts = decoder.get_plain(depth)
        if math.prod(shape) != len(texts) or not exact(bytes, *texts):
            raise WireError("not a tensor of strings")
        values = np.empty(len(texts), object)
        values[:] = texts
    else:
        shape, size = decoder.shape(dtype.size)
        data = decoder.blob(size)
        values = np.frombuffer(data, dtype.as_numpy_dtype) if size else np.empty(0)
        if name == "bool" and size:
            check_bool(values.view("u1"))
    return tensorflow.constant(values.reshape(shape), dtype=dtype)


def _put_tensorflow_dtype(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(b"tf.DType", value.name)
    return True


@reads(b"tf.DType")
def _get_tensorflow_dtype(decoder: Decoder, depth: int) -> object:
    tensorflow = library("tensorflow")
    known = vars(tensorflow.dtypes).values()
    return {kind.name: kind for kind in known if type(kind) is tensorflow.DType}[decoder.text()]


def _put_tensor_shape(encoder: Encoder, value: Any, depth: int) -> bool:
    encoder.token(b"tf.TensorShape")
    encoder.put(None if value.rank is None else value.as_list(), depth)
    return True


@reads(b"tf.TensorShape")
def _get_tensor_shape(decoder: Decoder, depth: int) -> object:
    sizes = decoder.get(depth)
    if sizes is not None and not (
        type(sizes) is list and all(size is None or type(size) is int for size in sizes)
    ):
        raise WireError("not a shape")
    return library("tensorflow").TensorShape(sizes)


@late("tensorflow")
def _register_tensorflow(tensorflow: Any) -> None:
    register(tensorflow.DType, _put_tensorflow_dtype)
    register(tensorflow.TensorShape, _put_tensor_shape)
    register(sys.modules["tensorflow.python.framework.ops"].EagerTensor, _put_eager)
