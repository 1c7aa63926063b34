// SPDX-License-Identifier: Apache-2.0
#include "certs/ofd/reader.h"

#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "certs/errors.h"
#include "certs/ofd/zip_format.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr uint16_t kFlagEncrypted = 0x0001, kFlagDescriptor = 0x0008, kFlagUtf8 = 0x0800;
constexpr uint16_t kFlagDeflateOption = 0x0006;  // compression level hint: says nothing
constexpr uint16_t kExtraZip64 = 0x0001, kExtraUnicodePath = 0x7075;
constexpr size_t kMaxNameBytes = 512;

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(reason, ": ", message));
}
absl::Status TooMuch(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kResourceExhausted, reason, absl::StrCat(reason, ": ", message));
}

// Requires the caller to have checked bounds.
uint16_t Get16(absl::string_view bytes, size_t at) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[at]) | static_cast<uint8_t>(bytes[at + 1])
                                                                     << 8);
}
uint32_t Get32(absl::string_view bytes, size_t at) {
  return Get16(bytes, at) | static_cast<uint32_t>(Get16(bytes, at + 2)) << 16;
}

// The fields that local header and central entry share; `at` is that of "version needed".
struct Common {
  uint16_t version, flags, method, time, date;
  uint32_t crc, packed, size;
  uint16_t name_size, extra_size;
};

Common ReadCommon(absl::string_view bytes, size_t at) {
  return {Get16(bytes, at),      Get16(bytes, at + 2),  Get16(bytes, at + 4),
          Get16(bytes, at + 6),  Get16(bytes, at + 8),  Get32(bytes, at + 10),
          Get32(bytes, at + 14), Get32(bytes, at + 18), Get16(bytes, at + 22),
          Get16(bytes, at + 24)};
}

struct Entry {
  std::string name;
  Common common;
  size_t offset = 0;  // of the local header in the file
};

struct End {
  size_t at = 0, central_at = 0, central_size = 0, entries = 0;
  size_t shift = 0;  // prefix bytes that offsets do not count
};

bool CanonicalCommon(const Common& common) {
  return common.version == kVersionNeeded && common.flags == 0 && common.time == kDosTime &&
         common.date == kDosDate && common.extra_size == 0;
}

// The form in which two names must differ: Unicode NFKC case folding, which covers letter case and
// normalisation; nothing for a name that is not UTF-8.
std::optional<std::string> FoldName(absl::string_view name) {
  if (std::all_of(name.begin(), name.end(), [](char c) { return absl::ascii_isascii(c); })) {
    return absl::AsciiStrToLower(name);
  }
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* normalizer = unorm2_getNFKCCasefoldInstance(&error);
  std::vector<UChar> wide(name.size() + 1), folded(32 * name.size());
  int32_t size = 0;
  u_strFromUTF8(wide.data(), static_cast<int32_t>(wide.size()), &size, name.data(),
                static_cast<int32_t>(name.size()), &error);
  size = unorm2_normalize(normalizer, wide.data(), size, folded.data(),
                          static_cast<int32_t>(folded.size()), &error);
  std::string utf8(4 * static_cast<size_t>(size) + 1, '\0');
  u_strToUTF8(utf8.data(), static_cast<int32_t>(utf8.size()), &size, folded.data(), size, &error);
  if (U_FAILURE(error)) return std::nullopt;
  utf8.resize(size);
  return utf8;
}

absl::Status CheckName(absl::string_view name) {
  if (name.size() > kMaxNameBytes) return Refused("PACKAGE_NAME", "an entry name is too long");
  for (char c : name) {
    if (c == '\\' || c == ':' || c == '\x7f' || (static_cast<uint8_t>(c) < 0x20)) {
      return Refused("PACKAGE_NAME", "a backslash, colon or control character in an entry name");
    }
  }
  if (absl::EndsWith(name, "/")) name.remove_suffix(1);
  for (absl::string_view step : absl::StrSplit(name, '/')) {
    if (step.empty() || step == "." || step == "..") {
      return Refused("PACKAGE_NAME",
                     "an entry name is empty, absolute or has an empty or dotted step");
    }
  }
  return absl::OkStatus();
}

// Extra fields carry nothing of ours; those that would rename or resize the entry are refused.
absl::Status CheckExtra(absl::string_view extra) {
  while (extra.size() >= 4) {
    const uint16_t id = Get16(extra, 0);
    const size_t size = Get16(extra, 2);
    if (id == kExtraZip64) return Refused("PACKAGE_ZIP64", "zip64 extra field");
    if (id == kExtraUnicodePath) return Refused("PACKAGE_NAME", "a second name in an extra field");
    if (size > extra.size() - 4) break;
    extra.remove_prefix(4 + size);
  }
  if (!extra.empty()) return Refused("PACKAGE_EXTRA", "malformed extra field");
  return absl::OkStatus();
}

