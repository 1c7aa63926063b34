#include "signer/document_signature.h"
