//! What happens inside an invocation: fetch, render, store, and the end of each message.

use super::invocation::{Member, Step};
use super::{World, requests_for};
use crate::agenda::{Event, Resend};
use crate::queue::Fate;
use crate::recorder::End;
use crate::s3::{MAX_ATTEMPTS, Request, wait_us};
use crate::time::Micros;

/// The share of the timeout after which the function refuses a picture that is too slow, from its
/// third delivery on (`resizer/function/src/handler/render.rs`).
const TOO_SLOW_PERCENT: Micros = 40;
/// Steps that take time at S3: GET, all writes together, HEAD.
const STEPS: Micros = 3;

impl World<'_> {
    /// The handler begins: it reads the uploads.
    pub(super) fn fetch(&mut self, now: Micros, number: u32) {
        for at in 0..self.invocations.get(number).members.len() {
            self.send(now, (number, at), Request::Read);
        }
        if self.invocations.get(number).pending == 0 {
            self.render(now, number);
        }
    }

    /// Renders. All steps at S3 that are not refused are in this time, so that an invocation is two
    /// events.
    fn render(&mut self, now: Micros, number: u32) {
        let (messages, ends_us, deadline_us) = {
            let invocation = self.invocations.get(number);
            invocation.step = Step::Store;
            let visible_us = invocation.received_us + self.scenario.queue.visibility_timeout_us;
            let ends_us = invocation.began_us + self.scenario.lambda.timeout_us;
            (invocation.members.len(), ends_us, visible_us)
        };
        let memory_size_mb = self.scenario.lambda.memory_size_mb;
        let work_us = self.times.draw(messages, memory_size_mb, &mut self.chance);
        let work_us = work_us.max(self.poison(number));
        let done_us = now.saturating_add(work_us).saturating_add(STEPS * self.scenario.s3.step_us);
        let invocation = self.invocations.get(number);
        invocation.is_late = done_us > ends_us;
        let at_us = done_us.min(ends_us).max(now);
        invocation.is_overrun = at_us > deadline_us;
        if invocation.is_overrun {
            for member in &invocation.members {
                self.queue.hold(member.message);
                self.agenda.add(deadline_us.max(now), Event::Visible(member.message));
            }
        }
        self.agenda.add(at_us, Event::Rendered(number));
    }

    /// Lets poisoned messages fail; returns the least time that the batch takes.
    fn poison(&mut self, number: u32) -> Micros {
        let Some(poison) = &self.scenario.poison else { return 0 };
        let mut least_us = 0;
        for member in &mut self.invocations.get(number).members {
            let message = self.queue.message(member.message);
            let is_refused = poison.refused_at.is_some_and(|at| message.receive_count >= at);
            least_us = least_us.max(match message.fate {
                Fate::TimesOut if !is_refused => Micros::MAX,
                Fate::TimesOut => self.scenario.lambda.timeout_us * TOO_SLOW_PERCENT / 100,
                Fate::Good | Fate::Fails => 0,
            });
            member.has_failed |= message.fate == Fate::Fails && !is_refused;
        }
        least_us
    }

    /// Writes the variants, and reads the state of the upload again.
    pub(super) fn store(&mut self, now: Micros, number: u32) {
        let count = self.invocations.get(number).members.len();
        let is_late = self.invocations.get(number).is_late;
        for at in (0..count).filter(|_| !is_late) {
            if self.invocations.get(number).members[at].has_failed {
                continue;
            }
            let s3 = &self.scenario.s3;
            let (puts, deletes) = (s3.puts, s3.deletes);
            (0..puts).for_each(|_| self.send(now, (number, at), Request::Put));
            (0..deletes).for_each(|_| self.send(now, (number, at), Request::Delete));
            self.send(now, (number, at), Request::Read);
        }
        if self.invocations.get(number).pending == 0 {
            self.finish(now, number);
        }
    }

    /// Sends a request for the first time.
    fn send(&mut self, now: Micros, (number, at): (u32, usize), request: Request) {
        let member = at as u16;
        self.attempt(now, Resend { invocation: number, member, request, attempts: 0 });
    }

    /// Sends a request that waited, and goes on if it was the last one.
    pub(super) fn resend(&mut self, now: Micros, resend: Resend) {
        let number = resend.invocation;
        let timeout_us = self.scenario.lambda.timeout_us;
        let invocation = self.invocations.get(number);
        invocation.pending -= 1;
        if now >= invocation.began_us + timeout_us {
            invocation.is_late = true;
        } else {
            self.recorder.events().retries += 1;
            self.attempt(now, resend);
        }
        let invocation = self.invocations.get(number);
        if invocation.pending > 0 {
            return;
        }
        match invocation.step {
            Step::Fetch => self.render(now, number),
            Step::Store => self.finish(now, number),
        }
    }

    fn attempt(&mut self, now: Micros, resend: Resend) {
        let used = self.recorder.used();
        match resend.request {
            Request::Read => used.reads += 1,
            Request::Put => used.puts += 1,
            Request::Delete => used.deletes += 1,
        }
        let invocation = self.invocations.get(resend.invocation);
        let member = &mut invocation.members[usize::from(resend.member)];
        if self.s3.accepts(now, resend.request, member.prefix) {
            return;
        }
        self.recorder.slow_down(now);
        let attempts = resend.attempts + 1;
        if attempts < MAX_ATTEMPTS && member.takes_retry() {
            invocation.pending += 1;
            let at_us = now + wait_us(attempts, &mut self.chance);
            self.agenda.add(at_us, Event::Resend(Resend { attempts, ..resend }));
        } else {
            member.has_failed = true;
            self.recorder.events().given_up_requests += 1;
        }
    }

    /// Ends an invocation and each of its messages.
    fn finish(&mut self, now: Micros, number: u32) {
        let invocation = self.invocations.get(number);
        let members = std::mem::take(&mut invocation.members);
        let (is_late, is_overrun) = (invocation.is_late, invocation.is_overrun);
        let duration_us = (now - invocation.began_us).min(self.scenario.lambda.timeout_us);
        let billed_us = invocation.init_us + duration_us;
        let visible_us = invocation.received_us + self.scenario.queue.visibility_timeout_us;
        self.bill(billed_us);
        self.recorder.events().timeouts += u64::from(is_late);
        let mut deleted = 0;
        for member in &members {
            if is_late || member.has_failed {
                self.fail(now.max(visible_us), member, is_overrun);
            } else {
                deleted += 1;
                self.succeed(now, member, is_overrun);
            }
        }
        self.recorder.used().queue_requests += requests_for(deleted);
        // The memory of the list is used again.
        self.invocations.get(number).members = members;
        self.invocations.remove(number);
        self.lambda.end(now, !is_late);
        self.mapping.busy -= 1;
        self.receive(now);
    }

    fn fail(&mut self, visible_us: Micros, member: &Member, is_overrun: bool) {
        self.recorder.events().failed_deliveries += 1;
        if is_overrun {
            self.queue.release(member.message);
        } else {
            self.agenda.add(visible_us, Event::Visible(member.message));
        }
    }

    fn succeed(&mut self, now: Micros, member: &Member, is_overrun: bool) {
        let message = self.queue.message(member.message).clone();
        let is_first = self.queue.delete(member.message, !is_overrun);
        if !is_first || message.is_duplicate {
            self.recorder.events().duplicates += 1;
            return;
        }
        // What is poisoned and did not fail was refused.
        let end = if message.fate == Fate::Good { End::Done } else { End::Refused };
        self.recorder.end(now, message.uploaded_us, end);
    }
}
