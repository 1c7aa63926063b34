#include "certs/lifecycle.h"
