#include "certs/profile.h"
