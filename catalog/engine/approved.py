"""The door to the engine for what a model shall learn of an approved text."""


def words_to_learn(*, approved: str, drafted: str, facts: str) -> str:
    """What the model has to write of the photo so that the catalog shows `approved`.

    Args:
        drafted: what a machine wrote before people changed it; empty where none did.
        facts: that it was told.
    """
    from moda_engine.language.rewording import plain_order

    return plain_order(approved, drafted, facts)
