#include "server/operator_directory.h"
