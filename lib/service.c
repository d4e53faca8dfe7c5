#include "service.h"

#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

/* The uids of a process, and whether it is a set-uid root program that
 * somebody else started. */
struct caller {
	uid_t real, effective, saved;
	bool taken_over;
	sigset_t mask;
};

static int
learn_caller(struct caller *caller, struct trouble *why)
{
	*caller = (struct caller){ 0 };
	if (getresuid(&caller->real, &caller->effective, &caller->saved) < 0)
		return err_say(why, ERR_CALLER, "cannot learn the uids: %m");
	if (caller->real == caller->effective || caller->effective == 0)
		return 0;
	return err_say(why, ERR_CALLER,
	    "the program runs as uid %lu for uid %lu; such a program is not "
	    "served",
	    (unsigned long)caller->effective, (unsigned long)caller->real);
}

/*
 * A user can stop or kill the su or sudo that he started, because its real
 * uid is his, and with it everybody who waits for a lock that it holds.  For
 * the time of the transaction it is nobody's but root's, and what his terminal
 * sends waits until afterwards.
 */
static int
take_over(struct caller *caller, struct trouble *why)
{
	sigset_t all;

	if (caller->real == caller->effective)
		return 0;
	sigfillset(&all);
	if (pthread_sigmask(SIG_SETMASK, &all, &caller->mask) != 0)
		return err_say(why, ERR_CALLER, "cannot hold signals back");
	caller->taken_over = true;
	if (setresuid(0, 0, 0) < 0)
		return err_say(why, ERR_CALLER, "cannot become root: %m");
	return 0;
}

static int
give_back(const struct caller *caller, struct trouble *why)
{
	int r = 0;

	if (!caller->taken_over)
		return 0;
	if (setresuid(caller->real, caller->effective, caller->saved) < 0)
		r = err_say(why, ERR_CALLER, "cannot give the uids back: %m");
	(void)pthread_sigmask(SIG_SETMASK, &caller->mask, NULL);
	return r;
}

int
service_look(const struct settings *settings, const struct account *account,
    enum passage *passage_out, struct trouble *why)
{
	struct caller caller;
	int r;

	if ((r = learn_caller(&caller, why)) < 0)
		return r;
	return service_look_local(settings, account, passage_out, why);
}

int
service_check_code(const struct settings *settings,
    const struct account *account, const struct answer *answer,
    struct judgement *judgement_out, struct trouble *why)
{
	struct judgement judgement = { 0 };
	struct caller caller;
	int given_back, r;

	if ((r = learn_caller(&caller, why)) < 0)
		return r;
	if ((r = take_over(&caller, why)) == 0)
		r = service_check_code_local(settings, account, answer,
		    &judgement, why);
	given_back = give_back(&caller, why);
	if (r < 0 || (r = given_back) < 0)
		return r;
	*judgement_out = judgement;
	return 0;
}
