#include "server/download_document.h"
