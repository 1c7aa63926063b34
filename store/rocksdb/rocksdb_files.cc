// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_files.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "certs/errors.h"

namespace birthseal::store {
namespace {

// The format of RocksDB's logs: blocks of records, each behind CRC-32C, length and type, which are
// little-endian. The sum covers type and content, not the length.
constexpr size_t kBlock = 32768, kHeader = 7;

absl::Status Damaged(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "STORE_DAMAGED",
                      absl::StrCat("open the store: ", what));
}

uint8_t ByteAt(absl::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

std::array<uint32_t, 256> Crc32cTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0);
    table[i] = crc;
  }
  return table;
}

// The header at the front of `bytes` has the sum of what follows it, at some length.
bool IsWholeAtSomeLength(absl::string_view bytes) {
  static const std::array<uint32_t, 256> table = Crc32cTable();
  uint32_t stored = 0;
  for (size_t i = 4; i-- > 0;) stored = stored << 8 | ByteAt(bytes, i);
  uint32_t crc = ~uint32_t{0};
  for (size_t i = 6; i < bytes.size(); ++i) {  // from the type on
    crc = table[(crc ^ ByteAt(bytes, i)) & 0xff] ^ (crc >> 8);
    const uint32_t sum = ~crc;
    if (stored == ((sum >> 15 | sum << 17) + 0xa282ead8u)) return true;
  }
  return false;
}

// Two kinds of damage end a MANIFEST early for RocksDB, without a word. A record longer than what
// is left of the file is taken for one that a crash tore; but a torn one fits no sum. A record of a
// recycled log (types 5 to 8) is taken for the end; but a MANIFEST is never recycled.
bool EndsEarly(absl::string_view file) {
  for (size_t block = 0; block < file.size(); block += kBlock) {
    const size_t end = std::min(block + kBlock, file.size());
    for (size_t at = block; at + kHeader <= end;) {
      const size_t length = ByteAt(file, at + 4) | size_t{ByteAt(file, at + 5)} << 8;
      const int type = ByteAt(file, at + 6);
      if (type == 0 && length == 0) break;  // padding
      if (type >= 5 && type <= 8) return true;
      if (at + kHeader + length > end) {
        return end == file.size() && IsWholeAtSomeLength(file.substr(at));
      }
      at += kHeader + length;
    }
  }
  return false;
}

}  // namespace

absl::Status CheckListOfFiles(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  if (!env->GetChildren(directory, &names).ok()) return absl::OkStatus();  // a new store
  std::string current;
  if (std::find(names.begin(), names.end(), "CURRENT") == names.end()) {
    const bool tables = std::any_of(names.begin(), names.end(), [](const std::string& name) {
      return absl::EndsWith(name, ".sst") || absl::EndsWith(name, ".blob");
    });
    return tables ? Damaged("it holds tables, but the file CURRENT is gone") : absl::OkStatus();
  }
  std::string manifest;
  if (!rocksdb::ReadFileToString(env, directory + "/CURRENT", &current).ok() ||
      !rocksdb::ReadFileToString(
           env, absl::StrCat(directory, "/", absl::StripSuffix(current, "\n")), &manifest)
           .ok()) {
    return absl::OkStatus();  // opening says why
  }
  return EndsEarly(manifest) ? Damaged("a record of MANIFEST was altered") : absl::OkStatus();
}

}  // namespace birthseal::store
