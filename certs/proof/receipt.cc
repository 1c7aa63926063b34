#include "certs/proof/receipt.h"
