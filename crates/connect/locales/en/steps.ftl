# The steps that ask.

donor-provider-title = Who is your current carrier?
donor-provider-lead = Choose the name on your bill or in your app, even if another company runs the network.
label-donor-provider = Current carrier
donor-search = Search carriers
donor-none-found = No carrier has this name here.
donor-not-listed = My carrier is not listed

carrier-title = Your current account
carrier-title-pac = Your PAC
carrier-title-stac = Your STAC
carrier-lead = These must match what { $donor } has on file.
carrier-lead-pac = The code from { $donor } that lets you keep your number.
carrier-lead-stac = The code from { $donor } that ends your old line.
label-account-number = Account number
help-account-number = It is on your bill and in your carrier’s app. It is usually not your phone number.
label-account-pin = Transfer PIN
help-account-pin = A code for moving your number. You get it in your carrier’s app or by calling them. It is usually not the PIN you log in with.
label-pac = PAC
help-pac = Three letters and six digits. To get it, text PAC to 65075 from the number you are moving; it is free, and the answer comes within a minute.
label-stac = STAC
help-stac = Six digits and three letters. To get it, text STAC to 75075 from the number you are giving up; it is free, and the answer comes within a minute.
label-billing-pin = Billing PIN
help-billing-pin = The PIN your carrier asks for when you call about your bill.
lock-title = Is a lock on your number?
label-account-type = How do you pay your current carrier?
account-type-postpaid-single = A monthly bill, one line
account-type-postpaid-multi = A monthly bill, several lines
account-type-prepaid-registered = In advance, and the carrier knows my name
account-type-prepaid-unregistered = In advance, and the carrier does not know my name

holder-title = Who is the account holder?
holder-lead = Write the name as your current carrier has it, even if it is not you or is out of date.
label-first-name = First name
label-last-name = Last name
label-birthday = Date of birth
hint-birthday = For example, { $example }
birthday-day = Day
birthday-month = Month
birthday-year = Year

address-title = What address is on the bill?
address-lead = Give the address your current carrier has, even if you have moved since.
label-country = Country
label-line1 = Street address
label-line2 = Apartment, suite or unit (optional)
label-city = City
label-state = State
label-province = Province or territory
label-region = State or region
label-zip-code = ZIP code
label-postcode = Postcode
label-postal-code = Postal code

approval-title = Has your carrier agreed?
approval-lead = This number needs a yes from { $donor } before it can move. Call them, ask them to approve the transfer, then come back here. Everything you entered is saved.
label-donor-provider-approval = My current carrier has approved the transfer

protected-name = At { $donor }, it is called “{ $lock }”.
protected-how = How to switch it off
protected-general-app = Open your current carrier’s app or website and sign in as the account owner.
protected-general-find = Look in the security or line settings for a number lock, port protection or transfer lock, and switch it off.
protected-general-call = Can’t find it? Call your current carrier and ask them to remove the port protection from this number.
label-protection-disabled = I have switched it off

repair-old-value = You sent: { $value }

review-title = Check and confirm
review-lead = Your current carrier compares every detail. Is everything exactly as they have it?
review-donor = Current carrier
review-holder = Account holder
review-address = Address
review-approval = Carrier’s approval
review-approved = Given
review-change = Change { $label }
review-authorization = Authorization
# Its version is AUTHORIZATION_VERSION in the code; change both together.
authorization-text =
    { $act ->
        [cancel] I am the account holder of { $number }, or I may act for the account holder. I authorize { $brand } to ask { $donor } to end this line. I understand that the line and the number end when this is done.
       *[transfer] I am the account holder of { $number }, or I may act for the account holder. I authorize { $brand } to request the transfer of this number from { $donor } for me. I understand that my line with { $donor } ends when the transfer is done.
    }
label-authorization = I agree
review-button =
    { $act ->
        [cancel] End my old line
       *[transfer] Transfer my number
    }
