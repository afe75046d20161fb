"""A child process that turns one GGUF file into an OpenVINO folder: `python -m chatwright.models.convert_child IN OUT`.

It runs apart so that a file that crashes the reader, or the memory that conversion takes, costs nothing but itself.
It prints `tensors DONE TOTAL` and `writing` on standard output; the folder is sealed by the caller, not here.
"""

import sys
from pathlib import Path


def main() -> int:
    """Exit code 0 when OUT holds the model; the reason on standard error otherwise."""
    source, out = Path(sys.argv[1]), Path(sys.argv[2])
    from chatwright.models.repack import repack

    repacked = out / "model.gguf"
    repack(source, repacked, on_tensor=lambda done, total: print(f"tensors {done} {total}", flush=True))
    print("writing", flush=True)
    import openvino_genai

    try:
        openvino_genai.LLMPipeline(str(repacked), "CPU", enable_save_ov_model=True)
    except RuntimeError as err:
        print(f"OpenVINO cannot read it: {str(err).strip().splitlines()[-1]}", file=sys.stderr)
        return 1
    repacked.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
