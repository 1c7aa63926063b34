#include "server/get_status.h"
