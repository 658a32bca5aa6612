# SPDX-License-Identifier: BSD-3-Clause
"""Known loads for the first GPU: by PyTorch, else CuPy, else plain CUDA without any library."""

from __future__ import annotations

import ctypes
import importlib
import time
from collections.abc import Callable
from typing import Any, Protocol

SLICE_S = 0.05  # so long the card works before it is asked to go on: shorter than any watchdog
MATRIX = 4096


class NoGpuError(Exception):
    """There is no GPU to load, or nothing to load it with; the text says which."""


class Loads(Protocol):
    """What a load can do. All methods return when the card is done."""

    name: str
    bus_id: str  # "0000:17:00.0"; empty where it is not known

    def compute(self, seconds: float) -> float | None:
        """Keep the card busy for that long; the floating-point operations, where known."""

    def copy(self, seconds: float, size: int) -> float:
        """Copy so many bytes within the card's memory again and again; bytes copied."""

    def allocate(self, size: int) -> Callable[[], None]:
        """Take so many bytes, and write to them; what it returns gives them back."""


def _repeat(seconds: float, once: Callable[[], None], wait: Callable[[], None]) -> int:
    """How often `once` was run until the time was over. A few at a time are on their way."""
    ahead = 8
    runs = 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for _ in range(ahead):
            once()
        wait()
        runs += ahead
    return runs


class TorchLoads:
    """By PyTorch, on NVIDIA's and AMD's cards."""

    def __init__(self) -> None:
        try:
            torch: Any = importlib.import_module("torch")
        except ImportError as error:
            raise NoGpuError("PyTorch is not installed") from error
        if not torch.cuda.is_available():
            raise NoGpuError("PyTorch finds no GPU")
        self._torch = torch
        self.name = f"PyTorch {torch.__version__} on {torch.cuda.get_device_name(0)}"
        properties = torch.cuda.get_device_properties(0)
        self.bus_id = ""
        if hasattr(properties, "pci_bus_id"):  # since PyTorch 2.8
            domain, bus = properties.pci_domain_id, properties.pci_bus_id
            self.bus_id = f"{domain:04x}:{bus:02x}:{properties.pci_device_id:02x}.0"

    def compute(self, seconds: float) -> float | None:
        """Matrix products in half precision."""
        runs = self._multiply(seconds)
        self._torch.cuda.empty_cache()
        return 2.0 * MATRIX**3 * runs

    def _multiply(self, seconds: float) -> int:
        torch = self._torch
        left = torch.rand(MATRIX, MATRIX, device="cuda", dtype=torch.float16)
        right = torch.rand(MATRIX, MATRIX, device="cuda", dtype=torch.float16)
        result = torch.empty_like(left)
        return _repeat(seconds, lambda: torch.mm(left, right, out=result), torch.cuda.synchronize)

    def copy(self, seconds: float, size: int) -> float:
        """Copies of one tensor to another."""
        runs = self._copy(seconds, size)
        self._torch.cuda.empty_cache()
        return float(size) * runs

    def _copy(self, seconds: float, size: int) -> int:
        torch = self._torch
        source = torch.ones(size, device="cuda", dtype=torch.uint8)
        target = torch.empty_like(source)
        return _repeat(seconds, lambda: target.copy_(source), torch.cuda.synchronize)

    def allocate(self, size: int) -> Callable[[], None]:
        """A tensor of ones, given back past PyTorch's own store of memory."""
        torch = self._torch
        held = [torch.ones(size, device="cuda", dtype=torch.uint8)]
        torch.cuda.synchronize()

        def give_back() -> None:
            held.clear()
            torch.cuda.empty_cache()

        return give_back


class CupyLoads:
    """By CuPy."""

    def __init__(self) -> None:
        try:
            cupy: Any = importlib.import_module("cupy")
        except ImportError as error:
            raise NoGpuError("CuPy is not installed") from error
        self._cupy = cupy
        try:
            if cupy.cuda.runtime.getDeviceCount() == 0:
                raise NoGpuError("CuPy finds no GPU")
            name = cupy.cuda.runtime.getDeviceProperties(0)["name"].decode()
            self.bus_id = str(cupy.cuda.Device(0).pci_bus_id).lower()
        except cupy.cuda.runtime.CUDARuntimeError as error:
            raise NoGpuError(f"CuPy finds no GPU: {error}") from error
        self.name = f"CuPy {cupy.__version__} on {name}"

    def _wait(self) -> None:
        self._cupy.cuda.Device(0).synchronize()

    def _give_back(self) -> None:
        self._cupy.get_default_memory_pool().free_all_blocks()

    def compute(self, seconds: float) -> float | None:
        """Matrix products in single precision."""
        runs = self._multiply(seconds)
        self._give_back()
        return 2.0 * MATRIX**3 * runs

    def _multiply(self, seconds: float) -> int:
        cupy = self._cupy
        left = cupy.random.rand(MATRIX, MATRIX, dtype=cupy.float32)
        right = cupy.random.rand(MATRIX, MATRIX, dtype=cupy.float32)
        result = cupy.empty_like(left)
        return _repeat(seconds, lambda: cupy.matmul(left, right, out=result), self._wait)

    def copy(self, seconds: float, size: int) -> float:
        """Copies of one array to another."""
        runs = self._copy(seconds, size)
        self._give_back()
        return float(size) * runs

    def _copy(self, seconds: float, size: int) -> int:
        cupy = self._cupy
        source = cupy.ones(size, dtype=cupy.uint8)
        target = cupy.empty_like(source)
        return _repeat(seconds, lambda: cupy.copyto(target, source), self._wait)

    def allocate(self, size: int) -> Callable[[], None]:
        """An array of ones, given back past CuPy's own store of memory."""
        held = [self._cupy.ones(size, dtype=self._cupy.uint8)]
        self._wait()

        def give_back() -> None:
            held.clear()
            self._give_back()

        return give_back


