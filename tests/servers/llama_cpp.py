"""llama.cpp's own server, in a process of its own that ends with the test, or with the process that runs the tests.

Run as a script it is that process.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SECONDS_TO_START = 60
SLOTS = 4
"""Calls the server works on at once."""


@dataclass(frozen=True)
class LlamaServer:
    """Where the server is, and its process."""

    url: str
    port: int
    process: "subprocess.Popen[str]"

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.process.kill()
        self.process.wait(10)


@contextmanager
def llama_server(model: Path, *, context: int, port: int = 0, key: str = "") -> Iterator[LlamaServer]:
    """Serve the model in the file ``model`` on the loopback until the end of the block.

    ``context`` is the most tokens of one call; ``port`` 0 takes any free one; ``key`` is asked of every caller.
    """
    settings = json.dumps({"model": str(model), "context": context, "port": port, "key": key})
    log = model.with_suffix(".log")
    with log.open("w") as said:
        command = [sys.executable, __file__, settings]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True)
    late = threading.Timer(SECONDS_TO_START, process.kill)
    late.start()
    try:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next((line.split()[1] for line in lines if line.startswith("listening ")), "")
        late.cancel()
        assert address, f"llama.cpp's server did not start: {log.read_text()[-2000:]}"
        yield LlamaServer(f"{address}/v1", int(address.rpartition(":")[2]), process)
    finally:
        late.cancel()
        process.kill()
        process.communicate(timeout=10)


def _serve(settings: str) -> None:
    import xllamacpp  # noqa: PLC0415 -- only this process needs it

    asked = json.loads(settings)
    params = xllamacpp.CommonParams()
    params.model.path = asked["model"]
    params.model_alias = {"tiny"}
    params.port = asked["port"]
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * asked["context"]
    params.endpoint_metrics = True
    if asked["key"]:
        params.api_keys = [asked["key"]]
    # Attention works in 16 bits otherwise, in two places; either alone moves log-probabilities by some 1e-3.
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
    for threads in (params.cpuparams, params.cpuparams_batch):
        threads.n_threads = 1
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)  # noqa: T201 -- told to the test
    sys.stdin.read()


if __name__ == "__main__":
    _serve(sys.argv[1])
