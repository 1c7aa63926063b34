#include "store/commands.h"
