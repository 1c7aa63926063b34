#include "server/system_clock.h"
