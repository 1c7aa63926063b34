# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of section 3: RFC 9162 section 2.1 with SM3."""
from . import require
from .sm3 import sm3

EMPTY = sm3(b'')


def leaf_hash(leaf):
    return sm3(b'\x00' + leaf)


def node(left, right):
    return sm3(b'\x01' + left + right)


def check_inclusion(leaf, index, size, path, root):
    """RFC 9162 section 2.1.3.2."""
    require(index < size, 'inclusion: index is not below the size')
    require(all(len(one) == 32 for one in path), 'inclusion: a hash is 32 bytes')
    fn, sn, r = index, size - 1, leaf_hash(leaf)
    for p in path:
        require(sn != 0, 'inclusion: path is too long')
        if fn & 1 or fn == sn:
            r = node(p, r)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node(r, p)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, 'inclusion: path is too short')
    require(r == root, 'inclusion: path does not lead to the root')


def check_consistency(old_size, old_root, new_size, new_root, path):
    """RFC 9162 section 2.1.4.2; the path of equal sizes is empty."""
    require(0 < old_size <= new_size, 'consistency: sizes do not ascend from 1')
    require(all(len(one) == 32 for one in path), 'consistency: a hash is 32 bytes')
    if old_size == new_size:
        require(not path, 'consistency: path is too long')
        require(old_root == new_root, 'consistency: one size, two roots')
        return
    path = ([old_root] if old_size & (old_size - 1) == 0 else []) + path
    require(path, 'consistency: path is too short')
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        require(sn != 0, 'consistency: path is too long')
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    require(sn == 0, 'consistency: path is too short')
    require(fr == old_root, 'consistency: path does not lead to the old root')
    require(sr == new_root, 'consistency: path does not lead to the new root')


class Frontier:
    """Hashes of the complete subtrees that cover the leaves: all that a witness keeps of a log."""

    def __init__(self):
        self.size, self.subtrees = 0, []

    def append(self, hashed):
        self.size += 1
        at = self.size
        while at & 1 == 0:
            hashed, at = node(self.subtrees.pop(), hashed), at >> 1
        self.subtrees.append(hashed)

    def root(self):
        if not self.subtrees:
            return EMPTY
        total = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            total = node(left, total)
        return total


def inclusion_path(hashes, index):
    """Path of one leaf from all leaf hashes."""
    if len(hashes) <= 1:
        return []
    half = 1 << (len(hashes) - 1).bit_length() - 1
    if index < half:
        return inclusion_path(hashes[:half], index) + [root_of(hashes[half:])]
    return inclusion_path(hashes[half:], index - half) + [root_of(hashes[:half])]


def root_of(hashes):
    frontier = Frontier()
    for one in hashes:
        frontier.append(one)
    return frontier.root()
