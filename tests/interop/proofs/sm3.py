# SPDX-License-Identifier: Apache-2.0
"""SM3, GB/T 32905. OpenSSL's where Python's hashlib has it, else the one below."""
import hashlib

_MASK = 0xFFFFFFFF
_START = (0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
          0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E)


def _turn(word, bits):
    bits &= 31
    return ((word << bits) | (word >> (32 - bits))) & _MASK if bits else word


_CONSTANTS = [_turn(0x79CC4519 if j < 16 else 0x7A879D8A, j) for j in range(64)]


def _schedule(block):
    w = [int.from_bytes(block[i:i + 4], 'big') for i in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    return w


def _compress(state, block):
    w = _schedule(block)
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        a12 = _turn(a, 12)
        ss1 = _turn((a12 + e + _CONSTANTS[j]) & _MASK, 7)
        if j < 16:
            ff, gg = a ^ b ^ c, e ^ f ^ g
        else:
            ff, gg = (a & b) | (a & c) | (b & c), (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ a12) + (w[j] ^ w[j + 4])) & _MASK
        tt2 = (gg + h + ss1 + w[j]) & _MASK
        a, b, c, d = tt1, a, _turn(b, 9), c
        e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h)))


def pure_sm3(data):
    padded = data + b'\x80' + bytes((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, 'big')
    state = _START
    for at in range(0, len(padded), 64):
        state = _compress(state, padded[at:at + 64])
    return b''.join(word.to_bytes(4, 'big') for word in state)


def _openssl_sm3(data):
    return hashlib.new('sm3', data).digest()


def _choose():
    try:
        return _openssl_sm3 if _openssl_sm3(b'abc') == pure_sm3(b'abc') else pure_sm3
    except ValueError:
        return pure_sm3


sm3 = _choose()
