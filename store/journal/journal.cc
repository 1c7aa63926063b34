// SPDX-License-Identifier: Apache-2.0
#include "store/journal/journal.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/journal/file_system.h"
#include "store/journal/journal_segment.h"
#include "store/keys.h"

namespace birthseal::store {
namespace {

constexpr size_t kSegmentBytes = 32u << 20;  // a new segment begins after this
constexpr absl::string_view kSuffix = ".journal";

absl::Status Damaged(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                      absl::StrCat("journal: ", what));
}

absl::Status LostRecords() { return Damaged("a segment has lost all its records"); }

class FileJournal : public Journal {
 public:
  FileJournal(FileSystem* files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  absl::Status Start();
  absl::Status Append(uint64_t sequence, FenceEpoch fencing_epoch,
                      const WriteBatch& batch) override;
  absl::Status Read(
      uint64_t after,
      const std::function<absl::Status(const JournalRecord& record)>& visit) const override;
  uint64_t last_sequence() const override { return last_sequence_; }
  FenceEpoch last_epoch() const override { return last_epoch_; }

 private:
  std::string PathOf(uint64_t first) const {
    return absl::StrFormat("%s/%020d%s", directory_, first, kSuffix);
  }
  absl::Status ListSegments();
  absl::Status OpenNewest();
  absl::Status RemoveBroken(uint64_t sequence);
  absl::Status StartSegment(uint64_t sequence);
  absl::Status AppendRecord(uint64_t sequence, FenceEpoch fencing_epoch, const WriteBatch& batch);

  FileSystem* const files_;
  const std::string directory_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<AppendFile> segment_;
  std::vector<uint64_t> segments_;  // first sequences, ascending
  std::optional<uint64_t> broken_;  // newest segment, without a whole record: its first sequence
  size_t segment_size_ = 0;
  uint64_t last_sequence_ = 0;
  FenceEpoch last_epoch_;
  bool failed_ = false;
};

absl::Status FileJournal::Start() {
  RETURN_IF_ERROR(files_->MakeDirectory(directory_));
  absl::StatusOr<std::unique_ptr<FileLock>> lock = files_->Lock(directory_ + "/LOCK");
  if (absl::IsAborted(lock.status())) {
    return certs::Error(absl::StatusCode::kAborted, "JOURNAL_IN_USE",
                        "another process has the journal open");
  }
  if (!lock.ok()) return lock.status();
  lock_ = *std::move(lock);
  RETURN_IF_ERROR(ListSegments());
  return OpenNewest();
}

absl::Status FileJournal::ListSegments() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, files_->List(directory_));
  for (const absl::string_view name : names) {
    uint64_t first = 0;
    if (name.size() == 20 + kSuffix.size() && name.substr(20) == kSuffix &&
        absl::SimpleAtoi(name.substr(0, 20), &first)) {
      segments_.push_back(first);
    }
  }
  std::sort(segments_.begin(), segments_.end());
  return absl::OkStatus();
}

// Cuts what a crash left behind the last whole record. A segment without any is what a crash leaves
// before its first record was answered; it goes away when that record comes, for if the engine has
// it already, the segment was damaged later.
absl::Status FileJournal::OpenNewest() {
  while (!segments_.empty()) {
    const std::string path = PathOf(segments_.back());
    ASSIGN_OR_RETURN(const std::string bytes, files_->Read(path));
    SegmentContent content;
    if (bytes.size() >= kSegmentMagic.size()) {
      ASSIGN_OR_RETURN(content, ReadSegment(bytes));
    }
    if (content.entries.empty()) {
      broken_ = segments_.back();
      segments_.pop_back();
      continue;
    }
    ASSIGN_OR_RETURN(segment_, files_->OpenToAppend(path));
    if (content.end < bytes.size()) RETURN_IF_ERROR(segment_->Truncate(content.end));
    // A process that was killed may have left records, or the file itself, unsynced; from here on
    // they count.
    RETURN_IF_ERROR(segment_->Sync());
    RETURN_IF_ERROR(files_->SyncDirectory(directory_));
    segment_size_ = content.end;
    last_sequence_ = content.entries.back().sequence;
    last_epoch_ = content.entries.back().fencing_epoch;
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status FileJournal::RemoveBroken(uint64_t sequence) {
  if (sequence > *broken_) return LostRecords();
  RETURN_IF_ERROR(files_->Remove(PathOf(*broken_)));
  RETURN_IF_ERROR(files_->SyncDirectory(directory_));
  broken_.reset();
  return absl::OkStatus();
}

absl::Status FileJournal::StartSegment(uint64_t sequence) {
  ASSIGN_OR_RETURN(segment_, files_->Create(PathOf(sequence)));
  RETURN_IF_ERROR(segment_->Append(kSegmentMagic));
  RETURN_IF_ERROR(segment_->Sync());
  RETURN_IF_ERROR(files_->SyncDirectory(directory_));
  segments_.push_back(sequence);
  segment_size_ = kSegmentMagic.size();
  return absl::OkStatus();
}

absl::Status FileJournal::Append(uint64_t sequence, FenceEpoch fencing_epoch,
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
  absl::Status done = AppendRecord(sequence, fencing_epoch, batch);
  failed_ = !done.ok();
  return done;
}

absl::Status FileJournal::AppendRecord(uint64_t sequence, FenceEpoch fencing_epoch,
                                       const WriteBatch& batch) {
  if (SizeOfRecord(batch) > kMaxRecord) {
    return certs::Error(absl::StatusCode::kInvalidArgument, "BATCH_TOO_LARGE",
                        "a batch is beyond the bounds of the journal");
  }
  const std::string record = FrameRecord(sequence, fencing_epoch, batch);
  if (broken_) RETURN_IF_ERROR(RemoveBroken(sequence));
  // A replacement stays in the segment of what it replaces: segments begin with a new sequence.
  if (segment_ == nullptr || (segment_size_ >= kSegmentBytes && sequence != last_sequence_)) {
    RETURN_IF_ERROR(StartSegment(sequence));
  }
  RETURN_IF_ERROR(segment_->Append(record));
  RETURN_IF_ERROR(segment_->Sync());
  segment_size_ += record.size();
  last_sequence_ = sequence;
  last_epoch_ = fencing_epoch;
  return absl::OkStatus();
}

absl::Status FileJournal::Read(
    uint64_t after, const std::function<absl::Status(const JournalRecord& record)>& visit) const {
  if (broken_ && after >= *broken_) return LostRecords();
  std::optional<JournalRecord> held;  // until it is known that no higher epoch replaces it
  uint64_t previous = 0;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const bool newest = i + 1 == segments_.size();
    if (!newest && segments_[i + 1] <= after + 1) continue;
    ASSIGN_OR_RETURN(const std::string bytes, files_->Read(PathOf(segments_[i])));
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

absl::StatusOr<std::unique_ptr<Journal>> Journal::Open(const std::string& directory,
                                                       FileSystem* files) {
  auto journal =
      std::make_unique<FileJournal>(files != nullptr ? files : FileSystem::Posix(), directory);
  RETURN_IF_ERROR(journal->Start());
  return std::unique_ptr<Journal>(std::move(journal));
}

absl::StatusOr<uint64_t> ReplayInto(const Journal& journal, Engine* engine,
                                    FenceEpoch fencing_epoch) {
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
