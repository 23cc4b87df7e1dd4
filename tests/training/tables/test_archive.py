"""NPZ: what is read, and what is refused before it is read."""

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy
from numpy.typing import NDArray

from deltarule.training.errors import DataError
from deltarule.training.tables import archive, chunk, describe, read

ROWS = 5


def savez(**arrays: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def saved(array: NDArray[Any]) -> bytes:
    stream = io.BytesIO()
    npy.write_array(stream, array)
    return stream.getvalue()


def zipped(members: list[tuple[str, bytes]], compression: int = zipfile.ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return stream.getvalue()


def header(shape: str, descr: str = "'<f8'", version: bytes = b"\x01\x00") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == b"\x01\x00" else "<I", len(text))
    return b"\x93NUMPY" + version + length + text


def with_inputs(content: bytes) -> bytes:
    return zipped([("inputs.npy", content), ("targets.npy", saved(np.zeros(ROWS)))])


def refusal(source: bytes) -> str:
    with pytest.raises(DataError) as raised:
        read(source, "npz")
    with pytest.raises(DataError):
        describe(source, "npz")
    return str(raised.value)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "float16", "float32", "float64", ">f8", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numbers_of_every_kind_are_read(dtype: str, order: Literal["C", "F"]) -> None:
    inputs = np.array([[1, 0], [0, 1], [1, 1]]).astype(dtype, order=order)
    table = read(savez(inputs=inputs, targets=np.array([0.5, 1, 2])), "npz")
    assert table.schema.targets == "one_dimensional"
    assert table.frame.to_dict(as_series=False) == {
        "input_0": [1.0, 0.0, 1.0],
        "input_1": [0.0, 1.0, 1.0],
        "target_0": [0.5, 1.0, 2.0],
    }


def test_two_dimensional_targets_are_columns_of_numbers() -> None:
    table = read(savez(inputs=np.zeros((2, 1)), targets=np.array([[True, False], [False, True]])), "npz")
    assert table.schema.targets == "two_dimensional"
    assert table.schema.names == ("input_0", "target_0", "target_1")
    assert table.frame.rows() == [(0, 1, 0), (0, 0, 1)]


@pytest.mark.parametrize(
    ("targets", "values"),
    [(np.array(["b", "a ", "NA"]), ["b", "a", None]), (np.array([True, False, True]), ["true", "false", "true"])],
)
def test_labels_are_texts(targets: NDArray[Any], values: list[str | None]) -> None:
    table = read(savez(inputs=np.zeros((3, 1)), targets=targets), "npz")
    assert table.schema.column("target_0").type == "categorical"
    assert table.frame["target_0"].to_list() == values


def test_nan_is_missing_and_infinity_is_an_error() -> None:
    table = read(savez(inputs=np.array([[np.nan], [1]]), targets=np.array([1, np.nan])), "npz")
    assert table.frame.rows() == [(None, 1.0), (1.0, None)]
    source = savez(inputs=np.array([[0, 0], [0, -np.inf]]), targets=np.zeros(2))
    assert (
        refusal(source) == "row 2, column input_1: the number is infinite or too large; its size may be at most 1e+100."
    )


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (b"", "The file is no readable NPZ archive: File is not a zip file."),
        (savez(inputs=np.zeros((2, 1))), "The archive holds no array targets; it must hold"),
        (savez(inputs=np.zeros((2, 1)), targets=np.zeros(2), extra=np.zeros(2)), "The archive holds 'extra'; it must"),
        (savez(inputs=np.zeros((2, 1)), targets=np.zeros(3)), "There are 2 rows of inputs, but 3 of targets."),
        (
            savez(inputs=np.zeros(2), targets=np.zeros(2)),
            "The array inputs has the shape '(2,)'; it must be rows × columns.",
        ),
        (savez(inputs=np.zeros((0, 2)), targets=np.zeros(0)), "The array inputs has the shape '(0, 2)'; it must be"),
        (
            savez(inputs=np.zeros((2, 1)), targets=np.zeros((2, 1, 1))),
            "The array targets has the shape '(2, 1, 1)'; it must",
        ),
        (
            savez(inputs=np.zeros((2, 1)), targets=np.array([None, 1])),
            "The array targets has the type 'object'; it must",
        ),
        (
            savez(inputs=np.zeros((2, 1)), targets=np.zeros(2, complex)),
            "The array targets has the type 'complex128'; it",
        ),
        (
            savez(inputs=np.array([["a"]]), targets=np.zeros(1)),
            "The array inputs has the type '<U1'; it must hold numbers.",
        ),
        (
            savez(inputs=np.zeros((2, 1)), targets=np.array(["a", "b\0c"])),
            "row 2, column target_0: the text holds a NUL",
        ),
        (
            savez(inputs=np.zeros((2, 1)), targets=np.array(["a", "\ud800"])),
            "row 2, column target_0: the text holds half",
        ),
        (
            savez(inputs=np.zeros((1, 1)), targets=np.frombuffer(b"\xff\xff\xff\x7f", "<U1")),
            "The array targets holds texts with characters that do not exist.",
        ),
        (
            savez(inputs=np.zeros((1, 10_001)), targets=np.zeros(1)),
            "The table has 10002 columns; at most 10000 are possible.",
        ),
    ],
)
def test_what_is_wrong_is_said(source: bytes, sentence: str) -> None:
    assert refusal(source).startswith(sentence)


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_an_array_twice_is_refused() -> None:
    array = saved(np.zeros((ROWS, 1)))
    source = zipped([("inputs.npy", array), ("inputs.npy", array), ("targets.npy", saved(np.zeros(ROWS)))])
    assert refusal(source) == "The archive holds an array twice; it must hold the arrays inputs and targets once."


