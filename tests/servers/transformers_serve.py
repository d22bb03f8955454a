"""``transformers serve``, in a process of its own that ends with the test, or with the process that runs the tests.

Run as a script it is that process.
"""

import os
import runpy
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SECONDS_TO_START = 90


@contextmanager
def transformers_server(model: Path) -> Iterator[str]:
    """Serve the model in the folder ``model`` on the loopback until the end of the block; yields the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = model / "server.log"
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
    with log.open("w") as said:
        command = [sys.executable, __file__, str(model), str(port)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=offline)
    try:
        deadline = time.monotonic() + SECONDS_TO_START
        while not _is_up(port):
            starting = process.poll() is None and time.monotonic() < deadline
            assert starting, f"transformers serve did not start: {log.read_text()[-2000:]}"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.kill()
        process.communicate(timeout=10)


def _is_up(port: int) -> bool:
    with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
        return bool(answer.status == 200)
    return False


def _serve(model: str, port: str) -> None:
    def end_with_the_tests() -> None:
        sys.stdin.read()
        os._exit(0)

    threading.Thread(target=end_with_the_tests, daemon=True).start()
    sys.argv = ["transformers", "serve", model, "--device", "cpu", "--host", "127.0.0.1", "--port", port]
    runpy.run_module("transformers.cli.transformers", run_name="__main__")


if __name__ == "__main__":
    _serve(*sys.argv[1:])
