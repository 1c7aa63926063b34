#include "signer/key_provider.h"
