#include "server/verify_number.h"
