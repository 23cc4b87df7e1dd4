"""Models that were asked lately stay loaded: reading the weights again would cost more than using them."""

import threading
from collections import OrderedDict
from collections.abc import Callable

from deltarule.store.models import Models
from deltarule.training.model import Model

MEMORY_LIMIT_BYTES = 64 * 1024 * 1024


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
        self._loaded: OrderedDict[str, tuple[Model, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, owner: str | None, identifier: str) -> Model:
        """The model with its weights; raises NotFound, also for what is loaded but belongs to somebody else."""
        self._models.get(owner, identifier)
        with self._lock:
            if identifier in self._loaded:
                self._loaded.move_to_end(identifier)
                return self._loaded[identifier][0]
        content = self._models.content(owner, identifier)
        model = self._load(content)
        self._keep(identifier, model, len(content))
        return model

    def forget(self, identifier: str) -> None:
        """Let go of a model that was removed."""
        with self._lock:
            self._loaded.pop(identifier, None)

    def _keep(self, identifier: str, model: Model, size: int) -> None:
        with self._lock:
            self._loaded[identifier] = model, size
            while self._loaded and sum(size for _, size in self._loaded.values()) > self._limit:
                self._loaded.popitem(last=False)
