#include "store/journal.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/journal_segment.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

constexpr size_t kSegmentBytes = 32u << 20;  // a new segment begins after this
constexpr absl::string_view kSuffix = ".journal";

absl::Status DiskError(absl::string_view doing, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return certs::Error(full ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable,
                      full ? "DISK_FULL" : "JOURNAL_IO",
                      absl::StrCat("journal: ", doing, ": ", std::strerror(error)));
}

absl::Status Damaged(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                      absl::StrCat("journal: ", what));
}

// Owns a file descriptor.
class File {
 public:
  explicit File(int descriptor = -1) : descriptor_(descriptor) {}
  File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }
  bool ok() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

absl::Status SyncDirectory(const std::string& directory) {
  const File file(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!file.ok() || fsync(file.get()) != 0) return DiskError("sync the directory", errno);
  return absl::OkStatus();
}

absl::Status WriteAll(int descriptor, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return DiskError("write", errno);
    bytes.remove_prefix(static_cast<size_t>(wrote));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat info {};
  if (!file.ok() || fstat(file.get(), &info) != 0) return DiskError("open a segment", errno);
  std::string bytes(static_cast<size_t>(info.st_size), '\0');
  size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t got = read(file.get(), bytes.data() + at, bytes.size() - at);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return DiskError("read a segment", errno);
    if (got == 0) break;
    at += static_cast<size_t>(got);
  }
  bytes.resize(at);
  return bytes;
}

class FileJournal : public Journal {
 public:
  explicit FileJournal(std::string directory) : directory_(std::move(directory)) {}

  absl::Status Start();
  absl::Status Append(uint64_t sequence, uint64_t fencing_epoch, const WriteBatch& batch) override;
  absl::Status Read(
      uint64_t after,
      const std::function<absl::Status(const JournalRecord& record)>& visit) const override;
  uint64_t last_sequence() const override { return last_sequence_; }
  uint64_t last_epoch() const override { return last_epoch_; }

 private:
  std::string PathOf(uint64_t first) const {
    return absl::StrFormat("%s/%020d%s", directory_, first, kSuffix);
  }
  absl::Status Lock();
  absl::Status ListSegments();
  absl::Status OpenNewest();
  absl::Status StartSegment(uint64_t sequence);
  absl::Status AppendRecord(uint64_t sequence, uint64_t fencing_epoch, const WriteBatch& batch);

  const std::string directory_;
  File lock_, segment_;
  std::vector<uint64_t> segments_;  // first sequences, ascending
  size_t segment_size_ = 0;
  uint64_t last_sequence_ = 0, last_epoch_ = 0;
  bool failed_ = false;
};

absl::Status FileJournal::Start() {
  if (mkdir(directory_.c_str(), 0700) != 0 && errno != EEXIST) {
    return DiskError("make the directory", errno);
  }
  RETURN_IF_ERROR(Lock());
  RETURN_IF_ERROR(ListSegments());
  return OpenNewest();
}

absl::Status FileJournal::Lock() {
  lock_ = File(open((directory_ + "/LOCK").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.ok()) return DiskError("open the lock", errno);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    return certs::Error(absl::StatusCode::kAborted, "JOURNAL_IN_USE",
                        "another process has the journal open");
  }
  return absl::OkStatus();
}

absl::Status FileJournal::ListSegments() {
  DIR* listing = opendir(directory_.c_str());
  if (listing == nullptr) return DiskError("list the directory", errno);
  while (const dirent* entry = readdir(listing)) {
    absl::string_view name = entry->d_name;
    uint64_t first = 0;
    if (name.size() == 20 + kSuffix.size() && name.substr(20) == kSuffix &&
        absl::SimpleAtoi(name.substr(0, 20), &first)) {
      segments_.push_back(first);
    }
  }
  closedir(listing);
  std::sort(segments_.begin(), segments_.end());
  return absl::OkStatus();
}

