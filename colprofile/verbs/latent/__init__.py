"""latent_classes: the kinds of rows that a table has, by variational Bayes."""

from colprofile.verbs.latent.api import latent_classes
from colprofile.verbs.latent.assign import assign_classes

__all__ = ["assign_classes", "latent_classes"]
