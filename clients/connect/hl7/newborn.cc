// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/newborn.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "clients/connect/hl7/mentions.h"
#include "clients/connect/hl7/relatives.h"
#include "clients/connect/hl7/values.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

bool SaysNewborn(absl::string_view text) {
  return OneOf(FoldedText(text), {"NB", "NEWBORN", "NEW BORN", "新生儿"});
}

// Patient class, admission type, hospital service, patient type.
bool InNewbornsVisit(const Group& group) {
  const Segment* pv1 = group.Find("PV1");
  return pv1 != nullptr &&
         (SaysNewborn(pv1->Text(2)) || SaysNewborn(pv1->Text(4)) || pv1->Text(4) == "N" ||
          SaysNewborn(pv1->Text(10)) || SaysNewborn(pv1->Text(18)));
}

bool IsOfNewborns(const Segment& s) {
  if (s.name() == "OBR") return OneOf(s.Text(4), {"54089-8", "57128-1", "57717-1", "57716-3"});
  if (s.name() == "DG1") {
    return absl::StartsWith(FoldedText(s.Text(3)), "Z38") ||
           absl::StartsWith(FoldedText(s.Text(3, 4)), "Z38");
  }
  // Birth weight, gestation, birth length, plurality, birth order.
  return s.name() == "OBX" &&
         (OneOf(s.Text(3), {"8339-4", "57714-8", "11884-4", "49051-6", "89269-5", "57722-1",
                            "73773-4", "73771-8"}) ||
          OneOf(FoldedText(s.Text(3, 2)), {"出生体重", "BIRTH WEIGHT", "BIRTH ORDER"}));
}

bool HasMark(const Group& group, const Segment& pid) {
  for (size_t i = group.begin; i < group.end; ++i) {
    if (IsOfNewborns(group.message.segments()[i])) return true;
  }
  return pid.Text(24) == "Y" || HasDigit(pid.Text(25)) || !pid.Raw(21).empty() ||
         !MothersOf(group).empty();
}

// The first year that the text names, from 1900 on; 0 when there is none.
int YearIn(absl::string_view text) {
  constexpr absl::string_view kDigits = "0123456789";
  while (!text.empty()) {
    text.remove_prefix(std::min(text.find_first_of(kDigits), text.size()));
    const size_t length = std::min(text.find_first_not_of(kDigits), text.size());
    int year = 0;
    if (length >= 4 && absl::SimpleAtoi(text.substr(0, 4), &year) && year >= 1900) return year;
    text.remove_prefix(length);
  }
  return 0;
}

// Of a birth time that cannot be read the year may still tell who is none.
Newborn ByYear(int year, bool marked, const std::vector<Clock>& clocks, absl::TimeZone zone) {
  if (marked && (year == 0 || clocks.empty())) return Newborn::kYes;
  for (const Clock& clock : clocks) {
    const auto ago = [&](int days) {
      return absl::ToCivilYear(clock.time - days * kDay, zone).year();
    };
    if (marked && year >= ago(2 * 365)) return Newborn::kYes;
    if (!marked && year >= ago(365) && year <= ago(-1)) return Newborn::kPerhaps;
  }
  return Newborn::kNo;
}

bool IsNewbornAt(absl::Duration age, bool visit, bool marked) {
  return age < 28 * kDay || (age < 365 * kDay && marked) || (age < 2 * 365 * kDay && visit);
}

bool IsNewbornByAnother(absl::Duration age, bool ours, bool marked) {
  return ours ? IsNewbornAt(age, false, marked) : age < 28 * kDay && marked;
}

}  // namespace

std::vector<Clock> ClocksOf(const Message& message, absl::TimeZone zone, absl::Time received) {
  std::vector<Clock> clocks;
  const auto add = [&clocks](absl::Time time, const char* location) {
    if (time != absl::InfinitePast()) clocks.push_back({time, location});
  };
  if (const Segment* evn = message.Find("EVN")) {
    add(ReadInstant(evn->Raw(6), zone), "EVN-6");
    add(ReadInstant(evn->Raw(2), zone), "EVN-2");
  }
  add(ReadInstant(message.msh().Raw(7), zone), "MSH-7");
  add(received, "");
  return clocks;
}

// Rule D25.
Newborn NewbornIn(const Group& group, const Segment& pid, const std::vector<Clock>& clocks,
                  absl::TimeZone zone) {
  const bool visit = InNewbornsVisit(group), marked = visit || HasMark(group, pid);
  std::string local;
  const TimePrecision precision = ReadTime(pid.Text(7), zone, &local);
  if (precision == TimePrecision::kNone || precision == TimePrecision::kInvalid) {
    return ByYear(YearIn(pid.Text(7)), marked, clocks, zone);
  }
  if (clocks.empty()) return marked ? Newborn::kYes : Newborn::kNo;
  const absl::Time birth = ReadInstant(pid.Text(7), zone);
  bool born = false;
  for (const Clock& clock : clocks) {
    absl::Duration age = clock.time - birth;
    if (age < -kDay) continue;  // later than the message by more than clocks differ
    born = true;
    if (precision == TimePrecision::kDay) age -= kDay;  // a bare day counts from its end
    if (&clock == &clocks[0]) {
      if (IsNewbornAt(age, visit, marked)) return Newborn::kYes;
    } else if (IsNewbornByAnother(age, clock.location.empty(), marked)) {
      return Newborn::kDoubtfulClock;
    }
  }
  return born ? Newborn::kNo : Newborn::kDoubtfulClock;
}

}  // namespace birthseal::connect::hl7
