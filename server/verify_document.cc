#include "server/verify_document.h"
