"""Encryption at rest."""

from __future__ import annotations

import pickle
import sys

import pytest
import torch

from signals.blocks import KINDS, settings
from stillroom.signals import SignalStore, collect
from stillroom.signals.content import content_key
from stillroom.signals.recording import record_key
from stillroom.signals.seal import Sealed
from stillroom.signals.settings import EncryptionSettings
from stillroom.signals.shard import Shard
from stillroom.types import MissingExtraError, SignalError

pytest.importorskip("cryptography")
KEY, OTHER = "5a" * 32, "a5" * 32
VARIABLE = EncryptionSettings(key_variable="SIGNAL_KEY")


@pytest.fixture
def key(monkeypatch) -> None:
    monkeypatch.setenv("SIGNAL_KEY", KEY)


@pytest.mark.parametrize("targets", KINDS, ids=lambda targets: targets["kind"])
def test_an_encrypted_store_says_what_a_clear_one_says(teacher, rows, record, tmp_path, key, targets) -> None:
    clear = record(teacher, rows, targets, folder=tmp_path / "clear", layers=(1, 3))
    sealed = record(teacher, rows, targets, folder=tmp_path / "sealed", layers=(1, 3), encryption=VARIABLE)
    assert torch.equal(clear.layers(rows), sealed.layers(rows))
    for ours, theirs in zip(clear.teacher(rows), sealed.teacher(rows), strict=True):
        assert torch.equal(torch.as_tensor(ours), torch.as_tensor(theirs))


def test_neither_records_nor_names_can_be_found_in_the_files(teacher, rows, record, tmp_path, key) -> None:
    clear = record(teacher, rows, folder=tmp_path / "clear")
    record(teacher, rows, folder=tmp_path / "sealed", encryption=VARIABLE)
    files = b"".join(file.read_bytes() for file in (tmp_path / "sealed").iterdir())
    for row in rows:
        assert record_key(clear.recording.fingerprint, row) not in files
        assert bytes.fromhex(content_key(row)) not in files
        assert clear.teacher([row]).hidden.numpy().tobytes() not in files
    plain = b"".join(file.read_bytes() for file in (tmp_path / "clear").iterdir())
    assert record_key(clear.recording.fingerprint, rows[0]) in plain


def test_equal_content_gives_equal_bytes_and_other_rows_other_nonces(
    teacher, rows, record, tmp_path, key
) -> None:
    for name in ("a", "b"):
        record(teacher, rows, folder=tmp_path / name, encryption=VARIABLE)
    shards = [sorted((tmp_path / name).glob("shard-*")) for name in ("a", "b")]
    assert [file.read_bytes() for file in shards[0]] == [file.read_bytes() for file in shards[1]]
    nonces = [
        shard.read(i)[:12].numpy().tobytes()
        for shard in map(Shard, shards[0])
        for i in range(len(shard.names))
    ]
    assert len(set(nonces)) == len(rows)


def test_a_wrong_or_missing_key_is_one_line_without_the_key(
    teacher, rows, record, tmp_path, key, monkeypatch
) -> None:
    record(teacher, rows, encryption=VARIABLE)
    folder = tmp_path / "store"

    def refused(match: str, encryption: EncryptionSettings | None = VARIABLE) -> None:
        with pytest.raises(SignalError, match=match) as caught:
            SignalStore.open(folder, teacher.fingerprint(), encryption=encryption)
        assert "\n" not in str(caught.value)
        assert OTHER not in str(caught.value)

    refused("is encrypted; expected the key", encryption=None)
    monkeypatch.setenv("SIGNAL_KEY", OTHER)
    refused("the key does not open")
    monkeypatch.setenv("SIGNAL_KEY", OTHER[:-2])
    refused("has 31 bytes; expected 64 hexadecimal digits")
    monkeypatch.setenv("SIGNAL_KEY", "secret")
    refused("not hexadecimal")
    monkeypatch.delenv("SIGNAL_KEY")
    refused("no key in variable SIGNAL_KEY")
    refused("no key in file", encryption=EncryptionSettings(key_file=str(tmp_path / "absent")))
    with pytest.raises(SignalError, match="is encrypted"):
        collect(teacher, rows, folder, settings())


def test_the_key_may_come_from_a_file(teacher, rows, record, tmp_path, key) -> None:
    record(teacher, rows, encryption=VARIABLE)
    (tmp_path / "key").write_text(KEY + "\n")
    from_file = EncryptionSettings(key_file=str(tmp_path / "key"))
    assert len(SignalStore.open(tmp_path / "store", teacher.fingerprint(), encryption=from_file)) == len(rows)


def test_a_pickled_store_is_an_address_without_the_key(teacher, rows, record, key) -> None:
    store = record(teacher, rows, encryption=VARIABLE)
    sent = pickle.dumps(store)
    assert KEY.encode() not in sent
    assert bytes.fromhex(KEY) not in sent
    assert len(sent) < 10_000
    assert torch.equal(pickle.loads(sent).teacher(rows).hidden, store.teacher(rows).hidden)


def test_a_clear_store_is_not_taken_for_an_encrypted_one(teacher, rows, record, tmp_path, key) -> None:
    record(teacher, rows)
    with pytest.raises(SignalError, match="is not encrypted"):
        SignalStore.open(tmp_path / "store", teacher.fingerprint(), encryption=VARIABLE)


def test_a_record_opens_under_its_own_name_alone() -> None:
    seal = Sealed(bytes(32))
    closed = seal.close(torch.arange(9, dtype=torch.uint8), b"one row")
    assert torch.equal(seal.open(closed, b"one row"), torch.arange(9, dtype=torch.uint8))
    with pytest.raises(SignalError, match="does not open"):
        seal.open(closed, b"another")
    closed[20] ^= 1
    with pytest.raises(SignalError, match="does not open"):
        seal.open(closed, b"one row")


def test_without_the_package_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(MissingExtraError, match=r"stillroom\[encryption\]"):
        Sealed(bytes(32))
