#include "certs/ofd/reader.h"
