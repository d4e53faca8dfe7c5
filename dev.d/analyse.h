/* In front of each file that ./dev analyse shows to an analyser: err_say()
 * returns what it is given, which decides where its callers go. */
#include "err.h"

#define err_say(why, err, ...) ((err_say)((why), (err), __VA_ARGS__), (err))
