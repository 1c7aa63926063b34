#include "server/services.h"
