"""The steps that a batch of changes becomes."""

from encoders.types import Modality
from streams.index import Change, View
from streams.index.layout import Layout, point_id
from streams.index.plan import CreatePoints, RemoveFields, RemoveRows, SetFields, SetRows, in_pieces, steps, waves
from tests.fakes.rows import axis, bits, sparse

LAYOUT = Layout("g1", {Modality.TEXT: 2})
A, B = point_id("a"), point_id("b")


def test_nothing_to_change_is_no_step():
    assert list(steps(LAYOUT, [])) == []


def test_phases_follow_each_other_over_the_whole_batch():
    both = {Modality.TEXT: axis(2, 0), Modality.LEXICAL: sparse({1: 1.0})}
    changes = [Change(i, {"r": i}, {View.RAW: both}, {"p": i}, ["r"]) for i in "ab"]
    create, *others = steps(LAYOUT, changes)
    assert create == CreatePoints({A: {"listing_id": "a", "r": "a"}, B: {"listing_id": "b", "r": "b"}})
    records, (rows,), payloads = others[:2], others[2:3], others[3:5]
    assert records == [SetFields(A, {"r": "a"}), SetFields(B, {"r": "b"})]
    assert isinstance(rows, SetRows)
    assert list(rows.rows) == [A, B]
    assert payloads == [SetFields(A, {"p": "a"}), SetFields(B, {"p": "b"})]
    assert others[5:] == [RemoveFields([A, B], ("r",))]


def test_a_listing_that_comes_twice_begins_a_new_wave():
    changes = [Change("a"), Change("b"), Change("a", payload={"x": 1}), Change("c")]
    assert [[change.listing_id for change in wave] for wave in waves(changes)] == [["a", "b"], ["a", "c"]]


def test_a_point_is_created_with_the_record_of_its_first_change_only():
    create, *_ = steps(LAYOUT, [Change("a", record={"r": 1}), Change("a", record={"r": 2})])
    assert create == CreatePoints({A: {"listing_id": "a", "r": 1}})


def test_where_it_is_known_who_exists_others_are_created_and_their_records_are_not_set_again():
    changes = [Change(one, record={"r": one}) for one in "aba"]
    assert list(steps(LAYOUT, changes, there={B})) == [
        CreatePoints({A: {"listing_id": "a", "r": "a"}}),
        SetFields(B, {"r": "b"}),
        SetFields(A, {"r": "a"}),
    ]
    assert list(steps(LAYOUT, changes[:2], there={A, B})) == [SetFields(A, {"r": "a"}), SetFields(B, {"r": "b"})]


def test_rows_are_set_some_points_at_a_time():
    rows = {point_id(str(n)): {"text_raw": axis(2, 0)} for n in range(10)}
    pieces = list(in_pieces(SetRows(rows), 4))
    assert [len(piece.rows) for piece in pieces] == [4, 4, 2]
    assert list(pieces[0].rows | pieces[1].rows | pieces[2].rows) == list(rows)
    assert list(in_pieces(RemoveRows([A], ("text_raw",)), 4)) == [RemoveRows([A], ("text_raw",))]


def test_a_row_that_goes_is_zeros_first_and_removed_then():
    _, rows, removed = steps(LAYOUT, [Change("a", rows={View.RAW: {Modality.TEXT: axis(2, 1)}})])
    assert bits_of(rows, A) == {"text_raw": axis(2, 1).tobytes(), "lexical_raw": b""}
    assert removed == RemoveRows([A], ("lexical_raw",))
    _, rows, removed = steps(LAYOUT, [Change("a", rows={View.RAW: {Modality.LEXICAL: sparse({1: 1.0})}})])
    assert not rows.rows[A]["text_raw"].any()
    assert removed == RemoveRows([A], ("text_raw",))


def test_a_withdrawn_listing_is_zeros_in_every_vector_first():
    withdrawn = {View.RAW: {}, View.BLENDED: {}}
    _, rows, removed = steps(LAYOUT, [Change("a", rows=withdrawn), Change("b", rows=withdrawn)])
    names = ("text_raw", "lexical_raw", "text_blended", "lexical_blended")
    assert removed == RemoveRows([A, B], names)
    assert bits_of(rows, A) == bits_of(rows, B) == {n: bytes(8) if "text" in n else b"" for n in names}


def bits_of(step: SetRows, point: str) -> dict[str, bytes]:
    return {name: bits({Modality.TEXT: row})["text"][-1] for name, row in step.rows[point].items()}
