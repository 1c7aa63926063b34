# SPDX-License-Identifier: Apache-2.0
"""The uniqueness map: section 6; labels and uniqueness proofs: section 7."""
import datetime
import re

from . import ProofError, require
from .notes import read_note
from .records import parse, write
from .sm3 import sm3
from .vrf import vrf_output

NOTHING = bytes(32)
HERE, EMPTY, OTHER = 1, 2, 3
MOTHER_ID_TYPES = (1, 3, 6, 7, 8, 10, 99)


def leaf(label, value):
    return sm3(b'\x02' + label + value.to_bytes(8, 'big'))


def node(left, right):
    return sm3(b'\x03' + left + right)


def bit(label, depth):
    return label[depth // 8] >> (7 - depth % 8) & 1


def common_bits(left, right):
    return next(depth for depth in range(256) if bit(left, depth) != bit(right, depth))


class MapProof:
    def __init__(self, data):
        for name, value in parse('birthseal/map-proof/v1', data).items():
            setattr(self, name, value)
        require(len(self.label) == 32, 'map proof: a label is 32 bytes')
        require(all(len(one) == 32 for one in self.siblings), 'map proof: a sibling is 32 bytes')
        require(len(self.siblings) <= 256, 'map proof: more than 256 siblings')
        require(not self.siblings or self.siblings[-1] != NOTHING, 'map proof: deepest sibling of zeros')
        require(self.end in (HERE, EMPTY, OTHER), 'map proof: kind of end')
        require(self.end == OTHER or not self.other, 'map proof: the end has no other label')
        if self.end == EMPTY:
            require(not self.value and len(self.siblings) < 256, 'map proof: nothing has no value')
        if self.end == OTHER:
            require(len(self.other) == 32 and self.other != self.label, 'map proof: the other label')
            require(common_bits(self.label, self.other) >= len(self.siblings),
                    'map proof: the other label is not on this way')

    def _climb(self, hashed):
        for depth in range(len(self.siblings) - 1, -1, -1):
            beside = self.siblings[depth]
            hashed = node(beside, hashed) if bit(self.label, depth) else node(hashed, beside)
        return hashed

    def end_hash(self):
        if self.end == EMPTY:
            return NOTHING
        return leaf(self.label if self.end == HERE else self.other, self.value)

    def check(self, root):
        require(self._climb(self.end_hash()) == root, 'map proof: does not lead to the map root')

    def live(self):
        """None: the label is not in the map; 0: void; else the status index."""
        return self.value if self.end == HERE else None

    def root_after(self, value):
        hashed = leaf(self.label, value)
        if self.end == OTHER:
            fork = common_bits(self.label, self.other)
            pair = (hashed, self.end_hash())
            hashed = node(*(reversed(pair) if bit(self.label, fork) else pair))
            for depth in range(fork - 1, len(self.siblings) - 1, -1):
                hashed = node(NOTHING, hashed) if bit(self.label, depth) else node(hashed, NOTHING)
        return self._climb(hashed)


class MapChange:
    def __init__(self, data):
        record = parse('birthseal/map-change/v1', data)
        self.proof, self.value = MapProof(record['proof']), record['value']

    def apply(self, root):
        """The root after, when the change is of `root`."""
        self.proof.check(root)
        return self.proof.root_after(self.value)


def check_changes(leaf_record, changes):
    """The table of section 6: which changes a leaf brings."""
    name, s = leaf_record['event'], leaf_record['status_index']
    if name not in ('ISSUED', 'VOIDED', 'CLAIM_ADDED'):
        require(not changes, name + ' changes nothing in the map')
        return
    require(s > 0, name + ' has a status index')
    require(len(changes) == 1 if name == 'CLAIM_ADDED' else changes, name + ': number of changes')
    for change in changes:
        old, new = change.proof.live(), change.value
        if name == 'VOIDED':
            require(old == s and new == 0, 'VOIDED: a change is from its status index to 0')
        else:
            require(not old and new == s, name + ': a change is from absent or 0 to its status index')


# Blanks and invisible characters beyond ASCII.
_BLANKS = re.compile('[\u0085\u00a0\u00ad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f'
                     '\u3000\ufe00-\ufe0f\ufeff\u115f\u1160\u3164\uffa0'
                     # Dashes, dots and quotes that join the parts of a number.
                     '\u2010-\u2027\u00b7\u30fb\u2212]')
_CITIZEN = 1


def normalised(number):
    out = ''
    for c in _BLANKS.sub('', number):
        if '\uff01' <= c <= '\uff5e':
            c = chr(ord(c) - 0xFEE0)
        if ord(c) >= 128 or c.isalnum():
            out += c.upper() if ord(c) < 128 else c
    return out


def is_citizen_number(number):
    """GB 11643: 17 digits with a birth date, and a check character of ISO 7064 MOD 11-2."""
    if not re.fullmatch('[1-9][0-9]{16}[0-9X]', number, re.ASCII):
        return False
    try:
        born = datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(number[:17]))
    return born.year >= 1800 and '10X98765432'[total % 11] == number[17]


def label_input(facts):
    """Alpha. facts: id_type, id_number, birth_date (YYYYMMDD or YYYY-MM-DD), birth_order."""
    number = normalised(facts['id_number']).encode()
    require(number, 'facts: the number is empty')
    date = re.sub('-', '', str(facts['birth_date']))
    require(re.fullmatch('[0-9]{8}', date, re.ASCII), 'facts: birth date')
    id_type = _CITIZEN if is_citizen_number(number.decode()) else int(facts['id_type'])
    return write('birthseal/map-label/v1', {'id_type': id_type, 'id_number': number,
                                           'birth_date': int(date),
                                           'birth_order': int(facts['birth_order'])})


def check_uniqueness(data, facts, key, policy, witnessed):
    """Live status index, 0 for void, None for never issued."""
    record = parse('birthseal/uniqueness/v1', data)
    note, proof = read_note(record['checkpoint']), MapProof(record['map_proof'])
    (policy.check_witnessed if witnessed else policy.check_logged)(note)
    label = vrf_output(key, label_input(facts), record['vrf_proof'])
    require(label == proof.label, 'uniqueness: the label is not that of these facts')
    proof.check(note.map_root)
    return proof.live()
