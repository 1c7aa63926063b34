# SPDX-License-Identifier: Apache-2.0
"""The log as plain files: "Tiles" of section 3. Needs only a way to read a file by name."""
from . import ProofError, require
from .log import leaf_hash, node, root_of
from .notes import read_note

WIDTH = 256


def tile_name(number):
    groups = ['%03d' % (number % 1000)]
    while number >= 1000:
        number //= 1000
        groups.insert(0, 'x%03d' % (number % 1000))
    return '/'.join(groups)


def names(prefix, count):
    """[(path, how many)] of the tiles that hold `count` entries."""
    result = [('%s/%s' % (prefix, tile_name(n)), WIDTH) for n in range(count // WIDTH)]
    if count % WIDTH:
        result.append(('%s/%s.p/%d' % (prefix, tile_name(count // WIDTH), count % WIDTH), count % WIDTH))
    return result


def _entries(data, count, path):
    leaves, at = [], 0
    for _ in range(count):
        require(len(data) - at >= 2, path + ': cut off')
        size = int.from_bytes(data[at:at + 2], 'big')
        require(len(data) - at - 2 >= size, path + ': cut off')
        leaves.append(data[at + 2:at + 2 + size])
        at += 2 + size
    require(at == len(data), path + ': bytes left over')
    return leaves


def _check_level(read, prefix, hashes):
    for at, (path, count) in enumerate(names(prefix, len(hashes))):
        require(read(path) == b''.join(hashes[WIDTH * at:WIDTH * at + count]), path + ': other hashes')


def _subtree(hashes):
    while len(hashes) > 1:
        hashes = [node(hashes[i], hashes[i + 1]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def check_tiles(read, epoch, policy):
    """(note, leaves, leaf hashes) of one epoch; every tile must follow from the leaves.
    read(path) gives bytes or raises FileNotFoundError."""
    def tile(path):
        try:
            return read(path)
        except FileNotFoundError:
            raise ProofError(path + ': missing') from None

    note = read_note(tile('%d/checkpoint' % epoch))
    require(note.epoch == epoch, 'tiles: the checkpoint is of another epoch')
    policy.check_logged(note)
    leaves = []
    for path, count in names('%d/tile/entries' % epoch, note.size):
        leaves += _entries(tile(path), count, path)
    hashes = [leaf_hash(leaf) for leaf in leaves]
    require(root_of(hashes) == note.root, 'tiles: the entries do not give the root')
    level, row = 0, hashes
    while row:
        _check_level(tile, '%d/tile/%d' % (epoch, level), row)
        row = [_subtree(row[i:i + WIDTH]) for i in range(0, len(row) - WIDTH + 1, WIDTH)]
        level += 1
    return note, leaves, hashes
