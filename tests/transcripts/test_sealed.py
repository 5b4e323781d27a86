"""Sealed files: any range comes back, nothing that was altered does."""

import io
import os
import tracemalloc
from random import Random
from uuid import uuid4

import pytest

from transcripts import sealed
from transcripts.sealed import CHUNK, HEADER, TAG, Altered, Reader

KEY, KEY_ID, NAME = os.urandom(32), uuid4(), "countersign/p/f/media"
LENGTHS = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 777]


def seal(plain: bytes, name: str = NAME) -> bytes:
    target = io.BytesIO()
    source = io.BytesIO(plain)
    sealed.seal(source, target, key=KEY, key_id=KEY_ID, name=name, length=len(plain))
    return target.getvalue()


def read(file: bytes, name: str = NAME, key: bytes = KEY) -> bytes:
    return io.BufferedReader(Reader(io.BytesIO(file), key=key, name=name)).read()


@pytest.fixture(scope="module")
def plain() -> bytes:
    return Random(1).randbytes(3 * CHUNK + 777)


@pytest.fixture(scope="module")
def file(plain) -> bytes:
    return seal(plain)


def test_a_flipped_bit_anywhere_is_refused(file):
    random = Random(2)
    places = [*range(HEADER.size + 1), *(random.randrange(len(file)) for _ in range(300))]
    for place in [*places, len(file) - 1]:
        changed = bytearray(file)
        changed[place] ^= 1 << random.randrange(8)
        with pytest.raises(Altered):
            read(bytes(changed))


@pytest.mark.parametrize("cut", [1, TAG, 777 + TAG, CHUNK + TAG, 2 * (CHUNK + TAG), 3 * CHUNK])
def test_a_file_cut_short_is_refused_before_its_first_byte_is_read(file, cut):
    with pytest.raises(Altered):
        Reader(io.BytesIO(file[:-cut]), key=KEY, name=NAME)


def test_a_file_cut_at_a_chunk_whose_length_was_set_right_is_refused(file):
    short = bytearray(file[: HEADER.size + 2 * (CHUNK + TAG)])
    short[HEADER.size - 8 : HEADER.size] = (2 * CHUNK).to_bytes(8, "big")
    with pytest.raises(Altered):
        read(bytes(short))


def test_chunks_in_another_order_or_twice_are_refused(file):
    one, two = (HEADER.size + n * (CHUNK + TAG) for n in (1, 2))
    chunk = CHUNK + TAG
    swapped = file[:one] + file[two : two + chunk] + file[one:two] + file[two + chunk :]
    twice = file[:two] + file[one:two] + file[two + chunk :]
    for changed in (swapped, twice):
        with pytest.raises(Altered):
            read(changed)


def test_a_chunk_of_another_file_under_the_same_key_is_refused(file, plain):
    other = seal(plain)
    with pytest.raises(Altered):
        read(file[: HEADER.size] + other[HEADER.size :])


def test_something_after_the_end_is_refused(file):
    with pytest.raises(Altered):
        read(file + b"\0")


def test_another_name_or_key_does_not_open_it(file):
    with pytest.raises(Altered):
        read(file, name="countersign/p/other/media")
    with pytest.raises(Altered):
        read(file, key=os.urandom(32))


@pytest.mark.parametrize("length", [4, 6])
def test_a_source_of_another_length_than_was_said_is_refused(length):
    source = io.BytesIO(b"12345")
    with pytest.raises(ValueError, match="source"):
        sealed.seal(source, io.BytesIO(), key=KEY, key_id=KEY_ID, name=NAME, length=length)


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_sealed_comes_back(length):
    plain = Random(length).randbytes(length)
    file = seal(plain)
    assert read(file) == plain and len(file) == sealed.sealed_length(length)
    assert sealed.key_id_of(file) == KEY_ID and sealed.length_of(file[: HEADER.size]) == length


def test_any_range_is_exactly_its_bytes(file, plain):
    reader, random = io.BufferedReader(Reader(io.BytesIO(file), key=KEY, name=NAME)), Random(3)
    for _ in range(500):
        start, count = random.randrange(len(plain) + 9), random.choice([0, 1, 9, CHUNK, 2 * CHUNK])
        reader.seek(start)
        assert reader.read(count) == plain[start : start + count]


def test_a_range_reads_only_the_chunks_it_touches(file):
    touched = []

    class Watched(io.BytesIO):
        def read(self, size=-1):
            touched.append((self.tell(), size))
            return super().read(size)

    reader = Reader(Watched(file), key=KEY, name=NAME)
    touched.clear()
    reader.seek(2 * CHUNK + 5)
    assert len(reader.read(100)) == 100
    assert touched == [(HEADER.size + 2 * (CHUNK + TAG), CHUNK + TAG)]


def test_no_two_files_of_the_same_content_are_alike(plain):
    first, second = seal(plain), seal(plain)
    same = sum(a == b for a, b in zip(first[HEADER.size :], second[HEADER.size :], strict=True))
    assert same / len(first) < 0.01


def test_memory_stays_small_however_long_the_file_is():
    class Endless(io.RawIOBase):
        left = 64 * 1024 * 1024

        def read(self, size=-1):
            size = min(size, self.left)
            self.left -= size
            return b"\0" * size

    tracemalloc.start()
    with open(os.devnull, "wb") as nowhere:
        sealed.seal(Endless(), nowhere, key=KEY, key_id=KEY_ID, name=NAME, length=Endless.left)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * 1024 * 1024
