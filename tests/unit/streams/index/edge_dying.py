"""Copies or drops an embedded collection and dies just before it moves or removes the n-th file or folder."""

import os
import sys
from pathlib import Path

from streams.index.edge_backup import copy_collection
from streams.index.edge_folder import drop_collection

DIED = 9


def die_before(number: int) -> None:
    seen = 0

    def count(event: str, _arguments: tuple[object, ...]) -> None:
        nonlocal seen
        seen += event in {"os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}
        if seen == number:
            os._exit(DIED)

    sys.addaudithook(count)


if __name__ == "__main__":
    work, folder, before = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    die_before(before)
    if work == "copy":
        copy_collection(folder, "g1", "one")
    else:
        drop_collection(folder, "g1")
