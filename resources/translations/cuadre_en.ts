<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_US">
    <context>
        <name>Accounts</name>
        <message>
            <source>Accounts</source>
            <translation>Accounts</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Balance left</source>
            <translation>Balance left</translation>
        </message>
        <message>
            <source>Balance right</source>
            <translation>Balance right</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Difference</translation>
        </message>
        <message>
            <source>To explain</source>
            <translation>To explain</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Open items</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
    </context>
    <context>
        <name>AdjustDialog</name>
        <message>
            <source>Propose adjustments</source>
            <translation>Propose adjustments</translation>
        </message>
        <message>
            <source>To the target:</source>
            <translation>To the target:</translation>
        </message>
        <message>
            <source>In the journal:</source>
            <translation>In the journal:</translation>
        </message>
        <message>
            <source>Contra account where none is named:</source>
            <translation>Contra account where none is named:</translation>
        </message>
        <message>
            <source>They go as vouchers with the next sending, exactly once; a positive amount is a debit to the account. A difference stays visible until its voucher is in the target's books.</source>
            <translation>They go as vouchers with the next sending, exactly once; a positive amount is a debit to the account. A difference stays visible until its voucher is in the target's books.</translation>
        </message>
        <message>
            <source>Propose</source>
            <translation>Propose</translation>
        </message>
        <message>
            <source>Name the journal of the target.</source>
            <translation>Name the journal of the target.</translation>
        </message>
        <message>
            <source>Each adjustment needs an account and a contra account.</source>
            <translation>Each adjustment needs an account and a contra account.</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contra account</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
    </context>
    <context>
        <name>Adjusting</name>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
    </context>
    <context>
        <name>AlternativesDialog</name>
        <message>
            <source>Other possibilities</source>
            <translation>Other possibilities</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>Confidence</source>
            <translation>Confidence</translation>
        </message>
        <message>
            <source>Reason</source>
            <translation>Reason</translation>
        </message>
        <message>
            <source>Match these</source>
            <translation>Match these</translation>
        </message>
    </context>
    <context>
        <name>AttachmentsDialog</name>
        <message>
            <source>Attached files</source>
            <translation>Attached files</translation>
        </message>
        <message>
            <source>File</source>
            <translation>File</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>Note</translation>
        </message>
        <message>
            <source>Attach a file…</source>
            <translation>Attach a file…</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>Save as…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>A file is attached to the lines that are selected, or to the whole reconciliation.</source>
            <translation>A file is attached to the lines that are selected, or to the whole reconciliation.</translation>
        </message>
    </context>
    <context>
        <name>CertificateDialog</name>
        <message>
            <source>Certificate of {server}</source>
            <translation>Certificate of {server}</translation>
        </message>
        <message>
            <source>No authority vouches for a self-signed certificate. Compare this SHA-256 with what the server's administrator reads out. Only if both are the same trust it: from then on exactly this one is taken.</source>
            <translation>No authority vouches for a self-signed certificate. Compare this SHA-256 with what the server's administrator reads out. Only if both are the same trust it: from then on exactly this one is taken.</translation>
        </message>
        <message>
            <source>Trust exactly this one</source>
            <translation>Trust exactly this one</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
    </context>
    <context>
        <name>Chart</name>
        <message>
            <source>no data yet</source>
            <translation>no data yet</translation>
        </message>
        <message>
            <source>target {value}</source>
            <translation>target {value}</translation>
        </message>
    </context>
    <context>
        <name>ClosePage</name>
        <message>
            <source>Target:</source>
            <translation>Target:</translation>
        </message>
        <message>
            <source>Accounts and journals mapped</source>
            <translation>Accounts and journals mapped</translation>
        </message>
        <message>
            <source>Target's books read after the last sending</source>
            <translation>Target's books read after the last sending</translation>
        </message>
        <message>
            <source>Reconciled to the cent</source>
            <translation>Reconciled to the cent</translation>
        </message>
        <message>
            <source>done</source>
            <translation>done</translation>
        </message>
        <message>
            <source>needs attention</source>
            <translation>needs attention</translation>
        </message>
        <message>
            <source>to do</source>
            <translation>to do</translation>
        </message>
        <message numerus="yes">
            <source>%n file(s)</source>
            <translation>
                <numerusform>%n file</numerusform>
                <numerusform>%n files</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n document(s)</source>
            <translation>
                <numerusform>%n document</numerusform>
                <numerusform>%n documents</numerusform>
            </translation>
        </message>
        <message>
            <source>{blocked} blocked of {total}</source>
            <translation>{blocked} blocked of {total}</translation>
        </message>
        <message numerus="yes">
            <source>%n code(s) without a counterpart</source>
            <translation>
                <numerusform>%n code without a counterpart</numerusform>
                <numerusform>%n codes without a counterpart</numerusform>
            </translation>
        </message>
        <message>
            <source>Month:</source>
            <translation>Month:</translation>
        </message>
        <message>
            <source>Close of {month}</source>
            <translation>Close of {month}</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Home</translation>
        </message>
        <message>
            <source>The month is closed</source>
            <translation>The month is closed</translation>
        </message>
        <message>
            <source>Go on: {step}</source>
            <translation>Go on: {step}</translation>
        </message>
        <message>
            <source>{done} of {total} steps done</source>
            <translation>{done} of {total} steps done</translation>
        </message>
        <message>
            <source>{count} matched</source>
            <translation>{count} matched</translation>
        </message>
        <message>
            <source>{count} suggested</source>
            <translation>{count} suggested</translation>
        </message>
        <message>
            <source>{count} different</source>
            <translation>{count} different</translation>
        </message>
        <message>
            <source>{count} only in {side}</source>
            <translation>{count} only in {side}</translation>
        </message>
        <message>
            <source>{count} of them explained</source>
            <translation>{count} of them explained</translation>
        </message>
        <message>
            <source>Files of the month</source>
            <translation>Files of the month</translation>
        </message>
        <message>
            <source>Documents without errors</source>
            <translation>Documents without errors</translation>
        </message>
        <message>
            <source>Documents sent and confirmed</source>
            <translation>Documents sent and confirmed</translation>
        </message>
        <message>
            <source>Reviewed and signed</source>
            <translation>Reviewed and signed</translation>
        </message>
        <message>
            <source>See</source>
            <translation>See</translation>
        </message>
        <message>
            <source>Import…</source>
            <translation>Import…</translation>
        </message>
        <message>
            <source>Look…</source>
            <translation>Look…</translation>
        </message>
        <message>
            <source>Map…</source>
            <translation>Map…</translation>
        </message>
        <message>
            <source>Send…</source>
            <translation>Send…</translation>
        </message>
        <message>
            <source>Read…</source>
            <translation>Read…</translation>
        </message>
        <message>
            <source>Reconcile…</source>
            <translation>Reconcile…</translation>
        </message>
        <message>
            <source>Sign…</source>
            <translation>Sign…</translation>
        </message>
        <message>
            <source>{sent} of {total}</source>
            <translation>{sent} of {total}</translation>
        </message>
        <message numerus="yes">
            <source>%n ledger line(s)</source>
            <translation>
                <numerusform>%n ledger line</numerusform>
                <numerusform>%n ledger lines</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n broke off</source>
            <translation>
                <numerusform>%n broke off</numerusform>
                <numerusform>%n broke off</numerusform>
            </translation>
        </message>
        <message>
            <source>not run yet</source>
            <translation>not run yet</translation>
        </message>
        <message>
            <source>nothing is left to decide</source>
            <translation>nothing is left to decide</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) to decide or to explain</source>
            <translation>
                <numerusform>%n line to decide or to explain</numerusform>
                <numerusform>%n lines to decide or to explain</numerusform>
            </translation>
        </message>
        <message>
            <source>nobody prepared it yet</source>
            <translation>nobody prepared it yet</translation>
        </message>
        <message>
            <source>prepared by {name}</source>
            <translation>prepared by {name}</translation>
        </message>
        <message>
            <source>reviewed by {name}</source>
            <translation>reviewed by {name}</translation>
        </message>
        <message>
            <source>signed by {name}</source>
            <translation>signed by {name}</translation>
        </message>
        <message>
            <source>{amount} to explain</source>
            <translation>{amount} to explain</translation>
        </message>
    </context>
    <context>
        <name>CompanyDialog</name>
        <message>
            <source>Company</source>
            <translation>Company</translation>
        </message>
        <message>
            <source>Comercializadora del Norte, S.A. de C.V.</source>
            <translation>Comercializadora del Norte, S.A. de C.V.</translation>
        </message>
        <message>
            <source>Name:</source>
            <translation>Name:</translation>
        </message>
        <message>
            <source>Own RFC or NIT:</source>
            <translation>Own RFC or NIT:</translation>
        </message>
        <message>
            <source>Currency of the books:</source>
            <translation>Currency of the books:</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Save</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>The name stands on the working papers. The tax ids decide which invoices are sales and which are purchases.</source>
            <translation>The name stands on the working papers. The tax ids decide which invoices are sales and which are purchases.</translation>
        </message>
    </context>
    <context>
        <name>ComparisonDialog</name>
        <message>
            <source>{document} beside the target</source>
            <translation>{document} beside the target</translation>
        </message>
        <message>
            <source>&lt;b&gt;Ours&lt;/b&gt; · {date}</source>
            <translation>&lt;b&gt;Ours&lt;/b&gt; · {date}</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Ours</translation>
        </message>
        <message>
            <source>&lt;b&gt;In the target: {number}&lt;/b&gt; · {date} · {state}</source>
            <translation>&lt;b&gt;In the target: {number}&lt;/b&gt; · {date} · {state}</translation>
        </message>
        <message>
            <source>&lt;b&gt;The target has {count} such documents:&lt;/b&gt; {numbers}</source>
            <translation>&lt;b&gt;The target has {count} such documents:&lt;/b&gt; {numbers}</translation>
        </message>
        <message>
            <source>&lt;b&gt;The target has no such document.&lt;/b&gt;</source>
            <translation>&lt;b&gt;The target has no such document.&lt;/b&gt;</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>In the target</translation>
        </message>
        <message>
            <source>Both say the same.</source>
            <translation>Both say the same.</translation>
        </message>
        <message>
            <source>The newest file differs from what was sent: {what}</source>
            <translation>The newest file differs from what was sent: {what}</translation>
        </message>
        <message>
            <source>Number in the target</source>
            <translation>Number in the target</translation>
        </message>
        <message>
            <source>Look it up</source>
            <translation>Look it up</translation>
        </message>
        <message>
            <source>Link to it…</source>
            <translation>Link to it…</translation>
        </message>
        <message>
            <source>Skip…</source>
            <translation>Skip…</translation>
        </message>
        <message>
            <source>It was corrected there…</source>
            <translation>It was corrected there…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Debit</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Credit</translation>
        </message>
        <message>
            <source>Party</source>
            <translation>Party</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>Link</source>
            <translation>Link</translation>
        </message>
        <message>
            <source>Why is the target's document this one?</source>
            <translation>Why is the target's document this one?</translation>
        </message>
        <message>
            <source>Corrected</source>
            <translation>Corrected</translation>
        </message>
        <message>
            <source>Who corrected it in the target, and why?</source>
            <translation>Who corrected it in the target, and why?</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>Skip</translation>
        </message>
        <message>
            <source>Why is it not to be sent?</source>
            <translation>Why is it not to be sent?</translation>
        </message>
    </context>
    <context>
        <name>ConnectionForm</name>
        <message>
            <source>Connection</source>
            <translation>Connection</translation>
        </message>
        <message>
            <source>no limit of our own</source>
            <translation>no limit of our own</translation>
        </message>
        <message>
            <source>Save connection</source>
            <translation>Save connection</translation>
        </message>
        <message>
            <source>Log in with the browser…</source>
            <translation>Log in with the browser…</translation>
        </message>
        <message>
            <source>Show the server's certificate…</source>
            <translation>Show the server's certificate…</translation>
        </message>
        <message>
            <source>What to create there…</source>
            <translation>What to create there…</translation>
        </message>
        <message>
            <source>Name:</source>
            <translation>Name:</translation>
        </message>
        <message>
            <source>System:</source>
            <translation>System:</translation>
        </message>
        <message>
            <source>Address:</source>
            <translation>Address:</translation>
        </message>
        <message>
            <source>Calls per minute:</source>
            <translation>Calls per minute:</translation>
        </message>
        <message>
            <source>Calls per day:</source>
            <translation>Calls per day:</translation>
        </message>
        <message>
            <source>A connection needs a name and an address that begins with https://.</source>
            <translation>A connection needs a name and an address that begins with https://.</translation>
        </message>
        <message>
            <source>{system} needs: {what}</source>
            <translation>{system} needs: {what}</translation>
        </message>
    </context>
    <context>
        <name>ConnectionsPage</name>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>System</source>
            <translation>System</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>Address</translation>
        </message>
        <message>
            <source>Database</source>
            <translation>Database</translation>
        </message>
        <message>
            <source>User</source>
            <translation>User</translation>
        </message>
        <message>
            <source>Connections</source>
            <translation>Connections</translation>
        </message>
        <message>
            <source>Test selected</source>
            <translation>Test selected</translation>
        </message>
        <message>
            <source>Rules of the company…</source>
            <translation>Rules of the company…</translation>
        </message>
        <message>
            <source>Try with the sandbox</source>
            <translation>Try with the sandbox</translation>
        </message>
        <message>
            <source>Secrets are kept by the operating system, never in files.</source>
            <translation>Secrets are kept by the operating system, never in files.</translation>
        </message>
        <message>
            <source>Documents were sent to {name} at {url}. Use another name for another target.</source>
            <translation>Documents were sent to {name} at {url}. Use another name for another target.</translation>
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation>Connection {name} saved.</translation>
        </message>
        <message>
            <source>Remove…</source>
            <translation>Remove…</translation>
        </message>
        <message>
            <source>Company…</source>
            <translation>Company…</translation>
        </message>
        <message>
            <source>Owners of fields…</source>
            <translation>Owners of fields…</translation>
        </message>
        <message>
            <source>Save the connection first, then log in.</source>
            <translation>Save the connection first, then log in.</translation>
        </message>
        <message>
            <source>From now on exactly this certificate is trusted.</source>
            <translation>From now on exactly this certificate is trusted.</translation>
        </message>
        <message>
            <source>Connection {name} saved. This machine has no secret store: the secret is kept until the window closes.</source>
            <translation>Connection {name} saved. This machine has no secret store: the secret is kept until the window closes.</translation>
        </message>
        <message>
            <source>Select a connection to test.</source>
            <translation>Select a connection to test.</translation>
        </message>
        <message>
            <source>Select a connection to take away.</source>
            <translation>Select a connection to take away.</translation>
        </message>
        <message>
            <source>Take away the connection {name}, with its map and its secret?</source>
            <translation>Take away the connection {name}, with its map and its secret?</translation>
        </message>
        <message>
            <source>The connection {name} was taken away.</source>
            <translation>The connection {name} was taken away.</translation>
        </message>
        <message>
            <source>Asking {name}…</source>
            <translation>Asking {name}…</translation>
        </message>
        <message>
            <source>closed up to {day}</source>
            <translation>closed up to {day}</translation>
        </message>
        <message>
            <source>no period closed</source>
            <translation>no period closed</translation>
        </message>
        <message>
            <source>{user} in {company} ({server})</source>
            <translation>{user} in {company} ({server})</translation>
        </message>
        <message>
            <source>{company} ({server})</source>
            <translation>{company} ({server})</translation>
        </message>
        <message>
            <source>Not sent to it: {names}.</source>
            <translation>Not sent to it: {names}.</translation>
        </message>
        <message>
            <source>▲ {user} may only read: every voucher would be refused.</source>
            <translation>▲ {user} may only read: every voucher would be refused.</translation>
        </message>
        <message>
            <source>The sandbox runs at {url} while this window is open.</source>
            <translation>The sandbox runs at {url} while this window is open.</translation>
        </message>
    </context>
    <context>
        <name>Corrections</name>
        <message>
            <source>detected</source>
            <translation>detected</translation>
        </message>
        <message>
            <source>1,234.50 (point)</source>
            <translation>1,234.50 (point)</translation>
        </message>
        <message>
            <source>1.234,50 (comma)</source>
            <translation>1.234,50 (comma)</translation>
        </message>
        <message>
            <source>day first (31/12)</source>
            <translation>day first (31/12)</translation>
        </message>
        <message>
            <source>month first (12/31)</source>
            <translation>month first (12/31)</translation>
        </message>
        <message>
            <source>yyyy-mm</source>
            <translation>yyyy-mm</translation>
        </message>
        <message>
            <source>Every date must lie in this month; empty: the period the file states</source>
            <translation>Every date must lie in this month; empty: the period the file states</translation>
        </message>
        <message>
            <source>as our books</source>
            <translation>as our books</translation>
        </message>
        <message>
            <source>as the bank</source>
            <translation>as the bank</translation>
        </message>
        <message>
            <source>Whose debit and credit the columns are, where the table does not say it</source>
            <translation>Whose debit and credit the columns are, where the table does not say it</translation>
        </message>
        <message>
            <source>The company's own tax ids, with blanks between: they decide which documents are issued and which received</source>
            <translation>The company's own tax ids, with blanks between: they decide which documents are issued and which received</translation>
        </message>
        <message>
            <source>The currency of the company's books: that of amounts whose file names none</source>
            <translation>The currency of the company's books: that of amounts whose file names none</translation>
        </message>
        <message>
            <source>A branch or series whose folios are its own, apart from those of other files</source>
            <translation>A branch or series whose folios are its own, apart from those of other files</translation>
        </message>
        <message>
            <source>Encoding:</source>
            <translation>Encoding:</translation>
        </message>
        <message>
            <source>Report:</source>
            <translation>Report:</translation>
        </message>
        <message>
            <source>Own RFC or NIT:</source>
            <translation>Own RFC or NIT:</translation>
        </message>
        <message>
            <source>Branch or series:</source>
            <translation>Branch or series:</translation>
        </message>
        <message>
            <source>Amounts:</source>
            <translation>Amounts:</translation>
        </message>
        <message>
            <source>Dates:</source>
            <translation>Dates:</translation>
        </message>
        <message>
            <source>Debit and credit:</source>
            <translation>Debit and credit:</translation>
        </message>
        <message>
            <source>Currency of the books:</source>
            <translation>Currency of the books:</translation>
        </message>
        <message>
            <source>Period:</source>
            <translation>Period:</translation>
        </message>
    </context>
    <context>
        <name>CounterpartDialog</name>
        <message>
            <source>Counterpart</source>
            <translation>Counterpart</translation>
        </message>
        <message>
            <source>Code or name in the target</source>
            <translation>Code or name in the target</translation>
        </message>
        <message>
            <source>None</source>
            <translation>None</translation>
        </message>
        <message>
            <source>Set</source>
            <translation>Set</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Counterpart:</source>
            <translation>Counterpart:</translation>
        </message>
        <message>
            <source>Customer or supplier:</source>
            <translation>Customer or supplier:</translation>
        </message>
        <message>
            <source>Write “-” to send without one.</source>
            <translation>Write “-” to send without one.</translation>
        </message>
        <message>
            <source>Choose one from the list, or type its code or name.</source>
            <translation>Choose one from the list, or type its code or name.</translation>
        </message>
    </context>
    <context>
        <name>CrashDialog</name>
        <message>
            <source>Unexpected error</source>
            <translation>Unexpected error</translation>
        </message>
        <message>
            <source>Something failed that we did not foresee. What was already done is safe in the journal.
The report below has no secrets; it was saved to {path}.</source>
            <translation>Something failed that we did not foresee. What was already done is safe in the journal.
