#include "server/get_delivery.h"
