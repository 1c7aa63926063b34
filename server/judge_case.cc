#include "server/judge_case.h"
