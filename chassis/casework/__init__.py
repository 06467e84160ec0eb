"""The law's machinery that two services share; empty until the first of them is built (decision 0010).

What will live here, each a module of pure rules with its source, or a template of tables that a service's own
migration makes its own:

- deadlines: working days, suspensions, the legal day, and how a due day was counted
- fees: dated tables, exemptions, what is owed and why
- payments: states of a payment whose callback may come twice, late, or before the redirect
- slips: acceptance, apology with a new day, refusal with its reason
- numbering: national formats of dossier codes and certificate numbers
- signing: what is signed, by which kind of key, and how a reader checks it
- transitions: state machines read from the official tables

It stands beside `chassis` and not in it, because `chassis` is how any process behaves and this is law: a
service without cases carries none of it. It is a package and not a service, because a case belongs to the
service whose law decides it. It opens no connection, reads no clock and has no settings.
"""
