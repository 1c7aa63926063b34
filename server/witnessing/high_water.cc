// SPDX-License-Identifier: Apache-2.0
#include "server/witnessing/high_water.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "certs/canonical.h"
#include "certs/digest.h"
#include "certs/errors.h"
#include "certs/status_macros.h"

namespace birthseal::server {
namespace {

constexpr size_t kHalf = 4096;
constexpr absl::string_view kMagic("BSMARK\0\1", 8);  // the last byte is the format
constexpr size_t kHeader = 8 + 8 + 4;

struct Half {
  uint64_t sequence = 0;
  certs::TreeHead head;
};

absl::Status IoError(absl::string_view doing, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  return certs::Error(
      full ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable,
      full ? "DISK_FULL" : "HIGH_WATER_IO",
      absl::StrCat("keys.high_water_file: cannot ", doing, " it: ", std::strerror(error)),
      "keys.high_water_file");
}

std::string Encode(uint64_t sequence, const certs::TreeHead& head) {
  const std::string body = head.size == 0 ? "" : certs::CheckpointBody(head);
  std::string bytes(kMagic);
  certs::AppendBigEndian(sequence, 8, &bytes);
  certs::AppendBigEndian(body.size(), 4, &bytes);
  bytes += body;
  bytes += certs::Bytes(certs::Sm3Of(bytes));
  bytes.resize(kHalf, '\0');
  return bytes;
}

// Nothing: the half is not whole, or was never written.
std::optional<Half> Decode(absl::string_view bytes) {
  if (bytes.size() != kHalf || bytes.substr(0, kMagic.size()) != kMagic) return std::nullopt;
  Half half;
  half.sequence = certs::ReadBigEndian(bytes.substr(8, 8));
  const size_t length = certs::ReadBigEndian(bytes.substr(16, 4));
  if (length > kHalf - kHeader - sizeof(certs::Digest)) return std::nullopt;
  const absl::string_view sum = bytes.substr(kHeader + length, sizeof(certs::Digest));
  if (certs::View(certs::Sm3Of(bytes.substr(0, kHeader + length))) != sum) return std::nullopt;
  if (length == 0) return half;
  // A body alone is no note; one made-up signature line turns it into one that the parser takes.
  const absl::StatusOr<certs::Checkpoint> checkpoint = certs::ParseCheckpoint(
      certs::FormatCheckpoint(bytes.substr(kHeader, length), {{"mark", "mark", "mark"}}));
  if (!checkpoint.ok()) return std::nullopt;
  half.head = checkpoint->head;
  return half;
}

bool WriteWhole(int descriptor, absl::string_view bytes, size_t offset) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
    offset += static_cast<size_t>(written);
  }
  return true;
}

std::string ReadUpTo(int descriptor, size_t size) {
  std::string bytes(size, '\0');
  size_t have = 0;
  while (have < size) {
    const ssize_t got = pread(descriptor, &bytes[have], size - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

// A new name is durable when its directory is.
bool SyncDirectoryOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  return synced;
}

}  // namespace

HighWater::HighWater(int descriptor, uint64_t sequence, certs::TreeHead head)
    : descriptor_(descriptor), sequence_(sequence), head_(std::move(head)) {}

HighWater::~HighWater() { close(descriptor_); }

absl::StatusOr<std::unique_ptr<HighWater>> HighWater::Open(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    return certs::Error(absl::StatusCode::kNotFound, "HIGH_WATER_MISSING",
                        absl::StrCat("keys.high_water_file: ", path, " is not there"),
                        "keys.high_water_file");
  }
  if (descriptor < 0) return IoError("open", errno);
  const std::string bytes = ReadUpTo(descriptor, 2 * kHalf);
  std::optional<Half> newest = Decode(absl::string_view(bytes).substr(0, kHalf));
  if (bytes.size() == 2 * kHalf) {
    const std::optional<Half> second = Decode(absl::string_view(bytes).substr(kHalf));
    if (second.has_value() && (!newest.has_value() || second->sequence > newest->sequence)) {
      newest = second;
    }
  }
  if (bytes.size() != 2 * kHalf || !newest.has_value()) {
    close(descriptor);
    return certs::Error(absl::StatusCode::kDataLoss, "HIGH_WATER_DAMAGED",
                        absl::StrCat("keys.high_water_file: ", path,
                                     " is damaged: neither of its two halves is whole"),
                        "keys.high_water_file");
  }
  return std::unique_ptr<HighWater>(
      new HighWater(descriptor, newest->sequence, std::move(newest->head)));
}

absl::StatusOr<std::unique_ptr<HighWater>> HighWater::Create(const std::string& path,
                                                             const certs::TreeHead& head) {
  const std::string fresh = path + ".new";
  const int descriptor = open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return IoError("make", errno);
  std::unique_ptr<HighWater> made(new HighWater(descriptor, 1, head));
  // Half 1 holds sequence 1; half 0 stays empty until the first Raise.
  const std::string bytes = std::string(kHalf, '\0') + Encode(1, head);
  if (!WriteWhole(descriptor, bytes, 0) || fsync(descriptor) != 0) return IoError("write", errno);
  if (std::rename(fresh.c_str(), path.c_str()) != 0 || !SyncDirectoryOf(path)) {
    return IoError("name", errno);
  }
  return made;
}

absl::Status HighWater::Raise(const certs::TreeHead& head) {
  if (failed_) return IoError("write", EIO);
  failed_ = true;  // until it is known to be durable
  const uint64_t next = sequence_ + 1;
  if (!WriteWhole(descriptor_, Encode(next, head), next % 2 * kHalf) ||
      fdatasync(descriptor_) != 0) {
    return IoError("write", errno);
  }
  failed_ = false;
  sequence_ = next;
  head_ = head;
  return absl::OkStatus();
}

}  // namespace birthseal::server
