"""The exceptions of this project.

    AssistantError            what failed, on which value, what to do next
    ├── SettingsError         a setting or option has a value that cannot be used
    ├── AccessError           the user may not do this, or readers are named in a way that cannot be used
    ├── NotFoundError         what is named is not there, or not for who asks
    ├── FilterError           a filter of documents cannot be read, names no field, or lets none through
    ├── BusyError             too much is being done at once; try again later
    ├── SourceError           one source could not be ingested; the batch goes on
    │   ├── FetchError        a file or link could not be read
    │   └── ParseError        it was read, but is broken, encrypted, empty or of an unknown kind
    │       └── PasswordError it wants a password, or another one
    ├── StoreError            the index could not be opened, read or written
    ├── ModelError            a model could not be loaded or did not answer
    │   ├── ContextWindowError   what it was to read is longer than its context window
    │   └── RequestRefusedError  its server does not take such a request: no tools, no such parameter
    ├── StoppedError          the question is no longer wanted
    └── PackError             an evaluation pack or run file cannot be used

Catch the narrow ones at a boundary; a command line turns ``AssistantError`` into one line on stderr.
"""

from __future__ import annotations


class AssistantError(Exception):
    """Base of all errors whose message is meant for the user."""


class SettingsError(AssistantError):
    """A setting or option has a value that cannot be used."""


class AccessError(AssistantError):
    """The user may not do this, or readers of a source are named in a way that cannot be used."""


class NotFoundError(AssistantError):
    """What is named is not there, or is not for who asks to see."""


class FilterError(AssistantError):
    """A filter of documents cannot be read, names no field that there is, or lets no document through."""


class BusyError(AssistantError):
    """Too much is being done at once; what was asked for may be tried again."""


class SourceError(AssistantError):
    """One source could not be ingested."""


class FetchError(SourceError):
    """A file or link could not be read."""


class ParseError(SourceError):
    """A source was read, but its content could not be used."""


class PasswordError(ParseError):
    """A source is encrypted, and wants a password or another one."""


class StoreError(AssistantError):
    """The index could not be opened, read or written."""


class ModelError(AssistantError):
    """A model could not be loaded or did not answer."""


class ContextWindowError(ModelError):
    """What a model was to read is longer than its context window."""


class RequestRefusedError(ModelError):
    """A model's server does not take such a request: it knows no tools, or not one of the parameters."""


class StoppedError(AssistantError):
    """The question was stopped; nobody waits for the answer."""


class PackError(AssistantError):
    """An evaluation pack or run file cannot be used."""
