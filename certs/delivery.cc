#include "certs/delivery.h"
