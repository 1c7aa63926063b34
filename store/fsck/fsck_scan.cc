// SPDX-License-Identifier: Apache-2.0
// Reading of whole families, also behind blocks that cannot be read, and of a pass from its middle.
#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "store/fsck/fsck_parts.h"

namespace birthseal::store {
namespace fsck {
namespace {

constexpr uint64_t kTellEvery = 1 << 14;  // records
constexpr uint64_t kPositionEvery = 1 << 10;

// Keys as numbers: bytes of one width, big-endian.
bool AddPowerOfTwo(std::string* number, size_t bit) {
  size_t at = number->size() - 1 - bit / 8;
  unsigned carry = 1u << bit % 8;
  for (;; --at) {
    carry += static_cast<uint8_t>((*number)[at]);
    (*number)[at] = static_cast<char>(carry);
    carry >>= 8;
    if (carry == 0 || at == 0) return carry == 0;
  }
}

std::string Middle(const std::string& low, const std::string& high) {
  std::string sum(low.size(), '\0');
  unsigned carry = 0;
  for (size_t i = low.size(); i-- > 0;) {
    carry += static_cast<uint8_t>(low[i]) + static_cast<uint8_t>(high[i]);
    sum[i] = static_cast<char>(carry);
    carry >>= 8;
  }
  for (char& c : sum) {
    const unsigned whole = carry << 8 | static_cast<uint8_t>(c);
    c = static_cast<char>(whole >> 1);
    carry = whole & 1;
  }
  return sum;
}

// The first key at or after `from`, "" at the end of the family; nothing when it cannot be read.
std::optional<std::string> FirstFrom(const Snapshot& snapshot, Family family,
                                     const std::string& from) {
  std::string found;
  const absl::Status status =
      snapshot.Scan(family, "", from, [&](absl::string_view key, absl::string_view) {
        found.assign(key.data(), key.size());
        return false;
      });
  return status.ok() ? std::optional<std::string>(found) : std::nullopt;
}

// The first key behind `last` that can be read again; "" when there is none. Steps that double,
// then halving: some hundred reads, whatever the size of the hole.
std::string ReadableBehind(const Snapshot& snapshot, Family family, const std::string& last) {
  std::string bad = last + std::string(last.empty() ? 9 : 1, '\0'), good = bad;
  std::optional<std::string> found;
  for (size_t bit = 0; bit < 8 * bad.size() && !found; ++bit) {
    good = bad;
    if (!AddPowerOfTwo(&good, bit)) break;
    found = FirstFrom(snapshot, family, good);
    if (!found) bad = good;
  }
  while (found) {
    const std::string middle = Middle(bad, good);
    if (middle == bad || middle == good) break;
    std::optional<std::string> nearer = FirstFrom(snapshot, family, middle);
    (nearer ? good : bad) = middle;
    if (nearer) found = std::move(nearer);
  }
  return found.value_or("");
}

}  // namespace

void Checker::Begin(int pass, bool resumable) {
  at_ = {meta.batch_sequence(), pass, 0, "", 0};
  resumable_ = resumable;
  Tell();
}

void Checker::Tell() {
  at_.findings = report_->earlier_findings + report_->findings.size() + report_->more_findings;
  if (options.on_position) options.on_position(at_);
}

void Checker::Each(Family family,
                   const std::function<void(const Place& place, absl::string_view value)>& visit) {
  std::string from;
  if (resumable_ && resume_ != nullptr && resume_->pass == at_.pass) {
    if (at_.scan < resume_->scan) return void(++at_.scan);
    if (at_.scan == resume_->scan) from = resume_->key;
  }
  uint64_t& seen = report_->records[static_cast<size_t>(family)];
  seen = 0;
  for (std::string last = from;;) {
    const absl::Status status =
        snapshot.Scan(family, "", from, [&](absl::string_view key, absl::string_view value) {
          last.assign(key.data(), key.size());
          if (options.progress && seen % kTellEvery == 0) options.progress(family, seen);
          if (resumable_ && seen % kPositionEvery == 0) {
            at_.key = last;
            Tell();
          }
          ++seen;
          visit({family, last}, value);
          return true;
        });
    if (status.ok()) break;
    const std::string next = ReadableBehind(snapshot, family, last);
    Add({family, last, "RANGE_UNREADABLE", "", next});
    if (next.empty()) break;
    from = last = next;
  }
  ++at_.scan;
  at_.key.clear();
}

}  // namespace fsck

std::string ToText(const FsckPosition& position) {
  return absl::StrCat("birthseal-fsck 1\nsequence ", position.sequence, "\npass ", position.pass,
                      "\nscan ", position.scan, "\nkey ", absl::BytesToHexString(position.key),
                      "\nfindings ", position.findings, "\n");
}

std::optional<FsckPosition> ParsePosition(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  FsckPosition position;
  if (lines.size() != 7 || lines[0] != "birthseal-fsck 1") return std::nullopt;
  const auto value = [&](size_t line, absl::string_view name) {
    return absl::StartsWith(lines[line], name) ? lines[line].substr(name.size()) : "?";
  };
  const absl::string_view key = value(4, "key ");
  if (!absl::SimpleAtoi(value(1, "sequence "), &position.sequence) ||
      !absl::SimpleAtoi(value(2, "pass "), &position.pass) ||
      !absl::SimpleAtoi(value(3, "scan "), &position.scan) ||
      !absl::SimpleAtoi(value(5, "findings "), &position.findings) || key.size() % 2 != 0 ||
      key.find_first_not_of("0123456789abcdef") != absl::string_view::npos) {
    return std::nullopt;
  }
  position.key = absl::HexStringToBytes(key);
  return position;
}

}  // namespace birthseal::store
