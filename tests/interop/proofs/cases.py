# SPDX-License-Identifier: Apache-2.0
"""One case: a JSON object with a kind. Bytes are hex, keys PEM, checkpoints text. Each kind returns
what it found, in one line; it raises ProofError when anything does not hold."""
from . import ProofError, log, require
from .notes import NoteKey, Policy, read_note, vrf_key
from .receipts import check_joint, check_receipt
from .records import SCHEMAS, commitment, parse, parse_leaf
from .tiles import check_tiles
from .umap import MapChange, MapProof, check_uniqueness, label_input
from .updates import Follower


def _bytes(case, name):
    try:
        return bytes.fromhex(case[name])
    except ValueError:
        raise ProofError(name + ': not hex') from None


def _path(case):
    return [bytes.fromhex(one) for one in case['path']]


def _policy(case):
    log_keys = [NoteKey(case['log_name'], pem) for pem in case['log_keys']]
    witnesses = [NoteKey(one['name'], one['pem'], witness=True) for one in case.get('witnesses', [])]
    return Policy(log_keys, witnesses, case.get('quorum', 0))


def _checked(policy, note, strength):
    (policy.check_witnessed if strength == 'witnessed' else policy.check_logged)(note)


def _said(live):
    if live is None:
        return 'never in the map'
    return 'status index %d is live' % live if live else 'in the map, void'


def record(case):
    require(case['type'] in SCHEMAS, 'record: unknown type')
    parse(case['type'], _bytes(case, 'bytes'))
    return case['type']


def commit(case):
    require(commitment(_bytes(case, 'salt'), _bytes(case, 'what')) == _bytes(case, 'commitment'),
            'commitment: does not open')
    return 'opens'


def leaf(case):
    found = parse_leaf(_bytes(case, 'leaf'))
    for name in ('event', 'minute', 'status_index', 'intent_plus_one'):
        require(name not in case or found[name] == case[name], 'leaf: other ' + name)
    require(log.leaf_hash(_bytes(case, 'leaf')) == _bytes(case, 'hash'), 'leaf: other hash')
    return '%s, status index %d' % (found['event'], found['status_index'])


def inclusion(case):
    log.check_inclusion(_bytes(case, 'leaf'), case['index'], case['size'], _path(case),
                        _bytes(case, 'root'))
    return 'leaf %d of %d' % (case['index'], case['size'])


def consistency(case):
    log.check_consistency(case['old_size'], _bytes(case, 'old_root'), case['new_size'],
                          _bytes(case, 'new_root'), _path(case))
    return '%d leaves grew to %d' % (case['old_size'], case['new_size'])


def checkpoint(case):
    note = read_note(case['note'])
    _checked(_policy(case), note, case['strength'])
    return '%s, size %d, %s' % (note.origin, note.size, case['strength'])


def map_proof(case):
    proof = MapProof(_bytes(case, 'proof'))
    proof.check(_bytes(case, 'root'))
    require('live' not in case or proof.live() == case['live'], 'map proof: other value')
    return _said(proof.live())


def map_change(case):
    after = MapChange(_bytes(case, 'change')).apply(_bytes(case, 'before'))
    require(after == _bytes(case, 'after'), 'map change: other root after')
    return 'map root after is ' + after.hex()[:16]


def updates(case):
    follower = Follower(_policy(case))
    for step in case['steps']:
        follower.update(step['checkpoint'],
                        [(_bytes(one, 'leaf'), [bytes.fromhex(c) for c in one['changes']])
                         for one in step['leaves']])
    return '%d updates, epoch %d, size %d' % (len(case['steps']), follower.epoch, follower.frontier.size)


def label(case):
    require(label_input(case['facts']) == _bytes(case, 'alpha'), 'label: other input')
    return 'input of the label'


def uniqueness(case):
    live = check_uniqueness(_bytes(case, 'proof'), case['facts'], vrf_key(case['vrf_key']), _policy(case),
                            case['strength'] == 'witnessed')
    require('live' not in case or live == case['live'], 'uniqueness: other value')
    return _said(live)


def _first(case, name, strength):
    document = {field: case['document'][field].encode() for field in ('licence', 'document')}
    document['face'] = _bytes(case['document'], 'face')
    return check_receipt(_bytes(case, name), document, _policy(case), strength)


def receipt(case):
    note, index, found = _first(case, 'receipt', case['strength'])
    return 'INTENT %d, status index %d, %s' % (index, found['status_index'], note.origin)


def receipt_joint(case):
    first = _first(case, 'r1', 'logged')
    live = check_joint(_bytes(case, 'receipt'), _bytes(case, 'file_digest'), first, _policy(case))
    return 'status index %d is issued, logged, witnessed and unique' % live


def tiles(case):
    files = {**case['files'], **case.get('changed', {})}

    def read(path):
        content = files.get(path)
        if content is None:
            raise FileNotFoundError(path)
        return content.encode() if path.endswith('/checkpoint') else bytes.fromhex(content)
    return tiles_line(read, case['epoch'], _policy(case), case.get('leaf'))


def tiles_line(read, epoch, policy, index):
    note, leaves, hashes = check_tiles(read, epoch, policy)
    line = '%s, size %d, every tile follows from the leaves' % (note.origin, note.size)
    if index is None:
        return line
    require(index < note.size, 'tiles: no leaf %d' % index)
    path = log.inclusion_path(hashes, index)
    log.check_inclusion(leaves[index], index, note.size, path, note.root)
    return '%s; leaf %d is %s, %d hashes to the root' % (line, index, parse_leaf(leaves[index])['event'],
                                                        len(path))


KINDS = {'record': record, 'commitment': commit, 'leaf': leaf, 'inclusion': inclusion,
         'consistency': consistency, 'checkpoint': checkpoint, 'map-proof': map_proof,
         'map-change': map_change, 'updates': updates, 'label': label, 'uniqueness': uniqueness,
         'receipt': receipt, 'receipt-joint': receipt_joint, 'tiles': tiles}
