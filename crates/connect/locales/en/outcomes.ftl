# Where a transfer stands, and the subscription.
# $act is "transfer", or "cancel" when only the old line ends.

outro-title =
    { $act ->
        [cancel] Your request is in
       *[transfer] Your number is on its way
    }
outro-title-held = Your request is safe with us
outro-lead =
    { $act ->
        [cancel] We are sending your request, so that { $donor } ends your old line. There is nothing more for you to do.
       *[transfer] We are sending your request, so that { $donor } lets your number go. There is nothing more for you to do.
    }
outro-lead-held = The carrier’s system is not answering right now. We keep your request and send it as soon as the system is back. There is nothing more for you to do.

next-title = What happens next
next-sent = You sent your request
next-send-later = We send it when the carrier’s system is back
next-check = { $donorStart } checks your details
next-move =
    { $act ->
        [cancel] Your old line ends
       *[transfer] Your number moves to { $brand }
    }
next-move-hint =
    { $act ->
        [cancel] The old number ends with it.
       *[transfer] Your phone may have no signal for a short while. Text messages can take longer than calls.
    }
next-done = done
expected = Expected: { $when }
expected-us = often within an hour, sometimes one working day
expected-gb = the next working day
keep-title = Keep your current plan until then
keep-text = Please do not cancel it. A number can only move while its line is active.
reference = Reference
as-of = As of { $when }
link-status = See how it is going

status-title-pending = We are sending your request
status-lead-pending = Your details are complete. There is nothing for you to do now.
status-title-held = Your request is safe with us
status-lead-held = The carrier’s system is not answering right now. We keep your request and send it as soon as the system is back. There is nothing for you to do.
status-title-requested =
    { $act ->
        [cancel] Your request is with the carriers
       *[transfer] Your number is on its way
    }
status-lead-requested = { $act ->
        [cancel] We have asked for your old line to end and are waiting for the answer. There is nothing for you to do now.
       *[transfer] We have asked for your number and are waiting for an answer from { $donor }. There is nothing for you to do now.
    }
status-title-scheduled = The day is set
status-lead-scheduled = It is planned for { $date }. There is nothing for you to do until then.
status-title-delayed = It takes a little longer
status-lead-delayed = The carriers need more time. This happens, and nothing is wrong with your details. There is nothing for you to do now.

error-next = What you can do
error-contact = Contact { $brand }
error-contact-hint = Quote the reference when you ask for help. They can see where your transfer stands, but not your PIN.

overview-title = Your plan
overview-price = Price
overview-includes = Includes
overview-no-number = No number yet
overview-porting = Your number transfer
subscription-pending = Getting ready
subscription-initiated = Being set up
subscription-active = Active
subscription-restricted = Restricted
subscription-ended = Ended
porting-draft = The transfer of { $number } has not been started.
porting-information-required = The transfer of { $number } still needs some details from you.
porting-underway = The transfer of { $number } is under way.
porting-declined = The transfer of { $number } was declined by the current carrier.
porting-completed =
    { $act ->
       *[transfer] The transfer of { $number } is done. It is with { $brand } now.
        [cancel] The old line with { $number } has ended.
    }
porting-canceled = The transfer of { $number } was canceled.
porting-expired = The transfer of { $number } ran out of time. The number has not moved.
porting-failed = The transfer of { $number } did not work. The number has not moved.

## What a plan costs and holds

price-each-day =
    { $count ->
        [one] { $amount } per day
       *[other] { $amount } every { $count } days
    }
price-each-month =
    { $count ->
        [one] { $amount } per month
       *[other] { $amount } every { $count } months
    }
price-once-day =
    { $count ->
        [one] { $amount } for a day
       *[other] { $amount } for { $count } days
    }
price-once-month =
    { $count ->
        [one] { $amount } for a month
       *[other] { $amount } for { $count } months
    }
allowance-data = { $amount } GB of data
allowance-data-unlimited = Unlimited data
allowance-minutes = { $amount } minutes of calls
allowance-minutes-unlimited = Unlimited calls
allowance-messages = { $amount } texts
allowance-messages-unlimited = Unlimited texts
