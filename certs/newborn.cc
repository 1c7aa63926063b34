#include "certs/newborn.h"
