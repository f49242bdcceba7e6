"""audit: what a table repeats, what determines what, and the SQL that fixes it."""

from colprofile.verbs.audit.api import audit
from colprofile.verbs.audit.evidence import evidence

__all__ = ["audit", "evidence"]
