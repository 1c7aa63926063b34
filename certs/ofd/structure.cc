#include "certs/ofd/structure.h"