The report below has no secrets; it was saved to {path}.</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>Copy report</translation>
        </message>
    </context>
    <context>
        <name>Deciding</name>
        <message>
            <source>Split the line…</source>
            <translation>Split the line…</translation>
        </message>
        <message>
            <source>Propose an adjustment…</source>
            <translation>Propose an adjustment…</translation>
        </message>
        <message>
            <source>Adjustments proposed…</source>
            <translation>Adjustments proposed…</translation>
        </message>
        <message>
            <source>Other possibilities…</source>
            <translation>Other possibilities…</translation>
        </message>
        <message>
            <source>What changed…</source>
            <translation>What changed…</translation>
        </message>
        <message>
            <source>Rules of matching…</source>
            <translation>Rules of matching…</translation>
        </message>
        <message>
            <source>Attached files…</source>
            <translation>Attached files…</translation>
        </message>
        <message>
            <source>Select a suggestion or a difference, or one line of each side (Ctrl+click).</source>
            <translation>Select a suggestion or a difference, or one line of each side (Ctrl+click).</translation>
        </message>
        <message>
            <source>Tick lines of both sides to pair them.</source>
            <translation>Tick lines of both sides to pair them.</translation>
        </message>
        <message>
            <source>The ticked lines are in several currencies.</source>
            <translation>The ticked lines are in several currencies.</translation>
        </message>
        <message>
            <source>{amount} would stay missing between these lines. Pair them all the same?</source>
            <translation>{amount} would stay missing between these lines. Pair them all the same?</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Accept</translation>
        </message>
        <message>
            <source>What is matched has to be taken apart before.</source>
            <translation>What is matched has to be taken apart before.</translation>
        </message>
        <message>
            <source>Select a match to take apart.</source>
            <translation>Select a match to take apart.</translation>
        </message>
        <message>
            <source>Select open lines to explain.</source>
            <translation>Select open lines to explain.</translation>
        </message>
        <message>
            <source>Select the line to split.</source>
            <translation>Select the line to split.</translation>
        </message>
        <message>
            <source>Nothing selected differs, and the rules let nothing differ that is not proposed.</source>
            <translation>Nothing selected differs, and the rules let nothing differ that is not proposed.</translation>
        </message>
        <message>
            <source>There is no other possibility for what is selected.</source>
            <translation>There is no other possibility for what is selected.</translation>
        </message>
        <message>
            <source>Every decision holds: its lines are there as they were.</source>
            <translation>Every decision holds: its lines are there as they were.</translation>
        </message>
        <message>
            <source>What changed</source>
            <translation>What changed</translation>
        </message>
        <message>
            <source>Attach a file</source>
            <translation>Attach a file</translation>
        </message>
        <message>
            <source>Save as</source>
            <translation>Save as</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Written to {path}.</translation>
        </message>
        <message numerus="yes">
            <source>Proposed: %n adjustment(s). They go with the next sending.</source>
            <translation>
                <numerusform>Proposed: %n adjustment. They go with the next sending.</numerusform>
                <numerusform>Proposed: %n adjustments. They go with the next sending.</numerusform>
            </translation>
        </message>
        <message>
            <source>Accept all that are sure…</source>
            <translation>Accept all that are sure…</translation>
        </message>
        <message>
            <source>Tick to add up</source>
            <translation>Tick to add up</translation>
        </message>
        <message>
            <source>Search what is missing</source>
            <translation>Search what is missing</translation>
        </message>
        <message>
            <source>No adjustment was proposed.</source>
            <translation>No adjustment was proposed.</translation>
        </message>
        <message>
            <source>The adjustment is withdrawn.</source>
            <translation>The adjustment is withdrawn.</translation>
        </message>
        <message>
            <source>There is no decision to take back.</source>
            <translation>There is no decision to take back.</translation>
        </message>
    </context>
    <context>
        <name>DecisionCard</name>
        <message>
            <source>Other possibility</source>
            <translation>Other possibility</translation>
        </message>
        <message>
            <source>Search what is missing</source>
            <translation>Search what is missing</translation>
        </message>
        <message>
            <source>Clear the ticks</source>
            <translation>Clear the ticks</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Ours</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Theirs</translation>
        </message>
        <message numerus="yes">
            <source>Other possibility (%n)</source>
            <translation>
                <numerusform>Other possibility (%n)</numerusform>
                <numerusform>Other possibility (%n)</numerusform>
            </translation>
        </message>
        <message>
            <source>Other possibility {place} of {count}: {why}</source>
            <translation>Other possibility {place} of {count}: {why}</translation>
        </message>
        <message>
            <source>≠ several currencies: they do not add up</source>
            <translation>≠ several currencies: they do not add up</translation>
        </message>
        <message>
            <source>{sign} missing {amount}</source>
            <translation>{sign} missing {amount}</translation>
        </message>
        <message numerus="yes">
            <source>{title}: %n line(s), {amount}</source>
            <translation>
                <numerusform>{title}: %n line, {amount}</numerusform>
                <numerusform>{title}: %n lines, {amount}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>and %n more</numerusform>
                <numerusform>and %n more</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>DocumentsDialog</name>
        <message>
            <source>Document</source>
            <translation>Document</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Copy all</source>
            <translation>Copy all</translation>
        </message>
        <message>
            <source>Enter or a double click tells the story of a document.</source>
            <translation>Enter or a double click tells the story of a document.</translation>
        </message>
    </context>
    <context>
        <name>ExplainDialog</name>
        <message>
            <source>Why is it open?</source>
            <translation>Why is it open?</translation>
        </message>
        <message>
            <source>Because:</source>
            <translation>Because:</translation>
        </message>
        <message>
            <source>Note:</source>
            <translation>Note:</translation>
        </message>
        <message>
            <source>Explain</source>
            <translation>Explain</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
    </context>
    <context>
        <name>FieldsDialog</name>
        <message>
            <source>Owners of fields</source>
            <translation>Owners of fields</translation>
        </message>
        <message>
            <source>A field has one owner and flows away from it, or stays where it is.</source>
            <translation>A field has one owner and flows away from it, or stays where it is.</translation>
        </message>
        <message>
            <source>Owners</source>
            <translation>Owners</translation>
        </message>
        <message>
            <source>Changed on the wrong side</source>
            <translation>Changed on the wrong side</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Save…</source>
            <translation>Save…</translation>
        </message>
        <message>
            <source>Read from CSV…</source>
            <translation>Read from CSV…</translation>
        </message>
        <message>
            <source>Write to CSV…</source>
            <translation>Write to CSV…</translation>
        </message>
        <message>
            <source>Compare now</source>
            <translation>Compare now</translation>
        </message>
        <message>
            <source>Party</source>
            <translation>Party</translation>
        </message>
        <message>
            <source>Field</source>
            <translation>Field</translation>
        </message>
        <message>
            <source>Legacy system</source>
            <translation>Legacy system</translation>
        </message>
        <message>
            <source>Target</source>
            <translation>Target</translation>
        </message>
        <message>
            <source>What happened</source>
            <translation>What happened</translation>
        </message>
        <message>
            <source>Target:</source>
            <translation>Target:</translation>
        </message>
        <message>
            <source>Why are the owners changed?</source>
            <translation>Why are the owners changed?</translation>
        </message>
        <message>
            <source>Saved.</source>
            <translation>Saved.</translation>
        </message>
        <message>
            <source>Read from CSV</source>
            <translation>Read from CSV</translation>
        </message>
        <message>
            <source>Read.</source>
            <translation>Read.</translation>
        </message>
        <message>
            <source>Write to CSV</source>
            <translation>Write to CSV</translation>
        </message>
        <message>
            <source>Written.</source>
            <translation>Written.</translation>
        </message>
        <message>
            <source>Asking {name}…</source>
            <translation>Asking {name}…</translation>
        </message>
        <message numerus="yes">
            <source>%n field(s) changed on the side that does not own them.</source>
            <translation>
                <numerusform>%n field changed on the side that does not own them.</numerusform>
                <numerusform>%n fields changed on the side that does not own them.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Figure</name>
        <message>
            <source>Click to see the documents behind it.</source>
            <translation>Click to see the documents behind it.</translation>
        </message>
    </context>
    <context>
        <name>FiguresPage</name>
        <message>
            <source>Last 24 hours</source>
            <translation>Last 24 hours</translation>
        </message>
        <message>
            <source>Last 7 days</source>
            <translation>Last 7 days</translation>
        </message>
        <message>
            <source>Last 30 days</source>
            <translation>Last 30 days</translation>
        </message>
        <message>
            <source>Time:</source>
            <translation>Time:</translation>
        </message>
        <message>
            <source>Save table…</source>
            <translation>Save table…</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Sync latency</translation>
        </message>
        <message>
            <source>How documents ended</source>
            <translation>How documents ended</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Retry queue</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Orphan records</translation>
        </message>
        <message>
            <source>The figures as a table</source>
            <translation>The figures as a table</translation>
        </message>
        <message>
            <source>Figures over time</source>
            <translation>Figures over time</translation>
        </message>
        <message>
            <source>median</source>
            <translation>median</translation>
        </message>
        <message>
            <source>95 %</source>
            <translation>95 %</translation>
        </message>
        <message>
            <source>sent</source>
            <translation>sent</translation>
        </message>
        <message>
            <source>sent at another attempt</source>
            <translation>sent at another attempt</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>refused</translation>
        </message>
        <message>
            <source>in conflict</source>
            <translation>in conflict</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>waiting</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>uncertain</translation>
        </message>
        <message>
            <source>events</source>
            <translation>events</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>set apart</translation>
        </message>
        <message>
            <source>orphan records</source>
            <translation>orphan records</translation>
        </message>
        <message>
            <source>Nothing came to an end in this time; the program keeps figures while it is open or “cuadre work” runs.</source>
            <translation>Nothing came to an end in this time; the program keeps figures while it is open or “cuadre work” runs.</translation>
        </message>
        <message>
            <source>Sent</source>
            <translation>Sent</translation>
        </message>
        <message>
            <source>At another attempt</source>
            <translation>At another attempt</translation>
        </message>
        <message>
            <source>Refused</source>
            <translation>Refused</translation>
        </message>
        <message>
            <source>In conflict</source>
            <translation>In conflict</translation>
        </message>
        <message>
            <source>Hour</source>
            <translation>Hour</translation>
        </message>
        <message>
            <source>Median</source>
            <translation>Median</translation>
        </message>
        <message>
            <source>95 % within</source>
            <translation>95 % within</translation>
        </message>
        <message>
            <source>Save table</source>
            <translation>Save table</translation>
        </message>
        <message>
            <source>CSV (*.csv)</source>
            <translation>CSV (*.csv)</translation>
        </message>
    </context>
    <context>
        <name>FileLines</name>
        <message>
            <source>Lines of the file</source>
            <translation>Lines of the file</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Line</translation>
        </message>
        <message>
            <source>What it is</source>
            <translation>What it is</translation>
        </message>
        <message>
            <source>Text of the file</source>
            <translation>Text of the file</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Voucher</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Reference</translation>
        </message>
        <message>
            <source>Concept</source>
            <translation>Concept</translation>
        </message>
        <message>
            <source>Third party</source>
            <translation>Third party</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Debit</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Credit</translation>
        </message>
        <message>
            <source>record</source>
            <translation>record</translation>
        </message>
        <message>
            <source>heading</source>
            <translation>heading</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rejected</translation>
        </message>
    </context>
    <context>
        <name>FilesPage</name>
        <message>
            <source>When</source>
            <translation>When</translation>
        </message>
        <message>
            <source>Month</source>
            <translation>Month</translation>
        </message>
        <message>
            <source>File</source>
            <translation>File</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Report</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Lines</translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation>Rejected</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Ready</translation>
        </message>
        <message>
            <source>Blocked</source>
            <translation>Blocked</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Who</translation>
        </message>
        <message>
            <source>Imported files</source>
            <translation>Imported files</translation>
        </message>
        <message>
            <source>Search file, report, month…</source>
            <translation>Search file, report, month…</translation>
        </message>
        <message>
            <source>Add files…</source>
            <translation>Add files…</translation>
        </message>
        <message>
            <source>Drop the files or folders your system exported here, or anywhere in the window</source>
            <translation>Drop the files or folders your system exported here, or anywhere in the window</translation>
        </message>
        <message>
            <source>Enter or a double click shows the file again as it was imported.</source>
            <translation>Enter or a double click shows the file again as it was imported.</translation>
        </message>
        <message>
            <source>Look and import</source>
            <translation>Look and import</translation>
        </message>
        <message>
            <source>Imported</source>
            <translation>Imported</translation>
        </message>
        <message>
            <source>Imported ({count})</source>
            <translation>Imported ({count})</translation>
        </message>
        <message>
            <source>The journal's copy of this file cannot be read.</source>
            <translation>The journal's copy of this file cannot be read.</translation>
        </message>
    </context>
    <context>
        <name>Findings</name>
        <message>
            <source>Severity</source>
            <translation>Severity</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Line</translation>
        </message>
        <message>
            <source>Finding</source>
            <translation>Finding</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Findings</translation>
        </message>
        <message>
            <source>Export findings…</source>
            <translation>Export findings…</translation>
        </message>
        <message>
            <source>Findings:</source>
            <translation>Findings:</translation>
        </message>
        <message>
            <source>all ({count})</source>
            <translation>all ({count})</translation>
        </message>
        <message>
            <source>error</source>
            <translation>error</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>warning</translation>
        </message>
        <message>
            <source>note</source>
            <translation>note</translation>
        </message>
    </context>
    <context>
        <name>FirstSteps</name>
        <message>
            <source>Company…</source>
            <translation>Company…</translation>
        </message>
        <message>
            <source>Choose an export…</source>
            <translation>Choose an export…</translation>
        </message>
        <message>
            <source>Practise with the included ERP</source>
            <translation>Practise with the included ERP</translation>
        </message>
        <message>
            <source>Connect my ERP…</source>
            <translation>Connect my ERP…</translation>
        </message>
        <message>
            <source>Show a sample month</source>
            <translation>Show a sample month</translation>
        </message>
        <message>
            <source>Welcome to Cuadre</source>
            <translation>Welcome to Cuadre</translation>
        </message>
        <message>
            <source>1. Say whose books these are</source>
            <translation>1. Say whose books these are</translation>
        </message>
        <message>
            <source>Name, RFC or NIT and currency; they stand on the working papers.</source>
            <translation>Name, RFC or NIT and currency; they stand on the working papers.</translation>
        </message>
        <message>
            <source>2. Drop the export of your accounting system here</source>
            <translation>2. Drop the export of your accounting system here</translation>
        </message>
        <message>
            <source>In CONTPAQi: Pólizas, Reporte de pólizas, and save it as TXT or Excel. In World Office, Helisa or Siigo: the report of vouchers or the ledger, to Excel. Nothing is sent anywhere by looking at it.</source>
            <translation>In CONTPAQi: Pólizas, Reporte de pólizas, and save it as TXT or Excel. In World Office, Helisa or Siigo: the report of vouchers or the ledger, to Excel. Nothing is sent anywhere by looking at it.</translation>
        </message>
        <message>
            <source>3. Say where the month goes</source>
            <translation>3. Say where the month goes</translation>
        </message>
        <message>
            <source>Your ERP by its API, or the included one, which behaves like it and costs nothing when something goes wrong. Two files can be reconciled without either.</source>
            <translation>Your ERP by its API, or the included one, which behaves like it and costs nothing when something goes wrong. Two files can be reconciled without either.</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
    </context>
    <context>
        <name>IntakePage</name>
        <message>
            <source>Files found</source>
            <translation>Files found</translation>
        </message>
        <message>
            <source>Import all</source>
            <translation>Import all</translation>
        </message>
        <message>
            <source>Choose folder…</source>
            <translation>Choose folder…</translation>
        </message>
        <message>
            <source>Layout…</source>
            <translation>Layout…</translation>
        </message>
        <message>
            <source>Say yourself what the columns of this table are</source>
            <translation>Say yourself what the columns of this table are</translation>
        </message>
        <message>
            <source>Import into the journal</source>
            <translation>Import into the journal</translation>
        </message>
        <message>
            <source>Nothing is written until you press Import.</source>
            <translation>Nothing is written until you press Import.</translation>
        </message>
        <message>
            <source>Evidence for report and encoding</source>
            <translation>Evidence for report and encoding</translation>
        </message>
        <message>
            <source>Drop exported files or folders here, or choose them</source>
            <translation>Drop exported files or folders here, or choose them</translation>
        </message>
        <message>
            <source>Choose files…</source>
            <translation>Choose files…</translation>
        </message>
        <message>
            <source>Import all ({count})</source>
            <translation>Import all ({count})</translation>
        </message>
        <message>
            <source>There is no file in it.</source>
            <translation>There is no file in it.</translation>
        </message>
        <message>
            <source>Choose exported files</source>
            <translation>Choose exported files</translation>
        </message>
        <message>
            <source>Import</source>
            <translation>Import</translation>
        </message>
        <message>
            <source>Exports (*.txt *.csv *.xlsx *.xls *.xml *.zip *.ofx *.sta);;All files (*)</source>
            <translation>Exports (*.txt *.csv *.xlsx *.xls *.xml *.zip *.ofx *.sta);;All files (*)</translation>
        </message>
        <message>
            <source>Choose a folder of exported files</source>
            <translation>Choose a folder of exported files</translation>
        </message>
        <message>
            <source>{value} is not a month; write it as 2026-01.</source>
            <translation>{value} is not a month; write it as 2026-01.</translation>
        </message>
        <message>
            <source>Reading {file}…</source>
            <translation>Reading {file}…</translation>
        </message>
        <message>
            <source>Export findings</source>
            <translation>Export findings</translation>
        </message>
        <message>
            <source>{count} findings written to {path}.</source>
            <translation>{count} findings written to {path}.</translation>
        </message>
        <message>
            <source>unknown report</source>
            <translation>unknown report</translation>
        </message>
        <message>
            <source>{total} lines = {record} records + {heading} headings + {rejected} rejected</source>
            <translation>{total} lines = {record} records + {heading} headings + {rejected} rejected</translation>
        </message>
        <message>
            <source>{count} vouchers</source>
            <translation>{count} vouchers</translation>
        </message>
        <message>
            <source>{errors} errors, {warnings} warnings</source>
            <translation>{errors} errors, {warnings} warnings</translation>
        </message>
        <message>
            <source>It is a table of {columns} columns with {data} lines of data. Press “Layout…” and say what each column is.</source>
            <translation>It is a table of {columns} columns with {data} lines of data. Press “Layout…” and say what each column is.</translation>
        </message>
        <message>
            <source>No layout knows this table; it is read as it seems: {columns}. Press “Layout…” if that is not so.</source>
            <translation>No layout knows this table; it is read as it seems: {columns}. Press “Layout…” if that is not so.</translation>
        </message>
        <message>
            <source>Report: {title} fits to {score} %.</source>
            <translation>Report: {title} fits to {score} %.</translation>
        </message>
        <message>
            <source>The next likeliest, {name}, to {score} %.</source>
            <translation>The next likeliest, {name}, to {score} %.</translation>
        </message>
        <message>
            <source>There is no table in this file.</source>
            <translation>There is no table in this file.</translation>
        </message>
        <message>
            <source>Why is it read otherwise than it was detected?</source>
            <translation>Why is it read otherwise than it was detected?</translation>
        </message>
        <message>
            <source>{whole} of {count} files imported: {ready} vouchers ready, {blocked} blocked.</source>
            <translation>{whole} of {count} files imported: {ready} vouchers ready, {blocked} blocked.</translation>
        </message>
        <message>
            <source>Not imported, nothing to read in them: {names}</source>
            <translation>Not imported, nothing to read in them: {names}</translation>
        </message>
        <message>
            <source>These bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation>These bytes were imported before, as batch {batch}. Nothing was doubled.</translation>
        </message>
        <message>
            <source>The file could not be read to its end. The attempt is in the journal as batch {batch}; nothing of it will be sent.</source>
            <translation>The file could not be read to its end. The attempt is in the journal as batch {batch}; nothing of it will be sent.</translation>
        </message>
        <message>
            <source>Imported as batch {batch}: {ready} vouchers ready, {blocked} blocked.</source>
            <translation>Imported as batch {batch}: {ready} vouchers ready, {blocked} blocked.</translation>
        </message>
        <message>
            <source>Stopped. Nothing of the file was kept.</source>
            <translation>Stopped. Nothing of the file was kept.</translation>
        </message>
        <message>
            <source>The file cannot be opened</source>
            <translation>The file cannot be opened</translation>
        </message>
    </context>
    <context>
        <name>KeysDialog</name>
        <message>
            <source>Keys</source>
            <translation>Keys</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>Key</translation>
        </message>
        <message>
            <source>What it does</source>
            <translation>What it does</translation>
        </message>
        <message>
            <source>go to a page</source>
            <translation>go to a page</translation>
        </message>
        <message>
            <source>import files</source>
            <translation>import files</translation>
        </message>
        <message>
            <source>search the journal; lines of the reconciliation</source>
            <translation>search the journal; lines of the reconciliation</translation>
        </message>
        <message>
            <source>read again</source>
            <translation>read again</translation>
        </message>
        <message>
            <source>the next line to decide</source>
            <translation>the next line to decide</translation>
        </message>
        <message>
            <source>the one before</source>
            <translation>the one before</translation>
        </message>
        <message>
            <source>accept what is suggested or selected</source>
            <translation>accept what is suggested or selected</translation>
        </message>
        <message>
            <source>at a line: accept it, or the ticked lines</source>
            <translation>at a line: accept it, or the ticked lines</translation>
        </message>
        <message>
            <source>at a line: its other possibility</source>
            <translation>at a line: its other possibility</translation>
        </message>
        <message>
            <source>at a line: tick it, to add lines up</source>
            <translation>at a line: tick it, to add lines up</translation>
        </message>
        <message>
            <source>at a line: search what is missing between the ticked lines</source>
            <translation>at a line: search what is missing between the ticked lines</translation>
        </message>
        <message>
            <source>at a line: clear the ticks</source>
            <translation>at a line: clear the ticks</translation>
        </message>
        <message>
            <source>at a line: explain it</source>
            <translation>at a line: explain it</translation>
        </message>
        <message>
            <source>at a line: propose an adjustment</source>
            <translation>at a line: propose an adjustment</translation>
        </message>
        <message>
            <source>both sides in one table, or beside each other</source>
            <translation>both sides in one table, or beside each other</translation>
        </message>
        <message>
            <source>print the table</source>
            <translation>print the table</translation>
        </message>
        <message>
            <source>take a match apart</source>
            <translation>take a match apart</translation>
        </message>
        <message>
            <source>explain a difference</source>
            <translation>explain a difference</translation>
        </message>
        <message>
            <source>undo</source>
            <translation>undo</translation>
        </message>
        <message>
            <source>redo</source>
            <translation>redo</translation>
        </message>
        <message>
            <source>copy the selected rows with their headings</source>
            <translation>copy the selected rows with their headings</translation>
        </message>
        <message>
            <source>this list</source>
            <translation>this list</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
    </context>
    <context>
        <name>LayoutEditor</name>
        <message>
            <source>Layout of {file}</source>
            <translation>Layout of {file}</translation>
        </message>
        <message>
            <source>Try</source>
            <translation>Try</translation>
        </message>
        <message>
            <source>Say which row is the heading and what each column is, then try.</source>
            <translation>Say which row is the heading and what each column is, then try.</translation>
        </message>
        <message>
            <source>First rows of the file</source>
            <translation>First rows of the file</translation>
        </message>
        <message>
            <source>{movements} movements, debits {debit}, credits {credit}; {rejected} rows could not be read.</source>
            <translation>{movements} movements, debits {debit}, credits {credit}; {rejected} rows could not be read.</translation>
        </message>
        <message>
            <source>day/month/year</source>
            <translation>day/month/year</translation>
        </message>
        <message>
            <source>month/day/year</source>
            <translation>month/day/year</translation>
        </message>
        <message>
            <source>if they balance</source>
            <translation>if they balance</translation>
        </message>
        <message>
            <source>always</source>
            <translation>always</translation>
        </message>
        <message>
            <source>never</source>
            <translation>never</translation>
        </message>
        <message>
            <source>Heading in line:</source>
            <translation>Heading in line:</translation>
        </message>
        <message>
            <source>Numbers:</source>
            <translation>Numbers:</translation>
        </message>
        <message>
            <source>Dates:</source>
            <translation>Dates:</translation>
        </message>
        <message>
            <source>Form vouchers:</source>
            <translation>Form vouchers:</translation>
        </message>
        <message>
            <source>Rows to leave out:</source>
            <translation>Rows to leave out:</translation>
        </message>
        <message>
            <source>Name (a-z, 0-9, -):</source>
            <translation>Name (a-z, 0-9, -):</translation>
        </message>
        <message>
            <source>Title:</source>
            <translation>Title:</translation>
        </message>
        <message>
            <source>What each column is</source>
            <translation>What each column is</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Line</translation>
        </message>
        <message>
            <source>Give it a name with lower-case letters, digits and hyphens.</source>
            <translation>Give it a name with lower-case letters, digits and hyphens.</translation>
        </message>
        <message>
            <source>Say which column is the date.</source>
            <translation>Say which column is the date.</translation>
        </message>
        <message>
            <source>The rows to leave out are not a regular expression.</source>
            <translation>The rows to leave out are not a regular expression.</translation>
        </message>
        <message>
            <source>A chosen heading stands twice in the table; rename one of the two in the file first.</source>
            <translation>A chosen heading stands twice in the table; rename one of the two in the file first.</translation>
        </message>
        <message>
            <source>A chosen column has no heading in that line, and a layout finds columns by their headings: choose another line, or write a heading in the file first.</source>
            <translation>A chosen column has no heading in that line, and a layout finds columns by their headings: choose another line, or write a heading in the file first.</translation>
        </message>
        <message>
            <source>Two columns were given the same meaning.</source>
            <translation>Two columns were given the same meaning.</translation>
        </message>
        <message>
            <source>Say which columns are debit and credit, or which is the amount.</source>
            <translation>Say which columns are debit and credit, or which is the amount.</translation>
        </message>
        <message>
            <source>date</source>
            <translation>date</translation>
        </message>
        <message>
            <source>reference (folio)</source>
            <translation>reference (folio)</translation>
        </message>
        <message>
            <source>voucher number</source>
            <translation>voucher number</translation>
        </message>
        <message>
            <source>voucher type</source>
            <translation>voucher type</translation>
        </message>
        <message>
            <source>account</source>
            <translation>account</translation>
        </message>
        <message>
            <source>account name</source>
            <translation>account name</translation>
        </message>
        <message>
            <source>description</source>
            <translation>description</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>debit</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>credit</translation>
        </message>
        <message>
            <source>amount (signed)</source>
            <translation>amount (signed)</translation>
        </message>
        <message>
            <source>D or C</source>
            <translation>D or C</translation>
        </message>
        <message>
            <source>balance</source>
            <translation>balance</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>third party</translation>
        </message>
        <message>
            <source>RFC or NIT</source>
            <translation>RFC or NIT</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>currency</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identifier</translation>
        </message>
        <message>
            <source>annulled</source>
            <translation>annulled</translation>
        </message>
    </context>
    <context>
        <name>Lines</name>
        <message>
            <source>Left side</source>
            <translation>Left side</translation>
        </message>
        <message>
            <source>Right side</source>
            <translation>Right side</translation>
        </message>
        <message>
            <source>Both sides in one table</source>
            <translation>Both sides in one table</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>matched</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>suggested</translation>
        </message>
        <message>
            <source>different</source>
            <translation>different</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>only left</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>only right</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Reference</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>{sign} Explained: {why}</source>
            <translation>{sign} Explained: {why}</translation>
        </message>
    </context>
    <context>
        <name>LogInDialog</name>
        <message>
            <source>Log in to {system}</source>
            <translation>Log in to {system}</translation>
        </message>
        <message>
            <source>The browser is open: log in there and choose the company. This window waits for its answer.</source>
            <translation>The browser is open: log in there and choose the company. This window waits for its answer.</translation>
        </message>
        <message>
            <source>Address of the log-in</source>
            <translation>Address of the log-in</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Copy</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>If it did not open, copy this address into it:</source>
            <translation>If it did not open, copy this address into it:</translation>
        </message>
    </context>
    <context>
        <name>LogPage</name>
        <message>
            <source>Search by voucher, file, number, person or text</source>
            <translation>Search by voucher, file, number, person or text</translation>
        </message>
        <message>
            <source>Verify the chain</source>
            <translation>Verify the chain</translation>
        </message>
        <message>
            <source>Export…</source>
            <translation>Export…</translation>
        </message>
        <message>
            <source>When</source>
            <translation>When</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Who</translation>
        </message>
        <message>
            <source>What</source>
            <translation>What</translation>
        </message>
        <message>
            <source>About</source>
            <translation>About</translation>
        </message>
        <message>
            <source>Data</source>
            <translation>Data</translation>
        </message>
        <message>
            <source>Events</source>
            <translation>Events</translation>
        </message>
        <message>
            <source>Found</source>
            <translation>Found</translation>
        </message>
        <message>
            <source>File</source>
            <translation>File</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Line</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Document</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>movement</source>
            <translation>movement</translation>
        </message>
        <message>
            <source>line</source>
            <translation>line</translation>
        </message>
        <message>
            <source>document</source>
            <translation>document</translation>
        </message>
        <message>
            <source>event</source>
            <translation>event</translation>
        </message>
        <message>
            <source>Lines and documents</source>
            <translation>Lines and documents</translation>
        </message>
        <message>
            <source>Journal</source>
            <translation>Journal</translation>
        </message>
        <message>
            <source>Lines and documents ({count})</source>
            <translation>Lines and documents ({count})</translation>
        </message>
        <message>
            <source>Choose a document to see its story.</source>
            <translation>Choose a document to see its story.</translation>
        </message>
        <message>
            <source>✓ {events} events in an unbroken chain; every row has its event.</source>
            <translation>✓ {events} events in an unbroken chain; every row has its event.</translation>
        </message>
        <message>
            <source>▲ The journal has been changed. First event that does not fit: {number}. {problems}</source>
            <translation>▲ The journal has been changed. First event that does not fit: {number}. {problems}</translation>
        </message>
        <message>
            <source>Export events</source>
            <translation>Export events</translation>
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation>{count} events written to {path}.</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Home</source>
            <translation>Home</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>Files</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Send</translation>
        </message>
        <message>
            <source>Reconcile</source>
            <translation>Reconcile</translation>
        </message>
        <message>
            <source>Figures</source>
            <translation>Figures</translation>
        </message>
        <message>
            <source>Journal</source>
            <translation>Journal</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Settings</translation>
        </message>
        <message>
            <source>Import &amp;files…</source>
            <translation>Import &amp;files…</translation>
        </message>
        <message>
            <source>&amp;Recent files</source>
            <translation>&amp;Recent files</translation>
        </message>
        <message>
            <source>&amp;File</source>
            <translation>&amp;File</translation>
        </message>
        <message>
            <source>&amp;Company…</source>
            <translation>&amp;Company…</translation>
        </message>
        <message>
            <source>Export the &amp;set-up…</source>
            <translation>Export the &amp;set-up…</translation>
        </message>
        <message>
            <source>I&amp;mport a set-up…</source>
            <translation>I&amp;mport a set-up…</translation>
        </message>
        <message>
            <source>&amp;Export this table…</source>
            <translation>&amp;Export this table…</translation>
        </message>
        <message>
            <source>&amp;Print this table…</source>
            <translation>&amp;Print this table…</translation>
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation>&amp;Quit</translation>
        </message>
        <message>
            <source>&amp;View</source>
            <translation>&amp;View</translation>
        </message>
        <message>
            <source>Read &amp;again</source>
            <translation>Read &amp;again</translation>
        </message>
        <message>
            <source>&amp;Search the journal</source>
            <translation>&amp;Search the journal</translation>
        </message>
        <message>
            <source>&amp;Colours</source>
            <translation>&amp;Colours</translation>
        </message>
        <message>
            <source>As the &amp;system</source>
            <translation>As the &amp;system</translation>
        </message>
        <message>
            <source>&amp;Light</source>
            <translation>&amp;Light</translation>
        </message>
        <message>
            <source>&amp;Dark</source>
            <translation>&amp;Dark</translation>
        </message>
        <message>
            <source>&amp;Language</source>
            <translation>&amp;Language</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>&amp;Help</translation>
        </message>
        <message>
            <source>&amp;Keys…</source>
            <translation>&amp;Keys…</translation>
        </message>
        <message>
            <source>&amp;Support bundle…</source>
            <translation>&amp;Support bundle…</translation>
        </message>
        <message>
            <source>&amp;Look for updates…</source>
            <translation>&amp;Look for updates…</translation>
        </message>
        <message>
            <source>none yet</source>
            <translation>none yet</translation>
        </message>
        <message>
            <source>Work is under way. It stops after its present step; what was done is in the journal. Close now?</source>
            <translation>Work is under way. It stops after its present step; what was done is in the journal. Close now?</translation>
        </message>
        <message>
            <source>The language changes when the work under way is done.</source>
            <translation>The language changes when the work under way is done.</translation>
        </message>
        <message>
            <source>target under 5 min · 24 h</source>
            <translation>target under 5 min · 24 h</translation>
        </message>
        <message>
            <source>target under 0.1 % · 24 h</source>
            <translation>target under 0.1 % · 24 h</translation>
        </message>
        <message>
            <source>target 0</source>
            <translation>target 0</translation>
        </message>
        <message>
            <source>{wrong} of {ended}</source>
            <translation>{wrong} of {ended}</translation>
        </message>
        <message>
            <source> ({trend} in 1 h)</source>
            <translation> ({trend} in 1 h)</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Sync latency</translation>
        </message>
        <message>
            <source>Error rate</source>
            <translation>Error rate</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Orphan records</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Retry queue</translation>
        </message>
        <message>
            <source>{count} wait for your answer</source>
            <translation>{count} wait for your answer</translation>
        </message>
    </context>
    <context>
        <name>MapTabs</name>
        <message>
            <source>Take over what is sure</source>
            <translation>Take over what is sure</translation>
        </message>
        <message>
            <source>Set counterpart…</source>
            <translation>Set counterpart…</translation>
        </message>
        <message>
            <source>Codes without a counterpart</source>
            <translation>Codes without a counterpart</translation>
        </message>
        <message>
            <source>Map</source>
            <translation>Map</translation>
        </message>
        <message>
            <source>Mapped</source>
            <translation>Mapped</translation>
        </message>
        <message>
            <source>Map ({count})</source>
            <translation>Map ({count})</translation>
        </message>
        <message>
            <source>Mapped ({count})</source>
            <translation>Mapped ({count})</translation>
        </message>
        <message>
            <source>{count} suggestions taken over.</source>
            <translation>{count} suggestions taken over.</translation>
        </message>
        <message>
            <source>Select a code of the map.</source>
            <translation>Select a code of the map.</translation>
        </message>
        <message>
            <source>Reading the target's list…</source>
            <translation>Reading the target's list…</translation>
        </message>
        <message>
            <source>▲ {count} documents were sent before with another counterpart and stay so there: {first}</source>
            <translation>▲ {count} documents were sent before with another counterpart and stay so there: {first}</translation>
        </message>
    </context>
    <context>
        <name>MappedLinks</name>
        <message>
            <source>Kind</source>
            <translation>Kind</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Ours</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Counterpart</source>
            <translation>Counterpart</translation>
        </message>
        <message>
            <source>Its name</source>
            <translation>Its name</translation>
        </message>
        <message>
            <source>Customer or supplier</source>
            <translation>Customer or supplier</translation>
        </message>
        <message>
            <source>Together</source>
            <translation>Together</translation>
        </message>
        <message>
            <source>Mapped codes</source>
            <translation>Mapped codes</translation>
        </message>
        <message>
            <source>Search code or name…</source>
            <translation>Search code or name…</translation>
        </message>
        <message>
            <source>Change…</source>
            <translation>Change…</translation>
        </message>
        <message>
            <source>Take away</source>
            <translation>Take away</translation>
        </message>
        <message numerus="yes">
            <source>▲ %n account(s) of the target stand for several of ours</source>
            <translation>
                <numerusform>▲ %n account of the target stand for several of ours</numerusform>
                <numerusform>▲ %n accounts of the target stand for several of ours</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Pairs</name>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Reference</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Ours</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Theirs</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Difference</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>Sure</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>Why</translation>
        </message>
    </context>
    <context>
        <name>Rail</name>
        <message>
            <source>Pages</source>
            <translation>Pages</translation>
        </message>
        <message>
            <source>{page}, {count} waiting</source>
            <translation>{page}, {count} waiting</translation>
        </message>
    </context>
    <context>
        <name>ReconcilingPage</name>
        <message>
            <source>Reconcile</source>
            <translation>Reconcile</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Accept</translation>
        </message>
        <message>
            <source>Search amount, reference, text…</source>
            <translation>Search amount, reference, text…</translation>
        </message>
        <message>
            <source>Take apart</source>
            <translation>Take apart</translation>
        </message>
        <message>
            <source>Explain…</source>
            <translation>Explain…</translation>
        </message>
        <message>
            <source>More</source>
            <translation>More</translation>
        </message>
        <message>
            <source>By account</source>
            <translation>By account</translation>
        </message>
        <message>
            <source>One table</source>
            <translation>One table</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Undo</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>Redo</translation>
        </message>
        <message>
            <source>Working paper…</source>
            <translation>Working paper…</translation>
        </message>
        <message>
            <source>Reconcile this account on its own</source>
            <translation>Reconcile this account on its own</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>matched</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>suggested</translation>
        </message>
        <message>
            <source>different</source>
            <translation>different</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>only left</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>only right</translation>
        </message>
        <message>
            <source>everything</source>
            <translation>everything</translation>
        </message>
        <message>
            <source>to decide</source>
            <translation>to decide</translation>
        </message>
        <message>
            <source>Stopped; what was shown before stays.</source>
            <translation>Stopped; what was shown before stays.</translation>
        </message>
        <message>
            <source>That is no longer there.</source>
            <translation>That is no longer there.</translation>
        </message>
        <message>
            <source>Show:</source>
            <translation>Show:</translation>
        </message>
        <message>
            <source>Choose the books of a connection on the right side first.</source>
            <translation>Choose the books of a connection on the right side first.</translation>
        </message>
        <message>
            <source>{lines} ledger lines read.</source>
            <translation>{lines} ledger lines read.</translation>
        </message>
        <message>
            <source>The target did not hand out its trial balance: {words}</source>
            <translation>The target did not hand out its trial balance: {words}</translation>
        </message>
        <message>
            <source>Enter or a double click shows the lines of an account.</source>
            <translation>Enter or a double click shows the lines of an account.</translation>
        </message>
        <message>
            <source>{account} ✕</source>
            <translation>{account} ✕</translation>
        </message>
        <message>
            <source>Show the lines of all accounts again</source>
            <translation>Show the lines of all accounts again</translation>
        </message>
        <message>
            <source>Matched anew after your decisions, some lines came out otherwise: look at them, then take the step again.</source>
            <translation>Matched anew after your decisions, some lines came out otherwise: look at them, then take the step again.</translation>
        </message>
        <message>
            <source>Working paper</source>
            <translation>Working paper</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Written to {path}.</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) ticked</source>
            <translation>
                <numerusform>%n line ticked</numerusform>
                <numerusform>%n lines ticked</numerusform>
            </translation>
        </message>
        <message>
            <source>There is nothing to read there yet. Read the target's books first.</source>
            <translation>There is nothing to read there yet. Read the target's books first.</translation>
        </message>
    </context>
    <context>
        <name>RepeatsDialog</name>
        <message>
            <source>Probably sent already</source>
            <translation>Probably sent already</translation>
        </message>
        <message>
            <source>They are the same: do not send…</source>
            <translation>They are the same: do not send…</translation>
        </message>
        <message>
            <source>They are others: send…</source>
            <translation>They are others: send…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Ours</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>In the target</translation>
        </message>
        <message>
            <source>Sent as</source>
            <translation>Sent as</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Debit</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Credit</translation>
        </message>
        <message>
            <source>{count} documents say what was sent or entered already under another reference ({change}).</source>
            <translation>{count} documents say what was sent or entered already under another reference ({change}).</translation>
        </message>
        <message>
            <source>Why are they the same?</source>
            <translation>Why are they the same?</translation>
        </message>
        <message>
            <source>Why are they others?</source>
            <translation>Why are they others?</translation>
        </message>
    </context>
    <context>
        <name>RulesDialog</name>
        <message>
            <source>Rules of the company</source>
            <translation>Rules of the company</translation>
        </message>
        <message>
            <source>Before sending</source>
            <translation>Before sending</translation>
        </message>
        <message>
            <source>People</source>
            <translation>People</translation>
        </message>
        <message>
            <source>Alerts</source>
            <translation>Alerts</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>Save…</source>
            <translation>Save…</translation>
        </message>
        <message>
            <source>Rules</source>
            <translation>Rules</translation>
        </message>
        <message>
            <source>Why are the rules changed?</source>
            <translation>Why are the rules changed?</translation>
        </message>
        <message>
            <source>As long as nobody is listed everybody may do everything. Whoever lists the first becomes administrator.</source>
            <translation>As long as nobody is listed everybody may do everything. Whoever lists the first becomes administrator.</translation>
        </message>
        <message>
            <source>Person</source>
            <translation>Person</translation>
        </message>
        <message>
            <source>May</source>
            <translation>May</translation>
        </message>
        <message>
            <source>user or user@machine</source>
            <translation>user or user@machine</translation>
        </message>
        <message>
            <source>Say who: the user of the operating system.</source>
            <translation>Say who: the user of the operating system.</translation>
        </message>
        <message>
            <source>Why are the roles changed?</source>
            <translation>Why are the roles changed?</translation>
        </message>
        <message>
            <source>Alerts are shown on this desktop. They also go to these addresses, in the form of the apprise library: mailto://user:password@host, slack://…, msteams://…, tgram://… They are kept by the operating system, never in a file.</source>
            <translation>Alerts are shown on this desktop. They also go to these addresses, in the form of the apprise library: mailto://user:password@host, slack://…, msteams://…, tgram://… They are kept by the operating system, never in a file.</translation>
        </message>
        <message>
            <source>Addresses</source>
            <translation>Addresses</translation>
        </message>
        <message>
            <source>New address</source>
            <translation>New address</translation>
        </message>
        <message>
            <source>Add</source>
            <translation>Add</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Remove</translation>
        </message>
        <message>
            <source>Send a test</source>
            <translation>Send a test</translation>
        </message>
        <message>
            <source>That is not an address alerts can be sent to.</source>
            <translation>That is not an address alerts can be sent to.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the address was not kept.</source>
            <translation>This machine has no secret store: the address was not kept.</translation>
        </message>
        <message>
            <source>{sent} delivered, {failed} failed.</source>
            <translation>{sent} delivered, {failed} failed.</translation>
        </message>
        <message>
            <source>Saved.</source>
            <translation>Saved.</translation>
        </message>
    </context>
    <context>
        <name>RulesEditor</name>
        <message>
            <source>Rules of matching</source>
            <translation>Rules of matching</translation>
        </message>
        <message>
            <source>Add a fee or withholding</source>
            <translation>Add a fee or withholding</translation>
        </message>
        <message>
            <source>Try on this month</source>
            <translation>Try on this month</translation>
        </message>
        <message>
            <source>Nothing changes before you keep them.</source>
            <translation>Nothing changes before you keep them.</translation>
        </message>
        <message>
            <source>Why:</source>
            <translation>Why:</translation>
        </message>
        <message>
            <source>Let them hold</source>
            <translation>Let them hold</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>{title}: matched {matched}, suggested {suggested}, to explain {difference}</source>
            <translation>{title}: matched {matched}, suggested {suggested}, to explain {difference}</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>Now</translation>
        </message>
        <message>
            <source>By these</source>
            <translation>By these</translation>
        </message>
        <message>
            <source>Matched besides</source>
            <translation>Matched besides</translation>
        </message>
        <message>
            <source>No longer matched</source>
            <translation>No longer matched</translation>
        </message>
        <message>
            <source>Working…</source>
            <translation>Working…</translation>
        </message>
        <message>
            <source>Used</source>
            <translation>Used</translation>
        </message>
        <message>
            <source>Rule</source>
            <translation>Rule</translation>
        </message>
        <message>
            <source>By itself</source>
            <translation>By itself</translation>
        </message>
        <message>
            <source>Days</source>
            <translation>Days</translation>
        </message>
        <message>
            <source>Cents apart</source>
            <translation>Cents apart</translation>
        </message>
        <message>
            <source>Percent</source>
            <translation>Percent</translation>
        </message>
        <message>
            <source>Posted to</source>
            <translation>Posted to</translation>
        </message>
    </context>
    <context>
        <name>SendingPage</name>
        <message>
            <source>Check before sending</source>
            <translation>Check before sending</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Send</translation>
        </message>
        <message>
            <source>Check first: it says everything at once and sends nothing.</source>
            <translation>Check first: it says everything at once and sends nothing.</translation>
        </message>
        <message>
            <source>What stands in the way</source>
            <translation>What stands in the way</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Documents</translation>
        </message>
        <message>
            <source>Which</source>
            <translation>Which</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>Kind</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Source</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Uses</source>
            <translation>Uses</translation>
        </message>
        <message>
            <source>Suggestion</source>
            <translation>Suggestion</translation>
        </message>
        <message>
            <source>Its name</source>
            <translation>Its name</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>Sure</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>Why</translation>
        </message>
        <message>
            <source>Queue</source>
            <translation>Queue</translation>
        </message>
        <message>
            <source>Obstacles</source>
            <translation>Obstacles</translation>
        </message>
        <message>
            <source>Queue ({count})</source>
            <translation>Queue ({count})</translation>
        </message>
        <message>
            <source>Add a connection first, on the Connections page.</source>
            <translation>Add a connection first, on the Connections page.</translation>
        </message>
        <message>
            <source>Contacts too</source>
            <translation>Contacts too</translation>
        </message>
        <message>
            <source>Customers and suppliers of imported listings, before the vouchers.</source>
            <translation>Customers and suppliers of imported listings, before the vouchers.</translation>
        </message>
        <message>
            <source>Invoices and payments too</source>
            <translation>Invoices and payments too</translation>
        </message>
        <message>
            <source>Imported CFDI and documents of the DIAN: invoices, credit notes, payments, their customers and suppliers, and the files themselves.</source>
            <translation>Imported CFDI and documents of the DIAN: invoices, credit notes, payments, their customers and suppliers, and the files themselves.</translation>
        </message>
        <message>
            <source>Retry now</source>
            <translation>Retry now</translation>
        </message>
        <message>
            <source>Skip…</source>
            <translation>Skip…</translation>
        </message>
        <message>
            <source>Compare…</source>
            <translation>Compare…</translation>
        </message>
        <message>
            <source>Story</source>
            <translation>Story</translation>
        </message>
        <message>
            <source>Let it go…</source>
            <translation>Let it go…</translation>
        </message>
        <message>
            <source>Target:</source>
            <translation>Target:</translation>
        </message>
        <message>
            <source>Checking…</source>
            <translation>Checking…</translation>
        </message>
        <message>
            <source>{ready} ready to send, {already} already there, {held} held back.</source>
            <translation>{ready} ready to send, {already} already there, {held} held back.</translation>
        </message>
        <message>
            <source>Obstacles ({count})</source>
            <translation>Obstacles ({count})</translation>
        </message>
        <message>
            <source>Send {count} documents to {name}?</source>
            <translation>Send {count} documents to {name}?</translation>
        </message>
        <message>
            <source>{count} of them are vouchers of {amount} in debits.</source>
            <translation>{count} of them are vouchers of {amount} in debits.</translation>
        </message>
        <message>
            <source>Sending…</source>
            <translation>Sending…</translation>
        </message>
        <message>
            <source>Nothing was sent: the map is incomplete. Press Check to see what is missing.</source>
            <translation>Nothing was sent: the map is incomplete. Press Check to see what is missing.</translation>
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</translation>
        </message>
        <message>
            <source>{count} looked up before their first sending, {seconds} s</source>
            <translation>{count} looked up before their first sending, {seconds} s</translation>
        </message>
        <message>
            <source>Select documents of the queue that are not confirmed.</source>
            <translation>Select documents of the queue that are not confirmed.</translation>
        </message>
        <message>
            <source>Select documents that wait, were refused or are in conflict.</source>
            <translation>Select documents that wait, were refused or are in conflict.</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>Skip</translation>
        </message>
        <message>
            <source>Why is it not to be sent?</source>
            <translation>Why is it not to be sent?</translation>
        </message>
        <message>
            <source>Select a document of the queue.</source>
            <translation>Select a document of the queue.</translation>
        </message>
        <message>
            <source>Select an obstacle that is about one document.</source>
            <translation>Select an obstacle that is about one document.</translation>
        </message>
        <message>
            <source>Let it go</source>
            <translation>Let it go</translation>
        </message>
        <message>
            <source>Why may it be sent all the same?</source>
            <translation>Why may it be sent all the same?</translation>
        </message>
        <message>
            <source>Which file's vouchers count? The others' are not sent.</source>
            <translation>Which file's vouchers count? The others' are not sent.</translation>
        </message>
        <message>
            <source>Repeated folios</source>
            <translation>Repeated folios</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Sending</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Document</translation>
        </message>
        <message>
            <source>Number</source>
            <translation>Number</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Description</source>
            <translation>Description</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>Select a file that errors, warnings, repeated folios or a missing approval hold back.</source>
            <translation>Select a file that errors, warnings, repeated folios or a missing approval hold back.</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>In the target</translation>
        </message>
        <message>
            <source>Attempts</source>
            <translation>Attempts</translation>
        </message>
        <message>
            <source>Why and when next</source>
            <translation>Why and when next</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>Answer</translation>
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Secret</source>
            <translation>Secret</translation>
        </message>
        <message>
            <source>Password or API key of {name}:</source>
            <translation>Password or API key of {name}:</translation>
        </message>
    </context>
    <context>
        <name>SetupDialog</name>
        <message>
            <source>Import a set-up</source>
            <translation>Import a set-up</translation>
        </message>
        <message>
            <source>What</source>
            <translation>What</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Until now</source>
            <translation>Until now</translation>
        </message>
        <message>
            <source>From now on</source>
            <translation>From now on</translation>
        </message>
        <message>
            <source>Why:</source>
            <translation>Why:</translation>
        </message>
        <message>
            <source>Take it over</source>
            <translation>Take it over</translation>
        </message>
        <message>
            <source>What is here and not in the file stays as it is.</source>
            <translation>What is here and not in the file stays as it is.</translation>
        </message>
    </context>
    <context>
        <name>Sides</name>
        <message>
            <source>Reconcile</source>
            <translation>Reconcile</translation>
        </message>
        <message>
            <source>Read target's books</source>
            <translation>Read target's books</translation>
        </message>
        <message>
            <source>books of {name}</source>
            <translation>books of {name}</translation>
        </message>
        <message>
            <source>a file…</source>
            <translation>a file…</translation>
        </message>
        <message>
            <source>Left:</source>
            <translation>Left:</translation>
        </message>
        <message>
            <source>Right:</source>
            <translation>Right:</translation>
        </message>
        <message>
            <source>Both sides are the same: choose what is to be compared with it.</source>
            <translation>Both sides are the same: choose what is to be compared with it.</translation>
        </message>
        <message>
            <source>Choose a side</source>
            <translation>Choose a side</translation>
        </message>
    </context>
    <context>
        <name>SplitDialog</name>
        <message>
            <source>Split the line</source>
            <translation>Split the line</translation>
        </message>
        <message>
            <source>Amounts of the parts</source>
            <translation>Amounts of the parts</translation>
        </message>
        <message>
            <source>{date} · {what} · {amount}</source>
            <translation>{date} · {what} · {amount}</translation>
        </message>
        <message>
            <source>Note:</source>
            <translation>Note:</translation>
        </message>
        <message>
            <source>Split</source>
            <translation>Split</translation>
        </message>
        <message>
            <source>The amounts of the parts, one a line; together they are the line.</source>
            <translation>The amounts of the parts, one a line; together they are the line.</translation>
        </message>
        <message>
            <source>That is not an amount.</source>
            <translation>That is not an amount.</translation>
        </message>
        <message>
            <source>Missing: {amount}</source>
            <translation>Missing: {amount}</translation>
        </message>
    </context>
    <context>
        <name>StepDialog</name>
        <message>
            <source>Why, all the same:</source>
            <translation>Why, all the same:</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Your name goes into the journal: {actor}</source>
            <translation>Your name goes into the journal: {actor}</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Open items</translation>
        </message>
        <message>
            <source>{count} lines go into the next month</source>
            <translation>{count} lines go into the next month</translation>
        </message>
        <message>
            <source>To explain</source>
            <translation>To explain</translation>
        </message>
        <message>
            <source>Prepared</source>
            <translation>Prepared</translation>
        </message>
        <message>
            <source>Reviewed</source>
            <translation>Reviewed</translation>
        </message>
        <message>
            <source>Signed</source>
            <translation>Signed</translation>
        </message>
        <message>
            <source>{lines} lines, debit {debit}, credit {credit}</source>
            <translation>{lines} lines, debit {debit}, credit {credit}</translation>
        </message>
        <message>
            <source>Not everything is decided or explained. It is signed so only with a reason, which goes onto the paper.</source>
            <translation>Not everything is decided or explained. It is signed so only with a reason, which goes onto the paper.</translation>
        </message>
        <message>
            <source>You did a step before this one yourself. Another person should sign.</source>
            <translation>You did a step before this one yourself. Another person should sign.</translation>
        </message>
        <message>
            <source>The month is signed. Opened again, it has to be prepared, reviewed and signed anew; the journal keeps both.</source>
            <translation>The month is signed. Opened again, it has to be prepared, reviewed and signed anew; the journal keeps both.</translation>
        </message>
    </context>
    <context>
        <name>StoryDialog</name>
        <message>
            <source>Story of {document}</source>
            <translation>Story of {document}</translation>
        </message>
        <message>
            <source>When</source>
            <translation>When</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Who</translation>
        </message>
        <message>
            <source>What</source>
            <translation>What</translation>
        </message>
        <message>
            <source>Facts</source>
            <translation>Facts</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
    </context>
    <context>
        <name>SupportDialog</name>
        <message>
            <source>Support bundle</source>
            <translation>Support bundle</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>Save as…</translation>
        </message>
        <message>
            <source>This is all that is saved. Nothing is sent anywhere; give the file to whom you want.</source>
            <translation>This is all that is saved. Nothing is sent anywhere; give the file to whom you want.</translation>
        </message>
    </context>
    <context>
        <name>SureDialog</name>
        <message>
            <source>Accept what is sure</source>
            <translation>Accept what is sure</translation>
        </message>
        <message>
            <source>Accept them</source>
            <translation>Accept them</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>At least as sure as:</source>
            <translation>At least as sure as:</translation>
        </message>
        <message>
            <source>One undo takes all of them back.</source>
            <translation>One undo takes all of them back.</translation>
        </message>
        <message>
            <source>{count} suggestions, {amount} in all</source>
            <translation>{count} suggestions, {amount} in all</translation>
        </message>
    </context>
    <context>
        <name>TableMenu</name>
        <message>
            <source>Export this table</source>
            <translation>Export this table</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Written to {path}.</translation>
        </message>
        <message>
            <source>There is no table with lines here.</source>
            <translation>There is no table with lines here.</translation>
        </message>
    </context>
    <context>
        <name>TaskBar</name>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Stopping…</source>
            <translation>Stopping…</translation>
        </message>
        <message>
            <source>{share} % · {seconds} s left</source>
            <translation>{share} % · {seconds} s left</translation>
        </message>
        <message>
            <source>{share} % · {rate} MB/s · {seconds} s left</source>
            <translation>{share} % · {rate} MB/s · {seconds} s left</translation>
        </message>
        <message>
            <source>Working…</source>
            <translation>Working…</translation>
        </message>
    </context>
    <context>
        <name>VouchersDialog</name>
        <message>
            <source>Adjustments proposed</source>
            <translation>Adjustments proposed</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contra account</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Voucher</translation>
        </message>
        <message>
            <source>Withdraw</source>
            <translation>Withdraw</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Close</translation>
        </message>
        <message>
            <source>One that was sent stays: what is wrong with it is corrected in the target.</source>
            <translation>One that was sent stays: what is wrong with it is corrected in the target.</translation>
        </message>
    </context>
    <context>
        <name>Workbook</name>
        <message>
            <source>Mark as prepared</source>
            <translation>Mark as prepared</translation>
        </message>
        <message>
            <source>Mark as reviewed</source>
            <translation>Mark as reviewed</translation>
        </message>
        <message>
            <source>Sign…</source>
            <translation>Sign…</translation>
        </message>
        <message>
            <source>Open again…</source>
            <translation>Open again…</translation>
        </message>
        <message>
            <source>Selected: left {left} · right {right} · missing {missing}</source>
            <translation>Selected: left {left} · right {right} · missing {missing}</translation>
        </message>
        <message>
            <source>matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation>matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</translation>
        </message>
        <message>
            <source>Left {left} · Right {right} · explained {explained} · to explain</source>
            <translation>Left {left} · Right {right} · explained {explained} · to explain</translation>
        </message>
    </context>
    <context>
        <name>adjustment</name>
        <message>
            <source>Reconciliation {period}: {what}</source>
            <translation>Reconciliation {period}: {what}</translation>
        </message>
        <message>
            <source>adjustments {period}.csv</source>
            <translation>adjustments {period}.csv</translation>
        </message>
    </context>
    <context>
        <name>alerts</name>
        <message>
            <source>Documents take too long to reach the target: 95 % within {p95} s, {count} over 5 minutes.</source>
            <translation>Documents take too long to reach the target: 95 % within {p95} s, {count} over 5 minutes.</translation>
        </message>
        <message>
            <source>{count} documents were refused or differ ({rate}); the target is under 0.1 %.</source>
            <translation>{count} documents were refused or differ ({rate}); the target is under 0.1 %.</translation>
        </message>
        <message>
            <source>{count} orphan records: confirmed here and not there, or the other way round.</source>
            <translation>{count} orphan records: confirmed here and not there, or the other way round.</translation>
        </message>
        <message>
            <source>{count} documents wait to be sent, the oldest since {since}.</source>
            <translation>{count} documents wait to be sent, the oldest since {since}.</translation>
        </message>
        <message>
            <source>Connection {connection} has not answered since {since}: {words}</source>
            <translation>Connection {connection} has not answered since {since}: {words}</translation>
        </message>
        <message>
            <source>{count} documents came in several files with different content ({documents}); nothing of them is sent until somebody says which file counts.</source>
            <translation>{count} documents came in several files with different content ({documents}); nothing of them is sent until somebody says which file counts.</translation>
        </message>
        <message>
            <source>{count} documents were probably sent already under another reference ({documents}); they wait until somebody says whether they are the same.</source>
            <translation>{count} documents were probably sent already under another reference ({documents}); they wait until somebody says whether they are the same.</translation>
        </message>
        <message>
            <source>{count} documents came otherwise than they were sent ({documents}); correct them in the target, then say so.</source>
            <translation>{count} documents came otherwise than they were sent ({documents}); correct them in the target, then say so.</translation>
        </message>
        <message>
            <source>The anchors of the journal in {path} were garbled: that nothing before them was changed is no longer proved. Verify the journal, then settle it with a reason.</source>
            <translation>The anchors of the journal in {path} were garbled: that nothing before them was changed is no longer proved. Verify the journal, then settle it with a reason.</translation>
        </message>
        <message>
            <source>{count} documents stand in {connection} more than once: {documents}. Keep one of each and cancel the others there.</source>
            <translation>{count} documents stand in {connection} more than once: {documents}. Keep one of each and cancel the others there.</translation>
        </message>
        <message>
            <source>The journal is an older one than this machine last saw here. What was sent since is unknown: until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>The journal is an older one than this machine last saw here. What was sent since is unknown: until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>The journal went another way than this machine last saw here (two copies of it were used). Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>The journal went another way than this machine last saw here (two copies of it were used). Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>Another journal of this machine was used here, or sends to the same company. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>Another journal of this machine was used here, or sends to the same company. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>The journal is a copy of one that still lies elsewhere on this machine; use only one of them. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>The journal is a copy of one that still lies elsewhere on this machine; use only one of them. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>The journal was restored from a copy. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>The journal was restored from a copy. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>The journal was saved from damage. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>The journal was saved from damage. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</translation>
        </message>
        <message>
            <source>The watched folder {path} cannot be listed since {since}: {words}</source>
            <translation>The watched folder {path} cannot be listed since {since}: {words}</translation>
        </message>
        <message>
            <source>{count} files in watched folders are not whole or cannot be read ({files}); nothing of them was imported.</source>
            <translation>{count} files in watched folders are not whole or cannot be read ({files}); nothing of them was imported.</translation>
        </message>
        <message>
            <source>{count} documents imported before {since} were never sent.</source>
            <translation>{count} documents imported before {since} were never sent.</translation>
        </message>
        <message>
            <source>The journal lies on a network share ({home}), where SQLite can lose events. Keep it on this machine's own disk, or use a shared journal (PostgreSQL) for several people.</source>
            <translation>The journal lies on a network share ({home}), where SQLite can lose events. Keep it on this machine's own disk, or use a shared journal (PostgreSQL) for several people.</translation>
        </message>
        <message>
            <source>The journal lies in a folder that is synchronised ({home}): an older copy may take its place. Keep it elsewhere on this machine, or use a shared journal (PostgreSQL) for several people.</source>
            <translation>The journal lies in a folder that is synchronised ({home}): an older copy may take its place. Keep it elsewhere on this machine, or use a shared journal (PostgreSQL) for several people.</translation>
        </message>
        <message>
            <source>Cuadre: {count} alerts</source>
            <translation>Cuadre: {count} alerts</translation>
        </message>
        <message>
            <source>Cuadre: a test</source>
            <translation>Cuadre: a test</translation>
        </message>
        <message>
            <source>Alerts arrive here.</source>
            <translation>Alerts arrive here.</translation>
        </message>
        <message>
            <source>{count} events were set apart because what they are about cannot be read (cuadre inbox list --state dead).</source>
            <translation>{count} events were set apart because what they are about cannot be read (cuadre inbox list --state dead).</translation>
        </message>
        <message>
            <source>Events have waited to be looked at since {since}: no account that runs “cuadre work” has the connection's secret, or the target does not answer (cuadre inbox list).</source>
            <translation>Events have waited to be looked at since {since}: no account that runs “cuadre work” has the connection's secret, or the target does not answer (cuadre inbox list).</translation>
        </message>
        <message>
            <source>{connection}: {missed} of {count} changes of a day were announced by no webhook; they were found by asking. Look at the subscription there.</source>
            <translation>{connection}: {missed} of {count} changes of a day were announced by no webhook; they were found by asking. Look at the subscription there.</translation>
        </message>
        <message>
            <source>{connection}: what changed cannot be read ({streams}): {words}</source>
            <translation>{connection}: what changed cannot be read ({streams}): {words}</translation>
        </message>
        <message>
            <source>{connection}: {count} of {of} records seem to be gone at once; nothing was believed. Look whether its user may still see them and the company is the right one.</source>
            <translation>{connection}: {count} of {of} records seem to be gone at once; nothing was believed. Look whether its user may still see them and the company is the right one.</translation>
        </message>
        <message>
            <source>This machine's clock is {seconds} s behind that of {connection}; set it (Windows: w32tm /resync).</source>
            <translation>This machine's clock is {seconds} s behind that of {connection}; set it (Windows: w32tm /resync).</translation>
        </message>
        <message>
            <source>This machine's clock is {seconds} s ahead of that of {connection}; set it (Windows: w32tm /resync).</source>
            <translation>This machine's clock is {seconds} s ahead of that of {connection}; set it (Windows: w32tm /resync).</translation>
        </message>
        <message>
            <source>{count} deliveries with a wrong signature came for {connection} within ten minutes: its key was changed there, or somebody tries (cuadre door key).</source>
            <translation>{count} deliveries with a wrong signature came for {connection} within ten minutes: its key was changed there, or somebody tries (cuadre door key).</translation>
        </message>
        <message>
            <source>“cuadre work” cannot do {job}: {words}</source>
            <translation>“cuadre work” cannot do {job}: {words}</translation>
        </message>
        <message>
            <source>Nothing has been done by itself since {since} although a task is registered: its password may have changed (cuadre schedule test).</source>
            <translation>Nothing has been done by itself since {since} although a task is registered: its password may have changed (cuadre schedule test).</translation>
        </message>
        <message>
            <source>{names}: {count} contacts wait for a person (cuadre contacts sync).</source>
            <translation>{names}: {count} contacts wait for a person (cuadre contacts sync).</translation>
        </message>
        <message>
            <source>{names}: fields of contacts are changed back again and again, or too many are gone; they are left alone (cuadre contacts sync).</source>
            <translation>{names}: fields of contacts are changed back again and again, or too many are gone; they are left alone (cuadre contacts sync).</translation>
        </message>
        <message>
            <source>Close of {period} with {connection}: {differences} reconciliations with differences, {waiting} documents wait.</source>
            <translation>Close of {period} with {connection}: {differences} reconciliations with differences, {waiting} documents wait.</translation>
        </message>
        <message>
            <source>The close of {period} with {connection} has waited for hours: files are held or still coming, events are open, or the target was not read (cuadre jobs list).</source>
            <translation>The close of {period} with {connection} has waited for hours: files are held or still coming, events are open, or the target was not read (cuadre jobs list).</translation>
        </message>
        <message>
            <source>Close of {period} with {connection}: nothing to explain; it can be signed.</source>
            <translation>Close of {period} with {connection}: nothing to explain; it can be signed.</translation>
        </message>
    </context>
    <context>
        <name>argparse</name>
        <message>
            <source>usage: </source>
            <translation>usage: </translation>
        </message>
        <message>
            <source>positional arguments</source>
            <translation>positional arguments</translation>
        </message>
        <message>
            <source>options</source>
            <translation>options</translation>
        </message>
        <message>
            <source>show this help message and exit</source>
            <translation>show this help message and exit</translation>
        </message>
        <message>
            <source>the following arguments are required: %s</source>
            <translation>the following arguments are required: %s</translation>
        </message>
        <message>
            <source>unrecognized arguments: %s</source>
            <translation>unrecognized arguments: %s</translation>
        </message>
        <message>
            <source>%(prog)s: error: %(message)s
