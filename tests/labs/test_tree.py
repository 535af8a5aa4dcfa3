"""A directory tree is saved with few copies, and put back as it was."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
from collections.abc import Collection
from pathlib import Path

import pytest

from runbook.labs import LabError
from runbook.labs.container.tree import (
    Copy,
    differing_paths,
    index_of_unknown,
    put_back,
    save,
    scan,
)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: copies keep owners")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A tree with one of each kind of entry."""
    root = tmp_path / "live"
    (root / "etc/deep/er").mkdir(parents=True)
    (root / "empty").mkdir(mode=0o750)
    (root / "etc/file").write_text("first")
    (root / "etc/deep/er/log").write_text("one\n")
    (root / "etc/link").symlink_to("nowhere")
    os.link(root / "etc/file", root / "etc/deep/same")
    os.mkfifo(root / "pipe")
    os.mknod(root / "whiteout", stat.S_IFCHR, os.makedev(0, 0))
    os.chown(root / "etc/deep", 65534, 65534)
    os.setxattr(root / "etc/deep", "trusted.overlay.opaque", b"y")
    os.setxattr(root / "etc/file", "trusted.kept", b"x")
    with (root / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    os.utime(root / "empty", ns=(1, 1_000_000_001))
    return root


def take(
    live: Path, target: Path, base: Copy | None = None, unsure: Collection[str | int] = ()
) -> tuple[Copy, set[str]]:
    """Save `live`; return the copy, and the files that were copied."""
    found = scan(live)
    differing = differing_paths(found, base, unsure)
    if base is not None:
        subprocess.run(["cp", "-al", str(base.root), str(target)], check=True)
    index = save(live, found, target, base, differing, unsure)
    files = {path for path in differing if not stat.S_ISDIR(found[path].st_mode)}
    return Copy(target, index), files


def described(root: Path) -> dict[str, object]:
    """Return all that matters of a tree, by path."""
    found: dict[str, object] = {}
    for path, info in scan(root).items():
        whole = root / path
        attributes = {
            name: os.getxattr(whole, name, follow_symlinks=False)
            for name in os.listxattr(whole, follow_symlinks=False)
        }
        content: object = None
        if stat.S_ISREG(info.st_mode) and info.st_size < 1 << 20:
            content = whole.read_bytes()
        elif stat.S_ISLNK(info.st_mode):
            content = whole.readlink()
        size = 0 if stat.S_ISDIR(info.st_mode) else info.st_size
        found[path] = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, info.st_rdev,
                       size, content, attributes)  # fmt: skip
    return found


def change(live: Path) -> None:
    """Change a tree in every way there is."""
    (live / "etc/deep/er/log").write_text("one\ntwo\n")
    (live / "etc/link").unlink()
    (live / "whiteout").unlink()
    (live / "whiteout").mkdir()
    (live / "whiteout/inside").write_text("new")
    (live / "etc/deep/same").unlink()
    os.removexattr(live / "etc/deep", "trusted.overlay.opaque")
    (live / "empty").rename(live / "moved")
    (live / "etc/deep/er").rename(live / "etc/other")
    (live / "empty").write_text("a file now")
    (live / "pipe").chmod(0o600)