class Reader {
 public:
  Reader(absl::string_view zip, const ReaderLimits& limits, EntryCache* cache)
      : zip_(zip), limits_(limits), cache_(cache) {}
  absl::StatusOr<OpenPackage> Read();

 private:
  absl::Status FindEnd();
  absl::Status ReadEnd();
  // Whether the end record at `at` points at a central directory right before it.
  bool PlausibleEnd(size_t at) const;
  absl::Status ReadCentral();
  absl::Status CheckNames();
  // Checks the local header of `entry` and unpacks it; `next` is where the following one starts.
  absl::Status ReadEntry(const Entry& entry, size_t next);
  absl::Status CheckDescriptor(const Entry& entry, size_t at, size_t next);
  absl::Status Unpack(const Entry& entry, absl::string_view packed);
  void Warn(absl::string_view code) { warnings_.insert(std::string(code)); }

  const absl::string_view zip_;
  const ReaderLimits limits_;
  EntryCache* const cache_;
  End end_;
  std::vector<Entry> entries_;
  size_t total_ = 0;
  std::set<std::string> warnings_;
  OpenPackage package_;
};

bool Reader::PlausibleEnd(size_t at) const {
  const uint64_t size = Get32(zip_, at + 12), offset = Get32(zip_, at + 16);
  return size >= kCentralSize && size <= at && offset <= at - size &&
         Get32(zip_, at - size) == kCentralSignature;
}

absl::Status Reader::FindEnd() {
  if (zip_.size() < kEndSize) return Refused("PACKAGE_END", "too short for a zip file");
  const size_t lowest = zip_.size() - std::min<size_t>(zip_.size(), kEndSize + 0xffff);
  bool found = false;
  // Backwards from `end` to the next byte that may begin an end record.
  const auto candidate = [&](size_t end) {
    const void* found = end > lowest ? memrchr(zip_.data() + lowest, 'P', end - lowest) : nullptr;
    return found == nullptr ? absl::string_view::npos
                            : static_cast<size_t>(static_cast<const char*>(found) - zip_.data());
  };
  for (size_t at = candidate(zip_.size() - kEndSize + 1); at != absl::string_view::npos;
       at = candidate(at)) {
    if (Get32(zip_, at) != kEndSignature) continue;
    // Two candidates mean that two readers may see two different packages. Four chance bytes
    // inside compressed data are no candidate.
    if (found && PlausibleEnd(at)) return Refused("PACKAGE_END", "more than one end record");
    if (!found) end_.at = at;
    found = true;
  }
  if (!found) return Refused("PACKAGE_END", "no end record");
  return ReadEnd();
}

absl::Status Reader::ReadEnd() {
  const size_t comment = Get16(zip_, end_.at + 20), rest = zip_.size() - end_.at - kEndSize;
  if (comment > rest) return Refused("PACKAGE_END", "the comment runs past the end");
  if (comment > 0) Warn("PACKAGE_COMMENT");
  if (rest > comment) Warn("PACKAGE_TRAILING_DATA");
  end_.entries = Get16(zip_, end_.at + 10);
  end_.central_size = Get32(zip_, end_.at + 12);
  const size_t offset = Get32(zip_, end_.at + 16);
  if (end_.entries == 0xffff || end_.central_size == 0xffffffffu || offset == 0xffffffffu) {
    return Refused("PACKAGE_ZIP64", "zip64 end record");
  }
  if (Get32(zip_, end_.at + 4) != 0 || Get16(zip_, end_.at + 8) != end_.entries) {
    return Refused("PACKAGE_END", "the package spans several disks");
  }
  if (!PlausibleEnd(end_.at)) {
    return Refused("PACKAGE_END", "the central directory is not where the end record says");
  }
  end_.central_at = end_.at - end_.central_size;
  end_.shift = end_.central_at - offset;
  if (end_.shift > 0) Warn("PACKAGE_PREFIX_DATA");
  return absl::OkStatus();
}

