// SPDX-License-Identifier: Apache-2.0
#include "clients/witness/file_state.h"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::witness {
namespace {

constexpr size_t kSumBytes = 32;

}  // namespace

absl::StatusOr<std::unique_ptr<FileState>> FileState::Open(const std::string& directory) {
  RETURN_IF_ERROR(MakeFolder(directory));
  const std::string path = directory + "/lock";
  File lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (lock.get() < 0) return FileError("cannot open", path);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "WITNESS_STATE_IN_USE",
                        absl::StrCat("another process works in ", directory), "",
                        absl::StrCat("另一进程正在使用 ", directory));
  }
  RETURN_IF_ERROR(MakeFolder(directory + "/mirror"));
  RETURN_IF_ERROR(MakeFolder(directory + "/evidence"));
  return std::unique_ptr<FileState>(new FileState(directory, false, std::move(lock)));
}

absl::StatusOr<std::unique_ptr<FileState>> FileState::OpenReadOnly(const std::string& directory) {
  if (!Exists(directory + "/state")) {
    return certs::Error(absl::StatusCode::kNotFound, "WITNESS_STATE",
                        absl::StrCat("no state of a witness in ", directory), "",
                        absl::StrCat(directory, " 中没有见证方状态"));
  }
  return std::unique_ptr<FileState>(new FileState(directory, true, File()));
}

absl::Status FileState::CheckWritable() const {
  return read_only_ ? absl::FailedPreconditionError("the state is open to look at only")
                    : absl::OkStatus();
}

absl::StatusOr<std::string> FileState::Load() {
  const std::string path = directory_ + "/state";
  const absl::StatusOr<std::string> bytes = ReadWhole(path);
  // Only a state that is not there is none: one that cannot be read now forbids what was cosigned.
  if (absl::IsNotFound(bytes.status())) return std::string();
  RETURN_IF_ERROR(bytes.status());
  const size_t size = bytes->size() < kSumBytes ? 0 : bytes->size() - kSumBytes;
  const absl::string_view body = absl::string_view(*bytes).substr(0, size);
  if (size == 0 || certs::Bytes(certs::Sm3Of(body)) != bytes->substr(size)) {
    return certs::Error(absl::StatusCode::kDataLoss, "WITNESS_STATE",
                        absl::StrCat(path,
                                     " is damaged: bring it back from a backup that is not "
                                     "older than the newest cosignature, or begin anew"),
                        "", absl::StrCat(path, " 已损坏"));
  }
  return std::string(body);
}

absl::Status FileState::Save(absl::string_view state) {
  RETURN_IF_ERROR(CheckWritable());
  return ReplaceFile(directory_ + "/state", absl::StrCat(state, certs::View(certs::Sm3Of(state))));
}

absl::StatusOr<MirrorFile*> FileState::MirrorOf(certs::LogEpoch epoch) {
  auto found = mirrors_.find(epoch);
  if (found == mirrors_.end()) {
    ASSIGN_OR_RETURN(
        MirrorFile file,
        MirrorFile::Open(absl::StrCat(directory_, "/mirror/", epoch.value()), read_only_));
    found = mirrors_.emplace(epoch, std::move(file)).first;
  }
  return &found->second;
}

absl::Status FileState::Mirror(certs::LogEpoch epoch, certs::LeafIndex first,
                               const std::vector<Update>& updates) {
  RETURN_IF_ERROR(CheckWritable());
  ASSIGN_OR_RETURN(MirrorFile * mirror, MirrorOf(epoch));
  return mirror->Replace(first.value(), updates);
}

absl::StatusOr<certs::LogSize> FileState::MirrorSize(certs::LogEpoch epoch) {
  if (!Exists(absl::StrCat(directory_, "/mirror/", epoch.value()))) return certs::LogSize();
  ASSIGN_OR_RETURN(MirrorFile * mirror, MirrorOf(epoch));
  return certs::LogSize(mirror->size());
}

absl::StatusOr<std::vector<Update>> FileState::ReadMirror(certs::LogEpoch epoch,
                                                          certs::LeafIndex first, int count) {
  ASSIGN_OR_RETURN(const certs::LogSize size, MirrorSize(epoch));
  if (!Holds(size, first)) return std::vector<Update>();
  ASSIGN_OR_RETURN(MirrorFile * mirror, MirrorOf(epoch));
  return mirror->Read(first.value(), count);
}

absl::Status FileState::Keep(const Evidence& evidence) {
  RETURN_IF_ERROR(CheckWritable());
  const std::string base = absl::StrCat(
      directory_, "/evidence/",
      absl::FormatTime("%Y%m%dT%H%M%SZ", evidence.at, absl::UTCTimeZone()), "-", evidence.reason);
  std::string folder = base;
  for (int n = 2; Exists(folder); ++n) folder = absl::StrCat(base, "-", n);
  RETURN_IF_ERROR(MakeFolder(folder));
  std::string updates;
  for (const Update& update : evidence.updates) updates += MirrorRecord(update);
  RETURN_IF_ERROR(ReplaceFile(folder + "/known.note", evidence.known_note));
  RETURN_IF_ERROR(ReplaceFile(folder + "/offered.note", evidence.offered_note));
  RETURN_IF_ERROR(ReplaceFile(folder + "/updates", updates));
  return ReplaceFile(
      folder + "/reason.txt",
      absl::StrCat(evidence.reason, ": ", evidence.text, "\nepoch ", evidence.epoch.value(),
                   ", first of the updates: leaf ", evidence.first.value(), "\n"));
}

std::vector<std::string> FileState::EvidenceKept() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/evidence", error)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace birthseal::witness
