#include "certs/ofd/certificate_document.h"
