# The page behind the link, the pages of a link that no longer works, and the way out.

intro-title =
    { $act ->
       *[transfer] Bring your number to { $brand }
        [cancel] End your old line
    }
intro-lead =
    { $act ->
       *[transfer] You keep your number. We ask for a few details that your current carrier will check, and do the rest.
        [cancel] The old line ends, and its number is given up. We ask for what your current carrier will check, and do the rest.
    }
intro-title-resume = Continue your transfer
intro-lead-resume = What you entered is saved. You continue at the step where you stopped.
intro-title-status = Where your transfer stands
intro-lead-status = See what is happening with your number, and whether there is anything for you to do.
intro-title-view = Your plan with { $brand }
intro-lead-view = See your plan, your number, and where things stand.
intro-needs = Have this ready
intro-needs-hint = Each step shows where to find what it asks for.
intro-keep-title = Keep your current plan running
intro-keep =
    { $act ->
       *[transfer] Please do not cancel it. A number can only move while its line is active. The old line ends by itself when the transfer is done.
        [cancel] Please do not cancel it yourself. The old line ends by itself when the request is done.
    }
intro-whole-window = Your browser does not let this page work inside another one. It continues in the whole window.
intro-stop = You can stop at any time. Your answers are saved.

need-account-number = Your account number at your current carrier
need-transfer-pin = A transfer PIN from your current carrier
need-billing-pin = Your billing PIN at your current carrier
need-pac = Your PAC, the code to keep your number
need-stac = Your STAC, the code to end your old line
need-holder-name = The account holder’s name, as on the bill
need-birthday = The account holder’s date of birth
need-address = The address on the bill

expired-title-used = This link was already used
expired-lead-used = Each link opens once, to keep your number safe. Continue where it was opened first, or open a new link from the { $brand } app or website. Your answers are saved.
expired-title-link = This link has expired
expired-lead-link = Links work for a short time only, to keep your number safe. Open a new one from the { $brand } app or website, and you continue at the same step.
expired-title-session = Your visit has ended
expired-lead-session = The page was open for a while, so we closed it to keep your number safe. What was saved stays saved. Open a new link from the { $brand } app or website, and you continue at the same step.
expired-title-app = Open this from the app
expired-lead-app = This link works only from inside the { $brand } app or website. Please open it there.
expired-title-unknown = This link does not work
expired-lead-unknown = It may be incomplete or out of date. Please open it again from the app or message where you found it.

leave-title = Leave for now?
leave-lead = Your answers are saved. You can continue later, at the same step.
leave-not-canceled = Leaving does not cancel your transfer.
leave-button = Leave
leave-button-back = Leave and go to { $brand }
leave-stay = Stay and continue

leaving-title = Taking you back to { $brand }
leaving-lead = You are on your way to { $host }.
leaving-link = Go to { $host }
leaving-title-framed = You are done here
leaving-lead-framed = You can go on with { $brand } now.
leaving-lead-app = Your browser may ask whether to open the app.
leaving-button-app = Open the { $brand } app

aborted-title = You have left
aborted-lead = Your answers are saved, and nothing was canceled. You can close this page now.
aborted-resume = Continue after all

unavailable-title = We are busy right now
unavailable-lead = Nothing was lost: what was saved is safe, and nothing was sent twice. Please go back and try again in a minute.
not-taken-title = That did not arrive
not-taken-lead = What was sent could not be taken, and nothing was changed. Please go back and send it again.

too-many-title = A short break, please
too-many-lead =
    { $minutes ->
        [one] There were many tries in a short time. To keep your number safe, please wait a minute and then try again.
       *[other] There were many tries in a short time. To keep your number safe, please wait { $minutes } minutes and then try again.
    }
