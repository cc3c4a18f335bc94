"""What a server is told when it starts."""

from dataclasses import dataclass
from urllib.parse import urlsplit


def host_and_port(text: str) -> tuple[str, int]:
    """Read `localhost:1025` or `[::1]:1025`. Raises ValueError."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or not parts.port or parts.netloc != text or parts.username is not None:
        raise ValueError(f"expected HOST:PORT such as localhost:1025, got {text!r}")
    return parts.hostname, parts.port


@dataclass(frozen=True, slots=True)
class Settings:
    """The choices of one server process. Every one but the sizes is an option of `mockserver serve`."""

    host: str = "127.0.0.1"
    """The address to listen on."""
    port: int = 8080
    """The port to listen on; 0 lets the system choose one."""
    scenarios: tuple[str, ...] = ()
    """Names of packaged scenarios or paths of files, united into one world; none means the starter world."""
    seed: int | None = None
    """Where the ids start from; None leaves it to the scenario."""
    public_url: str | None = None
    """The beginning of every link that is handed out; see `base_url`."""
    sandbox_domain: str | None = None
    """`example.test` makes `{name}.example.test` a sandbox, beside `{name}.localhost`."""
    allow_hosts: tuple[str, ...] = ()
    """Names that a Host header may carry beside the local ones."""
    cors_origins: tuple[str, ...] = ()
    """Origins whose pages may call all of `/v3/`, not only the scheduling part."""
    control_origin: str | None = None
    """The origin whose pages may drive `/_mock`."""
    control_token: str | None = None
    """The bearer token that `/_mock` asks for; None asks for none."""
    control: bool = True
    """Whether there is a `/_mock` at all."""
    open_control: bool = False
    """Whether `/_mock` may be open to every address that reaches the server, without a token."""
    smtp: str | None = None
    """`HOST:PORT` of the SMTP server that mails are sent to; None keeps them in the mailbox only."""
    web_elements: str | None = None
    """The unpacked npm package `@nylas/web-elements`, or a folder of it; None leaves it to a CDN."""
    self_check: bool = False
    """Whether the server holds its own answers to the contract."""
    max_body: int = 1_048_576
    """The longest request body that is read, in bytes."""

    @property
    def smtp_address(self) -> tuple[str, int] | None:
        """Host and port of the SMTP server, if there is one. Raises ValueError."""
        return host_and_port(self.smtp) if self.smtp else None

    def base_url(self, port: int) -> str:
        """`public_url` without a trailing slash, or `http://localhost` with the port that is really used."""
        return (self.public_url or f"http://localhost:{port}").rstrip("/")
