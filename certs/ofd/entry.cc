// SPDX-License-Identifier: Apache-2.0
// The bytes of one zip entry, and the entries that packages share.
#include <libdeflate.h>

#include <memory>
#include <mutex>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"
#include "certs/ofd/reader.h"
#include "certs/status_macros.h"

namespace birthseal::certs::ofd {
namespace {

constexpr size_t kSeenEntries = 8192, kKeptEntries = 32;
constexpr size_t kSmallestKept = 1 << 10;  // below, a look-up costs what inflating costs
constexpr size_t kLargestKept = 512 << 10;

absl::Status Refused(absl::string_view reason, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason, absl::StrCat(reason, ": ", message));
}

// Both sizes bound what the cache holds: an entry can be far longer packed than unpacked.
bool WorthKeeping(absl::string_view packed, size_t size) {
  return size >= kSmallestKept && size <= kLargestKept && packed.size() <= size;
}

absl::StatusOr<std::string> Inflate(absl::string_view packed, size_t size) {
  // One per thread: it holds its tables and may not be shared.
  thread_local std::unique_ptr<libdeflate_decompressor, void (*)(libdeflate_decompressor*)>
      decompressor(libdeflate_alloc_decompressor(), &libdeflate_free_decompressor);
  std::string content(size, '\0');
  size_t consumed = 0, produced = 0;
  if (libdeflate_deflate_decompress_ex(decompressor.get(), packed.data(), packed.size(),
                                       content.data(), size, &consumed,
                                       &produced) != LIBDEFLATE_SUCCESS ||
      produced != size) {
    return Refused("PACKAGE_DEFLATE", "compressed data are damaged");
  }
  // Bytes behind the stream would be a hiding place.
  if (consumed != packed.size()) return Refused("PACKAGE_GAP", "data behind a deflate stream");
  return content;
}

}  // namespace

struct EntryCache::State {
  struct Kept {
    std::string packed, content;
  };
  // Enough to find an entry; whether it is the one is for its bytes to say.
  static uint64_t Key(absl::string_view packed, uint32_t crc32) {
    return static_cast<uint64_t>(crc32) << 32 | static_cast<uint32_t>(packed.size());
  }
  using Entries = std::unordered_map<uint64_t, std::shared_ptr<const Kept>>;

  // Two generations: when the young one is full it becomes the old one, so that what is in use
  // stays. Requires `mutex`.
  void Keep(uint64_t key, std::shared_ptr<const Kept> entry) {
    if (young.size() >= kKeptEntries) {
      old = std::move(young);
      young = Entries();
    }
    young[key] = std::move(entry);
  }
  std::shared_ptr<const Kept> Find(uint64_t key) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (const auto found = young.find(key); found != young.end()) return found->second;
    const auto found = old.find(key);
    if (found == old.end()) return nullptr;
    std::shared_ptr<const Kept> entry = found->second;
    Keep(key, entry);
    return entry;
  }

  std::mutex mutex;  // guards all
  std::unordered_set<uint64_t> seen;
  Entries young, old;
};

EntryCache::EntryCache() : state_(std::make_unique<State>()) {}
EntryCache::~EntryCache() = default;

std::shared_ptr<const std::string> EntryCache::Find(absl::string_view packed, uint32_t crc32,
                                                    size_t size) const {
  if (!WorthKeeping(packed, size)) return nullptr;
  const std::shared_ptr<const State::Kept> kept = state_->Find(State::Key(packed, crc32));
  if (kept == nullptr) return nullptr;
  if (kept->content.size() != size || kept->packed != packed) return nullptr;
  return std::shared_ptr<const std::string>(kept, &kept->content);
}

void EntryCache::Saw(absl::string_view packed, uint32_t crc32, const std::string& content) {
  if (!WorthKeeping(packed, content.size())) return;
  const uint64_t key = State::Key(packed, crc32);
  const std::lock_guard<std::mutex> lock(state_->mutex);
  if (state_->seen.size() >= kSeenEntries) state_->seen.clear();
  if (state_->seen.insert(key).second) return;
  state_->Keep(key, std::make_shared<const State::Kept>(State::Kept{std::string(packed), content}));
}

absl::StatusOr<std::string> UnpackEntry(uint16_t method, absl::string_view packed, size_t size,
                                        uint32_t crc32, EntryCache* cache) {
  std::string content;
  if (method == static_cast<uint16_t>(Method::kStored)) {
    content = std::string(packed);
  } else if (method == static_cast<uint16_t>(Method::kDeflated)) {
    if (cache != nullptr) {
      if (const auto kept = cache->Find(packed, crc32, size)) return *kept;
    }
    ASSIGN_OR_RETURN(content, Inflate(packed, size));
  } else {
    return Refused("PACKAGE_METHOD", "unknown compression method");
  }
  if (content.size() != size || libdeflate_crc32(0, content.data(), content.size()) != crc32) {
    return Refused("PACKAGE_CRC", "content does not match its check sum");
  }
  if (cache != nullptr && method == static_cast<uint16_t>(Method::kDeflated)) {
    cache->Saw(packed, crc32, content);
  }
  return content;
}

}  // namespace birthseal::certs::ofd
