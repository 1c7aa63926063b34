#include "server/approve_applications.h"
