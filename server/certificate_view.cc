#include "server/certificate_view.h"
