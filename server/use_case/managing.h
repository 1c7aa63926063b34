// SPDX-License-Identifier: Apache-2.0
// What a managing institution (管理机构) may do with what other institutions hold: certificates,
// cases, delivery records, numbers.
//
// The role of the calling client is not enough: the registry must know its institution as managing,
// its licence (执业许可证, or the mandate 委托 of a body that needs none) must be in force today,
// and its division must hold that of the institution concerned (certs/division.h). Read anew at
// each asking. What an institution holds itself needs no such right: ask before these. Thread-safe.
//
// Errors of all: kPermissionDenied "NOT_MANAGING" it is none, or the caller has not that role;
// "INSTITUTION_NOT_REGISTERED"; "INSTITUTION_NOT_LICENSED"; "AREA_NOT_COVERED"; those of the store.
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/use_case/basis.h"

namespace birthseal::server {

// `institution` manages anything at all: for what concerns no institution alone.
absl::Status CheckManaging(const Basis& basis, absl::string_view institution);
absl::Status CheckManaging(const Basis& basis, const Caller& caller);

// It manages what the institution or facility `concerned` (USCC) holds.
absl::Status CheckManages(const Basis& basis, absl::string_view institution,
                          absl::string_view concerned);
absl::Status CheckManages(const Basis& basis, const Caller& caller, absl::string_view concerned);

}  // namespace birthseal::server
