"""Turns the Resemblyzer wheel's pretrained.pt into ge2e.npz. Stand-alone; nothing imports it.

    pip download --no-deps Resemblyzer==0.1.4
    python transcripts/engines/data/convert.py Resemblyzer-0.1.4-py3-none-any.whl ge2e.npz

Run once by a developer. A pickle can run code when it is read, so the checkpoint (PyTorch's old
format) is read by an unpickler that knows nothing but the three names it needs, and the product
ships plain arrays. Prints the SHA-256 that voiceprint.py must expect.
"""

import collections
import hashlib
import io
import pickle
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

_WHEEL_SHA256 = "8f12eb2f1a9982d32e8db7856de754709b59c93a77bcf0ff536584b619a9dd1f"
_MAGIC = 0x1950A86A20F9469CFC6C
_LAYERS = 3


class _Storage:
    """A flat block of floats, filled after the pickle that points into it was read."""

    def __init__(self) -> None:
        self.data = np.empty(0, np.float32)


class _Tensor:
    """A view into a storage, as the checkpoint describes it: offset, shape and strides."""

    def __init__(self, storage: _Storage, offset: int, size: Any, stride: Any, *_: Any) -> None:
        self.storage, self.offset, self.size, self.stride = storage, offset, size, stride

    def array(self) -> np.ndarray:
        """The values as an array of their own."""
        view = np.lib.stride_tricks.as_strided(
            self.storage.data[self.offset :],
            self.size,
            [step * 4 for step in self.stride],
            writeable=False,
        )
        return view.copy()


class _Reader(pickle.Unpickler):
    """Reads dicts, numbers, strings, ordered dicts and float tensors, and refuses all else."""

    _KNOWN = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _Tensor,
        ("torch", "FloatStorage"): "FloatStorage",
    }

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        """The stand-in for a name, or UnpicklingError."""
        try:
            return self._KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed here") from None

    def persistent_load(self, pid: Any) -> _Storage:
        """The storage that a tensor points into."""
        kind, _, key, _, _, view = pid
        if kind != "storage" or view is not None:
            raise pickle.UnpicklingError("an unknown kind of storage")
        return self.storages.setdefault(key, _Storage())


def read(checkpoint: bytes) -> dict[str, np.ndarray]:
    """The tensors of the model by name, float32; raises UnpicklingError."""
    file = io.BytesIO(checkpoint)
    if _Reader(file).load() != _MAGIC:
        raise pickle.UnpicklingError("not a checkpoint in the old format")
    _Reader(file).load()  # protocol version
    _Reader(file).load()  # byte order and sizes of the machine that wrote it: little-endian
    reader = _Reader(file)
    model = reader.load()["model_state"]
    for key in _Reader(file).load():
        count = int.from_bytes(file.read(8), "little")
        reader.storages[key].data = np.frombuffer(file.read(4 * count), "<f4")
    return {name: tensor.array() for name, tensor in model.items()}


def arrays(model: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What the encoder needs, float16, ready to multiply from the right.

    w0, w1, w2: (input + 256, 1024) of input and recurrent weights; b0, b1, b2: (1024,) both
    biases added; w: (256, 256) and b: (256,) of the last layer. Gates stand as i, f, g, o.
    """
    found = {"w": model["linear.weight"].T, "b": model["linear.bias"]}
    for n in range(_LAYERS):
        parts = (model[f"lstm.weight_ih_l{n}"], model[f"lstm.weight_hh_l{n}"])
        found[f"w{n}"] = np.concatenate(parts, axis=1).T
        found[f"b{n}"] = model[f"lstm.bias_ih_l{n}"] + model[f"lstm.bias_hh_l{n}"]
    return {name: np.ascontiguousarray(each, np.float16) for name, each in found.items()}


def main(wheel: str, out: str) -> None:
    """Check the wheel, convert its checkpoint and print the hash of the result."""
    content = Path(wheel).read_bytes()
    if hashlib.sha256(content).hexdigest() != _WHEEL_SHA256:
        raise SystemExit("This is not the wheel that was reviewed: its SHA-256 differs.")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        model = read(archive.read("resemblyzer/pretrained.pt"))
    with zipfile.ZipFile(out, "w") as archive:
        for name, each in sorted(arrays(model).items()):
            held = io.BytesIO()
            np.save(held, each)
            # A fixed date and no compression: the same wheel gives the same bytes everywhere.
            entry = zipfile.ZipInfo(f"{name}.npy", (2023, 10, 12, 0, 0, 0))
            archive.writestr(entry, held.getvalue(), zipfile.ZIP_STORED)
    print(hashlib.sha256(Path(out).read_bytes()).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