def test_a_copy_is_like_the_tree(live: Path, tmp_path: Path) -> None:
    """Owners, attributes, times, devices, hard links and holes are kept; sockets are left out."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(live / "socket"))
        copy, _ = take(live, tmp_path / "copy")
    (live / "socket").unlink()
    (live / "etc").touch()
    os.utime(copy.root, ns=(1, live.stat().st_mtime_ns))
    os.utime(live / "etc", ns=(1, (copy.root / "etc").stat().st_mtime_ns))
    assert described(copy.root) == described(live)
    assert (copy.root / "etc/file").samefile(copy.root / "etc/deep/same")
    assert (copy.root / "sparse").stat().st_blocks == 0


def test_what_has_not_changed_is_linked_to_the_copy_before(live: Path, tmp_path: Path) -> None:
    """Only a changed file is copied again, and no copy is a link to a live file."""
    first, _ = take(live, tmp_path / "first")
    (live / "etc/deep/er/log").write_text("one\ntwo\n")
    second, files = take(live, tmp_path / "second", first)
    assert files == {"etc/deep/er/log"}
    assert (second.root / "etc/file").samefile(first.root / "etc/file")
    assert not (second.root / "etc/file").samefile(live / "etc/file")
    assert (first.root / "etc/deep/er/log").read_text() == "one\n"
    assert described(second.root) == described(live)


def test_a_copy_after_all_kinds_of_changes_is_like_the_tree(live: Path, tmp_path: Path) -> None:
    """Names, types and links follow the tree, and the copy before stays as it was."""
    first, _ = take(live, tmp_path / "first")
    before = described(first.root)
    change(live)
    second, _ = take(live, tmp_path / "second", first)
    assert described(second.root) == described(live)
    assert described(first.root) == before


def test_a_tree_is_put_back_as_it_was(live: Path, tmp_path: Path) -> None:
    """Whatever was done to it; and what was not touched is not copied."""
    copy, _ = take(live, tmp_path / "copy")
    before = described(live)
    untouched = (live / "sparse").stat().st_ino
    change(live)
    index = put_back(copy, live)
    assert described(live) == before
    assert (live / "etc/file").samefile(live / "etc/deep/same")
    assert (live / "sparse").stat().st_ino == untouched
    # The index tells that nothing is to be done the next time.
    found = scan(live)
    assert differing_paths(found, Copy(copy.root, index), ()) == set()


def test_an_empty_tree_is_filled(live: Path, tmp_path: Path) -> None:
    """A new container gets all files, and the attributes of its own top directory stay."""
    copy, _ = take(live, tmp_path / "copy")
    new = tmp_path / "new"
    new.mkdir()
    os.setxattr(new, "trusted.overlay.uuid", b"its own")
    put_back(copy, new)
    assert os.getxattr(new, "trusted.overlay.uuid") == b"its own"
    os.removexattr(new, "trusted.overlay.uuid")
    assert described(new) == described(live)


@pytest.mark.parametrize("split", [False, True])
def test_only_what_differs_is_copied_from_a_checkpoint_of_another_tree(
    live: Path, tmp_path: Path, split: bool
) -> None:
    """What it shares with a checkpoint that this tree was at is there already."""
    first, _ = take(live, tmp_path / "first")
    ours = tmp_path / "ours"
    ours.mkdir()
    index = put_back(Copy(first.root, index_of_unknown(first, None)), ours)
    if split:
        (live / "etc/deep/same").unlink()
        (live / "etc/deep/same").write_text("first")
    (live / "etc/deep/er/log").write_text("two\n")
    (live / "new").write_text("new")
    second, _ = take(live, tmp_path / "second", first)
    (ours / "pipe").unlink()
    (ours / "etc/link").unlink()
    untouched, shared = (ours / "sparse").stat(), (ours / "etc/file").stat()
    known = Copy(first.root, index)
    back = put_back(Copy(second.root, index_of_unknown(second, known)), ours)
    assert described(ours) == described(live)
    assert (ours / "sparse").stat().st_ctime_ns == untouched.st_ctime_ns
    assert ((ours / "etc/file").stat().st_ctime_ns == shared.st_ctime_ns) is not split
    assert (ours / "etc/file").samefile(ours / "etc/deep/same") is not split
    assert differing_paths(scan(ours), Copy(second.root, back), ()) == set()
    # A tree that was never at a checkpoint gets everything.
    (tmp_path / "fresh").mkdir()
    put_back(Copy(second.root, index_of_unknown(second, None)), tmp_path / "fresh")
    assert described(tmp_path / "fresh") == described(live)


def test_the_names_of_one_file_stay_one_file(live: Path, tmp_path: Path) -> None:
    """Though only one of them is known."""
    first, _ = take(live, tmp_path / "first")
    known = {path: stamp for path, stamp in first.index.items() if path != "etc/deep/same"}
    second, _ = take(live, tmp_path / "second", first)
    put_back(Copy(second.root, index_of_unknown(second, Copy(first.root, known))), live)
    assert (live / "etc/file").samefile(live / "etc/deep/same")


def test_what_may_have_changed_unseen_is_not_taken_for_shared(live: Path, tmp_path: Path) -> None:
    """It is copied, though both checkpoints have the same file."""
    first, _ = take(live, tmp_path / "first", unsure={"sparse"})
    second, _ = take(live, tmp_path / "second", first)
    index = index_of_unknown(second, first)
    before = (live / "sparse").stat().st_ctime_ns
    put_back(Copy(second.root, index), live)
    assert (live / "sparse").stat().st_ctime_ns != before


def test_a_change_that_hides_behind_its_times_is_seen(live: Path, tmp_path: Path) -> None:
    """A clock that jumps does no harm: other content of the same size and time is seen."""
    copy, _ = take(live, tmp_path / "copy")
    times = (live / "etc/file").stat()
    (live / "etc/file").write_text("other")
    os.utime(live / "etc/file", ns=(times.st_atime_ns, times.st_mtime_ns))
    put_back(copy, live)
    assert (live / "etc/file").read_text() == "first"


def test_a_file_that_may_change_unseen_is_copied_each_time(live: Path, tmp_path: Path) -> None:
    """It is never taken for the file of an earlier copy."""
    first, _ = take(live, tmp_path / "first", unsure={"etc/file"})
    _, files = take(live, tmp_path / "second", first, unsure={"etc/file"})
    assert files == {"etc/file"}
    _, files = take(live, tmp_path / "third", first)
    assert files == {"etc/file"}


def test_a_damaged_copy_is_refused(live: Path, tmp_path: Path) -> None:
    """A file that lost its content when the power failed is not put back silently."""
    copy, _ = take(live, tmp_path / "copy")
    (copy.root / "etc/deep/er/log").write_text("")
    (live / "etc/deep/er/log").write_text("changed\n")
    with pytest.raises(LabError, match="damaged: /etc/deep/er/log"):
        put_back(copy, live)


def test_names_of_any_bytes_are_kept(live: Path, tmp_path: Path) -> None:
    """A file name need not be text."""
    name = os.fsdecode(b"-a\xff\n b")
    (live / name).write_text("odd")
    copy, _ = take(live, tmp_path / "copy")
    (live / name).unlink()
    put_back(copy, live)
    assert (live / name).read_text() == "odd"
