// SPDX-License-Identifier: Apache-2.0
// Who of the next of kin (NK1) is the mother: by the codes and words of NK1-3, never by sex or
// order.
//
// Thread-safe: pure.
#pragma once

#include <vector>

#include "birthseal/v1/delivery_feed.pb.h"
#include "clients/connect/hl7/group.h"

namespace birthseal::connect::hl7 {

// Every NK1 that names her; none when nobody is named as the mother.
std::vector<const Segment*> MothersOf(const Group& group);

// Where no mother is named: says that a relation stands there which no table knows
// (RELATION_NOT_CODABLE, review): it may be hers.
void TellUnknownRelations(const Group& group, v1::PushDeliveriesRequest* push);

}  // namespace birthseal::connect::hl7
