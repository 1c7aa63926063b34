#include "certs/codes.h"
