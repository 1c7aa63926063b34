#include "certs/identifiers.h"
