"""Models that were asked lately stay loaded: reading the weights again would cost more than using them."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from deltarule.store.models import Models
from deltarule.training.model import Model
from deltarule.training.plain import PlainRows

MEMORY_LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class _Loaded:
    """A model with its size in bytes, and once somebody asked for it, with the short way through it."""

    model: Model
    size: int
    plain: PlainRows | None = None


class TrainedModels:
    """Loaded models, those used last, of at most `memory_limit_bytes` together; one that is larger is not kept."""

    def __init__(
        self,
        models: Models,
        *,
        memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
        load: Callable[[bytes], Model] = Model.from_bytes,
    ) -> None:
        self._models = models
        self._limit = memory_limit_bytes
        self._load = load
        self._loaded: OrderedDict[str, _Loaded] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, owner: str | None, identifier: str) -> Model:
        """The model with its weights; raises NotFound, also for what is loaded but belongs to somebody else."""
        return self._found(owner, identifier).model

    def plain(self, owner: str | None, identifier: str) -> PlainRows:
        """The model with the short way through it; raises as `get`."""
        loaded = self._found(owner, identifier)
        if loaded.plain is None:
            loaded.plain = PlainRows(loaded.model)
        return loaded.plain

    def remove(self, owner: str | None, identifier: str) -> None:
        """Remove a model for good, and let go of it; raises NotFound, or InUse while a job goes on from it."""
        self._models.remove(owner, identifier)
        with self._lock:
            self._loaded.pop(identifier, None)

    def _found(self, owner: str | None, identifier: str) -> _Loaded:
        self._models.check(owner, identifier)
        with self._lock:
            if identifier in self._loaded:
                self._loaded.move_to_end(identifier)
                return self._loaded[identifier]
        content = self._models.content(owner, identifier)
        loaded = _Loaded(self._load(content), len(content))
        self._keep(identifier, loaded)
        return loaded

    def _keep(self, identifier: str, loaded: _Loaded) -> None:
        with self._lock:
            self._loaded[identifier] = loaded
            while self._loaded and sum(each.size for each in self._loaded.values()) > self._limit:
                self._loaded.popitem(last=False)
