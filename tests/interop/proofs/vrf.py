# SPDX-License-Identifier: Apache-2.0
"""ECVRF-P256-SHA256-TAI, RFC 9381 suite 01, checking only."""
import hashlib

from . import require
from .curves import P256, compress


def _hash(kind, data):
    return hashlib.sha256(b'\x01' + kind + data + b'\x00').digest()


def _to_curve(key, alpha):
    for attempt in range(256):
        point = P256.decompress(b'\x02' + _hash(b'\x01', key + alpha + bytes([attempt])))
        if point is not None:
            return point
    require(False, 'vrf: no point for this input')


def vrf_output(key, alpha, proof):
    """Beta (32 bytes) when `proof` (81 bytes) holds for alpha; key is a compressed point."""
    require(len(proof) == 81, 'vrf: proof is 81 bytes')
    y, gamma = P256.decompress(key), P256.decompress(proof[:33])
    require(y is not None, 'vrf: key is no point')
    require(gamma is not None, 'vrf: gamma is no point')
    c, s = int.from_bytes(proof[33:49], 'big'), int.from_bytes(proof[49:], 'big')
    require(s < P256.n, 'vrf: s out of range')
    h = _to_curve(key, alpha)
    u = P256.combine((s, P256.g), (P256.n - c, y))
    v = P256.combine((s, h), (P256.n - c, gamma))
    require(u is not None and v is not None, 'vrf: point at infinity')
    points = b''.join(compress(point) for point in (y, h, gamma, u, v))
    require(_hash(b'\x02', points)[:16] == proof[33:49], 'vrf: proof does not hold for this input')
    return _hash(b'\x03', compress(gamma))
