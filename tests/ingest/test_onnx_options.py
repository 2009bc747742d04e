"""Models in a worker have one thread; only the layout models keep their memory from page to page."""

from __future__ import annotations

import onnxruntime
import pytest

from ingest.onnx_options import worker_options


@pytest.mark.parametrize(
    ("module", "keeps"), [("rapidocr.inference_engine", False), ("pymupdf.layout.onnx.util", True)]
)
def test_memory_is_kept_where_layout_forbids_it_and_nowhere_else(module: str, keeps: bool) -> None:
    options = worker_options(onnxruntime.SessionOptions)()

    exec("options.enable_cpu_mem_arena = False", {"__name__": module, "options": options})

    assert options.enable_cpu_mem_arena is keeps
    assert options.intra_op_num_threads == 1
    assert isinstance(options, onnxruntime.SessionOptions)
