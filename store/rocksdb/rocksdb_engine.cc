// SPDX-License-Identifier: Apache-2.0
#include "store/rocksdb/rocksdb_engine.h"

#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <exception>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/keys.h"
#include "store/rocksdb/rocksdb_files.h"
#include "store/rocksdb/rocksdb_status.h"

namespace birthseal::store {
namespace {

constexpr uint64_t kBlobFrom = 1024;

rocksdb::Slice Slice(absl::string_view text) { return {text.data(), text.size()}; }

// Families whose values stand in blob files, so that compaction does not rewrite them.
bool InBlobFiles(Family family) {
  return family == Family::kBodies || family == Family::kDocuments || family == Family::kConstants;
}

// Plain records gain from compression; sealed values, hashes and finished zip entries do not.
bool Compressible(Family family) {
  switch (family) {
    case Family::kNewborns:
    case Family::kDeliveries:
    case Family::kFeedAnswers:
    case Family::kCases:
    case Family::kCertificates:
    case Family::kNumbers:
    case Family::kLeaves:
    case Family::kOutbox:
    case Family::kAudit:
    case Family::kCheckpoints:
      return true;
    default:
      return false;
  }
}

// max_bgerror_resume_count does not hold for a full disk: RocksDB would look for space every five
// seconds and go on by itself.
class NeverResume : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

// Passes warnings and errors on.
class Teller : public rocksdb::Logger {
 public:
  explicit Teller(std::function<void(absl::string_view)> tell)
      : Logger(rocksdb::WARN_LEVEL), tell_(std::move(tell)) {}

  using rocksdb::Logger::Logv;
  void LogHeader(const char* /*format*/, va_list /*arguments*/) override {}
  void Logv(const char* format, va_list arguments) override {
    if (!tell_) return;
    char line[1024];
    const int size = std::vsnprintf(line, sizeof line, format, arguments);
    if (size <= 0) return;
    const absl::string_view written(line, std::min(static_cast<size_t>(size), sizeof line - 1));
    tell_(absl::StripTrailingAsciiWhitespace(written));
  }

