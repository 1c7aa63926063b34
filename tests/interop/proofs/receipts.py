# SPDX-License-Identifier: Apache-2.0
"""Receipts R1, R2 and R3: section 8."""
from . import require
from .log import check_consistency, check_inclusion
from .notes import read_note
from .records import commitment, intent, parse, parse_leaf
from .umap import MapProof


def check_receipt(data, document, policy, strength):
    """R1 ('logged') or R2 ('witnessed'). document: face, licence, document, all bytes.
    Returns what R3 is compared with: (note, index, INTENT leaf)."""
    record = parse('birthseal/receipt/v1', data)
    leaf, note = parse_leaf(record['leaf']), read_note(record['checkpoint'])
    require(leaf['event'] == 'INTENT', 'receipt: the leaf is not an INTENT')
    what = intent(document['face'], document['licence'], document['document'])
    require(commitment(record['salt'], what) == leaf['commitment'],
            'receipt: the commitment does not open to this document')
    check_inclusion(record['leaf'], record['index'], note.size, record['path'], note.root)
    if strength == 'witnessed':
        policy.check_witnessed(note)
        require(not record['witnessed'] and not record['consistency'], 'receipt: R2 has no fields 6, 7')
    else:
        policy.check_logged(note)
    if record['witnessed']:
        before = read_note(record['witnessed'])
        require(before.origin == note.origin, 'receipt: the witnessed checkpoint is of another log')
        policy.check_logged(before)  # without its quorum it proves no less than without it
        check_consistency(before.size, before.root, note.size, note.root, record['consistency'])
    else:
        require(not record['consistency'], 'receipt: a consistency path of nothing')
    return note, record['index'], leaf


def _proven(data, note, what, name):
    record = parse('birthseal/proven-leaf/v1', data)
    leaf = parse_leaf(record['leaf'])
    require(leaf['event'] == name, 'receipt: the leaf is not %s' % name)
    require(commitment(record['salt'], what) == leaf['commitment'],
            'receipt: %s does not open' % name)
    check_inclusion(record['leaf'], record['index'], note.size, record['path'], note.root)
    return leaf, record['index']


def check_joint(data, file_digest, first, policy):
    """R3; first: what check_receipt returned for the document's R1."""
    record = parse('birthseal/receipt-joint/v1', data)
    note = read_note(record['checkpoint'])
    policy.check_witnessed(note)
    first_note, intent_index, intent_leaf = first
    require(note.origin == first_note.origin, 'receipt: R1 and R3 are of different logs')
    issued, index = _proven(record['issued'], note, file_digest, 'ISSUED')
    require(issued['intent_plus_one'] == intent_index + 1, 'receipt: ISSUED names another INTENT')
    for name in ('status_index', 'institution'):
        require(issued[name] == intent_leaf[name], 'receipt: ISSUED has another ' + name)
    if record['voided'] is None:
        require(not record['reason'], 'receipt: a reason without a VOIDED leaf')
    else:
        voided, before = _proven(record['voided'], note, record['reason'], 'VOIDED')
        require(before + 1 == index, 'receipt: VOIDED does not stand directly before ISSUED')
        require(voided['status_index'] != issued['status_index'], 'receipt: a certificate voids itself')
    proof = MapProof(record['map_proof'])
    proof.check(note.map_root)
    require(proof.live() == issued['status_index'] != 0, 'receipt: the map names another certificate')
    return issued['status_index']
