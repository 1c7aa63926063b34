// SPDX-License-Identifier: Apache-2.0
// Strict, bounded reader of OFD packages: first defence of the verifier. Rule F1.
//
// Refuses duplicate, case-folding or escaping names, encryption, data outside entries, local and
// central headers that disagree, wrong sums, bombs. What foreign products do and we do not
// (prefix data, trailing comment) is a warning. Owns the bytes it returns. Thread-safe: pure.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "certs/ofd/package.h"

namespace birthseal::certs::ofd {

struct ReaderLimits {
  size_t max_package_bytes = 32u << 20;
  size_t max_file_bytes = 32u << 20;
  size_t max_total_bytes = 128u << 20;
  size_t max_files = 2000;
  size_t max_ratio = 300;  // deflate itself ends near 1030; real XML stays below 100
};

struct OpenPackage {
  std::map<std::string, std::string> files;  // path without leading slash -> raw content
  std::vector<std::string> warnings;         // reason codes, "PACKAGE_PREFIX_DATA"
};

// Deflated entries that many packages share byte by byte (template page, label fonts): what their
// inflation and check sum gave. An entry is found by all of its compressed bytes, its size and its
// check sum, so a package reads the same with and without. Kept from the second sighting on;
// bounded. Thread-safe.
class EntryCache {
 public:
  EntryCache();
  ~EntryCache();
  // Null when the content is not kept.
  std::shared_ptr<const std::string> Find(absl::string_view packed, uint32_t crc32,
                                          size_t size) const;
  // `content` has just been inflated from `packed` and has this check sum.
  void Saw(absl::string_view packed, uint32_t crc32, const std::string& content);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Errors: kInvalidArgument with a reason code first ("PACKAGE_DUPLICATE_NAME: ...");
// kResourceExhausted a limit. `cache` may be null.
absl::StatusOr<OpenPackage> ReadPackage(absl::string_view zip, const ReaderLimits& limits = {},
                                        EntryCache* cache = nullptr);

// The content of one entry of `size` bytes from its bytes in the zip: what ReadPackage does with
// each entry once headers and limits are checked. Errors: kInvalidArgument PACKAGE_DEFLATE,
// PACKAGE_GAP, PACKAGE_METHOD, PACKAGE_CRC.
absl::StatusOr<std::string> UnpackEntry(uint16_t method, absl::string_view packed, size_t size,
                                        uint32_t crc32, EntryCache* cache = nullptr);

// Path of `reference` as written in `base_file` (leading '/' = package root, else relative to the
// directory of the file). Errors: kInvalidArgument when it leaves the package.
absl::StatusOr<std::string> ResolvePath(absl::string_view base_file, absl::string_view reference);

}  // namespace birthseal::certs::ofd