@pytest.mark.parametrize(
    "content",
    [
        header("(5, 1000000000000)"),
        header("(4294967296, 4294967296)"),
        header("(5, 2)") + bytes(8),
        header("(5, 2)") + bytes(88),
        header("(-5, -2)") + bytes(80),
        header("(5, 2)", "'|O'") + bytes(80),
        header("(5, 2)", "[('a', '<f8')]") + bytes(80),
        header("(5, 2)", "'<f'") + bytes(80),
        header("(5, 2)", "'nonsense'"),
        header("(5, 2)", "__import__('os')"),
        header("(1000000000000, 2)", "'<U0'"),
        header("(" * 5000 + ")" * 5000),
        header("(5, 2" + "L" * 10 + ")"),
        header("(5, 2)" + " " * 70_000, version=b"\x02\x00") + bytes(80),
        header("(5, 2)", version=b"\x03\x00") + bytes(80),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff",
        b"\x93NUMPY",
        b"",
    ],
)
def test_headers_that_lie_cost_nothing(content: bytes) -> None:
    tracemalloc.start()
    assert refusal(with_inputs(content)).startswith("The array inputs")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 22


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    megabytes = 100
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("inputs.npy", "w") as member:
            member.write(header(f"({megabytes}, 131072)"))
            for _ in range(megabytes):
                member.write(bytes(1 << 20))
        archive.writestr("targets.npy", saved(np.zeros(megabytes)))
    source = stream.getvalue()
    tracemalloc.start()
    assert refusal(source).startswith("The archive unpacks to more than 500 times its size")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 23


def test_a_table_that_becomes_too_large_is_refused() -> None:
    source = savez(inputs=np.zeros((1000, 9), np.uint8), targets=np.zeros(1000))
    with pytest.raises(DataError, match="its values may take 79999 bytes, which is 999 rows of 10 columns"):
        read(source, "npz", limit=79_999)
    assert read(source, "npz", limit=80_000).schema.rows == 1000


def test_a_directory_of_many_members_is_not_even_parsed() -> None:
    source = zipped([(f"{number}.npy", b"") for number in range(100)])
    assert refusal(source) == "The archive has more than 64 members; it must have two, inputs and targets."


def test_other_ways_to_pack_are_refused() -> None:
    members = [("inputs.npy", saved(np.zeros((ROWS, 1)))), ("targets.npy", saved(np.zeros(ROWS)))]
    assert refusal(zipped(members, zipfile.ZIP_BZIP2)).startswith("The array inputs is packed in an unusual way")


def test_an_encrypted_member_is_refused() -> None:
    source = bytearray(with_inputs(saved(np.zeros((ROWS, 1)))))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        source[source.index(signature) + offset] |= 1
    assert "encrypted" in refusal(bytes(source))


def test_a_wrong_checksum_is_noticed() -> None:
    source = bytearray(with_inputs(saved(np.ones((ROWS, 1)))))
    source[source.index(b"\xf0\x3f")] ^= 1
    assert refusal(bytes(source)).startswith("The array inputs is no readable NPZ archive: Bad CRC-32")


PLAIN = with_inputs(saved(np.ones((ROWS, 1))))
PACKED = savez(inputs=np.eye(ROWS), targets=np.array(["a", "b", "c", "d", "e"]))


@settings(max_examples=400)
@given(
    source=st.sampled_from([PLAIN, PACKED]),
    changes=st.lists(
        st.tuples(st.integers(0, 2000), st.sampled_from([0, 1, 127, 128, 255]) | st.integers(0, 255)), max_size=6
    ),
    cut=st.none() | st.integers(0, 2000),
)
def test_damage_anywhere_is_a_table_or_a_refusal(
    source: bytes, changes: list[tuple[int, int]], cut: int | None
) -> None:
    damaged = bytearray(source)
    for place, value in changes:
        damaged[place % len(damaged)] = value
    try:
        table = read(bytes(damaged[:cut]), "npz")
    except DataError as error:
        assert str(error)  # noqa: PT017
    else:
        assert table.schema.rows == table.frame.height


@pytest.mark.parametrize("shape", [(2000, 3), (2000,)])
def test_arrays_that_lie_by_columns_are_read_as_well(shape: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    inputs, targets = generator.random((2000, 5)), generator.random(shape)
    by_rows, by_columns = (
        savez(inputs=order(inputs), targets=order(targets)) for order in (np.array, np.asfortranarray)
    )
    assert by_rows != by_columns
    assert read(by_rows, "npz").frame.equals(read(by_columns, "npz").frame)


def test_arrays_that_lie_by_columns_are_not_read_where_they_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "WHOLE_LIMIT", 1000)
    inputs, targets = np.ones((ROWS, 40)), np.ones(ROWS)
    assert read(savez(inputs=inputs, targets=targets), "npz").schema.rows == ROWS
    assert refusal(savez(inputs=np.asfortranarray(inputs), targets=targets)).endswith("numpy.ascontiguousarray.")


def test_a_large_archive_is_described_without_being_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunk, "CHUNK_CELLS", 1 << 16)
    path = tmp_path / "large.npz"
    np.savez(path, inputs=np.random.default_rng(0).integers(0, 9, (400_000, 4)), targets=np.zeros(400_000))
    tracemalloc.start()
    assert describe(path, "npz").rows == 400_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < path.stat().st_size / 4
