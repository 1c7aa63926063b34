# SPDX-License-Identifier: Apache-2.0
"""What the story needs: the command line, MLLP, and lines in two languages. Standard library only."""
import base64
import datetime
import hashlib
import json
import re
import socket
import subprocess
import sys
import unicodedata
import zipfile

ZH_COLUMN = 47  # cells of the Chinese column


class StoryError(Exception):
    """Something did not go as the story says."""


class Cli:
    """Runs `birthseal --json` as one of the roles and gives back its answers."""

    def __init__(self, program, server, tls):
        self.program, self.at = program, ["--server", server, "--tls", str(tls)]

    def _call(self, options, words, stdin=None):
        text = None if stdin is None else json.dumps(stdin, ensure_ascii=False)
        return subprocess.run([self.program, *options, *map(str, words)], input=text,
                              capture_output=True, text=True, encoding="utf-8", timeout=120,
                              check=False)

    def run(self, role, *words, stdin=None):
        """(exit code, list of JSON answers, standard error)"""
        role = ["--role", role] if role else []
        done = self._call(["--json", *self.at, *role], words, stdin)
        return done.returncode, parse_answers(done.stdout), done.stderr.strip()

    def told(self, role, *words):
        """What a person would read. Without a role there is no connection: files alone."""
        done = self._call([*self.at, "--role", role] if role else [], words)
        if done.returncode != 0:
            raise StoryError(f"birthseal {' '.join(map(str, words[:2]))}: {done.stderr.strip()}")
        return done.stdout

    def ask(self, role, *words, stdin=None):
        code, answers, error = self.run(role, *words, stdin=stdin)
        if code != 0 or not answers:
            raise StoryError(f"birthseal {' '.join(map(str, words[:2]))} as {role}: {error}")
        return answers[0]


def parse_answers(text):
    decoder, answers, at = json.JSONDecoder(), [], 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        answer, at = decoder.raw_decode(text, at)
        answers.append(answer)
    return answers


def to_hex(base64_text):
    return base64.b64decode(base64_text).hex()


def evidence(kind, reference, **more):
    """A reference to a document; its SM3 where this Python has the algorithm."""
    entry = {"kind": kind, "reference": reference, **more}
    if "sm3" in hashlib.algorithms_available:
        digest = hashlib.new("sm3", f"{kind} {reference}".encode())
        entry["sm3"] = base64.b64encode(digest.digest()).decode()
    return entry


def today():
    """The day in China, which certificates are dated by."""
    zone = datetime.timezone(datetime.timedelta(hours=8))
    return datetime.datetime.now(zone).date()


def read_message(path):
    """A sample message as bytes on the wire. {D-5} is the day five days ago."""
    def day(match):
        return (today() - datetime.timedelta(days=int(match.group(1)))).strftime("%Y%m%d")
    text = re.sub(r"\{D-(\d+)\}", day, path.read_text(encoding="utf-8")).replace("\n", "\r")
    if "|GB 18030" not in text.split("\r", 1)[0]:
        return text.encode("utf-8")
    # Hospitals write 龴 as FE59; Python's table has that byte pair in the private-use area.
    return text.replace("\u9fb4", "\ue81e").encode("gb18030")


def change_weight(source, target):
    """Copies the package with another birth weight on its page, well-formed as before."""
    changed = False
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if "/Pages/" in entry.filename and b"3520" in data:
                data, changed = data.replace(b"3520", b"3590"), True
            new.writestr(entry, data)
    if not changed:
        raise StoryError("the weight does not stand on the page")


class Mllp:
    """One sender's connection: a message, then its acknowledgement."""

    def __init__(self, port):
        self.port, self.socket = port, None

    def send_only(self, message):
        """For an acknowledgement, which is never answered."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.socket.sendall(b"\x0b" + message + b"\x1c\r")

    def send(self, message):
        """The answer as text, or None when the connection was closed instead."""
        self.send_only(message)
        answer = b""
        while not answer.endswith(b"\x1c\r"):
            part = self.socket.recv(65536)
            if not part:
                self.close()
                return None
            answer += part
        return answer.strip(b"\x0b\x1c\r").decode("utf-8", "replace")

    def close(self):
        if self.socket is not None:
            self.socket.close()
        self.socket = None


def ack_code(answer):
    found = re.search(r"(?:^|\r)MSA\|([AC][AER])\|", answer or "")
    return found.group(1) if found else "-"


def ack_texts(answer):
    """Defect codes of the ERR segments."""
    return [line.split("|")[7] for line in (answer or "").split("\r")
            if line.startswith("ERR|") and line.count("|") >= 7]


def cells(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def chinese_marks(text):
    """Comma, colon and semicolon beside a Chinese character are full-width ones."""
    for plain, wide in ((",", "，"), (":", "："), (";", "；")):
        text = re.sub(f"(?<=[\u4e00-\u9fff]){plain}|{plain}(?=[\u4e00-\u9fff])", wide, text)
    return text


def padded(text, width):
    return text + " " * max(1, width - cells(text))


class Printer:
    """Chinese on the left, English on the right."""

    def __init__(self):
        self.colour = sys.stdout.isatty()
        self.chapters = 0

    def _paint(self, code, text):
        return f"\033[{code}m{text}\033[0m" if self.colour else text

    def chapter(self, zh, en):
        self.chapters += 1
        head = padded(f"{self.chapters}. {chinese_marks(zh)}", ZH_COLUMN + 2)
        print("\n" + self._paint("1;31", head + en), flush=True)

    def line(self, zh, en, mark="✓"):
        colour = {"✓": "32", "✗": "33"}.get(mark, "36")
        print(f"{self._paint(colour, mark)} {padded(chinese_marks(zh), ZH_COLUMN)}{en}", flush=True)

    def plain(self, text):
        print(self._paint("1", text), flush=True)
