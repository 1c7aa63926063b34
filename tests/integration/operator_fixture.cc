// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/operator_fixture.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "certs/errors.h"
#include "certs/proof/map_label.h"
#include "signer/verify/note_key.h"
#include "store/meta.h"
#include "store/reads/registry.h"

namespace birthseal::tests {
namespace {

// Ed25519 keys of the tests: PKCS#8 of RFC 8410 around a seed.
std::string Ed25519Pem(const std::string& name) {
  const std::string der =
      absl::HexStringToBytes("302e020100300506032b657004220420") + certs::Bytes(certs::Sm3Of(name));
  return absl::StrCat("-----BEGIN PRIVATE KEY-----\n", absl::Base64Escape(der),
                      "\n-----END PRIVATE KEY-----\n");
}

std::string NewKeyPem(signer::KeyAlgorithm algorithm) {
  return signer::devpki::PrivateKeyPem(*signer::PrivateKey::Generate(algorithm));
}

witness::ListUpdates Lister(const store::Engine& engine) {
  return [&engine](certs::LogEpoch epoch, certs::LeafIndex first,
                   int count) -> absl::StatusOr<std::vector<witness::Update>> {
    const auto updates =
        store::Registry(&engine, nullptr).Updates(epoch, first, static_cast<size_t>(count));
    if (!updates.ok()) return updates.status();
    std::vector<witness::Update> given;
    for (const auto& update : *updates) given.push_back({update.leaf, update.changes});
    return given;
  };
}

}  // namespace

Branch::Branch(const store::Engine& of, const SimulatedClock* clock)
    : driver([this](store::Command c) { return ledger->CallAny(std::move(c)); }, clock) {
  CopyStore(of, &engine);
  store::LedgerOptions options;
  options.index_key = kIndexKey;
  options.may_log = [] { return true; };
  options.monotonic = [clock] { return clock->Now() - absl::UnixEpoch(); };
  auto opened = store::Ledger::Open(&engine, clock, options);
  EXPECT_OK(opened);
  ledger = *std::move(opened);
  // The driver counts its ids: here from where the other life does not come.
  for (int i = 0; i < 10000; ++i) driver.NewKey();
}

OperatorTest::OperatorTest() {
  clock_.Set(FixtureNow());
  vrf_ = *signer::VrfKey::FromPkcs8(NewKeyPem(signer::KeyAlgorithm::kP256));
  log_keys_ = {*signer::NewSm2NoteSigner(kTestLogName, SharedPki().log_key),
               *signer::NewEd25519NoteSigner(kTestLogName, Ed25519Pem("log"))};
  for (const auto& key : log_keys_) {
    log_checks_.push_back(*signer::NoteVerifierFromPem(kTestLogName, key->PublicKeyPem()));
  }
}

void OperatorTest::SetUp() {
  LedgerTest::SetUp();
  const char* const names[kWitnesses] = {"police.example", "health.example", "audit.example"};
  for (size_t i = 0; i < kWitnesses; ++i) {
    WitnessParty& party = witnesses_[i];
    party.name = names[i];
    const std::string key = i == 0 ? NewKeyPem(signer::KeyAlgorithm::kSm2) : Ed25519Pem(names[i]);
    party.cosign = *cli::CosignerOf(party.name, key);
    party.verifier = *signer::CosignerFromPem(party.name, *cli::PublicPemOf(key));
    witness::WitnessOptions options;
    options.log_name = kTestLogName;
    options.log_keys = log_checks_;
    options.cosign = party.cosign;
    options.now = [this] { return clock_.Now(); };
    auto opened = witness::Witness::Open(options, &party.storage);
    ASSERT_OK(opened);
    party.witness = *std::move(opened);
  }
}

std::string OperatorTest::FactsOf(const Birth& birth) const {
  return certs::LabelInput(certs::IdType::kPassport, birth.mother,
                           absl::CivilDay(1970, 1, 1) + birth.day, birth.order);
}

certs::MapLabel OperatorTest::Label(const Birth& birth) const {
  const auto label = vrf_->Label(FactsOf(birth));
  EXPECT_OK(label);
  return certs::MapLabel(*label);
}

store::DeliveryAnswer OperatorTest::Report(const Birth& birth, RegistryDriver* driver) {
  store::AcceptDelivery record = driver->Delivery(birth);
  for (certs::Claim& claim : record.claims) {
    if (claim.kind == certs::ClaimKind::kMother) claim.label = Label(birth);
  }
  return driver->Accept(record);
}

storage::v1::CertificateHead OperatorTest::Issue(const Birth& birth, RegistryDriver* driver) {
  return driver->Issued(Report(birth, driver));
}

void OperatorTest::Revoke(const std::string& number) {
  store::Revoke command;
  command.first_operator = "one", command.second_operator = "two";
  command.number = number;
  command.reason = "FALSE_FACTS";
  command.request_key = driver_.NewKey();
  command.salt = std::string(16, 'r');
  ASSERT_OK(driver_.Call1(command));
}

void OperatorTest::Something(RegistryDriver* driver) {
  storage::v1::Operator record;
  record.set_id(absl::BytesToHexString(certs::Bytes(driver->NewKey()).substr(0, 16)));
  record.set_institution_code(kHospital);
  ASSERT_OK(driver->Call1(
      store::PutOperator{kHospital, record.SerializeAsString(), std::string(16, 'o')}));
}

certs::TreeHead OperatorTest::HeadOf(const store::Engine& engine) const {
  const auto meta = store::MetaOf(*engine.NewSnapshot());
  EXPECT_OK(meta);
  certs::TreeHead head;
  head.origin = certs::OriginOf(kTestLogName, certs::LogEpoch(meta->log_epoch()));
  head.size = meta->log_size();
  head.root = store::LogRootOf(*meta).value();
  head.map_root = store::MapRootOf(*meta);
  head.time = absl::FromUnixSeconds(absl::ToUnixSeconds(clock_.Now()));
  return head;
}

std::string OperatorTest::Signed(const certs::TreeHead& head) const {
  const std::string body = certs::CheckpointBody(head);
  std::vector<certs::NoteSignature> signatures;
  for (const auto& key : log_keys_) {
    const auto signature = key->Sign(body);
    EXPECT_OK(signature);
    signatures.push_back(*signature);
  }
  return certs::FormatCheckpoint(body, signatures);
}

absl::StatusOr<std::string> OperatorTest::Show(size_t witness, const store::Engine& engine) {
  return witnesses_.at(witness).witness->Offer(NoteOf(engine), Lister(engine));
}

std::string OperatorTest::ShowAll(const store::Engine& engine) {
  std::string all = NoteOf(engine);
  for (size_t i = 0; i < kWitnesses; ++i) {
    const auto cosigned = witnesses_[i].witness->Offer(all, Lister(engine));
    EXPECT_OK(cosigned);
    if (cosigned.ok()) all = Merged(all, *cosigned);
  }
  EXPECT_OK(certs::CheckQuorum(*certs::ParseCheckpoint(all), Policy()));
  return all;
}

std::string OperatorTest::Merged(const std::string& note, const std::string& other) {
  certs::Checkpoint both = *certs::ParseCheckpoint(note);
  const certs::Checkpoint from = *certs::ParseCheckpoint(other);
  for (const certs::NoteSignature& more : from.signatures) {
    // SM2 signatures differ at each signing: one of a key is enough.
    const bool known = std::any_of(
        both.signatures.begin(), both.signatures.end(), [&](const certs::NoteSignature& s) {
          return s.key_name == more.key_name && s.key_hash == more.key_hash;
        });
    if (!known) both.signatures.push_back(more);
  }
  return certs::FormatCheckpoint(both.body, both.signatures);
}

certs::WitnessPolicy OperatorTest::Policy() const {
  certs::WitnessPolicy policy;
  policy.quorum = kQuorum;
  for (const WitnessParty& party : witnesses_) {
    policy.witnesses.push_back({party.name, party.verifier});
  }
  return policy;
}

std::vector<std::string> OperatorTest::Monitored(const store::Engine& engine,
                                                 witness::Rules rules) const {
  witness::Monitor monitor(std::move(rules));
  witness::Findings findings;
  const auto updates =
      store::Registry(&engine, nullptr).Updates(certs::LogEpoch(1), certs::LeafIndex(0), 1 << 20);
  EXPECT_OK(updates);
  for (const auto& update : *updates)
    monitor.Follow(certs::LogEpoch(1), {update.leaf, update.changes}, &findings);
  std::vector<std::string> names;
  for (const witness::Finding& finding : findings) names.push_back(finding.rule);
  return names;
}

std::vector<std::string> OperatorTest::Checked(const store::Engine& engine) {
  store::FsckOptions options;
  options.index_key = kIndexKey;
  const store::FsckReport report = store::CheckStore(*engine.NewSnapshot(), options);
  std::vector<std::string> lines;
  for (const store::FsckFinding& finding : report.findings) lines.push_back(ToLine(finding));
  return lines;
}

certs::Leaf OperatorTest::LeafOf(certs::LeafKind kind, uint64_t status_index,
                                 uint64_t intent) const {
  certs::Leaf leaf;
  leaf.kind = kind;
  leaf.log_minute = absl::ToUnixSeconds(clock_.Now()) / 60;
  leaf.institution_code = kHospital;
  leaf.status_index = status_index;
  leaf.intent_index = intent;
  leaf.commitment = certs::Commit(std::string(16, 'a'), absl::StrCat("attack ", status_index));
  return leaf;
}

std::string OperatorTest::ForkProof(const std::string& a, const std::string& b) const {
  const auto one = certs::ParseCheckpoint(a), two = certs::ParseCheckpoint(b);
  EXPECT_OK(one);
  EXPECT_OK(two);
  for (const certs::NoteVerifier& key : log_checks_) {
    EXPECT_OK(certs::CheckSignature(*one, key));
    EXPECT_OK(certs::CheckSignature(*two, key));
  }
  const auto compared = witness::Compare(*one, *two, std::nullopt);
  if (!compared.ok() || *compared != witness::Comparison::kForked) return "";
  return absl::StrCat("FORKED: two roots of size ", one->head.size,
                      ", both signed by the log's keys");
}

std::vector<std::string> OfCertificates(const std::vector<std::string>& lines) {
  std::vector<std::string> kept;
  for (const std::string& line : lines) {
    if (absl::StartsWith(line, "certificates/")) kept.push_back(line);
  }
  return kept;
}

std::string Joined(const std::vector<std::string>& codes) { return absl::StrJoin(codes, ", "); }

}  // namespace birthseal::tests
