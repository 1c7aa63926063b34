#include "server/issue_certificates.h"
