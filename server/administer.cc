#include "server/administer.h"