# Every thread multiplies and adds until the card's own clock says that the time is over. All
# threads write their result to one place, so that the work is not left out.
SPIN = b"""
.version 6.0
.target sm_50
.address_size 64
.visible .entry spin(.param .u64 result, .param .u64 nanoseconds)
{
  .reg .pred %more;
  .reg .f32 %x;
  .reg .u64 %where, %long, %begin, %now, %past;
  ld.param.u64 %where, [result];
  ld.param.u64 %long, [nanoseconds];
  cvta.to.global.u64 %where, %where;
  mov.f32 %x, 0f3F800000;
  mov.u64 %begin, %globaltimer;
again:
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  fma.rn.f32 %x, %x, 0f3F7FFFF0, 0f3A000000;
  mov.u64 %now, %globaltimer;
  sub.u64 %past, %now, %begin;
  setp.lt.u64 %more, %past, %long;
  @%more bra again;
  st.global.f32 [%where], %x;
  ret;
}
"""


class CudaLoads:
    """By the driver's library alone: a kernel that spins, and copies."""

    _MULTIPROCESSORS = 16  # CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT
    _BLOCKS_EACH = 8
    _THREADS = 256

    def __init__(self) -> None:
        try:
            self._cuda = ctypes.CDLL("libcuda.so.1")
        except OSError as error:
            raise NoGpuError(str(error)) from error
        try:
            self._call("cuInit", 0)
        except NoGpuError as error:
            raise NoGpuError(f"the CUDA driver does not start: {error}") from error
        count = ctypes.c_int()
        self._call("cuDeviceGetCount", ctypes.byref(count))
        if count.value == 0:
            raise NoGpuError("the CUDA driver finds no GPU")
        device = ctypes.c_int()
        self._call("cuDeviceGet", ctypes.byref(device), 0)
        text = ctypes.create_string_buffer(256)
        self._call("cuDeviceGetName", text, len(text), device)
        self.name = f"plain CUDA on {text.value.decode(errors='replace')}"
        self._call("cuDeviceGetPCIBusId", text, len(text), device)
        self.bus_id = text.value.decode(errors="replace").lower()
        context = ctypes.c_void_p()
        self._call("cuDevicePrimaryCtxRetain", ctypes.byref(context), device)
        self._call("cuCtxSetCurrent", context)
        processors = ctypes.c_int()
        self._call("cuDeviceGetAttribute", ctypes.byref(processors), self._MULTIPROCESSORS, device)
        self._blocks = processors.value * self._BLOCKS_EACH
        module = ctypes.c_void_p()
        self._call("cuModuleLoadData", ctypes.byref(module), ctypes.c_char_p(SPIN))
        self._spin = ctypes.c_void_p()
        self._call("cuModuleGetFunction", ctypes.byref(self._spin), module, b"spin")
        self._result = self._take(4)

    def _call(self, name: str, *arguments: Any) -> None:
        status = getattr(self._cuda, name)(*arguments)
        if status == 0:
            return
        text = ctypes.c_char_p()
        if self._cuda.cuGetErrorName(status, ctypes.byref(text)) == 0 and text.value:
            raise NoGpuError(f"{name} answers {text.value.decode()}")
        raise NoGpuError(f"{name} answers {status}")

    def _take(self, size: int) -> ctypes.c_uint64:
        address = ctypes.c_uint64()
        self._call("cuMemAlloc_v2", ctypes.byref(address), ctypes.c_size_t(size))
        return address

    def _wait(self) -> None:
        self._call("cuCtxSynchronize")

    def _launch(self) -> None:
        nanoseconds = ctypes.c_uint64(int(SLICE_S * 1e9))
        pointers = [ctypes.byref(self._result), ctypes.byref(nanoseconds)]
        parameters = (ctypes.c_void_p * 2)(*[ctypes.cast(p, ctypes.c_void_p) for p in pointers])
        grid = (self._blocks, 1, 1)
        block = (self._THREADS, 1, 1)
        self._call("cuLaunchKernel", self._spin, *grid, *block, 0, None, parameters, None)

    def compute(self, seconds: float) -> float | None:
        """Multiplications and additions; how many is not known."""
        _repeat(seconds, self._launch, self._wait)
        return None

    def copy(self, seconds: float, size: int) -> float:
        """Copies from one half of the memory to the other."""
        source, target = self._take(size), self._take(size)
        try:
            length = ctypes.c_size_t(size)
            runs = _repeat(
                seconds, lambda: self._call("cuMemcpyDtoD_v2", target, source, length), self._wait
            )
        finally:
            self._call("cuMemFree_v2", source)
            self._call("cuMemFree_v2", target)
        return float(size) * runs

    def allocate(self, size: int) -> Callable[[], None]:
        """Memory that is set to one value."""
        address = self._take(size)
        self._call("cuMemsetD8_v2", address, ctypes.c_ubyte(1), ctypes.c_size_t(size))
        self._wait()
        return lambda: self._call("cuMemFree_v2", address)


def find_loads() -> Loads:
    """The first that works. NoGpuError: none does, and why."""
    reasons = []
    kinds: list[Callable[[], Loads]] = [TorchLoads, CupyLoads, CudaLoads]
    for kind in kinds:
        try:
            return kind()
        except NoGpuError as error:
            reasons.append(str(error))
    raise NoGpuError("; ".join(reasons))
