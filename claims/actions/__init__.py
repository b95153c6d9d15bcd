"""Every write, one verb a function. Each is one transaction; what changes a claim adds an event.

Whatever touches an order or its claims locks the order first: then the claim, then accounts. So
two actions on one order wait for each other and never for ever.

What can't be done raises `ValidationError`: its message is for the person who asked, its code is
a clause's slug or one of the words `closed`, `lease`, `moved-on`, `status`, `unanswered`, `clause`,
`note`, `amount`, `second-person`, `correction`, `reopened`, `assignee`, `because`, `claims`,
`files`, `sms`. Asking for what isn't one's own raises `PermissionDenied`.
"""
