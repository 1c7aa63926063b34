#include "store/ledger.h"
