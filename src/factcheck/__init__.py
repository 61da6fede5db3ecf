"""From health articles to checked claims and corrections that can be traced."""

__version__ = "0.1.0"
