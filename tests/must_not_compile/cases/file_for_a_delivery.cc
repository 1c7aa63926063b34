// SPDX-License-Identifier: Apache-2.0
// An application is filed for a newborn, not for the record of a delivery.
// Refused with: no viable overloaded '='
#include "store/answers.h"

namespace birthseal::store {

void Try(const DeliveryAnswer& told, SubmitApplication& command) {
#ifdef RIGHT
  command.newborn_id = told.newborn_id;
#else
  command.newborn_id = told.delivery_id;
#endif
}

}  // namespace birthseal::store
