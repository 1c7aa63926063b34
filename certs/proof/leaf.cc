#include "certs/proof/leaf.h"
