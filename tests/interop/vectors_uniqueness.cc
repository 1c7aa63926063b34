// SPDX-License-Identifier: Apache-2.0
// Inputs of labels, and proofs of uniqueness.
#include <optional>

#include "certs/proof/uniqueness.h"
#include "certs/proof/vrf.h"
#include "certs/status_macros.h"
#include "tests/interop/vectors.h"

namespace birthseal::tests {
namespace {

void AddLabels(const VectorStory& story, VectorFile* file) {
  const auto add = [&](absl::string_view name, const BirthFacts& facts, const std::string& alpha) {
    JsonObject fields;
    fields.Raw("facts", facts.Json().Json()).Hex("alpha", alpha);
    const bool same = facts.Alpha() == alpha;
    const absl::Status ours = same ? absl::OkStatus() : absl::DataLossError("another input");
    name[0] == '!' ? file->Broken(name.substr(1), fields, ours) : file->Good(name, fields, ours);
  };
  for (const BirthFacts& facts : story.births) add(facts.id_number, facts, facts.Alpha());
  const std::string alpha = story.births[2].Alpha();
  BirthFacts f = story.births[2];
  f.id_number = " E-1234·5678";
  f.id_number = "\xEF\xBC\xA5 1234 / 5678";  // full-width E
  add("the same passport, written otherwise", f, alpha);
  f.id_number = "E12345679";
  add("!another number", f, alpha);
  f = story.births[2];
  f.order = 1;
  add("!another birth order", f, alpha);
  f = story.births[2];
  f.birth_date = "2026-01-02";
  add("!another date", f, alpha);
  f = story.births[2];
  f.id_type = 1;
  add("!another type of document", f, alpha);
  f = story.births[0];
  f.id_number = "11010519491231002X";  // of GB 11643 itself
  const std::string citizen = f.Alpha();
  f.id_type = 99;
  f.id_number =
      "\xE3\x80\x80"
      "110105 19491231 002x";
  add("a citizen number read from another document", f, citizen);
  f.id_number = "110105194912310020";
  add("!a wrong check character", f, citizen);
}

struct Uniqueness {
  VectorStory& story;
  VectorFile* file;

  certs::UniquenessProof Proof(const BirthFacts& facts, size_t size,
                               const std::vector<size_t>& witnesses) {
    const LabelMap labels = story.MapAt(size);
    return {story.keys->vrf().Prove(facts.Alpha()).value(), NaiveProof(labels, story.Label(facts)),
            story.keys->Note(story.log.HeadAt(size), witnesses)};
  }
  absl::Status Judge(const certs::UniquenessProof& proof, const BirthFacts& facts, size_t quorum,
                     std::optional<uint64_t>* live) {
    ASSIGN_OR_RETURN(const certs::UniquenessProof read,
                     certs::ParseUniquenessProof(Canonical(proof)));
    RETURN_IF_ERROR(story.keys->Judge(read.checkpoint, quorum));
    ASSIGN_OR_RETURN(const certs::Checkpoint checkpoint, certs::ParseCheckpoint(read.checkpoint));
    ASSIGN_OR_RETURN(*live,
                     certs::CheckUniqueness(read, facts.Alpha(), story.keys->vrf().PublicKey(),
                                            checkpoint.head.map_root));
    return absl::OkStatus();
  }
  void Add(absl::string_view name, const certs::UniquenessProof& proof, const BirthFacts& facts,
           size_t quorum, bool good, std::optional<uint64_t> expected = std::nullopt) {
    JsonObject fields;
    fields.Hex("proof", Canonical(proof)).Raw("facts", facts.Json().Json());
    fields.Text("strength", quorum == 0 ? "logged" : "witnessed");
    std::optional<uint64_t> live;
    absl::Status ours = Judge(proof, facts, quorum, &live);
    if (ours.ok() && good && live != expected) ours = absl::InternalError("another value");
    if (good) expected ? fields.Number("live", *expected) : fields.Null("live");
    good ? file->Good(name, fields, ours) : file->Broken(name, fields, ours);
  }
};

void AddProofs(Uniqueness* to) {
  const std::vector<BirthFacts>& births = to->story.births;
  to->Add("one live certificate, by the log alone", to->Proof(births[0], 2, {}), births[0], 0, true,
          1);
  to->Add("exchanged: the new certificate", to->Proof(births[0], 13, {0, 1}), births[0], 2, true,
          2);
  to->Add("the corrected number leads to the same", to->Proof(births[1], 13, {0, 1}), births[1], 2,
          true, 2);
  to->Add("between VOIDED and ISSUED: none", to->Proof(births[0], 6, {}), births[0], 0, true, 0);
  to->Add("revoked", to->Proof(births[2], 13, {1, 2}), births[2], 2, true, 0);
  to->Add("never issued", to->Proof(to->story.stranger, 13, {0, 1}), to->story.stranger, 2, true);
  to->Add("never issued, in the empty map", to->Proof(births[0], 0, {}), births[0], 0, true);

  const certs::UniquenessProof good = to->Proof(births[0], 13, {0, 1});
  to->Add("asked for another birth", good, births[2], 2, false);
  certs::UniquenessProof p = good;
  for (size_t at : {5, 40, 60, 80}) {
    p.label_proof = Flipped(good.label_proof, at);
    to->Add(absl::StrCat("VRF proof with byte ", at, " flipped"), p, births[0], 2, false);
  }
  p = good;
  p.map = to->Proof(to->story.stranger, 13, {}).map;
  to->Add("absence of another label", p, births[0], 2, false);
  p = good;
  p.checkpoint = to->Proof(births[0], 2, {0, 1}).checkpoint;
  to->Add("under an older checkpoint", p, births[0], 2, false);
  p = to->Proof(births[0], 13, {0});
  to->Add("too small a quorum", p, births[0], 2, false);
  p = good;
  p.map.value = 1;
  to->Add("the old certificate as the live one", p, births[0], 2, false);
}

}  // namespace

void AddUniquenessVectors(VectorStory& story, std::vector<VectorFile>* files) {
  AddLabels(story, &files->emplace_back("label"));
  JsonObject shared = story.keys->Trust();
  shared.Text("vrf_key", story.keys->vrf_pem());
  Uniqueness to{story, &files->emplace_back("uniqueness", shared)};
  AddProofs(&to);
}

}  // namespace birthseal::tests