absl::Status Reader::ReadCentral() {
  if (end_.entries > limits_.max_files) return TooMuch("PACKAGE_FILES", "too many entries");
  size_t at = end_.central_at;
  for (size_t i = 0; i < end_.entries; ++i) {
    if (end_.at - at < kCentralSize || Get32(zip_, at) != kCentralSignature) {
      return Refused("PACKAGE_CENTRAL", "the central directory is cut or malformed");
    }
    Entry entry;
    entry.common = ReadCommon(zip_, at + 6);
    const size_t comment = Get16(zip_, at + 32);
    const size_t variable = entry.common.name_size + entry.common.extra_size + comment;
    if (end_.at - at - kCentralSize < variable) {
      return Refused("PACKAGE_CENTRAL", "the central directory is cut or malformed");
    }
    entry.name = std::string(zip_.substr(at + kCentralSize, entry.common.name_size));
    RETURN_IF_ERROR(CheckExtra(
        zip_.substr(at + kCentralSize + entry.common.name_size, entry.common.extra_size)));
    if (Get16(zip_, at + 34) != 0) return Refused("PACKAGE_CENTRAL", "an entry on another disk");
    const bool plain = Get16(zip_, at + 4) == kVersionMadeBy && comment == 0 &&
                       Get16(zip_, at + 36) == 0 && Get32(zip_, at + 38) == 0;
    if (!plain || !CanonicalCommon(entry.common)) Warn("PACKAGE_NONCANONICAL");
    entry.offset = Get32(zip_, at + 42) + end_.shift;
    entries_.push_back(std::move(entry));
    at += kCentralSize + variable;
  }
  if (at != end_.at) return Refused("PACKAGE_CENTRAL", "data after the central directory");
  return absl::OkStatus();
}

absl::Status Reader::CheckNames() {
  std::set<std::string> folded, files;
  for (const Entry& entry : entries_) {
    RETURN_IF_ERROR(CheckName(entry.name));
    std::optional<std::string> fold = FoldName(entry.name);
    if (!fold) return Refused("PACKAGE_NAME", "an entry name is not UTF-8");
    if (!folded.insert(*std::move(fold)).second) {
      return Refused("PACKAGE_DUPLICATE_NAME", "two entries have the same or a clashing name");
    }
    if (!absl::EndsWith(entry.name, "/")) files.insert(entry.name);
  }
  for (const Entry& entry : entries_) {
    for (size_t slash = entry.name.find('/'); slash != std::string::npos;
         slash = entry.name.find('/', slash + 1)) {
      if (files.count(entry.name.substr(0, slash)) > 0) {
        return Refused("PACKAGE_DUPLICATE_NAME", "a name is both a file and a folder");
      }
    }
  }
  return absl::OkStatus();
}

absl::Status Reader::CheckDescriptor(const Entry& entry, size_t at, size_t next) {
  const size_t size = next - at;
  if (size == 16 && Get32(zip_, at) == kDescriptorSignature) {
    at += 4;
  } else if (size != 12) {
    return Refused("PACKAGE_GAP", "data between entries");
  }
  if (Get32(zip_, at) != entry.common.crc || Get32(zip_, at + 4) != entry.common.packed ||
      Get32(zip_, at + 8) != entry.common.size) {
    return Refused("PACKAGE_HEADERS_DISAGREE", "data descriptor and central directory differ");
  }
  return absl::OkStatus();
}

absl::Status Reader::ReadEntry(const Entry& entry, size_t next) {
  const Common& central = entry.common;
  if (next - entry.offset < kLocalSize || Get32(zip_, entry.offset) != kLocalSignature) {
    return Refused("PACKAGE_LOCAL", "no local header where the central directory says");
  }
  const Common local = ReadCommon(zip_, entry.offset + 4);
  if (!CanonicalCommon(local)) Warn("PACKAGE_NONCANONICAL");
  if ((local.flags | central.flags) & kFlagEncrypted) {
    return Refused("PACKAGE_ENCRYPTED", "encrypted entry");
  }
  if (central.flags & ~(kFlagDescriptor | kFlagUtf8 | kFlagDeflateOption)) {
    return Refused("PACKAGE_FLAGS", "unknown flags");
  }
  const bool descriptor = (central.flags & kFlagDescriptor) != 0;
  const bool sums_agree =
      local.crc == central.crc && local.packed == central.packed && local.size == central.size;
  const bool sums_absent = descriptor && local.crc == 0 && local.packed == 0 && local.size == 0;
  const size_t header = kLocalSize + local.name_size + local.extra_size;
  if (next - entry.offset < header) return Refused("PACKAGE_LOCAL", "the local header is cut");
  if (local.flags != central.flags || local.method != central.method ||
      !(sums_agree || sums_absent) || local.time != central.time || local.date != central.date ||
      zip_.substr(entry.offset + kLocalSize, local.name_size) != entry.name) {
    return Refused("PACKAGE_HEADERS_DISAGREE", "local header and central directory differ");
  }
  RETURN_IF_ERROR(
      CheckExtra(zip_.substr(entry.offset + kLocalSize + local.name_size, local.extra_size)));
  const size_t data = entry.offset + header;
  if (central.packed > next - data) return Refused("PACKAGE_OVERLAP", "overlapping entries");
  if (descriptor) {
    RETURN_IF_ERROR(CheckDescriptor(entry, data + central.packed, next));
  } else if (data + central.packed != next) {
    return Refused("PACKAGE_GAP", "data between entries");
  }
  return Unpack(entry, zip_.substr(data, central.packed));
}

