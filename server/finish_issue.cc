#include "server/finish_issue.h"
