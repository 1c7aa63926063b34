// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.h"

#include <algorithm>
#include <cstdlib>

#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/ofd/certificate_document.h"
#include "certs/ofd/structure.h"
#include "certs/ofd/xml.h"
#include "certs/profile.h"
#include "certs/proof/checkpoint.h"
#include "certs/proof/leaf.h"
#include "certs/proof/log_update.h"
#include "certs/proof/map_proof.h"
#include "certs/proof/receipt.h"
#include "certs/proof/uniqueness.h"
#include "certs/proof/vrf.h"
#include "clients/connect/hl7/birth_message.h"
#include "clients/connect/hl7/encoding.h"
#include "clients/connect/hl7/message.h"
#include "clients/connect/mllp/deframer.h"
#include "server/host/config.h"
#include "signer/verify/document_signature.h"
#include "signer/verify/electronic_seal.h"
#include "signer/verify/signed_data.h"
#include "signer/verify/time_stamp.h"
#include "tests/fuzz/seeds.h"
#include "tests/support/sealed_fixture.h"

namespace birthseal::tests {
namespace {

void Must(bool holds) {
  if (!holds) std::abort();  // what libFuzzer and gtest both take for a finding
}

// Canonical bytes have one form: what parses is what would be written.
template <typename Record>
void SameAgain(const absl::StatusOr<Record>& record, absl::string_view input) {
  if (record.ok()) Must(certs::Canonical(*record) == input);
}

void ReadFiles(const certs::ofd::OpenPackage& package) {
  const auto structure = certs::ofd::ReadStructure(package);
  if (structure.ok()) certs::ofd::ReadCertificate(package, *structure).IgnoreError();
}

class NodeCount : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    if (node.type() != pugi::node_element) return true;
    for (const pugi::xml_attribute& attribute : node.attributes()) nodes += !attribute.empty();
    ++nodes;
    return true;
  }
  size_t nodes = 0;
};

// The limits of XML hold only if what is counted before parsing is no less than what is parsed.
void CountedIsParsed(absl::string_view xml) {
  certs::ofd::XmlReading reading;
  const auto parsed = certs::ofd::ParseXml(xml, false, &reading);
  if (!parsed.ok()) return;
  NodeCount found;
  (*parsed)->traverse(found);
  Must(found.nodes <= certs::ofd::MeasureXml(xml).nodes);
}

}  // namespace

void FuzzRecords(absl::string_view input) {
  SameAgain(certs::ParseFaceContent(input), input);
  SameAgain(certs::ParseFace(input), input);
  SameAgain(certs::ParseApplication(input), input);
  SameAgain(certs::ParseDelivery(input), input);
  SameAgain(certs::ParseLeaf(input), input);
  SameAgain(certs::ParseReceipt(input), input);
  SameAgain(certs::ParseLogState(input), input);
}

// A leaf and a change: lengths of 2 bytes before each. Whatever comes, a follower keeps its state
// or moves by exactly one leaf.
void FuzzUpdate(absl::string_view input) {
  SameAgain(certs::ParseMapChange(input), input);
  std::vector<std::string> parts;
  while (input.size() >= 2 && parts.size() < 4) {
    const size_t size = static_cast<uint8_t>(input[0]) << 8 | static_cast<uint8_t>(input[1]);
    parts.emplace_back(input.substr(2, size));
    input.remove_prefix(std::min(input.size(), 2 + size));
  }
  if (parts.empty()) return;
  certs::LogFollower follower{certs::LogState{}};
  const std::string before = certs::Canonical(follower.state());
  const absl::Status followed = follower.Follow(parts[0], {parts.begin() + 1, parts.end()});
  if (followed.ok()) {
    Must(follower.state().leaves.size() == 1);
  } else {
    Must(certs::Canonical(follower.state()) == before);
  }
}

void FuzzMap(absl::string_view input) {
  SameAgain(certs::ParseUniquenessProof(input), input);
  const auto proof = certs::ParseMapProof(input);
  SameAgain(proof, input);
  // What parses is refused for its root alone.
  if (proof.ok()) Must(absl::IsDataLoss(certs::CheckMapProof(*proof, certs::Sm3Of("")).status()));
  certs::CheckVrf(input.substr(0, certs::kVrfPublicKeySize), "facts",
                  input.substr(std::min(input.size(), certs::kVrfPublicKeySize)))
      .IgnoreError();
}

