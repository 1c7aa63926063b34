#include "server/list_reviews.h"
