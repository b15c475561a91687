<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es_MX">
    <context>
        <name>ClosePage</name>
        <message>
            <source>Step</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Detail</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Checklist of the month</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Company:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Period:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Target:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Month-end close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{done} of {total} steps done.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The month reconciles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Next: {step} →</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Files of the month imported</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Vouchers without errors</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Accounts and journals mapped</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Vouchers sent and confirmed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Target's books read after the last sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reconciled to the cent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>done</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>needs attention</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>to do</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{blocked} blocked of {total}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{sent} of {total}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not run yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{amount} to explain</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ConnectionsPage</name>
        <message>
            <source>Name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>System</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Address</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Database</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>User</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connections</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Save</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Test selected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Try with the sandbox</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Secrets are kept by the operating system, never in files.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connection</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>System:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Address:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Database:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>User:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Password or API key:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A connection needs a name and an address that begins with https://.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connection {name} saved. This machine has no secret store: the secret is kept until the window closes.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Select a connection to test.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Asking {name}…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>closed up to {day}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>no period closed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{user} in {company} ({server})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The sandbox runs at {url} while this window is open.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>CrashDialog</name>
        <message>
            <source>Unexpected error</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Something failed that we did not foresee. What was already done is safe in the journal.
The report below has no secrets; it was saved to {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Copy report</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>IntakePage</name>
        <message>
            <source>Drop an exported file here, or choose one</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose file…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>detected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Import into the journal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing is written until you press Import.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Evidence for the encoding</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Line</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What it is</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Text</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Severity</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Finding</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lines of the file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Findings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Encoding:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Import</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose an exported file</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Exports (*.txt *.csv *.xlsx *.xls);;All files (*)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reading {file}…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>unknown report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{total} lines = {record} records + {heading} headings + {rejected} rejected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} vouchers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{errors} errors, {warnings} warnings</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>These bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file could not be read to its end. The attempt is in the journal as batch {batch}; nothing of it will be sent.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Imported as batch {batch}: {ready} vouchers ready, {blocked} blocked.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopped. Nothing of the file was kept.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file cannot be opened</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>record</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>heading</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>rejected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>error</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>warning</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>note</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>LogPage</name>
        <message>
            <source>Search by voucher, file, number, person or text</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Verify the chain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Export…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>When (UTC)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Who</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>About</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Data</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Events</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Journal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>✓ {events} events in an unbroken chain; every line is accounted for.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>▲ The journal has been changed. First event that does not fit: {number}. {problems}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Export events</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>import started</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>import closed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>file imported before</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>import abandoned</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>import cancelled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>import failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>queued</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>confirmed by the target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>found in the target and adopted</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>refused by the target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>sent, answer lost</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>looking it up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not in the target; will be sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>not sent; will be repeated</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>target asks to wait</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>taken over from a sender that died</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>differs from what the target holds</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>retry asked by a person</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>sending started</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>sending ended</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>target's books read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>reading the target failed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>map changed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>connection saved</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>setting changed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>reconciled</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>match accepted by a person</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>match taken apart by a person</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>decision taken back</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>encoding chosen by a person</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>unexpected error</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Pages</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Close</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Import</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Send</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reconcile</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Journal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connections</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;File</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Import a &amp;file…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>&amp;Language</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>nothing sent yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sync latency</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>target: under 5 min</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Error rate</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>target: under 0.1 %</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Orphan records</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>target: 0</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Retry queue</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>ReconcilingPage</name>
        <message>
            <source>Reconcile</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Read target's books</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Accept</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Take apart</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Undo</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Working paper…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Left side</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Right side</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>books of {name}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>a file…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>matched</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>suggested</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>different</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>only left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>only right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Date</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Amount</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Text</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>everything</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>to decide</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Left:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Right:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Show:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose a side</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Choose the books of a connection on the right side first.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{lines} ledger lines read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Select a suggestion or a difference, or one line of each side (Ctrl+click).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Select a match to take apart.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no decision to take back.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Working paper</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>◀ Only left, explained: {why}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No line of the other side fits this one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Left {left} − explained {explained} − right {right} = to explain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is nothing to read there yet. Read the target's books first.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>SendingPage</name>
        <message>
            <source>Check before sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Send</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Retry selected</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Take over all suggestions</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Set counterpart…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Check first: it says everything at once and sends nothing.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>What stands in the way</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Documents</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Which</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Kind</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Source</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Uses</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Suggestion</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Why</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Queue</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Obstacles</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Codes without a counterpart</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Queue ({count})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Add a connection first, on the Connections page.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Map</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Target:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Checking…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Map ({count})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{ready} ready to send, {already} already there, {held} held back.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Obstacles ({count})</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} suggestions taken over.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Counterpart of {source} in the target:</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sending…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing was sent: the map is incomplete. Press Check to see what is missing.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Select documents of the queue that are not confirmed.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>waiting</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>being sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>uncertain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>confirmed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>refused</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>in conflict</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Document</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Date</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Description</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Amount</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>In the target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Attempts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Answer</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Secret</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Password or API key of {name}:</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>TaskBar</name>
        <message>
            <source>Cancel</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Stopping…</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{share} % · {seconds} s left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Working…</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>argparse</name>
        <message>
            <source>usage: </source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>positional arguments</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>options</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>show this help message and exit</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the following arguments are required: %s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>unrecognized arguments: %s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>%(prog)s: error: %(message)s
