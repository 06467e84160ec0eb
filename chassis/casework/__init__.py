"""The law's machinery that two services share (decision 0010), in pure rules and templates of tables.

- calendar, deadlines: working days, suspensions, the legal day, and how a due day was counted
- fees: dated tables, exemptions, what is owed and why
- payments: states of a payment whose callback may come twice, late, or before the redirect
- slips, qr: acceptance, apology with a new day, refusal with its reason, as PDF/A with a code to scan
- numbering: numbers without a gap, national formats of dossier codes and certificate numbers
- signing, seals, signatures: who signs a paper, with which key, and whether the signatures in one hold
- transitions: state machines read from tables

It stands beside `chassis` and not in it, because `chassis` is how any process behaves and this is law: a
service without cases carries none of it. It is a package and not a service, because a case belongs to the
service whose law decides it.

Rules open no connection and read no clock; what is legally now is an argument. Numbering and payments work in
the caller's transaction on tables that the caller's own migration makes, and peers are asked through the
caller's client. `settings` names what the services that use it are told; nothing here reads them.
"""
