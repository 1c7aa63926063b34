#include "server/checkpoint_signer.h"
