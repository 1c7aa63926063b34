#include "store/registry.h"
