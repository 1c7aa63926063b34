# SPDX-License-Identifier: Apache-2.0
"""Published examples for every primitive, so that a wrong one cannot judge anything."""
from . import require
from .curves import sm2_holds
from .ed25519 import ed25519_holds
from .records import commitment, field, write
from .sm3 import pure_sm3, sm3
from .tiles import tile_name
from .umap import is_citizen_number, normalised
from .vrf import vrf_output

_unhex = bytes.fromhex

# GB/T 32905 appendix A; the sizes around the padding boundary are compared with hashlib's below.
_SM3 = [(b'abc', '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'),
        (b'abcd' * 16, 'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')]

# GB/T 32918.5 appendix A.2: "message digest" under the key of the standard.
_SM2_KEY = (0x09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020,
            0xCCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13)
_SM2_SIGNATURE = _unhex('3046'
                        '022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3'
                        '022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa')

# RFC 8032 section 7.1, tests 1 and 2.
_ED25519 = [('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a', '',
             'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac'
             'c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'),
            ('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c', '72',
             '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e'
             '458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00')]

# RFC 9381 appendix B.1, example 10.
_VRF = ('0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6', b'sample',
        '035b5c726e8c0e2c488a107c600578ee75cb702343c153cb1eb8dec77f4b5071b4a53f0a46f018bc2c56e58d38'
        '3f2305e0975972c26feea0eb122fe7893c15af376b33edf7de17c6ea056d4d82de6bc02f',
        'a3ad7b0ef73d8fc6655053ea22f9bede8c743f08bbed3d38821f0e16474b505e')


def _flipped(data, at=-1):
    data = bytearray(data)
    data[at] ^= 1
    return bytes(data)


def _hashes():
    for data, digest in _SM3:
        require(pure_sm3(data).hex() == digest, 'known answer: SM3')
    for size in range(130):
        require(pure_sm3(bytes(size)) == sm3(bytes(size)), 'known answer: SM3 of %d bytes' % size)


def _signatures():
    message = b'message digest'
    require(sm2_holds(_SM2_KEY, message, _SM2_SIGNATURE), 'known answer: SM2')
    require(not sm2_holds(_SM2_KEY, message + b'.', _SM2_SIGNATURE), 'known answer: SM2, other message')
    require(not sm2_holds(_SM2_KEY, message, _flipped(_SM2_SIGNATURE)), 'known answer: SM2, flipped bit')
    for key, message, signature in _ED25519:
        key, message, signature = _unhex(key), _unhex(message), _unhex(signature)
        require(ed25519_holds(key, message, signature), 'known answer: Ed25519')
        require(not ed25519_holds(key, message + b'.', signature), 'known answer: Ed25519, other message')
        require(not ed25519_holds(key, message, _flipped(signature, 0)), 'known answer: Ed25519, flipped')


def _vrf():
    key, alpha, proof, beta = _unhex(_VRF[0]), _VRF[1], _unhex(_VRF[2]), _unhex(_VRF[3])
    require(vrf_output(key, alpha, proof) == beta, 'known answer: ECVRF')


def _page():
    """The examples that store/TRANSPARENCY.md gives itself."""
    commit = _unhex('00000000001362697274687365616c2f636f6d6d69742f7631'
                    '00010000000473616c7400020000000477686174')
    require(write('birthseal/commit/v1', {'salt': b'salt', 'what': b'what'}) == commit, 'page: record')
    require(commitment(b'salt', b'what') == sm3(commit), 'page: commitment')
    require(field(0, b'') == bytes(6), 'page: field')
    require(tile_name(1234067) == 'x001/x234/067' and tile_name(7) == '007', 'page: tile name')
    require(normalised('\uff21\uff11\u3000b-2\u200b') == 'A1B2', 'page: normalised number')
    require(is_citizen_number('11010519491231002X'), 'page: GB 11643')
    require(not is_citizen_number('110105194912310020'), 'page: GB 11643, wrong check character')


def check_known_answers():
    for group in (_hashes, _signatures, _vrf, _page):
        group()