</source>
            <translation>%(prog)s: error: %(message)s
</translation>
        </message>
        <message>
            <source>argument %(argument_name)s: %(message)s</source>
            <translation>argument %(argument_name)s: %(message)s</translation>
        </message>
        <message>
            <source>invalid choice: %(value)r (choose from %(choices)s)</source>
            <translation>invalid choice: %(value)r (choose from %(choices)s)</translation>
        </message>
        <message>
            <source>invalid %(type)s value: %(value)r</source>
            <translation>invalid %(type)s value: %(value)r</translation>
        </message>
        <message>
            <source>expected one argument</source>
            <translation>expected one argument</translation>
        </message>
    </context>
    <context>
        <name>blocked</name>
        <message>
            <source>voucher does not balance</source>
            <translation>voucher does not balance</translation>
        </message>
        <message>
            <source>voucher without movements</source>
            <translation>voucher without movements</translation>
        </message>
        <message>
            <source>number used twice</source>
            <translation>number used twice</translation>
        </message>
        <message>
            <source>voucher without number</source>
            <translation>voucher without number</translation>
        </message>
        <message>
            <source>a line could not be read</source>
            <translation>a line could not be read</translation>
        </message>
        <message>
            <source>movement without account</source>
            <translation>movement without account</translation>
        </message>
        <message>
            <source>date outside the period</source>
            <translation>date outside the period</translation>
        </message>
        <message>
            <source>the file is cut</source>
            <translation>the file is cut</translation>
        </message>
        <message>
            <source>neither party is the company</source>
            <translation>neither party is the company</translation>
        </message>
        <message>
            <source>both parties are the company</source>
            <translation>both parties are the company</translation>
        </message>
        <message>
            <source>from the authority's test environment</source>
            <translation>from the authority's test environment</translation>
        </message>
        <message>
            <source>a draft without the authority's stamp</source>
            <translation>a draft without the authority's stamp</translation>
        </message>
        <message>
            <source>without an exchange rate</source>
            <translation>without an exchange rate</translation>
        </message>
        <message>
            <source>its day cannot be read</source>
            <translation>its day cannot be read</translation>
        </message>
        <message>
            <source>an amount cannot be read</source>
            <translation>an amount cannot be read</translation>
        </message>
        <message>
            <source>its amounts do not add up</source>
            <translation>its amounts do not add up</translation>
        </message>
        <message>
            <source>waiting to be sent</source>
            <translation>waiting to be sent</translation>
        </message>
        <message>
            <source>being sent</source>
            <translation>being sent</translation>
        </message>
        <message>
            <source>sent without an answer</source>
            <translation>sent without an answer</translation>
        </message>
        <message>
            <source>refused by the target</source>
            <translation>refused by the target</translation>
        </message>
        <message>
            <source>differs in the target</source>
            <translation>differs in the target</translation>
        </message>
        <message>
            <source>skipped by a person</source>
            <translation>skipped by a person</translation>
        </message>
    </context>
    <context>
        <name>cli</name>
        <message>
            <source>Interrupted. What was done is in the journal; run the same command again to go on.</source>
            <translation>Interrupted. What was done is in the journal; run the same command again to go on.</translation>
        </message>
        <message>
            <source>Unexpected error: {error}. A report without secrets was written to {path}.</source>
            <translation>Unexpected error: {error}. A report without secrets was written to {path}.</translation>
        </message>
        <message>
            <source>There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).</source>
            <translation>There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).</translation>
        </message>
        <message>
            <source>The report cannot be written to {path} ({reason}). Is it open in Excel?</source>
            <translation>The report cannot be written to {path} ({reason}). Is it open in Excel?</translation>
        </message>
        <message>
            <source>{name}: {lines} lines, debits {debit}, credits {credit}, net {total}</source>
            <translation>{name}: {lines} lines, debits {debit}, credits {credit}, net {total}</translation>
        </message>
        <message>
            <source>Matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation>Matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</translation>
        </message>
        <message>
            <source>PROOF (debit positive)</source>
            <translation>PROOF (debit positive)</translation>
        </message>
        <message numerus="yes">
            <source>… and %n more</source>
            <translation>
                <numerusform>… and %n more</numerusform>
                <numerusform>… and %n more</numerusform>
            </translation>
        </message>
        <message>
            <source>Rules {name}, version {version}, hold from now on.</source>
            <translation>Rules {name}, version {version}, hold from now on.</translation>
        </message>
        <message>
            <source>By the rules that hold</source>
            <translation>By the rules that hold</translation>
        </message>
        <message>
            <source>By these</source>
            <translation>By these</translation>
        </message>
        <message>
            <source>{title}: matched {matched} · suggested {suggested} · different {different} · only left {only_left} · only right {only_right} · to explain {difference}</source>
            <translation>{title}: matched {matched} · suggested {suggested} · different {different} · only left {only_left} · only right {only_right} · to explain {difference}</translation>
        </message>
        <message>
            <source>Matched by these only</source>
            <translation>Matched by these only</translation>
        </message>
        <message>
            <source>No longer matched</source>
            <translation>No longer matched</translation>
        </message>
        <message numerus="yes">
            <source>%n adjustment(s) proposed as batch:{batch}; cuadre push {connection} sends them.</source>
            <translation>
                <numerusform>%n adjustment proposed as batch:{batch}; cuadre push {connection} sends them.</numerusform>
                <numerusform>%n adjustments proposed as batch:{batch}; cuadre push {connection} sends them.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>▲ %n difference(s) without an account to be posted to; give --contra or name it in the rule.</source>
            <translation>
                <numerusform>▲ %n difference without an account to be posted to; give --contra or name it in the rule.</numerusform>
                <numerusform>▲ %n differences without an account to be posted to; give --contra or name it in the rule.</numerusform>
            </translation>
        </message>
        <message>
            <source>What is added opens the reconciliation again: prepare it first (--advance prepared).</source>
            <translation>What is added opens the reconciliation again: prepare it first (--advance prepared).</translation>
        </message>
        <message>
            <source>{path}: rule {place}: {what} cannot be understood.</source>
            <translation>{path}: rule {place}: {what} cannot be understood.</translation>
        </message>
        <message>
            <source>{path} is kept as evidence.</source>
            <translation>{path} is kept as evidence.</translation>
        </message>
        <message>
            <source>Adjustments go to the target whose books are a side: pull:NAME.</source>
            <translation>Adjustments go to the target whose books are a side: pull:NAME.</translation>
        </message>
        <message>
            <source>The rules let nothing differ: there is nothing to adjust.</source>
            <translation>The rules let nothing differ: there is nothing to adjust.</translation>
        </message>
        <message>
            <source>{path} cannot be written ({reason}).</source>
            <translation>{path} cannot be written ({reason}).</translation>
        </message>
        <message>
            <source>Explained: {why}, {amount}</source>
            <translation>Explained: {why}, {amount}</translation>
        </message>
        <message>
            <source>It was signed, but would no longer come out as it was signed.</source>
            <translation>It was signed, but would no longer come out as it was signed.</translation>
        </message>
        <message>
            <source>State: {state}</source>
            <translation>State: {state}</translation>
        </message>
        <message>
            <source>Difference to explain: {amount}</source>
            <translation>Difference to explain: {amount}</translation>
        </message>
        <message>
            <source>The accounts differ by {amount} in all, though the net is zero.</source>
            <translation>The accounts differ by {amount} in all, though the net is zero.</translation>
        </message>
        <message>
            <source>Some lines name no currency and pair with none that does. Say what the books are in: cuadre company --currency.</source>
            <translation>Some lines name no currency and pair with none that does. Say what the books are in: cuadre company --currency.</translation>
        </message>
        <message>
            <source>{name}: {lines} lines</source>
            <translation>{name}: {lines} lines</translation>
        </message>
        <message>
            <source>  {currency}: debits {debit}, credits {credit}</source>
            <translation>  {currency}: debits {debit}, credits {credit}</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Opening</source>
            <translation>Opening</translation>
        </message>
        <message>
            <source>Movements left</source>
            <translation>Movements left</translation>
        </message>
        <message>
            <source>Closing left</source>
            <translation>Closing left</translation>
        </message>
        <message>
            <source>Explained</source>
            <translation>Explained</translation>
        </message>
        <message>
            <source>Movements right</source>
            <translation>Movements right</translation>
        </message>
        <message>
            <source>Closing right</source>
            <translation>Closing right</translation>
        </message>
        <message>
            <source>Unexplained</source>
            <translation>Unexplained</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Open items</translation>
        </message>
        <message>
            <source>… and {count} more accounts without a difference to explain</source>
            <translation>… and {count} more accounts without a difference to explain</translation>
        </message>
        <message>
            <source>… and {count} more accounts; see the report</source>
            <translation>… and {count} more accounts; see the report</translation>
        </message>
        <message>
            <source>OURS</source>
            <translation>OURS</translation>
        </message>
        <message>
            <source>IN THE TARGET: {number} ({state})</source>
            <translation>IN THE TARGET: {number} ({state})</translation>
        </message>
        <message>
            <source>the same</source>
            <translation>the same</translation>
        </message>
        <message>
            <source>The target has no such document.</source>
            <translation>The target has no such document.</translation>
        </message>
        <message>
            <source>THE NEWEST FILE DIFFERS FROM WHAT WAS SENT</source>
            <translation>THE NEWEST FILE DIFFERS FROM WHAT WAS SENT</translation>
        </message>
        <message>
            <source>{document} goes again at the next sending.</source>
            <translation>{document} goes again at the next sending.</translation>
        </message>
        <message>
            <source>{document} is skipped: {reason}</source>
            <translation>{document} is skipped: {reason}</translation>
        </message>
        <message>
            <source>{document} is {number} in the target.</source>
            <translation>{document} is {number} in the target.</translation>
        </message>
        <message>
            <source>{document}: {number} in the target says what the newest file says.</source>
            <translation>{document}: {number} in the target says what the newest file says.</translation>
        </message>
        <message>
            <source>The journal knows no {subject}.</source>
            <translation>The journal knows no {subject}.</translation>
        </message>
        <message>
            <source>{file}: let go.</source>
            <translation>{file}: let go.</translation>
        </message>
        <message>
            <source>Nobody was given a role: everybody may do everything.</source>
            <translation>Nobody was given a role: everybody may do everything.</translation>
        </message>
        <message>
            <source>No alert.</source>
            <translation>No alert.</translation>
        </message>
        <message>
            <source>Alerts go to the window only.</source>
            <translation>Alerts go to the window only.</translation>
        </message>
        <message>
            <source>Address of the alerts (mailto://…, slack://…, msteams://…, tgram://…): </source>
            <translation>Address of the alerts (mailto://…, slack://…, msteams://…, tgram://…): </translation>
        </message>
        <message>
            <source>That is not an address alerts can be sent to; see the help page on alerts.</source>
            <translation>That is not an address alerts can be sent to; see the help page on alerts.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the address was not kept.</source>
            <translation>This machine has no secret store: the address was not kept.</translation>
        </message>
        <message>
            <source>{sent} delivered, {failed} failed.</source>
            <translation>{sent} delivered, {failed} failed.</translation>
        </message>
        <message>
            <source>Own tax ids</source>
            <translation>Own tax ids</translation>
        </message>
        <message>
            <source>The lines of {file} are in the archive {archive}.</source>
            <translation>The lines of {file} are in the archive {archive}.</translation>
        </message>
        <message>
            <source>{path} holds no anchor of a journal.</source>
            <translation>{path} holds no anchor of a journal.</translation>
        </message>
        <message>
            <source>An authority saw the journal at event {sequence} on {at}.</source>
            <translation>An authority saw the journal at event {sequence} on {at}.</translation>
        </message>
        <message>
            <source>The journal holds together: {events} events in an unbroken chain, and every row of it has its event.</source>
            <translation>The journal holds together: {events} events in an unbroken chain, and every row of it has its event.</translation>
        </message>
        <message>
            <source>Nothing before the anchor given is missing or changed.</source>
            <translation>Nothing before the anchor given is missing or changed.</translation>
        </message>
        <message>
            <source>Whether its end was cut off together with the anchors beside it, only an anchor kept elsewhere can show (journal anchor, journal verify --anchor).</source>
            <translation>Whether its end was cut off together with the anchors beside it, only an anchor kept elsewhere can show (journal anchor, journal verify --anchor).</translation>
        </message>
        <message>
            <source>THE JOURNAL HAS BEEN CHANGED.</source>
            <translation>THE JOURNAL HAS BEEN CHANGED.</translation>
        </message>
        <message>
            <source>Settled: {reason}</source>
            <translation>Settled: {reason}</translation>
        </message>
        <message>
            <source>The garbled file lies in {path} now.</source>
            <translation>The garbled file lies in {path} now.</translation>
        </message>
        <message>
            <source>Built anew; what differed: {tables}.</source>
            <translation>Built anew; what differed: {tables}.</translation>
        </message>
        <message>
            <source>Built anew; nothing differed.</source>
            <translation>Built anew; nothing differed.</translation>
        </message>
        <message>
            <source>First event that does not fit: {number}</source>
            <translation>First event that does not fit: {number}</translation>
        </message>
        <message>
            <source>The journal holds no event yet.</source>
            <translation>The journal holds no event yet.</translation>
        </message>
        <message>
            <source>Event {sequence}, hash {hash}, {at}. Keep it where nobody who writes the journal can change it.</source>
            <translation>Event {sequence}, hash {hash}, {at}. Keep it where nobody who writes the journal can change it.</translation>
        </message>
        <message>
            <source>The ending of {path} says no format; use one of {known}.</source>
            <translation>The ending of {path} says no format; use one of {known}.</translation>
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation>{count} events written to {path}.</translation>
        </message>
        <message>
            <source>A shared journal is backed up with PostgreSQL's own tools (pg_dump).</source>
            <translation>A shared journal is backed up with PostgreSQL's own tools (pg_dump).</translation>
        </message>
        <message>
            <source>{events} events copied to {path} and proven.</source>
            <translation>{events} events copied to {path} and proven.</translation>
        </message>
        <message>
            <source>{events} events restored. The journal there was is kept as {path}.</source>
            <translation>{events} events restored. The journal there was is kept as {path}.</translation>
        </message>
        <message>
            <source>{rows} rows saved. The damaged file is kept as {path}.</source>
            <translation>{rows} rows saved. The damaged file is kept as {path}.</translation>
        </message>
        <message>
            <source>Not read to the end: {tables}.</source>
            <translation>Not read to the end: {tables}.</translation>
        </message>
        <message>
            <source>The journal is whole again.</source>
            <translation>The journal is whole again.</translation>
        </message>
        <message>
            <source>Restore a backup if there is one (journal restore); else import again the files that are missing.</source>
            <translation>Restore a backup if there is one (journal restore); else import again the files that are missing.</translation>
        </message>
        <message>
            <source>The copy is not whole (first event that does not fit: {number}). Nothing was changed.</source>
            <translation>The copy is not whole (first event that does not fit: {number}). Nothing was changed.</translation>
        </message>
        <message>
            <source>{count} findings written to {path}.</source>
            <translation>{count} findings written to {path}.</translation>
        </message>
        <message>
            <source>{path} exists already; name a new archive.</source>
            <translation>{path} exists already; name a new archive.</translation>
        </message>
        <message>
            <source>{name} could not be proven in the archive. Nothing was removed.</source>
            <translation>{name} could not be proven in the archive. Nothing was removed.</translation>
        </message>
        <message>
            <source>{count} files moved to {path}, {size} bytes freed; their events, documents and digests stay.</source>
            <translation>{count} files moved to {path}, {size} bytes freed; their events, documents and digests stay.</translation>
        </message>
        <message>
            <source>{count} files stay: some document of theirs is neither confirmed nor skipped.</source>
            <translation>{count} files stay: some document of theirs is neither confirmed nor skipped.</translation>
        </message>
        <message>
            <source>There may be more; say more words, or raise --limit.</source>
            <translation>There may be more; say more words, or raise --limit.</translation>
        </message>
        <message>
            <source>Nothing found.</source>
            <translation>Nothing found.</translation>
        </message>
        <message>
            <source>This data home belongs to company {code}; use another --home for another company.</source>
            <translation>This data home belongs to company {code}; use another --home for another company.</translation>
        </message>
        <message>
            <source>There is no file in {path}.</source>
            <translation>There is no file in {path}.</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Findings</translation>
        </message>
        <message>
            <source>not recognised</source>
            <translation>not recognised</translation>
        </message>
        <message>
            <source>Not imported, nothing to read in them: {names}</source>
            <translation>Not imported, nothing to read in them: {names}</translation>
        </message>
        <message>
            <source>Batch</source>
            <translation>Batch</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>Records</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Ready</translation>
        </message>
        <message>
            <source>Blocked</source>
            <translation>Blocked</translation>
        </message>
        <message>
            <source>Errors</source>
            <translation>Errors</translation>
        </message>
        <message>
            <source>imported before</source>
            <translation>imported before</translation>
        </message>
        <message>
            <source>a real file</source>
            <translation>a real file</translation>
        </message>
        <message>
            <source>the vendor's document or the standard</source>
            <translation>the vendor's document or the standard</translation>
        </message>
        <message>
            <source>public programs that write or read it</source>
            <translation>public programs that write or read it</translation>
        </message>
        <message>
            <source>what is likely; have a look at what is read</source>
            <translation>what is likely; have a look at what is read</translation>
        </message>
        <message>
            <source>ERROR</source>
            <translation>ERROR</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>warning</translation>
        </message>
        <message>
            <source>note</source>
            <translation>note</translation>
        </message>
        <message>
            <source>line {line}</source>
            <translation>line {line}</translation>
        </message>
        <message>
            <source>… and {count} more: {kind}</source>
            <translation>… and {count} more: {kind}</translation>
        </message>
        <message>
            <source>{file}: the same bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation>{file}: the same bytes were imported before, as batch {batch}. Nothing was doubled.</translation>
        </message>
        <message>
            <source>complete</source>
            <translation>complete</translation>
        </message>
        <message>
            <source>INCOMPLETE</source>
            <translation>INCOMPLETE</translation>
        </message>
        <message>
            <source>NOT READ</source>
            <translation>NOT READ</translation>
        </message>
        <message>
            <source>{file}: batch {batch}, {state}</source>
            <translation>{file}: batch {batch}, {state}</translation>
        </message>
        <message>
            <source>Lines {total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation>Lines {total} = records {record} + headings {heading} + rejected {rejected}</translation>
        </message>
        <message>
            <source>Vouchers ready {ready}, blocked {blocked}</source>
            <translation>Vouchers ready {ready}, blocked {blocked}</translation>
        </message>
        <message>
            <source>File</source>
            <translation>File</translation>
        </message>
        <message>
            <source>Container</source>
            <translation>Container</translation>
        </message>
        <message>
            <source>Encoding</source>
            <translation>Encoding</translation>
        </message>
        <message>
            <source>Delimiter</source>
            <translation>Delimiter</translation>
        </message>
        <message>
            <source>Heading in line</source>
            <translation>Heading in line</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Report</translation>
        </message>
        <message>
            <source>Runner-up</source>
            <translation>Runner-up</translation>
        </message>
        <message>
            <source>Company</source>
            <translation>Company</translation>
        </message>
        <message>
            <source>Period</source>
            <translation>Period</translation>
        </message>
        <message>
            <source>{total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation>{total} = records {record} + headings {heading} + rejected {rejected}</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Lines</translation>
        </message>
        <message>
            <source>▲ {count} came in another file with different content ({documents}). Nothing of them is sent until you say which file counts (cuadre approve FILE --what folios), or import one of them with --source.</source>
            <translation>▲ {count} came in another file with different content ({documents}). Nothing of them is sent until you say which file counts (cuadre approve FILE --what folios), or import one of them with --source.</translation>
        </message>
        <message>
            <source>Vouchers</source>
            <translation>Vouchers</translation>
        </message>
        <message>
            <source>Movements</source>
            <translation>Movements</translation>
        </message>
        <message>
            <source>The layout stands on</source>
            <translation>The layout stands on</translation>
        </message>
        <message>
            <source>Debits / credits</source>
            <translation>Debits / credits</translation>
        </message>
        <message>
            <source>Headings not used</source>
            <translation>Headings not used</translation>
        </message>
        <message>
            <source>{value} is not a month; write it as 2026-01.</source>
            <translation>{value} is not a month; write it as 2026-01.</translation>
        </message>
        <message>
            <source>{path} is a folder; give one file.</source>
            <translation>{path} is a folder; give one file.</translation>
        </message>
        <message>
            <source>There is no file {path}.</source>
            <translation>There is no file {path}.</translation>
        </message>
        <message>
            <source>Accounting exports into modern ERPs: journaled, sent exactly once, reconciled.</source>
            <translation>Accounting exports into modern ERPs: journaled, sent exactly once, reconciled.</translation>
        </message>
        <message>
            <source>say which version this is</source>
            <translation>say which version this is</translation>
        </message>
        <message>
            <source>COMMAND</source>
            <translation>COMMAND</translation>
        </message>
        <message>
            <source>open the window</source>
            <translation>open the window</translation>
        </message>
        <message>
            <source>say what a file is and what is in it</source>
            <translation>say what a file is and what is in it</translation>
        </message>
        <message>
            <source>journal a file, line by line</source>
            <translation>journal a file, line by line</translation>
        </message>
        <message>
            <source>short code of the company</source>
            <translation>short code of the company</translation>
        </message>
        <message>
            <source>FILE</source>
            <translation>FILE</translation>
        </message>
        <message>
            <source>read it by this profile</source>
            <translation>read it by this profile</translation>
        </message>
        <message>
            <source>read it in this encoding</source>
            <translation>read it in this encoding</translation>
        </message>
        <message>
            <source>every date must lie in it</source>
            <translation>every date must lie in it</translation>
        </message>
        <message>
            <source>the systems to send to</source>
            <translation>the systems to send to</translation>
        </message>
        <message>
            <source>keep a connection</source>
            <translation>keep a connection</translation>
        </message>
        <message>
            <source>NAME</source>
            <translation>NAME</translation>
        </message>
        <message>
            <source>say what Cuadre reads in a file, without a journal</source>
            <translation>say what Cuadre reads in a file, without a journal</translation>
        </message>
        <message>
            <source>write the records to a file</source>
            <translation>write the records to a file</translation>
        </message>
        <message>
            <source>why encoding, profile or signs are overridden</source>
            <translation>why encoding, profile or signs are overridden</translation>
        </message>
        <message>
            <source>invoices, notes, payments and payroll of files</source>
            <translation>invoices, notes, payments and payroll of files</translation>
        </message>
        <message>
            <source>what documents files hold, as they would be sent</source>
            <translation>what documents files hold, as they would be sent</translation>
        </message>
        <message>
            <source>an XML, a folder of them, or a zip</source>
            <translation>an XML, a folder of them, or a zip</translation>
        </message>
        <message>
            <source>PATH</source>
            <translation>PATH</translation>
        </message>
        <message>
            <source>the company's own tax id; without it the company's settings</source>
            <translation>the company's own tax id; without it the company's settings</translation>
        </message>
        <message>
            <source>journaled documents, and how far each is</source>
            <translation>journaled documents, and how far each is</translation>
        </message>
        <message>
            <source>only of this month</source>
            <translation>only of this month</translation>
        </message>
        <message>
            <source>one document: lines, taxes, relations, files, state</source>
            <translation>one document: lines, taxes, relations, files, state</translation>
        </message>
        <message>
            <source>a month's documents against the books of a target</source>
            <translation>a month's documents against the books of a target</translation>
        </message>
        <message>
            <source>write all of it to a sheet</source>
            <translation>write all of it to a sheet</translation>
        </message>
        <message>
            <source>its number, identifier or reference</source>
            <translation>its number, identifier or reference</translation>
        </message>
        <message>
            <source>DOCUMENT</source>
            <translation>DOCUMENT</translation>
        </message>
        <message>
            <source>files and folders to look at</source>
            <translation>files and folders to look at</translation>
        </message>
        <message>
            <source>exported files, folders of them, zips, or patterns such as *.csv</source>
            <translation>exported files, folders of them, zips, or patterns such as *.csv</translation>
        </message>
        <message>
            <source>decimal mark of a table</source>
            <translation>decimal mark of a table</translation>
        </message>
        <message>
            <source>how a table writes dates</source>
            <translation>how a table writes dates</translation>
        </message>
        <message>
            <source>BRANCH</source>
            <translation>BRANCH</translation>
        </message>
        <message>
            <source>whose debit and credit a table's columns are</source>
            <translation>whose debit and credit a table's columns are</translation>
        </message>
        <message>
            <source>the company's own tax id: it decides the side; may be repeated; import keeps it</source>
            <translation>the company's own tax id: it decides the side; may be repeated; import keeps it</translation>
        </message>
        <message>
            <source>the report layouts, and new ones</source>
            <translation>the report layouts, and new ones</translation>
        </message>
        <message>
            <source>list the layouts there are</source>
            <translation>list the layouts there are</translation>
        </message>
        <message>
            <source>write a layout for a table</source>
            <translation>write a layout for a table</translation>
        </message>
        <message>
            <source>line of the heading</source>
            <translation>line of the heading</translation>
        </message>
        <message>
            <source>ROLE=HEADING</source>
            <translation>ROLE=HEADING</translation>
        </message>
        <message>
            <source>which column is what; may be repeated</source>
            <translation>which column is what; may be repeated</translation>
        </message>
        <message>
            <source>the decimal mark</source>
            <translation>the decimal mark</translation>
        </message>
        <message>
            <source>order of dates</source>
            <translation>order of dates</translation>
        </message>
        <message>
            <source>rows to leave out</source>
            <translation>rows to leave out</translation>
        </message>
        <message>
            <source>where to write it</source>
            <translation>where to write it</translation>
        </message>
        <message>
            <source>show what a layout makes of a file</source>
            <translation>show what a layout makes of a file</translation>
        </message>
        <message>
            <source>NAME|F.toml</source>
            <translation>NAME|F.toml</translation>
        </message>
        <message>
            <source>the vendor's own where there is one</source>
            <translation>the vendor's own where there is one</translation>
        </message>
        <message>
            <source>REASON</source>
            <translation>REASON</translation>
        </message>
        <message>
            <source>why an address that is not encrypted may be used</source>
            <translation>why an address that is not encrypted may be used</translation>
        </message>
        <message>
            <source>calls allowed per minute</source>
            <translation>calls allowed per minute</translation>
        </message>
        <message>
            <source>calls allowed per day</source>
            <translation>calls allowed per day</translation>
        </message>
        <message>
            <source>NAME=VALUE</source>
            <translation>NAME=VALUE</translation>
        </message>
        <message>
            <source>of this system only: {known}</source>
            <translation>of this system only: {known}</translation>
        </message>
        <message>
            <source>log in through the browser (Sage, Xero, Zoho)</source>
            <translation>log in through the browser (Sage, Xero, Zoho)</translation>
        </message>
        <message>
            <source>show the server's certificate, and trust it</source>
            <translation>show the server's certificate, and trust it</translation>
        </message>
        <message>
            <source>trust exactly this one from now on</source>
            <translation>trust exactly this one from now on</translation>
        </message>
        <message>
            <source>list the connections</source>
            <translation>list the connections</translation>
        </message>
        <message>
            <source>take away a connection that was never used</source>
            <translation>take away a connection that was never used</translation>
        </message>
        <message>
            <source>log in and say who and where</source>
            <translation>log in and say who and where</translation>
        </message>
        <message>
            <source>whose account is whose</source>
            <translation>whose account is whose</translation>
        </message>
        <message>
            <source>what is not mapped, with suggestions</source>
            <translation>what is not mapped, with suggestions</translation>
        </message>
        <message>
            <source>take over every suggestion</source>
            <translation>take over every suggestion</translation>
        </message>
        <message>
            <source>what invoices and payments ask for, too</source>
            <translation>what invoices and payments ask for, too</translation>
        </message>
        <message>
            <source>set one link</source>
            <translation>set one link</translation>
        </message>
        <message>
            <source>SOURCE</source>
            <translation>SOURCE</translation>
        </message>
        <message>
            <source>TARGET</source>
            <translation>TARGET</translation>
        </message>
        <message>
            <source>take one link away</source>
            <translation>take one link away</translation>
        </message>
        <message>
            <source>read a map from CSV or xlsx</source>
            <translation>read a map from CSV or xlsx</translation>
        </message>
        <message>
            <source>write the map to CSV or xlsx</source>
            <translation>write the map to CSV or xlsx</translation>
        </message>
        <message>
            <source>send what is ready, each document once</source>
            <translation>send what is ready, each document once</translation>
        </message>
        <message>
            <source>only say what would be sent</source>
            <translation>only say what would be sent</translation>
        </message>
        <message>
            <source>send what is mapped, hold the rest</source>
            <translation>send what is mapped, hold the rest</translation>
        </message>
        <message>
            <source>take up again what was refused or differs</source>
            <translation>take up again what was refused or differs</translation>
        </message>
        <message>
            <source>seconds to go on retrying</source>
            <translation>seconds to go on retrying</translation>
        </message>
        <message>
            <source>go on, every so many seconds</source>
            <translation>go on, every so many seconds</translation>
        </message>
        <message>
            <source>customers and suppliers of imported listings too</source>
            <translation>customers and suppliers of imported listings too</translation>
        </message>
        <message>
            <source>invoices, credit notes, payments and their files too</source>
            <translation>invoices, credit notes, payments and their files too</translation>
        </message>
        <message>
            <source>read the target's own ledger</source>
            <translation>read the target's own ledger</translation>
        </message>
        <message>
            <source>which system owns which field</source>
            <translation>which system owns which field</translation>
        </message>
        <message>
            <source>the map of owners</source>
            <translation>the map of owners</translation>
        </message>
        <message>
            <source>give a field an owner</source>
            <translation>give a field an owner</translation>
        </message>
        <message>
            <source>read the map from CSV</source>
            <translation>read the map from CSV</translation>
        </message>
        <message>
            <source>what changed on the wrong side</source>
            <translation>what changed on the wrong side</translation>
        </message>
        <message>
            <source>what is sent, and what to decide</source>
            <translation>what is sent, and what to decide</translation>
        </message>
        <message>
            <source>why each document waits</source>
            <translation>why each document waits</translation>
        </message>
        <message>
            <source>confirmed ones too</source>
            <translation>confirmed ones too</translation>
        </message>
        <message>
            <source>ours beside the target's</source>
            <translation>ours beside the target's</translation>
        </message>
        <message>
            <source>look it up and send it again</source>
            <translation>look it up and send it again</translation>
        </message>
        <message>
            <source>never send it, with a reason</source>
            <translation>never send it, with a reason</translation>
        </message>
        <message>
            <source>it is a document the target has</source>
            <translation>it is a document the target has</translation>
        </message>
        <message>
            <source>the target says by now what the newest file says</source>
            <translation>the target says by now what the newest file says</translation>
        </message>
        <message>
            <source>what the target put on another day</source>
            <translation>what the target put on another day</translation>
        </message>
        <message>
            <source>move it to its own day, once its period is open</source>
            <translation>move it to its own day, once its period is open</translation>
        </message>
        <message>
            <source>what was probably sent already under another reference</source>
            <translation>what was probably sent already under another reference</translation>
        </message>
        <message>
            <source>they are there already</source>
            <translation>they are there already</translation>
        </message>
        <message>
            <source>they are others</source>
            <translation>they are others</translation>
        </message>
        <message>
            <source>KIND|REFERENCE</source>
            <translation>KIND|REFERENCE</translation>
        </message>
        <message>
            <source>those of one kind, or one; all where nothing is said</source>
            <translation>those of one kind, or one; all where nothing is said</translation>
        </message>
        <message>
            <source>REFERENCE</source>
            <translation>REFERENCE</translation>
        </message>
        <message>
            <source>it goes as it is: another than the target has, or at a rate that is right</source>
            <translation>it goes as it is: another than the target has, or at a rate that is right</translation>
        </message>
        <message>
            <source>folders whose files are imported by themselves</source>
            <translation>folders whose files are imported by themselves</translation>
        </message>
        <message>
            <source>watch a folder</source>
            <translation>watch a folder</translation>
        </message>
        <message>
            <source>the branch or series its files are of</source>
            <translation>the branch or series its files are of</translation>
        </message>
        <message>
            <source>the folders, and how far each file is</source>
            <translation>the folders, and how far each file is</translation>
        </message>
        <message>
            <source>watch it no more</source>
            <translation>watch it no more</translation>
        </message>
        <message>
            <source>folders, events, sending and alerts, by themselves</source>
            <translation>folders, events, sending and alerts, by themselves</translation>
        </message>
        <message>
            <source>events that came in</source>
            <translation>events that came in</translation>
        </message>
        <message>
            <source>NUMBER</source>
            <translation>NUMBER</translation>
        </message>
        <message>
            <source>the newest, and how many are in each state</source>
            <translation>the newest, and how many are in each state</translation>
        </message>
        <message>
            <source>one, with its body</source>
            <translation>one, with its body</translation>
        </message>
        <message>
            <source>look again at what was set apart; without a number at all of it</source>
            <translation>look again at what was set apart; without a number at all of it</translation>
        </message>
        <message>
            <source>it is of no use</source>
            <translation>it is of no use</translation>
        </message>
        <message>
            <source>look again at all that came in between; today's state is read</source>
            <translation>look again at all that came in between; today's state is read</translation>
        </message>
        <message>
            <source>forget what was read of a connection and read all of it anew</source>
            <translation>forget what was read of a connection and read all of it anew</translation>
        </message>
        <message>
            <source>empty the bodies of all that came about a record</source>
            <translation>empty the bodies of all that came about a record</translation>
        </message>
        <message>
            <source>look at a record of a connection now</source>
            <translation>look at a record of a connection now</translation>
        </message>
        <message>
            <source>secret addresses at which vendors' events arrive</source>
            <translation>secret addresses at which vendors' events arrive</translation>
        </message>
        <message>
            <source>open one</source>
            <translation>open one</translation>
        </message>
        <message>
            <source>the public address it is behind (https://…)</source>
            <translation>the public address it is behind (https://…)</translation>
        </message>
        <message>
            <source>read the vendor's signing key from standard input</source>
            <translation>read the vendor's signing key from standard input</translation>
        </message>
        <message>
            <source>take a new key from standard input; the old one counts two days more</source>
            <translation>take a new key from standard input; the old one counts two days more</translation>
        </message>
        <message>
            <source>those that are open</source>
            <translation>those that are open</translation>
        </message>
        <message>
            <source>close one</source>
            <translation>close one</translation>
        </message>
        <message>
            <source>receive the events vendors send</source>
            <translation>receive the events vendors send</translation>
        </message>
        <message>
            <source>what goes on by itself, and when</source>
            <translation>what goes on by itself, and when</translation>
        </message>
        <message>
            <source>each with its rule</source>
            <translation>each with its rule</translation>
        </message>
        <message>
            <source>do it by another rule</source>
            <translation>do it by another rule</translation>
        </message>
        <message>
            <source>RULE</source>
            <translation>RULE</translation>
        </message>
        <message>
            <source>an address fetched after each good round, read from standard input</source>
            <translation>an address fetched after each good round, read from standard input</translation>
        </message>
        <message>
            <source>how often targets are asked what changed</source>
            <translation>how often targets are asked what changed</translation>
        </message>
        <message>
            <source>of every connection</source>
            <translation>of every connection</translation>
        </message>
        <message>
            <source>another interval</source>
            <translation>another interval</translation>
        </message>
        <message>
            <source>0: never</source>
            <translation>0: never</translation>
        </message>
        <message>
            <source>the task or service that starts the work by itself</source>
            <translation>the task or service that starts the work by itself</translation>
        </message>
        <message>
            <source>write its file, to be registered by hand</source>
            <translation>write its file, to be registered by hand</translation>
        </message>
        <message>
            <source>register it</source>
            <translation>register it</translation>
        </message>
        <message>
            <source>what is registered, and when each job was done last</source>
            <translation>what is registered, and when each job was done last</translation>
        </message>
        <message>
            <source>take it out</source>
            <translation>take it out</translation>
        </message>
        <message>
            <source>check as this account all that the work needs</source>
            <translation>check as this account all that the work needs</translation>
        </message>
        <message>
            <source>contacts of a CRM and an ERP kept the same, each field by its owner</source>
            <translation>contacts of a CRM and an ERP kept the same, each field by its owner</translation>
        </message>
        <message>
            <source>keep them the same</source>
            <translation>keep them the same</translation>
        </message>
        <message>
            <source>keep them the same no more</source>
            <translation>keep them the same no more</translation>
        </message>
        <message>
            <source>compare them now</source>
            <translation>compare them now</translation>
        </message>
        <message>
            <source>what is gone or merged is settled</source>
            <translation>what is gone or merged is settled</translation>
        </message>
        <message>
            <source>which are one</source>
            <translation>which are one</translation>
        </message>
        <message>
            <source>two of them are one</source>
            <translation>two of them are one</translation>
        </message>
        <message>
            <source>two of them are two</source>
            <translation>two of them are two</translation>
        </message>
        <message>
            <source>try once more what was refused</source>
            <translation>try once more what was refused</translation>
        </message>
        <message>
            <source>what is kept the same, and who owns which field</source>
            <translation>what is kept the same, and who owns which field</translation>
        </message>
        <message>
            <source>say who owns a field</source>
            <translation>say who owns a field</translation>
        </message>
        <message>
            <source>FIELD</source>
            <translation>FIELD</translation>
        </message>
        <message>
            <source>it does not flow</source>
            <translation>it does not flow</translation>
        </message>
        <message>
            <source>put back what the other side changed, instead of reporting it</source>
            <translation>put back what the other side changed, instead of reporting it</translation>
        </message>
        <message>
            <source>payouts of a wallet, proposed as vouchers</source>
            <translation>payouts of a wallet, proposed as vouchers</translation>
        </message>
        <message>
            <source>how they are booked</source>
            <translation>how they are booked</translation>
        </message>
        <message>
            <source>account of the bank they arrive at</source>
            <translation>account of the bank they arrive at</translation>
        </message>
        <message>
            <source>account of the wallet's fees</source>
            <translation>account of the wallet's fees</translation>
        </message>
        <message>
            <source>account of what customers owed</source>
            <translation>account of what customers owed</translation>
        </message>
        <message>
            <source>ACCOUNT</source>
            <translation>ACCOUNT</translation>
        </message>
        <message>
            <source>what is proposed</source>
            <translation>what is proposed</translation>
        </message>
        <message>
            <source>what is over too</source>
            <translation>what is over too</translation>
        </message>
        <message>
            <source>book one</source>
            <translation>book one</translation>
        </message>
        <message>
            <source>let one be over</source>
            <translation>let one be over</translation>
        </message>
        <message>
            <source>one round, for a scheduler</source>
            <translation>one round, for a scheduler</translation>
        </message>
        <message>
            <source>only this; may be given several times</source>
            <translation>only this; may be given several times</translation>
        </message>
        <message>
            <source>send what is ready to this connection; may be given several times</source>
            <translation>send what is ready to this connection; may be given several times</translation>
        </message>
        <message>
            <source>the account it runs under; yours without it</source>
            <translation>the account it runs under; yours without it</translation>
        </message>
        <message>
            <source>the program, where it is not this one</source>
            <translation>the program, where it is not this one</translation>
        </message>
        <message>
            <source>the target's own number of it</source>
            <translation>the target's own number of it</translation>
        </message>
        <message>
            <source>let a held file go, with a reason</source>
            <translation>let a held file go, with a reason</translation>
        </message>
        <message>
            <source>what is known of the company: its currency and tax ids</source>
            <translation>what is known of the company: its currency and tax ids</translation>
        </message>
        <message>
            <source>the currency its books are in</source>
            <translation>the currency its books are in</translation>
        </message>
        <message>
            <source>what holds a file back in this company</source>
            <translation>what holds a file back in this company</translation>
        </message>
        <message>
            <source>who may do what</source>
            <translation>who may do what</translation>
        </message>
        <message>
            <source>list the people with roles</source>
            <translation>list the people with roles</translation>
        </message>
        <message>
            <source>let a person have exactly these roles</source>
            <translation>let a person have exactly these roles</translation>
        </message>
        <message>
            <source>USER[@MACHINE]</source>
            <translation>USER[@MACHINE]</translation>
        </message>
        <message>
            <source>what is wrong, and who is told</source>
            <translation>what is wrong, and who is told</translation>
        </message>
        <message>
            <source>raise what is new, deliver it, list what stands</source>
            <translation>raise what is new, deliver it, list what stands</translation>
        </message>
        <message>
            <source>where alerts go</source>
            <translation>where alerts go</translation>
        </message>
        <message>
            <source>one more address, read from the keyboard</source>
            <translation>one more address, read from the keyboard</translation>
        </message>
        <message>
            <source>forget every address</source>
            <translation>forget every address</translation>
        </message>
        <message>
            <source>send a test to every address</source>
            <translation>send a test to every address</translation>
        </message>
        <message>
            <source>match two sides and prove it</source>
            <translation>match two sides and prove it</translation>
        </message>
        <message>
            <source>LEFT</source>
            <translation>LEFT</translation>
        </message>
        <message>
            <source>RIGHT</source>
            <translation>RIGHT</translation>
        </message>
        <message>
            <source>write the matched pairs</source>
            <translation>write the matched pairs</translation>
        </message>
        <message>
            <source>write what is proposed, best first</source>
            <translation>write what is proposed, best first</translation>
        </message>
        <message>
            <source>match by these rules</source>
            <translation>match by these rules</translation>
        </message>
        <message>
            <source>write the working paper</source>
            <translation>write the working paper</translation>
        </message>
        <message>
            <source>write the paper to be signed</source>
            <translation>write the paper to be signed</translation>
        </message>
        <message>
            <source>one step on towards signing</source>
            <translation>one step on towards signing</translation>
        </message>
        <message>
            <source>what this pair of books is called every month</source>
            <translation>what this pair of books is called every month</translation>
        </message>
        <message>
            <source>CODE</source>
            <translation>CODE</translation>
        </message>
        <message>
            <source>only accounts that begin so; may be given several times</source>
            <translation>only accounts that begin so; may be given several times</translation>
        </message>
        <message>
            <source>JOURNAL</source>
            <translation>JOURNAL</translation>
        </message>
        <message>
            <source>propose vouchers in this journal of the target for what the rules let differ</source>
            <translation>propose vouchers in this journal of the target for what the rules let differ</translation>
        </message>
        <message>
            <source>account of differences whose rule names none</source>
            <translation>account of differences whose rule names none</translation>
        </message>
        <message>
            <source>keep a file as evidence</source>
            <translation>keep a file as evidence</translation>
        </message>
        <message>
            <source>open it again, with a reason</source>
            <translation>open it again, with a reason</translation>
        </message>
        <message>
            <source>by which rules this company matches</source>
            <translation>by which rules this company matches</translation>
        </message>
        <message>
            <source>the rules as TOML</source>
            <translation>the rules as TOML</translation>
        </message>
        <message>
            <source>what other rules would match of two sides; nothing is kept</source>
            <translation>what other rules would match of two sides; nothing is kept</translation>
        </message>
        <message>
            <source>make these the company's rules</source>
            <translation>make these the company's rules</translation>
        </message>
        <message>
            <source>over this time, by hour: 24h, 7d, 30d</source>
            <translation>over this time, by hour: 24h, 7d, 30d</translation>
        </message>
        <message>
            <source>what happened to each line</source>
            <translation>what happened to each line</translation>
        </message>
        <message>
            <source>list the imported files</source>
            <translation>list the imported files</translation>
        </message>
        <message>
            <source>the lines of a batch, or a document's story</source>
            <translation>the lines of a batch, or a document's story</translation>
        </message>
        <message>
            <source>BATCH[:LINE]|FILE[:LINE]|REFERENCE</source>
            <translation>BATCH[:LINE]|FILE[:LINE]|REFERENCE</translation>
        </message>
        <message>
            <source>prove that nothing was edited or removed</source>
            <translation>prove that nothing was edited or removed</translation>
        </message>
        <message>
            <source>an anchor exported before; may be given several times</source>
            <translation>an anchor exported before; may be given several times</translation>
        </message>
        <message>
            <source>export the head of the chain, to check it later</source>
            <translation>export the head of the chain, to check it later</translation>
        </message>
        <message>
            <source>an authority for time stamps (RFC 3161) that vouches for when</source>
            <translation>an authority for time stamps (RFC 3161) that vouches for when</translation>
        </message>
        <message>
            <source>the root certificate of the authority for time stamps</source>
            <translation>the root certificate of the authority for time stamps</translation>
        </message>
        <message>
            <source>settle a finding of verify, with a reason</source>
            <translation>settle a finding of verify, with a reason</translation>
        </message>
        <message>
            <source>build anew what is derived from the rest</source>
            <translation>build anew what is derived from the rest</translation>
        </message>
        <message>
            <source>write events to CSV, xlsx or JSON Lines</source>
            <translation>write events to CSV, xlsx or JSON Lines</translation>
        </message>
        <message>
            <source>write a batch's findings to xlsx</source>
            <translation>write a batch's findings to xlsx</translation>
        </message>
        <message>
            <source>BATCH|FILE</source>
            <translation>BATCH|FILE</translation>
        </message>
        <message>
            <source>copy the journal while it is in use</source>
            <translation>copy the journal while it is in use</translation>
        </message>
        <message>
            <source>put a proven copy in its place</source>
            <translation>put a proven copy in its place</translation>
        </message>
        <message>
            <source>save what a damaged journal still holds</source>
            <translation>save what a damaged journal still holds</translation>
        </message>
        <message>
            <source>the four figures</source>
            <translation>the four figures</translation>
        </message>
        <message>
            <source>a branch or series whose folios are its own, apart from others'; it is remembered of files called alike (- is none)</source>
            <translation>a branch or series whose folios are its own, apart from others'; it is remembered of files called alike (- is none)</translation>
        </message>
        <message>
            <source>the embedded ERP to try things on</source>
            <translation>the embedded ERP to try things on</translation>
        </message>
        <message>
            <source>serve it on this machine</source>
            <translation>serve it on this machine</translation>
        </message>
        <message>
            <source>the whole way on a sample</source>
            <translation>the whole way on a sample</translation>
        </message>
        <message>
            <source>never open the window</source>
            <translation>never open the window</translation>
        </message>
        <message>
            <source>FOLDER</source>
            <translation>FOLDER</translation>
        </message>
        <message>
            <source>work in this folder</source>
            <translation>work in this folder</translation>
        </message>
        <message>
            <source>move settled old files to an archive</source>
            <translation>move settled old files to an archive</translation>
        </message>
        <message>
            <source>find by folio, tax id, amount or text</source>
            <translation>find by folio, tax id, amount or text</translation>
        </message>
        <message>
            <source>TEXT</source>
            <translation>TEXT</translation>
        </message>
        <message>
            <source>answer in JSON</source>
            <translation>answer in JSON</translation>
        </message>
        <message>
            <source>the company's data home</source>
            <translation>the company's data home</translation>
        </message>
        <message>
            <source>a shared journal: postgresql://…</source>
            <translation>a shared journal: postgresql://…</translation>
        </message>
        <message>
            <source>language of texts</source>
            <translation>language of texts</translation>
        </message>
        <message numerus="yes">
            <source>%n document(s)</source>
            <translation>
                <numerusform>%n document</numerusform>
                <numerusform>%n documents</numerusform>
            </translation>
        </message>
        <message>
            <source>{value} is not an address; it begins with https:// (or http://).</source>
            <translation>{value} is not an address; it begins with https:// (or http://).</translation>
        </message>
        <message>
            <source>Documents were sent to {name} at {url}. Use another name for another target.</source>
            <translation>Documents were sent to {name} at {url}. Use another name for another target.</translation>
        </message>
        <message>
            <source>Name the reason with --allow-http.</source>
            <translation>Name the reason with --allow-http.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the secret was not kept. It will be asked each time, or taken from {variable}.</source>
            <translation>This machine has no secret store: the secret was not kept. It will be asked each time, or taken from {variable}.</translation>
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation>Connection {name} saved.</translation>
        </message>
        <message>
            <source>Client secret, if any: </source>
            <translation>Client secret, if any: </translation>
        </message>
        <message>
            <source>Log in in the browser. If it does not open, go to {address}</source>
            <translation>Log in in the browser. If it does not open, go to {address}</translation>
        </message>
        <message>
            <source>{name} does not log in through the browser.</source>
            <translation>{name} does not log in through the browser.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the log-in cannot be kept.</source>
            <translation>This machine has no secret store: the log-in cannot be kept.</translation>
        </message>
        <message>
            <source>Logged in.</source>
            <translation>Logged in.</translation>
        </message>
        <message>
            <source>From now on exactly this certificate is trusted for {name}.</source>
            <translation>From now on exactly this certificate is trusted for {name}.</translation>
        </message>
        <message>
            <source>Compare it with what the server's administrator says; then repeat with --pin.</source>
            <translation>Compare it with what the server's administrator says; then repeat with --pin.</translation>
        </message>
        <message>
            <source>none</source>
            <translation>none</translation>
        </message>
        <message>
            <source>{system} has no option {name}; it has: {known}.</source>
            <translation>{system} has no option {name}; it has: {known}.</translation>
        </message>
        <message>
            <source>a number</source>
            <translation>a number</translation>
        </message>
        <message>
            <source>{name}={value}: it has to be {wanted}.</source>
            <translation>{name}={value}: it has to be {wanted}.</translation>
        </message>
        <message>
            <source>{system} needs {options}; give each with --option.</source>
            <translation>{system} needs {options}; give each with --option.</translation>
        </message>
        <message>
            <source>The connection {name} is taken away.</source>
            <translation>The connection {name} is taken away.</translation>
        </message>
        <message>
            <source>User</source>
            <translation>User</translation>
        </message>
        <message>
            <source>Not sent to it: {names}.</source>
            <translation>Not sent to it: {names}.</translation>
        </message>
        <message>
            <source>▲ User {user} may only read: every voucher would be refused.</source>
            <translation>▲ User {user} may only read: every voucher would be refused.</translation>
        </message>
        <message>
            <source>▲ The target does not show its books ({words}): whether documents were entered there under another reference was not looked at.</source>
            <translation>▲ The target does not show its books ({words}): whether documents were entered there under another reference was not looked at.</translation>
        </message>
        <message>
            <source>This takes about {calls} calls, which the target's plan counts.</source>
            <translation>This takes about {calls} calls, which the target's plan counts.</translation>
        </message>
        <message>
            <source>{document} came in several files; as decided, one of them counts.</source>
            <translation>{document} came in several files; as decided, one of them counts.</translation>
        </message>
        <message>
            <source>Currency</source>
            <translation>Currency</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>Server</translation>
        </message>
        <message>
            <source>Locked periods</source>
            <translation>Locked periods</translation>
        </message>
        <message>
            <source>{accepted} suggestions taken over; {left} still without a counterpart.</source>
            <translation>{accepted} suggestions taken over; {left} still without a counterpart.</translation>
        </message>
        <message>
            <source>{count} links read.</source>
            <translation>{count} links read.</translation>
        </message>
        <message>
            <source>▲ Without the target's names: {words}</source>
            <translation>▲ Without the target's names: {words}</translation>
        </message>
        <message>
            <source>{count} links written.</source>
            <translation>{count} links written.</translation>
        </message>
        <message>
            <source>▲ Sent before with another counterpart, and left as it is there:</source>
            <translation>▲ Sent before with another counterpart, and left as it is there:</translation>
        </message>
        <message>
            <source>{source} may be: {candidates}</source>
            <translation>{source} may be: {candidates}</translation>
        </message>
        <message>
            <source>▲ {count} of ours go to {target}:</source>
            <translation>▲ {count} of ours go to {target}:</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Sending</translation>
        </message>
        <message>
            <source>{value} is not a date; write it as 2026-01-31.</source>
            <translation>{value} is not a date; write it as 2026-01-31.</translation>
        </message>
        <message>
            <source>The period ends before it begins: {start} … {end}.</source>
            <translation>The period ends before it begins: {start} … {end}.</translation>
        </message>
        <message>
            <source>Pull {pull}: {lines} ledger lines from {start} to {end}.</source>
            <translation>Pull {pull}: {lines} ledger lines from {start} to {end}.</translation>
        </message>
        <message>
            <source>▲ The target did not hand out its trial balance: {words}</source>
            <translation>▲ The target did not hand out its trial balance: {words}</translation>
        </message>
        <message>
            <source>{document} was changed by the target: {changes}</source>
            <translation>{document} was changed by the target: {changes}</translation>
        </message>
        <message>
            <source>Nothing was sent. {ready} documents are ready, {held} are held.</source>
            <translation>Nothing was sent. {ready} documents are ready, {held} are held.</translation>
        </message>
        <message>
            <source>Looked up before the first sending: {looked_up} document(s), {seconds} s (the target would take them twice, or the journal may not know what was sent).</source>
            <translation>Looked up before the first sending: {looked_up} document(s), {seconds} s (the target would take them twice, or the journal may not know what was sent).</translation>
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</translation>
        </message>
        <message>
            <source>{mapped} links; {unmapped} codes without one.</source>
            <translation>{mapped} links; {unmapped} codes without one.</translation>
        </message>
        <message>
            <source>? are proposals: they are not taken over by 'map accept'; set each with 'map set'.</source>
            <translation>? are proposals: they are not taken over by 'map accept'; set each with 'map set'.</translation>
        </message>
        <message>
            <source>There is no connection {name}. Known: {known}.</source>
            <translation>There is no connection {name}. Known: {known}.</translation>
        </message>
        <message>
            <source>Secret of {name}: </source>
            <translation>Secret of {name}: </translation>
        </message>
        <message>
            <source>No secret was given. Type it, pipe it in, or set {variable} for this process.</source>
            <translation>No secret was given. Type it, pipe it in, or set {variable} for this process.</translation>
        </message>
        <message>
            <source>No heading row was found. Say which line it is with --header-line.</source>
            <translation>No heading row was found. Say which line it is with --header-line.</translation>
        </message>
        <message>
            <source>Profile {name} written to {path}. Try it with: cuadre profile test {file} --profile {name}</source>
            <translation>Profile {name} written to {path}. Try it with: cuadre profile test {file} --profile {name}</translation>
        </message>
        <message>
            <source>{value}: write ROLE=HEADING, where ROLE is one of {roles}.</source>
            <translation>{value}: write ROLE=HEADING, where ROLE is one of {roles}.</translation>
        </message>
        <message>
            <source>There is no column {heading}. There are: {known}.</source>
            <translation>There is no column {heading}. There are: {known}.</translation>
        </message>
        <message>
            <source>A profile's name has lower-case letters, digits and hyphens only.</source>
            <translation>A profile's name has lower-case letters, digits and hyphens only.</translation>
        </message>
        <message>
            <source>--totals is not a regular expression.</source>
            <translation>--totals is not a regular expression.</translation>
        </message>
        <message>
            <source>A chosen heading stands twice in the table; rename one of the two in the file first.</source>
            <translation>A chosen heading stands twice in the table; rename one of the two in the file first.</translation>
        </message>
        <message>
            <source>Say which column is the date: --column date=HEADING.</source>
            <translation>Say which column is the date: --column date=HEADING.</translation>
        </message>
        <message>
            <source>Say which column is the amount: --column debit=… and credit=…, or amount=….</source>
            <translation>Say which column is the amount: --column debit=… and credit=…, or amount=….</translation>
        </message>
        <message>
            <source>{path} is no profile: {reason}</source>
            <translation>{path} is no profile: {reason}</translation>
        </message>
        <message>
            <source>{count} rules read.</source>
            <translation>{count} rules read.</translation>
        </message>
        <message>
            <source>{count} rules written.</source>
            <translation>{count} rules written.</translation>
        </message>
        <message>
            <source>{count} fields changed on the side that does not own them.</source>
            <translation>{count} fields changed on the side that does not own them.</translation>
        </message>
        <message>
            <source>{count} records in all</source>
            <translation>{count} records in all</translation>
        </message>
        <message>
            <source>{count} are there already and will not be sent.</source>
            <translation>{count} are there already and will not be sent.</translation>
        </message>
        <message>
            <source>{count} are others and go at the next sending.</source>
            <translation>{count} are others and go at the next sending.</translation>
        </message>
        <message>
            <source>No document that was probably sent already is meant by that.</source>
            <translation>No document that was probably sent already is meant by that.</translation>
        </message>
        <message>
            <source>No document was probably sent already.</source>
            <translation>No document was probably sent already.</translation>
        </message>
        <message>
            <source>Say of each kind (or reference) whether they are the same or others: cuadre queue same, cuadre queue other.</source>
            <translation>Say of each kind (or reference) whether they are the same or others: cuadre queue same, cuadre queue other.</translation>
        </message>
        <message>
            <source>Everything stands on the day it was sent for.</source>
            <translation>Everything stands on the day it was sent for.</translation>
        </message>
        <message>
            <source>{reference} does not stand on another day: see 'queue moved'.</source>
            <translation>{reference} does not stand on another day: see 'queue moved'.</translation>
        </message>
        <message>
            <source>Nothing stands on another day.</source>
            <translation>Nothing stands on another day.</translation>
        </message>
        <message>
            <source>document</source>
            <translation>document</translation>
        </message>
        <message>
            <source>number</source>
            <translation>number</translation>
        </message>
        <message>
            <source>date</source>
            <translation>date</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>third party</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>currency</translation>
        </message>
        <message>
            <source>net</source>
            <translation>net</translation>
        </message>
        <message>
            <source>taxes</source>
            <translation>taxes</translation>
        </message>
        <message>
            <source>withheld</source>
            <translation>withheld</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>The journal has no fiscal document {name}.</source>
            <translation>The journal has no fiscal document {name}.</translation>
        </message>
        <message>
            <source>how it stands</source>
            <translation>how it stands</translation>
        </message>
        <message>
            <source>{documents} goes at the next sending.</source>
            <translation>{documents} goes at the next sending.</translation>
        </message>
        <message>
            <source>in the books</source>
            <translation>in the books</translation>
        </message>
        <message>
            <source>open</source>
            <translation>open</translation>
        </message>
        <message>
            <source>open in the books</source>
            <translation>open in the books</translation>
        </message>
        <message>
            <source>booked as</source>
            <translation>booked as</translation>
        </message>
        <message>
            <source>booked on</source>
            <translation>booked on</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identifier</translation>
        </message>
        <message>
            <source>state</source>
            <translation>state</translation>
        </message>
        <message>
            <source>due</source>
            <translation>due</translation>
        </message>
        <message>
            <source>{id}: {status} at the tax authority</source>
            <translation>{id}: {status} at the tax authority</translation>
        </message>
        <message>
            <source>{id}: no XML here; nothing is made of it</source>
            <translation>{id}: no XML here; nothing is made of it</translation>
        </message>
        <message>
            <source>sales invoice</source>
            <translation>sales invoice</translation>
        </message>
        <message>
            <source>credit note issued</source>
            <translation>credit note issued</translation>
        </message>
        <message>
            <source>debit note issued</source>
            <translation>debit note issued</translation>
        </message>
        <message>
            <source>bill</source>
            <translation>bill</translation>
        </message>
        <message>
            <source>credit note received</source>
            <translation>credit note received</translation>
        </message>
        <message>
            <source>debit note received</source>
            <translation>debit note received</translation>
        </message>
        <message>
            <source>receipt</source>
            <translation>receipt</translation>
        </message>
        <message>
            <source>payment</source>
            <translation>payment</translation>
        </message>
        <message>
            <source>payroll</source>
            <translation>payroll</translation>
        </message>
        <message>
            <source>certificate of withholding</source>
            <translation>certificate of withholding</translation>
        </message>
        <message>
            <source>event</source>
            <translation>event</translation>
        </message>
        <message>
            <source>ignored</source>
            <translation>ignored</translation>
        </message>
        <message>
            <source>before discounts</source>
            <translation>before discounts</translation>
        </message>
        <message>
            <source>discounts</source>
            <translation>discounts</translation>
        </message>
        <message>
            <source>withholdings the paper states</source>
            <translation>withholdings the paper states</translation>
        </message>
        <message>
            <source>local taxes</source>
            <translation>local taxes</translation>
        </message>
        <message>
            <source>local taxes withheld</source>
            <translation>local taxes withheld</translation>
        </message>
        <message>
            <source>charges</source>
            <translation>charges</translation>
        </message>
        <message>
            <source>allowances</source>
            <translation>allowances</translation>
        </message>
        <message>
            <source>prepaid</source>
            <translation>prepaid</translation>
        </message>
        <message>
            <source>rounding</source>
            <translation>rounding</translation>
        </message>
        <message>
            <source>valid</source>
            <translation>valid</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelled</translation>
        </message>
        <message>
            <source>unknown</source>
            <translation>unknown</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rejected</translation>
        </message>
        <message>
            <source>Files in {path} are imported once they are whole.</source>
            <translation>Files in {path} are imported once they are whole.</translation>
        </message>
        <message>
            <source>{path} is watched no more; what was imported stays.</source>
            <translation>{path} is watched no more; what was imported stays.</translation>
        </message>
        <message>
            <source>  ▲ cannot be listed since {since}: {words}</source>
            <translation>  ▲ cannot be listed since {since}: {words}</translation>
        </message>
        <message>
            <source>{connection}: confirmed {confirmed} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>{connection}: confirmed {confirmed} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</translation>
        </message>
        <message>
            <source>{count} alerts raised.</source>
            <translation>{count} alerts raised.</translation>
        </message>
        <message>
            <source>{connection}: {news} changes there, {gone} gone</source>
            <translation>{connection}: {news} changes there, {gone} gone</translation>
        </message>
        <message>
            <source>{connection}: {records} records looked at, {news} were news</source>
            <translation>{connection}: {records} records looked at, {news} were news</translation>
        </message>
        <message>
            <source>{names}: {written} fields written, {asked} for a person</source>
            <translation>{names}: {written} fields written, {asked} for a person</translation>
        </message>
        <message>
            <source>{count} payouts proposed.</source>
            <translation>{count} payouts proposed.</translation>
        </message>
        <message>
            <source>Contacts of {crm} and {erp} are kept the same by “cuadre work”.</source>
            <translation>Contacts of {crm} and {erp} are kept the same by “cuadre work”.</translation>
        </message>
        <message>
            <source>They are kept the same no more; what they hold stays.</source>
            <translation>They are kept the same no more; what they hold stays.</translation>
        </message>
        <message>
            <source>{crm} ↔ {erp}: {count} pairs</source>
            <translation>{crm} ↔ {erp}: {count} pairs</translation>
        </message>
        <message>
            <source>flows</source>
            <translation>flows</translation>
        </message>
        <message>
            <source>stays</source>
            <translation>stays</translation>
        </message>
        <message>
            <source>put back</source>
            <translation>put back</translation>
        </message>
        <message>
            <source>{field} is owned by {owner}.</source>
            <translation>{field} is owned by {owner}.</translation>
        </message>
        <message>
            <source>{count} questions are settled.</source>
            <translation>{count} questions are settled.</translation>
        </message>
        <message>
            <source>No contacts are paired.</source>
            <translation>No contacts are paired.</translation>
        </message>
        <message>
            <source>They are one; the next comparison lets their fields flow.</source>
            <translation>They are one; the next comparison lets their fields flow.</translation>
        </message>
        <message>
            <source>They are two; they are not paired, nor asked about again.</source>
            <translation>They are two; they are not paired, nor asked about again.</translation>
        </message>
        <message>
            <source>{paired} paired · {written} fields written · {agreed} agreed</source>
            <translation>{paired} paired · {written} fields written · {agreed} agreed</translation>
        </message>
        <message>
            <source>both sides had changed it; the journal has what the other one said</source>
            <translation>both sides had changed it; the journal has what the other one said</translation>
        </message>
        <message>
            <source>Say it with “cuadre contacts pair CRM ERP ID ID” or “cuadre contacts apart CRM ERP ID ID”.</source>
            <translation>Say it with “cuadre contacts pair CRM ERP ID ID” or “cuadre contacts apart CRM ERP ID ID”.</translation>
        </message>
        <message>
            <source>What was refused is tried once more with --again.</source>
            <translation>What was refused is tried once more with --again.</translation>
        </message>
        <message>
            <source>Payouts of {connection} are proposed so; a person accepts each.</source>
            <translation>Payouts of {connection} are proposed so; a person accepts each.</translation>
        </message>
        <message>
            <source>does not add up</source>
            <translation>does not add up</translation>
        </message>
        <message>
            <source>Nothing is proposed.</source>
            <translation>Nothing is proposed.</translation>
        </message>
        <message>
            <source>Accepted: batch {batch}. It is mapped and sent like any other.</source>
            <translation>Accepted: batch {batch}. It is mapped and sent like any other.</translation>
        </message>
        <message>
            <source>Proposal {number} is over.</source>
            <translation>Proposal {number} is over.</translation>
        </message>
        <message>
            <source>Give the vendor this address; it is shown only now:</source>
            <translation>Give the vendor this address; it is shown only now:</translation>
        </message>
        <message>
            <source>The vendor signs nothing: keep the address secret.</source>
            <translation>The vendor signs nothing: keep the address secret.</translation>
        </message>
        <message>
            <source>The new key is read from standard input; nothing came.</source>
            <translation>The new key is read from standard input; nothing came.</translation>
        </message>
        <message>
            <source>The new key counts from now on, the old one for two days more.</source>
            <translation>The new key counts from now on, the old one for two days more.</translation>
        </message>
        <message>
            <source>not signed</source>
            <translation>not signed</translation>
        </message>
        <message>
            <source>No door, or more than one, begins with {id}.</source>
            <translation>No door, or more than one, begins with {id}.</translation>
        </message>
        <message>
            <source>Closed: {vendor} for {connection}. What came stays.</source>
            <translation>Closed: {vendor} for {connection}. What came stays.</translation>
        </message>
        <message>
            <source>{text} is no address; write one such as 127.0.0.1:8770.</source>
            <translation>{text} is no address; write one such as 127.0.0.1:8770.</translation>
        </message>
        <message>
            <source>▲ It listens beyond this machine without TLS: put a proxy in front, and let only that reach it.</source>
            <translation>▲ It listens beyond this machine without TLS: put a proxy in front, and let only that reach it.</translation>
        </message>
        <message>
            <source>{address} cannot be listened at: {words}.</source>
            <translation>{address} cannot be listened at: {words}.</translation>
        </message>
        <message>
            <source>Receiving at {address}.</source>
            <translation>Receiving at {address}.</translation>
        </message>
        <message>
            <source>Nothing has come in.</source>
            <translation>Nothing has come in.</translation>
        </message>
        <message>
            <source>{count} rows will be looked at again.</source>
            <translation>{count} rows will be looked at again.</translation>
        </message>
        <message>
            <source>{count} rows are of no use.</source>
            <translation>{count} rows are of no use.</translation>
        </message>
        <message>
            <source>{count} records are forgotten; everything is read anew.</source>
            <translation>{count} records are forgotten; everything is read anew.</translation>
        </message>
        <message>
            <source>{count} bodies are erased; that they came stays in the journal.</source>
            <translation>{count} bodies are erased; that they came stays in the journal.</translation>
        </message>
        <message>
            <source>{count} rows will be looked at.</source>
            <translation>{count} rows will be looked at.</translation>
        </message>
        <message>
            <source>There is no row {number}.</source>
            <translation>There is no row {number}.</translation>
        </message>
        <message>
            <source>{text} is no day, instant or span (2026-03-01, 36h, 7d).</source>
            <translation>{text} is no day, instant or span (2026-03-01, 36h, 7d).</translation>
        </message>
        <message>
            <source>This is no address (https://…).</source>
            <translation>This is no address (https://…).</translation>
        </message>
        <message>
            <source>This account has no secret store; nothing was kept.</source>
            <translation>This account has no secret store; nothing was kept.</translation>
        </message>
        <message>
            <source>Each good round fetches it from now on.</source>
            <translation>Each good round fetches it from now on.</translation>
        </message>
        <message>
            <source>Nothing is fetched any more.</source>
            <translation>Nothing is fetched any more.</translation>
        </message>
        <message>
            <source>take a company's set-up from one desk to another</source>
            <translation>take a company's set-up from one desk to another</translation>
        </message>
        <message>
            <source>write profiles, maps, rules, owners, policy and schedules; no secrets</source>
            <translation>write profiles, maps, rules, owners, policy and schedules; no secrets</translation>
        </message>
        <message>
            <source>take over what such a file has</source>
            <translation>take over what such a file has</translation>
        </message>
        <message>
            <source>why</source>
            <translation>why</translation>
        </message>
        <message>
            <source>only say what would change</source>
            <translation>only say what would change</translation>
        </message>
        <message>
            <source>what somebody who helps has to know</source>
            <translation>what somebody who helps has to know</translation>
        </message>
        <message>
            <source>show it redacted, and save it once you say so</source>
            <translation>show it redacted, and save it once you say so</translation>
        </message>
        <message>
            <source>save it without showing it</source>
            <translation>save it without showing it</translation>
        </message>
        <message>
            <source>newer versions, when you ask</source>
            <translation>newer versions, when you ask</translation>
        </message>
        <message>
            <source>whether there is one</source>
            <translation>whether there is one</translation>
        </message>
        <message>
            <source>download it and start its installer, after asking</source>
            <translation>download it and start its installer, after asking</translation>
        </message>
        <message>
            <source>where they are announced; empty for never</source>
            <translation>where they are announced; empty for never</translation>
        </message>
    </context>
    <context>
        <name>close</name>
        <message>
            <source>a file that came is not whole or cannot be read</source>
            <translation>a file that came is not whole or cannot be read</translation>
        </message>
        <message>
            <source>events that came were not looked at yet</source>
            <translation>events that came were not looked at yet</translation>
        </message>
        <message>
            <source>files are still coming in</source>
            <translation>files are still coming in</translation>
        </message>
        <message>
            <source>what changed in the target was not read for an hour</source>
            <translation>what changed in the target was not read for an hour</translation>
        </message>
        <message>
            <source>closed: nothing to explain</source>
            <translation>closed: nothing to explain</translation>
        </message>
        <message>
            <source>nothing of this month was imported: nothing was reconciled</source>
            <translation>nothing of this month was imported: nothing was reconciled</translation>
        </message>
        <message>
            <source>{differences} differences to explain, {waiting} documents wait</source>
            <translation>{differences} differences to explain, {waiting} documents wait</translation>
        </message>
    </context>
    <context>
        <name>contacts</name>
        <message>
            <source>“{name}” has the same name in both ({left}, {right}): are they one?</source>
            <translation>“{name}” has the same name in both ({left}, {right}): are they one?</translation>
        </message>
        <message>
            <source>“{name}” is one of several ({left} and {right}): which are one?</source>
            <translation>“{name}” is one of several ({left} and {right}): which are one?</translation>
        </message>
        <message>
            <source>“{name}”: {field} is “{theirs}” in {other}, but “{ours}” in its owner {owner}</source>
            <translation>“{name}”: {field} is “{theirs}” in {other}, but “{ours}” in its owner {owner}</translation>
        </message>
        <message>
            <source>“{name}”: {other} did not take “{ours}” as {field}: {words}</source>
            <translation>“{name}”: {other} did not take “{ours}” as {field}: {words}</translation>
        </message>
        <message>
            <source>“{name}”: {field} was changed back again and again by a rule of {other}; it is left alone</source>
            <translation>“{name}”: {field} was changed back again and again by a rule of {other}; it is left alone</translation>
        </message>
        <message>
            <source>“{name}” is gone from {place}</source>
            <translation>“{name}” is gone from {place}</translation>
        </message>
        <message>
            <source>“{name}” was merged in {place} with another that is paired too</source>
            <translation>“{name}” was merged in {place} with another that is paired too</translation>
        </message>
        <message>
            <source>{count} contacts are gone at once: nothing was done; look at the permissions</source>
            <translation>{count} contacts are gone at once: nothing was done; look at the permissions</translation>
        </message>
        <message>
            <source>{names}: contacts are not kept the same between these.</source>
            <translation>{names}: contacts are not kept the same between these.</translation>
        </message>
        <message>
            <source>same reference</source>
            <translation>same reference</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>same tax id</translation>
        </message>
        <message>
            <source>same e-mail</source>
            <translation>same e-mail</translation>
        </message>
        <message>
            <source>merged there</source>
            <translation>merged there</translation>
        </message>
        <message>
            <source>a person said so</source>
            <translation>a person said so</translation>
        </message>
        <message>
            <source>{names}: one of them is paired with another; say first that those are two.</source>
            <translation>{names}: one of them is paired with another; say first that those are two.</translation>
        </message>
    </context>
    <context>
        <name>decide</name>
        <message>
            <source>A decision needs a reason.</source>
            <translation>A decision needs a reason.</translation>
        </message>
        <message>
            <source>The document is {state}; this cannot be decided now.</source>
            <translation>The document is {state}; this cannot be decided now.</translation>
        </message>
        <message>
            <source>The journal knows no such document.</source>
            <translation>The journal knows no such document.</translation>
        </message>
        <message>
            <source>The target has {count} such documents; exactly one is needed.</source>
            <translation>The target has {count} such documents; exactly one is needed.</translation>
        </message>
        <message>
            <source>The target still says otherwise than the newest file: {differences}.</source>
            <translation>The target still says otherwise than the newest file: {differences}.</translation>
        </message>
        <message>
            <source>That document of the target is {document} already.</source>
            <translation>That document of the target is {document} already.</translation>
        </message>
        <message>
            <source>{person} is importing this file right now.</source>
            <translation>{person} is importing this file right now.</translation>
        </message>
        <message>
            <source>{person} imported it; another person has to approve it.</source>
            <translation>{person} imported it; another person has to approve it.</translation>
        </message>
        <message>
            <source>The reconciliation is signed. Open it again first, with a reason.</source>
            <translation>The reconciliation is signed. Open it again first, with a reason.</translation>
        </message>
        <message>
            <source>There are differences or lines to decide; signing nevertheless needs a reason.</source>
            <translation>There are differences or lines to decide; signing nevertheless needs a reason.</translation>
        </message>
        <message>
            <source>The reconciliation is {state}; that is not the next step.</source>
            <translation>The reconciliation is {state}; that is not the next step.</translation>
        </message>
        <message>
            <source>It is no longer what was prepared; look at it and prepare it again.</source>
            <translation>It is no longer what was prepared; look at it and prepare it again.</translation>
        </message>
        <message>
            <source>{period} is signed; open that month again first.</source>
            <translation>{period} is signed; open that month again first.</translation>
        </message>
        <message>
            <source>These lines have an adjustment already: {document}.</source>
            <translation>These lines have an adjustment already: {document}.</translation>
        </message>
        <message>
            <source>{document} was sent already; it is corrected in the target, not taken back.</source>
            <translation>{document} was sent already; it is corrected in the target, not taken back.</translation>
        </message>
        <message>
            <source>Neither side has an account that begins with {account}.</source>
            <translation>Neither side has an account that begins with {account}.</translation>
        </message>
        <message>
            <source>The parts have to add up to the line; {missing} is missing.</source>
            <translation>The parts have to add up to the line; {missing} is missing.</translation>
        </message>
        <message>
            <source>The file is larger than {limit} MB; attach a smaller one.</source>
            <translation>The file is larger than {limit} MB; attach a smaller one.</translation>
        </message>
        <message>
            <source>Adjustments go to the target whose books are a side.</source>
            <translation>Adjustments go to the target whose books are a side.</translation>
        </message>
        <message>
            <source>The account and its contra account are the same.</source>
            <translation>The account and its contra account are the same.</translation>
        </message>
        <message>
            <source>An adjustment needs an account and a contra account.</source>
            <translation>An adjustment needs an account and a contra account.</translation>
        </message>
        <message>
            <source>An adjustment needs the journal of the target it goes to.</source>
            <translation>An adjustment needs the journal of the target it goes to.</translation>
        </message>
        <message>
            <source>The chosen lines differ by nothing: there is nothing to adjust.</source>
            <translation>The chosen lines differ by nothing: there is nothing to adjust.</translation>
        </message>
        <message>
            <source>Somebody has to stay administrator.</source>
            <translation>Somebody has to stay administrator.</translation>
        </message>
        <message>
            <source>The journal in {home} is gone or empty, but its anchors show that it held events: what was sent would be forgotten and could be sent again. Restore a backup. To begin anew on purpose, move the file anchors.jsonl elsewhere first.</source>
            <translation>The journal in {home} is gone or empty, but its anchors show that it held events: what was sent would be forgotten and could be sent again. Restore a backup. To begin anew on purpose, move the file anchors.jsonl elsewhere first.</translation>
        </message>
        <message>
            <source>{text} is no currency; write its code, such as MXN or COP.</source>
            <translation>{text} is no currency; write its code, such as MXN or COP.</translation>
        </message>
        <message>
            <source>{name} stays: the journal has documents, books or events of it. Only a connection that was never used can be taken away.</source>
            <translation>{name} stays: the journal has documents, books or events of it. Only a connection that was never used can be taken away.</translation>
        </message>
        <message>
            <source>{url} is not encrypted: anybody on the way could read the password. Use https://, or say why this address may be used all the same.</source>
            <translation>{url} is not encrypted: anybody on the way could read the password. Use https://, or say why this address may be used all the same.</translation>
        </message>
        <message>
            <source>{path} is the journal itself; name another file.</source>
            <translation>{path} is the journal itself; name another file.</translation>
        </message>
        <message>
            <source>{what} is open in another program: the window of Cuadre, or its work by itself. Close it and try again; nothing was changed.</source>
            <translation>{what} is open in another program: the window of Cuadre, or its work by itself. Close it and try again; nothing was changed.</translation>
        </message>
        <message>
            <source>This target's entries cannot be moved to another day.</source>
            <translation>This target's entries cannot be moved to another day.</translation>
        </message>
        <message>
            <source>The connection {name} is {old} here and {new} in the file. Change it by hand first, if it is to be so. Nothing was changed.</source>
            <translation>The connection {name} is {old} here and {new} in the file. Change it by hand first, if it is to be so. Nothing was changed.</translation>
        </message>
        <message>
            <source>This is no set-up of Cuadre that this version can read ({what}). Nothing was changed.</source>
            <translation>This is no set-up of Cuadre that this version can read ({what}). Nothing was changed.</translation>
        </message>
        <message>
            <source>This Cuadre does not look for updates: it was built without the key of its makers, or no address is set (cuadre update address).</source>
            <translation>This Cuadre does not look for updates: it was built without the key of its makers, or no address is set (cuadre update address).</translation>
        </message>
        <message>
            <source>What came is not what the makers of Cuadre signed ({what}). Nothing was installed.</source>
            <translation>What came is not what the makers of Cuadre signed ({what}). Nothing was installed.</translation>
        </message>
        <message>
            <source>The address of the updates does not answer: {what}.</source>
            <translation>The address of the updates does not answer: {what}.</translation>
        </message>
        <message>
            <source>{what} rows do not fit on a sheet of Excel. Export them as CSV.</source>
            <translation>{what} rows do not fit on a sheet of Excel. Export them as CSV.</translation>
        </message>
    </context>
    <context>
        <name>demo</name>
        <message>
            <source>Picture of the window: {path}</source>
            <translation>Picture of the window: {path}</translation>
        </message>
        <message>
            <source>Port {port} cannot be used ({reason}). Choose another one with --port.</source>
            <translation>Port {port} cannot be used ({reason}). Choose another one with --port.</translation>
        </message>
        <message>
            <source>Sandbox ERP on {url} (user {user}, password {password}); Ctrl+C ends it.</source>
            <translation>Sandbox ERP on {url} (user {user}, password {password}); Ctrl+C ends it.</translation>
        </message>
        <message>
            <source>Sandbox ended.</source>
            <translation>Sandbox ended.</translation>
        </message>
        <message>
            <source>Import {file}</source>
            <translation>Import {file}</translation>
        </message>
        <message>
            <source>Map: {accepted} of {found} accounts and journals by suggestion</source>
            <translation>Map: {accepted} of {found} accounts and journals by suggestion</translation>
        </message>
        <message>
            <source>Push to {url}</source>
            <translation>Push to {url}</translation>
        </message>
        <message>
            <source>Pull: {lines} ledger lines of the target's own books</source>
            <translation>Pull: {lines} ledger lines of the target's own books</translation>
        </message>
        <message>
            <source>Reconcile</source>
            <translation>Reconcile</translation>
        </message>
        <message>
            <source>Invoices and payments of {file}</source>
            <translation>Invoices and payments of {file}</translation>
        </message>
        <message>
            <source>Documents against the books:</source>
            <translation>Documents against the books:</translation>
        </message>
        <message>
            <source>Working paper: {path}</source>
            <translation>Working paper: {path}</translation>
        </message>
    </context>
    <context>
        <name>differences</name>
        <message>
            <source>date</source>
            <translation>date</translation>
        </message>
        <message>
            <source>account</source>
            <translation>account</translation>
        </message>
        <message>
            <source>lines</source>
            <translation>lines</translation>
        </message>
        <message>
            <source>party</source>
            <translation>party</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>contact</source>
            <translation>contact</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>tax id</translation>
        </message>
        <message>
            <source>name</source>
            <translation>name</translation>
        </message>
        <message>
            <source>description</source>
            <translation>description</translation>
        </message>
        <message>
            <source>journal</source>
            <translation>journal</translation>
        </message>
        <message>
            <source>without a counterpart in the map</source>
            <translation>without a counterpart in the map</translation>
        </message>
        <message>
            <source>posted</source>
            <translation>posted</translation>
        </message>
        <message>
            <source>draft</source>
            <translation>draft</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelled</translation>
        </message>
        <message>
            <source>the target says it has it, but not under our reference</source>
            <translation>the target says it has it, but not under our reference</translation>
        </message>
        <message>
            <source>{number}: cancelled in the target</source>
            <translation>{number}: cancelled in the target</translation>
        </message>
        <message>
            <source>waits for what it names: {names}</source>
            <translation>waits for what it names: {names}</translation>
        </message>
        <message>
            <source>{count} documents with this reference: {numbers}</source>
            <translation>{count} documents with this reference: {numbers}</translation>
        </message>
        <message>
            <source>two senders were answered: {late} came after the lease was taken over, {known} is what was confirmed; look at both in the target</source>
            <translation>two senders were answered: {late} came after the lease was taken over, {known} is what was confirmed; look at both in the target</translation>
        </message>
        <message>
            <source>the target confirmed {late} after the lease was taken over</source>
            <translation>the target confirmed {late} after the lease was taken over</translation>
        </message>
    </context>
    <context>
        <name>documents</name>
        <message>
            <source>contact</source>
            <translation>contact</translation>
        </message>
        <message>
            <source>voucher</source>
            <translation>voucher</translation>
        </message>
        <message>
            <source>attached file</source>
            <translation>attached file</translation>
        </message>
        <message>
            <source>other fiscal document</source>
            <translation>other fiscal document</translation>
        </message>
        <message>
            <source>state of a document</source>
            <translation>state of a document</translation>
        </message>
        <message>
            <source>invoice</source>
            <translation>invoice</translation>
        </message>
        <message>
            <source>credit note</source>
            <translation>credit note</translation>
        </message>
        <message>
            <source>party of a document</source>
            <translation>party of a document</translation>
        </message>
        <message>
            <source>payment</source>
            <translation>payment</translation>
        </message>
        <message>
            <source>the same</source>
            <translation>the same</translation>
        </message>
        <message>
            <source>missing in the books</source>
            <translation>missing in the books</translation>
        </message>
        <message>
            <source>another amount in the books</source>
            <translation>another amount in the books</translation>
        </message>
        <message>
            <source>another month in the books</source>
            <translation>another month in the books</translation>
        </message>
        <message>
            <source>another day in the books</source>
            <translation>another day in the books</translation>
        </message>
        <message>
            <source>another amount open in the books</source>
            <translation>another amount open in the books</translation>
        </message>
        <message>
            <source>another currency in the books</source>
            <translation>another currency in the books</translation>
        </message>
        <message>
            <source>another party in the books</source>
            <translation>another party in the books</translation>
        </message>
        <message>
            <source>a paper is missing: less is open by its last payment</source>
            <translation>a paper is missing: less is open by its last payment</translation>
        </message>
        <message>
            <source>cancelled, and in the books</source>
            <translation>cancelled, and in the books</translation>
        </message>
        <message>
            <source>cancelled, not in the books</source>
            <translation>cancelled, not in the books</translation>
        </message>
        <message>
            <source>in the books without a document</source>
            <translation>in the books without a document</translation>
        </message>
        <message>
            <source>at the authority, without an XML here</source>
            <translation>at the authority, without an XML here</translation>
        </message>
        <message>
            <source>not in the authority's listing</source>
            <translation>not in the authority's listing</translation>
        </message>
        <message>
            <source>pay slip</source>
            <translation>pay slip</translation>
        </message>
    </context>
    <context>
        <name>doors</name>
        <message>
            <source>{vendor} is none of {known}.</source>
            <translation>{vendor} is none of {known}.</translation>
        </message>
        <message>
            <source>{vendor} signs what it sends: its key is needed.</source>
            <translation>{vendor} signs what it sends: its key is needed.</translation>
        </message>
        <message>
            <source>This is no signing key: it has blanks or letters no vendor uses.</source>
            <translation>This is no signing key: it has blanks or letters no vendor uses.</translation>
        </message>
        <message>
            <source>{vendor} signs the address too: say the public one it is given (https://…).</source>
            <translation>{vendor} signs the address too: say the public one it is given (https://…).</translation>
        </message>
        <message>
            <source>This account has no secret store; nothing was opened. Hand the key over in the environment variable {variable} or as a credential “{name}” of the service.</source>
            <translation>This account has no secret store; nothing was opened. Hand the key over in the environment variable {variable} or as a credential “{name}” of the service.</translation>
        </message>
        <message>
            <source>The key comes from the environment variable {variable} or from the credential “{name}” of the service, which stands above a kept one: change it there.</source>
            <translation>The key comes from the environment variable {variable} or from the credential “{name}” of the service, which stands above a kept one: change it there.</translation>
        </message>
    </context>
    <context>
        <name>events</name>
        <message>
            <source>journal backed up</source>
            <translation>journal backed up</translation>
        </message>
        <message>
            <source>set-up taken over from a file</source>
            <translation>set-up taken over from a file</translation>
        </message>
        <message>
            <source>journal restored from a copy</source>
            <translation>journal restored from a copy</translation>
        </message>
        <message>
            <source>journal saved from a damaged file</source>
            <translation>journal saved from a damaged file</translation>
        </message>
        <message>
            <source>found not to know everything that was sent</source>
            <translation>found not to know everything that was sent</translation>
        </message>
        <message>
            <source>finding of verify settled by a person</source>
            <translation>finding of verify settled by a person</translation>
        </message>
        <message>
            <source>derived tables built anew</source>
            <translation>derived tables built anew</translation>
        </message>
        <message>
            <source>signing key registered</source>
            <translation>signing key registered</translation>
        </message>
        <message>
            <source>company of a connection seen</source>
            <translation>company of a connection seen</translation>
        </message>
        <message>
            <source>documents told apart from what the target has by a person</source>
            <translation>documents told apart from what the target has by a person</translation>
        </message>
        <message>
            <source>likely repeats told apart by a person</source>
            <translation>likely repeats told apart by a person</translation>
        </message>
        <message>
            <source>import started</source>
            <translation>import started</translation>
        </message>
        <message>
            <source>import closed</source>
            <translation>import closed</translation>
        </message>
        <message>
            <source>file imported before</source>
            <translation>file imported before</translation>
        </message>
        <message>
            <source>import abandoned</source>
            <translation>import abandoned</translation>
        </message>
        <message>
            <source>could not be made searchable</source>
            <translation>could not be made searchable</translation>
        </message>
        <message>
            <source>import cancelled</source>
            <translation>import cancelled</translation>
        </message>
        <message>
            <source>import failed</source>
            <translation>import failed</translation>
        </message>
        <message>
            <source>open lines explained</source>
            <translation>open lines explained</translation>
        </message>
        <message>
            <source>line split by a person</source>
            <translation>line split by a person</translation>
        </message>
        <message>
            <source>file kept as evidence</source>
            <translation>file kept as evidence</translation>
        </message>
        <message>
            <source>adjustment proposed</source>
            <translation>adjustment proposed</translation>
        </message>
        <message>
            <source>decision done again</source>
            <translation>decision done again</translation>
        </message>
        <message>
            <source>reconciliation prepared</source>
            <translation>reconciliation prepared</translation>
        </message>
        <message>
            <source>reconciliation reviewed</source>
            <translation>reconciliation reviewed</translation>
        </message>
        <message>
            <source>reconciliation signed</source>
            <translation>reconciliation signed</translation>
        </message>
        <message>
            <source>reconciliation opened again</source>
            <translation>reconciliation opened again</translation>
        </message>
        <message>
            <source>fields of contacts compared</source>
            <translation>fields of contacts compared</translation>
        </message>
        <message>
            <source>queued</source>
            <translation>queued</translation>
        </message>
        <message>
            <source>sending</source>
            <translation>sending</translation>
        </message>
        <message>
            <source>confirmed by the target</source>
            <translation>confirmed by the target</translation>
        </message>
        <message>
            <source>found in the target and adopted</source>
            <translation>found in the target and adopted</translation>
        </message>
        <message>
            <source>refused by the target</source>
            <translation>refused by the target</translation>
        </message>
        <message>
            <source>sent, answer lost</source>
            <translation>sent, answer lost</translation>
        </message>
        <message>
            <source>looking it up</source>
            <translation>looking it up</translation>
        </message>
        <message>
            <source>waits for a document it names</source>
            <translation>waits for a document it names</translation>
        </message>
        <message>
            <source>not in the target; will be sent</source>
            <translation>not in the target; will be sent</translation>
        </message>
        <message>
            <source>not in the target yet; looked up again before it is sent</source>
            <translation>not in the target yet; looked up again before it is sent</translation>
        </message>
        <message>
            <source>not sent; will be repeated</source>
            <translation>not sent; will be repeated</translation>
        </message>
        <message>
            <source>target asks to wait</source>
            <translation>target asks to wait</translation>
        </message>
        <message>
            <source>taken over from a sender that died</source>
            <translation>taken over from a sender that died</translation>
        </message>
        <message>
            <source>differs from what the target holds</source>
            <translation>differs from what the target holds</translation>
        </message>
        <message>
            <source>batch refused; each will go alone</source>
            <translation>batch refused; each will go alone</translation>
        </message>
        <message>
            <source>looking it up failed; will be repeated</source>
            <translation>looking it up failed; will be repeated</translation>
        </message>
        <message>
            <source>answer came after another sender took over</source>
            <translation>answer came after another sender took over</translation>
        </message>
        <message>
            <source>prepared again with the corrected map</source>
            <translation>prepared again with the corrected map</translation>
        </message>
        <message>
            <source>came again in a newer file</source>
            <translation>came again in a newer file</translation>
        </message>
        <message>
            <source>retry asked by a person</source>
            <translation>retry asked by a person</translation>
        </message>
        <message>
            <source>skipped by a person</source>
            <translation>skipped by a person</translation>
        </message>
        <message>
            <source>corrected in the target, as a person says</source>
            <translation>corrected in the target, as a person says</translation>
        </message>
        <message>
            <source>linked by a person to a document of the target</source>
            <translation>linked by a person to a document of the target</translation>
        </message>
        <message>
            <source>target silent; left alone for a while</source>
            <translation>target silent; left alone for a while</translation>
        </message>
        <message>
            <source>target answers again</source>
            <translation>target answers again</translation>
        </message>
        <message>
            <source>file let go by a person</source>
            <translation>file let go by a person</translation>
        </message>
        <message>
            <source>file's lines moved to the archive</source>
            <translation>file's lines moved to the archive</translation>
        </message>
        <message>
            <source>roles of a person changed</source>
            <translation>roles of a person changed</translation>
        </message>
        <message>
            <source>alert raised</source>
            <translation>alert raised</translation>
        </message>
        <message>
            <source>alert is over</source>
            <translation>alert is over</translation>
        </message>
        <message>
            <source>alert could not be delivered</source>
            <translation>alert could not be delivered</translation>
        </message>
        <message>
            <source>sending started</source>
            <translation>sending started</translation>
        </message>
        <message>
            <source>sending ended</source>
            <translation>sending ended</translation>
        </message>
        <message>
            <source>target's books read</source>
            <translation>target's books read</translation>
        </message>
        <message>
            <source>reading the target failed</source>
            <translation>reading the target failed</translation>
        </message>
        <message>
            <source>map changed</source>
            <translation>map changed</translation>
        </message>
        <message>
            <source>link removed from the map</source>
            <translation>link removed from the map</translation>
        </message>
        <message>
            <source>connection saved</source>
            <translation>connection saved</translation>
        </message>
        <message>
            <source>connection taken away</source>
            <translation>connection taken away</translation>
        </message>
        <message>
            <source>setting changed</source>
            <translation>setting changed</translation>
        </message>
        <message>
            <source>reconciled</source>
            <translation>reconciled</translation>
        </message>
        <message>
            <source>match accepted by a person</source>
            <translation>match accepted by a person</translation>
        </message>
        <message>
            <source>match taken apart by a person</source>
            <translation>match taken apart by a person</translation>
        </message>
        <message>
            <source>adjustment withdrawn</source>
            <translation>adjustment withdrawn</translation>
        </message>
        <message>
            <source>decision taken back</source>
            <translation>decision taken back</translation>
        </message>
        <message>
            <source>encoding or report chosen by a person</source>
            <translation>encoding or report chosen by a person</translation>
        </message>
        <message>
            <source>events came in</source>
            <translation>events came in</translation>
        </message>
        <message>
            <source>bodies of events erased</source>
            <translation>bodies of events erased</translation>
        </message>
        <message>
            <source>events looked at</source>
            <translation>events looked at</translation>
        </message>
        <message>
            <source>event set apart</source>
            <translation>event set apart</translation>
        </message>
        <message>
            <source>event to be looked at again, by a person</source>
            <translation>event to be looked at again, by a person</translation>
        </message>
        <message>
            <source>event of no use, as a person says</source>
            <translation>event of no use, as a person says</translation>
        </message>
        <message>
            <source>events to be looked at again</source>
            <translation>events to be looked at again</translation>
        </message>
        <message>
            <source>door for events opened</source>
            <translation>door for events opened</translation>
        </message>
        <message>
            <source>door for events closed</source>
            <translation>door for events closed</translation>
        </message>
        <message>
            <source>deliveries with a wrong signature refused</source>
            <translation>deliveries with a wrong signature refused</translation>
        </message>
        <message>
            <source>contacts paired</source>
            <translation>contacts paired</translation>
        </message>
        <message>
            <source>pair of contacts ended</source>
            <translation>pair of contacts ended</translation>
        </message>
        <message>
            <source>field of a contact written</source>
            <translation>field of a contact written</translation>
        </message>
        <message>
            <source>both sides changed a field; its owner won</source>
            <translation>both sides changed a field; its owner won</translation>
        </message>
        <message>
            <source>payment proposed</source>
            <translation>payment proposed</translation>
        </message>
        <message>
            <source>proposal settled</source>
            <translation>proposal settled</translation>
        </message>
        <message>
            <source>unattended job failed, or went well again</source>
            <translation>unattended job failed, or went well again</translation>
        </message>
        <message>
            <source>unattended work tested</source>
            <translation>unattended work tested</translation>
        </message>
        <message>
            <source>journal written to as a test</source>
            <translation>journal written to as a test</translation>
        </message>
        <message>
            <source>unexpected error</source>
            <translation>unexpected error</translation>
        </message>
    </context>
    <context>
        <name>evidence</name>
        <message>
            <source>The XML declares {encoding}, and every byte fits.</source>
            <translation>The XML declares {encoding}, and every byte fits.</translation>
        </message>
        <message>
            <source>The file is large: its first {size} MB of lines with accents decided; the others are checked one by one.</source>
            <translation>The file is large: its first {size} MB of lines with accents decided; the others are checked one by one.</translation>
        </message>
        <message>
            <source>The file begins with the byte-order mark of {encoding}.</source>
            <translation>The file begins with the byte-order mark of {encoding}.</translation>
        </message>
        <message>
            <source>Every second byte is zero in {share} % of the file: {encoding}.</source>
            <translation>Every second byte is zero in {share} % of the file: {encoding}.</translation>
        </message>
        <message>
            <source>Every byte is plain ASCII; no accent can be wrong.</source>
            <translation>Every byte is plain ASCII; no accent can be wrong.</translation>
        </message>
        <message>
            <source>Valid UTF-8 up to a last character that is cut.</source>
            <translation>Valid UTF-8 up to a last character that is cut.</translation>
        </message>
        <message>
            <source>{valid} of {total} lines with accents are valid UTF-8; the others are read as cp1252.</source>
            <translation>{valid} of {total} lines with accents are valid UTF-8; the others are read as cp1252.</translation>
        </message>
        <message>
            <source>A second detector (chardet) reads the same text.</source>
            <translation>A second detector (chardet) reads the same text.</translation>
        </message>
        <message>
            <source>A second detector (chardet) disagrees: {encoding}. Check the accents.</source>
            <translation>A second detector (chardet) disagrees: {encoding}. Check the accents.</translation>
        </message>
        <message>
            <source>Read as {encoding}, the {total} characters outside ASCII are: {letters}.</source>
            <translation>Read as {encoding}, the {total} characters outside ASCII are: {letters}.</translation>
        </message>
        <message>
            <source>Line {line}: {reading} | as {rival} it would read: {other}</source>
            <translation>Line {line}: {reading} | as {rival} it would read: {other}</translation>
        </message>
        <message>
            <source>All {count} multi-byte sequences are valid UTF-8; by chance that does not happen.</source>
            <translation>All {count} multi-byte sequences are valid UTF-8; by chance that does not happen.</translation>
        </message>
        <message>
            <source>{encoding} was chosen by a person.</source>
            <translation>{encoding} was chosen by a person.</translation>
        </message>
        <message>
            <source>The header names {named}, but the letters are plainly {encoding}.</source>
            <translation>The header names {named}, but the letters are plainly {encoding}.</translation>
        </message>
        <message>
            <source>The header of the table names {encoding}.</source>
            <translation>The header of the table names {encoding}.</translation>
        </message>
    </context>
    <context>
        <name>facts</name>
        <message>
            <source>attempt</source>
            <translation>attempt</translation>
        </message>
        <message>
            <source>target id</source>
            <translation>target id</translation>
        </message>
        <message>
            <source>number in the target</source>
            <translation>number in the target</translation>
        </message>
        <message>
            <source>connection</source>
            <translation>connection</translation>
        </message>
        <message>
            <source>error</source>
            <translation>error</translation>
        </message>
        <message>
            <source>the target's words</source>
            <translation>the target's words</translation>
        </message>
        <message>
            <source>changes</source>
            <translation>changes</translation>
        </message>
        <message>
            <source>seconds to wait</source>
            <translation>seconds to wait</translation>
        </message>
        <message>
            <source>file</source>
            <translation>file</translation>
        </message>
        <message>
            <source>path</source>
            <translation>path</translation>
        </message>
        <message>
            <source>bytes</source>
            <translation>bytes</translation>
        </message>
        <message>
            <source>SHA-256</source>
            <translation>SHA-256</translation>
        </message>
        <message>
            <source>options</source>
            <translation>options</translation>
        </message>
        <message>
            <source>state</source>
            <translation>state</translation>
        </message>
        <message>
            <source>lines</source>
            <translation>lines</translation>
        </message>
        <message>
            <source>digest</source>
            <translation>digest</translation>
        </message>
        <message>
            <source>report</source>
            <translation>report</translation>
        </message>
        <message>
            <source>encoding</source>
            <translation>encoding</translation>
        </message>
        <message>
            <source>failure</source>
            <translation>failure</translation>
        </message>
        <message>
            <source>last line</source>
            <translation>last line</translation>
        </message>
        <message>
            <source>documents</source>
            <translation>documents</translation>
        </message>
        <message>
            <source>held back</source>
            <translation>held back</translation>
        </message>
        <message>
            <source>batch</source>
            <translation>batch</translation>
        </message>
        <message>
            <source>confirmed</source>
            <translation>confirmed</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>refused</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>uncertain</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>waiting</translation>
        </message>
        <message>
            <source>from</source>
            <translation>from</translation>
        </message>
        <message>
            <source>to</source>
            <translation>to</translation>
        </message>
        <message>
            <source>reason</source>
            <translation>reason</translation>
        </message>
        <message>
            <source>what</source>
            <translation>what</translation>
        </message>
        <message>
            <source>roles</source>
            <translation>roles</translation>
        </message>
        <message>
            <source>archive</source>
            <translation>archive</translation>
        </message>
        <message>
            <source>text</source>
            <translation>text</translation>
        </message>
        <message>
            <source>sent to</source>
            <translation>sent to</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>matched</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>suggested</translation>
        </message>
        <message>
            <source>different</source>
            <translation>different</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>only left</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>only right</translation>
        </message>
        <message>
            <source>difference</source>
            <translation>difference</translation>
        </message>
        <message>
            <source>unexplained</source>
            <translation>unexplained</translation>
        </message>
        <message>
            <source>settled</source>
            <translation>settled</translation>
        </message>
        <message>
            <source>explained</source>
            <translation>explained</translation>
        </message>
        <message>
            <source>left</source>
            <translation>left</translation>
        </message>
        <message>
            <source>right</source>
            <translation>right</translation>
        </message>
        <message>
            <source>links</source>
            <translation>links</translation>
        </message>
        <message>
            <source>events</source>
            <translation>events</translation>
        </message>
        <message>
            <source>events lost by it</source>
            <translation>events lost by it</translation>
        </message>
        <message>
            <source>level</source>
            <translation>level</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>damaged</translation>
        </message>
        <message>
            <source>value</source>
            <translation>value</translation>
        </message>
        <message>
            <source>events known</source>
            <translation>events known</translation>
        </message>
        <message>
            <source>events there</source>
            <translation>events there</translation>
        </message>
        <message>
            <source>place</source>
            <translation>place</translation>
        </message>
        <message>
            <source>company</source>
            <translation>company</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>tax id</translation>
        </message>
        <message>
            <source>system</source>
            <translation>system</translation>
        </message>
        <message>
            <source>address</source>
            <translation>address</translation>
        </message>
        <message>
            <source>public key</source>
            <translation>public key</translation>
        </message>
        <message>
            <source>number of the claim</source>
            <translation>number of the claim</translation>
        </message>
        <message>
            <source>sender</source>
            <translation>sender</translation>
        </message>
        <message>
            <source>answer</source>
            <translation>answer</translation>
        </message>
        <message>
            <source>door</source>
            <translation>door</translation>
        </message>
        <message>
            <source>rows</source>
            <translation>rows</translation>
        </message>
        <message>
            <source>how many</source>
            <translation>how many</translation>
        </message>
        <message>
            <source>seconds behind</source>
            <translation>seconds behind</translation>
        </message>
        <message>
            <source>kind of record</source>
            <translation>kind of record</translation>
        </message>
        <message>
            <source>number</source>
            <translation>number</translation>
        </message>
        <message>
            <source>done</source>
            <translation>done</translation>
        </message>
        <message>
            <source>known already</source>
            <translation>known already</translation>
        </message>
        <message>
            <source>of no use</source>
            <translation>of no use</translation>
        </message>
        <message>
            <source>to be tried again</source>
            <translation>to be tried again</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>set apart</translation>
        </message>
        <message>
            <source>connections</source>
            <translation>connections</translation>
        </message>
        <message>
            <source>accounts</source>
            <translation>accounts</translation>
        </message>
        <message>
            <source>accounts told as one</source>
            <translation>accounts told as one</translation>
        </message>
        <message>
            <source>balances</source>
            <translation>balances</translation>
        </message>
        <message>
            <source>balances refused</source>
            <translation>balances refused</translation>
        </message>
        <message>
            <source>carried forward</source>
            <translation>carried forward</translation>
        </message>
        <message>
            <source>sides turned</source>
            <translation>sides turned</translation>
        </message>
        <message>
            <source>by currency</source>
            <translation>by currency</translation>
        </message>
        <message>
            <source>database</source>
            <translation>database</translation>
        </message>
        <message>
            <source>fiscal documents</source>
            <translation>fiscal documents</translation>
        </message>
        <message>
            <source>name</source>
            <translation>name</translation>
        </message>
        <message>
            <source>version</source>
            <translation>version</translation>
        </message>
        <message>
            <source>not searched</source>
            <translation>not searched</translation>
        </message>
        <message>
            <source>calls a day</source>
            <translation>calls a day</translation>
        </message>
        <message>
            <source>calls a minute</source>
            <translation>calls a minute</translation>
        </message>
        <message>
            <source>month</source>
            <translation>month</translation>
        </message>
        <message>
            <source>rules</source>
            <translation>rules</translation>
        </message>
        <message>
            <source>shares</source>
            <translation>shares</translation>
        </message>
        <message>
            <source>user</source>
            <translation>user</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>debit</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>credit</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>ready</translation>
        </message>
        <message>
            <source>blocked</source>
            <translation>blocked</translation>
        </message>
        <message>
            <source>headings</source>
            <translation>headings</translation>
        </message>
        <message>
            <source>notes</source>
            <translation>notes</translation>
        </message>
        <message>
            <source>warnings</source>
            <translation>warnings</translation>
        </message>
        <message>
            <source>whole</source>
            <translation>whole</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>incomplete</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>failed</translation>
        </message>
        <message>
            <source>open</source>
            <translation>open</translation>
        </message>
        <message>
            <source>prepared</source>
            <translation>prepared</translation>
        </message>
        <message>
            <source>reviewed</source>
            <translation>reviewed</translation>
        </message>
        <message>
            <source>signed</source>
            <translation>signed</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>yes</translation>
        </message>
        <message>
            <source>no</source>
            <translation>no</translation>
        </message>
    </context>
    <context>
        <name>fields</name>
        <message>
            <source>Name</source>
            <translation>Name</translation>
        </message>
        <message>
            <source>Tax id</source>
            <translation>Tax id</translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation>E-mail</translation>
        </message>
        <message>
            <source>Phone</source>
            <translation>Phone</translation>
        </message>
        <message>
            <source>Street</source>
            <translation>Street</translation>
        </message>
        <message>
            <source>City</source>
            <translation>City</translation>
        </message>
        <message>
            <source>Region</source>
            <translation>Region</translation>
        </message>
        <message>
            <source>Postcode</source>
            <translation>Postcode</translation>
        </message>
        <message>
            <source>Country</source>
            <translation>Country</translation>
        </message>
        <message>
            <source>Days of credit</source>
            <translation>Days of credit</translation>
        </message>
        <message>
            <source>Credit limit</source>
            <translation>Credit limit</translation>
        </message>
        <message>
            <source>Balance</source>
            <translation>Balance</translation>
        </message>
        <message>
            <source>the legacy system</source>
            <translation>the legacy system</translation>
        </message>
        <message>
            <source>the target</source>
            <translation>the target</translation>
        </message>
        <message>
            <source>goes to the target</source>
            <translation>goes to the target</translation>
        </message>
        <message>
            <source>is taken over by hand in the legacy system</source>
            <translation>is taken over by hand in the legacy system</translation>
        </message>
        <message>
            <source>stays where it is</source>
            <translation>stays where it is</translation>
        </message>
        <message>
            <source>the legacy system says otherwise, but the target owns it</source>
            <translation>the legacy system says otherwise, but the target owns it</translation>
        </message>
        <message>
            <source>the target says otherwise, but the legacy system owns it</source>
            <translation>the target says otherwise, but the legacy system owns it</translation>
        </message>
        <message>
            <source>changed in the legacy system since it was sent</source>
            <translation>changed in the legacy system since it was sent</translation>
        </message>
        <message>
            <source>Line {line}: there is no field “{seen}”.</source>
            <translation>Line {line}: there is no field “{seen}”.</translation>
        </message>
        <message>
            <source>Line {line}: “{seen}” is no owner; write source or target.</source>
            <translation>Line {line}: “{seen}” is no owner; write source or target.</translation>
        </message>
        <message>
            <source>Line {line}: “{seen}”: a field flows away from its owner (to-target, to-source) or nowhere (none).</source>
            <translation>Line {line}: “{seen}”: a field flows away from its owner (to-target, to-source) or nowhere (none).</translation>
        </message>
        <message>
            <source>Line {line}: field “{seen}” has an owner already.</source>
            <translation>Line {line}: field “{seen}” has an owner already.</translation>
        </message>
        <message>
            <source>There is no “{text}”.</source>
            <translation>There is no “{text}”.</translation>
        </message>
        <message>
            <source>{field} is never put back by itself: documents are under it.</source>
            <translation>{field} is never put back by itself: documents are under it.</translation>
        </message>
    </context>
    <context>
        <name>findings</name>
        <message>
            <source>The file is empty (0 bytes). Export it again.</source>
            <translation>The file is empty (0 bytes). Export it again.</translation>
        </message>
        <message>
            <source>The file holds {size} bytes, all zero: the copy or the disk failed. Export it again and check the disk it was copied from.</source>
            <translation>The file holds {size} bytes, all zero: the copy or the disk failed. Export it again and check the disk it was copied from.</translation>
        </message>
        <message>
            <source>{seen} cells hold a formula without a stored result and read as blank. Open the workbook in Excel, save it and import it again.</source>
            <translation>{seen} cells hold a formula without a stored result and read as blank. Open the workbook in Excel, save it and import it again.</translation>
        </message>
        <message>
            <source>This is a {kind}, whatever its name says; it holds no lines to read. Export the report as text or Excel.</source>
            <translation>This is a {kind}, whatever its name says; it holds no lines to read. Export the report as text or Excel.</translation>
        </message>
        <message>
            <source>The workbook is protected with a password. Open it in Excel, remove the password (File &gt; Info &gt; Protect) and save it again.</source>
            <translation>The workbook is protected with a password. Open it in Excel, remove the password (File &gt; Info &gt; Protect) and save it again.</translation>
        </message>
        <message>
            <source>The header of the table states {seen} records; the file holds {expected}. Nothing of it will be sent; copy it again while the program that writes it is closed.</source>
            <translation>The header of the table states {seen} records; the file holds {expected}. Nothing of it will be sent; copy it again while the program that writes it is closed.</translation>
        </message>
        <message>
            <source>The report states no total: each amount is quantity times unit price less the discount, before taxes.</source>
            <translation>The report states no total: each amount is quantity times unit price less the discount, before taxes.</translation>
        </message>
        <message>
            <source>The statement cannot be read: {reason}. Download it again from the bank.</source>
            <translation>The statement cannot be read: {reason}. Download it again from the bank.</translation>
        </message>
        <message>
            <source>This is a CFDI {seen}; versions 3.3 and 4.0 are read. Ask for the document in one of them, or enter it by hand.</source>
            <translation>This is a CFDI {seen}; versions 3.3 and 4.0 are read. Ask for the document in one of them, or enter it by hand.</translation>
        </message>
        <message>
            <source>Sheet “{name}” is another table and was not read ({count} rows). Import it from a workbook of its own if it is needed.</source>
            <translation>Sheet “{name}” is another table and was not read ({count} rows). Import it from a workbook of its own if it is needed.</translation>
        </message>
        <message>
            <source>The movement carries {seen} in a foreign currency the file does not name (at {rate} they are {amount}). The target would get only the local amount, so the voucher is held; enter it there by hand.</source>
            <translation>The movement carries {seen} in a foreign currency the file does not name (at {rate} they are {amount}). The target would get only the local amount, so the voucher is held; enter it there by hand.</translation>
        </message>
        <message>
            <source>The pattern “{seen}” of the chosen report does not come to an end on this file. Correct the report, or choose another.</source>
            <translation>The pattern “{seen}” of the chosen report does not come to an end on this file. Correct the report, or choose another.</translation>
        </message>
        <message>
            <source>Amounts of which the file names no currency were taken to be in the company's, {currency}.</source>
            <translation>Amounts of which the file names no currency were taken to be in the company's, {currency}.</translation>
        </message>
        <message>
            <source>Its folios are those of branch {branch}, as was said of files like it before. Where it is of none, import it with - as the branch.</source>
            <translation>Its folios are those of branch {branch}, as was said of files like it before. Where it is of none, import it with - as the branch.</translation>
        </message>
        <message>
            <source>Only the total of this document can be read, so it cannot be sent as a document: {seen} ({reason}).</source>
            <translation>Only the total of this document can be read, so it cannot be sent as a document: {seen} ({reason}).</translation>
        </message>
        <message>
            <source>Document {identifier} was imported with batch {batch} before; it is not counted again.</source>
            <translation>Document {identifier} was imported with batch {batch} before; it is not counted again.</translation>
        </message>
        <message>
            <source>{seen} documents were imported before (the first with batch {batch}); they are kept here and not counted again.</source>
            <translation>{seen} documents were imported before (the first with batch {batch}); they are kept here and not counted again.</translation>
        </message>
        <message>
            <source>{seen} documents stand more than once among these files; each is counted once.</source>
            <translation>{seen} documents stand more than once among these files; each is counted once.</translation>
        </message>
        <message>
            <source>{seen} files that hold nothing to read ({name} and others) lie beside no XML of their name; they are kept without a document.</source>
            <translation>{seen} files that hold nothing to read ({name} and others) lie beside no XML of their name; they are kept without a document.</translation>
        </message>
        <message>
            <source>This is no electronic document but “{seen}”. Import it by itself.</source>
            <translation>This is no electronic document but “{seen}”. Import it by itself.</translation>
        </message>
        <message>
            <source>The document has {seen} bytes; no electronic document is that large. It was kept and not read.</source>
            <translation>The document has {seen} bytes; no electronic document is that large. It was kept and not read.</translation>
        </message>
        <message>
            <source>Sheet “{name}” only repeats rows of another sheet ({count}); they are not counted twice.</source>
            <translation>Sheet “{name}” only repeats rows of another sheet ({count}); they are not counted twice.</translation>
        </message>
        <message>
            <source>{seen} of the {count} rows of sheet “{name}” stand in another sheet already: are they the same movements?</source>
            <translation>{seen} of the {count} rows of sheet “{name}” stand in another sheet already: are they the same movements?</translation>
        </message>
        <message>
            <source>{what}: a document without effect on the books; it is not counted.</source>
            <translation>{what}: a document without effect on the books; it is not counted.</translation>
        </message>
        <message>
            <source>“{name}” says “{seen}”, and the row was counted all the same. If nothing moved, name that value in a layout (skip_where) or take the row out of the file.</source>
            <translation>“{name}” says “{seen}”, and the row was counted all the same. If nothing moved, name that value in a layout (skip_where) or take the row out of the file.</translation>
        </message>
        <message>
            <source>{name} is “{seen}”: the row moved nothing and is not counted.</source>
            <translation>{name} is “{seen}”: the row moved nothing and is not counted.</translation>
        </message>
        <message>
            <source>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is read as if it had issued it. Check whose it is.</source>
            <translation>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is read as if it had issued it. Check whose it is.</translation>
        </message>
        <message>
            <source>Nobody said whose books these are: the document of {issuer} for {receiver} is read as issued. Set the company's own tax id.</source>
            <translation>Nobody said whose books these are: the document of {issuer} for {receiver} is read as issued. Set the company's own tax id.</translation>
        </message>
        <message>
            <source>The CFDI has more than one stamp: {seen}. The first one counts.</source>
            <translation>The CFDI has more than one stamp: {seen}. The first one counts.</translation>
        </message>
        <message>
            <source>The bank's identifier {seen} stands twice in the statement: is it the same movement?</source>
            <translation>The bank's identifier {seen} stands twice in the statement: is it the same movement?</translation>
        </message>
        <message>
            <source>The CFDI has no UUID: it is not stamped (timbrado).</source>
            <translation>The CFDI has no UUID: it is not stamped (timbrado).</translation>
        </message>
        <message>
            <source>Files of the kind {kind} are recognised but not read by this version. Export the report as text, CSV or Excel.</source>
            <translation>Files of the kind {kind} are recognised but not read by this version. Export the report as text, CSV or Excel.</translation>
        </message>
        <message>
            <source>No known report fits this file (best guess {guess} with {score} %). Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</source>
            <translation>No known report fits this file (best guess {guess} with {score} %). Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</translation>
        </message>
        <message>
            <source>There is no profile called {seen}.</source>
            <translation>There is no profile called {seen}.</translation>
        </message>
        <message>
            <source>The profile {seen} cannot read this file: {reason}</source>
            <translation>The profile {seen} cannot read this file: {reason}</translation>
        </message>
        <message>
            <source>The file is cut in the middle of line {line}: {seen} characters where {expected} belong and no end of line. Nothing of it will be sent; export it again.</source>
            <translation>The file is cut in the middle of line {line}: {seen} characters where {expected} belong and no end of line. Nothing of it will be sent; export it again.</translation>
        </message>
        <message>
            <source>The layout was recognised, but the file has no movement.</source>
            <translation>The layout was recognised, but the file has no movement.</translation>
        </message>
        <message>
            <source>The file cannot be read with the encoding {seen}. Choose another one.</source>
            <translation>The file cannot be read with the encoding {seen}. Choose another one.</translation>
        </message>
        <message>
            <source>The encoding is a guess ({encoding}, {confidence} % sure). Check the accents in the preview before going on.</source>
            <translation>The encoding is a guess ({encoding}, {confidence} % sure). Check the accents in the preview before going on.</translation>
        </message>
        <message>
            <source>This line is written in {seen} while the file is in {expected}; it was read as {seen}.</source>
            <translation>This line is written in {seen} while the file is in {expected}; it was read as {seen}.</translation>
        </message>
        <message>
            <source>The letters {seen} are unlikely in {encoding}, the encoding of the rest of the file; they were read so. Check this line.</source>
            <translation>The letters {seen} are unlikely in {encoding}, the encoding of the rest of the file; they were read so. Check this line.</translation>
        </message>
        <message>
            <source>From byte {offset} on, {seen} bytes follow without an end of line; that is no line of an export. Nothing was read beyond it.</source>
            <translation>From byte {offset} on, {seen} bytes follow without an end of line; that is no line of an export. Nothing was read beyond it.</translation>
        </message>
        <message>
            <source>The line has {seen} characters that mean nothing in this encoding. Check the encoding of the file.</source>
            <translation>The line has {seen} characters that mean nothing in this encoding. Check the encoding of the file.</translation>
        </message>
        <message>
            <source>The line has {seen} NUL characters; they were read as blanks.</source>
            <translation>The line has {seen} NUL characters; they were read as blanks.</translation>
        </message>
        <message>
            <source>The line begins with {seen}, which is no record of this layout.</source>
            <translation>The line begins with {seen}, which is no record of this layout.</translation>
        </message>
        <message>
            <source>The line has {seen} characters; a {record} record has {expected}. Its fields cannot be located safely.</source>
            <translation>The line has {seen} characters; a {record} record has {expected}. Its fields cannot be located safely.</translation>
        </message>
        <message>
            <source>A {record} record with no voucher above it.</source>
            <translation>A {record} record with no voucher above it.</translation>
        </message>
        <message>
            <source>{field}: {seen} is not an amount.</source>
            <translation>{field}: {seen} is not an amount.</translation>
        </message>
        <message>
            <source>{field}: {seen} is not a date; expected {expected}.</source>
            <translation>{field}: {seen} is not a date; expected {expected}.</translation>
        </message>
        <message>
            <source>The row has {seen} cells, the heading {expected}: a cell holds the delimiter without quotes, so that none can be placed. Export it again with another delimiter, or as Excel.</source>
            <translation>The row has {seen} cells, the heading {expected}: a cell holds the delimiter without quotes, so that none can be placed. Export it again with another delimiter, or as Excel.</translation>
        </message>
        <message>
            <source>The table names vouchers and accounts, but most of its vouchers do not balance in it: its lines are read one by one. They can be reconciled, not sent.</source>
            <translation>The table names vouchers and accounts, but most of its vouchers do not balance in it: its lines are read one by one. They can be reconciled, not sent.</translation>
        </message>
        <message>
            <source>The running balance fits only if debits and credits change places: this is not a statement of the bank it was taken for. Choose the report by hand.</source>
            <translation>The running balance fits only if debits and credits change places: this is not a statement of the bank it was taken for. Choose the report by hand.</translation>
        </message>
        <message>
            <source>The last row, in line {line}, has {seen} of {expected} columns and no end of line: the file is cut. Nothing of it will be sent; export it again.</source>
            <translation>The last row, in line {line}, has {seen} of {expected} columns and no end of line: the file is cut. Nothing of it will be sent; export it again.</translation>
        </message>
        <message>
            <source>The date {seen} has no year and the file names none. Enter the period (yyyy-mm) and read it again.</source>
            <translation>The date {seen} has no year and the file names none. Enter the period (yyyy-mm) and read it again.</translation>
        </message>
        <message>
            <source>The statement opens with {opening}; with its movements it would close with {expected}, but it closes with {seen}. A movement is missing or was read wrong.</source>
            <translation>The statement opens with {opening}; with its movements it would close with {expected}, but it closes with {seen}. A movement is missing or was read wrong.</translation>
        </message>
        <message>
            <source>The report states a balance of {seen}; by its running balance it is {expected}. A movement is missing or was read wrong.</source>
            <translation>The report states a balance of {seen}; by its running balance it is {expected}. A movement is missing or was read wrong.</translation>
        </message>
        <message>
            <source>{count} of {total} running balances do not follow from the movement; the first says {seen} where {expected} results. A movement is missing or stands on the wrong side.</source>
            <translation>{count} of {total} running balances do not follow from the movement; the first says {seen} where {expected} results. A movement is missing or stands on the wrong side.</translation>
        </message>
        <message>
            <source>The movement type is {seen}; expected {expected}.</source>
            <translation>The movement type is {seen}; expected {expected}.</translation>
        </message>
        <message>
            <source>The amount {seen} has more than two decimals; it was read as {expected}.</source>
            <translation>The amount {seen} has more than two decimals; it was read as {expected}.</translation>
        </message>
        <message>
            <source>The row has no amount in the columns that are read, but {seen} stands under “{field}”. Say what that column is with the layout editor.</source>
            <translation>The row has no amount in the columns that are read, but {seen} stands under “{field}”. Say what that column is with the layout editor.</translation>
        </message>
        <message>
            <source>The amount is in {seen}, the row in {expected}. Correct one of them in the file.</source>
            <translation>The amount is in {seen}, the row in {expected}. Correct one of them in the file.</translation>
        </message>
        <message>
            <source>{seen} was read as {expected}; it may be thousands written the other way. Compare it with the document.</source>
            <translation>{seen} was read as {expected}; it may be thousands written the other way. Compare it with the document.</translation>
        </message>
        <message>
            <source>The dates read two ways and nothing in the table decides: {seen} was read as {expected} and may be {other}. Choose the order of the dates if that is wrong.</source>
            <translation>The dates read two ways and nothing in the table decides: {seen} was read as {expected} and may be {other}. Choose the order of the dates if that is wrong.</translation>
        </message>
        <message>
            <source>What the words of “{seen}” mean was learnt from the balance: {inward} come in, {outward} go out. Check one of each.</source>
            <translation>What the words of “{seen}” mean was learnt from the balance: {inward} come in, {outward} go out. Check one of each.</translation>
        </message>
        <message>
            <source>“{seen}” is written as the bank sees it: its balances or texts say so. It was turned to the company's books, where money in is a debit.</source>
            <translation>“{seen}” is written as the bank sees it: its balances or texts say so. It was turned to the company's books, where money in is a debit.</translation>
        </message>
        <message>
            <source>No column is a date. The headings are: {seen}. Say which column holds the date with the layout editor.</source>
            <translation>No column is a date. The headings are: {seen}. Say which column holds the date with the layout editor.</translation>
        </message>
        <message>
            <source>The document {seen} is cancelled; it is kept and counts nowhere.</source>
            <translation>The document {seen} is cancelled; it is kept and counts nowhere.</translation>
        </message>
        <message>
            <source>The date {seen} lies far from today. Check its century, and whether a spreadsheet has made it of another text.</source>
            <translation>The date {seen} lies far from today. Check its century, and whether a spreadsheet has made it of another text.</translation>
        </message>
        <message>
            <source>“{seen}” holds amounts too; only “{expected}” was read. Say what both columns are with the layout editor if both count.</source>
            <translation>“{seen}” holds amounts too; only “{expected}” was read. Say what both columns are with the layout editor if both count.</translation>
        </message>
        <message>
            <source>What kind of document “{seen}” is, is not known here; it was read like an invoice. Check whether it adds or takes away.</source>
            <translation>What kind of document “{seen}” is, is not known here; it was read like an invoice. Check whether it adds or takes away.</translation>
        </message>
        <message>
            <source>{seen} adjusts a pay slip: it replaces or voids another, and the listing does not say which. It was not counted; import its XML.</source>
            <translation>{seen} adjusts a pay slip: it replaces or voids another, and the listing does not say which. It was not counted; import its XML.</translation>
        </message>
        <message>
            <source>Balances are printed here in each account's own nature, and nothing says which that of {what} is: it was read as a debit. Check its sign.</source>
            <translation>Balances are printed here in each account's own nature, and nothing says which that of {what} is: it was read as a debit. Check its sign.</translation>
        </message>
        <message>
            <source>All amounts of one side of “{seen}” are negative; the sign was taken to repeat the side, not to reverse it. Compare one with its document.</source>
            <translation>All amounts of one side of “{seen}” are negative; the sign was taken to repeat the side, not to reverse it. Compare one with its document.</translation>
        </message>
        <message>
            <source>Numbers such as {seen} can be read two ways; they were read as {expected}. Check the totals.</source>
            <translation>Numbers such as {seen} can be read two ways; they were read as {expected}. Check the totals.</translation>
        </message>
        <message>
            <source>The last line has no end of line. Check that the file is complete.</source>
            <translation>The last line has no end of line. Check that the file is complete.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has no closing row (Total póliza): the report may be cut.</source>
            <translation>Voucher {voucher} has no closing row (Total póliza): the report may be cut.</translation>
        </message>
        <message>
            <source>The movement has no account code.</source>
            <translation>The movement has no account code.</translation>
        </message>
        <message>
            <source>{field}: {seen} is a code the spreadsheet stored as a number and damaged: digits are lost. Export it again with that column as text.</source>
            <translation>{field}: {seen} is a code the spreadsheet stored as a number and damaged: digits are lost. Export it again with that column as text.</translation>
        </message>
        <message>
            <source>The lines of this file are in the archive {archive}. Import the original from there into a data home of its own.</source>
            <translation>The lines of this file are in the archive {archive}. Import the original from there into a data home of its own.</translation>
        </message>
        <message>
            <source>No known report looks like this file. Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</source>
            <translation>No known report looks like this file. Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</translation>
        </message>
        <message>
            <source>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is somebody else's and is not sent.</source>
            <translation>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is somebody else's and is not sent.</translation>
        </message>
        <message>
            <source>“{seen}” holds sums of a year by third party, no movements. There is nothing in it to journal or to send.</source>
            <translation>“{seen}” holds sums of a year by third party, no movements. There is nothing in it to journal or to send.</translation>
        </message>
        <message>
            <source>The movement carries a debit ({debit}) and a credit ({credit}).</source>
            <translation>The movement carries a debit ({debit}) and a credit ({credit}).</translation>
        </message>
        <message>
            <source>The workbook is damaged and cannot be opened. Open it in Excel, save it again as .xlsx and retry.</source>
            <translation>The workbook is damaged and cannot be opened. Open it in Excel, save it again as .xlsx and retry.</translation>
        </message>
        <message>
            <source>The DBF table is damaged or was not copied whole. Copy it again while the program that writes it is closed.</source>
            <translation>The DBF table is damaged or was not copied whole. Copy it again while the program that writes it is closed.</translation>
        </message>
        <message>
            <source>The XML is cut off or not well formed, seen in line {line}. Download it again.</source>
            <translation>The XML is cut off or not well formed, seen in line {line}. Download it again.</translation>
        </message>
        <message>
            <source>The zip is damaged, protected with a password, or says otherwise of its files than they are. Download or pack it again without a password.</source>
            <translation>The zip is damaged, protected with a password, or says otherwise of its files than they are. Download or pack it again without a password.</translation>
        </message>
        <message>
            <source>Cuadre stumbled over this file ({reason}). Nothing of it will be sent; the file is kept as it is. Please send it to support.</source>
            <translation>Cuadre stumbled over this file ({reason}). Nothing of it will be sent; the file is kept as it is. Please send it to support.</translation>
        </message>
        <message>
            <source>{field} is {seen} characters long; at most {most} are kept. The document is held.</source>
            <translation>{field} is {seen} characters long; at most {most} are kept. The document is held.</translation>
        </message>
        <message>
            <source>The archive is damaged or was not copied whole. Copy or pack it again.</source>
            <translation>The archive is damaged or was not copied whole. Copy or pack it again.</translation>
        </message>
        <message>
            <source>Nothing in the table says whose books “{seen}” are; it was read as the company's: debit is money in. If a bank wrote it, choose that debit and credit are as the bank has them.</source>
            <translation>Nothing in the table says whose books “{seen}” are; it was read as the company's: debit is money in. If a bank wrote it, choose that debit and credit are as the bank has them.</translation>
        </message>
        <message>
            <source>Voucher {voucher} does not balance: debits {debit}, credits {credit}, difference {difference}.</source>
            <translation>Voucher {voucher} does not balance: debits {debit}, credits {credit}, difference {difference}.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has no movements (cancelled?); there is nothing to send.</source>
            <translation>Voucher {voucher} has no movements (cancelled?); there is nothing to send.</translation>
        </message>
        <message>
            <source>Voucher {voucher} appears twice in {period}; the first is in line {first}.</source>
            <translation>Voucher {voucher} appears twice in {period}; the first is in line {first}.</translation>
        </message>
        <message>
            <source>The voucher has no number; without it, it could be sent twice.</source>
            <translation>The voucher has no number; without it, it could be sent twice.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has a line that could not be read (line {first}); the whole voucher waits.</source>
            <translation>Voucher {voucher} has a line that could not be read (line {first}); the whole voucher waits.</translation>
        </message>
        <message>
            <source>The date {seen} is outside the period {expected}.</source>
            <translation>The date {seen} is outside the period {expected}.</translation>
        </message>
        <message>
            <source>The movement applies on {seen}, in another month than its voucher ({expected}).</source>
            <translation>The movement applies on {seen}, in another month than its voucher ({expected}).</translation>
        </message>
        <message>
            <source>Voucher {voucher} is not posted in the source system (sin afectar).</source>
            <translation>Voucher {voucher} is not posted in the source system (sin afectar).</translation>
        </message>
        <message>
            <source>The amount is negative ({seen}); it stays on its side with its sign.</source>
            <translation>The amount is negative ({seen}); it stays on its side with its sign.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of an RFC.</source>
            <translation>{seen} does not have the form of an RFC.</translation>
        </message>
        <message>
            <source>The check digit of the RFC {seen} is not right; expected {expected}.</source>
            <translation>The check digit of the RFC {seen} is not right; expected {expected}.</translation>
        </message>
        <message>
            <source>The check digit of the NIT {seen} is not right; expected {expected}.</source>
            <translation>The check digit of the NIT {seen} is not right; expected {expected}.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of a CUFE (96 hexadecimal digits).</source>
            <translation>{seen} does not have the form of a CUFE (96 hexadecimal digits).</translation>
        </message>
        <message>
            <source>No pull of {name} covers {start} … {end}. Read the target's books for those dates first.</source>
            <translation>No pull of {name} covers {start} … {end}. Read the target's books for those dates first.</translation>
        </message>
        <message>
            <source>The table has no voucher column (póliza, comprobante): its lines can be reconciled, not sent.</source>
            <translation>The table has no voucher column (póliza, comprobante): its lines can be reconciled, not sent.</translation>
        </message>
        <message>
            <source>No heading row names the columns of {seen}.</source>
            <translation>No heading row names the columns of {seen}.</translation>
        </message>
        <message>
            <source>The XML declares entities (line {line}); such files are not opened.</source>
            <translation>The XML declares entities (line {line}); such files are not opened.</translation>
        </message>
        <message>
            <source>The AttachedDocument carries no invoice or note inside.</source>
            <translation>The AttachedDocument carries no invoice or note inside.</translation>
        </message>
        <message>
            <source>Document {seen} was claimed (031): its payment should wait.</source>
            <translation>Document {seen} was claimed (031): its payment should wait.</translation>
        </message>
        <message>
            <source>Both parties, {issuer} and {receiver}, are the company: say in whose books it stands.</source>
            <translation>Both parties, {issuer} and {receiver}, are the company: say in whose books it stands.</translation>
        </message>
        <message>
            <source>The document is in {currency} and its exchange rate is {seen}. Without the rate of the paper a target takes its own.</source>
            <translation>The document is in {currency} and its exchange rate is {seen}. Without the rate of the paper a target takes its own.</translation>
        </message>
        <message>
            <source>The document comes from the authority's test environment.</source>
            <translation>The document comes from the authority's test environment.</translation>
        </message>
        <message>
            <source>Document {document} was read from {other} already; it counts once.</source>
            <translation>Document {document} was read from {other} already; it counts once.</translation>
        </message>
        <message>
            <source>Document {document} stands in {other} with other content. Find out which is the legal one; the first was read.</source>
            <translation>Document {document} stands in {other} with other content. Find out which is the legal one; the first was read.</translation>
        </message>
        <message>
            <source>No layout knows this table. It was read as it seems: date “{date}”, debit “{debit}”, credit “{credit}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</source>
            <translation>No layout knows this table. It was read as it seems: date “{date}”, debit “{debit}”, credit “{credit}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</translation>
        </message>
        <message>
            <source>No layout knows this table. It was read as it seems: date “{date}”, amount with its sign “{amount}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</source>
            <translation>No layout knows this table. It was read as it seems: date “{date}”, amount with its sign “{amount}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</translation>
        </message>
        <message>
            <source>{seen} replaces {other}: only one of them counts. Check that {other} is not in the books too.</source>
            <translation>{seen} replaces {other}: only one of them counts. Check that {other} is not in the books too.</translation>
        </message>
        <message>
            <source>{seen} voids {other}: it moves nothing itself. Take {other} out of the books if it is there.</source>
            <translation>{seen} voids {other}: it moves nothing itself. Take {other} out of the books if it is there.</translation>
        </message>
        <message>
            <source>{seen} is a movement of an investment account, which a QIF does not say the sides of. It was not read; export the cash account.</source>
            <translation>{seen} is a movement of an investment account, which a QIF does not say the sides of. It was not read; export the cash account.</translation>
        </message>
        <message>
            <source>The file ends without its closing record {seen}: it is cut. Download it again.</source>
            <translation>The file ends without its closing record {seen}: it is cut. Download it again.</translation>
        </message>
        <message>
            <source>No amount of the statement has a sign; which way the money went was taken from the kind of each transaction. Check one of each.</source>
            <translation>No amount of the statement has a sign; which way the money went was taken from the kind of each transaction. Check one of each.</translation>
        </message>
        <message>
            <source>The transaction is a {kind}, but its amount {seen} has the other sign. Check which way the money went.</source>
            <translation>The transaction is a {kind}, but its amount {seen} has the other sign. Check which way the money went.</translation>
        </message>
        <message>
            <source>This transaction corrects {other} ({seen}). Check that only what is right counts.</source>
            <translation>This transaction corrects {other} ({seen}). Check that only what is right counts.</translation>
        </message>
        <message>
            <source>A statement opens with {seen}, but the one before it closes with {expected}: one between them is missing.</source>
            <translation>A statement opens with {seen}, but the one before it closes with {expected}: one between them is missing.</translation>
        </message>
        <message>
            <source>The bank says that this corrects what it sent before. Check that what it replaces is not counted too.</source>
            <translation>The bank says that this corrects what it sent before. Check that what it replaces is not counted too.</translation>
        </message>
        <message>
            <source>This is what the bank knew during the day; the statement of the day repeats it. Do not count both.</source>
            <translation>This is what the bank knew during the day; the statement of the day repeats it. Do not count both.</translation>
        </message>
        <message>
            <source>The bank calls this entry pending; it was not used.</source>
            <translation>The bank calls this entry pending; it was not used.</translation>
        </message>
        <message>
            <source>The zip holds {seen} files ({names}). Extract it and import them one by one.</source>
            <translation>The zip holds {seen} files ({names}). Extract it and import them one by one.</translation>
        </message>
        <message>
            <source>The zip holds no file.</source>
            <translation>The zip holds no file.</translation>
        </message>
        <message>
            <source>A sheet reaches to row {row} and column {columns} with only {cells} cells filled. In Excel, delete the empty rows and columns beyond the data and save the workbook again.</source>
            <translation>A sheet reaches to row {row} and column {columns} with only {cells} cells filled. In Excel, delete the empty rows and columns beyond the data and save the workbook again.</translation>
        </message>
        <message>
            <source>The zip would unpack to {seen} bytes; that is no export. Nothing was unpacked.</source>
            <translation>The zip would unpack to {seen} bytes; that is no export. Nothing was unpacked.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of a CFDI UUID.</source>
            <translation>{seen} does not have the form of a CFDI UUID.</translation>
        </message>
        <message>
            <source>The printed total of {what} is {seen}; its movements add up to {expected}.</source>
            <translation>The printed total of {what} is {seen}; its movements add up to {expected}.</translation>
        </message>
        <message>
            <source>The report says {seen} {what}; {expected} were read.</source>
            <translation>The report says {seen} {what}; {expected} were read.</translation>
        </message>
    </context>
    <context>
        <name>folders</name>
        <message>
            <source>waits to be whole</source>
            <translation>waits to be whole</translation>
        </message>
        <message>
            <source>imported</source>
            <translation>imported</translation>
        </message>
        <message>
            <source>imported before</source>
            <translation>imported before</translation>
        </message>
        <message>
            <source>held: not whole, or not to be read</source>
            <translation>held: not whole, or not to be read</translation>
        </message>
        <message>
            <source>{path} is not a folder.</source>
            <translation>{path} is not a folder.</translation>
        </message>
        <message>
            <source>{path} is not watched.</source>
            <translation>{path} is not watched.</translation>
        </message>
    </context>
    <context>
        <name>imports</name>
        <message>
            <source>imported</source>
            <translation>imported</translation>
        </message>
        <message>
            <source>incomplete, nothing of it is sent</source>
            <translation>incomplete, nothing of it is sent</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>failed</translation>
        </message>
        <message>
            <source>abandoned</source>
            <translation>abandoned</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelled</translation>
        </message>
        <message>
            <source>being read</source>
            <translation>being read</translation>
        </message>
    </context>
    <context>
        <name>inbox</name>
        <message>
            <source>waiting</source>
            <translation>waiting</translation>
        </message>
        <message>
            <source>being looked at</source>
            <translation>being looked at</translation>
        </message>
        <message>
            <source>done</source>
            <translation>done</translation>
        </message>
        <message>
            <source>of no use</source>
            <translation>of no use</translation>
        </message>
        <message>
            <source>known already</source>
            <translation>known already</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>set apart</translation>
        </message>
    </context>
    <context>
        <name>jobs</name>
        <message>
            <source>import what came into the watched folders</source>
            <translation>import what came into the watched folders</translation>
        </message>
        <message>
            <source>look at the events that came</source>
            <translation>look at the events that came</translation>
        </message>
        <message>
            <source>ask the targets what changed</source>
            <translation>ask the targets what changed</translation>
        </message>
        <message>
            <source>ask the targets what was deleted</source>
            <translation>ask the targets what was deleted</translation>
        </message>
        <message>
            <source>keep contacts of two systems the same</source>
            <translation>keep contacts of two systems the same</translation>
        </message>
        <message>
            <source>propose receipts for payments that arrived</source>
            <translation>propose receipts for payments that arrived</translation>
        </message>
        <message>
            <source>send what is ready</source>
            <translation>send what is ready</translation>
        </message>
        <message>
            <source>read books anew in which something changed</source>
            <translation>read books anew in which something changed</translation>
        </message>
        <message>
            <source>look for orphan records</source>
            <translation>look for orphan records</translation>
        </message>
        <message>
            <source>close the month as far as no person is needed</source>
            <translation>close the month as far as no person is needed</translation>
        </message>
        <message>
            <source>keep the figures</source>
            <translation>keep the figures</translation>
        </message>
        <message>
            <source>raise and deliver alerts</source>
            <translation>raise and deliver alerts</translation>
        </message>
        <message>
            <source>“{rule}” says no time. Write never, every 10 min, daily 06:30, weekdays 06:30, weekly mon 05:00, monthly day 3 20:00 or monthly last working day 20:00.</source>
            <translation>“{rule}” says no time. Write never, every 10 min, daily 06:30, weekdays 06:30, weekly mon 05:00, monthly day 3 20:00 or monthly last working day 20:00.</translation>
        </message>
        <message>
            <source>{zone} is no time zone known here; write one such as America/Mexico_City.</source>
            <translation>{zone} is no time zone known here; write one such as America/Mexico_City.</translation>
        </message>
        <message>
            <source>{job}: {rule} ({zone})</source>
            <translation>{job}: {rule} ({zone})</translation>
        </message>
    </context>
    <context>
        <name>left-out</name>
        <message>
            <source>the party of a line</source>
            <translation>the party of a line</translation>
        </message>
        <message>
            <source>the segment of a line</source>
            <translation>the segment of a line</translation>
        </message>
        <message>
            <source>the fiscal documents of a voucher</source>
            <translation>the fiscal documents of a voucher</translation>
        </message>
        <message>
            <source>the number of a voucher</source>
            <translation>the number of a voucher</translation>
        </message>
        <message>
            <source>the files of a document; Cuadre keeps them</source>
            <translation>the files of a document; Cuadre keeps them</translation>
        </message>
        <message>
            <source>what a credit note settles, because no file brings that invoice: it stays open there</source>
            <translation>what a credit note settles, because no file brings that invoice: it stays open there</translation>
        </message>
        <message>
            <source>Lines on {value} name no customer or supplier; give the accounts or parties a partner in the map.</source>
            <translation>Lines on {value} name no customer or supplier; give the accounts or parties a partner in the map.</translation>
        </message>
        <message>
            <source>Not sent, the target has no place for it: {what}</source>
            <translation>Not sent, the target has no place for it: {what}</translation>
        </message>
        <message>
            <source>of a contact: {field}</source>
            <translation>of a contact: {field}</translation>
        </message>
    </context>
    <context>
        <name>limits</name>
        <message>
            <source>Its ledger lines cannot be listed: journals are read as documents, the lines invoices and purchases make are not.</source>
            <translation>Its ledger lines cannot be listed: journals are read as documents, the lines invoices and purchases make are not.</translation>
        </message>
        <message>
            <source>The trial balance comes only as an Excel file; import that file to compare it.</source>
            <translation>The trial balance comes only as an Excel file; import that file to compare it.</translation>
        </message>
        <message>
            <source>Invoices are not sent to the DIAN unless the option stamp=yes is set; history never should be.</source>
            <translation>Invoices are not sent to the DIAN unless the option stamp=yes is set; history never should be.</translation>
        </message>
        <message>
            <source>Siigo blocks the user of the API when most of a week's calls are errors: what it would refuse (a line without third party, without due date, tax or product where the account asks for it, a contact without address) is refused here first.</source>
            <translation>Siigo blocks the user of the API when most of a week's calls are errors: what it would refuse (a line without third party, without due date, tax or product where the account asks for it, a contact without address) is refused here first.</translation>
        </message>
        <message>
            <source>The name of a natural person goes whole into its first names: a listing does not say which of its words are surnames.</source>
            <translation>The name of a natural person goes whole into its first names: a listing does not say which of its words are surnames.</translation>
        </message>
        <message>
            <source>Its journals have no reference: ours stands in front of the narration.</source>
            <translation>Its journals have no reference: ours stands in front of the narration.</translation>
        </message>
        <message>
            <source>Its general ledger is a paid tier: only manual journals are read.</source>
            <translation>Its general ledger is a paid tier: only manual journals are read.</translation>
        </message>
        <message>
            <source>Its free tier allows 1,000 calls a day; set the limit of the connection.</source>
            <translation>Its free tier allows 1,000 calls a day; set the limit of the connection.</translation>
        </message>
        <message>
            <source>It takes the same document twice without a word: let one sender write to it.</source>
            <translation>It takes the same document twice without a word: let one sender write to it.</translation>
        </message>
        <message>
            <source>Each session holds a licence seat while it is open.</source>
            <translation>Each session holds a licence seat while it is open.</translation>
        </message>
        <message>
            <source>Without a user field (option udf=U_…) our reference stands in the comments of invoices and in the reference of entries: nobody should change it there.</source>
            <translation>Without a user field (option udf=U_…) our reference stands in the comments of invoices and in the reference of entries: nobody should change it there.</translation>
        </message>
        <message>
            <source>It recognises a repetition for seven days; after that our own record is the guard.</source>
            <translation>It recognises a repetition for seven days; after that our own record is the guard.</translation>
        </message>
        <message>
            <source>Journals dated more than a month ahead are not sent: they could not be found again.</source>
            <translation>Journals dated more than a month ahead are not sent: they could not be found again.</translation>
        </message>
        <message>
            <source>Sales invoices are left as drafts: mark them as sent there to post them.</source>
            <translation>Sales invoices are left as drafts: mark them as sent there to post them.</translation>
        </message>
        <message>
            <source>Over 100 calls a minute it blocks the company for half an hour: set the limit of the connection to 80.</source>
            <translation>Over 100 calls a minute it blocks the company for half an hour: set the limit of the connection to 80.</translation>
        </message>
        <message>
            <source>Only its Mexican edition has a field for a tax number (RFC): any other tax id goes into the notes of the contact.</source>
            <translation>Only its Mexican edition has a field for a tax number (RFC): any other tax id goes into the notes of the contact.</translation>
        </message>
        <message>
            <source>It is only read: nothing is ever written to it.</source>
            <translation>It is only read: nothing is ever written to it.</translation>
        </message>
        <message>
            <source>Lines of an entry name no party: the party is an account of its own there.</source>
            <translation>Lines of an entry name no party: the party is an account of its own there.</translation>
        </message>
        <message>
            <source>The plan allows so many calls a month: what is left of them is a stop, not a wait.</source>
            <translation>The plan allows so many calls a month: what is left of them is a stop, not a wait.</translation>
        </message>
        <message>
            <source>It does not say whose key it is nor of which company: compare the chart of accounts.</source>
            <translation>It does not say whose key it is nor of which company: compare the chart of accounts.</translation>
        </message>
        <message>
            <source>How version 2 takes entries and payments is inferred from version 1: try one by hand first.</source>
            <translation>How version 2 takes entries and payments is inferred from version 1: try one by hand first.</translation>
        </message>
        <message>
            <source>Lines of a document go without an account: its default is taken.</source>
            <translation>Lines of a document go without an account: its default is taken.</translation>
        </message>
        <message>
            <source>Documents are left as drafts unless the option approve=yes is set.</source>
            <translation>Documents are left as drafts unless the option approve=yes is set.</translation>
        </message>
        <message>
            <source>Customers and suppliers become contacts, recognised by our reference or their e-mail; its companies are not written.</source>
            <translation>Customers and suppliers become contacts, recognised by our reference or their e-mail; its companies are not written.</translation>
        </message>
    </context>
    <context>
        <name>map</name>
        <message>
            <source>same code</source>
            <translation>same code</translation>
        </message>
        <message>
            <source>its group</source>
            <translation>its group</translation>
        </message>
        <message>
            <source>same code, another name</source>
            <translation>same code, another name</translation>
        </message>
        <message>
            <source>same name</source>
            <translation>same name</translation>
        </message>
        <message>
            <source>similar name</source>
            <translation>similar name</translation>
        </message>
        <message>
            <source>general journal</source>
            <translation>general journal</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>same tax id</translation>
        </message>
        <message>
            <source>its parent, and the partner of that name</source>
            <translation>its parent, and the partner of that name</translation>
        </message>
        <message>
            <source>money in or out</source>
            <translation>money in or out</translation>
        </message>
        <message>
            <source>same tax, rate and side</source>
            <translation>same tax, rate and side</translation>
        </message>
        <message>
            <source>account</source>
            <translation>account</translation>
        </message>
        <message>
            <source>journal</source>
            <translation>journal</translation>
        </message>
        <message>
            <source>party</source>
            <translation>party</translation>
        </message>
        <message>
            <source>segment</source>
            <translation>segment</translation>
        </message>
        <message>
            <source>tax</source>
            <translation>tax</translation>
        </message>
        <message>
            <source>lines of</source>
            <translation>lines of</translation>
        </message>
        <message>
            <source>money of</source>
            <translation>money of</translation>
        </message>
        <message>
            <source>The map has no such link.</source>
            <translation>The map has no such link.</translation>
        </message>
        <message>
            <source>line {line} gives it another counterpart, {target}.</source>
            <translation>line {line} gives it another counterpart, {target}.</translation>
        </message>
        <message>
            <source>Not a line of a map: {line}. Expected: account|journal|party|dimension|tax|item|bank, source, target, partner.</source>
            <translation>Not a line of a map: {line}. Expected: account|journal|party|dimension|tax|item|bank, source, target, partner.</translation>
        </message>
        <message>
            <source>accounts</source>
            <translation>accounts</translation>
        </message>
        <message>
            <source>journals</source>
            <translation>journals</translation>
        </message>
        <message>
            <source>partners</source>
            <translation>partners</translation>
        </message>
        <message>
            <source>cost centres</source>
            <translation>cost centres</translation>
        </message>
        <message>
            <source>taxes</source>
            <translation>taxes</translation>
        </message>
        <message>
            <source>“{words}” is neither the code nor the name of one of the target's {list}.</source>
            <translation>“{words}” is neither the code nor the name of one of the target's {list}.</translation>
        </message>
        <message>
            <source>“{words}” is the name of several of the target's {list}; say which by its code: {near}.</source>
            <translation>“{words}” is the name of several of the target's {list}; say which by its code: {near}.</translation>
        </message>
        <message>
            <source>Perhaps: {near}.</source>
            <translation>Perhaps: {near}.</translation>
        </message>
        <message>
            <source>the journal of the bank or cash each voucher moves</source>
            <translation>the journal of the bank or cash each voucher moves</translation>
        </message>
        <message>
            <source>The target has no cost centres for entry lines.</source>
            <translation>The target has no cost centres for entry lines.</translation>
        </message>
        <message>
            <source>Say which code of yours it is for.</source>
            <translation>Say which code of yours it is for.</translation>
        </message>
    </context>
    <context>
        <name>payments</name>
        <message>
            <source>No rule says how payouts of {connection} are booked (cuadre payments rule).</source>
            <translation>No rule says how payouts of {connection} are booked (cuadre payments rule).</translation>
        </message>
        <message>
            <source>Proposal {number} is not open, or what is in the payout does not add up to it: look at it in the wallet, then dismiss it.</source>
            <translation>Proposal {number} is not open, or what is in the payout does not add up to it: look at it in the wallet, then dismiss it.</translation>
        </message>
        <message>
            <source>The payout is in {theirs}, the books are in {ours}: book it by hand with its rate, then dismiss the proposal.</source>
            <translation>The payout is in {theirs}, the books are in {ours}: book it by hand with its rate, then dismiss the proposal.</translation>
        </message>
    </context>
    <context>
        <name>policy</name>
        <message>
            <source>A file with errors: send its valid vouchers</source>
            <translation>A file with errors: send its valid vouchers</translation>
        </message>
        <message>
            <source>A file with errors: send nothing of it until somebody lets it go</source>
            <translation>A file with errors: send nothing of it until somebody lets it go</translation>
        </message>
        <message>
            <source>Vouchers with warnings: send them</source>
            <translation>Vouchers with warnings: send them</translation>
        </message>
        <message>
            <source>Vouchers with warnings: send them once somebody accepts them</source>
            <translation>Vouchers with warnings: send them once somebody accepts them</translation>
        </message>
        <message>
            <source>Approval: whoever imports may send</source>
            <translation>Approval: whoever imports may send</translation>
        </message>
        <message>
            <source>Approval: another person than who imported has to approve</source>
            <translation>Approval: another person than who imported has to approve</translation>
        </message>
    </context>
    <context>
        <name>preflight</name>
        <message>
            <source>Account {what} has no counterpart in the map.</source>
            <translation>Account {what} has no counterpart in the map.</translation>
        </message>
        <message>
            <source>Voucher type {what} has no journal in the map.</source>
            <translation>Voucher type {what} has no journal in the map.</translation>
        </message>
        <message>
            <source>Party {what} has no counterpart in the map.</source>
            <translation>Party {what} has no counterpart in the map.</translation>
        </message>
        <message>
            <source>Account {what} of the map does not exist in the target.</source>
            <translation>Account {what} of the map does not exist in the target.</translation>
        </message>
        <message>
            <source>Journal {what} of the map does not exist in the target.</source>
            <translation>Journal {what} of the map does not exist in the target.</translation>
        </message>
        <message>
            <source>Partner {what} of the map does not exist in the target.</source>
            <translation>Partner {what} of the map does not exist in the target.</translation>
        </message>
        <message>
            <source>Segment {what} has no counterpart in the map; map it to a cost centre of the target, or to “-” to send without.</source>
            <translation>Segment {what} has no counterpart in the map; map it to a cost centre of the target, or to “-” to send without.</translation>
        </message>
        <message>
            <source>Cost centre {what} of the map does not exist in the target.</source>
            <translation>Cost centre {what} of the map does not exist in the target.</translation>
        </message>
        <message>
            <source>Account {what} is a bank account of the target, on which it takes no journal entries; map a clearing account, or enter the movement there as a bank transaction.</source>
            <translation>Account {what} is a bank account of the target, on which it takes no journal entries; map a clearing account, or enter the movement there as a bank transaction.</translation>
        </message>
        <message>
            <source>The target keeps account {what} itself from invoices and payments and takes no journal entries on it; map a clearing account, or enter the documents there as invoices.</source>
            <translation>The target keeps account {what} itself from invoices and payments and takes no journal entries on it; map a clearing account, or enter the documents there as invoices.</translation>
        </message>
        <message>
            <source>The target takes no journal entries on account {what}; map another one.</source>
            <translation>The target takes no journal entries on account {what}; map another one.</translation>
        </message>
        <message>
            <source>Account {what} of the target is kept in its own currency, which the voucher does not state; map an account in the currency of the books.</source>
            <translation>Account {what} of the target is kept in its own currency, which the voucher does not state; map an account in the currency of the books.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a customer or supplier on every line; give the party a counterpart, or the account a partner in the map.</source>
            <translation>Account {what} of the target asks for a customer or supplier on every line; give the party a counterpart, or the account a partner in the map.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for the invoice each line is about, and the voucher names none; complete the reference in the source, or map an account without due dates.</source>
            <translation>Account {what} of the target asks for the invoice each line is about, and the voucher names none; complete the reference in the source, or map an account without due dates.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a tax and its base on every line, which vouchers do not state; map a tax account without that, or enter the document there.</source>
            <translation>Account {what} of the target asks for a tax and its base on every line, which vouchers do not state; map a tax account without that, or enter the document there.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a product on every line, which vouchers do not state; map another account, or enter the movement there.</source>
            <translation>Account {what} of the target asks for a product on every line, which vouchers do not state; map another account, or enter the movement there.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a cost centre on every line; give the segment a counterpart in the map.</source>
            <translation>Account {what} of the target asks for a cost centre on every line; give the segment a counterpart in the map.</translation>
        </message>
        <message>
            <source>The target's books are closed up to {what}.</source>
            <translation>The target's books are closed up to {what}.</translation>
        </message>
        <message>
            <source>The voucher is in {what}, the target's books in another currency; such entries are not sent by this version.</source>
            <translation>The voucher is in {what}, the target's books in another currency; such entries are not sent by this version.</translation>
        </message>
        <message>
            <source>Blocked at import: {what}.</source>
            <translation>Blocked at import: {what}.</translation>
        </message>
        <message>
            <source>Already sent with other content; correct it in the target: {what}.</source>
            <translation>Already sent with other content; correct it in the target: {what}.</translation>
        </message>
        <message>
            <source>Skipped by a person, and its content has changed since: {what}.</source>
            <translation>Skipped by a person, and its content has changed since: {what}.</translation>
        </message>
        <message>
            <source>File {what} has errors; by the company's policy nothing of it goes until somebody lets it go.</source>
            <translation>File {what} has errors; by the company's policy nothing of it goes until somebody lets it go.</translation>
        </message>
        <message>
            <source>File {what} has warnings nobody has accepted.</source>
            <translation>File {what} has warnings nobody has accepted.</translation>
        </message>
        <message>
            <source>File {what} waits for another person's approval.</source>
            <translation>File {what} waits for another person's approval.</translation>
        </message>
        <message>
            <source>{what} is not what was journaled: somebody changed it past the program. Verify the journal and restore a backup.</source>
            <translation>{what} is not what was journaled: somebody changed it past the program. Verify the journal and restore a backup.</translation>
        </message>
        <message>
            <source>{what}: the same folios with different content; let the one go that counts.</source>
            <translation>{what}: the same folios with different content; let the one go that counts.</translation>
        </message>
        <message>
            <source>Probably sent already ({what}): compare and say whether they are the same.</source>
            <translation>Probably sent already ({what}): compare and say whether they are the same.</translation>
        </message>
        <message>
            <source>Fiscal documents are not sent to {what} by this version: not everything of them would go along.</source>
            <translation>Fiscal documents are not sent to {what} by this version: not everything of them would go along.</translation>
        </message>
        <message>
            <source>Tax {what} has no counterpart in the map; link it to one tax of the target, or to “-” to send without.</source>
            <translation>Tax {what} has no counterpart in the map; link it to one tax of the target, or to “-” to send without.</translation>
        </message>
        <message>
            <source>The local tax {what} has no account in the map; it is sent as a line of its own.</source>
            <translation>The local tax {what} has no account in the map; it is sent as a line of its own.</translation>
        </message>
        <message>
            <source>Nothing says on which account lines of {what} go; link it, or a product, a class or all of that side, to an account.</source>
            <translation>Nothing says on which account lines of {what} go; link it, or a product, a class or all of that side, to an account.</translation>
        </message>
        <message>
            <source>Nothing says on which bank or cash account money of {what} goes; link the form of payment, or all of them, to an account.</source>
            <translation>Nothing says on which bank or cash account money of {what} goes; link the form of payment, or all of them, to an account.</translation>
        </message>
        <message>
            <source>Tax {what} of the map does not exist in the target.</source>
            <translation>Tax {what} of the map does not exist in the target.</translation>
        </message>
        <message>
            <source>The target has several partners of one tax id: {what}. Link the party to one of them.</source>
            <translation>The target has several partners of one tax id: {what}. Link the party to one of them.</translation>
        </message>
        <message>
            <source>The document is in {what}, and the target would take its own rate instead of the paper's; enter it there.</source>
            <translation>The document is in {what}, and the target would take its own rate instead of the paper's; enter it there.</translation>
        </message>
        <message>
            <source>The payment, or what it pays, is in {what}, and the target would take its own rate instead of the paper's; enter it there.</source>
            <translation>The payment, or what it pays, is in {what}, and the target would take its own rate instead of the paper's; enter it there.</translation>
        </message>
        <message>
            <source>{what} states no exchange rate that can be meant; correct the document, or enter it in the target.</source>
            <translation>{what} states no exchange rate that can be meant; correct the document, or enter it in the target.</translation>
        </message>
        <message>
            <source>{what}: the rate is far from that of the other documents of the currency; correct the document, or let it go as it is (documents accept).</source>
            <translation>{what}: the rate is far from that of the other documents of the currency; correct the document, or let it go as it is (documents accept).</translation>
        </message>
        <message>
            <source>Dated in the future: {what}. It goes once that day is there.</source>
            <translation>Dated in the future: {what}. It goes once that day is there.</translation>
        </message>
        <message>
            <source>The lines and taxes of the document do not come to its total: {what}. It is not written otherwise than its paper: have it corrected, or enter it in the target.</source>
            <translation>The lines and taxes of the document do not come to its total: {what}. It is not written otherwise than its paper: have it corrected, or enter it in the target.</translation>
        </message>
        <message>
            <source>Takes the place of a document that is in the target or on its way ({what}); cancel that one there, then let this one go (documents accept).</source>
            <translation>Takes the place of a document that is in the target or on its way ({what}); cancel that one there, then let this one go (documents accept).</translation>
        </message>
        <message>
            <source>Another document takes its place ({what}), so it is not sent; import the authority's listing, or skip it.</source>
            <translation>Another document takes its place ({what}), so it is not sent; import the authority's listing, or skip it.</translation>
        </message>
        <message>
            <source>The document is of another company than the target ({what}); choose the connection of its company.</source>
            <translation>The document is of another company than the target ({what}); choose the connection of its company.</translation>
        </message>
        <message>
            <source>The payment names another currency than its invoice is in ({what}); have the complement corrected, or enter the payment in the target.</source>
            <translation>The payment names another currency than its invoice is in ({what}); have the complement corrected, or enter the payment in the target.</translation>
        </message>
        <message>
            <source>What a unit of the invoice is paid with is far from what the rates of both papers say ({what}): the equivalence may be upside down. Have the complement corrected, or enter the payment in the target.</source>
            <translation>What a unit of the invoice is paid with is far from what the rates of both papers say ({what}): the equivalence may be upside down. Have the complement corrected, or enter the payment in the target.</translation>
        </message>
        <message>
            <source>Nothing says on which lines {what} is withheld; enter the document in the target.</source>
            <translation>Nothing says on which lines {what} is withheld; enter the document in the target.</translation>
        </message>
        <message>
            <source>The target has a document of this party and amount that did not come from here ({what}); link it (queue link), or let it go as another (documents accept).</source>
            <translation>The target has a document of this party and amount that did not come from here ({what}); link it (queue link), or let it go as another (documents accept).</translation>
        </message>
        <message>
            <source>Waits for the invoice it pays: {what}. Import the invoice, or enter the payment in the target.</source>
            <translation>Waits for the invoice it pays: {what}. Import the invoice, or enter the payment in the target.</translation>
        </message>
        <message>
            <source>{what}: this form of payment moves no money; link it to a clearing account, or enter the payment in the target.</source>
            <translation>{what}: this form of payment moves no money; link it to a clearing account, or enter the payment in the target.</translation>
        </message>
        <message>
            <source>A voucher that was sent names this document already ({what}); sent as well it would be in the books twice.</source>
            <translation>A voucher that was sent names this document already ({what}); sent as well it would be in the books twice.</translation>
        </message>
        <message>
            <source>Cancelled at the tax authority after it was sent ({what}); cancel or reverse it in the target.</source>
            <translation>Cancelled at the tax authority after it was sent ({what}); cancel or reverse it in the target.</translation>
        </message>
        <message>
            <source>{what} takes no contacts.</source>
            <translation>{what} takes no contacts.</translation>
        </message>
        <message>
            <source>No reconciliation proposes this adjustment as it stands here: {what}.</source>
            <translation>No reconciliation proposes this adjustment as it stands here: {what}.</translation>
        </message>
        <message>
            <source>The lines this adjustment settles have changed; withdraw it or look at its reconciliation: {what}.</source>
            <translation>The lines this adjustment settles have changed; withdraw it or look at its reconciliation: {what}.</translation>
        </message>
        <message>
            <source>Its lines were moved to an archive on {what}; import the file again from there.</source>
            <translation>Its lines were moved to an archive on {what}; import the file again from there.</translation>
        </message>
    </context>
    <context>
        <name>pull</name>
        <message>
            <source>Only the lines of its journal entries can be read, not those its invoices and payments make: compare vouchers with it, not balances.</source>
            <translation>Only the lines of its journal entries can be read, not those its invoices and payments make: compare vouchers with it, not balances.</translation>
        </message>
    </context>
    <context>
        <name>push</name>
        <message>
            <source>cancelled or rejected at the tax authority while it waited</source>
            <translation>cancelled or rejected at the tax authority while it waited</translation>
        </message>
    </context>
    <context>
        <name>queue</name>
        <message>
            <source>goes at the next sending</source>
            <translation>goes at the next sending</translation>
        </message>
        <message>
            <source>is being sent</source>
            <translation>is being sent</translation>
        </message>
        <message>
            <source>no answer came; it is looked up before anything else</source>
            <translation>no answer came; it is looked up before anything else</translation>
        </message>
        <message>
            <source>correct it, then retry, or skip it with a reason</source>
            <translation>correct it, then retry, or skip it with a reason</translation>
        </message>
        <message>
            <source>compare both; then link it, skip it, or correct the target and retry</source>
            <translation>compare both; then link it, skip it, or correct the target and retry</translation>
        </message>
        <message>
            <source>not sent by decision; retry takes it up again</source>
            <translation>not sent by decision; retry takes it up again</translation>
        </message>
        <message>
            <source>done</source>
            <translation>done</translation>
        </message>
        <message>
            <source>attempt {attempts} failed; next not before {due}</source>
            <translation>attempt {attempts} failed; next not before {due}</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>waiting</translation>
        </message>
        <message>
            <source>being sent</source>
            <translation>being sent</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>uncertain</translation>
        </message>
        <message>
            <source>confirmed</source>
            <translation>confirmed</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>refused</translation>
        </message>
        <message>
            <source>in conflict</source>
            <translation>in conflict</translation>
        </message>
        <message>
            <source>skipped</source>
            <translation>skipped</translation>
        </message>
    </context>
    <context>
        <name>reconcile</name>
        <message>
            <source>matched</source>
            <translation>matched</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>suggested</translation>
        </message>
        <message>
            <source>different</source>
            <translation>different</translation>
        </message>
        <message>
            <source>same document</source>
            <translation>same document</translation>
        </message>
        <message>
            <source>reference and amount</source>
            <translation>reference and amount</translation>
        </message>
        <message>
            <source>reference written otherwise</source>
            <translation>reference written otherwise</translation>
        </message>
        <message>
            <source>lines that say the same add up</source>
            <translation>lines that say the same add up</translation>
        </message>
        <message>
            <source>several lines of one reference</source>
            <translation>several lines of one reference</translation>
        </message>
        <message>
            <source>references listed in the text</source>
            <translation>references listed in the text</translation>
        </message>
        <message>
            <source>amount, date and party or reference</source>
            <translation>amount, date and party or reference</translation>
        </message>
        <message>
            <source>tolerance</source>
            <translation>tolerance</translation>
        </message>
        <message>
            <source>fee or withholding</source>
            <translation>fee or withholding</translation>
        </message>
        <message>
            <source>a share that recurs: a fee or a withholding</source>
            <translation>a share that recurs: a fee or a withholding</translation>
        </message>
        <message>
            <source>exchange rate</source>
            <translation>exchange rate</translation>
        </message>
        <message>
            <source>sum of one party</source>
            <translation>sum of one party</translation>
        </message>
        <message>
            <source>sum of a day</source>
            <translation>sum of a day</translation>
        </message>
        <message>
            <source>reversal</source>
            <translation>reversal</translation>
        </message>
        <message>
            <source>amount and date only</source>
            <translation>amount and date only</translation>
        </message>
        <message>
            <source>reference with another amount</source>
            <translation>reference with another amount</translation>
        </message>
        <message>
            <source>a person</source>
            <translation>a person</translation>
        </message>
        <message>
            <source>decided by a person: {said}</source>
            <translation>decided by a person: {said}</translation>
        </message>
        <message>
            <source>same reference {reference}</source>
            <translation>same reference {reference}</translation>
        </message>
        <message>
            <source>{reference} is {other} written otherwise</source>
            <translation>{reference} is {other} written otherwise</translation>
        </message>
        <message>
            <source>same number in {reference} and {other}</source>
            <translation>same number in {reference} and {other}</translation>
        </message>
        <message>
            <source>the text of one names the reference of the other</source>
            <translation>the text of one names the reference of the other</translation>
        </message>
        <message>
            <source>{reference} is nearly {other}</source>
            <translation>{reference} is nearly {other}</translation>
        </message>
        <message>
            <source>the references differ: {reference}, {other}</source>
            <translation>the references differ: {reference}, {other}</translation>
        </message>
        <message>
            <source>same document {document}</source>
            <translation>same document {document}</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>same tax id</translation>
        </message>
        <message>
            <source>same party</source>
            <translation>same party</translation>
        </message>
        <message>
            <source>similar party</source>
            <translation>similar party</translation>
        </message>
        <message>
            <source>another party</source>
            <translation>another party</translation>
        </message>
        <message>
            <source>same amount {amount}</source>
            <translation>same amount {amount}</translation>
        </message>
        <message>
            <source>{amount} against {other}, difference {gap}</source>
            <translation>{amount} against {other}, difference {gap}</translation>
        </message>
        <message>
            <source>local amount of {foreign}</source>
            <translation>local amount of {foreign}</translation>
        </message>
        <message>
            <source>to be posted to {account}</source>
            <translation>to be posted to {account}</translation>
        </message>
        <message>
            <source>{amount} and its opposite on one side</source>
            <translation>{amount} and its opposite on one side</translation>
        </message>
        <message>
            <source>same day</source>
            <translation>same day</translation>
        </message>
        <message numerus="yes">
            <source>%n day(s) apart</source>
            <translation>
                <numerusform>%n day apart</numerusform>
                <numerusform>%n days apart</numerusform>
            </translation>
        </message>
        <message>
            <source>a rare word in both texts</source>
            <translation>a rare word in both texts</translation>
        </message>
        <message>
            <source>accounts that go together elsewhere</source>
            <translation>accounts that go together elsewhere</translation>
        </message>
        <message>
            <source>repeated on both sides, paired by date</source>
            <translation>repeated on both sides, paired by date</translation>
        </message>
        <message>
            <source>nothing else agrees</source>
            <translation>nothing else agrees</translation>
        </message>
        <message>
            <source>no line of the other side has this amount</source>
            <translation>no line of the other side has this amount</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) of the other side have this amount, none fits well enough</source>
            <translation>
                <numerusform>%n line of the other side have this amount, none fits well enough</numerusform>
                <numerusform>%n lines of the other side have this amount, none fits well enough</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n combination(s) add up to it</source>
            <translation>
                <numerusform>%n combination add up to it</numerusform>
                <numerusform>%n combinations add up to it</numerusform>
            </translation>
        </message>
        <message>
            <source>repeats row {row} of the same side, which is matched</source>
            <translation>repeats row {row} of the same side, which is matched</translation>
        </message>
    </context>
    <context>
        <name>refusal</name>
        <message>
            <source>The entry does not balance.</source>
            <translation>The entry does not balance.</translation>
        </message>
        <message>
            <source>The account is archived in the target.</source>
            <translation>The account is archived in the target.</translation>
        </message>
        <message>
            <source>The user has no right to do this in the target.</source>
            <translation>The user has no right to do this in the target.</translation>
        </message>
        <message>
            <source>The period is closed in the target.</source>
            <translation>The period is closed in the target.</translation>
        </message>
        <message>
            <source>The target has one of that number or name already.</source>
            <translation>The target has one of that number or name already.</translation>
        </message>
        <message>
            <source>Something the document names is not in the target.</source>
            <translation>Something the document names is not in the target.</translation>
        </message>
        <message>
            <source>A line has no account.</source>
            <translation>A line has no account.</translation>
        </message>
        <message>
            <source>The account is not in the target.</source>
            <translation>The account is not in the target.</translation>
        </message>
        <message>
            <source>An account of the entry is not in the target.</source>
            <translation>An account of the entry is not in the target.</translation>
        </message>
        <message>
            <source>The entry is posted in the target and cannot be changed.</source>
            <translation>The entry is posted in the target and cannot be changed.</translation>
        </message>
        <message>
            <source>The tax id is not valid for the target.</source>
            <translation>The tax id is not valid for the target.</translation>
        </message>
        <message>
            <source>The user does not belong to that company.</source>
            <translation>The user does not belong to that company.</translation>
        </message>
    </context>
    <context>
        <name>report</name>
        <message>
            <source>Reconciliation</source>
            <translation>Reconciliation</translation>
        </message>
        <message>
            <source>Prepared</source>
            <translation>Prepared</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Left</translation>
        </message>
        <message>
            <source>page {number} of {count}</source>
            <translation>page {number} of {count}</translation>
        </message>
        <message>
            <source>Tax id</source>
            <translation>Tax id</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Right</translation>
        </message>
        <message>
            <source>Rules</source>
            <translation>Rules</translation>
        </message>
        <message>
            <source>Proof</source>
            <translation>Proof</translation>
        </message>
        <message>
            <source>Matches by rule</source>
            <translation>Matches by rule</translation>
        </message>
        <message>
            <source>Closing right</source>
            <translation>Closing right</translation>
        </message>
        <message>
            <source>Rule</source>
            <translation>Rule</translation>
        </message>
        <message>
            <source>… and {count} more; see the working paper</source>
            <translation>… and {count} more; see the working paper</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Voucher</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contra account</translation>
        </message>
        <message>
            <source>File</source>
            <translation>File</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>Note</translation>
        </message>
        <message>
            <source>Attached files</source>
            <translation>Attached files</translation>
        </message>
        <message>
            <source>Reviewed</source>
            <translation>Reviewed</translation>
        </message>
        <message>
            <source>Signed</source>
            <translation>Signed</translation>
        </message>
        <message>
            <source>Adjustments</source>
            <translation>Adjustments</translation>
        </message>
        <message>
            <source>Decisions</source>
            <translation>Decisions</translation>
        </message>
        <message>
            <source>Matched groups</source>
            <translation>Matched groups</translation>
        </message>
        <message>
            <source>Suggested</source>
            <translation>Suggested</translation>
        </message>
        <message>
            <source>Different</source>
            <translation>Different</translation>
        </message>
        <message>
            <source>Only left</source>
            <translation>Only left</translation>
        </message>
        <message>
            <source>Only right</source>
            <translation>Only right</translation>
        </message>
        <message>
            <source>Days open</source>
            <translation>Days open</translation>
        </message>
        <message>
            <source>Why it is open</source>
            <translation>Why it is open</translation>
        </message>
        <message>
            <source>Opening right</source>
            <translation>Opening right</translation>
        </message>
        <message>
            <source>Post to</source>
            <translation>Post to</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Difference</translation>
        </message>
        <message>
            <source>When</source>
            <translation>When</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Who</translation>
        </message>
        <message>
            <source>What</source>
            <translation>What</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Lines</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Account</translation>
        </message>
        <message>
            <source>Matches</source>
            <translation>Matches</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Open items</translation>
        </message>
        <message>
            <source>Summary</source>
            <translation>Summary</translation>
        </message>
        <message>
            <source>Journal anchor</source>
            <translation>Journal anchor</translation>
        </message>
        <message>
            <source>Opening left</source>
            <translation>Opening left</translation>
        </message>
        <message>
            <source>Movements left</source>
            <translation>Movements left</translation>
        </message>
        <message>
            <source>Closing left</source>
            <translation>Closing left</translation>
        </message>
        <message>
            <source>Explained</source>
            <translation>Explained</translation>
        </message>
        <message>
            <source>Amount differences</source>
            <translation>Amount differences</translation>
        </message>
        <message>
            <source>Movements right</source>
            <translation>Movements right</translation>
        </message>
        <message>
            <source>Unexplained</source>
            <translation>Unexplained</translation>
        </message>
        <message>
            <source>Total</source>
            <translation>Total</translation>
        </message>
        <message>
            <source>State</source>
            <translation>State</translation>
        </message>
        <message>
            <source>Reason</source>
            <translation>Reason</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>Side</translation>
        </message>
        <message>
            <source>Row</source>
            <translation>Row</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Date</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Reference</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Text</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Amount</translation>
        </message>
        <message>
            <source>books of {name}</source>
            <translation>books of {name}</translation>
        </message>
    </context>
    <context>
        <name>roles</name>
        <message>
            <source>read the journal</source>
            <translation>read the journal</translation>
        </message>
        <message>
            <source>import</source>
            <translation>import</translation>
        </message>
        <message>
            <source>send</source>
            <translation>send</translation>
        </message>
        <message>
            <source>sign off</source>
            <translation>sign off</translation>
        </message>
        <message>
            <source>administer</source>
            <translation>administer</translation>
        </message>
    </context>
    <context>
        <name>schedule</name>
        <message>
            <source>Written. Register it: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /F</source>
            <translation>Written. Register it: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /F</translation>
        </message>
        <message>
            <source>Written. Register it with the account's password, which is asked for: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /RU ACCOUNT /RP * /F. Store the connections' secrets as that account first.</source>
            <translation>Written. Register it with the account's password, which is asked for: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /RU ACCOUNT /RP * /F. Store the connections' secrets as that account first.</translation>
        </message>
        <message>
            <source>Written. Put it beside WinSW's program under the same name: NAME.exe install</source>
            <translation>Written. Put it beside WinSW's program under the same name: NAME.exe install</translation>
        </message>
        <message>
            <source>Written. Copy it to /etc/systemd/system/cuadre-{name}.service: systemctl enable --now cuadre-{name}</source>
            <translation>Written. Copy it to /etc/systemd/system/cuadre-{name}.service: systemctl enable --now cuadre-{name}</translation>
        </message>
        <message>
            <source>Registered as {name}; it runs as {user}.</source>
            <translation>Registered as {name}; it runs as {user}.</translation>
        </message>
        <message>
            <source>It runs as another account: run “cuadre schedule test” as that one too, secrets and shares are its own.</source>
            <translation>It runs as another account: run “cuadre schedule test” as that one too, secrets and shares are its own.</translation>
        </message>
        <message>
            <source>Nothing is registered from this home.</source>
            <translation>Nothing is registered from this home.</translation>
        </message>
        <message>
            <source>Tested {at} by {actor}: {result}</source>
            <translation>Tested {at} by {actor}: {result}</translation>
        </message>
        <message>
            <source>well</source>
            <translation>well</translation>
        </message>
        <message>
            <source>not well</source>
            <translation>not well</translation>
        </message>
        <message>
            <source>{name} was not registered from this home.</source>
            <translation>{name} was not registered from this home.</translation>
        </message>
        <message>
            <source>{name} is taken out of the system; the home stays as it is.</source>
            <translation>{name} is taken out of the system; the home stays as it is.</translation>
        </message>
        <message>
            <source>The system did not take it ({words}). The file is {path}; run: {command}</source>
            <translation>The system did not take it ({words}). The file is {path}; run: {command}</translation>
        </message>
    </context>
    <context>
        <name>search</name>
        <message>
            <source>movement</source>
            <translation>movement</translation>
        </message>
        <message>
            <source>line</source>
            <translation>line</translation>
        </message>
        <message>
            <source>document</source>
            <translation>document</translation>
        </message>
        <message>
            <source>event</source>
            <translation>event</translation>
        </message>
    </context>
    <context>
        <name>selftest</name>
        <message>
            <source>account and roles</source>
            <translation>account and roles</translation>
        </message>
        <message>
            <source>journal can be written</source>
            <translation>journal can be written</translation>
        </message>
        <message>
            <source>folder can be listed</source>
            <translation>folder can be listed</translation>
        </message>
        <message>
            <source>secret is there</source>
            <translation>secret is there</translation>
        </message>
        <message>
            <source>target answers</source>
            <translation>target answers</translation>
        </message>
        <message>
            <source>clocks agree</source>
            <translation>clocks agree</translation>
        </message>
        <message>
            <source>this account ({actor}) has none; run: {command}</source>
            <translation>this account ({actor}) has none; run: {command}</translation>
        </message>
    </context>
    <context>
        <name>setup</name>
        <message>
            <source>setting</source>
            <translation>setting</translation>
        </message>
        <message>
            <source>connection</source>
            <translation>connection</translation>
        </message>
        <message>
            <source>map</source>
            <translation>map</translation>
        </message>
        <message>
            <source>profile</source>
            <translation>profile</translation>
        </message>
        <message>
            <source>{count} parts written to {path}, without secrets.</source>
            <translation>{count} parts written to {path}, without secrets.</translation>
        </message>
        <message>
            <source>Say why with --reason, or look first with --dry-run.</source>
            <translation>Say why with --reason, or look first with --dry-run.</translation>
        </message>
        <message>
            <source>A connection of this name sent to {url} already; the import stopped there.</source>
            <translation>A connection of this name sent to {url} already; the import stopped there.</translation>
        </message>
        <message>
            <source>This would be saved to {path}. Save it? (yes/no)</source>
            <translation>This would be saved to {path}. Save it? (yes/no)</translation>
        </message>
        <message>
            <source>Nothing was saved.</source>
            <translation>Nothing was saved.</translation>
        </message>
        <message>
            <source>{count} parts written to {path}.</source>
            <translation>{count} parts written to {path}.</translation>
        </message>
        <message>
            <source>This is the newest version.</source>
            <translation>This is the newest version.</translation>
        </message>
        <message>
            <source>Version {version} is there.</source>
            <translation>Version {version} is there.</translation>
        </message>
        <message>
            <source>Download and install it? (yes/no)</source>
            <translation>Download and install it? (yes/no)</translation>
        </message>
        <message>
            <source>The installer lies in {path}.</source>
            <translation>The installer lies in {path}.</translation>
        </message>
        <message>
            <source>Updates are looked for at {url} when you ask.</source>
            <translation>Updates are looked for at {url} when you ask.</translation>
        </message>
        <message>
            <source>Updates are not looked for.</source>
            <translation>Updates are not looked for.</translation>
        </message>
        <message>
            <source>Everything is set up so already.</source>
            <translation>Everything is set up so already.</translation>
        </message>
        <message>
            <source>new</source>
            <translation>new</translation>
        </message>
    </context>
    <context>
        <name>severity</name>
        <message>
            <source>error</source>
            <translation>error</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>warning</translation>
        </message>
        <message>
            <source>note</source>
            <translation>note</translation>
        </message>
        <message>
            <source>Severity</source>
            <translation>Severity</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Line</translation>
        </message>
        <message>
            <source>Column</source>
            <translation>Column</translation>
        </message>
        <message>
            <source>Finding</source>
            <translation>Finding</translation>
        </message>
        <message>
            <source>Text of the line</source>
            <translation>Text of the line</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Document</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Findings</translation>
        </message>
    </context>
    <context>
        <name>state</name>
        <message>
            <source>being read</source>
            <translation>being read</translation>
        </message>
        <message>
            <source>complete</source>
            <translation>complete</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>incomplete</translation>
        </message>
        <message>
            <source>not read</source>
            <translation>not read</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelled</translation>
        </message>
        <message>
            <source>abandoned</source>
            <translation>abandoned</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>ready</translation>
        </message>
        <message>
            <source>blocked</source>
            <translation>blocked</translation>
        </message>
        <message>
            <source>record</source>
            <translation>record</translation>
        </message>
        <message>
            <source>heading</source>
            <translation>heading</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rejected</translation>
        </message>
    </context>
    <context>
        <name>status</name>
        <message>
            <source>met</source>
            <translation>met</translation>
        </message>
        <message>
            <source>NOT MET</source>
            <translation>NOT MET</translation>
        </message>
        <message>
            <source>ALARM</source>
            <translation>ALARM</translation>
        </message>
        <message>
            <source>median {median} s, 95 % within {p95} s</source>
            <translation>median {median} s, 95 % within {p95} s</translation>
        </message>
        <message>
            <source>{queue} ({uncertain} uncertain, {trend} in the last hour)</source>
            <translation>{queue} ({uncertain} uncertain, {trend} in the last hour)</translation>
        </message>
        <message>
            <source>Late</source>
            <translation>Late</translation>
        </message>
        <message>
            <source>Refused or in conflict</source>
            <translation>Refused or in conflict</translation>
        </message>
        <message>
            <source>Orphans</source>
            <translation>Orphans</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>Waiting</translation>
        </message>
        <message>
            <source>Waiting for an answer</source>
            <translation>Waiting for an answer</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Sync latency</translation>
        </message>
        <message>
            <source>{text} is no time to look back: write 24h, 7d or 30d.</source>
            <translation>{text} is no time to look back: write 24h, 7d or 30d.</translation>
        </message>
        <message>
            <source>sent</source>
            <translation>sent</translation>
        </message>
        <message>
            <source>median</source>
            <translation>median</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>refused</translation>
        </message>
        <message>
            <source>No document came to an end in this time.</source>
            <translation>No document came to an end in this time.</translation>
        </message>
        <message>
            <source>nothing in this time</source>
            <translation>nothing in this time</translation>
        </message>
        <message>
            <source>{wrong} of {ended}</source>
            <translation>{wrong} of {ended}</translation>
        </message>
        <message>
            <source>Error rate</source>
            <translation>Error rate</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Orphan records</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Retry queue</translation>
        </message>
    </context>
    <context>
        <name>story</name>
        <message>
            <source>{file}, lines {first} to {last}, {movements} movements</source>
            <translation>{file}, lines {first} to {last}, {movements} movements</translation>
        </message>
        <message>
            <source>read from a file and blocked</source>
            <translation>read from a file and blocked</translation>
        </message>
        <message>
            <source>read from a file</source>
            <translation>read from a file</translation>
        </message>
        <message>
            <source>journal {journal}, accounts {accounts}</source>
            <translation>journal {journal}, accounts {accounts}</translation>
        </message>
        <message>
            <source>mapped to the target</source>
            <translation>mapped to the target</translation>
        </message>
        <message>
            <source>reconciled: matched</source>
            <translation>reconciled: matched</translation>
        </message>
        <message>
            <source>reconciled: not matched</source>
            <translation>reconciled: not matched</translation>
        </message>
        <message>
            <source>{left} against {right}</source>
            <translation>{left} against {right}</translation>
        </message>
        <message>
            <source>file {name} of {of}</source>
            <translation>file {name} of {of}</translation>
        </message>
        <message>
            <source>{total} {currency}, accounts {accounts}</source>
            <translation>{total} {currency}, accounts {accounts}</translation>
        </message>
        <message>
            <source>{amount} {currency} on {account}, {count} parts</source>
            <translation>{amount} {currency} on {account}, {count} parts</translation>
        </message>
    </context>
    <context>
        <name>structure</name>
        <message>
            <source>No layout knows this table. By what stands in it:</source>
            <translation>No layout knows this table. By what stands in it:</translation>
        </message>
        <message>
            <source>titles</source>
            <translation>titles</translation>
        </message>
        <message>
            <source>headings</source>
            <translation>headings</translation>
        </message>
        <message>
            <source>repeated headings</source>
            <translation>repeated headings</translation>
        </message>
        <message>
            <source>data</source>
            <translation>data</translation>
        </message>
        <message>
            <source>totals and balances</source>
            <translation>totals and balances</translation>
        </message>
        <message>
            <source>groups</source>
            <translation>groups</translation>
        </message>
        <message>
            <source>blank lines and notes</source>
            <translation>blank lines and notes</translation>
        </message>
        <message>
            <source>?</source>
            <translation>?</translation>
        </message>
        <message>
            <source>date</source>
            <translation>date</translation>
        </message>
        <message>
            <source>account</source>
            <translation>account</translation>
        </message>
        <message>
            <source>account name</source>
            <translation>account name</translation>
        </message>
        <message>
            <source>reference</source>
            <translation>reference</translation>
        </message>
        <message>
            <source>description</source>
            <translation>description</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>third party</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>tax id</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identifier</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>currency</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>debit</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>credit</translation>
        </message>
        <message>
            <source>amount</source>
            <translation>amount</translation>
        </message>
        <message>
            <source>balance</source>
            <translation>balance</translation>
        </message>
    </context>
    <context>
        <name>sync</name>
        <message>
            <source>never</source>
            <translation>never</translation>
        </message>
        <message>
            <source>every {minutes} min</source>
            <translation>every {minutes} min</translation>
        </message>
        <message>
            <source>no more often: the plan's calls would be used up</source>
            <translation>no more often: the plan's calls would be used up</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Documents</translation>
        </message>
        <message>
            <source>Catalogues</source>
            <translation>Catalogues</translation>
        </message>
        <message>
            <source>What was deleted</source>
            <translation>What was deleted</translation>
        </message>
        <message>
            <source>{seconds} is no interval: write 0 (never) or at least 10 seconds.</source>
            <translation>{seconds} is no interval: write 0 (never) or at least 10 seconds.</translation>
        </message>
    </context>
    <context>
        <name>system</name>
        <message>
            <source>it may not be opened: it is open in another program, such as Excel, or this user may not. Close it there and try again.</source>
            <translation>it may not be opened: it is open in another program, such as Excel, or this user may not. Close it there and try again.</translation>
        </message>
        <message>
            <source>it is not there.</source>
            <translation>it is not there.</translation>
        </message>
        <message>
            <source>it is not there: a part of its path is a file.</source>
            <translation>it is not there: a part of its path is a file.</translation>
        </message>
        <message>
            <source>it is a folder.</source>
            <translation>it is a folder.</translation>
        </message>
        <message>
            <source>the disk is full.</source>
            <translation>the disk is full.</translation>
        </message>
        <message>
            <source>the disk can only be read.</source>
            <translation>the disk can only be read.</translation>
        </message>
        <message>
            <source>it is there already.</source>
            <translation>it is there already.</translation>
        </message>
        <message>
            <source>its name is too long.</source>
            <translation>its name is too long.</translation>
        </message>
        <message>
            <source>another program listens there.</source>
            <translation>another program listens there.</translation>
        </message>
        <message>
            <source>the disk or the network cannot read or write it.</source>
            <translation>the disk or the network cannot read or write it.</translation>
        </message>
    </context>
    <context>
        <name>systems</name>
        <message>
            <source>Password or API key</source>
            <translation>Password or API key</translation>
        </message>
        <message>
            <source>User</source>
            <translation>User</translation>
        </message>
        <message>
            <source>Client id of your app</source>
            <translation>Client id of your app</translation>
        </message>
        <message>
            <source>Database</source>
            <translation>Database</translation>
        </message>
        <message>
            <source>API key</source>
            <translation>API key</translation>
        </message>
        <message>
            <source>Company (name or id)</source>
            <translation>Company (name or id)</translation>
        </message>
        <message>
            <source>Attach the voucher's text</source>
            <translation>Attach the voucher's text</translation>
        </message>
        <message>
            <source>Password</source>
            <translation>Password</translation>
        </message>
        <message>
            <source>API key or token</source>
            <translation>API key or token</translation>
        </message>
        <message>
            <source>Version of the API</source>
            <translation>Version of the API</translation>
        </message>
        <message>
            <source>Approve documents</source>
            <translation>Approve documents</translation>
        </message>
        <message>
            <source>Token of the private app</source>
            <translation>Token of the private app</translation>
        </message>
        <message>
            <source>Client secret of your app</source>
            <translation>Client secret of your app</translation>
        </message>
        <message>
            <source>Business id</source>
            <translation>Business id</translation>
        </message>
        <message>
            <source>Company database</source>
            <translation>Company database</translation>
        </message>
        <message>
            <source>User field for our reference (U_…)</source>
            <translation>User field for our reference (U_…)</translation>
        </message>
        <message>
            <source>Version of the Service Layer</source>
            <translation>Version of the Service Layer</translation>
        </message>
        <message>
            <source>Number of the branch</source>
            <translation>Number of the branch</translation>
        </message>
        <message>
            <source>Field of a line's tax</source>
            <translation>Field of a line's tax</translation>
        </message>
        <message>
            <source>Pinned certificate (PEM)</source>
            <translation>Pinned certificate (PEM)</translation>
        </message>
        <message>
            <source>User of the API (e-mail)</source>
            <translation>User of the API (e-mail)</translation>
        </message>
        <message>
            <source>Access key</source>
            <translation>Access key</translation>
        </message>
        <message>
            <source>Send invoices to the DIAN</source>
            <translation>Send invoices to the DIAN</translation>
        </message>
        <message>
            <source>Id of the seller</source>
            <translation>Id of the seller</translation>
        </message>
        <message>
            <source>Id of the way of payment</source>
            <translation>Id of the way of payment</translation>
        </message>
        <message>
            <source>Accounts with due dates, by their beginnings (1305,2205; - for none)</source>
            <translation>Accounts with due dates, by their beginnings (1305,2205; - for none)</translation>
        </message>
        <message>
            <source>Accounts that ask for a tax and its base (2408; - for none)</source>
            <translation>Accounts that ask for a tax and its base (2408; - for none)</translation>
        </message>
        <message>
            <source>Accounts that ask for a product (1435; - for none)</source>
            <translation>Accounts that ask for a product (1435; - for none)</translation>
        </message>
        <message>
            <source>Restricted key (read only)</source>
            <translation>Restricted key (read only)</translation>
        </message>
        <message>
            <source>Time zone (America/Mexico_City)</source>
            <translation>Time zone (America/Mexico_City)</translation>
        </message>
        <message>
            <source>Organisation (tenant id)</source>
            <translation>Organisation (tenant id)</translation>
        </message>
        <message>
            <source>Leave documents as drafts</source>
            <translation>Leave documents as drafts</translation>
        </message>
        <message>
            <source>Client secret of your app (where it has one)</source>
            <translation>Client secret of your app (where it has one)</translation>
        </message>
        <message>
            <source>Organisation id</source>
            <translation>Organisation id</translation>
        </message>
        <message>
            <source>Address of the log-in (data centre)</source>
            <translation>Address of the log-in (data centre)</translation>
        </message>
        <message>
            <source>Unique field of contacts (cf_…)</source>
            <translation>Unique field of contacts (cf_…)</translation>
        </message>
        <message>
            <source>No</source>
            <translation>No</translation>
        </message>
        <message>
            <source>Yes</source>
            <translation>Yes</translation>
        </message>
    </context>
    <context>
        <name>target</name>
        <message>
            <source>The journal cannot be used: {reason}. Nothing was written. Restore a backup, save what can be read, or choose another folder.</source>
            <translation>The journal cannot be used: {reason}. Nothing was written. Restore a backup, save what can be read, or choose another folder.</translation>
        </message>
        <message>
            <source>The disk is full. Nothing was written and the journal is as it was. Make room and do the same again.</source>
            <translation>The disk is full. Nothing was written and the journal is as it was. Make room and do the same again.</translation>
        </message>
        <message>
            <source>The server of the shared journal does not answer ({reason}). Nothing was written. Check the network, or ask whoever runs the server, and do the same again.</source>
            <translation>The server of the shared journal does not answer ({reason}). Nothing was written. Check the network, or ask whoever runs the server, and do the same again.</translation>
        </message>
        <message>
            <source>Another program holds the journal (a synchronised folder, an antivirus). Nothing was written. Wait for it or close it, and do the same again.</source>
            <translation>Another program holds the journal (a synchronised folder, an antivirus). Nothing was written. Wait for it or close it, and do the same again.</translation>
        </message>
        <message>
            <source>The journal may not be written here ({reason}). Check the permissions of its folder.</source>
            <translation>The journal may not be written here ({reason}). Check the permissions of its folder.</translation>
        </message>
        <message>
            <source>The database does not take a value ({reason}). Nothing was written and the journal is as it was. Please send the file to support.</source>
            <translation>The database does not take a value ({reason}). Nothing was written and the journal is as it was. Please send the file to support.</translation>
        </message>
        <message>
            <source>The journal was written by a newer version of Cuadre ({revision}); install that version.</source>
            <translation>The journal was written by a newer version of Cuadre ({revision}); install that version.</translation>
        </message>
        <message>
            <source>The target refused the log-in: {words}. Check user, secret and company.</source>
            <translation>The target refused the log-in: {words}. Check user, secret and company.</translation>
        </message>
        <message>
            <source>The target does not answer: {words}. Check address and network; nothing is lost.</source>
            <translation>The target does not answer: {words}. Check address and network; nothing is lost.</translation>
        </message>
        <message>
            <source>The target asks to wait: {words}.</source>
            <translation>The target asks to wait: {words}.</translation>
        </message>
        <message>
            <source>The target refused: {words}.</source>
            <translation>The target refused: {words}.</translation>
        </message>
        <message>
            <source>{person} may not {what} in this journal. Ask an administrator.</source>
            <translation>{person} may not {what} in this journal. Ask an administrator.</translation>
        </message>
        <message>
            <source>Nothing could be read of {name}; it was left as it is. Restore a backup; without one, begin a new journal in another folder and import the files again: what was sent is looked up in the target before anything is sent a second time.</source>
            <translation>Nothing could be read of {name}; it was left as it is. Restore a backup; without one, begin a new journal in another folder and import the files again: what was sent is looked up in the target before anything is sent a second time.</translation>
        </message>
        <message>
            <source>{name} reaches the same company as {other}, with which documents were sent already: what was sent by one is unknown to the other. Send with {other}; {name} may read.</source>
            <translation>{name} reaches the same company as {other}, with which documents were sent already: what was sent by one is unknown to the other. Send with {other}; {name} may read.</translation>
        </message>
        <message>
            <source>{name} reaches {now}, but documents were sent with it to {before}. Nothing was sent. Check its user and secret, or add another connection for the other company.</source>
            <translation>{name} reaches {now}, but documents were sent with it to {before}. Nothing was sent. Check its user and secret, or add another connection for the other company.</translation>
        </message>
    </context>
    <context>
        <name>tax</name>
        <message>
            <source>sales</source>
            <translation>sales</translation>
        </message>
        <message>
            <source>purchases</source>
            <translation>purchases</translation>
        </message>
        <message>
            <source>exempt</source>
            <translation>exempt</translation>
        </message>
        <message>
            <source>excluded</source>
            <translation>excluded</translation>
        </message>
        <message>
            <source>withheld</source>
            <translation>withheld</translation>
        </message>
        <message>
            <source>{amount} a unit</source>
            <translation>{amount} a unit</translation>
        </message>
    </context>
    <context>
        <name>upkeep</name>
        <message>
            <source>Export the set-up</source>
            <translation>Export the set-up</translation>
        </message>
        <message>
            <source>Import a set-up</source>
            <translation>Import a set-up</translation>
        </message>
        <message>
            <source>Support bundle</source>
            <translation>Support bundle</translation>
        </message>
        <message>
            <source>Updates</source>
            <translation>Updates</translation>
        </message>
        <message>
            <source>Version {version} is there. Download and install it?</source>
            <translation>Version {version} is there. Download and install it?</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancel</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Written to {path}.</translation>
        </message>
    </context>
    <context>
        <name>verify</name>
        <message>
            <source>lines</source>
            <translation>lines</translation>
        </message>
        <message>
            <source>movements</source>
            <translation>movements</translation>
        </message>
        <message>
            <source>documents</source>
            <translation>documents</translation>
        </message>
        <message>
            <source>balances</source>
            <translation>balances</translation>
        </message>
        <message>
            <source>findings</source>
            <translation>findings</translation>
        </message>
        <message>
            <source>records</source>
            <translation>records</translation>
        </message>
        <message>
            <source>{check} could not be checked: {error}</source>
            <translation>{check} could not be checked: {error}</translation>
        </message>
        <message>
            <source>the anchors in {path} are damaged</source>
            <translation>the anchors in {path} are damaged</translation>
        </message>
        <message>
            <source>an anchor is of another journal, or the first event was changed</source>
            <translation>an anchor is of another journal, or the first event was changed</translation>
        </message>
        <message>
            <source>an anchor disagrees: event {first} is the first that was changed, removed or added</source>
            <translation>an anchor disagrees: event {first} is the first that was changed, removed or added</translation>
        </message>
        <message>
            <source>an anchor disagrees: something from event {first} to event {last} was changed</source>
            <translation>an anchor disagrees: something from event {first} to event {last} was changed</translation>
        </message>
        <message>
            <source>{name}: the original kept is not the file that was read</source>
            <translation>{name}: the original kept is not the file that was read</translation>
        </message>
        <message>
            <source>{subject}: gone</source>
            <translation>{subject}: gone</translation>
        </message>
        <message>
            <source>{subject}: a block of its lines is damaged</source>
            <translation>{subject}: a block of its lines is damaged</translation>
        </message>
        <message>
            <source>{subject}: has lines, but its import never closed</source>
            <translation>{subject}: has lines, but its import never closed</translation>
        </message>
        <message>
            <source>{subject}: its state or digest is not what was journaled</source>
            <translation>{subject}: its state or digest is not what was journaled</translation>
        </message>
        <message>
            <source>{subject}: its counts of lines are not those of its lines</source>
            <translation>{subject}: its counts of lines are not those of its lines</translation>
        </message>
        <message>
            <source>{subject}: its {name} are not those that were journaled</source>
            <translation>{subject}: its {name} are not those that were journaled</translation>
        </message>
        <message>
            <source>{subject}: its ledger lines or balances are not those that were read</source>
            <translation>{subject}: its ledger lines or balances are not those that were read</translation>
        </message>
        <message>
            <source>the documents of the outbox are not those that were queued</source>
            <translation>the documents of the outbox are not those that were queued</translation>
        </message>
        <message>
            <source>{reference} is called confirmed, but never was</source>
            <translation>{reference} is called confirmed, but never was</translation>
        </message>
        <message>
            <source>{reference} is called {state}, its events say {known}</source>
            <translation>{reference} is called {state}, its events say {known}</translation>
        </message>
        <message>
            <source>{reference} is called skipped, but nobody decided it</source>
            <translation>{reference} is called skipped, but nobody decided it</translation>
        </message>
        <message>
            <source>{reference}: what is to be sent is not what was queued</source>
            <translation>{reference}: what is to be sent is not what was queued</translation>
        </message>
        <message>
            <source>setting {name} is not what its events say</source>
            <translation>setting {name} is not what its events say</translation>
        </message>
        <message>
            <source>the map of {name} is not what its events say</source>
            <translation>the map of {name} is not what its events say</translation>
        </message>
        <message>
            <source>{batch} is not what was journaled: somebody changed it past the program. Nothing of it is sent or signed. Verify the journal and restore a backup.</source>
            <translation>{batch} is not what was journaled: somebody changed it past the program. Nothing of it is sent or signed. Verify the journal and restore a backup.</translation>
        </message>
        <message>
            <source>{subject}: no event tells of it</source>
            <translation>{subject}: no event tells of it</translation>
        </message>
        <message>
            <source>{subject}: what it says of itself is not what was journaled</source>
            <translation>{subject}: what it says of itself is not what was journaled</translation>
        </message>
        <message>
            <source>{subject}: has rows in {table} that no import brought</source>
            <translation>{subject}: has rows in {table} that no import brought</translation>
        </message>
        <message>
            <source>{name}: no event tells of this file</source>
            <translation>{name}: no event tells of this file</translation>
        </message>
        <message>
            <source>{name}: it was imported as {first}</source>
            <translation>{name}: it was imported as {first}</translation>
        </message>
        <message>
            <source>{subject}: its connection or days were changed</source>
            <translation>{subject}: its connection or days were changed</translation>
        </message>
        <message>
            <source>{subject}: has rows of no pull</source>
            <translation>{subject}: has rows of no pull</translation>
        </message>
        <message>
            <source>connection {name} is gone</source>
            <translation>connection {name} is gone</translation>
        </message>
        <message>
            <source>connection {name} is not what its events say</source>
            <translation>connection {name} is not what its events say</translation>
        </message>
        <message>
            <source>decision {number} is called {action}, but is not</source>
            <translation>decision {number} is called {action}, but is not</translation>
        </message>
        <message>
            <source>{reference}: its connection or kind is not what was queued</source>
            <translation>{reference}: its connection or kind is not what was queued</translation>
        </message>
        <message>
            <source>{reference} belongs to another document now</source>
            <translation>{reference} belongs to another document now</translation>
        </message>
        <message>
            <source>{reference}: the target's answer is not what was journaled</source>
            <translation>{reference}: the target's answer is not what was journaled</translation>
        </message>
        <message>
            <source>decision {number} of {reconciliation} is not what its events say</source>
            <translation>decision {number} of {reconciliation} is not what its events say</translation>
        </message>
        <message>
            <source>decision {number} was never taken</source>
            <translation>decision {number} was never taken</translation>
        </message>
        <message>
            <source>It changed while it was being read; nothing of it was kept. Close the program that writes it.</source>
            <translation>It changed while it was being read; nothing of it was kept. Close the program that writes it.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the key that signs the journal lies in {path}, readable by you alone. Keep it with the backups.</source>
            <translation>This machine has no secret store: the key that signs the journal lies in {path}, readable by you alone. Keep it with the backups.</translation>
        </message>
        <message>
            <source>the signature of event {sequence} is not genuine</source>
            <translation>the signature of event {sequence} is not genuine</translation>
        </message>
        <message>
            <source>event {sequence} settles signatures, but is not signed itself</source>
            <translation>event {sequence} settles signatures, but is not signed itself</translation>
        </message>
        <message>
            <source>events {first} to {last} are not signed</source>
            <translation>events {first} to {last} are not signed</translation>
        </message>
        <message>
            <source>Signatures up to event {sequence} are missing; that was settled: {reason}</source>
            <translation>Signatures up to event {sequence} are missing; that was settled: {reason}</translation>
        </message>
        <message>
            <source>event {sequence} registers a key in the name of {actor} that is not the one of this machine</source>
            <translation>event {sequence} registers a key in the name of {actor} that is not the one of this machine</translation>
        </message>
        <message>
            <source>{subject}: the codes it is said to use are not those of its movements</source>
            <translation>{subject}: the codes it is said to use are not those of its movements</translation>
        </message>
        <message>
            <source>the fiscal documents called imported are not those of the batches</source>
            <translation>the fiscal documents called imported are not those of the batches</translation>
        </message>
        <message>
            <source>{subject}: {column} is not what its events say</source>
            <translation>{subject}: {column} is not what its events say</translation>
        </message>
        <message>
            <source>The time stamp is not valid: {reason}.</source>
            <translation>The time stamp is not valid: {reason}.</translation>
        </message>
        <message>
            <source>{table} {name} is not what its events say, or is gone</source>
            <translation>{table} {name} is not what its events say, or is gone</translation>
        </message>
        <message>
            <source>inbox: delivery {name} is not what was journaled when it came</source>
            <translation>inbox: delivery {name} is not what was journaled when it came</translation>
        </message>
        <message>
            <source>inbox: {count} bodies are gone that nobody erased</source>
            <translation>inbox: {count} bodies are gone that nobody erased</translation>
        </message>
        <message>
            <source>inbox: the body of {name} was changed</source>
            <translation>inbox: the body of {name} was changed</translation>
        </message>
    </context>
    <context>
        <name>work</name>
        <message>
            <source>{connection}: this account ({actor}) has no secret for it. Run “cuadre connection check {connection}” once as the account the work runs under.</source>
            <translation>{connection}: this account ({actor}) has no secret for it. Run “cuadre connection check {connection}” once as the account the work runs under.</translation>
        </message>
        <message>
            <source>There is no connection of this name.</source>
            <translation>There is no connection of this name.</translation>
        </message>
    </context>
    <context>
        <name>workbook</name>
        <message>
            <source>open</source>
            <translation>open</translation>
        </message>
        <message>
            <source>prepared</source>
            <translation>prepared</translation>
        </message>
        <message>
            <source>reviewed</source>
            <translation>reviewed</translation>
        </message>
        <message>
            <source>signed</source>
            <translation>signed</translation>
        </message>
        <message>
            <source>in transit</source>
            <translation>in transit</translation>
        </message>
        <message>
            <source>of another month</source>
            <translation>of another month</translation>
        </message>
        <message>
            <source>fee or withholding to be posted</source>
            <translation>fee or withholding to be posted</translation>
        </message>
        <message>
            <source>our error, to be corrected</source>
            <translation>our error, to be corrected</translation>
        </message>
        <message>
            <source>the other side's error</source>
            <translation>the other side's error</translation>
        </message>
        <message>
            <source>other reason</source>
            <translation>other reason</translation>
        </message>
        <message>
            <source>other side of an adjustment</source>
            <translation>other side of an adjustment</translation>
        </message>
        <message>
            <source>its account agrees by balance</source>
            <translation>its account agrees by balance</translation>
        </message>
        <message>
            <source>settles items of an earlier month</source>
            <translation>settles items of an earlier month</translation>
        </message>
        <message>
            <source>agrees</source>
            <translation>agrees</translation>
        </message>
        <message>
            <source>to decide</source>
            <translation>to decide</translation>
        </message>
        <message>
            <source>DIFFERS</source>
            <translation>DIFFERS</translation>
        </message>
        <message>
            <source>to be posted to {account}</source>
            <translation>to be posted to {account}</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>matched</translation>
        </message>
        <message>
            <source>parted</source>
            <translation>parted</translation>
        </message>
        <message>
            <source>adjustment withdrawn</source>
            <translation>adjustment withdrawn</translation>
        </message>
        <message>
            <source>Accounts taken for one: {pairs}. Change it with [accounts] in the rules.</source>
            <translation>Accounts taken for one: {pairs}. Change it with [accounts] in the rules.</translation>
        </message>
        <message>
            <source>Differences that recur and look like fees or withholdings: {shares}. A rule of kind fee with its percent and cents, a name and an account confirms one (cuadre rules try).</source>
            <translation>Differences that recur and look like fees or withholdings: {shares}. A rule of kind fee with its percent and cents, a name and an account confirms one (cuadre rules try).</translation>
        </message>
        <message>
            <source>{percent} % (cents {cents}, in {amounts} amounts)</source>
            <translation>{percent} % (cents {cents}, in {amounts} amounts)</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) have too many possible partners or sums; not all were searched.</source>
            <translation>
                <numerusform>%n line have too many possible partners or sums; not all were searched.</numerusform>
                <numerusform>%n lines have too many possible partners or sums; not all were searched.</numerusform>
            </translation>
        </message>
        <message>
            <source>{account}: the left side states a closing balance of {stated}, opening and movements give {computed}</source>
            <translation>{account}: the left side states a closing balance of {stated}, opening and movements give {computed}</translation>
        </message>
        <message>
            <source>{account}: the right side states a closing balance of {stated}, opening and movements give {computed}</source>
            <translation>{account}: the right side states a closing balance of {stated}, opening and movements give {computed}</translation>
        </message>
        <message>
            <source>explained</source>
            <translation>explained</translation>
        </message>
        <message>
            <source>split</source>
            <translation>split</translation>
        </message>
        <message>
            <source>file kept</source>
            <translation>file kept</translation>
        </message>
        <message>
            <source>adjustment proposed</source>
            <translation>adjustment proposed</translation>
        </message>
        <message>
            <source>taken back</source>
            <translation>taken back</translation>
        </message>
        <message>
            <source>done again</source>
            <translation>done again</translation>
        </message>
        <message>
            <source>opened again</source>
            <translation>opened again</translation>
        </message>
        <message>
            <source>{state}, BUT THIS IS NOT WHAT WAS SIGNED</source>
            <translation>{state}, BUT THIS IS NOT WHAT WAS SIGNED</translation>
        </message>
        <message>
            <source>in the books</source>
            <translation>in the books</translation>
        </message>
        <message>
            <source>held: its lines changed</source>
            <translation>held: its lines changed</translation>
        </message>
        <message>
            <source>to be sent</source>
            <translation>to be sent</translation>
        </message>
        <message numerus="yes">
            <source>%n decision(s) about lines that changed</source>
            <translation>
                <numerusform>%n decision about lines that changed</numerusform>
                <numerusform>%n decisions about lines that changed</numerusform>
            </translation>
        </message>
        <message>
            <source>left</source>
            <translation>left</translation>
        </message>
        <message>
            <source>right</source>
            <translation>right</translation>
        </message>
        <message>
            <source>{side}: {day} {reference} {amount}: no longer there</source>
            <translation>{side}: {day} {reference} {amount}: no longer there</translation>
        </message>
        <message>
            <source>{side}: {day} {reference} {amount}: now {now_day}, {now}</source>
            <translation>{side}: {day} {reference} {amount}: now {now_day}, {now}</translation>
        </message>
    </context>
</TS>
