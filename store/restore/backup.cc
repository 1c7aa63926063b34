// SPDX-License-Identifier: Apache-2.0
#include "store/restore/backup.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "store/restore/backup_files.h"

namespace birthseal::store {

using storage::v1::BackupManifest;

namespace {

constexpr size_t kMaxManifest = 64u << 20;
constexpr size_t kMaxName = 64;
constexpr absl::string_view kUnfinished = ".part";

absl::Status Damaged(absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "BACKUP_DAMAGED",
                      absl::StrCat("the backup is damaged: ", what));
}

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

BackupManifest ManifestOf(const storage::v1::Meta& meta, const std::string& name) {
  BackupManifest manifest;
  manifest.set_format(1);
  manifest.set_name(name);
  manifest.set_time(absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMicros(meta.ledger_time()),
                                     absl::UTCTimeZone()));
  manifest.set_batch_sequence(meta.batch_sequence());
  manifest.set_log_epoch(meta.log_epoch());
  manifest.set_log_size(meta.log_size());
  manifest.set_log_root(Hex(meta.log_root()));
  manifest.set_map_root(Hex(meta.map_root()));
  return manifest;
}

absl::Status AddFiles(const std::string& directory, BackupManifest* manifest) {
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, FilesBelow(directory));
  for (const std::string& path : paths) {
    const std::string whole = absl::StrCat(directory, "/", path);
    ASSIGN_OR_RETURN(const FileDigest digest, DigestOfFile(whole));
    RETURN_IF_ERROR(SyncFile(whole));
    BackupManifest::File* file = manifest->add_files();
    file->set_path(path);
    file->set_size(digest.size);
    file->set_sm3(Hex(certs::View(digest.sm3)));
  }
  return absl::OkStatus();
}

absl::StatusOr<BackupManifest> ReadManifest(const std::string& directory) {
  absl::StatusOr<std::string> text =
      ReadSmallFile(absl::StrCat(directory, "/", kManifestName), kMaxManifest);
  if (absl::IsNotFound(text.status())) {
    return certs::Error(absl::StatusCode::kDataLoss, "BACKUP_UNFINISHED",
                        absl::StrCat(directory, " holds no ", kManifestName,
                                     ": it is no backup, or was never finished"));
  }
  if (!text.ok()) return text.status();
  class Silent : public google::protobuf::io::ErrorCollector {
    void AddError(int, google::protobuf::io::ColumnNumber, const std::string&) override {}
  } silent;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&silent);
  BackupManifest manifest;
  if (!parser.ParseFromString(*text, &manifest) || manifest.format() != 1) {
    return certs::Error(absl::StatusCode::kDataLoss, "BACKUP_MANIFEST",
                        absl::StrCat(directory, "/", kManifestName, " cannot be read"));
  }
  return manifest;
}

absl::Status CheckFile(const BackupManifest::File& file, const FileDigest& found) {
  if (found.size != file.size()) return Damaged(absl::StrCat(file.path(), " has another size"));
  if (Hex(certs::View(found.sm3)) != file.sm3()) {
    return Damaged(absl::StrCat(file.path(), " was altered"));
  }
  return absl::OkStatus();
}

// The same files in the folder and in the manifest, each once.
absl::Status CheckFileNames(const std::string& directory, const BackupManifest& manifest) {
  ASSIGN_OR_RETURN(const std::vector<std::string> found, FilesBelow(directory));
  std::map<std::string, int> seen;
  for (const BackupManifest::File& file : manifest.files()) {
    if (++seen[file.path()] != 1) return Damaged(absl::StrCat(file.path(), " is named twice"));
    if (!absl::StartsWith(file.path(), absl::StrCat(kCopyName, "/"))) {
      return Damaged(absl::StrCat(file.path(), " has no place in a backup"));
    }
  }
  for (const std::string& path : found) {
    if (path != kManifestName && seen.erase(path) == 0) {
      return Damaged(absl::StrCat(path, " is not in the manifest"));
    }
  }
  if (!seen.empty()) return Damaged(absl::StrCat(seen.begin()->first, " is missing"));
  return absl::OkStatus();
}

