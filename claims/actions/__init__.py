"""Every write, one verb a function. Each action is one transaction, and records an event if it
changes a claim.

An action on an order or its claims locks the order first, then the claim, then the accounts. So two
actions on one order wait for each other, and never deadlock.

An action that can't be done raises `ValidationError`. The message is for the person who asked. The
code is a clause's slug or a word that the action's docstring names, such as `closed`, `lease`,
`moved-on`, `status`, `unanswered`, `clause`, `note`, `amount`, `second-person`, `correction`,
`reopened`, `assignee`, `because`, `claims`, `files` or `sms`. An action on something that belongs
to another person raises `PermissionDenied`.
"""
