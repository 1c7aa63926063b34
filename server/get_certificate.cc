#include "server/get_certificate.h"
