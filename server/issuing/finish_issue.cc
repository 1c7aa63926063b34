// SPDX-License-Identifier: Apache-2.0
#include "server/issuing/finish_issue.h"

#include <optional>
#include <utility>

#include "certs/errors.h"
#include "certs/status_macros.h"
#include "server/issuing/seal_grounds.h"
#include "server/use_case/batch.h"
#include "server/use_case/certificate_view.h"
#include "server/use_case/random_ids.h"
#include "store/meta.h"

namespace birthseal::server {
namespace {

// What a quorum of witnesses had cosigned by now, and that the receipt's tree continues it.
absl::Status JoinWitnessed(const IssuingRoom& room, const certs::LogPosition& tree,
                           certs::Receipt* receipt) {
  ASSIGN_OR_RETURN(std::optional<WitnessLink> link, room.desk.LinkTo(tree));
  if (!link.has_value()) return absl::OkStatus();
  receipt->witnessed_checkpoint = std::move(link->note);
  receipt->consistency = std::move(link->path);
  return absl::OkStatus();
}

// The path and checkpoint of the batch that holds the INTENT; after a restart, or when that one is
// no longer kept, those of the newest root.
absl::StatusOr<certs::Receipt> MakeReceipt(const IssuingRoom& room, const ReservedIssue& issue) {
  const storage::v1::Reservation& reservation = issue.reservation;
  const certs::LogEpoch epoch(reservation.log_epoch());
  const certs::LeafIndex intent(reservation.intent_index());
  certs::Receipt receipt;
  receipt.leaf = reservation.leaf();
  receipt.leaf_index = intent.value();
  receipt.salt = reservation.salt();
  if (issue.tree_size != certs::LogSize()) {
    absl::StatusOr<std::string> checkpoint =
        room.checkpoints.WaitFor(issue.tree_size, room.checkpoint_patience);
    if (checkpoint.ok()) {
      receipt.checkpoint = *std::move(checkpoint);
      receipt.path = issue.path;
      RETURN_IF_ERROR(JoinWitnessed(room, {epoch, issue.tree_size}, &receipt));
      return receipt;
    }
    if (!absl::IsNotFound(checkpoint.status())) return checkpoint.status();
  }
  ASSIGN_OR_RETURN(SignedRoot newest, room.checkpoints.Newest(room.checkpoint_patience));
  ASSIGN_OR_RETURN(receipt.path,
                   room.registry.InclusionPath(intent, newest.size, certs::kCurrentEpoch));
  receipt.checkpoint = std::move(newest.checkpoint);
  RETURN_IF_ERROR(JoinWitnessed(room, {epoch, newest.size}, &receipt));
  return receipt;
}

// What one intent is sealed from, receipt included: all that the plan is made of.
absl::StatusOr<SealGrounds> Gather(const IssuingRoom& room, const ReservedIssue& issue) {
  const storage::v1::Reservation& reservation = issue.reservation;
  certs::Face face;
  face.content = issue.filed.body.content;
  face.certificate_number = reservation.certificate_number();
  ASSIGN_OR_RETURN(face.issue_date, DayFrom(reservation.issue_date()));
  const absl::Time signing_time = absl::FromUnixSeconds(reservation.signing_time());
  ASSIGN_OR_RETURN(SealGrounds grounds, GatherGrounds(room, issue.filed, face, signing_time));
  signer::SealEvidence& evidence = grounds.evidence;
  ASSIGN_OR_RETURN(evidence.receipt, MakeReceipt(room, issue));
  evidence.licence_id = reservation.licence_id();
  evidence.document_id = reservation.document_id();
  evidence.signing_time = signing_time;
  evidence.status_index = store::StatusIndexOf(reservation);
  evidence.log_epoch = certs::LogEpoch(reservation.log_epoch());
  evidence.supersedes = issue.filed.head.predecessor_number();
  return grounds;
}

// Nothing leaves the service that our own strict verifier, on the other SM2 implementation, would
// not accept as genuine, logged and of this face.
// Rule G8.
absl::Status Reverify(const IssuingRoom& room, const ReservedIssue& issue,
                      const SealGrounds& grounds, absl::string_view file) {
  const signer::Report report = room.verifier.Verify(file, room.clock.Now());
  const bool genuine = report.verdict == signer::Verdict::kGenuineStatusNotChecked &&
                       report.receipt == signer::ReceiptStrength::kLogged;
  if (genuine && report.certificate.has_value() &&
      report.certificate->document_id == issue.reservation.document_id() &&
      report.certificate->licence_id == issue.reservation.licence_id() &&
      certs::FaceDigest(report.certificate->face) == grounds.sealer.digest()) {
    return absl::OkStatus();
  }
  std::string message = "our own verifier does not accept the sealed document:";
  for (const signer::LayerReport& layer : report.layers) {
    if (layer.result != signer::LayerResult::kFailed) continue;
    message.append(" ").append(std::string(signer::Name(layer.layer)));
    for (const std::string& reason : layer.reasons) message.append(" ").append(reason);
  }
  return certs::Error(absl::StatusCode::kDataLoss, "REVERIFICATION_FAILED", message);
}

// How to lay the file again: constant parts by digest, the others as they stand in the zip.
std::string MakeRecipe(const IssuingRoom& room, const signer::SealedDocument& document,
                       store::CommitIssue* commit) {
  storage::v1::DocumentRecipe recipe;
  for (const certs::ofd::PartPtr& part : document.parts) {
    storage::v1::DocumentRecipe::Part* entry = recipe.add_parts();
    entry->set_path(part->path);
    entry->set_method(static_cast<uint32_t>(part->method));
    entry->set_crc32(part->crc32);
    entry->set_size(part->size);
    if (!part->constant) {
      entry->set_data(part->data);
      continue;
    }
    entry->set_constant_sm3(certs::Bytes(part->digest));
    if (room.registry.HasConstant(part->digest)) continue;
    commit->constants.emplace_back(part->digest, part->data);
  }
  return recipe.SerializeAsString();
}

}  // namespace

absl::StatusOr<store::CommitIssue> SealIssue(const IssuingRoom& room, const ReservedIssue& issue) {
  const StepHook& hook = room.step_hook;
  // 4. The receipt: the log key has signed a root that holds the INTENT.
  ASSIGN_OR_RETURN(const SealGrounds grounds, Gather(room, issue));
  RETURN_IF_ERROR(Reached(hook, IssueStep::kCheckpointSigned));
  // 5. Checked, single-use permission to seal this page.
  ASSIGN_OR_RETURN(signer::SealPlan plan,
                   room.sealer.Plan(grounds.evidence, grounds.issuer, grounds.sealer));
  RETURN_IF_ERROR(Reached(hook, IssueStep::kPlanned));
  // 6. Page and package.
  ASSIGN_OR_RETURN(signer::RenderedPlan rendered, room.sealer.Render(std::move(plan)));
  RETURN_IF_ERROR(Reached(hook, IssueStep::kRendered));
  // 7. The seal, once.
  ASSIGN_OR_RETURN(const signer::SealedDocument document,
                   room.sealer.Seal(std::move(rendered), grounds.seal));
  RETURN_IF_ERROR(Reached(hook, IssueStep::kSealed));
  // 8. Verified anew, from the finished bytes alone.
  RETURN_IF_ERROR(Reverify(room, issue, grounds, document.file));
  RETURN_IF_ERROR(Reached(hook, IssueStep::kReverified));
  // 9. What is stored.
  store::CommitIssue commit(store::IntentKeyOf(issue.reservation));
  commit.file_sm3 = document.digest;
  commit.to_be_signed_sm3 = document.to_be_signed_digest;
  commit.file_size = static_cast<int64_t>(document.file.size());
  commit.sealed_recipe = room.registry.SealRecipe(store::StatusIndexOf(issue.reservation),
                                                  MakeRecipe(room, document, &commit));
  commit.salt = RandomSalt();
  RETURN_IF_ERROR(Reached(hook, IssueStep::kRecipeMade));
  return commit;
}

namespace {

absl::StatusOr<storage::v1::CertificateHead> Committed(
    const IssuingRoom& room, absl::StatusOr<store::CertificateAnswer> answer) {
  RETURN_IF_ERROR(answer.status());
  RETURN_IF_ERROR(Reached(room.step_hook, IssueStep::kCommitted));
  return std::move(answer->certificate);
}

}  // namespace

std::vector<absl::StatusOr<storage::v1::CertificateHead>> FinishIssues(
    const IssuingRoom& room, const std::vector<ReservedIssue>& issues) {
  // 10. Durable: version, document, heads, predecessor, leaves, outbox and audit in one.
  std::vector<absl::StatusOr<store::CertificateAnswer>> answers =
      CallBatch<store::CommitIssue>(room.workers, room.ledger, issues.size(),
                                    [&](size_t i) { return SealIssue(room, issues[i]); });
  std::vector<absl::StatusOr<storage::v1::CertificateHead>> heads;
  for (absl::StatusOr<store::CertificateAnswer>& answer : answers) {
    heads.push_back(Committed(room, std::move(answer)));
  }
  return heads;
}

}  // namespace birthseal::server
