// SPDX-License-Identifier: Apache-2.0
// One bit of a stored file changes while nobody looks: what disks do.
//
// Thread-safe: works on the files of `directory` alone, with the store closed.
#pragma once

#include <cstdint>
#include <string>

namespace birthseal::tests {

// Flips one bit of one of the files of `directory` whose name has `part` in it (".sst", ".blob",
// ".log", "MANIFEST-", "CURRENT"), file, byte and bit by `seed`. Gives "name:byte.bit", or "" when
// no such file holds a byte.
std::string FlipBit(const std::string& directory, const std::string& part, uint64_t seed);

}  // namespace birthseal::tests
