"""The student as it is used: GGUF files, the OpenVINO runtime, and a bundle that holds them together."""

from typing import TYPE_CHECKING

from stillroom.types.lazy import lazy

if TYPE_CHECKING:
    from stillroom.export.bundle import Bundle as Bundle
    from stillroom.export.gguf_writer import write_gguf as write_gguf
    from stillroom.export.memory import peak_memory_bytes as peak_memory_bytes
    from stillroom.export.openvino_runtime import OpenVinoPredictor as OpenVinoPredictor
    from stillroom.export.parity import Parity as Parity
    from stillroom.export.parity import parity as parity
    from stillroom.export.settings import ExportSettings as ExportSettings
    from stillroom.export.speed import Speed as Speed
    from stillroom.export.speed import measure_speed as measure_speed
    from stillroom.export.speed import measure_throughput as measure_throughput
    from stillroom.export.torch_decoder import TorchDecoder as TorchDecoder
    from stillroom.export.writing import write as write

__getattr__, __dir__, __all__ = lazy(
    __name__,
    {
        "Bundle": "bundle",
        "ExportSettings": "settings",
        "OpenVinoPredictor": "openvino_runtime",
        "Parity": "parity",
        "Speed": "speed",
        "TorchDecoder": "torch_decoder",
        "measure_speed": "speed",
        "measure_throughput": "speed",
        "parity": "parity",
        "peak_memory_bytes": "memory",
        "write": "writing",
        "write_gguf": "gguf_writer",
    },
)
