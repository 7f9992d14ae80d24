"""`--workers auto`: what the scheduler and every control group allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from consumer.workers.cpus import usable_cpus


def system(root: Path, groups: str, files: dict[str, str]) -> Path:
    for name, content in {"proc/self/cgroup": groups, **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


def test_at_least_one_and_what_this_machine_has() -> None:
    assert usable_cpus() >= 1
    assert usable_cpus(0) == 1


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [("max 100000", 8), ("400000 100000", 4), ("250000 100000", 2), ("50000 100000", 1), ("", 8), ("nonsense", 8)],
)
def test_a_containers_own_group(tmp_path: Path, quota: str, cpus: int) -> None:
    root = system(tmp_path, "0::/\n", {"sys/fs/cgroup/cpu.max": quota + "\n"})
    assert usable_cpus(8, root) == cpus


def test_the_narrowest_of_all_groups_above_decides(tmp_path: Path) -> None:
    files = {
        "sys/fs/cgroup/a/b/cpu.max": "max 100000",
        "sys/fs/cgroup/a/cpu.max": "300000 100000",
    }
    assert usable_cpus(8, system(tmp_path, "0::/a/b\n", files)) == 3
    assert usable_cpus(2, tmp_path) == 2


def test_the_first_version_of_control_groups(tmp_path: Path) -> None:
    folder = "sys/fs/cgroup/cpu,cpuacct"
    files = {f"{folder}/cpu.cfs_quota_us": "200000\n", f"{folder}/cpu.cfs_period_us": "100000\n"}
    groups = "5:memory:/docker/1\n4:cpu,cpuacct:/docker/1\n"
    assert usable_cpus(8, system(tmp_path, groups, files)) == 2
    (tmp_path / folder / "cpu.cfs_quota_us").write_text("-1\n")
    assert usable_cpus(8, tmp_path) == 8


def test_a_system_without_control_groups(tmp_path: Path) -> None:
    assert usable_cpus(3, tmp_path) == 3
