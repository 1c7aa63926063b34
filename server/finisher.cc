#include "server/finisher.h"
