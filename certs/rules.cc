#include "certs/rules.h"
