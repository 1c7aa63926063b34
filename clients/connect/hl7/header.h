// SPDX-License-Identifier: Apache-2.0
// Which messages are taken at all: one whole message in its frame, of a type, event, processing id
// and version that are served here.
//
// Thread-safe: pure.
#pragma once

#include <string>

#include "clients/connect/hl7/birth_message.h"
#include "clients/connect/hl7/message.h"

namespace birthseal::connect::hl7 {

// One message and its text, or parts of several? Code 0 when nothing is wrong.
Refusal CheckWhole(const Message& message);
Refusal CheckHeader(const Segment& msh, const SenderSettings& sender);

// MSH-9: the trigger event, or the structure where it is missing.
std::string TriggerOf(const Segment& msh);

}  // namespace birthseal::connect::hl7
