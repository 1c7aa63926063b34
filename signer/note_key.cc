#include "signer/note_key.h"
