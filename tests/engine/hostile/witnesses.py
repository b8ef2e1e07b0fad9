"""Who sees whether an attack got out: listeners, and searches for processes and files."""

import contextlib
import os
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Listeners:
    """Sockets outside of the jail. `heard` is what reached them; `words` is where they listen."""

    words: Mapping[str, str]
    heard: list[str] = field(default_factory=list)


@contextlib.contextmanager
def listeners(folder: Path) -> Iterator[Listeners]:
    """Listen by TCP and UDP on the loopback, and on Unix sockets with a name and with a file."""
    name = f"hostile-{secrets.token_hex(6)}"
    tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp.bind(("127.0.0.1", 0))
    udp.bind(("127.0.0.1", 0))
    abstract, file = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0{name}")
    file.bind(str(folder / "listener"))
    found = Listeners(
        {
            "PORT": str(tcp.getsockname()[1]),
            "UDP": str(udp.getsockname()[1]),
            "ABSTRACT": name,
            "SOCKET": str(folder / "listener"),
        }
    )
    over = threading.Event()
    sockets = {"tcp": tcp, "udp": udp, "abstract": abstract, "file": file}
    threads = [
        threading.Thread(target=_listen, args=(kind, listener, found.heard, over))
        for kind, listener in sockets.items()
    ]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        over.set()
        for thread in threads:
            thread.join()
        for listener in sockets.values():
            listener.close()


def _listen(kind: str, listener: socket.socket, heard: list[str], over: threading.Event) -> None:
    listener.settimeout(0.1)
    if kind != "udp":
        listener.listen()
    while not over.is_set():
        with contextlib.suppress(TimeoutError):
            if kind == "udp":
                heard.append(f"udp: {listener.recv(100)!r}")
            else:
                listener.accept()[0].close()
                heard.append(kind)


def processes(*marks: str) -> dict[int, str]:
    """The processes whose command, name or environment holds one of the marks."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        text = b""
        for name in ("cmdline", "comm", "environ"):
            with contextlib.suppress(OSError):
                text += (folder / name).read_bytes() + b"\n"
        if any(mark.encode() in text for mark in marks):
            found[int(folder.name)] = text[:200].decode(errors="replace")
    return found


def files(*roots: Path) -> dict[str, bytes | str]:
    """All that lies below the folders: content by path; a link's target; a special file's mode."""
    found: dict[str, bytes | str] = {}
    for root in roots:
        for folder, folders, names in os.walk(root):
            for name in [*folders, *names]:
                path = os.path.join(folder, name)
                if os.path.islink(path):
                    found[path] = f"link to {os.readlink(path)}"
                elif os.path.isfile(path):
                    found[path] = _content(path)
                elif not os.path.isdir(path):
                    found[path] = oct(os.lstat(path).st_mode)
    return found


def _content(path: str) -> bytes | str:
    size = os.path.getsize(path)
    if size > 1 << 30:
        return f"{size} bytes"
    with open(path, "rb") as file:
        return file.read()
