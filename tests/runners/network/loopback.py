"""A network with nothing but loopback: its name server, its servers, and what a program contacts in it."""

import fcntl
import http.server
import os
import re
import socket
import socketserver
import ssl
import struct
import subprocess
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target") / "debug"
BINARY = TARGET / "aerostack-publish"
KEY = "ac_test_key_0123456789"

NAME_SERVER = ("127.0.0.53", 53)

# Every name that is known, so that what is asked for can also be connected to.
NAMES = {"hub.test": "127.0.0.2", "elsewhere.test": "127.0.0.3", "github.com": "127.0.0.4", "proxy.test": "127.0.0.5"}

# Linux, netdevice(7).
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def prepare():
    """Starts loopback, and makes the tests' name server this machine's only one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as configuration:
        configuration.write(f"nameserver {NAME_SERVER[0]}\n")
        configuration.flush()
        mount = ["mount", "--bind", configuration.name, os.path.realpath("/etc/resolv.conf")]
        subprocess.run(mount, check=True)


class NameServer:
    """Answers for the names above; `asked` lists all that it was asked for."""

    def __init__(self):
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(NAME_SERVER)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(512)
            name, at = [], 12
            while query[at]:
                name.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            name = ".".join(name)
            self.asked.append(name)
            question, kind = query[12 : at + 5], struct.unpack(">H", query[at + 1 : at + 3])[0]
            address = NAMES.get(name)
            # RFC 1035, section 4.1: an answer without an error, or one that there is no such name.
            answer = b""
            if address and kind == 1:
                answer = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
            flags = 0x8180 if address else 0x8183
            header = query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0)
            self.socket.sendto(header + question + answer, client)


class Contacts:
    """What a command did: its exit code and output, and every address and port that it connected or sent to."""

    CALL = re.compile(r"^(?:\d+ +)?(?:connect|sendto|sendmsg|sendmmsg)\(.*")
    ADDRESS = re.compile(r'sa_family=AF_(\w+)(?:, sin6?_port=htons\((\d+)\).*?"([^"]+)")?')

    def __init__(self, command, folder, env=None):
        trace = folder / "trace"
        strace = ["strace", "-f", "-qq", "-s", "0", "-e", "trace=%network", "-o", trace]
        # Nothing of this machine's environment.
        run = subprocess.run(
            [*strace, *command], cwd=folder, env=env or {}, capture_output=True, text=True, timeout=300
        )
        self.code, self.output = run.returncode, run.stdout + run.stderr
        self.addresses = set()
        for line in trace.read_text().splitlines():
            for family, port, address in self.ADDRESS.findall(line) if self.CALL.match(line) else []:
                # The other ones are on this machine: the name service's cache, and the list of its own addresses.
                if family not in ("UNIX", "NETLINK", "UNSPEC"):
                    self.addresses.add((address, int(port)))


class Hub:
    """The stand-in Hub, as a program."""

    def __init__(self, folder, *options):
        port_file = folder / "hub.url"
        self.process = subprocess.Popen(
            [TARGET / "stand-in-hub", "--port-file", port_file, *options], stdout=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while not port_file.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, "the stand-in Hub does not start"
            time.sleep(0.01)
        self.url = port_file.read_text().strip()
        self.address = ("127.0.0.1", int(self.url.rpartition(":")[2]))

    def stop(self):
        self.process.terminate()
        self.process.wait()


def relay(host, target, context=None, connect=False):
    """Passes on every connection to the target: encrypted on this side, or after a proxy's client asked for it. Returns the
    address that it has."""
    listener = socket.create_server((host, 0))

    def pump(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve(client):
        try:
            with client:
                if connect:
                    while not client.recv(65536).endswith(b"\r\n\r\n"):
                        pass
                    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                inner = context.wrap_socket(client, server_side=True) if context else client
                with inner, socket.create_connection(target) as server:
                    back = threading.Thread(target=pump, args=(server, inner), daemon=True)
                    back.start()
                    pump(inner, server)
                    back.join()
        except OSError:
            pass

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()


def certificate(folder):
    """A certificate for `hub.test` whose issuer has services at another host, and the authority's own certificate."""
    folder.mkdir()
    extensions = folder / "extensions"
    extensions.write_text(
        "subjectAltName=DNS:hub.test\n"
        "authorityInfoAccess=OCSP;URI:http://elsewhere.test/ocsp,caIssuers;URI:http://elsewhere.test/ca\n"
        "crlDistributionPoints=URI:http://elsewhere.test/crl\n"
    )
    ca, key, request, leaf = (folder / name for name in ("ca.pem", "key.pem", "request.pem", "leaf.pem"))
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj"]
    for command in (
        [*new, "/CN=Test CA", "-x509", "-days", "2", "-keyout", folder / "ca-key.pem", "-out", ca],
        [*new, "/CN=hub.test", "-keyout", key, "-out", request],
        ["openssl", "x509", "-req", "-in", request, "-CA", ca, "-CAkey", folder / "ca-key.pem", "-CAcreateserial",
         "-days", "2", "-extfile", extensions, "-out", leaf],
    ):  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf, key)
    return ca, context


class Redirect(http.server.BaseHTTPRequestHandler):
    """Answers everything with a redirect to the server's `target`."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(self.server.status)
        self.send_header("location", self.server.target)
        self.send_header("content-length", "0")
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_):
        pass


class File(Redirect):
    """Answers everything with the server's `content`."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)


class Server(http.server.ThreadingHTTPServer):
    def server_bind(self):
        # Without the look-up of its own name, which the name server would see.
        socketserver.TCPServer.server_bind(self)


def serve(handler, host, **fields):
    """A server on loopback."""
    server = Server((host, 0), handler)
    for name, value in fields.items():
        setattr(server, name, value)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://{host}:{server.server_address[1]}"
    return server
