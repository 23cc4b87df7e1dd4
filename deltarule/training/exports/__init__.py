"""A trained model taken home: everything needed to compute it by hand, or with another library.

For layer l, counted from 0, and inputs x as the preprocessing makes them of a row: z = W x + b, then the activation;
W has a row for each unit and a column for each of its inputs. Equal models and facts give equal bytes in every format.
"""

from deltarule.training.exports.facts import About
from deltarule.training.exports.formats import FORMATS, MEDIA_TYPES, ExportFormat, Format, export

__all__ = ["FORMATS", "MEDIA_TYPES", "About", "ExportFormat", "Format", "export"]