absl::StatusOr<BackupManifest> MakeIn(const Engine& engine, const std::string& directory,
                                      const std::string& name) {
  ASSIGN_OR_RETURN(const std::string meta_bytes,
                   engine.Checkpoint(absl::StrCat(directory, "/", kCopyName)));
  storage::v1::Meta meta;
  if (!meta.ParseFromString(meta_bytes)) return Damaged("the counters of the copy");
  BackupManifest manifest = ManifestOf(meta, name);
  RETURN_IF_ERROR(AddFiles(directory, &manifest));
  std::string text;
  google::protobuf::TextFormat::PrintToString(manifest, &text);
  RETURN_IF_ERROR(SyncFile(absl::StrCat(directory, "/", kCopyName)));
  RETURN_IF_ERROR(WriteDurably(absl::StrCat(directory, "/", kManifestName), text));
  return manifest;
}

}  // namespace

absl::Status CheckBackupName(const std::string& name) {
  bool good = !name.empty() && name.size() <= kMaxName;
  for (const char c : name) {
    good = good && (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_');
  }
  if (good) return absl::OkStatus();
  return certs::Error(absl::StatusCode::kInvalidArgument, "BACKUP_NAME",
                      "a backup's name is 1 to 64 letters, digits, \"-\" and \"_\"", "name",
                      "备份名称应为1至64个字母、数字、“-”或“_”");
}

absl::StatusOr<BackupManifest> CreateBackup(const Engine& engine, const std::string& place,
                                            const std::string& name) {
  RETURN_IF_ERROR(CheckBackupName(name));
  const std::string directory = absl::StrCat(place, "/", name);
  ASSIGN_OR_RETURN(const bool fresh, IsEmptyDirectory(directory));
  if (!fresh) return ReadManifest(directory);
  // Under another name until it is whole; what a crash left of it goes.
  const std::string making = absl::StrCat(directory, kUnfinished);
  RETURN_IF_ERROR(RemoveTree(making));
  RETURN_IF_ERROR(MakeDirectories(making));
  ASSIGN_OR_RETURN(BackupManifest manifest, MakeIn(engine, making, name));
  if (std::rename(making.c_str(), directory.c_str()) != 0) {
    return certs::Error(absl::StatusCode::kUnavailable, "FILE_IO",
                        absl::StrCat("rename ", making, ": ", std::strerror(errno)));
  }
  RETURN_IF_ERROR(SyncFile(place));
  return manifest;
}

absl::StatusOr<BackupManifest> VerifyBackup(const std::string& directory) {
  ASSIGN_OR_RETURN(BackupManifest manifest, ReadManifest(directory));
  RETURN_IF_ERROR(CheckFileNames(directory, manifest));
  for (const BackupManifest::File& file : manifest.files()) {
    ASSIGN_OR_RETURN(const FileDigest found,
                     DigestOfFile(absl::StrCat(directory, "/", file.path())));
    RETURN_IF_ERROR(CheckFile(file, found));
  }
  return manifest;
}

absl::StatusOr<BackupManifest> RestoreBackup(const std::string& directory,
                                             const std::string& store_directory) {
  ASSIGN_OR_RETURN(const bool empty, IsEmptyDirectory(store_directory));
  if (!empty) {
    return certs::Error(
        absl::StatusCode::kFailedPrecondition, "STORE_NOT_EMPTY",
        absl::StrCat(store_directory, " is not empty: move what is there away, whole, and keep it"),
        "store.directory");
  }
  ASSIGN_OR_RETURN(BackupManifest manifest, VerifyBackup(directory));
  RETURN_IF_ERROR(MakeDirectories(store_directory));
  // CURRENT last: without it there is no store, so half a copy is never opened as one.
  const std::string current = absl::StrCat(kCopyName, "/CURRENT");
  for (const bool last : {false, true}) {
    for (const BackupManifest::File& file : manifest.files()) {
      if ((file.path() == current) != last) continue;
      const std::string below = file.path().substr(kCopyName.size() + 1);
      ASSIGN_OR_RETURN(const FileDigest copied,
                       CopyDurably(absl::StrCat(directory, "/", file.path()),
                                   absl::StrCat(store_directory, "/", below)));
      RETURN_IF_ERROR(CheckFile(file, copied));
    }
    RETURN_IF_ERROR(SyncFile(store_directory));
  }
  return manifest;
}

absl::Status CheckRestored(const BackupManifest& manifest, const storage::v1::Meta& meta) {
  BackupManifest found = ManifestOf(meta, manifest.name());
  found.mutable_files()->CopyFrom(manifest.files());
  if (found.SerializeAsString() == manifest.SerializeAsString()) return absl::OkStatus();
  return Damaged("the manifest names another state than the copy holds");
}

}  // namespace birthseal::store
