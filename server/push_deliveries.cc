#include "server/push_deliveries.h"
