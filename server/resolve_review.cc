#include "server/resolve_review.h"
