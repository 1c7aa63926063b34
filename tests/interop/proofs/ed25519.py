# SPDX-License-Identifier: Apache-2.0
"""Ed25519, RFC 8032 section 5.1.7, checking only."""
import hashlib

_P = 2 ** 255 - 19
_L = 2 ** 252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)


def _sum(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % _P
    f = (a[1] + a[0]) * (b[1] + b[0]) % _P
    g, h = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = f - e, h - g, h + g, e + f
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(factor, point):
    total = (0, 1, 1, 0)
    for bit in bin(factor)[2:]:
        total = _sum(total, total)
        if bit == '1':
            total = _sum(total, point)
    return total


def _same(a, b):
    return ((a[0] * b[2] - b[0] * a[2]) % _P, (a[1] * b[2] - b[1] * a[2]) % _P) == (0, 0)


def _decode(data):
    y = int.from_bytes(data, 'little')
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if x * x % _P != square:
        x = x * _ROOT % _P
    if x * x % _P != square or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return (x, y, 1, x * y % _P)


_BASE = _decode((4 * pow(5, -1, _P) % _P).to_bytes(32, 'little'))


def ed25519_holds(key, message, signature):
    """key: 32 bytes; signature: 64 bytes."""
    if len(signature) != 64 or len(key) != 32:
        return False
    a, r = _decode(key), _decode(signature[:32])
    s = int.from_bytes(signature[32:], 'little')
    if a is None or r is None or s >= _L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), 'little') % _L
    return _same(_times(s, _BASE), _sum(r, _times(h, a)))
