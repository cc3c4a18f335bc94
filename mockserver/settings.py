"""What a server is told when it starts."""

from dataclasses import dataclass


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
    self_check: bool = False
    """Whether the server holds its own answers to the contract."""
    max_body: int = 1_048_576
    """The longest request body that is read, in bytes."""

    def base_url(self, port: int) -> str:
        """`public_url` without a trailing slash, or `http://localhost` with the port that is really used."""
        return (self.public_url or f"http://localhost:{port}").rstrip("/")
