#include "server/get_preview.h"
