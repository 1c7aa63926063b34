// SPDX-License-Identifier: Apache-2.0
// A small zip file of two stored entries, and ways to spoil it header by header.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "certs/ofd/package.h"
#include "tests/certs/ofd/small_package.h"

namespace birthseal::tests {

inline constexpr char kLocal[] = "PK\3\4", kCentral[] = "PK\1\2", kEnd[] = "PK\5\6";

inline std::string ZipOf(const std::vector<std::pair<std::string, std::string>>& files) {
  std::vector<certs::ofd::PartPtr> parts;
  for (const auto& [path, content] : files) {
    parts.push_back(certs::ofd::MakePart(path, content, certs::ofd::Method::kStored));
  }
  return certs::ofd::WritePackage(parts);
}
inline std::string TwoFiles() { return ZipOf({{"OFD.xml", "one"}, {"b", "two"}}); }
inline std::string TwoFiles(const char* header, int nth, size_t at, uint32_t value, int bytes) {
  return Patched(TwoFiles(), header, nth, at, value, bytes);
}

// Bytes put in before the end record, which counts them as central directory.
inline std::string BehindTheCentralDirectory(const std::string& bytes) {
  std::string zip = TwoFiles();
  const size_t end = zip.find(kEnd), central = zip.find(kCentral);
  zip.insert(end, bytes);
  return Patched(zip, kEnd, 0, 12, static_cast<uint32_t>(end + bytes.size() - central), 4);
}
// The first entry with an extra field, in its local header, in the central directory or both.
inline std::string WithExtra(const std::string& extra, bool local = true, bool central = true) {
  std::string zip = TwoFiles();
  const auto size = static_cast<uint32_t>(extra.size());
  if (central) {
    zip.insert(zip.find(kCentral) + 46 + 7, extra);
    zip = Patched(zip, kCentral, 0, 30, size, 2);
  }
  if (local) {
    zip.insert(30 + 7, extra);
    zip = Patched(zip, kLocal, 0, 28, size, 2);
    zip = Patched(zip, kCentral, 1, 42, 30 + 7 + 3 + size, 4);
  }
  const size_t moved = zip.find(kCentral);
  zip = Patched(zip, kEnd, 0, 12, static_cast<uint32_t>(zip.find(kEnd) - moved), 4);
  return Patched(zip, kEnd, 0, 16, static_cast<uint32_t>(moved), 4);
}
// The last entry with other bytes behind its data, as a descriptor has.
inline std::string WithDescriptor(const std::string& descriptor) {
  std::string zip = TwoFiles();
  const size_t central = zip.find(kCentral);
  zip.insert(central, descriptor);
  zip = Patched(zip, kLocal, 1, 6, 8, 2);
  zip = Patched(zip, kCentral, 1, 8, 8, 2);
  return Patched(zip, kEnd, 0, 16, static_cast<uint32_t>(central + descriptor.size()), 4);
}

}  // namespace birthseal::tests
