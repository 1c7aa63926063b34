// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "certs/application.h"
#include "certs/delivery.h"
#include "certs/face.h"
#include "certs/ofd/reader.h"
#include "certs/proof/leaf.h"
#include "certs/proof/receipt.h"
#include "certs/proof/uniqueness.h"
#include "clients/connect/mllp/deframer.h"
#include "tests/fuzz/targets.h"
#include "tests/support/naive_map.h"
#include "tests/support/sealed_fixture.h"
#include "tests/support/small_log.h"
#include "tests/support/temp_dir.h"
#include "tests/support/vrf_vectors.h"

namespace birthseal::tests {
namespace {

constexpr char kBirth[] =
    "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A01|M1|P|2.5.1|||||CHN|UNICODE UTF-8\r"
    "EVN|A01|20260305145900\r"
    "PID|1||B100^^^H1^MR||云^宝宝||202603051408|F|||||||||||||M200^^^H1^MR||"
    "云岭省^青禾市^南溪县^990101|N|1\r"
    "NK1|1|云^朵|MTH^Mother^HL70063||||||||||||||||||||||||||||||11010519491231002X^^^^NI\r"
    "OBX|1|NM|8339-4^Birth weight^LN||3250|g\r"
    "OBX|2|NM|11884-4^Gestation^LN||269|d\r"
    "OBX|3|NM|89269-5^Length^LN||50.5|cm\r"
    "DG1|1||Z38.000\r";

// Relations, outcomes and ages that tables know, do not know and contradict.
constexpr char kDoubtful[] =
    "MSH|^~\\&|HIS|H1|BS|P|20260305150000||ADT^A08|M2|P|2.5.1\r"
    "EVN|A08|20260305145900||||20260305145000\r"
    "PID|1||B101^^^H1^MR||云^宝宝||20260305|M|||||||||||||||||Y|2||||202603051500|Y\r"
    "NK1|1|云^朵|52^母亲^GB/T 4761^MTH^Mother^HL70063\rNK1|2|云^某|姥姥\r"
    "OBX|1|CWE|73757-7^Living^LN||LA33-6^Yes^LN~N\r"
    "OBX|2|CWE|DE06.00.026.00^分娩结局||01^活产^H1\rOBX|3|CWE|DE06.00.026.00||\"\"\r"
    "DG1|1||Z37.300\rDG1|2||L1^x^H1^P95.x00^^I10\r";

const certs::ofd::OpenPackage& SealedFiles() {
  static const certs::ofd::OpenPackage package =
      *certs::ofd::ReadPackage(SharedSealedCertificate().document.file);
  return package;
}

}  // namespace

const std::vector<std::string>& PartPaths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> all;
    for (const auto& [path, content] : SealedFiles().files) all.push_back(path);
    return all;
  }();
  return paths;
}

std::vector<std::string> RecordSeeds() {
  const signer::SealEvidence& evidence = SharedSealedCertificate().evidence;
  certs::Delivery delivery;
  delivery.facility_code = "11220000013544541J";
  delivery.baby_record_no = "B-1";
  delivery.mother_name = "示例甲";
  certs::Application application;
  application.newborn_name = "示例乙";
  return {certs::Canonical(evidence.face), certs::Canonical(evidence.face.content),
          certs::Canonical(delivery),      certs::Canonical(application),
          evidence.receipt.leaf,           certs::Canonical(evidence.receipt)};
}

// An issue with two labels, each part behind its length, and a change alone.
std::vector<std::string> UpdateSeeds() {
  SmallLog log;
  log.Issued(1, 0, {LabelOf(1), LabelOf(2)});
  std::string seed;
  const auto add = [&](const std::string& part) {
    seed += static_cast<char>(part.size() >> 8);
    seed += static_cast<char>(part.size());
    seed += part;
  };
  add(log.updates[0].leaf);
  for (const std::string& change : log.updates[0].changes) add(change);
  return {seed, log.updates[0].changes[1]};
}

std::vector<std::string> MapSeeds() {
  const VrfVector& vector = VrfVectors()[0];
  const certs::MapLabel label = certs::MapLabelFrom(FromHex(vector.beta)).value();
  const LabelMap map = {
      {label, 1}, {certs::MapLabel(certs::Sm3Of("a")), 2}, {certs::MapLabel(certs::Sm3Of("b")), 0}};
  const certs::MapProof present = NaiveProof(map, label);
  return {certs::Canonical(present),
          certs::Canonical(NaiveProof(map, certs::MapLabel(certs::Sm3Of("c")))),
          certs::Canonical(NaiveProof({}, label)),
          certs::Canonical(certs::UniquenessProof{FromHex(vector.pi), present, "signed note"}),
          FromHex(std::string(vector.pk) + vector.pi)};
}

std::vector<std::string> CheckpointSeeds() {
  return {SharedSealedCertificate().evidence.receipt.checkpoint};
}

std::vector<std::string> PackageSeeds() {
  const std::string& file = SharedSealedCertificate().document.file;
  return {file, absl::StrCat("%PDF-1.4", file, "%%EOF")};
}

std::vector<std::string> PartSeeds() {
  std::vector<std::string> seeds;
  for (size_t i = 0; i < PartPaths().size(); ++i) {
    if (!absl::EndsWith(PartPaths()[i], ".xml")) continue;
    seeds.push_back(
        absl::StrCat(std::string(1, static_cast<char>(i)), SealedFiles().files.at(PartPaths()[i])));
  }
  // At the limits of XML: attributes of one element, depth, what only looks like markup.
  std::string wide = "\1<a", deep = "\1";
  for (int i = 0; i < 64; ++i) absl::StrAppend(&wide, " b", i, "='x'");
  for (int i = 0; i < 64; ++i) deep += "<a>";
  for (int i = 0; i < 64; ++i) deep += "</a>";
  seeds.insert(seeds.end(), {wide + "/>", deep,
                             "\1<a b='>' c=\"<\"><!-- <a =\"> --><![CDATA[</a>]]><?p '?></a>"});
  return seeds;
}

std::vector<std::string> SealSeeds() {
  std::vector<std::string> seeds;
  for (const auto& [path, content] : SealedFiles().files) {
    if (absl::EndsWith(path, ".esl") || absl::EndsWith(path, ".dat")) seeds.push_back(content);
  }
  return seeds;
}

std::vector<std::string> Hl7Seeds() {
  return {kBirth, kDoubtful, absl::StrCat(kBirth, kDoubtful),
          "MSH|^~\\&|||||||ACK|A1|P|2.5\rMSA|AA|1\r",
          "MSH#*!?%#HIS\nPID#1#a?S?b?F?c?T?d?E?e?R?f#x%y*z!w\r\nZZ1#1"};
}

std::vector<std::string> MllpSeeds() {
  const std::string frame = connect::mllp::Frame(kBirth);
  return {absl::StrCat("\x05", frame, frame), absl::StrCat("\x01noise\r\n", frame, "\x0b", frame),
          absl::StrCat("\x07\x0bhalf ", frame, "\x0b", "\x0b", frame, "\x1c\x1c\x0b")};
}

std::vector<std::string> ConfigSeeds() {
  return {ReadSource("deploy/profiles/national-default.textproto"),
          ReadSource("deploy/profiles/guizhou-2021.textproto"),
          ReadSource("deploy/config/birthseald.textproto")};
}

}  // namespace birthseal::tests
