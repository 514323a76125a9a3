"""R075: a run whose layer has no room left (docs/specs/sandbox.md, section 9): it ends before the disk is full, with its reason on
record, and what it had changed is reviewed as ever."""

import json
import subprocess

import pytest

from test_sandbox_ends import GIB, deployed, disk, people, reserve  # noqa: F401 (three fixtures)


@pytest.mark.stress
@pytest.mark.requirement("R075", "R078")
def test_a_run_ends_before_the_disk_of_its_layer_is_full_and_is_reviewed(binary, people, disk):  # noqa: F811
    house = deployed(binary, people)
    runs = house.gateway.folder / "state" / "runs"
    try:
        runs.mkdir(mode=0o700, exist_ok=True)
        # The layers alone are on the small disk, so that the log has room for what is said.
        subprocess.run(["mount", "--bind", disk, runs], check=True, timeout=60)
        house.user.own(runs)
        runs.chmod(0o700)
        house.start()
        running = house.begin("sh", "-c", "echo more >>a.txt; echo up; exec sleep 60")
        assert running.stdout.readline() == "up\n"
        reserve(disk / "filler", GIB // 2)
        _, error = running.communicate(timeout=30)
        report = json.loads(error.splitlines()[-1])
        assert (running.returncode, report["reason"], report["source"]) == (137, "disk-space", "interlock")
        (hit,) = [one for one in house.records(report["run"]) if one["t"] == "limit.hit"]
        assert (hit["name"], hit["amt"]) == ("disk", GIB)
        # Nothing is launched while the room is missing, and the changes are there when it is not.
        code, out, refused = house.run("echo", "ran")
        assert (code, out, refused["reason"]) == (137, "", "disk-space")
        (disk / "filler").unlink()
        shown = house.workspace("diff", report["run"])
        assert shown.returncode == 0 and "a.txt" in shown.stdout, shown.stderr
        assert (house.project / "a.txt").read_text() == "as it was\n"
        assert house.run("echo", "ran")[:2] == (0, "ran\n")
    finally:
        subprocess.run(["umount", "--lazy", runs], capture_output=True, timeout=60)
        house.close()
