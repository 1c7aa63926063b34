#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what Birthseal proves, with Python's standard library alone, from store/TRANSPARENCY.md.

  check_proofs.py KIND FILE... [options]   checks files; KIND: checkpoint, uniqueness, receipt,
                                           receipt-joint, tiles (FILE is a directory); every other
                                           kind, and these too, from a JSON case as in vectors/
  check_proofs.py --vectors DIR            every case of every *.json in DIR: good ones must hold,
                                           broken ones must be refused
  check_proofs.py --known-answers          examples of the standards

One line a check. Exit: 0 all hold, 1 something does not, 2 usage.
"""
import argparse
import json
import os
import sys

from proofs import ProofError, cases
from proofs.known_answers import check_known_answers
from proofs.notes import NoteKey, Policy
from proofs.sm3 import sm3


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def key_pairs(options, default_name):
    """[(name, PEM)] of NAME=FILE or FILE."""
    pairs = []
    for one in options:
        name, gap, path = one.rpartition('=')
        pairs.append((name if gap else default_name, read(path).decode()))
    return pairs


def trust(args):
    """The fields of a case that say whom the caller trusts."""
    log_keys = key_pairs(args.log_key, args.log_name)
    witnesses = key_pairs(args.witness, '')
    if any(not name for name, _ in witnesses):
        raise ProofError('--witness: NAME=FILE is needed')
    return {'log_name': log_keys[0][0] if log_keys else args.log_name,
            'log_keys': [pem for _, pem in log_keys],
            'witnesses': [{'name': name, 'pem': pem} for name, pem in witnesses],
            'quorum': args.quorum, 'strength': 'witnessed' if args.quorum else 'logged'}


def case_of(kind, path, args):
    """A file as the service gives it, as a case."""
    data = read(path)
    if data[:1] == b'{':
        return json.loads(data)
    case = trust(args)
    if kind == 'checkpoint':
        case['note'] = data.decode()
    elif kind == 'uniqueness':
        case.update(proof=data.hex(), vrf_key=read(args.vrf_key).decode(),
                    facts={'id_type': args.mother_id_type, 'id_number': args.mother_id,
                           'birth_date': args.birth_date, 'birth_order': args.order})
    elif kind in ('receipt', 'receipt-joint'):
        case.update(receipt=data.hex(), document={'face': args.face, 'licence': args.licence,
                                                  'document': args.document})
        if kind == 'receipt-joint':
            case.update(r1=read(args.r1).hex(), file_digest=sm3(read(args.file)).hex())
    else:
        raise ProofError(kind + ': a JSON case is needed')
    return case


def tiles_of(path, args):
    asked = trust(args)
    policy = Policy([NoteKey(asked['log_name'], pem) for pem in asked['log_keys']])
    return cases.tiles_line(lambda name: read(os.path.join(path, name)), args.epoch, policy, args.leaf)


def check_file(kind, path, args):
    if kind == 'tiles' and os.path.isdir(path):
        return tiles_of(path, args)
    return cases.KINDS[kind](case_of(kind, path, args))


def check_vectors(directory):
    """True when every good case holds and every broken one is refused."""
    fine, good, broken = True, 0, 0
    for name in sorted(os.listdir(directory)):
        if not name.endswith('.json'):
            continue
        content = json.loads(read(os.path.join(directory, name)))
        for case in content['cases']:
            case = {**content.get('shared', {}), **case}
            try:
                line, held = cases.KINDS[content['kind']](case), True
            except ProofError as refusal:
                line, held = str(refusal), False
            good, broken = good + case['good'], broken + (not case['good'])
            right = held == case['good']
            fine = fine and right
            print('%s %s: %s: %s%s' % ('ok   ' if right else 'WRONG', name[:-5], case['name'],
                                       '' if held else 'refused: ', line))
    print('%d good and %d broken cases' % (good, broken))
    return fine and good > 0 and broken > 0


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('kind', nargs='?', choices=sorted(cases.KINDS))
    parser.add_argument('files', nargs='*', metavar='FILE')
    parser.add_argument('--vectors', metavar='DIR')
    parser.add_argument('--known-answers', action='store_true')
    parser.add_argument('--log-key', action='append', default=[], metavar='[NAME=]PEM')
    parser.add_argument('--log-name', default='birthseal.example/log')
    parser.add_argument('--witness', action='append', default=[], metavar='NAME=PEM')
    parser.add_argument('--quorum', type=int, default=0)
    parser.add_argument('--vrf-key', metavar='PEM')
    parser.add_argument('--mother-id')
    parser.add_argument('--mother-id-type', type=int, default=1)
    parser.add_argument('--birth-date', metavar='YYYY-MM-DD')
    parser.add_argument('--order', type=int, default=1)
    parser.add_argument('--face', metavar='HEX', help='face digest of the document')
    parser.add_argument('--licence', help='licence identifier of the document')
    parser.add_argument('--document', metavar='ID', help='document id, 32 hex characters')
    parser.add_argument('--r1', help='the receipt inside the document, for receipt-joint')
    parser.add_argument('--file', help='the sealed file, for receipt-joint')
    parser.add_argument('--epoch', type=int, default=1, help='of tiles')
    parser.add_argument('--leaf', type=int, help='of tiles: prove this leaf too')
    return parser.parse_args()


def main():
    args = arguments()
    check_known_answers()
    fine = True
    if args.known_answers:
        print('known answers: SM3, SM2, Ed25519, ECVRF and the examples of the page')
    if args.vectors:
        fine = check_vectors(args.vectors)
    for path in args.files:
        try:
            print('%s: holds: %s' % (path, check_file(args.kind, path, args)))
        except (ProofError, OSError, UnicodeDecodeError, KeyError, TypeError, ValueError) as refusal:
            print('%s: REFUSED: %s' % (path, refusal))
            fine = False
    if not (args.known_answers or args.vectors or args.files):
        print('nothing to check; --help', file=sys.stderr)
        return 2
    return 0 if fine else 1


if __name__ == '__main__':
    sys.exit(main())
