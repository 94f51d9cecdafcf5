"""What the engine refuses; every message says what to do."""


class EngineError(Exception):
    """Base of the engine's own errors; the message may be shown to a person."""


class CheckpointError(EngineError):
    """A folder is no checkpoint that this program can run."""


class PhotoError(EngineError):
    """A file or picture cannot be read as a photo."""


class DatasetError(EngineError):
    """A training or evaluation set cannot be used as it is."""


class TrainingError(EngineError):
    """A training run cannot go on, or cannot be resumed."""


class TrainingStopped(EngineError):
    """A training run was asked to stop; what it needs to go on is saved."""
