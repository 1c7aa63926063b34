# SPDX-License-Identifier: Apache-2.0
"""Canonical records, leaves and commitments: section 2 and the tables of section 3."""
from . import require
from .sm3 import sm3

TEXT, NUMBER, NESTED, REPEATED, OPTIONAL = 'text', 'number', 'nested', 'repeated', 'optional'

# Of each record: tag -> (name, kind). OPTIONAL is a nested field that may be absent.
SCHEMAS = {
    'birthseal/leaf/v1': {1: ('kind', NUMBER), 2: ('minute', NUMBER), 3: ('institution', TEXT),
                          4: ('status_index', NUMBER), 5: ('intent_plus_one', NUMBER),
                          6: ('commitment', TEXT), 7: ('open', TEXT)},
    'birthseal/commit/v1': {1: ('salt', NESTED), 2: ('what', NESTED)},
    'birthseal/intent/v1': {1: ('face', NESTED), 2: ('licence', NESTED), 3: ('document', NESTED)},
    'birthseal/recovery/v1': {1: ('old_epoch', NUMBER), 2: ('kept_size', NUMBER),
                              3: ('kept_root', TEXT), 4: ('map_root', TEXT),
                              5: ('lost_size', NUMBER), 6: ('lost_root', TEXT)},
    'birthseal/profile-announced/v1': {1: ('name', TEXT), 2: ('version', NUMBER),
                                       3: ('digest', TEXT)},
    'birthseal/map-proof/v1': {1: ('label', TEXT), 2: ('siblings', REPEATED), 3: ('end', NUMBER),
                               4: ('value', NUMBER), 5: ('other', TEXT)},
    'birthseal/map-change/v1': {1: ('proof', NESTED), 2: ('value', NUMBER)},
    'birthseal/map-label/v1': {1: ('id_type', NUMBER), 2: ('id_number', TEXT),
                               3: ('birth_date', NUMBER), 4: ('birth_order', NUMBER)},
    'birthseal/uniqueness/v1': {1: ('vrf_proof', TEXT), 2: ('map_proof', NESTED),
                                3: ('checkpoint', TEXT)},
    'birthseal/receipt/v1': {1: ('leaf', TEXT), 2: ('index', NUMBER), 3: ('salt', TEXT),
                             4: ('path', REPEATED), 5: ('checkpoint', TEXT),
                             6: ('witnessed', TEXT), 7: ('consistency', REPEATED)},
    'birthseal/proven-leaf/v1': {1: ('leaf', TEXT), 2: ('index', NUMBER), 3: ('salt', TEXT),
                                 4: ('path', REPEATED)},
    'birthseal/receipt-joint/v1': {1: ('issued', NESTED), 2: ('voided', OPTIONAL),
                                   3: ('reason', TEXT), 4: ('map_proof', NESTED),
                                   5: ('checkpoint', TEXT)},
}

KINDS = {1: 'INTENT', 2: 'ISSUED', 3: 'VOIDED', 4: 'CANCELLED', 5: 'SEAL_ENROLLED',
         6: 'SEAL_SUSPENDED', 7: 'OPERATOR_CHANGED', 8: 'PROFILE_CHANGED', 9: 'RECOVERY',
         10: 'CLAIM_ADDED'}


def field(tag, value):
    return tag.to_bytes(2, 'big') + len(value).to_bytes(4, 'big') + value


def split(data):
    """[(tag, value)] of a record; refuses what is cut off."""
    fields, at = [], 0
    while at < len(data):
        require(len(data) - at >= 6, 'record: cut off in a field header')
        tag, size = int.from_bytes(data[at:at + 2], 'big'), int.from_bytes(data[at + 2:at + 6], 'big')
        require(len(data) - at - 6 >= size, 'record: cut off in a value')
        fields.append((tag, data[at + 6:at + 6 + size]))
        at += 6 + size
    return fields


def _value(name, kind, value):
    if kind == NUMBER:
        require(len(value) == 8, name + ': a number is 8 bytes')
        require(any(value), name + ': a zero number is left out')
        return int.from_bytes(value, 'big')
    require(kind != TEXT or value, name + ': an empty text is left out')
    return value


def parse(record_type, data):
    """The fields by name: absent text is b'', number 0, repeated [], optional None."""
    schema = SCHEMAS[record_type]
    absent = {TEXT: b'', NUMBER: 0, OPTIONAL: None}
    result = {name: [] if kind == REPEATED else absent.get(kind) for name, kind in schema.values()}
    fields = split(data)
    require(fields and fields[0] == (0, record_type.encode()), 'record: not a ' + record_type)
    last = 0
    for tag, value in fields[1:]:
        require(tag in schema, 'record: tag %d is unknown' % tag)
        name, kind = schema[tag]
        require(tag > last or (tag == last and kind == REPEATED), 'record: tags do not ascend')
        last = tag
        value = _value(name, kind, value)
        if kind == REPEATED:
            result[name].append(value)
        else:
            result[name] = value
    for name, kind in schema.values():
        require(kind != NESTED or result[name] is not None, name + ': nested field is missing')
    return result


def write(record_type, values):
    out = field(0, record_type.encode())
    for tag, (name, kind) in SCHEMAS[record_type].items():
        value = values.get(name)
        if kind == NUMBER:
            out += field(tag, value.to_bytes(8, 'big')) if value else b''
        elif kind == TEXT:
            out += field(tag, value) if value else b''
        elif kind == REPEATED:
            out += b''.join(field(tag, one) for one in value or [])
        elif value is not None:
            out += field(tag, value)
    return out


def commitment(salt, what):
    return sm3(write('birthseal/commit/v1', {'salt': salt, 'what': what}))


def parse_leaf(data):
    leaf = parse('birthseal/leaf/v1', data)
    require(leaf['kind'] in KINDS, 'leaf: unknown kind')
    require(leaf['minute'] < 4223371680, 'leaf: a time before the year 10000')
    require(len(leaf['commitment']) == 32, 'leaf: commitment is 32 bytes')
    leaf['event'] = KINDS[leaf['kind']]
    open_kind = leaf['event'] in ('PROFILE_CHANGED', 'RECOVERY')
    require(open_kind == bool(leaf['open']), 'leaf: only RECOVERY and PROFILE_CHANGED speak openly')
    if open_kind:
        require(commitment(b'', leaf['open']) == leaf['commitment'], 'leaf: commitment of tag 7')
        record = 'recovery' if leaf['event'] == 'RECOVERY' else 'profile-announced'
        leaf['said'] = parse('birthseal/%s/v1' % record, leaf['open'])
    require(not leaf['intent_plus_one'] or leaf['event'] in ('ISSUED', 'CANCELLED'),
            'leaf: only ISSUED and CANCELLED name an INTENT')
    return leaf


def intent(face, licence, document):
    return write('birthseal/intent/v1', {'face': face, 'licence': licence, 'document': document})