 private:
  const std::function<void(absl::string_view)> tell_;
};

rocksdb::DBOptions DatabaseOptions(const RocksDbOptions& options, rocksdb::Env* env) {
  rocksdb::DBOptions db;
  db.env = env;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // A failed write is never resumed behind our back: reopening decides.
  db.max_bgerror_resume_count = 0;
  db.listeners.push_back(std::make_shared<NeverResume>());
  // A crash tears the tail of the log at any byte; what was synced lies before it.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.db_write_buffer_size = 4 * options.memtable_bytes;
  db.max_total_wal_size = 12 * options.memtable_bytes;
  db.max_open_files = 512;
  db.max_background_jobs = 2;
  db.bytes_per_sync = 1u << 20;
  db.rate_limiter.reset(
      rocksdb::NewGenericRateLimiter(static_cast<int64_t>(options.background_bytes_per_second)));
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.info_log_level = rocksdb::WARN_LEVEL;
  db.info_log = std::make_shared<Teller>(options.tell);  // a file in the directory otherwise
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(Family family, const RocksDbOptions& options,
                                           const std::shared_ptr<rocksdb::TableFactory>& tables) {
  rocksdb::ColumnFamilyOptions column;
  column.table_factory = tables;
  column.write_buffer_size = options.memtable_bytes;
  column.disable_auto_compactions = !options.compact;
  column.max_write_buffer_number = 3;
  column.arena_block_size = 256u << 10;
  column.compression = Compressible(family) ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (InBlobFiles(family)) {
    column.enable_blob_files = true;
    column.min_blob_size = kBlobFrom;
    column.blob_file_size = 256u << 20;
    column.blob_compression_type = rocksdb::kNoCompression;
    column.enable_blob_garbage_collection = family == Family::kBodies;  // the others stay
  }
  return column;
}

std::shared_ptr<rocksdb::TableFactory> Tables(size_t cache_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(cache_bytes);
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // The writer asks for claims and requests that are mostly not there.
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.checksum = rocksdb::kXXH3;
  table.block_size = 8u << 10;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

// The first key after all keys that start with `prefix`; none after 0xff...
std::optional<std::string> After(absl::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (end.empty()) return std::nullopt;
  end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

// An absent file is damage where there is a store, and a wrong path where there is none.
absl::Status OpenError(rocksdb::Env* env, const std::string& directory,
                       const rocksdb::Status& status) {
  const absl::Status error = FromRocksDb(status, "open the store");
  if (!status.IsPathNotFound() || !env->FileExists(directory + "/CURRENT").ok()) return error;
  return certs::Error(absl::StatusCode::kDataLoss, "STORE_DAMAGED", error.message());
}

}  // namespace

struct RocksDbEngine::Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> columns;  // [0] is RocksDB's own "default", unused
  bool sync = true;

  rocksdb::ColumnFamilyHandle* Column(Family family) const {
    return columns.at(static_cast<size_t>(family) + 1);
  }
  ~Database() {
    if (db == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* column : columns) db->DestroyColumnFamilyHandle(column);
    db->Close().PermitUncheckedError();
  }
};

class RocksDbEngine::DatabaseSnapshot : public Snapshot {
 public:
  explicit DatabaseSnapshot(std::shared_ptr<Database> database)
      : database_(std::move(database)), snapshot_(database_->db->GetSnapshot()) {
    read_.snapshot = snapshot_;
    // There are none. Looking for them, RocksDB 7.8 takes an unreadable first block of a table for
    // the end of the scan, without an error.
    read_.ignore_range_deletions = true;
  }
  ~DatabaseSnapshot() override { database_->db->ReleaseSnapshot(snapshot_); }

  absl::StatusOr<std::string> Get(Family family, absl::string_view key) const override {
    std::string value;
    const rocksdb::Status status =
        database_->db->Get(read_, database_->Column(family), Slice(key), &value);
    if (!status.ok()) return FromRocksDb(status, absl::StrCat("read ", Name(family)));
    return value;
  }

  absl::Status Scan(
      Family family, absl::string_view prefix, absl::string_view from,
      const std::function<bool(absl::string_view, absl::string_view)>& visit) const override {
    rocksdb::ReadOptions read = read_;
    const std::optional<std::string> end = After(prefix);
    const rocksdb::Slice bound = end ? rocksdb::Slice(*end) : rocksdb::Slice();
    if (end) read.iterate_upper_bound = &bound;
    const std::unique_ptr<rocksdb::Iterator> rows(
        database_->db->NewIterator(read, database_->Column(family)));
    for (rows->Seek(Slice(std::max(prefix, from))); rows->Valid(); rows->Next()) {
      const rocksdb::Slice key = rows->key(), value = rows->value();
      if (!visit({key.data(), key.size()}, {value.data(), value.size()})) break;
    }
    return FromRocksDb(rows->status(), absl::StrCat("scan ", Name(family)));
  }

 private:
  const std::shared_ptr<Database> database_;
  const rocksdb::Snapshot* const snapshot_;
  rocksdb::ReadOptions read_;
};

RocksDbEngine::RocksDbEngine(std::shared_ptr<Database> database) : database_(std::move(database)) {}
RocksDbEngine::~RocksDbEngine() = default;

absl::StatusOr<std::unique_ptr<RocksDbEngine>> RocksDbEngine::Open(const std::string& directory,
                                                                   const RocksDbOptions& options,
                                                                   const RocksDbTestHooks& hooks) {
  // For want of threads or memory the libraries below throw.
  try {
    return OpenFiles(directory, options, hooks);
  } catch (const std::exception& error) {
    return certs::Error(absl::StatusCode::kUnavailable, "STORE_IO",
                        absl::StrCat("open the store: ", error.what()));
  }
}

absl::StatusOr<std::unique_ptr<RocksDbEngine>> RocksDbEngine::OpenFiles(
    const std::string& directory, const RocksDbOptions& options, const RocksDbTestHooks& hooks) {
  rocksdb::Env* env = hooks.env != nullptr ? hooks.env : rocksdb::Env::Default();
  RETURN_IF_ERROR(CheckListOfFiles(env, directory));
  const auto tables = Tables(options.block_cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> columns;
  columns.emplace_back(rocksdb::kDefaultColumnFamilyName, rocksdb::ColumnFamilyOptions());
  for (int i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    columns.emplace_back(Name(family), FamilyOptions(family, options, tables));
  }
  auto database = std::make_shared<Database>();
  database->sync = hooks.sync;
  rocksdb::DB* db = nullptr;
  const rocksdb::DBOptions db_options = DatabaseOptions(options, env);
  // RocksDB makes it too, but warns before that it is not there.
  if (!options.read_only) env->CreateDirIfMissing(directory).PermitUncheckedError();
  const rocksdb::Status opened =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, directory, columns, &database->columns, &db)
          : rocksdb::DB::Open(db_options, directory, columns, &database->columns, &db);
  if (!opened.ok()) return OpenError(env, directory, opened);
  database->db.reset(db);
  // Compaction otherwise takes the second core.
  env->LowerThreadPoolCPUPriority(rocksdb::Env::Priority::LOW, rocksdb::CpuPriority::kLow)
      .PermitUncheckedError();

  std::unique_ptr<RocksDbEngine> engine(new RocksDbEngine(std::move(database)));
  const absl::StatusOr<std::string> fence = engine->NewSnapshot()->Get(Family::kMeta, FenceKey());
  const std::optional<uint64_t> epoch =
      fence.ok() ? ParseBigEndian64(*fence) : std::optional<uint64_t>(0);
  if (!epoch) {
    return certs::Error(absl::StatusCode::kDataLoss, "STORE_DAMAGED", "the fence");
  }
  if (!fence.ok() && fence.status().code() != absl::StatusCode::kNotFound) return fence.status();
  engine->fence_ = FenceEpoch(*epoch);
  return engine;
}

std::unique_ptr<Snapshot> RocksDbEngine::NewSnapshot() const {
  return std::make_unique<DatabaseSnapshot>(database_);
}

absl::Status RocksDbEngine::Commit(const WriteBatch& batch, FenceEpoch fencing_epoch) {
  std::lock_guard lock(mutex_);
  if (!poisoned_ && fencing_epoch != fence_) {
    return certs::Error(absl::StatusCode::kAborted, "FENCED", "another writer took over");
  }
  return CommitLocked(batch);
}

absl::StatusOr<FenceEpoch> RocksDbEngine::AcquireFence(FenceEpoch above) {
  std::lock_guard lock(mutex_);
  const FenceEpoch epoch = std::max(fence_, above).Plus(1);
  WriteBatch batch;
  batch.Put(Family::kMeta, FenceKey(), BigEndian64(epoch.value()));
  RETURN_IF_ERROR(CommitLocked(batch));
  return fence_ = epoch;
}

// A table that cannot be read would stop compactions for ever, so the family goes with its files.
absl::Status RocksDbEngine::Clear(Family family, FenceEpoch fencing_epoch) {
  std::lock_guard lock(mutex_);
  if (poisoned_ || fencing_epoch != fence_) {
    return certs::Error(absl::StatusCode::kAborted, "FENCED", "another writer took over");
  }
  rocksdb::DB& db = *database_->db;
  rocksdb::ColumnFamilyHandle*& column = database_->columns.at(static_cast<size_t>(family) + 1);
  const rocksdb::ColumnFamilyOptions options = db.GetOptions(column);
  rocksdb::Status status = db.DropColumnFamily(column);
  if (status.ok()) status = db.DestroyColumnFamilyHandle(column);
  if (status.ok()) status = db.CreateColumnFamily(options, Name(family), &column);
  poisoned_ = !status.ok();
  return FromRocksDb(status, "empty a family");
}

absl::StatusOr<std::string> RocksDbEngine::Checkpoint(const std::string& directory) const {
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(database_->db.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(directory);
  RETURN_IF_ERROR(FromRocksDb(status, "copy the store"));
  RocksDbOptions reading;
  reading.block_cache_bytes = 1u << 20;
  reading.read_only = true;
  ASSIGN_OR_RETURN(const std::unique_ptr<RocksDbEngine> copy, Open(directory, reading));
  absl::StatusOr<std::string> meta = copy->NewSnapshot()->Get(Family::kMeta, MetaKey());
  return absl::IsNotFound(meta.status()) ? std::string() : meta;
}

absl::Status RocksDbEngine::CommitLocked(const WriteBatch& batch) {
  if (poisoned_) {
    return certs::Error(absl::StatusCode::kUnavailable, "ENGINE_POISONED",
                        "an earlier commit failed: open the engine again");
  }
  size_t bytes = 0;
  for (const WriteBatch::Change& change : batch.changes) {
    bytes += change.key.size() + change.value.size() + 16;
  }
  rocksdb::WriteBatch writes(bytes);
  rocksdb::Status status;
  for (const WriteBatch::Change& change : batch.changes) {
    rocksdb::ColumnFamilyHandle* column = database_->Column(change.family);
    status = change.erase ? writes.Delete(column, change.key)
                          : writes.Put(column, change.key, change.value);
    if (!status.ok()) return FromRocksDb(status, "make a batch");  // nothing was written
  }
  rocksdb::WriteOptions options;
  options.sync = database_->sync;
  status = database_->db->Write(options, &writes);
  if (status.ok()) return absl::OkStatus();
  poisoned_ = true;
  const absl::Status failure = FromRocksDb(status, "commit");
  // kAborted would say that another writer took over.
  if (!absl::IsAborted(failure)) return failure;
  return certs::Error(absl::StatusCode::kUnavailable, "COMMIT_UNKNOWN", failure.message());
}

}  // namespace birthseal::store