// Cuts what a crash left behind the last whole record. A segment without any goes away: the crash
// came before its first record was answered.
absl::Status FileJournal::OpenNewest() {
  while (!segments_.empty()) {
    const std::string path = PathOf(segments_.back());
    ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(path));
    SegmentContent content;
    if (bytes.size() >= kSegmentMagic.size()) {
      ASSIGN_OR_RETURN(content, ReadSegment(bytes));
    }
    if (content.entries.empty()) {
      if (unlink(path.c_str()) != 0) return DiskError("remove an empty segment", errno);
      RETURN_IF_ERROR(SyncDirectory(directory_));
      segments_.pop_back();
      continue;
    }
    segment_ = File(open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    if (!segment_.ok()) return DiskError("open a segment", errno);
    if (content.end < bytes.size() &&
        (ftruncate(segment_.get(), static_cast<off_t>(content.end)) != 0 ||
         fsync(segment_.get()) != 0)) {
      return DiskError("cut a torn record", errno);
    }
    segment_size_ = content.end;
    last_sequence_ = content.entries.back().sequence;
    last_epoch_ = content.entries.back().fencing_epoch;
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status FileJournal::StartSegment(uint64_t sequence) {
  segment_ = File(
      open(PathOf(sequence).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!segment_.ok()) return DiskError("make a segment", errno);
  RETURN_IF_ERROR(WriteAll(segment_.get(), kSegmentMagic));
  if (fsync(segment_.get()) != 0) return DiskError("sync a segment", errno);
  RETURN_IF_ERROR(SyncDirectory(directory_));
  segments_.push_back(sequence);
  segment_size_ = kSegmentMagic.size();
  return absl::OkStatus();
}

absl::Status FileJournal::Append(uint64_t sequence, uint64_t fencing_epoch,
                                 const WriteBatch& batch) {
  if (failed_) {
    return certs::Error(absl::StatusCode::kUnavailable, "JOURNAL_POISONED",
                        "an earlier append failed: open the journal again");
  }
  const bool follows = last_sequence_ == 0 || sequence == last_sequence_ + 1;
  const bool replaces = sequence == last_sequence_ && fencing_epoch > last_epoch_;
  if (sequence == 0 || fencing_epoch < last_epoch_ || (!follows && !replaces)) {
    return certs::Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_ORDER",
                        "the batch does not follow the last one of the journal");
  }
  const absl::Status done = AppendRecord(sequence, fencing_epoch, batch);
  failed_ = !done.ok();
  return done;
}

absl::Status FileJournal::AppendRecord(uint64_t sequence, uint64_t fencing_epoch,
                                       const WriteBatch& batch) {
  const std::string record = FrameRecord(sequence, fencing_epoch, batch);
  if (record.size() > kMaxRecord) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "BATCH_TOO_LARGE",
                        "a batch is beyond the bounds of the journal");
  }
  // A replacement stays in the segment of what it replaces: segments begin with a new sequence.
  if (!segment_.ok() || (segment_size_ >= kSegmentBytes && sequence != last_sequence_)) {
    RETURN_IF_ERROR(StartSegment(sequence));
  }
  RETURN_IF_ERROR(WriteAll(segment_.get(), record));
  if (fdatasync(segment_.get()) != 0) return DiskError("sync", errno);
  segment_size_ += record.size();
  last_sequence_ = sequence;
  last_epoch_ = fencing_epoch;
  return absl::OkStatus();
}

absl::Status FileJournal::Read(
    uint64_t after, const std::function<absl::Status(const JournalRecord& record)>& visit) const {
  std::optional<JournalRecord> held;  // until it is known that no higher epoch replaces it
  uint64_t previous = 0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const bool newest = i + 1 == segments_.size();
    if (!newest && segments_[i + 1] <= after + 1) continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(PathOf(segments_[i])));
    ASSIGN_OR_RETURN(const SegmentContent content, ReadSegment(bytes));
    if (!newest && content.end != bytes.size()) return Damaged("an older segment ends early");
    for (const SegmentContent::Entry& entry : content.entries) {
      if (previous != 0 && entry.sequence != previous + 1 && entry.sequence != previous) {
        return Damaged("a batch is missing");
      }
      if (held && entry.sequence != previous) RETURN_IF_ERROR(visit(*held));
      held.reset();
      previous = entry.sequence;
      if (entry.sequence <= after) continue;
      ASSIGN_OR_RETURN(WriteBatch batch,
                       DecodeBatch(absl::string_view(bytes).substr(entry.offset, entry.size)));
      held = JournalRecord{entry.sequence, entry.fencing_epoch, std::move(batch)};
    }
  }
  return held ? visit(*held) : absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& directory) {
  auto journal = std::make_unique<FileJournal>(directory);
  RETURN_IF_ERROR(journal->Start());
  return std::unique_ptr<Journal>(std::move(journal));
}

absl::StatusOr<uint64_t> ReplayInto(const Journal& journal, Engine* engine,
                                    uint64_t fencing_epoch) {
  storage::v1::Meta meta;
  const absl::StatusOr<std::string> stored = engine->NewSnapshot()->Get(Family::kMeta, MetaKey());
  if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) {
    return stored.status();
  }
  if (stored.ok() && !meta.ParseFromString(*stored)) return Damaged("the engine's meta record");
  uint64_t sequence = meta.batch_sequence(), replayed = 0;
  if (journal.last_sequence() != 0 && journal.last_sequence() < sequence) {
    return Damaged("the journal ends before the engine does");
  }
  RETURN_IF_ERROR(journal.Read(sequence, [&](const JournalRecord& record) -> absl::Status {
    if (record.sequence != sequence + 1) return Damaged("batches are missing after the engine's");
    RETURN_IF_ERROR(engine->Commit(record.batch, fencing_epoch));
    ++sequence;
    ++replayed;
    return absl::OkStatus();
  }));
  return replayed;
}

}  // namespace birthseal::store
