// SPDX-License-Identifier: Apache-2.0
// Reads: cause and record before disclosure, equal answers to outsiders, the public log.
#include <algorithm>

#include "certs/proof/log_update.h"
#include "certs/proof/merkle.h"
#include "server/reading/download_document.h"
#include "server/reading/get_preview.h"
#include "server/reading/get_status.h"
#include "server/reading/read_log.h"
#include "server/reading/verify_document.h"
#include "server/reading/verify_number.h"
#include "store/keys.h"
#include "tests/server/use_case/stored_records.h"
#include "tests/server/use_case/use_case_fixture.h"

namespace birthseal::tests {
namespace {

using server::Role;

class SharingTest : public UseCaseTest {
 protected:
  uint64_t AuditEntries() { return registry_.Meta()->next_audit(); }
  server::VerifyNumberResult Ask(Role role, const std::string& number, const std::string& name) {
    const auto result = server::VerifyNumber(
        *house_, As(kManaging, role), {number, name, "", BirthOf(1).mother_id_number, "参保"});
    EXPECT_OK(result);
    return *result;
  }
};

TEST_F(SharingTest, FaceIsGivenWithACauseAndIsRecordedFirst) {
  const server::CertificateView issued = IssueBirth(1);
  const server::Caller platform = As(kManaging, Role::kPlatform);
  EXPECT_THAT(server::GetCertificate(*house_, platform, {issued.number, ""}),
              StatusIs(absl::StatusCode::kInvalidArgument, "USE_CAUSE_REQUIRED"));
  const uint64_t before = AuditEntries();
  for (const std::string& key : {issued.number, issued.licence_id}) {
    const auto shown = server::GetCertificate(*house_, platform, {key, "户口登记"});
    ASSERT_OK(shown);
    ASSERT_TRUE(shown->content.has_value());
    EXPECT_EQ(shown->content->newborn_name, "云知夏");
  }
  EXPECT_EQ(AuditEntries(), before + 2);
  EXPECT_THAT(server::GetCertificate(*house_, Issuing(kOtherHospital), {issued.number, "核对"}),
              StatusIs(absl::StatusCode::kNotFound, "CERTIFICATE_UNKNOWN"));
  EXPECT_EQ(AuditEntries(), before + 2);
}

TEST_F(SharingTest, PreviewIsAPicture) {
  const server::CertificateView issued = IssueBirth(1);
  const auto png =
      server::GetPreview(*house_, As(kManaging, Role::kPlatform), {issued.number, "户口登记"}, 72);
  ASSERT_OK(png);
  EXPECT_EQ(png->substr(1, 3), "PNG");
}

// The picture of a certificate that has ended says so: the very picture that the words would make.
// Rule V7.
TEST_F(SharingTest, PreviewOfWhatHasEndedIsMarkedVoid) {
  const server::CertificateView issued = IssueBirth(1);
  const auto preview = [&](const std::string& cause) {
    const auto png =
        server::GetPreview(*house_, As(kManaging, Role::kPlatform), {issued.number, cause}, 72);
    EXPECT_OK(png);
    return png.ok() ? *png : "";
  };
  const std::string valid = preview("户口登记"), marked = preview("已作废 户口登记");
  ASSERT_NE(valid, marked);
  for (const certs::CertificateState state :
       {certs::CertificateState::kExchanged, certs::CertificateState::kReplaced,
        certs::CertificateState::kRevoked}) {
    storage::v1::CertificateHead head = *registry_.Certificate(issued.status_index);
    head.set_state(static_cast<int>(state));
    Overwrite(engine_.get(), store::Family::kCertificates, store::IndexKey(issued.status_index),
              head.SerializeAsString());
    EXPECT_TRUE(preview("户口登记") == marked) << static_cast<int>(state);
  }
}

TEST_F(SharingTest, PreviewHasTheResolutionThatWasAsked) {
  const server::CertificateView issued = IssueBirth(1);
  const auto preview = [&](int dpi) {
    return server::GetPreview(*house_, As(kManaging, Role::kPlatform), {issued.number, "户口登记"},
                              dpi);
  };
  for (const int dpi : {-1, 1, 71, 301}) {
    EXPECT_THAT(preview(dpi), StatusIs(absl::StatusCode::kInvalidArgument, "DPI")) << dpi;
  }
  EXPECT_TRUE(*preview(0) == *preview(150));
  EXPECT_FALSE(*preview(72) == *preview(150));
}

// Rule U5.
TEST_F(SharingTest, OutsidersCannotTellAWrongNameFromAnUnknownNumber) {
  const server::CertificateView issued = IssueBirth(1);
  EXPECT_EQ(Ask(Role::kRelyingParty, issued.number, "云知夏").share_result, 0);
  const auto wrong = Ask(Role::kRelyingParty, issued.number, "云知秋");
  const auto unknown = Ask(Role::kRelyingParty, "Z520009999", "云知夏");
  EXPECT_EQ(wrong.share_result, unknown.share_result);
  EXPECT_EQ(wrong.response_code, unknown.response_code);
  EXPECT_EQ(wrong.text_zh, unknown.text_zh);
  EXPECT_EQ(wrong.log_size, unknown.log_size);
  EXPECT_FALSE(wrong.has_state);
  EXPECT_EQ(Ask(Role::kPolice, issued.number, "云知秋").share_result, 7);
  EXPECT_EQ(Ask(Role::kPolice, "", "云知秋").response_code, 12);
}

TEST_F(SharingTest, AlteredFileIsRefusedWithItsReason) {
  const server::CertificateView issued = IssueBirth(1);
  std::string file = Download(issued.number);
  file[file.size() / 2] ^= 1;
  const auto result =
      server::VerifyDocument(*house_, As(kManaging, Role::kPolice), {file, "出生登记"});
  ASSERT_OK(result);
  EXPECT_NE(result->share_result, 0);
  EXPECT_EQ(result->report.verdict, signer::Verdict::kForgedOrAltered);
}

TEST_F(SharingTest, StatusOfAnUnknownIdentifierIsAnAnswer) {
  const auto status = server::GetStatus(*house_, "1.2.156.3005.2.none", certs::StatusIndex());
  ASSERT_OK(status);
  EXPECT_FALSE(status->known);
  EXPECT_THAT(server::GetStatus(*house_, "", certs::StatusIndex()),
              StatusIs(absl::StatusCode::kInvalidArgument, "KEY_REQUIRED"));
}

TEST_F(SharingTest, LogCanBeRebuiltAndMatchesItsCheckpoint) {
  IssueBirth(1);
  const auto note = server::GetCheckpoint(*house_);
  ASSERT_OK(note);
  const auto checkpoint = certs::ParseCheckpoint(note->checkpoint);
  ASSERT_OK(checkpoint);
  EXPECT_OK(certs::CheckSignature(*checkpoint, pki_.log_verifier));
  const auto leaves = server::ListLeaves(*house_, certs::LogEpoch(0), certs::LeafIndex(0), 1024);
  ASSERT_OK(leaves);
  ASSERT_EQ(leaves->size(), checkpoint->head.size);
  std::vector<certs::Digest> hashes;
  for (const std::string& leaf : *leaves) hashes.push_back(certs::LeafHash(leaf));
  EXPECT_EQ(certs::RootOf(hashes), checkpoint->head.root);
  for (uint64_t i = 0; i < hashes.size(); ++i) {
    const auto proof = server::GetInclusionProof(*house_, certs::LogEpoch(0), certs::LeafIndex(i),
                                                 certs::LogSize(0));
    ASSERT_OK(proof);
    EXPECT_OK(certs::CheckInclusion(hashes[i], i, proof->tree_size.value(), proof->path,
                                    checkpoint->head.root));
  }
  EXPECT_THAT(server::ListLeaves(*house_, certs::LogEpoch(0), certs::LeafIndex(hashes.size()), 1),
              StatusIs(absl::StatusCode::kOutOfRange, "LOG_RANGE"));
  EXPECT_THAT(server::ListLeaves(*house_, certs::LogEpoch(2), certs::LeafIndex(0), 1),
              StatusIs(absl::StatusCode::kOutOfRange, "LOG_EPOCH"));
  const auto consistency = server::GetConsistencyProof(*house_, certs::LogEpoch(1),
                                                       certs::LogSize(3), certs::LogSize(0));
  ASSERT_OK(consistency);
  EXPECT_OK(certs::CheckConsistency(3, certs::RootOf({hashes[0], hashes[1], hashes[2]}),
                                    consistency->new_size.value(), checkpoint->head.root,
                                    consistency->path));
}

TEST_F(SharingTest, AWitnessFollowsTheUpdatesToTheCheckpoint) {
  IssueBirth(1);
  const auto note = server::GetCheckpoint(*house_);
  ASSERT_OK(note);
  const auto checkpoint = certs::ParseCheckpoint(note->checkpoint);
  ASSERT_OK(checkpoint);
  EXPECT_NE(checkpoint->head.map_root, certs::Digest{});
  const auto updates = server::ListUpdates(*house_, certs::LogEpoch(0), certs::LeafIndex(0), 1024);
  ASSERT_OK(updates);
  certs::LogFollower follower(certs::LogState{});
  for (const store::Registry::LogUpdate& update : *updates) {
    EXPECT_OK(follower.Follow(update.leaf, update.changes));
  }
  EXPECT_OK(follower.CheckHead(checkpoint->head));
}

// An answer fits into what clients take: so many updates as have room, and one in any case.
TEST_F(SharingTest, UpdatesAreBoundedByTheirBytes) {
  constexpr size_t kMost = 2u << 20, kBig = 300'000;
  const uint64_t size = ledger_->Head().size.value();
  store::WriteBatch batch;
  for (uint64_t i = 0; i < size; ++i) {
    batch.Put(store::Family::kMapChanges,
              store::MapChangeKey(store::PlaceOf(certs::LogEpoch(1), certs::LeafIndex(i)), 0),
              std::string(i == 0 ? kMost + 1 : kBig, 'c'));
  }
  CommitBehindTheLedger(engine_.get(), batch);
  EXPECT_EQ(server::ListUpdates(*house_, certs::LogEpoch(0), certs::LeafIndex(0), 1024)->size(),
            1u);
  uint64_t next = 1;
  while (next < size) {
    const auto updates =
        server::ListUpdates(*house_, certs::LogEpoch(0), certs::LeafIndex(next), 1024);
    ASSERT_OK(updates);
    size_t bytes = 0;
    for (const store::Registry::LogUpdate& update : *updates) {
      bytes += update.leaf.size() + update.changes.at(0).size();
    }
    EXPECT_LE(bytes, kMost);
    EXPECT_EQ(updates->size(), std::min<uint64_t>(6, size - next));  // as many as have room
    next += updates->size();
  }
}

TEST_F(SharingTest, TheLogIsReadWithinItsBounds) {
  const uint64_t size = ledger_->Head().size.value();
  for (const int count : {-1, 0, 1025}) {
    EXPECT_THAT(server::ListLeaves(*house_, certs::LogEpoch(0), certs::LeafIndex(0), count),
                StatusIs(absl::StatusCode::kInvalidArgument, "LEAF_COUNT"));
    EXPECT_THAT(server::ListUpdates(*house_, certs::LogEpoch(0), certs::LeafIndex(0), count),
                StatusIs(absl::StatusCode::kInvalidArgument, "LEAF_COUNT"));
  }
  const auto out = [](const auto& result) {
    return testing::Value(result, StatusIs(absl::StatusCode::kOutOfRange, "LOG_RANGE"));
  };
  EXPECT_TRUE(out(server::ListUpdates(*house_, certs::LogEpoch(0), certs::LeafIndex(size), 1)));
  EXPECT_TRUE(out(server::GetInclusionProof(*house_, certs::LogEpoch(0), certs::LeafIndex(size),
                                            certs::LogSize(0))));
  EXPECT_TRUE(out(server::GetInclusionProof(*house_, certs::LogEpoch(0), certs::LeafIndex(3),
                                            certs::LogSize(3))));
  EXPECT_TRUE(out(server::GetInclusionProof(*house_, certs::LogEpoch(0), certs::LeafIndex(0),
                                            certs::LogSize(size + 1))));
  EXPECT_TRUE(out(server::GetConsistencyProof(*house_, certs::LogEpoch(0), certs::LogSize(4),
                                              certs::LogSize(3))));
  EXPECT_TRUE(out(server::GetConsistencyProof(*house_, certs::LogEpoch(0), certs::LogSize(size + 1),
                                              certs::LogSize(0))));
  EXPECT_EQ(
      server::ListLeaves(*house_, certs::LogEpoch(0), certs::LeafIndex(size - 1), 1024)->size(),
      1u);
  EXPECT_EQ(
      server::GetInclusionProof(*house_, certs::LogEpoch(0), certs::LeafIndex(2), certs::LogSize(3))
          ->tree_size,
      certs::LogSize(3));
}

}  // namespace
}  // namespace birthseal::tests
