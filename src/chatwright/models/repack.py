"""Rewrites a GGUF file so that OpenVINO's reader takes it: tensors of types it refuses become Q8_0. No torch.

In: a GGUF file that passed `read_gguf_header`. Out: another GGUF file. Key-values are copied as they are.
OpenVINO GenAI 2026.4 reads F32, F16, Q4_0, Q4_1, Q8_0, Q4_K and Q6_K.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gguf import GGMLQuantizationType, GGUFReader, GGUFValueType, GGUFWriter
from gguf.quants import dequantize, quantize

_Q8_0 = GGMLQuantizationType.Q8_0
_FLOATS = frozenset({GGMLQuantizationType.F32, GGMLQuantizationType.F16})
READABLE = _FLOATS | {
    GGMLQuantizationType.Q4_0, GGMLQuantizationType.Q4_1, _Q8_0, GGMLQuantizationType.Q4_K, GGMLQuantizationType.Q6_K,
}  # fmt: skip
UNIFORM = _FLOATS | {_Q8_0}


def repack(
    source: Path,
    target: Path,
    *,
    keep: frozenset[GGMLQuantizationType] = READABLE,
    on_tensor: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Writes `source` to `target` with every tensor whose type is not in `keep` as Q8_0.

    Takes about 15 s and 2 GB for 0.5 billion parameters. `on_tensor` is told (done, total).
    """
    reader = GGUFReader(source)
    writer = GGUFWriter(target, reader.fields["general.architecture"].contents(), use_temp_file=True)
    _copy_key_values(reader, writer)
    for done, tensor in enumerate(reader.tensors, start=1):
        if tensor.tensor_type in keep:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
        else:
            values = quantize(dequantize(tensor.data, tensor.tensor_type), _Q8_0)
            writer.add_tensor(tensor.name, values, raw_dtype=_Q8_0)
        on_tensor(done, len(reader.tensors))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_key_values(reader: Any, writer: Any) -> None:
    for field in reader.fields.values():
        if field.name.startswith("GGUF.") or field.name == "general.architecture":
            continue
        kind = field.types[0]
        item = field.types[-1] if kind == GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), kind, sub_type=item)
