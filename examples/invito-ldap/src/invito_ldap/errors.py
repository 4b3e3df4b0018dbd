"""Why a directory could not be read: the class is what users are told, the message what the log says."""


class DirectoryUnread(Exception):
    """It could not be read as a whole. The message says what to do, and holds nothing of the directory's."""


class DirectoryAway(DirectoryUnread):
    """It does not answer, or not any longer."""


class BindRefused(DirectoryUnread):
    """It does not know who reads."""


class NotTrusted(DirectoryUnread):
    """It cannot be talked to secretly, or it is not sure with whom."""


class CutShort(DirectoryUnread):
    """It answered with less than there is."""


class NobodyThere(DirectoryUnread):
    """It has nobody whom the settings mean."""
