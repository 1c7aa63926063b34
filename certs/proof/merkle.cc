#include "certs/proof/merkle.h"
