#include "server/report_misprint.h"
