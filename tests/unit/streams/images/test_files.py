import os

import pytest

from streams.errors import ImageFetchError
from streams.images.files import read_image_file


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "images"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "photo.jpg").write_bytes(b"photo")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return folder


@pytest.mark.parametrize("reference", ["deep/photo.jpg", "./deep/../deep/photo.jpg"])
def test_a_file_under_the_root_is_read(root, reference):
    assert read_image_file(reference, root, 1_000) == b"photo"


def test_an_absolute_path_under_the_root_is_read(root):
    assert read_image_file(str(root / "deep" / "photo.jpg"), root, 1_000) == b"photo"


def test_a_root_that_is_a_symbolic_link_itself_is_fine(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    assert read_image_file("deep/photo.jpg", tmp_path / "link", 1_000) == b"photo"


def test_a_symbolic_link_that_stays_under_the_root_is_followed(root):
    (root / "alias.jpg").symlink_to("deep/photo.jpg")
    assert read_image_file("alias.jpg", root, 1_000) == b"photo"


@pytest.mark.parametrize("reference", ["../secret.txt", "deep/../../secret.txt", "/etc/passwd", "//etc/passwd", ".."])
def test_a_path_outside_the_root_is_refused(root, reference):
    with pytest.raises(ImageFetchError, match="outside the image root"):
        read_image_file(reference, root, 1_000)


def test_a_folder_whose_name_begins_like_the_root_is_outside(root, tmp_path):
    (tmp_path / "images-private").mkdir()
    (tmp_path / "images-private" / "x.jpg").write_bytes(b"secret")
    with pytest.raises(ImageFetchError, match="outside the image root"):
        read_image_file("../images-private/x.jpg", root, 1_000)


def test_a_symbolic_link_that_leads_outside_the_root_is_refused(root, tmp_path):
    (root / "innocent.jpg").symlink_to(tmp_path / "secret.txt")
    (root / "folder").symlink_to(tmp_path)
    for reference in ("innocent.jpg", "folder/secret.txt"):
        with pytest.raises(ImageFetchError, match="outside the image root"):
            read_image_file(reference, root, 1_000)


def test_a_path_without_a_root_is_refused_with_the_setting_to_set():
    with pytest.raises(ImageFetchError, match="MATCHSTREAM_IMAGE_ROOT"):
        read_image_file("photo.jpg", None, 1_000)


@pytest.mark.parametrize("reference", ["missing.jpg", "deep", "", "deep/photo.jpg/x"])
def test_what_is_no_file_is_refused(root, reference):
    with pytest.raises(ImageFetchError, match=r"no such file|not readable"):
        read_image_file(reference, root, 1_000)


@pytest.mark.parametrize("reference", ["a\0b.jpg", "x" * 5_000])
def test_a_name_that_no_file_can_have_is_refused(root, reference):
    with pytest.raises(ImageFetchError, match=r"not a usable path|not readable|no such file"):
        read_image_file(reference, root, 1_000)


def test_a_circle_of_symbolic_links_is_refused(root):
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    with pytest.raises(ImageFetchError):
        read_image_file("a", root, 1_000)


def test_a_pipe_is_refused_without_waiting_for_a_writer(root):
    os.mkfifo(root / "pipe.jpg")
    with pytest.raises(ImageFetchError, match="no such file"):
        read_image_file("pipe.jpg", root, 1_000)


def test_the_size_limit_is_exact(root):
    assert read_image_file("deep/photo.jpg", root, 5) == b"photo"
    with pytest.raises(ImageFetchError, match="more than 4 bytes"):
        read_image_file("deep/photo.jpg", root, 4)


def test_an_empty_file_is_refused(root):
    (root / "empty.jpg").touch()
    with pytest.raises(ImageFetchError, match="an empty file"):
        read_image_file("empty.jpg", root, 1_000)
