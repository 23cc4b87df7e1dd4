"""scikit-learn's estimators over HTTP: what they fit is trained by a service, and predicted by it from anywhere.

They need scikit-learn, which `pip install 'deltarule[sklearn]'` brings.
"""

try:
    import sklearn as _sklearn  # noqa: F401 - asked for, so that its absence can be told
except ModuleNotFoundError as error:
    sentence = "DeltaruleClassifier and DeltaruleRegressor need scikit-learn: pip install 'deltarule[sklearn]'"
    raise ModuleNotFoundError(sentence, name=error.name) from error

from deltarule.client.estimators.classifier import DeltaruleClassifier
from deltarule.client.estimators.regressor import DeltaruleRegressor

__all__ = ["DeltaruleClassifier", "DeltaruleRegressor"]
