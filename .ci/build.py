"""``python .ci/build.py DIRECTORY``: sdist and wheel, the same bytes from the same commit by the same tools.

Their time is SOURCE_DATE_EPOCH, or the last commit's. setuptools heeds it in wheels only: the sdist is packed again
here, with one time, one owner and one order, and the wheel is built from that. Needs ``build``.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    directory = Path(sys.argv[1]).resolve()
    directory.mkdir(parents=True, exist_ok=True)
    os.umask(0o022)  # the wheel keeps the modes of files that are made on the way
    epoch = os.environ.get("SOURCE_DATE_EPOCH") or subprocess.check_output(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, text=True
    )
    os.environ["SOURCE_DATE_EPOCH"] = str(int(epoch))
    with tempfile.TemporaryDirectory() as work:
        build("--sdist", ROOT, Path(work))
        [made] = Path(work).glob("*.tar.gz")
        sdist = directory / made.name
        sdist.write_bytes(packed_again(made, int(epoch)))
        with tarfile.open(sdist) as archive:
            archive.extractall(work, filter="data")
        build("--wheel", Path(work) / made.name.removesuffix(".tar.gz"), directory)


def build(what: str, source: Path, directory: Path) -> None:
    subprocess.run([sys.executable, "-m", "build", what, "--outdir", directory, source], check=True)


def packed_again(sdist: Path, epoch: int) -> bytes:
    """An sdist without what the machine and the moment have added to it."""
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(sdist) as before, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as after:
            for member in sorted(before.getmembers(), key=lambda member: member.name):
                member.mtime = epoch
                member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                member.pax_headers = {}  # setuptools writes times with fractions there
                after.addfile(member, before.extractfile(member) if member.isfile() else None)
        packed.seek(0)
        return gzip.compress(packed.read(), mtime=0)


if __name__ == "__main__":
    main()
