"""Memory that ran out, as Python says it."""


def raise_for_memory(error: RuntimeError) -> None:
    """Raises `MemoryError` when that is what `error` says, whatever the device."""
    from moda_engine.devices import is_out_of_memory

    if is_out_of_memory(error):
        raise MemoryError(str(error)) from error
