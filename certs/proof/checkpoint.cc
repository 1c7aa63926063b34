#include "certs/proof/checkpoint.h"
