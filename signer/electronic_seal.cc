#include "signer/electronic_seal.h"
