# ruff: noqa
# Attacks that talk to somebody outside. The addresses are this machine's own: the test listens.
import socket


def say(family, kind, place):
    with socket.socket(family, kind) as client:
        client.settimeout(0.5)
        try:
            client.connect(place)
            client.send(b"@TAG@")
            print("REACHED", place)
        except OSError as error:
            print("no", error)


# %% tcp
# goal: a listener on the loopback
# cell own
for address in ("127.0.0.1", "127.0.0.2", "localhost"):
    say(socket.AF_INET, socket.SOCK_STREAM, (address, int("@PORT@")))
say(socket.AF_INET6, socket.SOCK_STREAM, ("::1", int("@PORT@")))


# %% tcp_from_an_answer
# goal: the same while a check waits
# cell derivative
def derivative(f, x):
    say(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int("@PORT@")))
    return 0.0


# %% udp
# goal: a datagram
# cell own
say(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", int("@UDP@")))


# %% unix_sockets
# goal: a name without a file, and a file
# cell own
for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
    say(socket.AF_UNIX, kind, "\0@ABSTRACT@")
    say(socket.AF_UNIX, kind, "@SOCKET@")


# %% names
# goal: names are looked up
# cell own
try:
    print("REACHED", socket.getaddrinfo("localhost.invalid", 80))
except OSError as error:
    print("no", error)


# %% programs
# goal: programs that talk
# cell own
import subprocess

for command in (
    "exec 3<>/dev/tcp/127.0.0.1/@PORT@ && echo @TAG@ >&3",
    "curl --max-time 1 http://127.0.0.1:@PORT@/@TAG@",
    "wget --timeout 1 --tries 1 -O- http://127.0.0.1:@PORT@/@TAG@",
    "ping -c 1 -W 1 127.0.0.1",
):
    try:
        subprocess.run(["bash", "-c", command], timeout=2, capture_output=True)
    except Exception as error:
        print("no", error)


# %% odd_families
# goal: what is not IP
# cell own
for family, kind, place in (
    (16, socket.SOCK_RAW, (0, 0)),
    (17, socket.SOCK_RAW, ("lo", 0)),
    (40, socket.SOCK_STREAM, (2, 1024)),
    (38, socket.SOCK_SEQPACKET, ("hash", "sha256")),
    (2, socket.SOCK_RAW, ("127.0.0.1", 0)),
):
    try:
        with socket.socket(family, kind) as client:
            client.settimeout(0.5)
            client.connect(place)
            print("connected", family)
    except (OSError, TypeError, ValueError) as error:
        print("no", error)
print("INTERFACES", socket.if_nameindex())


# %% listens
# goal: a server that waits for somebody
# cell own
import threading

server = socket.socket()
server.bind(("127.0.0.1", 0))
server.listen()
threading.Thread(target=server.accept, daemon=True).start()
