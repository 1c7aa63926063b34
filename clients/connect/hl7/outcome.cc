#include "clients/connect/hl7/outcome.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr char kField[] = "outcome";

// What one code or word says about this baby.
enum class Says {
  kNothing,
  kLive,
  kStillbirth,
  kDead,     // not living when the message was written: born alive or not
  kOpen,     // an outcome that does not decide for one baby
  kUnknown,  // in no table
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

// HL7 table 0136, of the death indicator.
constexpr Row kDeath[] = {{"Y", Says::kDead},    {"YES", Says::kDead},   {"是", Says::kDead},
                          {"N", Says::kNothing}, {"NO", Says::kNothing}, {"否", Says::kNothing}};

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
  std::string out;
  for (const char c : absl::AsciiStrToUpper(text)) {
    if (!absl::ascii_isspace(static_cast<unsigned char>(c)) && c != '-') out.push_back(c);
  }
  return out;
}

void Clear(v1::PushDeliveriesRequest* push) {
  const auto& cleared = push->cleared_fields();
  if (std::find(cleared.begin(), cleared.end(), kField) == cleared.end()) {
    push->add_cleared_fields(kField);
  }
}

enum class Question { kNone, kLiving, kDelivery };

Question QuestionOf(const Segment& obx) {
  for (const size_t at : {1, 4}) {
    const std::string code = obx.Text(3, at);
    if (code == "73757-7") return Question::kLiving;
    if (code == "DE06.00.026.00") return Question::kDelivery;
  }
  return Question::kNone;
}

Says AnswerOf(Question question, absl::string_view text) {
  const Says word = LookUp(kWords, text);
  if (word != Says::kUnknown) return word;
  return question == Question::kLiving ? LookUp(kLiving, text) : LookUp(kDelivery, text);
}

// Every code and word of the value is heard, so that a code and its own text can contradict.
void ReadObservation(const Segment& obx, v1::PushDeliveriesRequest* push, Statements* statements) {
  const Question question = QuestionOf(obx);
  if (question == Question::kNone || obx.Raw(5).empty()) return;
  if (obx.IsNull(5)) return Clear(push);
  const std::string location = absl::StrCat("OBX-", obx.Text(1));
  for (const absl::string_view value : obx.Repetitions(5)) {
    bool known = false;
    for (const size_t at : {1, 2, 4, 5}) {  // CWE: code, text, system; the same in another system
      const Says says = AnswerOf(question, Normal(obx.TextOf(value, at)));
      if (says != Says::kUnknown) statements->push_back({says, location});
      known |= says != Says::kUnknown;
    }
    if (!known) statements->push_back({Says::kUnknown, location});
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
  for (const size_t at : {1, 4}) {
    const Says says = DiagnosisSays(Normal(dg1.Text(3, at)));
    if (says != Says::kNothing) {
      statements->push_back({says, absl::StrCat("DG1-", dg1.Text(1))});
    }
  }
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
  if (unknown != end) return {"OUTCOME_NOT_CODABLE", unknown};
  const auto against = std::min(still, dead);
  if (live != end && against != end) return {"OUTCOME_CONTRADICTS", std::max(live, against)};
  if (open != end) return {"OUTCOME_NOT_DECIDABLE", open};
  if (dead != end && still == end) return {"OUTCOME_NOT_DECIDABLE", dead};
  return {"", end};
}

}  // namespace

void ReadOutcome(const Group& group, const Segment& pid, v1::PushDeliveriesRequest* push) {
  Statements statements;
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& segment = group.message.segments()[i];
    if (segment.name() == "OBX") ReadObservation(segment, push, &statements);
    if (segment.name() == "DG1") ReadDiagnosis(segment, &statements);
  }
  ReadDeath(pid, &statements);
  const auto [code, doubtful] = DoubtIn(statements);
  if (!code.empty()) {
    Clear(push);
    AddDefect(code, doubtful->location, false, push);
  } else if (!statements.empty()) {
    const bool live = First(statements, Says::kLive) != statements.end();
    push->mutable_delivery()->set_outcome(live ? v1::OUTCOME_LIVE : v1::OUTCOME_STILLBIRTH);
  }
}

}  // namespace birthseal::connect::hl7
