// SPDX-License-Identifier: Apache-2.0
#include "clients/connect/hl7/ack.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace birthseal::connect::hl7 {
namespace {

constexpr char kTimeFormat[] = "%Y%m%d%H%M%S";

std::string Stamp(absl::Time time) {
  return absl::FormatTime(kTimeFormat, time, absl::UTCTimeZone()) + "+0000";
}

char Letter(AckCode code) {
  switch (code) {
    case AckCode::kAccept:
      return 'A';
    case AckCode::kError:
      return 'E';
    case AckCode::kReject:
      return 'R';
  }
  return 'R';
}

// HL7 table 0155: AL always, NE never, ER on error or reject, SU on success.
bool Wanted(absl::string_view condition, AckCode code) {
  if (condition == "NE") return false;
  if (condition == "ER") return code != AckCode::kAccept;
  if (condition == "SU") return code == AckCode::kAccept;
  return true;
}

// 'A' or 'C' for the first letter of MSA-1; 0 when no answer is wanted.
char ModeOf(const Segment& msh, AckCode code) {
  const std::string accept = msh.Text(15), application = msh.Text(16);
  if (accept.empty() && application.empty()) return 'A';
  if (!accept.empty() && Wanted(accept, code)) return 'C';
  if (!application.empty() && Wanted(application, code)) return 'A';
  return 0;
}

std::string Escaped(absl::string_view text) {
  return absl::StrReplaceAll(
      text, {{"\\", "\\E\\"}, {"|", "\\F\\"}, {"^", "\\S\\"}, {"&", "\\T\\"}, {"~", "\\R\\"}});
}

std::string ErrSegment(absl::string_view location, int code, absl::string_view severity,
                       absl::string_view text) {
  return absl::StrCat("ERR||", location, "|", code, "^^HL70357|", severity, "|||", Escaped(text),
                      "\r");
}

// "PID-7" -> "PID^1^7", as ERL wants it.
std::string ErrorLocation(absl::string_view location) {
  return absl::StrReplaceAll(location, {{"-", "^1^"}});
}

// Each code once, in the order of the defects: ERR says where.
std::string CodesOf(const std::vector<v1::FeedDefect>& defects) {
  std::vector<absl::string_view> codes;
  for (const v1::FeedDefect& defect : defects) {
    if (std::find(codes.begin(), codes.end(), defect.code()) == codes.end()) {
      codes.push_back(defect.code());
    }
  }
  return absl::StrJoin(codes, " ");
}

// What is echoed of a refused header must not end our own frame.
std::string WithoutControls(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(),
                            [](unsigned char c) { return c < ' ' && c != '\r'; }),
             text.end());
  return text;
}

// Raw header fields go back as they came, in our delimiters' place if the sender used its own.
std::string Echo(const Segment& msh, size_t field) {
  return absl::StrReplaceAll(msh.Raw(field), {{"|", ""}});
}

}  // namespace

AckContent AckFor(const std::vector<v1::PushDeliveriesResponse>& verdicts) {
  AckContent content;
  for (const v1::PushDeliveriesResponse& verdict : verdicts) {
    const bool repeat = verdict.verdict() == v1::FEED_VERDICT_DUPLICATE;
    const v1::FeedVerdict first = repeat ? verdict.first_verdict() : verdict.verdict();
    if (first == v1::FEED_VERDICT_REJECTED) content.code = AckCode::kError;
    content.defects.insert(content.defects.end(), verdict.defects().begin(),
                           verdict.defects().end());
    const absl::Time accepted = absl::FromUnixSeconds(verdict.accepted_time().seconds());
    content.accepted_time = std::max(content.accepted_time, accepted);
  }
  return content;
}

std::string ComposeAck(const Message& message, const AckContent& content) {
  const Segment& msh = message.msh();
  const char mode = ModeOf(msh, content.code);
  if (mode == 0) return "";
  const std::string trigger = msh.Text(9, 2), version = msh.Text(12);
  std::string ack = absl::StrCat("MSH|", msh.Raw(2), "|", Echo(msh, 5), "|", Echo(msh, 6), "|",
                                 Echo(msh, 3), "|", Echo(msh, 4), "|", Stamp(content.accepted_time),
                                 "||ACK", trigger.empty() ? "" : "^", trigger, "|A", Echo(msh, 10),
                                 "|", msh.Text(11).empty() ? "P" : msh.Text(11), "|",
                                 version.empty() ? "2.5.1" : version, "\r");
  std::string text = content.refusal.text;
  if (content.refusal.code == 0) text = CodesOf(content.defects);
  absl::StrAppend(&ack, "MSA|", std::string{mode, Letter(content.code)}, "|", Echo(msh, 10), "|",
                  Escaped(text), "\r");
  if (content.refusal.code != 0) {
    absl::StrAppend(&ack, ErrSegment(content.refusal.location, content.refusal.code, "E", text));
  }
  for (const v1::FeedDefect& defect : content.defects) {
    const bool error = content.code == AckCode::kError && defect.fatal();
    absl::StrAppend(&ack, ErrSegment(ErrorLocation(defect.location()), ErrorCodeOf(defect.code()),
                                     error ? "E" : "W", defect.code()));
  }
  return WithoutControls(std::move(ack));
}

std::string ComposeReject(absl::Time time, absl::string_view text) {
  return absl::StrCat("MSH|^~\\&|||||", Stamp(time), "||ACK|A|P|2.5.1\rMSA|AR||", Escaped(text),
                      "\r", ErrSegment("MSH", 100, "E", text));
}

}  // namespace birthseal::connect::hl7
