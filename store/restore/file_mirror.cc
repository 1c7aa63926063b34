// SPDX-License-Identifier: Apache-2.0
#include "store/restore/file_mirror.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/restore/backup_files.h"

namespace birthseal::store {
namespace {

constexpr size_t kMaxState = 16u << 20;
constexpr size_t kSumBytes = 8, kHeaderBytes = 4 + kSumBytes;
constexpr uint32_t kMaxBody = 64u << 20;

absl::Status Damaged(absl::string_view reason, absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, reason, what);
}

uint32_t LengthIn(absl::string_view header) {
  uint32_t length = 0;
  for (size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<uint8_t>(header[i]);
  return length;
}

absl::StatusOr<RecoverLeaves::Item> ParseBody(absl::string_view body) {
  certs::CanonicalReader reader(body, "birthseal/mirror-record/v1");
  RecoverLeaves::Item item;
  const auto leaf = reader.Next(1);
  while (const auto change = reader.Next(2)) item.changes.emplace_back(*change);
  RETURN_IF_ERROR(reader.Finish());
  if (!leaf) return Damaged("MIRROR_RECORD", "a record of a mirror holds no leaf");
  item.leaf = std::string(*leaf);
  return item;
}

// The note in a witness's state.
absl::StatusOr<std::string> NoteIn(absl::string_view state) {
  certs::CanonicalReader reader(state, "birthseal/witness-state/v1");
  reader.Text(1);
  reader.Next(2);  // the log
  std::string note = reader.Text(3);
  if (note.empty()) return Damaged("MIRROR_STATE", "the witness knows no checkpoint yet");
  return note;
}

}  // namespace

absl::StatusOr<std::unique_ptr<FileMirror>> FileMirror::Open(const std::string& directory) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadSmallFile(directory + "/state", kMaxState));
  const size_t size = bytes.size() < 32 ? 0 : bytes.size() - 32;
  const absl::string_view state = absl::string_view(bytes).substr(0, size);
  if (size == 0 || certs::Bytes(certs::Sm3Of(state)) != bytes.substr(size)) {
    return Damaged("MIRROR_STATE", absl::StrCat(directory, "/state is damaged"));
  }
  ASSIGN_OR_RETURN(std::string note, NoteIn(state));
  return std::unique_ptr<FileMirror>(new FileMirror(directory, std::move(note)));
}

absl::StatusOr<const std::vector<uint64_t>*> FileMirror::StartsOf(uint64_t epoch) {
  const auto known = starts_.find(epoch);
  if (known != starts_.end()) return &known->second;
  std::vector<uint64_t> starts;
  std::ifstream file(absl::StrCat(directory_, "/mirror/", epoch), std::ios::binary | std::ios::ate);
  const uint64_t length = file ? static_cast<uint64_t>(file.tellg()) : 0;
  uint64_t at = 0;
  std::string header(kHeaderBytes, '\0');
  while (file && at + kHeaderBytes <= length) {
    file.seekg(static_cast<std::streamoff>(at));
    file.read(header.data(), kHeaderBytes);
    const uint32_t body = LengthIn(header);
    if (body > kMaxBody || at + kHeaderBytes + body > length) break;  // cut short at the end
    starts.push_back(at);
    at += kHeaderBytes + body;
  }
  starts.push_back(at);
  return &(starts_[epoch] = std::move(starts));
}

absl::StatusOr<std::vector<RecoverLeaves::Item>> FileMirror::Read(uint64_t epoch, uint64_t first,
                                                                  size_t count) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t>* starts, StartsOf(epoch));
  const uint64_t size = starts->size() - 1;
  std::vector<RecoverLeaves::Item> items;
  std::ifstream file(absl::StrCat(directory_, "/mirror/", epoch), std::ios::binary);
  for (uint64_t i = first; i < std::min<uint64_t>(size, first + count); ++i) {
    std::string record(static_cast<size_t>((*starts)[i + 1] - (*starts)[i]), '\0');
    file.seekg(static_cast<std::streamoff>((*starts)[i]));
    file.read(record.data(), static_cast<std::streamsize>(record.size()));
    const absl::string_view body = absl::string_view(record).substr(kHeaderBytes);
    if (!file ||
        certs::Bytes(certs::Sm3Of(body)).substr(0, kSumBytes) != record.substr(4, kSumBytes)) {
      return Damaged("MIRROR_RECORD", absl::StrCat("record ", i, " of epoch ", epoch, " in ",
                                                   directory_, " is damaged"));
    }
    ASSIGN_OR_RETURN(RecoverLeaves::Item item, ParseBody(body));
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace birthseal::store
