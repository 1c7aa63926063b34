#include "store/sealed_value.h"
