"""What a caller is told of sources and plugins that could not answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from invito.plugins.contract import Language
from invito.plugins.failures import Cause, PluginFailure
from invito.plugins.plugin_facts import LoadedSource
from invito.services.language import clock_time, translate


@dataclass(frozen=True, slots=True)
class SourceWarning:
    """A source that failed or was too slow: its key, or the name of a plugin that is no source."""

    source: str
    message: str


def warning_of_source(loaded: LoadedSource, failure: PluginFailure, language: Language) -> SourceWarning:
    """The source could not answer."""
    who = f"{loaded.source.label.in_language(language)} ({failure.plugin})"
    return SourceWarning(loaded.source.key, f"{who}: {said(failure.cause, language)}")


def warning_of_plugin(failure: PluginFailure, language: Language) -> SourceWarning:
    """A plugin that adds to what sources know could not answer."""
    return SourceWarning(failure.plugin, f"{failure.plugin}: {said(failure.cause, language)}")


def warning_of_age(warning: SourceWarning, listed_at: datetime, time_zone: str, language: Language) -> SourceWarning:
    """The source could not answer, and what it listed at this UTC instant is shown in its place."""
    message = translate("{failure}. This is what it listed on {time}.", language)
    time = clock_time(listed_at, time_zone, language)
    return SourceWarning(warning.source, message.format(failure=warning.message, time=time))


def each_once(*warnings: Sequence[SourceWarning]) -> tuple[SourceWarning, ...]:
    """All of these warnings; the same one only once."""
    return tuple(dict.fromkeys(warning for some in warnings for warning in some))


def said(cause: Cause, language: Language) -> str:
    """The cause in this language, and what it was caused by."""
    values = {
        name: said(value, language) if isinstance(value, Cause) else value for name, value in cause.values.items()
    }
    return translate(cause.message, language).format(**values)
