#include "certs/ofd/font.h"
