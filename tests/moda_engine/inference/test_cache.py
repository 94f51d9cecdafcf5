import torch

from moda_engine.inference.cache import SlotCache


def test_it_grows_with_what_it_holds_and_keeps_it():
    cache = SlotCache(2, slots=3, length=0, kv_heads=2, head_size=4, like=torch.zeros(1))
    cache.reserve(2)
    assert cache.length == 16
    prefixes = torch.randn(3, 2, 2, 2, 4)
    cache.store_prefixes(1, 0, prefixes)
    cache.reserve(16)
    assert cache.length == 16
    cache.reserve(17)
    assert cache.length == 32
    keys, values = cache.read(1, rows=3, tokens=2)
    assert torch.equal(torch.stack([keys, values]), prefixes.permute(2, 0, 3, 1, 4))
    cache.reserve(100)
    assert cache.length == 100
    cache.reserve(101)
    assert cache.length == 125


def test_room_for_the_longest_is_taken_at_once_and_cleared_as_it_is_needed():
    cache = SlotCache(1, slots=2, length=0, kv_heads=1, head_size=2, like=torch.zeros(1))
    cache.reserve(3, most=40)
    assert cache.length == 40
    prefixes = torch.randn(2, 3, 2, 1, 2)
    cache.store_prefixes(0, 0, prefixes)
    cache.reserve(17)
    assert cache.length == 40
    keys, values = cache.read(0, rows=2, tokens=32)
    assert torch.equal(keys[:, 0, :3], prefixes[:, :, 0, 0])
    assert not keys[:, :, 3:].any()
    assert not values[:, :, 3:].any()
    cache.reserve(39, most=60)
    assert cache.length == 60
    keys, _ = cache.read(0, rows=2, tokens=39)
    assert torch.equal(keys[:, 0, :3], prefixes[:, :, 0, 0])
    assert not keys[:, :, 3:].any()


def test_layers_are_alike_again_after_memory_ran_out_at_one(monkeypatch):
    cache = SlotCache(3, slots=4, length=0, kv_heads=1, head_size=2, like=torch.zeros(1))
    cache.reserve(16)
    cache.store_prefixes(2, 0, torch.ones(4, 1, 2, 1, 2))
    new_empty = torch.Tensor.new_empty
    calls = []

    def poor(*arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise MemoryError
        return new_empty(*arguments)

    monkeypatch.setattr(torch.Tensor, "new_empty", poor)
    try:
        cache.reserve(17)
    except MemoryError:
        cache.shrink(2)
    assert cache.length == 16
    columns = torch.tensor([1, 17])  # the second token of each slot
    for layer in range(3):
        cache.store_step(layer, columns, torch.full((2, 4), 7.0))
        keys, _ = cache.read(layer, rows=2, tokens=2)
        assert keys[:, 0, 1].tolist() == [[7.0, 7.0]] * 2
    assert keys[:, 0, 0].tolist() == [[1.0, 1.0]] * 2
