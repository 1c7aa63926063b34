#include "signer/sm2_verify.h"
