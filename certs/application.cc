#include "certs/application.h"
