#include "signer/document_sealer.h"
