#include "certs/canonical.h"
