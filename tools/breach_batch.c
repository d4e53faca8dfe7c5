#include "breach_batch.h"

const uint32_t breach_ladder[BREACH_LADDER] = { 1, 2, 5, 10, 20, 50, 100, 200,
	500, 1000, 2000, 5000, 10000, 20000, 50000, 100000 };
