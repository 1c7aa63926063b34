// SPDX-License-Identifier: Apache-2.0
// The OFD package (GB/T 33190): a deterministic zip of finished parts.
//
// A part is compressed and hashed once; the constant ones (fonts of labels, templates, seal) are
// shared by all certificates of a process. Same parts in the same order give the same bytes: fixed
// time stamps, no extra fields, no directory entries. Thread-safe: pure functions, const values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "certs/digest.h"

namespace birthseal::certs::ofd {

// How the entry stands in the zip. Values are persisted.
enum class Method : uint8_t { kStored = 0, kDeflated = 8 };

struct Part {
  std::string path;  // ASCII, without leading slash: "Doc_0/Document.xml"
  Method method = Method::kDeflated;
  uint32_t crc32 = 0;
  uint64_t size = 0;      // of the raw content
  Digest digest{};        // SM3 of the raw content: what References carry
  std::string data;       // as it stands in the zip
  bool constant = false;  // shared by many documents: stored once by the store, by `digest`
};
using PartPtr = std::shared_ptr<const Part>;

// Deflates (libdeflate), hashes and checks sum.
PartPtr MakePart(absl::string_view path, absl::string_view content,
                 Method method = Method::kDeflated, bool constant = false);

// The zip file. Requires unique paths; the first part is OFD.xml.
std::string WritePackage(const std::vector<PartPtr>& parts);

}  // namespace birthseal::certs::ofd
