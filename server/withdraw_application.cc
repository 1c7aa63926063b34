#include "server/withdraw_application.h"
