#include "certs/ofd/package.h"
