// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/outcome.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/connect/hl7/mentions.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr char kField[] = "outcome";

// What one code or word says about this baby.
enum class Says {
  kNothing,
  kLive,
  kStillbirth,
  kDead,       // not living when the message was written, or a death is mentioned
  kHeardLive,  // a live birth is mentioned: no value, but it contradicts a stillbirth
  kOpen,       // an outcome that does not decide for one baby
  kUnknown,    // in no table
};

struct Statement {
  Says says;
  std::string location;
};

using Statements = std::vector<Statement>;

struct Row {
  const char* text;  // upper case, without blanks and hyphens
  Says says;
};

// In any observation of the outcome: words as senders write them, SNOMED CT.
constexpr Row kWords[] = {{"活产", Says::kLive},
                          {"LIVE", Says::kLive},
                          {"LIVEBIRTH", Says::kLive},
                          {"LIVEBORN", Says::kLive},
                          {"281050002", Says::kLive},
                          {"死产", Says::kStillbirth},
                          {"死胎", Says::kStillbirth},
                          {"STILLBIRTH", Says::kStillbirth},
                          {"STILLBORN", Says::kStillbirth},
                          {"FETALDEATH", Says::kStillbirth},
                          {"237364002", Says::kStillbirth}};

// LOINC 73757-7, infant living at time of report: LOINC answers and HL7 table 0136. Who lives was
// born alive; who does not may have been.
constexpr Row kLiving[] = {{"LA336", Says::kLive}, {"Y", Says::kLive},     {"YES", Says::kLive},
                           {"是", Says::kLive},    {"LA328", Says::kDead}, {"N", Says::kDead},
                           {"NO", Says::kDead},    {"否", Says::kDead}};

// DE06.00.026.00 (分娩结局代码) has a national table, of which only this row is known to us. Codes
// of a hospital's own are in no table.
constexpr Row kDelivery[] = {{"1", Says::kLive}};

// Observations whose question is a death, if their own text does not say so.
constexpr char kDeathQuestion[] = "69428-1";

// HL7 table 0136, of the death indicator and of questions of death.
constexpr Row kDeath[] = {{"Y", Says::kDead},    {"YES", Says::kDead},   {"是", Says::kDead},
                          {"N", Says::kNothing}, {"NO", Says::kNothing}, {"否", Says::kNothing}};
// As an observation answers it besides.
constexpr Row kDenied[] = {{"LA336", Says::kDead}, {"LA328", Says::kNothing},
                           {"无", Says::kNothing}, {"没有", Says::kNothing},
                           {"未", Says::kNothing}, {"0", Says::kNothing}};

// HL7 table 0112, discharge disposition (PV1-36): expired, at home, in a facility, somewhere.
constexpr Row kDisposition[] = {
    {"20", Says::kDead}, {"40", Says::kDead}, {"41", Says::kDead}, {"42", Says::kDead}};

// ICD-10 Z37, outcome of delivery, by its fourth character; the others name some of several
// babies, or none.
constexpr Row kZ37[] = {{"0", Says::kLive}, {"1", Says::kStillbirth},
                        {"2", Says::kLive}, {"4", Says::kStillbirth},
                        {"5", Says::kLive}, {"7", Says::kStillbirth}};

template <size_t N>
Says LookUp(const Row (&table)[N], absl::string_view text) {
  const Row* row = std::find_if(table, table + N, [text](const Row& r) { return text == r.text; });
  return row == table + N ? Says::kUnknown : row->says;
}

std::string Normal(absl::string_view text) {
  return absl::StrReplaceAll(FoldedText(text), {{" ", ""}, {"-", ""}});
}

// CWE: code, text, system; the same in another system.
bool IsSystem(size_t component) { return component == 3 || component == 6; }

void Clear(v1::PushDeliveriesRequest* push) {
  const auto& cleared = push->cleared_fields();
  if (std::find(cleared.begin(), cleared.end(), kField) == cleared.end()) {
    push->add_cleared_fields(kField);
  }
}

enum class Question { kNone, kLiving, kDelivery, kDeath };

Question QuestionOf(const Segment& obx) {
  bool death = false;
  for (const auto& [component, text] : obx.TextsOf(obx.Repetitions(3)[0])) {
    if (text == "73757-7") return Question::kLiving;
    if (text == "DE06.00.026.00") return Question::kDelivery;
    death |= text == kDeathQuestion || MentionIn(text).death;
  }
  return death ? Question::kDeath : Question::kNone;
}

Says AnswerOf(Question question, absl::string_view text) {
  if (question == Question::kDeath) {
    const Says says = LookUp(kDeath, text);
    return says == Says::kUnknown ? LookUp(kDenied, text) : says;
  }
  const Says word = LookUp(kWords, text);
  if (word != Says::kUnknown) return word;
  return question == Question::kLiving ? LookUp(kLiving, text) : LookUp(kDelivery, text);
}

