# What is said at a control. Each message says how to fix it and blames nobody.

missing-donor-provider = Choose your current carrier, or “My carrier is not listed”.
missing-account-number = Enter the account number. It is on your bill and in your carrier’s app.
missing-account-pin = Enter the transfer PIN from your current carrier.
missing-billing-pin = Enter the billing PIN of your current account.
missing-account-type = Choose how you pay your current carrier.
missing-first-name = Enter the account holder’s first name.
missing-last-name = Enter the account holder’s last name.
missing-birthday = Enter the day, the month and the year.
missing-line1 = Enter the street address on the bill.
missing-city = Enter the city or town.
missing-state = Choose the state, province or region.
missing-postal-code = Enter the postal code.
missing-country = Choose the country.
missing-donor-provider-approval = Tick the box once your current carrier has approved the transfer.
missing-authorization = Tick the box to authorize this. Without it we may not send the request.
missing-protection-disabled = Tick the box once the lock is off. While it is on, the transfer would be refused again.

invalid-answer = { $label }: this does not look right. Please check it against your bill.
invalid-characters = { $label }: there is a character in it that cannot be part of it. Please type it without special signs.
invalid-too-long = { $label }: please use { $max } characters or fewer.
invalid-postal-code = This is not a postal code of this country. Please check it against your bill.
invalid-zip-code = Enter the ZIP code: five digits, such as 94103.
invalid-pac = Enter the PAC: three letters and six digits, such as ABC123456.
invalid-stac = Enter the STAC: six digits and three letters, such as 123456ABC.
invalid-birthday = There is no such date. Please check the day, the month and the year.
invalid-birthday-year = Enter the year with four digits, such as 1987.
invalid-birthday-future = This date is still to come. Please check the year.
invalid-birthday-too-long-ago = This date is very long ago. Please check the year.

rejected-again = { $label }: your current carrier has already refused exactly this. Please check it against your bill.
rejected-again-pin = Your current carrier has already refused exactly this PIN. Please get a new one from them.

warn-pin-length = Transfer PINs of this carrier usually have { $lengths } digits.
warn-account-number-length = Account numbers of this carrier usually have { $lengths } digits.
warn-account-number-is-phone-number = This is your phone number. The account number is usually another one; it is on your bill.
