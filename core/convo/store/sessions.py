"""The store's methods for sessions."""

from convo.branches import heads
from convo.names import check_name
from convo.records import Head, SessionInfo, SessionModel, SessionOrigin
from convo.storage.transaction import Transaction
from convo.storage.values import text
from convo.store import catalog, removed_sessions
from convo.store.base import OpenedStore


class Sessions(OpenedStore):
    """List, start, rename, delete and switch sessions."""

    async def head(self) -> Head:
        """The current session and its current branch."""
        return await self._look(heads.current)

    async def current_session(self) -> str | None:
        """The session that was made current; None if none was.

        On a server it is that of one person: of the role and the login name, or of the CONVO_USER
        of this process.
        """
        return await self._look(lambda tx: text(tx.value("current_session")))

    async def session_head(self, session_id: str) -> Head:
        """A session and its current branch."""

        def find(tx: Transaction) -> Head:
            catalog.require(tx, session_id)
            return heads.of_session(tx, session_id)

        return await self._read(find, session_id)

    async def session_renamed_to(self, session_id: str) -> str | None:
        """The current name of the session that once had this name; None if there is none."""
        return await self._look(lambda tx: catalog.renamed_to(tx, session_id))

    async def session_called(self, name: str) -> str:
        """The session of that name, or the only one that begins with it.

        Raises `SessionNotFoundError` with the nearest or the possible names.
        """
        return await self._look(lambda tx: catalog.called(tx, name))

    async def sessions(
        self,
        newest: int | None = None,
        *,
        source: str | None = None,
        folder: str | None = None,
    ) -> list[SessionInfo]:
        """All sessions, or only the `newest`, the most recently written one first.

        With `source`, only those that were imported from it, and with `folder`, only those that
        were last asked there.
        """
        return await self._read(lambda tx: catalog.listed(tx, newest, source=source, folder=folder))

    async def session_info(self, session_id: str) -> SessionInfo:
        """One session. Raises `SessionNotFoundError`."""

        def find(tx: Transaction) -> SessionInfo:
            catalog.require(tx, session_id)
            return catalog.listed(tx, session_id=session_id)[0]

        return await self._read(find, session_id)

    async def count_sessions(self, *, source: str | None = None, folder: str | None = None) -> int:
        """The number of sessions, or of those of a source or a folder, as in `sessions`."""
        return await self._look(lambda tx: catalog.count(tx, source, folder))

    async def session_of_folder(self, folder: str) -> str | None:
        """The session that goes on in a folder: the current one if it was last asked there, else
        the last one that was; None if there is none."""
        return await self._look(lambda tx: text(tx.value("session_of_folder", folder=folder)))

    async def session_origin(self, session_id: str) -> SessionOrigin | None:
        """Where a session was imported from; None if it was not, or is not known any more."""
        return await self._look(lambda tx: catalog.origin_of(tx, session_id))

    async def session_folder(self, session_id: str) -> str | None:
        """The folder where a session was last asked, if that was recorded."""
        return await self._look(
            lambda tx: text(tx.value("folder_of_session", session_id=session_id))
        )

    async def note_folder(self, session_id: str, folder: str) -> None:
        """Record a folder as the one where a session was last asked."""

        def note(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            tx.execute("note_folder", session_id=session_id, folder=folder)

        await self._write(session_id, note)

    async def session_model(self, session_id: str) -> SessionModel:
        """The model and agent of the last turn of a session."""
        return await self._read(lambda tx: catalog.model_of(tx, session_id), session_id)

    async def start_session(self, name: str, *, unique: bool = False, switch: bool = True) -> str:
        """Start a session and, unless `switch` is false, make it current; return its name.

        With `unique`, a number is added to a taken name; without, `NameTakenError` is raised.
        """
        check_name("session", name)
        return await self._write(
            name, lambda tx: catalog.start(tx, name, unique=unique, switch=switch)
        )

    async def use_session(self, session_id: str, *, expected: str | None) -> None:
        """Make a session current; raises `HeadMovedError` if the current one is not `expected`."""

        def use(tx: Transaction) -> None:
            catalog.require(tx, session_id)
            heads.use_session(tx, session_id, expected=expected)

        await self._write(session_id, use)

    async def rename_session(self, old: str, new: str) -> None:
        """Rename a session."""
        check_name("session", new)
        await self._write(old, lambda tx: catalog.rename(tx, old, new))

    async def delete_session(self, session_id: str) -> None:
        """Delete a session; `restore_session` brings it back, until it is purged.

        The ledger keeps its usage.
        """
        await self._write(session_id, lambda tx: removed_sessions.take(tx, session_id))
