// SPDX-License-Identifier: Apache-2.0
#include "store/sealed_value.h"

#include <botan/aead.h>
#include <botan/chacha_rng.h>
#include <botan/secmem.h>
#include <botan/system_rng.h>
#include <zstd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "certs/errors.h"

namespace birthseal::store {
namespace {

// FORMAT.md §4: format || wrap nonce || wrapped key || wrap tag || ciphertext || tag.
constexpr char kPlain = 1, kZstd = 2;
constexpr size_t kKey = 16, kNonce = 12, kTag = 16;
constexpr size_t kHeader = 1 + kNonce + kKey + kTag;
constexpr size_t kMaxValue = 64u << 20;
constexpr int kZstdLevel = 1;

using Aead = std::unique_ptr<Botan::AEAD_Mode>;
using Buffer = Botan::secure_vector<uint8_t>;

struct FreeZstd {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

const uint8_t* Bytes(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
void Append(std::string* out, const Buffer& bytes) {
  out->append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// What one thread needs, made once: key schedules and GHASH tables cost more than a small value.
struct Tools {
  explicit Tools(const Buffer& kek)
      : wrap(Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::ENCRYPTION)),
        unwrap(Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::DECRYPTION)),
        encrypt(Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::ENCRYPTION)),
        decrypt(Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::DECRYPTION)),
        random(Botan::system_rng()),
        compress(ZSTD_createCCtx()),
        decompress(ZSTD_createDCtx()) {
    wrap->set_key(kek.data(), kek.size());
    unwrap->set_key(kek.data(), kek.size());
  }

  Aead wrap, unwrap, encrypt, decrypt;
  Botan::ChaCha_RNG random;
  std::unique_ptr<ZSTD_CCtx, FreeZstd> compress;
  std::unique_ptr<ZSTD_DCtx, FreeZstd> decompress;
  Buffer key, work;
  std::string packed;
};

void Run(Botan::AEAD_Mode* mode, absl::string_view data, const uint8_t* nonce, Buffer* buffer) {
  mode->set_associated_data(Bytes(data), data.size());
  mode->start(nonce, kNonce);
  mode->finish(*buffer);
}

// The key is new for each value, so a constant nonce never repeats under one key.
constexpr uint8_t kValueNonce[kNonce] = {};

std::string Place(char format, Family family, absl::string_view key) {
  std::string place;
  place.reserve(2 + key.size());
  place.push_back(format);
  place.push_back(static_cast<char>(family));
  place.append(key.data(), key.size());
  return place;
}

absl::Status Damaged(Family family, absl::string_view what) {
  return certs::Error(absl::StatusCode::kDataLoss, "SEALED_VALUE_DAMAGED",
                      absl::StrCat("sealed value of ", Name(family), ": ", what));
}

absl::StatusOr<std::string> Decompress(Tools* tools, Family family) {
  const Buffer& work = tools->work;
  const unsigned long long size = ZSTD_getFrameContentSize(work.data(), work.size());
  if (size > kMaxValue) return Damaged(family, "size of the compressed value");
  std::string value(size, '\0');
  const size_t got = ZSTD_decompressDCtx(tools->decompress.get(), value.data(), value.size(),
                                         work.data(), work.size());
  if (got != size) return Damaged(family, "compressed value");  // an error is no such size
  return value;
}

std::atomic<uint64_t> next_sealer{1};

}  // namespace

struct ValueSealer::State {
  Buffer kek;
  uint64_t id = next_sealer++;

  // A process has one sealer, so each thread keeps the tools of one.
  Tools& OfThread() const {
    thread_local uint64_t owner = 0;
    thread_local std::unique_ptr<Tools> tools;
    if (owner != id) {
      tools = std::make_unique<Tools>(kek);
      owner = id;
    }
    return *tools;
  }
};

ValueSealer::ValueSealer(absl::string_view key_encryption_key) : state_(std::make_unique<State>()) {
  if (key_encryption_key.size() != kKey) {
    std::fputs("ValueSealer: the key-encryption key must have 16 bytes\n", stderr);
    std::abort();
  }
  state_->kek.assign(Bytes(key_encryption_key), Bytes(key_encryption_key) + kKey);
}

ValueSealer::~ValueSealer() = default;

std::string ValueSealer::Seal(Family family, absl::string_view key, absl::string_view value) const {
  Tools& tools = state_->OfThread();
  tools.packed.resize(ZSTD_compressBound(value.size()));
  const size_t packed =
      ZSTD_compressCCtx(tools.compress.get(), tools.packed.data(), tools.packed.size(),
                        value.data(), value.size(), kZstdLevel);
  const bool smaller = !ZSTD_isError(packed) && packed < value.size();
  const char format = smaller ? kZstd : kPlain;
  const std::string place = Place(format, family, key);

  uint8_t fresh[kNonce + kKey];
  tools.random.randomize(fresh, sizeof fresh);
  tools.key.assign(fresh + kNonce, fresh + sizeof fresh);
  tools.encrypt->set_key(tools.key.data(), tools.key.size());
  Botan::secure_scrub_memory(fresh + kNonce, kKey);
  Run(tools.wrap.get(), place, fresh, &tools.key);

  if (smaller) value = absl::string_view(tools.packed.data(), packed);
  tools.work.assign(Bytes(value), Bytes(value) + value.size());
  Run(tools.encrypt.get(), place, kValueNonce, &tools.work);

  std::string sealed;
  sealed.reserve(kHeader + tools.work.size());
  sealed.push_back(format);
  sealed.append(reinterpret_cast<const char*>(fresh), kNonce);
  Append(&sealed, tools.key);
  Append(&sealed, tools.work);
  return sealed;
}

absl::StatusOr<std::string> ValueSealer::Open(Family family, absl::string_view key,
                                              absl::string_view sealed) const {
  if (sealed.size() < kHeader + kTag) return Damaged(family, "too short");
  const char format = sealed[0];
  if (format != kPlain && format != kZstd) return Damaged(family, "unknown format");
  Tools& tools = state_->OfThread();
  const std::string place = Place(format, family, key);
  try {
    const uint8_t* bytes = Bytes(sealed);
    tools.key.assign(bytes + 1 + kNonce, bytes + kHeader);
    Run(tools.unwrap.get(), place, bytes + 1, &tools.key);
    tools.decrypt->set_key(tools.key.data(), tools.key.size());
    tools.work.assign(bytes + kHeader, bytes + sealed.size());
    Run(tools.decrypt.get(), place, kValueNonce, &tools.work);
  } catch (const Botan::Exception&) {
    return Damaged(family, "altered, moved, or of another key");
  }
  if (format == kZstd) return Decompress(&tools, family);
  return std::string(reinterpret_cast<const char*>(tools.work.data()), tools.work.size());
}

}  // namespace birthseal::store
