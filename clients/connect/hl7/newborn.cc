#include "clients/connect/hl7/newborn.h"

#include <optional>

#include "absl/strings/match.h"
#include "clients/connect/hl7/relatives.h"
#include "clients/connect/hl7/values.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

bool InNewbornsVisit(const Group& group) {
  const Segment* pv1 = group.Find("PV1");
  return pv1 != nullptr &&
         (absl::EqualsIgnoreCase(pv1->Text(2), "NEWBORN") || OneOf(pv1->Text(4), {"NB", "N"}));
}

bool IsScreeningOrder(const Group& group) {
  for (size_t i = group.begin; i < group.end; ++i) {
    const Segment& s = group.message.segments()[i];
    if (s.name() == "OBR" && OneOf(s.Text(4), {"54089-8", "57128-1", "57717-1", "57716-3"})) {
      return true;
    }
    if (s.name() == "OBX" && OneOf(s.Text(3), {"8339-4", "57714-8", "11884-4", "49051-6"})) {
      return true;
    }
  }
  return false;
}

bool HasMark(const Group& group, const Segment& pid) {
  return IsScreeningOrder(group) || HasDigit(pid.Text(25)) || MotherOf(group) != nullptr ||
         !pid.Raw(21).empty();
}

// At least this old; a bare day counts from its end. Nothing when either time is unknown, or when
// the birth is later than the message by more than clocks differ.
std::optional<absl::Duration> AgeOf(const Segment& pid, absl::Time time, absl::TimeZone zone) {
  std::string local;
  const TimePrecision precision = ReadTime(pid.Text(7), zone, &local);
  if (precision != TimePrecision::kDay && precision != TimePrecision::kMinute) return std::nullopt;
  if (time == absl::InfinitePast()) return std::nullopt;
  const absl::Duration age = time - ReadInstant(pid.Text(7), zone);
  if (age < -kDay) return std::nullopt;
  return precision == TimePrecision::kDay ? age - kDay : age;
}

}  // namespace

absl::Time TimeOfMessage(const Message& message, absl::TimeZone zone, absl::Time received) {
  const Segment* evn = message.Find("EVN");
  const absl::string_view happened = evn == nullptr ? "" : evn->Raw(6);
  const absl::string_view recorded = evn == nullptr ? "" : evn->Raw(2);
  for (const absl::string_view text : {happened, recorded, message.msh().Raw(7)}) {
    const absl::Time time = ReadInstant(text, zone);
    if (time != absl::InfinitePast()) return time;
  }
  return received;
}

bool IsNewborn(const Group& group, const Segment& pid, absl::Time time, absl::TimeZone zone) {
  const std::optional<absl::Duration> age = AgeOf(pid, time, zone);
  const bool visit = InNewbornsVisit(group);
  if (!age) return visit || HasMark(group, pid);
  if (*age < 28 * kDay) return true;
  if (*age < 365 * kDay) return visit || HasMark(group, pid);
  return visit && *age < 2 * 365 * kDay;
}

}  // namespace birthseal::connect::hl7
