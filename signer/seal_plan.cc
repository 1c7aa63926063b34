#include "signer/seal_plan.h"
