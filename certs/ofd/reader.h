// Strict, bounded reader of OFD packages: first defence of the verifier (checklist P1 to P4).
//
// Refuses duplicate, case-folding or escaping names, encryption, data outside entries, local and
// central headers that disagree, wrong sums, bombs. What foreign products do and we do not
// (prefix data, trailing comment) is a warning. Owns the bytes it returns. Thread-safe: pure.
#pragma once

#include <map>
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

// Errors: kInvalidArgument with a reason code first ("PACKAGE_DUPLICATE_NAME: ...");
// kResourceExhausted a limit.
absl::StatusOr<OpenPackage> ReadPackage(absl::string_view zip, const ReaderLimits& limits = {});

// Path of `reference` as written in `base_file` (leading '/' = package root, else relative to the
// directory of the file). Errors: kInvalidArgument when it leaves the package.
absl::StatusOr<std::string> ResolvePath(absl::string_view base_file, absl::string_view reference);

}  // namespace birthseal::certs::ofd
