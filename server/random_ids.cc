#include "server/random_ids.h"
