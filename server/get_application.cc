#include "server/get_application.h"
