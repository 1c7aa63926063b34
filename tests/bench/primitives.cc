// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/primitives.h"

#include <botan/aead.h>
#include <libdeflate.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "birthseal/storage/v1/record.pb.h"
#include "certs/digest.h"
#include "certs/ofd/font_state.h"
#include "certs/ofd/glyphs.h"
#include "certs/ofd/layout.h"
#include "certs/ofd/zip_format.h"
#include "certs/status_macros.h"
#include "signer/sealing/message_signer.h"
#include "signer/verify/sm2_verify.h"
#include "store/rocksdb/rocksdb_engine.h"
#include "tests/bench/echo_service.h"
#include "tests/bench/measure.h"
#include "tests/support/sealed_fixture.h"

namespace birthseal::bench {
namespace {

constexpr size_t kValue = 2 << 10, kLong = 1 << 20;
constexpr int kThreads = 2;
// What the commits of one certificate write, from delivery to issue (FORMAT.md §2).
constexpr int kChanges = 70;
constexpr size_t kChangeBytes = 100, kRecipeBytes = 10 << 10, kBodyBytes = 1200;
constexpr int kBodies = 3;

struct Pair {
  std::string raw, packed;
};

void Expect(bool right, const char* what) {
  if (right) return;
  std::fprintf(stderr, "bench: %s went wrong\n", what);
  std::abort();
}

// Seals `value` under a key of its own, as the store does.
void EncryptOnce(const std::string& value) {
  thread_local const auto mode = Botan::AEAD_Mode::create_or_throw("SM4/GCM", Botan::ENCRYPTION);
  thread_local Botan::secure_vector<uint8_t> buffer;
  static constexpr uint8_t kKey[16] = {1}, kNonce[12] = {};
  mode->set_key(kKey, sizeof kKey);
  mode->set_associated_data(kKey, sizeof kKey);
  buffer.assign(value.begin(), value.end());
  mode->start(kNonce, sizeof kNonce);
  mode->finish(buffer);
}

void DeflateAll(const std::vector<Pair>& parts) {
  thread_local libdeflate_compressor* const compressor =
      libdeflate_alloc_compressor(certs::ofd::kDeflateLevel);
  thread_local std::string out;
  for (const Pair& part : parts) {
    out.resize(libdeflate_deflate_compress_bound(compressor, part.raw.size()));
    Expect(libdeflate_deflate_compress(compressor, part.raw.data(), part.raw.size(), &out[0],
                                       out.size()) > 0,
           "deflate");
  }
}

std::string Inflate(const std::string& packed, size_t size) {
  thread_local libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  std::string out(size, '\0');
  Expect(libdeflate_deflate_decompress(decompressor, packed.data(), packed.size(), &out[0], size,
                                       nullptr) == LIBDEFLATE_SUCCESS,
         "inflate");
  return out;
}

}  // namespace

struct Primitives::Material {
  std::shared_ptr<const signer::PrivateKey> sm2, p256;
  std::unique_ptr<signer::PublicKey> sm2_public, p256_public;
  std::string tbs, tbs_signature, approval, approval_sm2, approval_p256;
  std::string value, recipe, packed_recipe, long_text, variable, file;
  std::vector<Pair> variable_deflated;
  certs::ofd::GlyphMap glyphs;
  std::string family;
};

double Primitive::micros() const { return Median(rounds); }

Primitives::Primitives(const Installation& installation, ChildProcess echo)
    : installation_(installation),
      echo_(std::move(echo)),
      material_(std::make_unique<Material>()) {}
Primitives::~Primitives() = default;

absl::StatusOr<std::unique_ptr<Primitives>> Primitives::Make(const Installation& installation,
                                                             const std::string& own_program) {
  if (tests::TestFonts() == nullptr) {
    return absl::NotFoundError("the packaged fonts are not installed: ./dev setup");
  }
  ASSIGN_OR_RETURN(ChildProcess echo, StartEchoService(installation, own_program));
  std::unique_ptr<Primitives> made(new Primitives(installation, std::move(echo)));
  made->AddCrypto();
  made->AddDocument();
  for (const auto& [key, text] : std::vector<std::pair<const char*, const char*>>{
           {"call_server", "mTLS call 2 KB -> 20 KB, server end"},
           {"call_client", "mTLS call 2 KB -> 20 KB, client end"},
           {"message_server", "mTLS stream message 2 KB, server end"},
           {"message_client", "mTLS stream message 2 KB, client end"},
           {"commit", "engine commit with sync, one small change"},
           {"commit_wall", "the same on the clock, one after the other"},
           {"changes", "engine: what one certificate writes"}}) {
    made->all_.push_back({key, text, 0, {}});
  }
  return made;
}

void Primitives::Add(const std::string& key, const std::string& text, double bytes,
                     std::function<void()> once) {
  all_.push_back({key, text, bytes, {}});
  work_.push_back(std::move(once));
}

void Primitives::AddCrypto() {
  Material& m = *material_;
  m.sm2 = signer::PrivateKey::Generate(signer::KeyAlgorithm::kSm2);
  m.p256 = signer::PrivateKey::Generate(signer::KeyAlgorithm::kP256);
  m.sm2_public =
      std::make_unique<signer::PublicKey>(*signer::PublicKey::FromSpki(m.sm2->PublicSpki()));
  m.p256_public =
      std::make_unique<signer::PublicKey>(*signer::PublicKey::FromSpki(m.p256->PublicSpki()));
  m.tbs = std::string(tests::SharedPki().seal->seal.bytes.size() + 100, 't');
  m.tbs_signature = signer::SignWith(m.sm2, m.tbs);
  m.approval = std::string(32, 'a');
  m.approval_sm2 = signer::SignWith(m.sm2, m.approval);
  m.approval_p256 = signer::SignWith(m.p256, m.approval);
  m.value = std::string(kValue, 'v');
  m.long_text = std::string(kLong, 'l');
  Add("sm2_sign", "SM2 sign (Botan)", 0,
      [&m] { Expect(!signer::SignDigestWith(m.sm2, certs::Digest{1}).empty(), "SM2 sign"); });
  Add("sm2_verify", "SM2 verify of a document signature (OpenSSL)", 0,
      [&m] { Expect(m.sm2_public->Verify(m.tbs, m.tbs_signature), "SM2 verify"); });
  Add("approval_sm2", "approval verify, SM2", 0,
      [&m] { Expect(m.sm2_public->Verify(m.approval, m.approval_sm2), "SM2 approval"); });
  Add("approval_p256", "approval verify, P-256", 0,
      [&m] { Expect(m.p256_public->Verify(m.approval, m.approval_p256), "P-256 approval"); });
  Add("sign_p256", "P-256 sign (an operator's)", 0,
      [&m] { Expect(!signer::SignWith(m.p256, m.approval).empty(), "P-256 sign"); });
  Add("sm3_mib", "SM3 of 1 MiB", kLong, [&m] { certs::Sm3Of(m.long_text); });
  Add("sm4_value", "SM4-GCM of a 2 KB value, key set", kValue, [&m] { EncryptOnce(m.value); });
}

void Primitives::AddDocument() {
  Material& m = *material_;
  const tests::SealedCertificate& sample = tests::SharedSealedCertificate();
  storage::v1::DocumentRecipe recipe;
  for (const certs::ofd::PartPtr& part : sample.document.parts) {
    const bool deflated = part->method == certs::ofd::Method::kDeflated;
    Pair pair{deflated ? Inflate(part->data, part->size) : part->data, part->data};
    auto* entry = recipe.add_parts();
    entry->set_path(part->path);
    if (part->constant) {
      entry->set_constant_sm3(certs::Bytes(part->digest));
    } else {
      entry->set_data(part->data);
      m.variable += pair.raw;
      if (deflated) m.variable_deflated.push_back(std::move(pair));
    }
  }
  m.file = sample.document.file;
  m.recipe = recipe.SerializeAsString();
  m.packed_recipe.resize(ZSTD_compressBound(m.recipe.size()));
  m.packed_recipe.resize(ZSTD_compress(&m.packed_recipe[0], m.packed_recipe.size(), m.recipe.data(),
                                       m.recipe.size(), 1));
  const certs::ofd::FontSet::State& fonts = tests::TestFonts()->state();
  certs::ofd::TypeSetter setter(fonts.faces());
  certs::ofd::TemplateLayout(&setter);
  const auto layout =
      certs::ofd::CertificateLayout(setter, certs::FaceLines(sample.evidence.face), "BENCH");
  for (const certs::ofd::TextItem& item : layout.texts) {
    if (item.font != certs::ofd::FontRole::kValue) continue;
    for (const char32_t c : item.text) m.glyphs.emplace(c, setter.Find(item.font, c));
  }
  m.family = fonts.value->family();
  Add("sm3_variable", "SM3 of one certificate's variable parts",
      static_cast<double>(m.variable.size()), [&m] { certs::Sm3Of(m.variable); });
  Add("sm3_file", "SM3 of one file", static_cast<double>(m.file.size()),
      [&m] { certs::Sm3Of(m.file); });
  Add("font_subset", absl::StrCat("font subset of ", m.glyphs.size(), " glyphs"), 0,
      [&m] { Expect(!certs::ofd::BuildFont(m.family, m.glyphs).empty(), "font subset"); });
  Add("deflate", "deflate of the variable XML parts", 0, [&m] { DeflateAll(m.variable_deflated); });
  Add("inflate", "inflate of the variable XML parts", 0, [&m] {
    for (const Pair& part : m.variable_deflated) Inflate(part.packed, part.raw.size());
  });
  Add("sm4_recipe", "SM4-GCM of a stored document", static_cast<double>(m.packed_recipe.size()),
      [&m] { EncryptOnce(m.packed_recipe); });
  Add("zstd_recipe", "zstd of a stored document", static_cast<double>(m.recipe.size()), [&m] {
    thread_local ZSTD_CCtx* const context = ZSTD_createCCtx();
    thread_local std::string out;
    out.resize(ZSTD_compressBound(m.recipe.size()));
    ZSTD_compressCCtx(context, &out[0], out.size(), m.recipe.data(), m.recipe.size(), 1);
  });
}

absl::Status Primitives::Round(double slice_ms) {
  for (size_t i = 0; i < work_.size(); ++i) {
    double each[kThreads] = {};
    std::vector<std::thread> threads;
    for (double& result : each) {
      threads.emplace_back([&] {
        work_[i]();  // what a thread makes once
        const double begin = ThreadCpuMicros();
        double now = begin;
        int count = 0;
        for (; now - begin < 1000 * slice_ms; now = ThreadCpuMicros(), ++count) work_[i]();
        result = (now - begin) / count;
      });
    }
    for (std::thread& thread : threads) thread.join();
    all_[i].rounds.push_back((each[0] + each[1]) / kThreads);
  }
  RETURN_IF_ERROR(RoundOfCalls(slice_ms));
  return RoundOfCommits(slice_ms);
}

absl::Status Primitives::RoundOfCalls(double slice_ms) {
  const int calls = std::max(200, static_cast<int>(300 * slice_ms));
  ASSIGN_OR_RETURN(const CallCost call, MeasureUnary(installation_, echo_, calls));
  ASSIGN_OR_RETURN(const CallCost message, MeasureStream(installation_, echo_, calls));
  At("call_server").rounds.push_back(call.server);
  At("call_client").rounds.push_back(call.client);
  At("message_server").rounds.push_back(message.server);
  At("message_client").rounds.push_back(message.client);
  return absl::OkStatus();
}

absl::Status Primitives::RoundOfCommits(double slice_ms) {
  const tests::TempDir directory;
  ASSIGN_OR_RETURN(const auto engine, store::RocksDbEngine::Open(directory.Join("store")));
  ASSIGN_OR_RETURN(const store::FenceEpoch fence, engine->AcquireFence());
  const int commits = std::max(20, static_cast<int>(10 * slice_ms));
  uint64_t next = 0;
  const auto key = [&next] {
    return certs::Bytes(certs::Sm3Of(absl::StrCat(next++)));  // spread as digests are
  };
  const auto per_commit = [&](auto fill) -> absl::StatusOr<double> {
    const double begin = ProcessCpuMicros();
    for (int i = 0; i < commits; ++i) {
      store::WriteBatch batch;
      fill(&batch);
      RETURN_IF_ERROR(engine->Commit(batch, fence));
    }
    return (ProcessCpuMicros() - begin) / commits;
  };
  const double start = WallMicros();
  ASSIGN_OR_RETURN(const double small, per_commit([&](store::WriteBatch* batch) {
                     batch->Put(store::Family::kMeta, key(), std::string(kChangeBytes, 'm'));
                   }));
  const double small_wall = (WallMicros() - start) / commits;
  ASSIGN_OR_RETURN(const double large, per_commit([&](store::WriteBatch* batch) {
                     for (int i = 0; i < kChanges; ++i) {
                       batch->Put(static_cast<store::Family>(i % 8 + 1), key(),
                                  std::string(kChangeBytes, 'c'));
                     }
                     for (int i = 0; i < kBodies; ++i) {
                       batch->Put(store::Family::kBodies, key(), std::string(kBodyBytes, 'b'));
                     }
                     batch->Put(store::Family::kDocuments, key(), std::string(kRecipeBytes, 'd'));
                   }));
  At("commit").rounds.push_back(small);
  At("commit_wall").rounds.push_back(small_wall);
  At("changes").rounds.push_back(std::max(0.0, large - small));
  return absl::OkStatus();
}

Primitive& Primitives::At(const std::string& key) {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Primitive& primitive) { return primitive.key == key; });
  Expect(found != all_.end(), key.c_str());
  return *found;
}

double Primitives::Of(const std::string& key) const {
  return const_cast<Primitives*>(this)->At(key).micros();
}

}  // namespace birthseal::bench
