// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/mentions.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "certs/id_document.h"

namespace birthseal::connect::hl7 {
namespace {

enum class Kind { kLife, kDeath };

struct Row {
  const char* text;  // as FoldedText gives it
  Kind kind;
};

// Inside any text, blanks and hyphens left out.
constexpr Row kWords[] = {
    {"死胎", Kind::kDeath},      {"死产", Kind::kDeath},      {"死產", Kind::kDeath},
    {"死亡", Kind::kDeath},      {"死婴", Kind::kDeath},      {"胎死", Kind::kDeath},
    {"夭折", Kind::kDeath},      {"身亡", Kind::kDeath},      {"病故", Kind::kDeath},
    {"亡故", Kind::kDeath},      {"宫内死", Kind::kDeath},    {"STILLB", Kind::kDeath},
    {"DEATH", Kind::kDeath},     {"DEMISE", Kind::kDeath},    {"DECEASED", Kind::kDeath},
    {"IUFD", Kind::kDeath},      {"237364002", Kind::kDeath}, {"276507005", Kind::kDeath},
    {"419099009", Kind::kDeath}, {"活产", Kind::kLife},       {"活產", Kind::kLife},
    {"LIVEB", Kind::kLife},      {"281050002", Kind::kLife}};

// Where no letter stands before: ICD-10 fetal death, a mother's care for it, outcomes of delivery
// with a stillborn child; ICD-11 fetal death; words that others end with ("studied").
constexpr Row kCodes[] = {{"P95", Kind::kDeath},   {"O36.4", Kind::kDeath}, {"O364", Kind::kDeath},
                          {"Z37.1", Kind::kDeath}, {"Z371", Kind::kDeath},  {"Z37.3", Kind::kDeath},
                          {"Z373", Kind::kDeath},  {"Z37.4", Kind::kDeath}, {"Z374", Kind::kDeath},
                          {"Z37.6", Kind::kDeath}, {"Z376", Kind::kDeath},  {"Z37.7", Kind::kDeath},
                          {"Z377", Kind::kDeath},  {"KD3B", Kind::kDeath},  {"DEAD", Kind::kDeath},
                          {"DIED", Kind::kDeath},  {"Z38", Kind::kLife},    {"Z37.0", Kind::kLife},
                          {"Z37.2", Kind::kLife},  {"Z37.5", Kind::kLife}};

// The fields of a segment that speak about the patient. Of segments that are not here every field
// is looked at: what a sender made up for itself (Z segments) may say it.
struct Place {
  const char* segment;
  std::vector<size_t> fields;
};

const std::vector<size_t>* FieldsOf(absl::string_view segment) {
  static const std::vector<Place>* const places =
      new std::vector<Place>{{"OBX", {5}},
                             {"DG1", {3, 4}},
                             {"NTE", {3}},
                             {"PV1", {36}},
                             {"PV2", {3}},
                             {"PR1", {3, 4}},
                             {"OBR", {13, 31}},
                             // People, numbers and addresses.
                             {"MSH", {}},
                             {"EVN", {}},
                             {"PID", {}},
                             {"PD1", {}},
                             {"NK1", {}},
                             {"MRG", {}},
                             {"ROL", {}},
                             {"ORC", {}},
                             {"GT1", {}},
                             {"IN1", {}},
                             {"IN2", {}}};
  for (const Place& place : *places) {
    if (segment == place.segment) return &place.fields;
  }
  return nullptr;
}

bool HoldsCode(absl::string_view text, absl::string_view code) {
  for (size_t at = text.find(code); at != absl::string_view::npos; at = text.find(code, at + 1)) {
    if (at == 0 || !absl::ascii_isalpha(static_cast<unsigned char>(text[at - 1]))) return true;
  }
  return false;
}

void Add(Kind kind, Mention* mention) {
  (kind == Kind::kLife ? mention->life : mention->death) = true;
}

std::string LocationOf(const Segment& segment, size_t field) {
  const bool set = OneOf(segment.name(), {"OBX", "DG1", "NTE", "PR1"});
  return set ? absl::StrCat(segment.name(), "-", segment.Text(1))
             : absl::StrCat(segment.name(), "-", field);
}

}  // namespace

std::string FoldedText(absl::string_view text) {
  const std::vector<absl::string_view> words =
      absl::StrSplit(text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  return absl::StrJoin(words, " ", [](std::string* out, absl::string_view word) {
    out->append(certs::FoldedIdNumber(word));
  });
}

Mention MentionIn(absl::string_view text) {
  const std::string folded = FoldedText(text);
  const std::string joined = absl::StrReplaceAll(folded, {{" ", ""}, {"-", ""}});
  Mention mention;
  for (const Row& word : kWords) {
    if (absl::StrContains(joined, word.text)) Add(word.kind, &mention);
  }
  for (const Row& code : kCodes) {
    if (HoldsCode(folded, code.text)) Add(code.kind, &mention);
  }
  return mention;
}

void ForEachMention(const Segment& segment,
                    const std::function<void(const Mention&, const std::string&)>& take) {
  if (segment.name() == "OBX" && OneOf(segment.Text(2), {"ED", "RP"})) return;
  const std::vector<size_t>* wanted = FieldsOf(segment.name());
  for (size_t field = 1; field <= segment.fields(); ++field) {
    if (wanted && std::find(wanted->begin(), wanted->end(), field) == wanted->end()) continue;
    Mention all;
    for (const absl::string_view repetition : segment.Repetitions(field)) {
      for (const auto& [component, text] : segment.TextsOf(repetition)) {
        const Mention one = MentionIn(text);
        all.life |= one.life;
        all.death |= one.death;
      }
    }
    if (all.life || all.death) take(all, LocationOf(segment, field));
  }
}

}  // namespace birthseal::connect::hl7
