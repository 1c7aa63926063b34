#include "server/revoke_certificate.h"
