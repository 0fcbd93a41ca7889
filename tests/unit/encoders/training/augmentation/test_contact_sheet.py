import pytest
from PIL import Image

from encoders.training.augmentation.__main__ import main


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    Image.radial_gradient("L").convert("RGB").save(path)
    return path


def drawn(path, *arguments):
    main([*arguments, "-o", str(path), "--side", "32", "--variants", "3"])
    with Image.open(path) as sheet:
        return sheet.convert("RGB")


def test_a_row_for_each_photo_and_a_line_for_each_title(photo, tmp_path, capsys):
    one = drawn(tmp_path / "one.png", str(photo))
    two = drawn(tmp_path / "two.png", str(photo), str(photo))
    titled = drawn(tmp_path / "titled.png", str(photo), "--title", "black kettle")
    assert one.width == two.width > 4 * 32
    assert two.height - one.height == 38
    assert titled.height - one.height == 4 * 20
    said = capsys.readouterr().out
    assert "two.png: 2 photos, 3 variants of each" in said
    assert "next: look whether each still shows its product" in said


def test_the_first_picture_is_the_one_evaluation_looks_at(photo, tmp_path):
    strong, mild = (drawn(tmp_path / "sheet.png", str(photo), "--strength", much) for much in ("1", "0"))
    assert strong.crop((0, 0, 6 + 32, 44)) == mild.crop((0, 0, 6 + 32, 44))
    assert strong != mild
    assert mild.crop((6, 6, 38, 38)) == mild.crop((44, 6, 76, 38))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--strength", "2"], "strength is 2.0, a number from 0 to 1 wanted"),
        (["no-such.jpg"], "No such file"),
        ([__file__], "test_contact_sheet.py': image of .* wanted; publish such a file"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(photo, tmp_path, arguments, said):
    with pytest.raises(SystemExit, match=said):
        main([str(photo), *arguments, "-o", str(tmp_path / "sheet.png")])
    assert not (tmp_path / "sheet.png").exists()
