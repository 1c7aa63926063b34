#include "signer/der.h"
