"""A place on a line, with what its options say of the database and the configuration."""

from convo_cli.completing import configured, places
from convo_cli.completing.line import Place
from convo_cli.completing.table import Command

# Not that of `typing`, which takes too long to import.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from convo.sqlite.glance import Glance
    from convo_cli.completing.on_server import ServerGlance

_SCHEMES = ("postgresql://", "postgres://", "postgresql+asyncpg://", "postgresql+psycopg://")

MOST = 1000
"""The most names that are offered at once."""

Offer = tuple[str, str]
"""A value, and a few words about it. After one that ends in `=` or `/`, typing goes on."""


class Asked:
    """A place on a line, with the database and the configuration that its options name.

    `is_described` is whether the words about the offers are shown, or they need not be looked up.
    """

    def __init__(
        self, place: Place, root: Command, environ: dict[str, str], *, is_described: bool = True
    ) -> None:
        self.place = place
        self.root = root
        self.environ = environ
        self.is_described = is_described
        self._config: dict[str, object] | None = None
        self._glance: Glance | None = None
        self._database: str | None = None

    @property
    def config(self) -> dict[str, object]:
        """The configuration, read once."""
        if self._config is None:
            self._config = configured.document(places.config_file(self.environ))
        return self._config

    def given(self, option: str) -> str | None:
        """The last value of an option; None if it was not given, or cannot be known."""
        values = self.place.given.get(option)
        return values[-1] if values else None

    @property
    def database(self) -> str | None:
        """The path or the URL of the database; None if it cannot be known."""
        if self._database is None:
            if self.place.given.get("--db") and self.given("--db") is None:
                return None
            named = self.given("--db") or self.environ.get("CONVO_DB")
            db = None if named else self.config.get("db")
            db = db if isinstance(db, str) else None
            self._database = places.database(named, self.environ, db)
        return self._database

    @property
    def glance(self) -> "Glance | None":
        """The file of the database; None if there is none."""
        path = self.database
        if self._glance is None and path is not None and "://" not in path:
            # Imported here because it loads `sqlite3`, which most lines do not need.
            from convo.sqlite.glance import glance_at

            self._glance = glance_at(path)
        return self._glance

    @property
    def server(self) -> "ServerGlance | None":
        """The server of the database; None if there is none."""
        url = self.database
        if url is None or not url.startswith(_SCHEMES):
            return None
        from convo_cli.completing.on_server import ServerGlance

        return ServerGlance(url)

    def session_on_server(self) -> tuple[str, str] | None:
        """The name of the session on the line, and the folder that it is to be the one of.

        Both are empty for the current one; None if it cannot be known.
        """
        is_here = "--here" in self.place.given
        if self.place.given.get("--session"):
            name = self.given("--session")
            return None if name is None else (name, "")
        if not is_here and self.environ.get("CONVO_SESSION"):
            return self.environ["CONVO_SESSION"], ""
        if is_here or self._is_by_folder():
            return "", places.current_folder()
        return "", ""

    def _is_by_folder(self) -> bool:
        return configured.names(self.config, "session").get("scope") == "folder"

    def session(self, glance: "Glance") -> str | None:
        """The session of the line."""
        if self.place.given.get("--session"):
            name = self.given("--session")
            return None if name is None else glance.session_called(name)
        is_here = "--here" in self.place.given
        if not is_here and self.environ.get("CONVO_SESSION"):
            return glance.session_called(self.environ["CONVO_SESSION"])
        if is_here or self._is_by_folder():
            return glance.session_of_folder(places.current_folder())
        return glance.current_session()
