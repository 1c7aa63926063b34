// SPDX-License-Identifier: Apache-2.0
// The outcome of a birth (分娩结局) as a message states it: observations, diagnoses, death
// indicator.
//
// A value comes from a table alone, exactly, and only when nothing contradicts it: neither another
// table nor whatever else in the group mentions a death (mentions.h). What its sender took back is
// not read. What no table holds, what
// does not decide for one baby and what contradicts leaves the outcome unspecified, clears the
// value of an earlier message and sends the record to a person: a live birth is never the default,
// and neither is a stillbirth. Thread-safe: pure.
#pragma once

#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {

// Sets `outcome` or adds one defect, not fatal, at the statement in doubt:
//   OUTCOME_NOT_CODABLE    a word or code of no table, "unknown" included
//   OUTCOME_CONTRADICTS    a live birth and a stillbirth, or a live birth and a death
//   OUTCOME_NOT_DECIDABLE  says too little of this baby: one of twins, dead at the time of report,
//                          a death that is mentioned and no more
void ReadOutcome(const Group& group, const Segment& pid, v1::PushDeliveriesRequest* push);

}  // namespace birthseal::connect::hl7
