#include "server/read_log.h"
