# SPDX-License-Identifier: Apache-2.0
"""The two prime curves with a = -3: SM2 (GB/T 32918.5) and P-256. For checking only: not constant-time."""
from .sm3 import sm3
from . import ProofError, require


class Curve:
    """Points are (x, y), None is infinity."""

    def __init__(self, p, b, n, gx, gy):
        self.p, self.a, self.b, self.n, self.g = p, p - 3, b, n, (gx, gy)

    def holds(self, point):
        x, y = point
        return (0 <= x < self.p and 0 <= y < self.p and
                (y * y - (x * x * x + self.a * x + self.b)) % self.p == 0)

    def _double(self, point):
        x, y, z = point
        p = self.p
        if y == 0 or z == 0:
            return (1, 1, 0)
        s = 4 * x * y * y % p
        m = 3 * (x - z * z) * (x + z * z) % p
        x3 = (m * m - 2 * s) % p
        return (x3, (m * (s - x3) - 8 * pow(y, 4, p)) % p, 2 * y * z % p)

    def _sum(self, left, right):
        if left[2] == 0:
            return right
        if right[2] == 0:
            return left
        p = self.p
        (x1, y1, z1), (x2, y2, z2) = left, right
        u1, u2 = x1 * z2 * z2 % p, x2 * z1 * z1 % p
        s1, s2 = y1 * z2 ** 3 % p, y2 * z1 ** 3 % p
        if u1 == u2:
            return self._double(left) if s1 == s2 else (1, 1, 0)
        h, r = u2 - u1, s2 - s1
        h2 = h * h % p
        h3, v = h * h2 % p, u1 * h2 % p
        x3 = (r * r - h3 - 2 * v) % p
        return (x3, (r * (v - x3) - s1 * h3) % p, h * z1 * z2 % p)

    def _affine(self, point):
        if point[2] == 0:
            return None
        inverse = pow(point[2], -1, self.p)
        square = inverse * inverse
        return (point[0] * square % self.p, point[1] * square * inverse % self.p)

    def combine(self, *terms):
        """Sum of factor times point over (factor, point)."""
        total = (1, 1, 0)
        for factor, point in terms:
            if point is None:
                continue
            product, base = (1, 1, 0), (point[0], point[1], 1)
            for bit in bin(factor % self.n)[2:]:
                product = self._double(product)
                if bit == '1':
                    product = self._sum(product, base)
            total = self._sum(total, product)
        return self._affine(total)

    def decompress(self, data):
        """SEC1 compressed point; None when there is none."""
        if len(data) != 33 or data[0] not in (2, 3):
            return None
        x = int.from_bytes(data[1:], 'big')
        if x >= self.p:
            return None
        square = (x * x * x + self.a * x + self.b) % self.p
        y = pow(square, (self.p + 1) // 4, self.p)
        if y * y % self.p != square:
            return None
        return (x, y if y & 1 == data[0] & 1 else self.p - y)


def compress(point):
    return bytes([2 + (point[1] & 1)]) + point[0].to_bytes(32, 'big')


SM2 = Curve(0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
            0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
            0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
            0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
            0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
P256 = Curve(0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF,
             0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
             0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
             0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
             0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def _der_integer(data, at):
    """One INTEGER of DER, positive and minimal: (value, where it ends)."""
    require(len(data) >= at + 2 and data[at] == 2, 'signature: INTEGER expected')
    size = data[at + 1]
    body = data[at + 2:at + 2 + size]
    require(1 <= size <= 33 and len(body) == size, 'signature: length of INTEGER')
    require(body[0] < 0x80 and not (size > 1 and body[0] == 0 and body[1] < 0x80),
            'signature: INTEGER is negative or not minimal')
    return int.from_bytes(body, 'big'), at + 2 + size


def der_signature(data):
    require(len(data) >= 2 and data[0] == 0x30 and data[1] == len(data) - 2 and data[1] < 0x80,
            'signature: SEQUENCE expected')
    r, at = _der_integer(data, 2)
    s, at = _der_integer(data, at)
    require(at == len(data), 'signature: bytes left over')
    return r, s


def sm2_holds(key, message, signature, user_id=b'1234567812345678'):
    """GB/T 32918.2 over SM3; signature is DER."""
    try:
        r, s = der_signature(signature)
    except ProofError:
        return False
    n = SM2.n
    if not (0 < r < n and 0 < s < n):
        return False
    numbers = (SM2.a, SM2.b, SM2.g[0], SM2.g[1], key[0], key[1])
    z = sm3((8 * len(user_id)).to_bytes(2, 'big') + user_id +
            b''.join(number.to_bytes(32, 'big') for number in numbers))
    e = int.from_bytes(sm3(z + message), 'big')
    t = (r + s) % n
    point = SM2.combine((s, SM2.g), (t, key)) if t else None
    return point is not None and (e + point[0]) % n == r
