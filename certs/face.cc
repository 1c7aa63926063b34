#include "certs/face.h"
