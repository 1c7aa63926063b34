# SPDX-License-Identifier: Apache-2.0
"""Checkpoints, their signatures and cosignatures: section 4."""
import base64
import binascii
import calendar
import hashlib
import re
import time

from . import ProofError, require
from .curves import P256, SM2, compress, sm2_holds
from .ed25519 import ed25519_holds
from .sm3 import sm3

# DER SubjectPublicKeyInfo up to the key itself.
_SM2_HEAD = bytes.fromhex('3059301306072a8648ce3d020106082a811ccf5501822d034200')
_P256_HEAD = bytes.fromhex('3059301306072a8648ce3d020106082a8648ce3d030107034200')
_ED25519_HEAD = bytes.fromhex('302a300506032b6570032100')


def unbase64(text, what):
    """The one canonical spelling only."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ProofError(what + ': not base64') from None
    require(base64.b64encode(data).decode() == text, what + ': base64 is not canonical')
    return data


def _der_of(pem):
    lines = pem.strip().splitlines()
    require(len(lines) > 2 and lines[0] == '-----BEGIN PUBLIC KEY-----' and
            lines[-1] == '-----END PUBLIC KEY-----', 'key: a PEM public key is needed')
    return unbase64(''.join(lines[1:-1]), 'key')


def _point(der, head, curve):
    point = der[len(head):]
    require(len(point) == 65 and point[0] == 4, 'key: not an uncompressed point')
    pair = (int.from_bytes(point[1:33], 'big'), int.from_bytes(point[33:], 'big'))
    require(curve.holds(pair), 'key: not on its curve')
    return pair


def vrf_key(pem):
    """The compressed point of a P-256 key."""
    der = _der_of(pem)
    require(der.startswith(_P256_HEAD), 'key: a P-256 key is needed')
    return compress(_point(der, _P256_HEAD, P256))


class NoteKey:
    """A public key with the name it signs notes under; of the log or of a witness."""

    def __init__(self, name, pem, witness=False):
        der = _der_of(pem)
        self.name, self.witness = name, witness
        if der.startswith(_SM2_HEAD):
            self.sm2 = True
            self._key = _point(der, _SM2_HEAD, SM2)
            tag, identity, digest = (b'\xfd' if witness else b'\xfe'), der, sm3
        else:
            require(der.startswith(_ED25519_HEAD) and len(der) == len(_ED25519_HEAD) + 32,
                    'key: an SM2 or Ed25519 key is needed')
            self.sm2 = False
            self._key = identity = der[-32:]
            tag, digest = (b'\x04' if witness else b'\x01'), lambda data: hashlib.sha256(data).digest()
        self.id = digest(name.encode() + b'\n' + tag + identity)[:4]

    def _holds(self, message, signature):
        return (sm2_holds if self.sm2 else ed25519_holds)(self._key, message, signature)

    def signed(self, note):
        """Whether one of the note's lines is a signature of this key that holds."""
        for name, key_id, signature in note.signatures:
            if (name, key_id) != (self.name, self.id):
                continue
            message = note.body
            if self.witness:
                seconds, signature = int.from_bytes(signature[:8], 'big'), signature[8:]
                message = b'cosignature/v1\ntime %d\n' % seconds + note.body
            if self._holds(message, signature):
                return True
        return False


class Note:
    """A checkpoint: body, signature lines, and what the body says."""

    def __init__(self, text):
        body, gap, lines = text.partition('\n\n')
        require(gap and lines.endswith('\n'), 'checkpoint: body, empty line, signature lines')
        self.body = body.encode() + b'\n'
        self._read_body(body.split('\n'))
        self.signatures = [self._signature(line) for line in lines[:-1].split('\n')]

    def _read_body(self, lines):
        require(len(lines) == 5, 'checkpoint: the body has five lines')
        origin = re.fullmatch(r'(\S+)/([1-9][0-9]{0,18}) sm3', lines[0], re.ASCII)
        require(origin, 'checkpoint: origin is name, /, epoch, " sm3"')
        self.origin, self.log, self.epoch = lines[0], origin[1], int(origin[2])
        require(re.fullmatch('0|[1-9][0-9]{0,19}', lines[1]) and int(lines[1]) < 1 << 64, 'checkpoint: size')
        self.size = int(lines[1])
        self.root = unbase64(lines[2], 'checkpoint: root')
        require(lines[3].startswith('map '), 'checkpoint: map line')
        self.map_root = unbase64(lines[3][4:], 'checkpoint: map root')
        require(len(self.root) == 32 and len(self.map_root) == 32, 'checkpoint: a root is 32 bytes')
        stamp = re.fullmatch(r'time ([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)', lines[4])
        require(stamp, 'checkpoint: time line')
        try:
            self.time = calendar.timegm(time.strptime(stamp[1], '%Y-%m-%dT%H:%M:%SZ'))
        except ValueError:
            raise ProofError('checkpoint: no such time') from None

    @staticmethod
    def _signature(line):
        parts = re.fullmatch('\u2014 ([^ +]+) ([A-Za-z0-9+/=]+)', line)
        require(parts, 'checkpoint: a signature line is dash, name, base64')
        data = unbase64(parts[2], 'checkpoint: signature')
        require(len(data) > 4, 'checkpoint: signature is too short')
        return parts[1], data[:4], data[4:]


def read_note(data):
    try:
        return Note(data.decode() if isinstance(data, bytes) else data)
    except UnicodeDecodeError:
        raise ProofError('checkpoint: not UTF-8') from None


class Policy:
    """Whom the checker trusts: the log's keys, witnesses, and how many of these it wants."""

    def __init__(self, log_keys, witnesses=(), quorum=0):
        self.log_keys, self.witnesses, self.quorum = list(log_keys), list(witnesses), quorum
        require(quorum <= len({key.name for key in self.witnesses}), 'policy: quorum above witnesses')

    def check_logged(self, note):
        """SM2 must hold; an Ed25519 key of the log, when one is trusted, must hold too."""
        require(any(key.sm2 for key in self.log_keys), 'policy: the SM2 key of the log is needed')
        for key in self.log_keys:
            require(key.name == note.log, 'checkpoint: of another log than the key')
            require(key.signed(note), 'checkpoint: %s signature of the log does not hold' %
                    ('SM2' if key.sm2 else 'Ed25519'))

    def check_witnessed(self, note):
        self.check_logged(note)
        names = {key.name for key in self.witnesses if key.signed(note)}
        require(self.quorum > 0, 'policy: no quorum of witnesses is set')
        require(len(names) >= self.quorum,
                'checkpoint: %d of %d wanted witnesses' % (len(names), self.quorum))
