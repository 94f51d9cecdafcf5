"""What the catalog refuses to do. Every message is a sentence that a person can act on."""


class CatalogError(Exception):
    """Base of all that follows; `str(error)` may be shown to the person who asked."""


class PhotoRefused(CatalogError):
    """An uploaded file is not a photo that may be stored; nothing was stored."""


class TransitionRefused(CatalogError):
    """The row is not in a state from which this step is allowed; nothing changed."""


class DescriptionRefused(CatalogError):
    """A text cannot be saved as it is: empty, too long; nothing changed."""


class TextsContradict(CatalogError):
    """Texts of one item cannot all be true; nothing was approved. A person may insist."""


class ImportRefused(CatalogError):
    """A source of products cannot be read at all; nothing was imported."""


class FetchRefused(CatalogError):
    """An address may not be asked, or did not give what was asked for; nothing was stored.

    `status` is what it answered, if anything; `unreachable` says that it did not answer in full,
    `no_host` that no name server knows its host.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        unreachable: bool = False,
        no_host: bool = False,
    ) -> None:
        self.status, self.unreachable, self.no_host = status, unreachable, no_host
        super().__init__(message)


class SealBroken(CatalogError):
    """A stored password was encrypted with another SECRET_KEY, so it cannot be read."""


class ChangedMeanwhile(CatalogError):
    """A change starts from a state that is not the last one; nothing was written."""


class ChannelRefused(CatalogError):
    """A line of a channel's requirements cannot be understood; nothing was saved."""


class GridRefused(CatalogError):
    """A cell cannot hold this, or a step over many cells makes no sense; nothing was written."""


class LeaseLost(CatalogError):
    """The items are no longer this worker's: their lease passed to another or was cancelled."""


class JobRefused(CatalogError):
    """What is asked of a job contradicts itself or names what cannot be had; nothing was made."""


class RetrainingRefused(CatalogError):
    """A run cannot be made of what was chosen; nothing was made."""


class StyleRefused(CatalogError):
    """A rule of the style sheet cannot be followed beside another; nothing changed."""


class ApprovalRefused(CatalogError):
    """Drafts may not be approved by themselves like this; nothing was approved."""


class PromotionRefused(CatalogError):
    """A version may not be put into use like this; what is in use is unchanged."""
