#include "certs/errors.h"
