#include "store/families.h"
