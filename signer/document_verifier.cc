#include "signer/document_verifier.h"