</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>argument %(argument_name)s: %(message)s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>invalid choice: %(value)r (choose from %(choices)s)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>invalid %(type)s value: %(value)r</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>expected one argument</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>blocked</name>
        <message>
            <source>voucher does not balance</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>voucher without movements</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>number used twice</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>voucher without number</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>a line could not be read</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>movement without account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>date outside the period</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the file is cut</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>waiting to be sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>being sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>sent without an answer</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>refused by the target</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>differs in the target</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>cli</name>
        <message>
            <source>Interrupted. What was done is in the journal; run the same command again to go on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Unexpected error: {error}. A report without secrets was written to {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The report cannot be written to {path} ({reason}). Is it open in Excel?</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{name}: {lines} lines, debits {debit}, credits {credit}, net {total}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>PROOF (debit positive)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Explained: {why}, {lines} lines, {amount}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Difference to explain: {amount}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The accounts differ by {amount} in all, though the net is zero.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Opening</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Movements left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Closing left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Explained</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Movements right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Closing right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Unexplained</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>… and {count} more accounts without a difference to explain</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>… and {count} more accounts; see the report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The journal knows no {subject}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The journal is whole: {events} events in an unbroken chain, every line accounted for.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>THE JOURNAL HAS BEEN CHANGED.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>First event that does not fit: {number}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This data home belongs to company {code}; use another --home for another company.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>ERROR</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>warning</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>note</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>line {line}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>… and {count} more: {kind}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{file}: the same bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>complete</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>INCOMPLETE</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>NOT READ</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{file}: batch {batch}, {state}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lines {total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Vouchers ready {ready}, blocked {blocked}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>File</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Container</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Encoding</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Delimiter</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Heading in line</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Report</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Runner-up</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Company</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Period</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Lines</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Vouchers</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Movements</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Debits / credits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{value} is not a month; write it as 2026-01.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no file {path}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Accounting exports into modern ERPs: journaled, sent exactly once, reconciled.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>COMMAND</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>open the window</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>say what a file is and what is in it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>journal a file, line by line</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>short code of the company</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>FILE</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>read it by this profile</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>read it in this encoding</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>every date must lie in it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the systems to send to</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>keep a connection</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>NAME</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>calls allowed per minute</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>list the connections</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>log in and say who and where</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>whose account is whose</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>what is not mapped, with suggestions</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>take over every suggestion</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>set one link</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>SOURCE</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>TARGET</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>read a map from CSV or xlsx</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>write the map to CSV or xlsx</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>send what is ready, each document once</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>only say what would be sent</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>send what is mapped, hold the rest</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>seconds to go on retrying</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>read the target's own ledger</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>match two sides and prove it</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>LEFT</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>RIGHT</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>write the matched pairs</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>write the working paper</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>what happened to each line</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>list the imported files</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the lines of a batch, or a document's story</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>BATCH[:LINE]|FILE[:LINE]|REFERENCE</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>prove that nothing was edited or removed</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>write events to CSV, xlsx or JSON Lines</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the four figures</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the embedded ERP to try things on</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>serve it on this machine</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the whole way on a sample</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>never open the window</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>FOLDER</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>work in this folder</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>answer in JSON</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>the company's data home</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>language of texts</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This machine has no secret store: the secret was not kept. It will be asked each time, or taken from {variable}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>none</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>User</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Currency</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Server</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Locked periods</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{accepted} suggestions taken over; {left} still without a counterpart.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not a line of a map: {line}. Expected: account|journal|party, source, target, partner.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} links read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{count} links written.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sending</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Not a date: {error}. Write it as 2026-01-31.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pull {pull}: {lines} ledger lines from {start} to {end}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Nothing was sent. {ready} documents are ready, {held} are held.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{mapped} links; {unmapped} codes without one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no connection {name}. Known: {known}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Secret of {name}: </source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No secret was given. Type it, pipe it in, or set {variable} for this process.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>demo</name>
        <message>
            <source>Picture of the window: {path}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sandbox ERP on {url} (user {user}, password {password}); Ctrl+C ends it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sandbox ended.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Import {file}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Map: {accepted} of {found} accounts and journals by suggestion</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Push to {url}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Pull: {lines} ledger lines of the target's own books</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reconcile</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Working paper: {path}</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>evidence</name>
        <message>
            <source>The file begins with the byte-order mark of {encoding}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every second byte is zero in {share} % of the file: {encoding}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Every byte is plain ASCII; no accent can be wrong.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Valid UTF-8 up to a last character that is cut.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{valid} of {total} lines with accents are valid UTF-8; the others are read as cp1252.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A second detector (chardet) reads the same text.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A second detector (chardet) disagrees: {encoding}. Check the accents.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Read as {encoding}, the {total} characters outside ASCII are: {letters}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Line {line}: {reading} | as {rival} it would read: {other}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>All {count} multi-byte sequences are valid UTF-8; by chance that does not happen.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>findings</name>
        <message>
            <source>The file is empty (0 bytes). Export it again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file holds {size} bytes, all zero: the copy or the disk failed. Export it again and check the disk it was copied from.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This is a {kind}, whatever its name says; it holds no lines to read. Export the report as text or Excel.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The workbook is protected with a password. Open it in Excel, remove the password (File &gt; Info &gt; Protect) and save it again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The workbook cannot be opened: {reason}. Open it in Excel, save it again as .xlsx and retry.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Files of the kind {kind} are recognised but not read by this version. Export the report as text, CSV or Excel.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>No known report fits this file (best guess {guess} with {score} %). Choose a profile by hand.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>There is no profile called {seen}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The profile {seen} cannot read this file: {reason}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file is cut in the middle of line {line}: {seen} characters where {expected} belong and no end of line. Nothing of it will be sent; export it again.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The layout was recognised, but the file has no movement.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The file cannot be read with the encoding {seen}. Choose another one.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The encoding is a guess ({encoding}, {confidence} % sure). Check the accents in the preview before going on.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>This line is written in {seen} while the file is in {expected}; it was read as {seen}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The line has bytes that mean nothing in {encoding}: {seen}. The original bytes are kept.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The line has {seen} NUL characters; they were read as blanks.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The line begins with {seen}, which is no record of this layout.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The line has {seen} characters; a {record} record has {expected}. Its fields cannot be located safely.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>A {record} record with no voucher above it.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{field}: {seen} is not an amount.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{field}: {seen} is not a date; expected {expected}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The movement type is {seen}; expected {expected}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The movement has no account code.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{field}: {seen} is a number in scientific notation: the spreadsheet damaged the original code.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The movement carries a debit ({debit}) and a credit ({credit}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The line fits no rule of this report; it was not used.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher {voucher} does not balance: debits {debit}, credits {credit}, difference {difference}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher {voucher} has no movements (cancelled?); there is nothing to send.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher {voucher} appears twice in {period}; the first is in line {first}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The voucher has no number; without it, it could be sent twice.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher {voucher} has a line that could not be read (line {first}); the whole voucher waits.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The date {seen} is outside the period {expected}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The movement applies on {seen}, in another month than its voucher ({expected}).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher {voucher} is not posted in the source system (sin afectar).</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The amount is negative ({seen}); it stays on its side with its sign.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{seen} does not have the form of an RFC.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The check digit of the RFC {seen} is not right; expected {expected}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{seen} does not have the form of a CFDI UUID.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The printed total of {what} is {seen}; its movements add up to {expected}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The report says {seen} {what}; {expected} were read.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The import stopped after line {line}. Nothing of it will be sent.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>map</name>
        <message>
            <source>same code</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>same digits</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>its group</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>same beginning</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>similar name</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>general journal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>same tax id</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>journal</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>party</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>preflight</name>
        <message>
            <source>Account {what} has no counterpart in the map.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Voucher type {what} has no journal in the map.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Party {what} has no counterpart in the map.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Account {what} of the map does not exist in the target.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Journal {what} of the map does not exist in the target.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The target's books are closed up to {what}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Blocked at import: {what}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Already sent with other content; correct it in the target: {what}.</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>reconcile</name>
        <message>
            <source>Same document {reference}, account and amount {amount}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Same reference {reference} and amount {amount}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reference {reference} is {other} written otherwise; same amount {amount}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only pair with amount {amount} and party {reference} within {days} days.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only pair with amount {amount} within {days} days; nothing else agrees.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Same reference {reference}, but {amount} against {other}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Decided by a person: {reference}</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>matched</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>suggested</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>different</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>report</name>
        <message>
            <source>Reconciliation</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Prepared</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Matched groups</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Suggested</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Different</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Only right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Account</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Matches</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Open items</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Summary</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Opening left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Movements left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Closing left</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Explained</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Amount differences</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Movements right</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Unexplained</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Total</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>State</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reason</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Side</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Row</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Date</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Reference</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Text</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Amount</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>status</name>
        <message>
            <source>met</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>NOT MET</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>nothing sent yet</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>median {median} s, 95 % within {p95} s</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>{queue} ({uncertain} uncertain)</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Sync latency</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Error rate</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Orphan records</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>Retry queue</source>
            <translation type="unfinished" />
        </message>
    </context>
    <context>
        <name>target</name>
        <message>
            <source>The target refused the log-in: {words}. Check user, secret and company.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The target does not answer: {words}. Check address and network; nothing is lost.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The target asks to wait: {words}.</source>
            <translation type="unfinished" />
        </message>
        <message>
            <source>The target refused: {words}.</source>
            <translation type="unfinished" />
        </message>
    </context>
</TS>
