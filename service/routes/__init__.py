"""One file for each resource; a view is its contract and a few lines."""

from service.parsing import use_strict_parsing

# Before any view is declared, because a view's decorators take their way of parsing when they are applied.
use_strict_parsing()
