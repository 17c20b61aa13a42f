"""A device that is not there: its tensors have values, but refuse to meet those of the processor."""

from contextlib import contextmanager

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

AWAY = torch.device("meta")


class Away(torch.Tensor):
    """A tensor of a device that is not there. It has values, which only the operations of that device can read."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, values):
        like = {"strides": values.stride(), "dtype": values.dtype, "device": AWAY}
        return torch.Tensor._make_wrapper_subclass(cls, values.shape, **like)

    def __init__(self, values):
        self.values = values

    @classmethod
    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
        raise AssertionError("there is no device")


class Arrivals(TorchFunctionMode):
    """Values of the host become tensors of the device, and lists of values go back."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        enters = function in (torch.as_tensor, torch.asarray) and kwargs.get("device") == AWAY
        if enters and not isinstance(args[0], Away):
            return Away(function(*args, **{**kwargs, "device": "cpu"}))
        if function is torch.Tensor.tolist and isinstance(args[0], Away):
            self.told.append(args[0].numel())
            return args[0].values.tolist()
        return function(*args, **kwargs)


class Operations(TorchDispatchMode):
    """The operations of the device. Tensors of the processor may only be indices, or numbers."""

    def __init__(self, told):
        super().__init__()
        self.told = told

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        kwargs = dict(kwargs or {})
        given = [each for each in tree_leaves((args, kwargs)) if isinstance(each, torch.Tensor)]
        here, name = any(isinstance(each, Away) for each in given), function.overloadpacket.__name__
        if here and any(not isinstance(each, Away) and each.ndim for each in given) and "index" not in name:
            raise RuntimeError(f"{name} of tensors on two devices")
        device, leaves = kwargs.get("device"), name == "_local_scalar_dense"
        if device is not None:
            here, leaves = device == AWAY, here and device != AWAY
            kwargs["device"] = torch.device("cpu")
        if leaves or name in ("nonzero", "masked_select"):
            self.told.append(given[0].numel() if leaves else 1)
        values = tree_map(lambda each: each.values if isinstance(each, Away) else each, (args, kwargs))
        result = function(*values[0], **values[1])
        if leaves or not here:
            return result
        same = {id(each.values): each for each in given if isinstance(each, Away)}  # what is changed in place
        return tree_map(lambda each: same.get(id(each), Away(each)) if torch.is_tensor(each) else each, result)


@contextmanager
def away():
    """The device. Yields how many numbers it told the host each time that this had to wait for it."""
    told = []
    with Arrivals(told), Operations(told):
        yield told
