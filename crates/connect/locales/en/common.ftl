# Words that stand on many pages.
# $brand is the name of the new provider; it is there in every message.
# $donor is the name of the current carrier.

brand-unknown = your new provider
page-owner-unknown = Number transfer
donor-unknown = your current carrier
# At the start of a sentence or alone; messages get it as $donorStart.
donor-unknown-start = Your current carrier
number-unknown = this number

title-error = Error: { $title }
progress = Step { $step } of { $of }
list-or = { $first } or { $last }

action-continue = Continue
action-resume = Pick up where I stopped
action-view = Show my plan
action-back = Back
action-leave = Leave
action-change = Change
action-hide = Hide
action-show = Show
action-dial = Dial { $code }
action-return = Back to { $brand }
action-check-again = Check again
action-try-again = Try again

saved = Saved
choose = Choose one
label-your-number = Your number
route-to = moves to

summary-errors =
    { $count ->
        [one] Please fix one thing
       *[other] Please fix { $count } things
    }
summary-warnings = Please look at this once more
summary-warnings-hint = If it is right as it is, press the button again and we will use it.

# Dates. $month is one of the names below; $date is a whole date, $time is 15:20.
date = { $month } { $day }, { $year }
moment = { $date }, { $time } UTC
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December

help-title = Need help?
help-lead = Contact { $brand }:
help-page = Help page
help-without-contact = Please contact { $brand }. They can see how far your transfer has come.
help-unknown = Please contact the company that sent you the link.

notice-changed-elsewhere = Something changed while this page was open, here or at your carrier. This is where things stand now.
notice-already-submitted = We already have your request. It was sent once, and only once.
notice-moved-on = That page belongs to an earlier step. This is where things stand now.
notice-send-again = We could not tell that this form came from you, so nothing was saved. Please send it again.