void FuzzCheckpoint(absl::string_view input) {
  const auto checkpoint = certs::ParseCheckpoint(input);
  if (!checkpoint.ok()) return;
  Must(certs::CheckpointBody(checkpoint->head) == checkpoint->body);
  Must(certs::FormatCheckpoint(checkpoint->body, checkpoint->signatures) == input);
}

void FuzzPackage(absl::string_view input) {
  certs::ofd::ReaderLimits limits;  // small, so that bombs are refused before memory is the limit
  limits.max_file_bytes = 4u << 20;
  limits.max_total_bytes = 16u << 20;
  const auto package = certs::ofd::ReadPackage(input, limits);
  if (package.ok()) ReadFiles(*package);
}

void FuzzPart(absl::string_view input) {
  static const certs::ofd::OpenPackage good =
      *certs::ofd::ReadPackage(SharedSealedCertificate().document.file);
  if (input.empty()) return;
  const auto& paths = PartPaths();
  certs::ofd::OpenPackage package = good;
  package.files[paths[static_cast<unsigned char>(input[0]) % paths.size()]] =
      std::string(input.substr(1));
  ReadFiles(package);
  CountedIsParsed(input.substr(1));
}

void FuzzSeal(absl::string_view input) {
  const auto seal = signer::ParseElectronicSeal(input);
  if (seal.ok()) signer::SealSignatureHolds(*seal);
  const auto signature = signer::ParseDocumentSignature(input);
  if (signature.ok()) signer::DocumentSignatureHolds(*signature);
  const auto data = signer::ParseSignedData(input);
  if (data.ok()) signer::SignedDataHolds(*data, "content");
  signer::CheckTimeStamp(input, "stamped").IgnoreError();
}

void FuzzHl7(absl::string_view input) {
  namespace hl7 = connect::hl7;
  hl7::DeclaredCharset(input).size();
  hl7::WithoutTimestamp(input).size();
  hl7::SenderSettings sender;
  sender.facility_code = "11220000013544541J";
  sender.weeks_and_days = input.size() % 2 == 1;
  for (const auto charset : {hl7::Charset::kUtf8, hl7::Charset::kGb18030, hl7::Charset::kLatin1}) {
    absl::StatusOr<std::string> text = hl7::ToUtf8(input, charset);
    if (!text.ok()) continue;
    hl7::FromUtf8(*text, charset).size();
    const auto message = hl7::Message::Parse(*std::move(text));
    if (!message.ok()) continue;
    hl7::SourceMessageId(*message).size();
    hl7::ReadBirths(*message, sender);
  }
}

// The first byte says in which pieces the rest arrives; the messages are the same at any cut.
void FuzzMllp(absl::string_view input) {
  if (input.empty()) return;
  const size_t step = 1 + static_cast<unsigned char>(input[0]) % 64;
  input.remove_prefix(1);
  connect::mllp::Deframer whole, cut;
  std::vector<std::string> of_whole, of_cut;
  if (!whole.Add(input)) return;
  while (const auto message = whole.Next()) of_whole.push_back(*message);
  for (; !input.empty(); input.remove_prefix(std::min(step, input.size()))) {
    if (!cut.Add(input.substr(0, step))) return;
    while (const auto message = cut.Next()) of_cut.push_back(*message);
  }
  Must(of_whole == of_cut);
}

void FuzzConfig(absl::string_view input) {
  certs::ParseProfile(input).IgnoreError();
  server::ParseConfig(input, "/nonexistent").IgnoreError();
}

const std::vector<FuzzTarget>& FuzzTargets() {
  static const std::vector<FuzzTarget> targets = {
      {"records", &FuzzRecords, &RecordSeeds, 5000},
      {"update", &FuzzUpdate, &UpdateSeeds, 3000},
      {"map", &FuzzMap, &MapSeeds, 3000},
      {"checkpoint", &FuzzCheckpoint, &CheckpointSeeds, 5000},
      {"package", &FuzzPackage, &PackageSeeds, 2000},
      {"part", &FuzzPart, &PartSeeds, 1500},
      {"seal", &FuzzSeal, &SealSeeds, 3000},
      {"hl7", &FuzzHl7, &Hl7Seeds, 3000},
      {"mllp", &FuzzMllp, &MllpSeeds, 5000},
      {"config", &FuzzConfig, &ConfigSeeds, 2000},
  };
  return targets;
}

}  // namespace birthseal::tests
