#include "server/issue_step.h"
