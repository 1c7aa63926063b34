// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/mirror_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "certs/canonical.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::witness {
namespace {

constexpr char kType[] = "birthseal/mirror-record/v1";
constexpr size_t kSumBytes = 8, kHeaderBytes = 4 + kSumBytes;
constexpr uint64_t kMaxBody = 16 << 20;
constexpr size_t kReadAhead = 1 << 20;

uint64_t BodySize(absl::string_view header) {
  uint64_t size = 0;
  for (const char c : header.substr(0, 4)) size = size << 8 | static_cast<uint8_t>(c);
  return size;
}

absl::Status Damaged() {
  return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_RECORD",
                      "a record of the mirror is damaged");
}

}  // namespace

std::string MirrorRecord(const Update& update) {
  certs::CanonicalWriter writer(kType);
  writer.Nested(1, update.leaf);
  for (const std::string& change : update.changes) writer.Nested(2, change);
  const std::string body = writer.Finish();
  std::string record;
  for (int shift = 24; shift >= 0; shift -= 8) record += static_cast<char>(body.size() >> shift);
  return absl::StrCat(record, certs::Bytes(certs::Sm3Of(body)).substr(0, kSumBytes), body);
}

absl::StatusOr<Update> ParseMirrorRecord(absl::string_view record) {
  if (BodySize(record) + kHeaderBytes != record.size()) return Damaged();
  const absl::string_view body = record.substr(kHeaderBytes);
  const certs::Digest sum = certs::Sm3Of(body);
  if (record.substr(4, kSumBytes) != certs::View(sum).substr(0, kSumBytes)) return Damaged();
  certs::CanonicalReader reader(body, kType);
  Update update;
  const auto leaf = reader.Next(1);
  while (const auto change = reader.Next(2)) update.changes.emplace_back(*change);
  if (!leaf || !reader.Finish().ok()) return Damaged();
  update.leaf = std::string(*leaf);
  return update;
}

absl::StatusOr<MirrorFile> MirrorFile::Open(const std::string& path, bool read_only) {
  File file(
      open(path.c_str(), read_only ? O_RDONLY | O_CLOEXEC : O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.get() < 0) return FileError("cannot open", path);
  // Each time: who made the file may have failed before he had done so.
  if (!read_only) RETURN_IF_ERROR(SyncFolder(path.substr(0, path.rfind('/'))));
  MirrorFile mirror(path, std::move(file));
  RETURN_IF_ERROR(mirror.FindRecords());
  return mirror;
}

absl::Status MirrorFile::FindRecords() {
  struct stat facts {};
  if (fstat(file_.get(), &facts) != 0) return FileError("cannot read", path_);
  const auto length = static_cast<uint64_t>(facts.st_size);
  std::string ahead;
  uint64_t ahead_at = 0;
  while (end_ + kHeaderBytes <= length) {
    if (end_ + kHeaderBytes > ahead_at + ahead.size()) {
      ASSIGN_OR_RETURN(ahead, ReadAt(file_, path_, end_, kReadAhead));
      ahead_at = end_;
    }
    if (ahead_at + ahead.size() < end_ + kHeaderBytes) break;  // shrunk meanwhile
    const uint64_t body = BodySize(absl::string_view(ahead).substr(end_ - ahead_at, kHeaderBytes));
    if (body == 0 || body > kMaxBody || end_ + kHeaderBytes + body > length) break;
    starts_.push_back(end_);
    end_ += kHeaderBytes + body;
  }
  return absl::OkStatus();
}

absl::Status MirrorFile::Replace(uint64_t first, const std::vector<Update>& updates) {
  if (first > size()) {
    return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_SHORT",
                        absl::StrCat(path_, " ends at leaf ", size(), ", before ", first));
  }
  const uint64_t start = StartOf(first);
  std::vector<uint64_t> starts(starts_.begin(), starts_.begin() + static_cast<ptrdiff_t>(first));
  std::string bytes;
  for (const Update& update : updates) {
    starts.push_back(start + bytes.size());
    bytes += MirrorRecord(update);
  }
  if (ftruncate(file_.get(), static_cast<off_t>(start)) != 0) return FileError("cannot cut", path_);
  RETURN_IF_ERROR(WriteAt(file_, path_, start, bytes));
  if (fdatasync(file_.get()) != 0) return FileError("cannot sync", path_);
  starts_ = std::move(starts);
  end_ = start + bytes.size();
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Update>> MirrorFile::Read(uint64_t first, int count) const {
  std::vector<Update> updates;
  const uint64_t last = std::min<uint64_t>(size(), first + static_cast<uint64_t>(count));
  for (uint64_t i = first; i < last; ++i) {
    ASSIGN_OR_RETURN(const std::string record,
                     ReadAt(file_, path_, StartOf(i), StartOf(i + 1) - StartOf(i)));
    absl::StatusOr<Update> update = ParseMirrorRecord(record);
    if (!update.ok()) {
      return certs::Error(absl::StatusCode::kDataLoss, "MIRROR_RECORD",
                          absl::StrCat(path_, ": leaf ", i, " is damaged"));
    }
    updates.push_back(*std::move(update));
  }
  return updates;
}

}  // namespace birthseal::witness
