// SPDX-License-Identifier: Apache-2.0
#include "certs/canonical.h"
#include "certs/errors.h"
#include "certs/status_macros.h"
#include "clients/witness/witness.h"

namespace birthseal::witness {
namespace {

constexpr char kType[] = "birthseal/witness-state/v1";

}  // namespace

std::string Canonical(const Memory& memory) {
  return certs::CanonicalWriter(kType)
      .Text(1, memory.log_name)
      .Nested(2, certs::Canonical(memory.log))
      .Text(3, memory.note)
      .Text(4, memory.refusal)
      .Text(5, memory.refusal_text)
      .Number(6, static_cast<uint64_t>(absl::ToUnixSeconds(memory.refused_at)))
      .Finish();
}

absl::StatusOr<Memory> ParseMemory(absl::string_view canonical) {
  certs::CanonicalReader reader(canonical, kType);
  Memory memory;
  memory.log_name = reader.Text(1);
  const auto log = reader.Next(2);
  memory.note = reader.Text(3);
  memory.refusal = reader.Text(4);
  memory.refusal_text = reader.Text(5);
  memory.refused_at = absl::FromUnixSeconds(static_cast<int64_t>(reader.Number(6)));
  RETURN_IF_ERROR(reader.Finish());
  if (!log || memory.log_name.empty()) {
    return certs::Error(absl::StatusCode::kDataLoss, "WITNESS_STATE",
                        "the state of the witness names no log");
  }
  ASSIGN_OR_RETURN(memory.log, certs::ParseLogState(*log));
  return memory;
}

}  // namespace birthseal::witness
