"""Encrypted connections: to a server that has a certificate, and to a proxy that has one."""

import os
import shutil
import signal
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from convo import AdvancedPostgresSession
from convo.errors import DatabaseUnavailableError
from convo.postgres.pools import close_all
from tests.core.addresses import execute
from tests.core.talk import texts, turn
from tests.postgres import certificates
from tests.postgres.binaries import NoServer, folder_with_tls, identity
from tests.postgres.certificates import HOST, Certificates
from tests.postgres.proxy import Proxy
from tests.postgres.server import USER, Server, made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates.made(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def by_proxy(postgres_server: Server, postgres_url: str, files: Certificates) -> Iterator[str]:
    """The address of an empty database behind a proxy that encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    with Proxy(postgres_server.port, tls=context) as proxy:
        yield postgres_server.url(urlsplit(postgres_url).path[1:], port=proxy.port)
        close_all()


@pytest.fixture(scope="module")
def of_server(postgres_run: Path, files: Certificates) -> Iterator[str]:
    """The address of a database on a server that encrypts, and takes nothing else."""
    try:
        binaries = folder_with_tls()
    except NoServer as reason:
        pytest.skip(str(reason))
    server = made(binaries, postgres_run / f"encrypting-{os.getpid()}")
    for name in ("certificate", "key"):
        copy = Path(shutil.copy(getattr(files, name), server.data))
        copy.chmod(0o600)
        if who := identity():
            shutil.chown(copy, who["user"], who["group"])
    rules = "hostssl all all all scram-sha-256\nlocal all all trust\n"
    (server.data / "pg_hba.conf").write_text(rules)
    server.start({"ssl": "on", "ssl_cert_file": "certificate.pem", "ssl_key_file": "key.pem"})
    try:
        execute(server.url_of_socket("postgres"), f"GRANT ALL ON SCHEMA public TO {USER}")
        yield server.url("postgres")
        close_all()
    finally:
        server.stop(how=signal.SIGQUIT)


@pytest.fixture(params=["by_proxy", "of_server"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    # The name is looked for in the certificate, the address is connected to.
    return found.replace("127.0.0.1", HOST) + "?hostaddr=127.0.0.1&"


def opened(url: str, parameters: str) -> AdvancedPostgresSession:
    return AdvancedPostgresSession(
        "talk", url=url + parameters, create_tables=True, lock_timeout=60
    )


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
async def test_a_session(url: str, files: Certificates, mode: str) -> None:
    root = "" if mode == "require" else f"&sslrootcert={files.root}"
    session = opened(url, f"sslmode={mode}{root}")
    await session.clear_session()
    await session.add_items(turn("hello"))
    assert texts(await session.get_items()) == texts(turn("hello"))


async def test_a_certificate_of_somebody_else(url: str, files: Certificates) -> None:
    for parameters, host, what in (
        (f"sslmode=verify-full&sslrootcert={files.other_root}", HOST, "certificate verify failed"),
        (
            f"sslmode=verify-full&sslrootcert={files.root}",
            "other",
            'does not match host name "other"',
        ),
        ("sslmode=verify-full&sslrootcert=/no/such", HOST, 'file "/no/such" does not exist'),
    ):
        session = opened(url.replace(HOST, host), parameters)
        with pytest.raises(DatabaseUnavailableError) as refused:
            await session.add_items(turn("hello"))
        said = str(refused.value)
        assert said.startswith(f"the database postgresql://{USER}@{host}:"), said
        assert " cannot be opened: " in said
        assert what in said
        assert "\n" not in said


async def test_who_wants_no_encryption_of_a_server_that_takes_nothing_else(of_server: str) -> None:
    with pytest.raises(DatabaseUnavailableError, match="no encryption"):
        await opened(of_server, "?sslmode=disable").get_items()


async def test_who_wants_encryption_of_a_server_that_has_none(
    postgres_server: Server, postgres_url: str
) -> None:
    with pytest.raises(DatabaseUnavailableError, match="server does not support SSL"):
        await opened(postgres_url, "?sslmode=require").get_items()
