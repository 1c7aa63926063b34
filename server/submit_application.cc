#include "server/submit_application.h"
