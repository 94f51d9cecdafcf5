"""Makes transformers' Auto classes know MODA as soon as it is imported, and loads nothing for that.

`import moda_engine` must stay cheap: programs that use its plain Python alone, as a web server
does, load neither transformers nor torch. So where transformers is not loaded yet, its modules of
Auto classes are watched, and MODA's classes are registered when one of them has been loaded.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_AUTO = "transformers.models.auto"
#: Module of Auto classes → our module that registers its classes with them. Models are not among
#: them: theirs is loaded by other models of transformers, which ours needs whole. A configuration
#: registers its model, since no model is asked for without one.
_REGISTERED_BY = {
    f"{_AUTO}.configuration_auto": "moda_engine.configuration",
    f"{_AUTO}.image_processing_auto": "moda_engine.image_processor",
    f"{_AUTO}.processing_auto": "moda_engine.processor",
}


class _RegisteringLoader(SourceFileLoader):
    """Loads a module of Auto classes as usual, then has our classes registered with them."""

    def exec_module(self, module: ModuleType) -> None:
        super().exec_module(module)
        import_module(_REGISTERED_BY[module.__name__])


class _AutoClassFinder(MetaPathFinder):
    """Finds the modules of Auto classes where Python finds them, for the loader above."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _REGISTERED_BY:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.origin is not None and type(spec.loader) is SourceFileLoader:
            spec.loader = _RegisteringLoader(fullname, spec.origin)
        return spec


def register_with_transformers() -> None:
    """Register now what is loaded already, and the rest once it is loaded."""
    sys.meta_path.insert(0, _AutoClassFinder())
    for watched, registering in _REGISTERED_BY.items():
        if watched in sys.modules:
            import_module(registering)
