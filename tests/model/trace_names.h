// SPDX-License-Identifier: Apache-2.0
// States of stored records in the words of transitions.txt. Pure.
#pragma once

#include <string>

#include "birthseal/storage/v1/record.pb.h"
#include "certs/lifecycle.h"

namespace birthseal::tests {

inline std::string CaseStateName(const storage::v1::CaseHead& head) {
  return std::string(certs::Name(static_cast<certs::CaseState>(head.state())));
}
inline std::string CertificateStateName(const storage::v1::CertificateHead& head) {
  return std::string(certs::Name(static_cast<certs::CertificateState>(head.state())));
}
inline std::string NumberStateName(const storage::v1::NumberRecord& record) {
  switch (static_cast<certs::NumberState>(record.state())) {
    case certs::NumberState::kInStock:
      return "IN_STOCK";
    case certs::NumberState::kAllocated:
      return "ALLOCATED";
    case certs::NumberState::kUsed:
      return "USED";
    case certs::NumberState::kWaste:
      return "WASTE";
  }
  return "UNKNOWN";
}

}  // namespace birthseal::tests
