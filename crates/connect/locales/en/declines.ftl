# What a refusal by the current carrier means: -title and -meaning on every page about it, -repair
# where the subscriber can put it right here, -advice on the error page.

declined-account-number-title = The account number does not match
declined-account-number-meaning = Your current carrier has a different account number for this line.
declined-account-number-repair = Look it up on your latest bill or in your carrier’s app, and enter it again.
declined-account-number-advice = Look up the account number on your latest bill, and have it ready when you contact { $brand }.

declined-account-pin-title = The transfer PIN was not accepted
declined-account-pin-meaning = The PIN was not the right one, or it has expired. Transfer PINs are valid for a few days only.
declined-account-pin-repair = Please get a new PIN from your current carrier, and enter it here soon after.
declined-account-pin-advice = Get a new transfer PIN from your current carrier, and have it ready when you contact { $brand }.

declined-address-title = The address does not match
declined-address-meaning = Your current carrier has a different address for this account.
declined-address-repair = Enter it exactly as on the bill, even if you have moved since.
declined-address-advice = Look up the address on your latest bill, and have it ready when you contact { $brand }.

declined-postal-code-title = The postal code does not match
declined-postal-code-meaning = Your current carrier has a different postal code for this account.
declined-postal-code-repair = Enter it as on the bill, even if you have moved since.
declined-postal-code-advice = Look up the postal code on your latest bill, and have it ready when you contact { $brand }.

declined-protected-title = Your number is locked
declined-protected-meaning = Your current carrier protects this number from being moved, so that nobody can take it without you.
declined-protected-repair = Only you can switch the protection off. Do that first, and then send the same details again.
declined-protected-advice = Ask your current carrier to switch the number lock off, and then contact { $brand } to try again.

declined-first-name-title = The first name does not match
declined-first-name-meaning = Your current carrier has a different first name for the account holder.
declined-first-name-repair = Enter it as on the bill, with any middle name or initial that stands there.
declined-first-name-advice = Look up the name on your latest bill, and have it ready when you contact { $brand }.

declined-last-name-title = The last name does not match
declined-last-name-meaning = Your current carrier has a different last name for the account holder.
declined-last-name-repair = Enter it as on the bill, even if it has changed since.
declined-last-name-advice = Look up the name on your latest bill, and have it ready when you contact { $brand }.

declined-billing-pin-title = The billing PIN was not accepted
declined-billing-pin-meaning = Your current carrier has a different billing PIN for this account.
declined-billing-pin-repair = Ask your current carrier for it, and enter it again.
declined-billing-pin-advice = Ask your current carrier for the billing PIN, and have it ready when you contact { $brand }.

declined-mismatch-title = The details do not match
declined-mismatch-meaning = Some of the name and account details differ from what your current carrier has.
declined-mismatch-repair = Please compare each of them with your bill, letter by letter.
declined-mismatch-advice = Have your latest bill ready when you contact { $brand }; together you can compare the details.

declined-duplicated-title = This number is already on its way
declined-duplicated-meaning = Another request to move the same number is open.
declined-duplicated-advice = { $brand } can see which request is the right one.

declined-pending-other-title = Another transfer is open
declined-pending-other-meaning = A different company has also asked to take over this number, and only one request can go on.
declined-pending-other-advice = Cancel the other transfer with that company first, and then contact { $brand } to try again.

declined-administrative-title = This number cannot be moved
declined-administrative-meaning = Your current carrier keeps this number for a special use.
declined-administrative-advice = { $brand } can tell you about another number for your plan.

declined-not-active-title = This number is not active
declined-not-active-meaning = Your current carrier says that the line is off, and only an active number can move.
declined-not-active-advice = Ask your current carrier to switch the line on again, and then contact { $brand } to try again.

declined-not-eligible-title = This number cannot move to this plan
declined-not-eligible-meaning = The networks do not allow a transfer of this number to this plan.
declined-not-eligible-advice = { $brand } can tell you which plans take it, or give you a new number.

declined-not-found-title = The number was not found
declined-not-found-meaning = Your current carrier does not know this number, so it may be with another company.
declined-not-found-advice = Check on your bill which company the number is with, and then contact { $brand }.

declined-prepaid-title = The number is on a prepaid line
declined-prepaid-meaning = Your current carrier does not let numbers of this kind of prepaid line move.
declined-prepaid-advice = Ask your current carrier whether it can change the line to a monthly one, and contact { $brand } with the answer.

declined-same-network-title = Both plans are on the same network
declined-same-network-meaning = Your number is already on the network of { $brand }, so it cannot be transferred there in the usual way.
declined-same-network-advice = { $brand } can move it within the network.

declined-other-title = The transfer was declined
declined-other-meaning = Your current carrier refused the request without a reason that can be put right here.
declined-other-advice = { $brand } can find out the reason and try again.
