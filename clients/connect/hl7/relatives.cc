// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/relatives.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace birthseal::connect::hl7 {
namespace {

enum class Relation { kNone, kMother, kOther, kUnknown };

// HL7 table 0063, HL7 v3 RoleCode and SNOMED CT; words as senders write them; and GB/T 4761-2008,
// whose two digits mean something else in other tables.
bool IsMother(absl::string_view text) {
  return OneOf(text, {"MTH", "NMTH", "GESTM", "72705000", "MOTHER", "NATURAL MOTHER", "母亲", "母",
                      "妈妈", "生母", "亲生母亲", "母親", "媽媽"});
}
bool IsFather(absl::string_view text) {
  return OneOf(text, {"FTH", "NFTH", "66839005", "FATHER", "NATURAL FATHER", "父亲", "父", "爸爸",
                      "生父", "亲生父亲", "父親"});
}

bool FamilyCodes(absl::string_view system) {
  return system.empty() || absl::StrContains(system, "4761") ||
         absl::StrContains(system, "家庭关系");
}

Relation RelationOf(const Segment& nk1) {
  bool mother = false, father = false, said = false;
  // CWE: code, text, system; then the same in another system.
  for (const size_t at : {1, 2, 4, 5}) {
    const std::string text = absl::AsciiStrToUpper(absl::StripAsciiWhitespace(nk1.Text(3, at)));
    const bool coded = (at == 1 || at == 4) && FamilyCodes(nk1.Text(3, at + 2));
    said |= !text.empty();
    mother |= IsMother(text) || (coded && text == "52");
    father |= IsFather(text) || (coded && text == "51");
  }
  if (!said) return Relation::kNone;
  if (!mother && !father) return Relation::kUnknown;
  return father ? Relation::kOther : Relation::kMother;  // both at once is not she, either
}

}  // namespace

std::vector<const Segment*> MothersOf(const Group& group) {
  std::vector<const Segment*> mothers;
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& s = group.message.segments()[i];
    if (s.name() == "NK1" && RelationOf(s) == Relation::kMother) mothers.push_back(&s);
  }
  return mothers;
}

// Rule D26.
void TellUnknownRelations(const Group& group, v1::PushDeliveriesRequest* push) {
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& s = group.message.segments()[i];
    if (s.name() == "NK1" && RelationOf(s) == Relation::kUnknown) {
      AddDefect("RELATION_NOT_CODABLE", "NK1-3", false, push);
      return;
    }
  }
}

}  // namespace birthseal::connect::hl7