absl::Status Reader::Unpack(const Entry& entry, absl::string_view packed) {
  const size_t size = entry.common.size;
  if (size > limits_.max_file_bytes || size > limits_.max_total_bytes - total_) {
    return TooMuch("PACKAGE_SIZE", "unpacked content is too large");
  }
  if (size > 65536 && size / limits_.max_ratio > packed.size()) {
    return TooMuch("PACKAGE_RATIO", "compression ratio of a bomb");
  }
  total_ += size;
  ASSIGN_OR_RETURN(std::string content,
                   UnpackEntry(entry.common.method, packed, size, entry.common.crc, cache_));
  if (absl::EndsWith(entry.name, "/")) {
    if (size != 0) return Refused("PACKAGE_NAME", "a folder entry with content");
    Warn("PACKAGE_NONCANONICAL");
    return absl::OkStatus();
  }
  package_.files.emplace(entry.name, std::move(content));
  return absl::OkStatus();
}

absl::StatusOr<OpenPackage> Reader::Read() {
  if (zip_.size() > limits_.max_package_bytes) return TooMuch("PACKAGE_SIZE", "file is too large");
  RETURN_IF_ERROR(FindEnd());
  RETURN_IF_ERROR(ReadCentral());
  RETURN_IF_ERROR(CheckNames());
  // There is an entry: a central directory has at least the size of one, and nothing else in it.
  if (entries_[0].name != "OFD.xml") Warn("PACKAGE_NONCANONICAL");
  std::vector<const Entry*> by_offset;
  for (const Entry& entry : entries_) by_offset.push_back(&entry);
  std::stable_sort(by_offset.begin(), by_offset.end(),
                   [](const Entry* a, const Entry* b) { return a->offset < b->offset; });
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (by_offset[i] != &entries_[i]) Warn("PACKAGE_NONCANONICAL");
  }
  // Offsets that count the prefix: the first entry tells.
  if (by_offset[0]->offset > end_.shift) Warn("PACKAGE_PREFIX_DATA");
  for (size_t i = 0; i < by_offset.size(); ++i) {
    const size_t next = i + 1 < by_offset.size() ? by_offset[i + 1]->offset : end_.central_at;
    if (by_offset[i]->offset >= next || next > end_.central_at) {
      return Refused("PACKAGE_OVERLAP", "overlapping entries");
    }
    RETURN_IF_ERROR(ReadEntry(*by_offset[i], next));
  }
  package_.warnings.assign(warnings_.begin(), warnings_.end());
  return std::move(package_);
}

}  // namespace

absl::StatusOr<OpenPackage> ReadPackage(absl::string_view zip, const ReaderLimits& limits,
                                        EntryCache* cache) {
  return Reader(zip, limits, cache).Read();
}

absl::StatusOr<std::string> ResolvePath(absl::string_view base_file, absl::string_view reference) {
  std::vector<absl::string_view> steps;
  if (!absl::StartsWith(reference, "/")) {
    steps = absl::StrSplit(base_file, '/');
    steps.pop_back();
  } else {
    reference.remove_prefix(1);
  }
  for (absl::string_view step : absl::StrSplit(reference, '/')) {
    if (absl::StrContains(step, '\\') || absl::StrContains(step, ':')) {
      return Refused("PATH_FORBIDDEN", "a backslash or colon in a path");
    }
    if (step.empty() || step == ".") continue;
    if (step != "..") {
      steps.push_back(step);
    } else if (steps.empty()) {
      return Refused("PATH_ESCAPES", "a path leaves the package");
    } else {
      steps.pop_back();
    }
  }
  if (steps.empty()) return Refused("PATH_EMPTY", "a path names no file");
  std::string path;
  for (absl::string_view step : steps) absl::StrAppend(&path, path.empty() ? "" : "/", step);
  return path;
}

}  // namespace birthseal::certs::ofd
