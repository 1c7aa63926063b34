#include "signer/trust_store.h"