// Every code and word of the value is heard, so that a code and its own text can contradict.
void ReadObservation(const Segment& obx, v1::PushDeliveriesRequest* push, Statements* statements) {
  const Question question = QuestionOf(obx);
  if (question == Question::kNone || obx.Raw(5).empty()) return;
  // What is asked of a death and not denied is one: a cause, a moment.
  const Says otherwise = question == Question::kDeath ? Says::kDead : Says::kUnknown;
  if (obx.IsNull(5)) {
    if (question != Question::kDeath) Clear(push);
    return;
  }
  const std::string location = absl::StrCat("OBX-", obx.Text(1));
  for (const absl::string_view value : obx.Repetitions(5)) {
    bool known = false;
    for (const auto& [component, text] : obx.TextsOf(value)) {
      if (component > 5 || IsSystem(component)) continue;
      const Says says = AnswerOf(question, Normal(text));
      if (says != Says::kUnknown && says != Says::kNothing) statements->push_back({says, location});
      known |= says != Says::kUnknown;
    }
    if (!known) statements->push_back({otherwise, location});
  }
}

// ICD-10, with the extensions of the national edition ("Z38.000", "P95.x00").
Says DiagnosisSays(absl::string_view code) {
  const absl::string_view category = code.substr(0, 3);
  if (category != "Z37" && category != "Z38" && category != "P95") return Says::kNothing;
  std::string rest;
  for (const char c : code.substr(3)) {
    if (c != '.') rest.push_back(c);
  }
  if (rest.find_first_not_of("0123456789X") != std::string::npos) return Says::kUnknown;
  if (category == "Z38") return Says::kLive;        // liveborn infants
  if (category == "P95") return Says::kStillbirth;  // fetal death
  const Says says = LookUp(kZ37, rest.substr(0, 1));
  return says == Says::kUnknown ? Says::kOpen : says;
}

void ReadDiagnosis(const Segment& dg1, Statements* statements) {
  for (const absl::string_view diagnosis : dg1.Repetitions(3)) {
    for (const auto& [component, text] : dg1.TextsOf(diagnosis)) {
      if (component != 1 && component != 4) continue;
      const Says says = DiagnosisSays(Normal(text));
      if (says != Says::kNothing) {
        statements->push_back({says, absl::StrCat("DG1-", dg1.Text(1))});
      }
    }
  }
}

void ReadDisposition(const Segment& pv1, Statements* statements) {
  for (const auto& [component, text] : pv1.TextsOf(pv1.Repetitions(36)[0])) {
    if (LookUp(kDisposition, Normal(text)) == Says::kDead) {
      statements->push_back({Says::kDead, "PV1-36"});
    }
  }
}

void ReadSegment(const Segment& segment, v1::PushDeliveriesRequest* push, Statements* statements) {
  if (!InForce(segment)) return;
  if (segment.name() == "OBX") ReadObservation(segment, push, statements);
  if (segment.name() == "DG1") ReadDiagnosis(segment, statements);
  if (segment.name() == "PV1") ReadDisposition(segment, statements);
  ForEachMention(segment, [statements](const Mention& mention, const std::string& location) {
    if (mention.death) statements->push_back({Says::kDead, location});
    if (mention.life) statements->push_back({Says::kHeardLive, location});
  });
}

// PID-29 is the moment of death, PID-30 its indicator.
void ReadDeath(const Segment& pid, Statements* statements) {
  if (HasDigit(pid.Raw(29))) statements->push_back({Says::kDead, "PID-29"});
  const std::string indicator = Normal(pid.Text(30));
  if (indicator.empty()) return;
  const Says says = LookUp(kDeath, indicator);
  // Nothing else is said: the indicator alone would give no value whatever it means.
  if (says == Says::kUnknown && statements->empty()) return;
  if (says != Says::kNothing) statements->push_back({says, "PID-30"});
}

Statements::const_iterator First(const Statements& statements, Says says) {
  return std::find_if(statements.begin(), statements.end(),
                      [says](const Statement& s) { return s.says == says; });
}

// The code of the defect and its statement; an empty code when nothing is in doubt.
std::pair<absl::string_view, Statements::const_iterator> DoubtIn(const Statements& statements) {
  const auto end = statements.end();
  const auto unknown = First(statements, Says::kUnknown), open = First(statements, Says::kOpen);
  const auto live = First(statements, Says::kLive), dead = First(statements, Says::kDead);
  const auto still = First(statements, Says::kStillbirth);
  const auto heard = First(statements, Says::kHeardLive);
  const auto against = std::min(still, dead);
  if (live != end && against != end) return {"OUTCOME_CONTRADICTS", std::max(live, against)};
  if (unknown != end) return {"OUTCOME_NOT_CODABLE", unknown};
  if (heard != end && still != end) return {"OUTCOME_CONTRADICTS", std::max(heard, still)};
  if (open != end) return {"OUTCOME_NOT_DECIDABLE", open};
  if (dead != end && still == end) return {"OUTCOME_NOT_DECIDABLE", dead};
  return {"", end};
}

}  // namespace

// Rule D24.
void ReadOutcome(const Group& group, const Segment& pid, v1::PushDeliveriesRequest* push) {
  Statements statements;
  for (size_t i = group.begin; i < group.end; ++i) {
    ReadSegment(group.message.segments()[i], push, &statements);
  }
  ReadDeath(pid, &statements);
  const auto [code, doubtful] = DoubtIn(statements);
  v1::Delivery* delivery = push->mutable_delivery();
  if (!code.empty()) {
    Clear(push);
    AddDefect(code, doubtful->location, false, push);
  } else if (First(statements, Says::kLive) != statements.end()) {
    delivery->set_outcome(v1::OUTCOME_LIVE);
  } else if (First(statements, Says::kStillbirth) != statements.end()) {
    delivery->set_outcome(v1::OUTCOME_STILLBIRTH);
  }
}

}  // namespace birthseal::connect::hl7
