import json
import os
import subprocess
import sys

import pytest


@pytest.mark.slow
def test_two_processes_learn_what_one_learns(tmp_path, imagefolder, checkpoint):
    """`accelerate launch` on the CPU: an odd number of captions, so that one goes without."""
    metadata = imagefolder / "metadata.jsonl"
    metadata.write_text("".join(metadata.read_text().splitlines(keepends=True)[:3]))
    curves = {}
    for count in (1, 2):
        output = tmp_path / f"with-{count}"
        command = [
            sys.executable, "-m", "accelerate.commands.launch", "--cpu",
            "--num_processes", str(count), "--num_machines", "1", "--mixed_precision", "no",
            "--dynamo_backend", "no", "--main_process_port", "0", "-m", "moda_engine", "train",
            "--data", str(imagefolder), "--validation", str(imagefolder),
            "--model", str(checkpoint), "--output", str(output), "--cache", str(tmp_path / "cache"),
        ]  # fmt: skip
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        assert f"{output}: epoch" in done.stdout
        record = json.loads((output / "training.json").read_text())
        curves[count] = record["curve"]
    assert len(curves[1]) == 10
    for alone, together in zip(curves[1], curves[2], strict=True):
        assert together == pytest.approx(alone, abs=1e-4)
    assert curves[1][-1]["training_loss"] < curves[1][0]["training_loss"] - 1
