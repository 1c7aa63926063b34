#include "signer/sm2_sign.h"
