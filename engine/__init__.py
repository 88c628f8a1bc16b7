"""The generation engine: requests in, transparent layers out. No Qt and no documents here."""

__version__ = "0.1.0"
