<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="es_MX">
    <context>
        <name>Accounts</name>
        <message>
            <source>Accounts</source>
            <translation>Cuentas</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Balance left</source>
            <translation>Saldo izquierda</translation>
        </message>
        <message>
            <source>Balance right</source>
            <translation>Saldo derecha</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Diferencia</translation>
        </message>
        <message>
            <source>To explain</source>
            <translation>Por explicar</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Partidas abiertas</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
    </context>
    <context>
        <name>AdjustDialog</name>
        <message>
            <source>Propose adjustments</source>
            <translation>Proponer ajustes</translation>
        </message>
        <message>
            <source>To the target:</source>
            <translation>Al destino:</translation>
        </message>
        <message>
            <source>In the journal:</source>
            <translation>En el diario:</translation>
        </message>
        <message>
            <source>Contra account where none is named:</source>
            <translation>Contrapartida donde no se nombra:</translation>
        </message>
        <message>
            <source>They go as vouchers with the next sending, exactly once; a positive amount is a debit to the account. A difference stays visible until its voucher is in the target's books.</source>
            <translation>Van como pólizas (comprobantes) con el próximo envío, exactamente una vez; un importe positivo es cargo (débito) a la cuenta. La diferencia sigue visible hasta que la póliza esté en los libros del destino.</translation>
        </message>
        <message>
            <source>Propose</source>
            <translation>Proponer</translation>
        </message>
        <message>
            <source>Name the journal of the target.</source>
            <translation>Indique el diario del destino.</translation>
        </message>
        <message>
            <source>Each adjustment needs an account and a contra account.</source>
            <translation>Cada ajuste necesita cuenta y contrapartida.</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contrapartida</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Concepto</translation>
        </message>
    </context>
    <context>
        <name>Adjusting</name>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
    </context>
    <context>
        <name>AlternativesDialog</name>
        <message>
            <source>Other possibilities</source>
            <translation>Otras posibilidades</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Izquierda</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Derecha</translation>
        </message>
        <message>
            <source>Confidence</source>
            <translation>Confianza</translation>
        </message>
        <message>
            <source>Reason</source>
            <translation>Motivo</translation>
        </message>
        <message>
            <source>Match these</source>
            <translation>Cruzar estas</translation>
        </message>
    </context>
    <context>
        <name>AttachmentsDialog</name>
        <message>
            <source>Attached files</source>
            <translation>Archivos adjuntos</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Archivo</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>Nota</translation>
        </message>
        <message>
            <source>Attach a file…</source>
            <translation>Adjuntar un archivo…</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>Guardar como…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>A file is attached to the lines that are selected, or to the whole reconciliation.</source>
            <translation>El archivo se adjunta a las líneas seleccionadas o a toda la conciliación.</translation>
        </message>
    </context>
    <context>
        <name>CertificateDialog</name>
        <message>
            <source>Certificate of {server}</source>
            <translation>Certificado de {server}</translation>
        </message>
        <message>
            <source>No authority vouches for a self-signed certificate. Compare this SHA-256 with what the server's administrator reads out. Only if both are the same trust it: from then on exactly this one is taken.</source>
            <translation>Ninguna autoridad responde por un certificado propio. Compare este SHA-256 con el que le lea el administrador del servidor. Solo si son iguales, confíe en él: desde entonces se acepta exactamente ese.</translation>
        </message>
        <message>
            <source>Trust exactly this one</source>
            <translation>Confiar exactamente en este</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
    </context>
    <context>
        <name>Chart</name>
        <message>
            <source>no data yet</source>
            <translation>aún no hay datos</translation>
        </message>
        <message>
            <source>target {value}</source>
            <translation>meta {value}</translation>
        </message>
    </context>
    <context>
        <name>ClosePage</name>
        <message>
            <source>Target:</source>
            <translation>Destino:</translation>
        </message>
        <message>
            <source>Accounts and journals mapped</source>
            <translation>Cuentas y diarios con equivalencia</translation>
        </message>
        <message>
            <source>Target's books read after the last sending</source>
            <translation>Libros del destino leídos después del último envío</translation>
        </message>
        <message>
            <source>Reconciled to the cent</source>
            <translation>Conciliado al centavo</translation>
        </message>
        <message>
            <source>done</source>
            <translation>listo</translation>
        </message>
        <message>
            <source>needs attention</source>
            <translation>requiere atención</translation>
        </message>
        <message>
            <source>to do</source>
            <translation>pendiente</translation>
        </message>
        <message numerus="yes">
            <source>%n file(s)</source>
            <translation>
                <numerusform>%n archivo</numerusform>
                <numerusform>%n archivos</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n document(s)</source>
            <translation>
                <numerusform>%n documento</numerusform>
                <numerusform>%n documentos</numerusform>
            </translation>
        </message>
        <message>
            <source>{blocked} blocked of {total}</source>
            <translation>{blocked} bloqueados de {total}</translation>
        </message>
        <message numerus="yes">
            <source>%n code(s) without a counterpart</source>
            <translation>
                <numerusform>%n código sin equivalencia</numerusform>
                <numerusform>%n códigos sin equivalencia</numerusform>
            </translation>
        </message>
        <message>
            <source>Month:</source>
            <translation>Mes:</translation>
        </message>
        <message>
            <source>Close of {month}</source>
            <translation>Cierre de {month}</translation>
        </message>
        <message>
            <source>Home</source>
            <translation>Inicio</translation>
        </message>
        <message>
            <source>The month is closed</source>
            <translation>El mes está cerrado</translation>
        </message>
        <message>
            <source>Go on: {step}</source>
            <translation>Continuar: {step}</translation>
        </message>
        <message>
            <source>{done} of {total} steps done</source>
            <translation>{done} de {total} pasos</translation>
        </message>
        <message>
            <source>{count} matched</source>
            <translation>{count} conciliados</translation>
        </message>
        <message>
            <source>{count} suggested</source>
            <translation>{count} sugeridos</translation>
        </message>
        <message>
            <source>{count} different</source>
            <translation>{count} diferentes</translation>
        </message>
        <message>
            <source>{count} only in {side}</source>
            <translation>{count} sólo en {side}</translation>
        </message>
        <message>
            <source>{count} of them explained</source>
            <translation>{count} de ellos explicados</translation>
        </message>
        <message>
            <source>Files of the month</source>
            <translation>Archivos del mes</translation>
        </message>
        <message>
            <source>Documents without errors</source>
            <translation>Documentos sin errores</translation>
        </message>
        <message>
            <source>Documents sent and confirmed</source>
            <translation>Documentos enviados y confirmados</translation>
        </message>
        <message>
            <source>Reviewed and signed</source>
            <translation>Revisado y firmado</translation>
        </message>
        <message>
            <source>See</source>
            <translation>Ver</translation>
        </message>
        <message>
            <source>Import…</source>
            <translation>Importar…</translation>
        </message>
        <message>
            <source>Look…</source>
            <translation>Revisar…</translation>
        </message>
        <message>
            <source>Map…</source>
            <translation>Asignar…</translation>
        </message>
        <message>
            <source>Send…</source>
            <translation>Enviar…</translation>
        </message>
        <message>
            <source>Read…</source>
            <translation>Leer…</translation>
        </message>
        <message>
            <source>Reconcile…</source>
            <translation>Conciliar…</translation>
        </message>
        <message>
            <source>Sign…</source>
            <translation>Firmar…</translation>
        </message>
        <message>
            <source>{sent} of {total}</source>
            <translation>{sent} de {total}</translation>
        </message>
        <message numerus="yes">
            <source>%n ledger line(s)</source>
            <translation>
                <numerusform>%n movimiento</numerusform>
                <numerusform>%n movimientos</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n broke off</source>
            <translation>
                <numerusform>%n se interrumpió</numerusform>
                <numerusform>%n se interrumpieron</numerusform>
            </translation>
        </message>
        <message>
            <source>not run yet</source>
            <translation>sin ejecutar</translation>
        </message>
        <message>
            <source>nothing is left to decide</source>
            <translation>no queda nada por decidir</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) to decide or to explain</source>
            <translation>
                <numerusform>%n renglón por decidir o explicar</numerusform>
                <numerusform>%n renglones por decidir o explicar</numerusform>
            </translation>
        </message>
        <message>
            <source>nobody prepared it yet</source>
            <translation>nadie la ha preparado</translation>
        </message>
        <message>
            <source>prepared by {name}</source>
            <translation>preparó {name}</translation>
        </message>
        <message>
            <source>reviewed by {name}</source>
            <translation>revisó {name}</translation>
        </message>
        <message>
            <source>signed by {name}</source>
            <translation>firmó {name}</translation>
        </message>
        <message>
            <source>{amount} to explain</source>
            <translation>{amount} por explicar</translation>
        </message>
    </context>
    <context>
        <name>CompanyDialog</name>
        <message>
            <source>Company</source>
            <translation>Empresa</translation>
        </message>
        <message>
            <source>Comercializadora del Norte, S.A. de C.V.</source>
            <translation>Comercializadora del Norte, S.A. de C.V.</translation>
        </message>
        <message>
            <source>Name:</source>
            <translation>Nombre:</translation>
        </message>
        <message>
            <source>Own RFC or NIT:</source>
            <translation>RFC o NIT propio:</translation>
        </message>
        <message>
            <source>Currency of the books:</source>
            <translation>Moneda de los libros:</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>Guardar</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>The name stands on the working papers. The tax ids decide which invoices are sales and which are purchases.</source>
            <translation>El nombre va en los papeles de trabajo. Los RFC o NIT deciden qué facturas son ventas y cuáles son compras.</translation>
        </message>
    </context>
    <context>
        <name>ComparisonDialog</name>
        <message>
            <source>{document} beside the target</source>
            <translation>{document} junto al destino</translation>
        </message>
        <message>
            <source>&lt;b&gt;Ours&lt;/b&gt; · {date}</source>
            <translation>&lt;b&gt;Lo nuestro&lt;/b&gt; · {date}</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Lo nuestro</translation>
        </message>
        <message>
            <source>&lt;b&gt;In the target: {number}&lt;/b&gt; · {date} · {state}</source>
            <translation>&lt;b&gt;En el destino: {number}&lt;/b&gt; · {date} · {state}</translation>
        </message>
        <message>
            <source>&lt;b&gt;The target has {count} such documents:&lt;/b&gt; {numbers}</source>
            <translation>&lt;b&gt;El destino tiene {count} documentos así:&lt;/b&gt; {numbers}</translation>
        </message>
        <message>
            <source>&lt;b&gt;The target has no such document.&lt;/b&gt;</source>
            <translation>&lt;b&gt;El destino no tiene ese documento.&lt;/b&gt;</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>En el destino</translation>
        </message>
        <message>
            <source>Both say the same.</source>
            <translation>Los dos dicen lo mismo.</translation>
        </message>
        <message>
            <source>The newest file differs from what was sent: {what}</source>
            <translation>El archivo más nuevo difiere de lo enviado: {what}</translation>
        </message>
        <message>
            <source>Number in the target</source>
            <translation>Número en el destino</translation>
        </message>
        <message>
            <source>Look it up</source>
            <translation>Buscarlo</translation>
        </message>
        <message>
            <source>Link to it…</source>
            <translation>Ligarlo…</translation>
        </message>
        <message>
            <source>Skip…</source>
            <translation>Omitir…</translation>
        </message>
        <message>
            <source>It was corrected there…</source>
            <translation>Ya se corrigió allá…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Cargo</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Abono</translation>
        </message>
        <message>
            <source>Party</source>
            <translation>Tercero</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Texto</translation>
        </message>
        <message>
            <source>Link</source>
            <translation>Ligar</translation>
        </message>
        <message>
            <source>Why is the target's document this one?</source>
            <translation>¿Por qué el documento del destino es este?</translation>
        </message>
        <message>
            <source>Corrected</source>
            <translation>Corregido</translation>
        </message>
        <message>
            <source>Who corrected it in the target, and why?</source>
            <translation>¿Quién lo corrigió en el destino y por qué?</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>Omitir</translation>
        </message>
        <message>
            <source>Why is it not to be sent?</source>
            <translation>¿Por qué no debe enviarse?</translation>
        </message>
    </context>
    <context>
        <name>ConnectionForm</name>
        <message>
            <source>Connection</source>
            <translation>Conexión</translation>
        </message>
        <message>
            <source>no limit of our own</source>
            <translation>sin límite propio</translation>
        </message>
        <message>
            <source>Save connection</source>
            <translation>Guardar conexión</translation>
        </message>
        <message>
            <source>Log in with the browser…</source>
            <translation>Entrar con el navegador…</translation>
        </message>
        <message>
            <source>Show the server's certificate…</source>
            <translation>Ver el certificado del servidor…</translation>
        </message>
        <message>
            <source>What to create there…</source>
            <translation>Qué crear allá…</translation>
        </message>
        <message>
            <source>Name:</source>
            <translation>Nombre:</translation>
        </message>
        <message>
            <source>System:</source>
            <translation>Sistema:</translation>
        </message>
        <message>
            <source>Address:</source>
            <translation>Dirección:</translation>
        </message>
        <message>
            <source>Calls per minute:</source>
            <translation>Llamadas por minuto:</translation>
        </message>
        <message>
            <source>Calls per day:</source>
            <translation>Llamadas por día:</translation>
        </message>
        <message>
            <source>A connection needs a name and an address that begins with https://.</source>
            <translation>Una conexión necesita un nombre y una dirección que empiece con https://.</translation>
        </message>
        <message>
            <source>{system} needs: {what}</source>
            <translation>{system} necesita: {what}</translation>
        </message>
    </context>
    <context>
        <name>ConnectionsPage</name>
        <message>
            <source>Name</source>
            <translation>Nombre</translation>
        </message>
        <message>
            <source>System</source>
            <translation>Sistema</translation>
        </message>
        <message>
            <source>Address</source>
            <translation>Dirección</translation>
        </message>
        <message>
            <source>Database</source>
            <translation>Base de datos</translation>
        </message>
        <message>
            <source>User</source>
            <translation>Usuario</translation>
        </message>
        <message>
            <source>Connections</source>
            <translation>Conexiones</translation>
        </message>
        <message>
            <source>Test selected</source>
            <translation>Probar la seleccionada</translation>
        </message>
        <message>
            <source>Rules of the company…</source>
            <translation>Reglas de la empresa…</translation>
        </message>
        <message>
            <source>Try with the sandbox</source>
            <translation>Probar con el ERP de práctica</translation>
        </message>
        <message>
            <source>Secrets are kept by the operating system, never in files.</source>
            <translation>Las claves las guarda el sistema operativo, nunca un archivo.</translation>
        </message>
        <message>
            <source>Documents were sent to {name} at {url}. Use another name for another target.</source>
            <translation>Ya se enviaron documentos a {name} en {url}. Use otro nombre para otro destino.</translation>
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation>Conexión {name} guardada.</translation>
        </message>
        <message>
            <source>Remove…</source>
            <translation>Quitar…</translation>
        </message>
        <message>
            <source>Company…</source>
            <translation>Empresa…</translation>
        </message>
        <message>
            <source>Owners of fields…</source>
            <translation>Dueños de los campos…</translation>
        </message>
        <message>
            <source>Save the connection first, then log in.</source>
            <translation>Guarde primero la conexión y después entre.</translation>
        </message>
        <message>
            <source>From now on exactly this certificate is trusted.</source>
            <translation>Desde ahora se confía exactamente en este certificado.</translation>
        </message>
        <message>
            <source>Connection {name} saved. This machine has no secret store: the secret is kept until the window closes.</source>
            <translation>Conexión {name} guardada. Este equipo no tiene almacén de claves: la clave se conserva hasta cerrar la ventana.</translation>
        </message>
        <message>
            <source>Select a connection to test.</source>
            <translation>Seleccione la conexión que quiere probar.</translation>
        </message>
        <message>
            <source>Select a connection to take away.</source>
            <translation>Seleccione la conexión que quiere quitar.</translation>
        </message>
        <message>
            <source>Take away the connection {name}, with its map and its secret?</source>
            <translation>¿Quitar la conexión {name}, con sus equivalencias y su clave?</translation>
        </message>
        <message>
            <source>The connection {name} was taken away.</source>
            <translation>Se quitó la conexión {name}.</translation>
        </message>
        <message>
            <source>Asking {name}…</source>
            <translation>Consultando a {name}…</translation>
        </message>
        <message>
            <source>closed up to {day}</source>
            <translation>cerrado hasta el {day}</translation>
        </message>
        <message>
            <source>no period closed</source>
            <translation>ningún período cerrado</translation>
        </message>
        <message>
            <source>{user} in {company} ({server})</source>
            <translation>{user} en {company} ({server})</translation>
        </message>
        <message>
            <source>{company} ({server})</source>
            <translation>{company} ({server})</translation>
        </message>
        <message>
            <source>Not sent to it: {names}.</source>
            <translation>No se le envía: {names}.</translation>
        </message>
        <message>
            <source>▲ {user} may only read: every voucher would be refused.</source>
            <translation>▲ {user} sólo puede leer: se le rechazarían todas las pólizas.</translation>
        </message>
        <message>
            <source>The sandbox runs at {url} while this window is open.</source>
            <translation>El ERP de práctica responde en {url} mientras esta ventana esté abierta.</translation>
        </message>
    </context>
    <context>
        <name>Corrections</name>
        <message>
            <source>detected</source>
            <translation>detectado</translation>
        </message>
        <message>
            <source>1,234.50 (point)</source>
            <translation>1,234.50 (punto)</translation>
        </message>
        <message>
            <source>1.234,50 (comma)</source>
            <translation>1.234,50 (coma)</translation>
        </message>
        <message>
            <source>day first (31/12)</source>
            <translation>día primero (31/12)</translation>
        </message>
        <message>
            <source>month first (12/31)</source>
            <translation>mes primero (12/31)</translation>
        </message>
        <message>
            <source>yyyy-mm</source>
            <translation>aaaa-mm</translation>
        </message>
        <message>
            <source>Every date must lie in this month; empty: the period the file states</source>
            <translation>Todas las fechas deben caer en este mes; vacío: el periodo que indica el archivo</translation>
        </message>
        <message>
            <source>as our books</source>
            <translation>como nuestros libros</translation>
        </message>
        <message>
            <source>as the bank</source>
            <translation>como el banco</translation>
        </message>
        <message>
            <source>Whose debit and credit the columns are, where the table does not say it</source>
            <translation>De quién son el cargo y el abono de las columnas, cuando la tabla no lo dice</translation>
        </message>
        <message>
            <source>The company's own tax ids, with blanks between: they decide which documents are issued and which received</source>
            <translation>Los RFC o NIT propios de la empresa, separados por espacios: deciden qué documentos son emitidos y cuáles recibidos</translation>
        </message>
        <message>
            <source>The currency of the company's books: that of amounts whose file names none</source>
            <translation>La moneda de los libros de la empresa: la de los importes cuyo archivo no nombra ninguna</translation>
        </message>
        <message>
            <source>A branch or series whose folios are its own, apart from those of other files</source>
            <translation>Una sucursal o serie cuyos folios son propios, aparte de los de otros archivos</translation>
        </message>
        <message>
            <source>Encoding:</source>
            <translation>Codificación:</translation>
        </message>
        <message>
            <source>Report:</source>
            <translation>Reporte:</translation>
        </message>
        <message>
            <source>Own RFC or NIT:</source>
            <translation>RFC o NIT propio:</translation>
        </message>
        <message>
            <source>Branch or series:</source>
            <translation>Sucursal o serie:</translation>
        </message>
        <message>
            <source>Amounts:</source>
            <translation>Importes:</translation>
        </message>
        <message>
            <source>Dates:</source>
            <translation>Fechas:</translation>
        </message>
        <message>
            <source>Debit and credit:</source>
            <translation>Cargo y abono:</translation>
        </message>
        <message>
            <source>Currency of the books:</source>
            <translation>Moneda de los libros:</translation>
        </message>
        <message>
            <source>Period:</source>
            <translation>Periodo:</translation>
        </message>
    </context>
    <context>
        <name>CounterpartDialog</name>
        <message>
            <source>Counterpart</source>
            <translation>Equivalencia</translation>
        </message>
        <message>
            <source>Code or name in the target</source>
            <translation>Código o nombre en el destino</translation>
        </message>
        <message>
            <source>None</source>
            <translation>Ninguno</translation>
        </message>
        <message>
            <source>Set</source>
            <translation>Asignar</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>Counterpart:</source>
            <translation>Equivalencia:</translation>
        </message>
        <message>
            <source>Customer or supplier:</source>
            <translation>Cliente o proveedor:</translation>
        </message>
        <message>
            <source>Write “-” to send without one.</source>
            <translation>Escriba «-» para enviar sin él.</translation>
        </message>
        <message>
            <source>Choose one from the list, or type its code or name.</source>
            <translation>Elija uno de la lista, o escriba su código o su nombre.</translation>
        </message>
    </context>
    <context>
        <name>CrashDialog</name>
        <message>
            <source>Unexpected error</source>
            <translation>Error inesperado</translation>
        </message>
        <message>
            <source>Something failed that we did not foresee. What was already done is safe in the journal.
The report below has no secrets; it was saved to {path}.</source>
            <translation>Falló algo que no previmos. Lo que ya se hizo está a salvo en la bitácora.
El informe de abajo no contiene claves; se guardó en {path}.</translation>
        </message>
        <message>
            <source>Copy report</source>
            <translation>Copiar el informe</translation>
        </message>
    </context>
    <context>
        <name>Deciding</name>
        <message>
            <source>Split the line…</source>
            <translation>Dividir la línea…</translation>
        </message>
        <message>
            <source>Propose an adjustment…</source>
            <translation>Proponer un ajuste…</translation>
        </message>
        <message>
            <source>Adjustments proposed…</source>
            <translation>Ajustes propuestos…</translation>
        </message>
        <message>
            <source>Other possibilities…</source>
            <translation>Otras posibilidades…</translation>
        </message>
        <message>
            <source>What changed…</source>
            <translation>Qué cambió…</translation>
        </message>
        <message>
            <source>Rules of matching…</source>
            <translation>Reglas de conciliación…</translation>
        </message>
        <message>
            <source>Attached files…</source>
            <translation>Archivos adjuntos…</translation>
        </message>
        <message>
            <source>Select a suggestion or a difference, or one line of each side (Ctrl+click).</source>
            <translation>Seleccione una sugerencia o una diferencia, o una línea de cada lado (Ctrl+clic).</translation>
        </message>
        <message>
            <source>Tick lines of both sides to pair them.</source>
            <translation>Marque líneas de ambos lados para unirlas.</translation>
        </message>
        <message>
            <source>The ticked lines are in several currencies.</source>
            <translation>Las líneas marcadas están en varias monedas.</translation>
        </message>
        <message>
            <source>{amount} would stay missing between these lines. Pair them all the same?</source>
            <translation>Entre estas líneas seguirían faltando {amount}. ¿Unirlas de todos modos?</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Aceptar</translation>
        </message>
        <message>
            <source>What is matched has to be taken apart before.</source>
            <translation>Lo que ya está conciliado debe separarse antes.</translation>
        </message>
        <message>
            <source>Select a match to take apart.</source>
            <translation>Seleccione el cruce que quiere separar.</translation>
        </message>
        <message>
            <source>Select open lines to explain.</source>
            <translation>Seleccione partidas abiertas para explicarlas.</translation>
        </message>
        <message>
            <source>Select the line to split.</source>
            <translation>Seleccione la línea que quiere dividir.</translation>
        </message>
        <message>
            <source>Nothing selected differs, and the rules let nothing differ that is not proposed.</source>
            <translation>Nada de lo seleccionado difiere, y las reglas no dejan diferencias sin proponer.</translation>
        </message>
        <message>
            <source>There is no other possibility for what is selected.</source>
            <translation>No hay otra posibilidad para lo seleccionado.</translation>
        </message>
        <message>
            <source>Every decision holds: its lines are there as they were.</source>
            <translation>Todas las decisiones valen: sus líneas siguen como estaban.</translation>
        </message>
        <message>
            <source>What changed</source>
            <translation>Qué cambió</translation>
        </message>
        <message>
            <source>Attach a file</source>
            <translation>Adjuntar un archivo</translation>
        </message>
        <message>
            <source>Save as</source>
            <translation>Guardar como</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Escrito en {path}.</translation>
        </message>
        <message numerus="yes">
            <source>Proposed: %n adjustment(s). They go with the next sending.</source>
            <translation>
                <numerusform>%n ajuste propuesto. Va con el próximo envío.</numerusform>
                <numerusform>%n ajustes propuestos. Van con el próximo envío.</numerusform>
            </translation>
        </message>
        <message>
            <source>Accept all that are sure…</source>
            <translation>Aceptar todas las seguras…</translation>
        </message>
        <message>
            <source>Tick to add up</source>
            <translation>Marcar para sumar</translation>
        </message>
        <message>
            <source>Search what is missing</source>
            <translation>Buscar lo que falta</translation>
        </message>
        <message>
            <source>No adjustment was proposed.</source>
            <translation>No se ha propuesto ningún ajuste.</translation>
        </message>
        <message>
            <source>The adjustment is withdrawn.</source>
            <translation>El ajuste se retiró.</translation>
        </message>
        <message>
            <source>There is no decision to take back.</source>
            <translation>No hay ninguna decisión que deshacer.</translation>
        </message>
    </context>
    <context>
        <name>DecisionCard</name>
        <message>
            <source>Other possibility</source>
            <translation>Otra posibilidad</translation>
        </message>
        <message>
            <source>Search what is missing</source>
            <translation>Buscar lo que falta</translation>
        </message>
        <message>
            <source>Clear the ticks</source>
            <translation>Quitar las marcas</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Lo nuestro</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Lo de ellos</translation>
        </message>
        <message numerus="yes">
            <source>Other possibility (%n)</source>
            <translation>
                <numerusform>Otra posibilidad (%n)</numerusform>
                <numerusform>Otras posibilidades (%n)</numerusform>
            </translation>
        </message>
        <message>
            <source>Other possibility {place} of {count}: {why}</source>
            <translation>Otra posibilidad, {place} de {count}: {why}</translation>
        </message>
        <message>
            <source>≠ several currencies: they do not add up</source>
            <translation>≠ varias monedas: no se suman</translation>
        </message>
        <message>
            <source>{sign} missing {amount}</source>
            <translation>{sign} falta {amount}</translation>
        </message>
        <message numerus="yes">
            <source>{title}: %n line(s), {amount}</source>
            <translation>
                <numerusform>{title}: %n línea, {amount}</numerusform>
                <numerusform>{title}: %n líneas, {amount}</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>y %n más</numerusform>
                <numerusform>y %n más</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>DocumentsDialog</name>
        <message>
            <source>Document</source>
            <translation>Documento</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Copy all</source>
            <translation>Copiar todo</translation>
        </message>
        <message>
            <source>Enter or a double click tells the story of a document.</source>
            <translation>Enter o doble clic cuenta la historia de un documento.</translation>
        </message>
    </context>
    <context>
        <name>ExplainDialog</name>
        <message>
            <source>Why is it open?</source>
            <translation>¿Por qué está abierta?</translation>
        </message>
        <message>
            <source>Because:</source>
            <translation>Porque:</translation>
        </message>
        <message>
            <source>Note:</source>
            <translation>Nota:</translation>
        </message>
        <message>
            <source>Explain</source>
            <translation>Explicar</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
    </context>
    <context>
        <name>FieldsDialog</name>
        <message>
            <source>Owners of fields</source>
            <translation>Dueños de los campos</translation>
        </message>
        <message>
            <source>A field has one owner and flows away from it, or stays where it is.</source>
            <translation>Cada campo tiene un solo dueño y sale de él, o se queda donde está.</translation>
        </message>
        <message>
            <source>Owners</source>
            <translation>Dueños</translation>
        </message>
        <message>
            <source>Changed on the wrong side</source>
            <translation>Cambios en el lado equivocado</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Save…</source>
            <translation>Guardar…</translation>
        </message>
        <message>
            <source>Read from CSV…</source>
            <translation>Leer de CSV…</translation>
        </message>
        <message>
            <source>Write to CSV…</source>
            <translation>Escribir a CSV…</translation>
        </message>
        <message>
            <source>Compare now</source>
            <translation>Comparar ahora</translation>
        </message>
        <message>
            <source>Party</source>
            <translation>Tercero</translation>
        </message>
        <message>
            <source>Field</source>
            <translation>Campo</translation>
        </message>
        <message>
            <source>Legacy system</source>
            <translation>Sistema de origen</translation>
        </message>
        <message>
            <source>Target</source>
            <translation>Destino</translation>
        </message>
        <message>
            <source>What happened</source>
            <translation>Qué pasó</translation>
        </message>
        <message>
            <source>Target:</source>
            <translation>Destino:</translation>
        </message>
        <message>
            <source>Why are the owners changed?</source>
            <translation>¿Por qué cambian los dueños?</translation>
        </message>
        <message>
            <source>Saved.</source>
            <translation>Guardado.</translation>
        </message>
        <message>
            <source>Read from CSV</source>
            <translation>Leer de CSV</translation>
        </message>
        <message>
            <source>Read.</source>
            <translation>Leído.</translation>
        </message>
        <message>
            <source>Write to CSV</source>
            <translation>Escribir a CSV</translation>
        </message>
        <message>
            <source>Written.</source>
            <translation>Escrito.</translation>
        </message>
        <message>
            <source>Asking {name}…</source>
            <translation>Preguntando a {name}…</translation>
        </message>
        <message numerus="yes">
            <source>%n field(s) changed on the side that does not own them.</source>
            <translation>
                <numerusform>%n campo cambió en el lado que no es su dueño.</numerusform>
                <numerusform>%n campos cambiaron en el lado que no es su dueño.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Figure</name>
        <message>
            <source>Click to see the documents behind it.</source>
            <translation>Clic para ver los documentos que hay detrás.</translation>
        </message>
    </context>
    <context>
        <name>FiguresPage</name>
        <message>
            <source>Last 24 hours</source>
            <translation>Últimas 24 horas</translation>
        </message>
        <message>
            <source>Last 7 days</source>
            <translation>Últimos 7 días</translation>
        </message>
        <message>
            <source>Last 30 days</source>
            <translation>Últimos 30 días</translation>
        </message>
        <message>
            <source>Time:</source>
            <translation>Tiempo:</translation>
        </message>
        <message>
            <source>Save table…</source>
            <translation>Guardar tabla…</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Latencia de sincronización</translation>
        </message>
        <message>
            <source>How documents ended</source>
            <translation>Cómo terminaron los documentos</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Cola de reintentos</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Registros huérfanos</translation>
        </message>
        <message>
            <source>The figures as a table</source>
            <translation>Las cifras en una tabla</translation>
        </message>
        <message>
            <source>Figures over time</source>
            <translation>Las cifras en el tiempo</translation>
        </message>
        <message>
            <source>median</source>
            <translation>mediana</translation>
        </message>
        <message>
            <source>95 %</source>
            <translation>95 %</translation>
        </message>
        <message>
            <source>sent</source>
            <translation>enviados</translation>
        </message>
        <message>
            <source>sent at another attempt</source>
            <translation>enviados en otro intento</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>rechazados</translation>
        </message>
        <message>
            <source>in conflict</source>
            <translation>en conflicto</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>en espera</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>inciertos</translation>
        </message>
        <message>
            <source>events</source>
            <translation>eventos</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>apartados</translation>
        </message>
        <message>
            <source>orphan records</source>
            <translation>registros huérfanos</translation>
        </message>
        <message>
            <source>Nothing came to an end in this time; the program keeps figures while it is open or “cuadre work” runs.</source>
            <translation>Nada terminó en este tiempo; el programa guarda cifras mientras está abierto o corre «cuadre work».</translation>
        </message>
        <message>
            <source>Sent</source>
            <translation>Enviados</translation>
        </message>
        <message>
            <source>At another attempt</source>
            <translation>En otro intento</translation>
        </message>
        <message>
            <source>Refused</source>
            <translation>Rechazados</translation>
        </message>
        <message>
            <source>In conflict</source>
            <translation>En conflicto</translation>
        </message>
        <message>
            <source>Hour</source>
            <translation>Hora</translation>
        </message>
        <message>
            <source>Median</source>
            <translation>Mediana</translation>
        </message>
        <message>
            <source>95 % within</source>
            <translation>95 % en menos de</translation>
        </message>
        <message>
            <source>Save table</source>
            <translation>Guardar tabla</translation>
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
            <translation>Líneas del archivo</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Línea</translation>
        </message>
        <message>
            <source>What it is</source>
            <translation>Qué es</translation>
        </message>
        <message>
            <source>Text of the file</source>
            <translation>Texto del archivo</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Póliza</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Referencia</translation>
        </message>
        <message>
            <source>Concept</source>
            <translation>Concepto</translation>
        </message>
        <message>
            <source>Third party</source>
            <translation>Tercero</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Cargo</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Abono</translation>
        </message>
        <message>
            <source>record</source>
            <translation>registro</translation>
        </message>
        <message>
            <source>heading</source>
            <translation>encabezado</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rechazada</translation>
        </message>
    </context>
    <context>
        <name>FilesPage</name>
        <message>
            <source>When</source>
            <translation>Cuándo</translation>
        </message>
        <message>
            <source>Month</source>
            <translation>Mes</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Archivo</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Reporte</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Líneas</translation>
        </message>
        <message>
            <source>Rejected</source>
            <translation>Rechazadas</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Listas</translation>
        </message>
        <message>
            <source>Blocked</source>
            <translation>Bloqueadas</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Quién</translation>
        </message>
        <message>
            <source>Imported files</source>
            <translation>Archivos importados</translation>
        </message>
        <message>
            <source>Search file, report, month…</source>
            <translation>Buscar archivo, reporte, mes…</translation>
        </message>
        <message>
            <source>Add files…</source>
            <translation>Agregar archivos…</translation>
        </message>
        <message>
            <source>Drop the files or folders your system exported here, or anywhere in the window</source>
            <translation>Suelte aquí, o en cualquier parte de la ventana, los archivos o carpetas que exportó su sistema</translation>
        </message>
        <message>
            <source>Enter or a double click shows the file again as it was imported.</source>
            <translation>Enter o doble clic muestra otra vez el archivo como se importó.</translation>
        </message>
        <message>
            <source>Look and import</source>
            <translation>Ver e importar</translation>
        </message>
        <message>
            <source>Imported</source>
            <translation>Importados</translation>
        </message>
        <message>
            <source>Imported ({count})</source>
            <translation>Importados ({count})</translation>
        </message>
        <message>
            <source>The journal's copy of this file cannot be read.</source>
            <translation>No se puede leer la copia de este archivo que guarda la bitácora.</translation>
        </message>
    </context>
    <context>
        <name>Findings</name>
        <message>
            <source>Severity</source>
            <translation>Gravedad</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Línea</translation>
        </message>
        <message>
            <source>Finding</source>
            <translation>Hallazgo</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Hallazgos</translation>
        </message>
        <message>
            <source>Export findings…</source>
            <translation>Exportar hallazgos…</translation>
        </message>
        <message>
            <source>Findings:</source>
            <translation>Hallazgos:</translation>
        </message>
        <message>
            <source>all ({count})</source>
            <translation>todos ({count})</translation>
        </message>
        <message>
            <source>error</source>
            <translation>error</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>advertencia</translation>
        </message>
        <message>
            <source>note</source>
            <translation>nota</translation>
        </message>
    </context>
    <context>
        <name>FirstSteps</name>
        <message>
            <source>Company…</source>
            <translation>Empresa…</translation>
        </message>
        <message>
            <source>Choose an export…</source>
            <translation>Elegir una exportación…</translation>
        </message>
        <message>
            <source>Practise with the included ERP</source>
            <translation>Practicar con el ERP incluido</translation>
        </message>
        <message>
            <source>Connect my ERP…</source>
            <translation>Conectar mi ERP…</translation>
        </message>
        <message>
            <source>Show a sample month</source>
            <translation>Ver un mes de ejemplo</translation>
        </message>
        <message>
            <source>Welcome to Cuadre</source>
            <translation>Bienvenido a Cuadre</translation>
        </message>
        <message>
            <source>1. Say whose books these are</source>
            <translation>1. Diga de quién son estos libros</translation>
        </message>
        <message>
            <source>Name, RFC or NIT and currency; they stand on the working papers.</source>
            <translation>Nombre, RFC o NIT y moneda; van en los papeles de trabajo.</translation>
        </message>
        <message>
            <source>2. Drop the export of your accounting system here</source>
            <translation>2. Arrastre aquí la exportación de su sistema contable</translation>
        </message>
        <message>
            <source>In CONTPAQi: Pólizas, Reporte de pólizas, and save it as TXT or Excel. In World Office, Helisa or Siigo: the report of vouchers or the ledger, to Excel. Nothing is sent anywhere by looking at it.</source>
            <translation>En CONTPAQi: Pólizas, Reporte de pólizas, y guárdelo como TXT o Excel. En World Office, Helisa o Siigo: el informe de comprobantes o el libro auxiliar, a Excel. Por mirarlo no se envía nada a ninguna parte.</translation>
        </message>
        <message>
            <source>3. Say where the month goes</source>
            <translation>3. Diga a dónde va el mes</translation>
        </message>
        <message>
            <source>Your ERP by its API, or the included one, which behaves like it and costs nothing when something goes wrong. Two files can be reconciled without either.</source>
            <translation>A su ERP por su API, o al incluido, que se comporta igual y no cuesta nada si algo sale mal. Dos archivos se concilian sin ninguno de los dos.</translation>
        </message>
    </context>
    <context>
        <name>HelpDialog</name>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
    </context>
    <context>
        <name>IntakePage</name>
        <message>
            <source>Files found</source>
            <translation>Archivos encontrados</translation>
        </message>
        <message>
            <source>Import all</source>
            <translation>Importar todo</translation>
        </message>
        <message>
            <source>Choose folder…</source>
            <translation>Elegir carpeta…</translation>
        </message>
        <message>
            <source>Layout…</source>
            <translation>Formato…</translation>
        </message>
        <message>
            <source>Say yourself what the columns of this table are</source>
            <translation>Indique usted qué son las columnas de esta tabla</translation>
        </message>
        <message>
            <source>Import into the journal</source>
            <translation>Importar a la bitácora</translation>
        </message>
        <message>
            <source>Nothing is written until you press Import.</source>
            <translation>No se escribe nada hasta que presione Importar.</translation>
        </message>
        <message>
            <source>Evidence for report and encoding</source>
            <translation>Evidencia del reporte y de la codificación</translation>
        </message>
        <message>
            <source>Drop exported files or folders here, or choose them</source>
            <translation>Suelte aquí los archivos o carpetas exportados, o elíjalos</translation>
        </message>
        <message>
            <source>Choose files…</source>
            <translation>Elegir archivos…</translation>
        </message>
        <message>
            <source>Import all ({count})</source>
            <translation>Importar todo ({count})</translation>
        </message>
        <message>
            <source>There is no file in it.</source>
            <translation>No contiene ningún archivo.</translation>
        </message>
        <message>
            <source>Choose exported files</source>
            <translation>Elija los archivos exportados</translation>
        </message>
        <message>
            <source>Import</source>
            <translation>Importar</translation>
        </message>
        <message>
            <source>Exports (*.txt *.csv *.xlsx *.xls *.xml *.zip *.ofx *.sta);;All files (*)</source>
            <translation>Exportaciones (*.txt *.csv *.xlsx *.xls *.xml *.zip *.ofx *.sta);;Todos los archivos (*)</translation>
        </message>
        <message>
            <source>Choose a folder of exported files</source>
            <translation>Elija una carpeta con archivos exportados</translation>
        </message>
        <message>
            <source>{value} is not a month; write it as 2026-01.</source>
            <translation>{value} no es un mes; escríbalo como 2026-01.</translation>
        </message>
        <message>
            <source>Reading {file}…</source>
            <translation>Leyendo {file}…</translation>
        </message>
        <message>
            <source>Export findings</source>
            <translation>Exportar hallazgos</translation>
        </message>
        <message>
            <source>{count} findings written to {path}.</source>
            <translation>{count} hallazgos escritos en {path}.</translation>
        </message>
        <message>
            <source>unknown report</source>
            <translation>reporte desconocido</translation>
        </message>
        <message>
            <source>{total} lines = {record} records + {heading} headings + {rejected} rejected</source>
            <translation>{total} líneas = {record} registros + {heading} encabezados + {rejected} rechazadas</translation>
        </message>
        <message>
            <source>{count} vouchers</source>
            <translation>{count} pólizas</translation>
        </message>
        <message>
            <source>{errors} errors, {warnings} warnings</source>
            <translation>{errors} errores, {warnings} advertencias</translation>
        </message>
        <message>
            <source>It is a table of {columns} columns with {data} lines of data. Press “Layout…” and say what each column is.</source>
            <translation>Es una tabla de {columns} columnas con {data} renglones de datos. Pulse «Formato…» y diga qué es cada columna.</translation>
        </message>
        <message>
            <source>No layout knows this table; it is read as it seems: {columns}. Press “Layout…” if that is not so.</source>
            <translation>Ningún formato conoce esta tabla; se lee como parece: {columns}. Pulse «Formato…» si no es así.</translation>
        </message>
        <message>
            <source>Report: {title} fits to {score} %.</source>
            <translation>Reporte: {title} corresponde en {score} %.</translation>
        </message>
        <message>
            <source>The next likeliest, {name}, to {score} %.</source>
            <translation>El siguiente más probable, {name}, en {score} %.</translation>
        </message>
        <message>
            <source>There is no table in this file.</source>
            <translation>En este archivo no hay ninguna tabla.</translation>
        </message>
        <message>
            <source>Why is it read otherwise than it was detected?</source>
            <translation>¿Por qué se lee de otra manera que la detectada?</translation>
        </message>
        <message>
            <source>{whole} of {count} files imported: {ready} vouchers ready, {blocked} blocked.</source>
            <translation>{whole} de {count} archivos importados: {ready} pólizas listas, {blocked} bloqueadas.</translation>
        </message>
        <message>
            <source>Not imported, nothing to read in them: {names}</source>
            <translation>No importados, no hay nada que leer en ellos: {names}</translation>
        </message>
        <message>
            <source>These bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation>Este mismo archivo ya se había importado, como lote {batch}. No se duplicó nada.</translation>
        </message>
        <message>
            <source>The file could not be read to its end. The attempt is in the journal as batch {batch}; nothing of it will be sent.</source>
            <translation>El archivo no se pudo leer hasta el final. El intento quedó en la bitácora como lote {batch}; no se enviará nada de él.</translation>
        </message>
        <message>
            <source>Imported as batch {batch}: {ready} vouchers ready, {blocked} blocked.</source>
            <translation>Importado como lote {batch}: {ready} pólizas listas, {blocked} bloqueadas.</translation>
        </message>
        <message>
            <source>Stopped. Nothing of the file was kept.</source>
            <translation>Detenido. No se conservó nada del archivo.</translation>
        </message>
        <message>
            <source>The file cannot be opened</source>
            <translation>No se puede abrir el archivo</translation>
        </message>
    </context>
    <context>
        <name>KeysDialog</name>
        <message>
            <source>Keys</source>
            <translation>Teclas</translation>
        </message>
        <message>
            <source>Key</source>
            <translation>Tecla</translation>
        </message>
        <message>
            <source>What it does</source>
            <translation>Qué hace</translation>
        </message>
        <message>
            <source>go to a page</source>
            <translation>ir a una página</translation>
        </message>
        <message>
            <source>import files</source>
            <translation>importar archivos</translation>
        </message>
        <message>
            <source>search the journal; lines of the reconciliation</source>
            <translation>buscar en la bitácora; en los renglones de la conciliación</translation>
        </message>
        <message>
            <source>read again</source>
            <translation>leer otra vez</translation>
        </message>
        <message>
            <source>the next line to decide</source>
            <translation>el siguiente renglón por decidir</translation>
        </message>
        <message>
            <source>the one before</source>
            <translation>el anterior</translation>
        </message>
        <message>
            <source>accept what is suggested or selected</source>
            <translation>aceptar lo sugerido o seleccionado</translation>
        </message>
        <message>
            <source>at a line: accept it, or the ticked lines</source>
            <translation>en una línea: aceptarla, o las líneas marcadas</translation>
        </message>
        <message>
            <source>at a line: its other possibility</source>
            <translation>en una línea: su otra posibilidad</translation>
        </message>
        <message>
            <source>at a line: tick it, to add lines up</source>
            <translation>en una línea: marcarla, para sumar varias</translation>
        </message>
        <message>
            <source>at a line: search what is missing between the ticked lines</source>
            <translation>en una línea: buscar lo que falta entre las marcadas</translation>
        </message>
        <message>
            <source>at a line: clear the ticks</source>
            <translation>en una línea: quitar las marcas</translation>
        </message>
        <message>
            <source>at a line: explain it</source>
            <translation>en una línea: explicarla</translation>
        </message>
        <message>
            <source>at a line: propose an adjustment</source>
            <translation>en una línea: proponer un ajuste</translation>
        </message>
        <message>
            <source>both sides in one table, or beside each other</source>
            <translation>ambos lados en una tabla, o lado a lado</translation>
        </message>
        <message>
            <source>print the table</source>
            <translation>imprimir la tabla</translation>
        </message>
        <message>
            <source>take a match apart</source>
            <translation>separar lo conciliado</translation>
        </message>
        <message>
            <source>explain a difference</source>
            <translation>explicar una diferencia</translation>
        </message>
        <message>
            <source>undo</source>
            <translation>deshacer</translation>
        </message>
        <message>
            <source>redo</source>
            <translation>rehacer</translation>
        </message>
        <message>
            <source>copy the selected rows with their headings</source>
            <translation>copiar los renglones seleccionados con sus encabezados</translation>
        </message>
        <message>
            <source>this list</source>
            <translation>esta lista</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
    </context>
    <context>
        <name>LayoutEditor</name>
        <message>
            <source>Layout of {file}</source>
            <translation>Formato de {file}</translation>
        </message>
        <message>
            <source>Try</source>
            <translation>Probar</translation>
        </message>
        <message>
            <source>Say which row is the heading and what each column is, then try.</source>
            <translation>Indique qué fila es el encabezado y qué es cada columna; después pruebe.</translation>
        </message>
        <message>
            <source>First rows of the file</source>
            <translation>Primeras filas del archivo</translation>
        </message>
        <message>
            <source>{movements} movements, debits {debit}, credits {credit}; {rejected} rows could not be read.</source>
            <translation>{movements} movimientos, cargos {debit}, abonos {credit}; {rejected} filas no se pudieron leer.</translation>
        </message>
        <message>
            <source>day/month/year</source>
            <translation>día/mes/año</translation>
        </message>
        <message>
            <source>month/day/year</source>
            <translation>mes/día/año</translation>
        </message>
        <message>
            <source>if they balance</source>
            <translation>si cuadran</translation>
        </message>
        <message>
            <source>always</source>
            <translation>siempre</translation>
        </message>
        <message>
            <source>never</source>
            <translation>nunca</translation>
        </message>
        <message>
            <source>Heading in line:</source>
            <translation>Encabezado en la línea:</translation>
        </message>
        <message>
            <source>Numbers:</source>
            <translation>Números:</translation>
        </message>
        <message>
            <source>Dates:</source>
            <translation>Fechas:</translation>
        </message>
        <message>
            <source>Form vouchers:</source>
            <translation>Formar pólizas:</translation>
        </message>
        <message>
            <source>Rows to leave out:</source>
            <translation>Filas que se omiten:</translation>
        </message>
        <message>
            <source>Name (a-z, 0-9, -):</source>
            <translation>Nombre (a-z, 0-9, -):</translation>
        </message>
        <message>
            <source>Title:</source>
            <translation>Título:</translation>
        </message>
        <message>
            <source>What each column is</source>
            <translation>Qué es cada columna</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Línea</translation>
        </message>
        <message>
            <source>Give it a name with lower-case letters, digits and hyphens.</source>
            <translation>Déle un nombre con minúsculas, dígitos y guiones.</translation>
        </message>
        <message>
            <source>Say which column is the date.</source>
            <translation>Indique qué columna es la fecha.</translation>
        </message>
        <message>
            <source>The rows to leave out are not a regular expression.</source>
            <translation>Las filas que se omiten no son una expresión regular válida.</translation>
        </message>
        <message>
            <source>A chosen heading stands twice in the table; rename one of the two in the file first.</source>
            <translation>Un encabezado elegido aparece dos veces en la tabla; primero cambie el nombre de uno de los dos en el archivo.</translation>
        </message>
        <message>
            <source>A chosen column has no heading in that line, and a layout finds columns by their headings: choose another line, or write a heading in the file first.</source>
            <translation>Una columna elegida no tiene encabezado en ese renglón, y un formato encuentra las columnas por su encabezado: elija otro renglón, o escriba antes un encabezado en el archivo.</translation>
        </message>
        <message>
            <source>Two columns were given the same meaning.</source>
            <translation>Se dio el mismo significado a dos columnas.</translation>
        </message>
        <message>
            <source>Say which columns are debit and credit, or which is the amount.</source>
            <translation>Indique qué columnas son cargo y abono, o cuál es el importe.</translation>
        </message>
        <message>
            <source>date</source>
            <translation>fecha</translation>
        </message>
        <message>
            <source>reference (folio)</source>
            <translation>referencia (folio)</translation>
        </message>
        <message>
            <source>voucher number</source>
            <translation>número de póliza</translation>
        </message>
        <message>
            <source>voucher type</source>
            <translation>tipo de póliza</translation>
        </message>
        <message>
            <source>account</source>
            <translation>cuenta</translation>
        </message>
        <message>
            <source>account name</source>
            <translation>nombre de la cuenta</translation>
        </message>
        <message>
            <source>description</source>
            <translation>concepto</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>cargo (débito)</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>abono (crédito)</translation>
        </message>
        <message>
            <source>amount (signed)</source>
            <translation>importe (con signo)</translation>
        </message>
        <message>
            <source>D or C</source>
            <translation>D o C</translation>
        </message>
        <message>
            <source>balance</source>
            <translation>saldo</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>RFC or NIT</source>
            <translation>RFC o NIT</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>moneda</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identificador</translation>
        </message>
        <message>
            <source>annulled</source>
            <translation>anulado</translation>
        </message>
    </context>
    <context>
        <name>Lines</name>
        <message>
            <source>Left side</source>
            <translation>Lado izquierdo</translation>
        </message>
        <message>
            <source>Right side</source>
            <translation>Lado derecho</translation>
        </message>
        <message>
            <source>Both sides in one table</source>
            <translation>Ambos lados en una tabla</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Izquierda</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Derecha</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>sugerido</translation>
        </message>
        <message>
            <source>different</source>
            <translation>diferente</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>sólo izquierda</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>sólo derecha</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Referencia</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Concepto</translation>
        </message>
        <message>
            <source>{sign} Explained: {why}</source>
            <translation>{sign} Explicada: {why}</translation>
        </message>
    </context>
    <context>
        <name>LogInDialog</name>
        <message>
            <source>Log in to {system}</source>
            <translation>Entrar a {system}</translation>
        </message>
        <message>
            <source>The browser is open: log in there and choose the company. This window waits for its answer.</source>
            <translation>El navegador está abierto: entre allí y elija la empresa. Esta ventana espera su respuesta.</translation>
        </message>
        <message>
            <source>Address of the log-in</source>
            <translation>Dirección para entrar</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>Copiar</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>If it did not open, copy this address into it:</source>
            <translation>Si no se abrió, copie en él esta dirección:</translation>
        </message>
    </context>
    <context>
        <name>LogPage</name>
        <message>
            <source>Search by voucher, file, number, person or text</source>
            <translation>Buscar por póliza, archivo, número, persona o texto</translation>
        </message>
        <message>
            <source>Verify the chain</source>
            <translation>Verificar la cadena</translation>
        </message>
        <message>
            <source>Export…</source>
            <translation>Exportar…</translation>
        </message>
        <message>
            <source>When</source>
            <translation>Cuándo</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Quién</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Qué</translation>
        </message>
        <message>
            <source>About</source>
            <translation>Sobre</translation>
        </message>
        <message>
            <source>Data</source>
            <translation>Datos</translation>
        </message>
        <message>
            <source>Events</source>
            <translation>Eventos</translation>
        </message>
        <message>
            <source>Found</source>
            <translation>Encontrado</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Archivo</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Línea</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Documento</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Texto</translation>
        </message>
        <message>
            <source>movement</source>
            <translation>movimiento</translation>
        </message>
        <message>
            <source>line</source>
            <translation>línea</translation>
        </message>
        <message>
            <source>document</source>
            <translation>documento</translation>
        </message>
        <message>
            <source>event</source>
            <translation>evento</translation>
        </message>
        <message>
            <source>Lines and documents</source>
            <translation>Líneas y documentos</translation>
        </message>
        <message>
            <source>Journal</source>
            <translation>Bitácora</translation>
        </message>
        <message>
            <source>Lines and documents ({count})</source>
            <translation>Líneas y documentos ({count})</translation>
        </message>
        <message>
            <source>Choose a document to see its story.</source>
            <translation>Elija un documento para ver su historia.</translation>
        </message>
        <message>
            <source>✓ {events} events in an unbroken chain; every row has its event.</source>
            <translation>✓ {events} eventos en una cadena íntegra; cada fila tiene su evento.</translation>
        </message>
        <message>
            <source>▲ The journal has been changed. First event that does not fit: {number}. {problems}</source>
            <translation>▲ La bitácora fue alterada. Primer evento que no encaja: {number}. {problems}</translation>
        </message>
        <message>
            <source>Export events</source>
            <translation>Exportar eventos</translation>
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation>{count} eventos escritos en {path}.</translation>
        </message>
    </context>
    <context>
        <name>MainWindow</name>
        <message>
            <source>Home</source>
            <translation>Inicio</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>Archivos</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Enviar</translation>
        </message>
        <message>
            <source>Reconcile</source>
            <translation>Conciliar</translation>
        </message>
        <message>
            <source>Figures</source>
            <translation>Cifras</translation>
        </message>
        <message>
            <source>Journal</source>
            <translation>Bitácora</translation>
        </message>
        <message>
            <source>Settings</source>
            <translation>Ajustes</translation>
        </message>
        <message>
            <source>Import &amp;files…</source>
            <translation>Importar &amp;archivos…</translation>
        </message>
        <message>
            <source>&amp;Recent files</source>
            <translation>Archivos &amp;recientes</translation>
        </message>
        <message>
            <source>&amp;File</source>
            <translation>&amp;Archivo</translation>
        </message>
        <message>
            <source>&amp;Company…</source>
            <translation>&amp;Empresa…</translation>
        </message>
        <message>
            <source>Export the &amp;set-up…</source>
            <translation>Exportar la co&amp;nfiguración…</translation>
        </message>
        <message>
            <source>I&amp;mport a set-up…</source>
            <translation>Im&amp;portar una configuración…</translation>
        </message>
        <message>
            <source>&amp;Export this table…</source>
            <translation>E&amp;xportar esta tabla…</translation>
        </message>
        <message>
            <source>&amp;Print this table…</source>
            <translation>Im&amp;primir esta tabla…</translation>
        </message>
        <message>
            <source>&amp;Quit</source>
            <translation>&amp;Salir</translation>
        </message>
        <message>
            <source>&amp;View</source>
            <translation>&amp;Ver</translation>
        </message>
        <message>
            <source>Read &amp;again</source>
            <translation>&amp;Leer otra vez</translation>
        </message>
        <message>
            <source>&amp;Search the journal</source>
            <translation>&amp;Buscar en la bitácora</translation>
        </message>
        <message>
            <source>&amp;Colours</source>
            <translation>&amp;Colores</translation>
        </message>
        <message>
            <source>As the &amp;system</source>
            <translation>Como el &amp;sistema</translation>
        </message>
        <message>
            <source>&amp;Light</source>
            <translation>&amp;Claros</translation>
        </message>
        <message>
            <source>&amp;Dark</source>
            <translation>&amp;Oscuros</translation>
        </message>
        <message>
            <source>&amp;Language</source>
            <translation>&amp;Idioma</translation>
        </message>
        <message>
            <source>&amp;Help</source>
            <translation>A&amp;yuda</translation>
        </message>
        <message>
            <source>&amp;Keys…</source>
            <translation>&amp;Teclas…</translation>
        </message>
        <message>
            <source>&amp;Support bundle…</source>
            <translation>Paquete de &amp;soporte…</translation>
        </message>
        <message>
            <source>&amp;Look for updates…</source>
            <translation>&amp;Buscar actualizaciones…</translation>
        </message>
        <message>
            <source>none yet</source>
            <translation>ninguno todavía</translation>
        </message>
        <message>
            <source>Work is under way. It stops after its present step; what was done is in the journal. Close now?</source>
            <translation>Hay trabajo en curso. Se detiene al terminar el paso actual; lo hecho queda en la bitácora. ¿Cerrar ahora?</translation>
        </message>
        <message>
            <source>The language changes when the work under way is done.</source>
            <translation>El idioma se podrá cambiar cuando termine el trabajo en curso.</translation>
        </message>
        <message>
            <source>target under 5 min · 24 h</source>
            <translation>meta: menos de 5 min · 24 h</translation>
        </message>
        <message>
            <source>target under 0.1 % · 24 h</source>
            <translation>meta: menos de 0.1 % · 24 h</translation>
        </message>
        <message>
            <source>target 0</source>
            <translation>meta: 0</translation>
        </message>
        <message>
            <source>{wrong} of {ended}</source>
            <translation>{wrong} de {ended}</translation>
        </message>
        <message>
            <source> ({trend} in 1 h)</source>
            <translation> ({trend} en 1 h)</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Latencia de sincronización</translation>
        </message>
        <message>
            <source>Error rate</source>
            <translation>Tasa de error</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Registros huérfanos</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Cola de reintentos</translation>
        </message>
        <message>
            <source>{count} wait for your answer</source>
            <translation>{count} esperan su respuesta</translation>
        </message>
    </context>
    <context>
        <name>MapTabs</name>
        <message>
            <source>Take over what is sure</source>
            <translation>Aceptar lo seguro</translation>
        </message>
        <message>
            <source>Set counterpart…</source>
            <translation>Asignar equivalencia…</translation>
        </message>
        <message>
            <source>Codes without a counterpart</source>
            <translation>Códigos sin equivalencia</translation>
        </message>
        <message>
            <source>Map</source>
            <translation>Equivalencias</translation>
        </message>
        <message>
            <source>Mapped</source>
            <translation>Asignadas</translation>
        </message>
        <message>
            <source>Map ({count})</source>
            <translation>Equivalencias ({count})</translation>
        </message>
        <message>
            <source>Mapped ({count})</source>
            <translation>Asignadas ({count})</translation>
        </message>
        <message>
            <source>{count} suggestions taken over.</source>
            <translation>{count} sugerencias aceptadas.</translation>
        </message>
        <message>
            <source>Select a code of the map.</source>
            <translation>Seleccione un código del mapa.</translation>
        </message>
        <message>
            <source>Reading the target's list…</source>
            <translation>Leyendo la lista del destino…</translation>
        </message>
        <message>
            <source>▲ {count} documents were sent before with another counterpart and stay so there: {first}</source>
            <translation>▲ {count} documentos ya se enviaron con otra equivalencia y allá se quedan así: {first}</translation>
        </message>
    </context>
    <context>
        <name>MappedLinks</name>
        <message>
            <source>Kind</source>
            <translation>Clase</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Lo nuestro</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Nombre</translation>
        </message>
        <message>
            <source>Counterpart</source>
            <translation>Equivalencia</translation>
        </message>
        <message>
            <source>Its name</source>
            <translation>Su nombre</translation>
        </message>
        <message>
            <source>Customer or supplier</source>
            <translation>Cliente o proveedor</translation>
        </message>
        <message>
            <source>Together</source>
            <translation>Juntas</translation>
        </message>
        <message>
            <source>Mapped codes</source>
            <translation>Códigos con equivalencia</translation>
        </message>
        <message>
            <source>Search code or name…</source>
            <translation>Buscar código o nombre…</translation>
        </message>
        <message>
            <source>Change…</source>
            <translation>Cambiar…</translation>
        </message>
        <message>
            <source>Take away</source>
            <translation>Quitar</translation>
        </message>
        <message numerus="yes">
            <source>▲ %n account(s) of the target stand for several of ours</source>
            <translation>
                <numerusform>▲ %n cuenta del destino recibe varias de las nuestras</numerusform>
                <numerusform>▲ %n cuentas del destino reciben varias de las nuestras</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>Pairs</name>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Referencia</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Lo nuestro</translation>
        </message>
        <message>
            <source>Theirs</source>
            <translation>Lo de ellos</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Diferencia</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>Seguridad</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Concepto</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>Por qué</translation>
        </message>
    </context>
    <context>
        <name>Rail</name>
        <message>
            <source>Pages</source>
            <translation>Páginas</translation>
        </message>
        <message>
            <source>{page}, {count} waiting</source>
            <translation>{page}, {count} en espera</translation>
        </message>
    </context>
    <context>
        <name>ReconcilingPage</name>
        <message>
            <source>Reconcile</source>
            <translation>Conciliar</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>Aceptar</translation>
        </message>
        <message>
            <source>Search amount, reference, text…</source>
            <translation>Buscar importe, referencia, texto…</translation>
        </message>
        <message>
            <source>Take apart</source>
            <translation>Separar</translation>
        </message>
        <message>
            <source>Explain…</source>
            <translation>Explicar…</translation>
        </message>
        <message>
            <source>More</source>
            <translation>Más</translation>
        </message>
        <message>
            <source>By account</source>
            <translation>Por cuenta</translation>
        </message>
        <message>
            <source>One table</source>
            <translation>Una tabla</translation>
        </message>
        <message>
            <source>Undo</source>
            <translation>Deshacer</translation>
        </message>
        <message>
            <source>Redo</source>
            <translation>Rehacer</translation>
        </message>
        <message>
            <source>Working paper…</source>
            <translation>Papel de trabajo…</translation>
        </message>
        <message>
            <source>Reconcile this account on its own</source>
            <translation>Conciliar esta cuenta por separado</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>sugerido</translation>
        </message>
        <message>
            <source>different</source>
            <translation>diferente</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>sólo izquierda</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>sólo derecha</translation>
        </message>
        <message>
            <source>everything</source>
            <translation>todo</translation>
        </message>
        <message>
            <source>to decide</source>
            <translation>por decidir</translation>
        </message>
        <message>
            <source>Stopped; what was shown before stays.</source>
            <translation>Se detuvo; queda lo que se veía antes.</translation>
        </message>
        <message>
            <source>That is no longer there.</source>
            <translation>Eso ya no está.</translation>
        </message>
        <message>
            <source>Show:</source>
            <translation>Mostrar:</translation>
        </message>
        <message>
            <source>Choose the books of a connection on the right side first.</source>
            <translation>Elija primero, en el lado derecho, los libros de una conexión.</translation>
        </message>
        <message>
            <source>{lines} ledger lines read.</source>
            <translation>{lines} movimientos leídos.</translation>
        </message>
        <message>
            <source>The target did not hand out its trial balance: {words}</source>
            <translation>El destino no entregó su balanza (balance de prueba): {words}</translation>
        </message>
        <message>
            <source>Enter or a double click shows the lines of an account.</source>
            <translation>Intro o doble clic muestra las líneas de una cuenta.</translation>
        </message>
        <message>
            <source>{account} ✕</source>
            <translation>{account} ✕</translation>
        </message>
        <message>
            <source>Show the lines of all accounts again</source>
            <translation>Volver a mostrar las líneas de todas las cuentas</translation>
        </message>
        <message>
            <source>Matched anew after your decisions, some lines came out otherwise: look at them, then take the step again.</source>
            <translation>Al conciliar de nuevo con sus decisiones, algunos renglones quedaron distintos: revíselos y repita el paso.</translation>
        </message>
        <message>
            <source>Working paper</source>
            <translation>Papel de trabajo</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Escrito en {path}.</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) ticked</source>
            <translation>
                <numerusform>%n línea marcada</numerusform>
                <numerusform>%n líneas marcadas</numerusform>
            </translation>
        </message>
        <message>
            <source>There is nothing to read there yet. Read the target's books first.</source>
            <translation>Ahí todavía no hay nada que leer. Lea primero los libros del destino.</translation>
        </message>
    </context>
    <context>
        <name>RepeatsDialog</name>
        <message>
            <source>Probably sent already</source>
            <translation>Probablemente ya se envió</translation>
        </message>
        <message>
            <source>They are the same: do not send…</source>
            <translation>Son los mismos: no enviar…</translation>
        </message>
        <message>
            <source>They are others: send…</source>
            <translation>Son otros: enviar…</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Ours</source>
            <translation>Lo nuestro</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>En el destino</translation>
        </message>
        <message>
            <source>Sent as</source>
            <translation>Enviado como</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Texto</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Debit</source>
            <translation>Cargo</translation>
        </message>
        <message>
            <source>Credit</source>
            <translation>Abono</translation>
        </message>
        <message>
            <source>{count} documents say what was sent or entered already under another reference ({change}).</source>
            <translation>{count} documentos dicen lo mismo que otros ya enviados o capturados con otra referencia ({change}).</translation>
        </message>
        <message>
            <source>Why are they the same?</source>
            <translation>¿Por qué son los mismos?</translation>
        </message>
        <message>
            <source>Why are they others?</source>
            <translation>¿Por qué son otros?</translation>
        </message>
    </context>
    <context>
        <name>RulesDialog</name>
        <message>
            <source>Rules of the company</source>
            <translation>Reglas de la empresa</translation>
        </message>
        <message>
            <source>Before sending</source>
            <translation>Antes de enviar</translation>
        </message>
        <message>
            <source>People</source>
            <translation>Personas</translation>
        </message>
        <message>
            <source>Alerts</source>
            <translation>Alertas</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>Save…</source>
            <translation>Guardar…</translation>
        </message>
        <message>
            <source>Rules</source>
            <translation>Reglas</translation>
        </message>
        <message>
            <source>Why are the rules changed?</source>
            <translation>¿Por qué se cambian las reglas?</translation>
        </message>
        <message>
            <source>As long as nobody is listed everybody may do everything. Whoever lists the first becomes administrator.</source>
            <translation>Mientras no haya nadie en la lista, todos pueden todo. Quien anote al primero queda como administrador.</translation>
        </message>
        <message>
            <source>Person</source>
            <translation>Persona</translation>
        </message>
        <message>
            <source>May</source>
            <translation>Puede</translation>
        </message>
        <message>
            <source>user or user@machine</source>
            <translation>usuario o usuario@equipo</translation>
        </message>
        <message>
            <source>Say who: the user of the operating system.</source>
            <translation>Diga quién: el usuario del sistema operativo.</translation>
        </message>
        <message>
            <source>Why are the roles changed?</source>
            <translation>¿Por qué se cambian los permisos?</translation>
        </message>
        <message>
            <source>Alerts are shown on this desktop. They also go to these addresses, in the form of the apprise library: mailto://user:password@host, slack://…, msteams://…, tgram://… They are kept by the operating system, never in a file.</source>
            <translation>Las alertas se muestran en este escritorio. También van a estas direcciones, en la forma de la biblioteca apprise: mailto://usuario:contraseña@servidor, slack://…, msteams://…, tgram://… Las guarda el sistema operativo, nunca un archivo.</translation>
        </message>
        <message>
            <source>Addresses</source>
            <translation>Direcciones</translation>
        </message>
        <message>
            <source>New address</source>
            <translation>Dirección nueva</translation>
        </message>
        <message>
            <source>Add</source>
            <translation>Agregar</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>Quitar</translation>
        </message>
        <message>
            <source>Send a test</source>
            <translation>Enviar una prueba</translation>
        </message>
        <message>
            <source>That is not an address alerts can be sent to.</source>
            <translation>A esa dirección no se pueden enviar alertas.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the address was not kept.</source>
            <translation>Este equipo no tiene almacén de secretos: la dirección no se guardó.</translation>
        </message>
        <message>
            <source>{sent} delivered, {failed} failed.</source>
            <translation>{sent} entregadas, {failed} fallidas.</translation>
        </message>
        <message>
            <source>Saved.</source>
            <translation>Guardado.</translation>
        </message>
    </context>
    <context>
        <name>RulesEditor</name>
        <message>
            <source>Rules of matching</source>
            <translation>Reglas de conciliación</translation>
        </message>
        <message>
            <source>Add a fee or withholding</source>
            <translation>Agregar comisión o retención</translation>
        </message>
        <message>
            <source>Try on this month</source>
            <translation>Probar con este mes</translation>
        </message>
        <message>
            <source>Nothing changes before you keep them.</source>
            <translation>Nada cambia antes de que usted las adopte.</translation>
        </message>
        <message>
            <source>Why:</source>
            <translation>Por qué:</translation>
        </message>
        <message>
            <source>Let them hold</source>
            <translation>Que rijan</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>{title}: matched {matched}, suggested {suggested}, to explain {difference}</source>
            <translation>{title}: conciliados {matched}, sugeridos {suggested}, por explicar {difference}</translation>
        </message>
        <message>
            <source>Now</source>
            <translation>Ahora</translation>
        </message>
        <message>
            <source>By these</source>
            <translation>Con éstas</translation>
        </message>
        <message>
            <source>Matched besides</source>
            <translation>Se concilian además</translation>
        </message>
        <message>
            <source>No longer matched</source>
            <translation>Ya no se concilian</translation>
        </message>
        <message>
            <source>Working…</source>
            <translation>Trabajando…</translation>
        </message>
        <message>
            <source>Used</source>
            <translation>Se usa</translation>
        </message>
        <message>
            <source>Rule</source>
            <translation>Regla</translation>
        </message>
        <message>
            <source>By itself</source>
            <translation>Por sí sola</translation>
        </message>
        <message>
            <source>Days</source>
            <translation>Días</translation>
        </message>
        <message>
            <source>Cents apart</source>
            <translation>Centavos</translation>
        </message>
        <message>
            <source>Percent</source>
            <translation>Por ciento</translation>
        </message>
        <message>
            <source>Posted to</source>
            <translation>Se registra en</translation>
        </message>
    </context>
    <context>
        <name>SendingPage</name>
        <message>
            <source>Check before sending</source>
            <translation>Revisar antes de enviar</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>Enviar</translation>
        </message>
        <message>
            <source>Check first: it says everything at once and sends nothing.</source>
            <translation>Revise primero: dice todo de una vez y no envía nada.</translation>
        </message>
        <message>
            <source>What stands in the way</source>
            <translation>Qué lo impide</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Documentos</translation>
        </message>
        <message>
            <source>Which</source>
            <translation>Cuáles</translation>
        </message>
        <message>
            <source>Kind</source>
            <translation>Clase</translation>
        </message>
        <message>
            <source>Source</source>
            <translation>Origen</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Nombre</translation>
        </message>
        <message>
            <source>Uses</source>
            <translation>Usos</translation>
        </message>
        <message>
            <source>Suggestion</source>
            <translation>Sugerencia</translation>
        </message>
        <message>
            <source>Its name</source>
            <translation>Su nombre</translation>
        </message>
        <message>
            <source>Sure</source>
            <translation>Seguridad</translation>
        </message>
        <message>
            <source>Why</source>
            <translation>Por qué</translation>
        </message>
        <message>
            <source>Queue</source>
            <translation>Cola</translation>
        </message>
        <message>
            <source>Obstacles</source>
            <translation>Impedimentos</translation>
        </message>
        <message>
            <source>Queue ({count})</source>
            <translation>Cola ({count})</translation>
        </message>
        <message>
            <source>Add a connection first, on the Connections page.</source>
            <translation>Agregue primero una conexión, en la página Conexiones.</translation>
        </message>
        <message>
            <source>Contacts too</source>
            <translation>También terceros</translation>
        </message>
        <message>
            <source>Customers and suppliers of imported listings, before the vouchers.</source>
            <translation>Clientes y proveedores de los listados importados, antes que las pólizas.</translation>
        </message>
        <message>
            <source>Invoices and payments too</source>
            <translation>También facturas y pagos</translation>
        </message>
        <message>
            <source>Imported CFDI and documents of the DIAN: invoices, credit notes, payments, their customers and suppliers, and the files themselves.</source>
            <translation>Los CFDI y documentos de la DIAN importados: facturas, notas de crédito, pagos, sus clientes y proveedores, y los propios archivos.</translation>
        </message>
        <message>
            <source>Retry now</source>
            <translation>Reintentar ya</translation>
        </message>
        <message>
            <source>Skip…</source>
            <translation>Omitir…</translation>
        </message>
        <message>
            <source>Compare…</source>
            <translation>Comparar…</translation>
        </message>
        <message>
            <source>Story</source>
            <translation>Historia</translation>
        </message>
        <message>
            <source>Let it go…</source>
            <translation>Dejar pasar…</translation>
        </message>
        <message>
            <source>Target:</source>
            <translation>Destino:</translation>
        </message>
        <message>
            <source>Checking…</source>
            <translation>Revisando…</translation>
        </message>
        <message>
            <source>{ready} ready to send, {already} already there, {held} held back.</source>
            <translation>{ready} listas para enviar, {already} ya están en el destino, {held} retenidas.</translation>
        </message>
        <message>
            <source>Obstacles ({count})</source>
            <translation>Impedimentos ({count})</translation>
        </message>
        <message>
            <source>Send {count} documents to {name}?</source>
            <translation>¿Enviar {count} documentos a {name}?</translation>
        </message>
        <message>
            <source>{count} of them are vouchers of {amount} in debits.</source>
            <translation>De ellos, {count} son pólizas con {amount} de cargos.</translation>
        </message>
        <message>
            <source>Sending…</source>
            <translation>Enviando…</translation>
        </message>
        <message>
            <source>Nothing was sent: the map is incomplete. Press Check to see what is missing.</source>
            <translation>No se envió nada: faltan equivalencias. Presione Revisar para ver cuáles.</translation>
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>Confirmadas {confirmed} · ya estaban {already} · rechazadas {rejected} · inciertas {uncertain} · en espera {waiting}</translation>
        </message>
        <message>
            <source>{count} looked up before their first sending, {seconds} s</source>
            <translation>{count} buscados antes de su primer envío, {seconds} s</translation>
        </message>
        <message>
            <source>Select documents of the queue that are not confirmed.</source>
            <translation>Seleccione en la cola documentos que no estén confirmados.</translation>
        </message>
        <message>
            <source>Select documents that wait, were refused or are in conflict.</source>
            <translation>Seleccione documentos en espera, rechazados o en conflicto.</translation>
        </message>
        <message>
            <source>Skip</source>
            <translation>Omitir</translation>
        </message>
        <message>
            <source>Why is it not to be sent?</source>
            <translation>¿Por qué no debe enviarse?</translation>
        </message>
        <message>
            <source>Select a document of the queue.</source>
            <translation>Seleccione un documento de la cola.</translation>
        </message>
        <message>
            <source>Select an obstacle that is about one document.</source>
            <translation>Seleccione un impedimento que trate de un solo documento.</translation>
        </message>
        <message>
            <source>Let it go</source>
            <translation>Dejar pasar</translation>
        </message>
        <message>
            <source>Why may it be sent all the same?</source>
            <translation>¿Por qué puede enviarse de todos modos?</translation>
        </message>
        <message>
            <source>Which file's vouchers count? The others' are not sent.</source>
            <translation>¿Las pólizas de qué archivo valen? Las de los demás no se envían.</translation>
        </message>
        <message>
            <source>Repeated folios</source>
            <translation>Folios repetidos</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Envío</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Documento</translation>
        </message>
        <message>
            <source>Number</source>
            <translation>Número</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Description</source>
            <translation>Concepto</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>Select a file that errors, warnings, repeated folios or a missing approval hold back.</source>
            <translation>Seleccione un archivo detenido por errores, advertencias, folios repetidos o falta de aprobación.</translation>
        </message>
        <message>
            <source>In the target</source>
            <translation>En el destino</translation>
        </message>
        <message>
            <source>Attempts</source>
            <translation>Intentos</translation>
        </message>
        <message>
            <source>Why and when next</source>
            <translation>Por qué y cuándo sigue</translation>
        </message>
        <message>
            <source>Answer</source>
            <translation>Respuesta</translation>
        </message>
    </context>
    <context>
        <name>Session</name>
        <message>
            <source>Secret</source>
            <translation>Clave</translation>
        </message>
        <message>
            <source>Password or API key of {name}:</source>
            <translation>Contraseña o clave de API de {name}:</translation>
        </message>
    </context>
    <context>
        <name>SetupDialog</name>
        <message>
            <source>Import a set-up</source>
            <translation>Importar una configuración</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Qué</translation>
        </message>
        <message>
            <source>Name</source>
            <translation>Nombre</translation>
        </message>
        <message>
            <source>Until now</source>
            <translation>Hasta ahora</translation>
        </message>
        <message>
            <source>From now on</source>
            <translation>De ahora en adelante</translation>
        </message>
        <message>
            <source>Why:</source>
            <translation>Por qué:</translation>
        </message>
        <message>
            <source>Take it over</source>
            <translation>Adoptarla</translation>
        </message>
        <message>
            <source>What is here and not in the file stays as it is.</source>
            <translation>Lo que está aquí y no en el archivo queda como está.</translation>
        </message>
    </context>
    <context>
        <name>Sides</name>
        <message>
            <source>Reconcile</source>
            <translation>Conciliar</translation>
        </message>
        <message>
            <source>Read target's books</source>
            <translation>Leer libros del destino</translation>
        </message>
        <message>
            <source>books of {name}</source>
            <translation>libros de {name}</translation>
        </message>
        <message>
            <source>a file…</source>
            <translation>un archivo…</translation>
        </message>
        <message>
            <source>Left:</source>
            <translation>Izquierda:</translation>
        </message>
        <message>
            <source>Right:</source>
            <translation>Derecha:</translation>
        </message>
        <message>
            <source>Both sides are the same: choose what is to be compared with it.</source>
            <translation>Los dos lados son el mismo: elija con qué se compara.</translation>
        </message>
        <message>
            <source>Choose a side</source>
            <translation>Elija un lado</translation>
        </message>
    </context>
    <context>
        <name>SplitDialog</name>
        <message>
            <source>Split the line</source>
            <translation>Dividir la línea</translation>
        </message>
        <message>
            <source>Amounts of the parts</source>
            <translation>Importes de las partes</translation>
        </message>
        <message>
            <source>{date} · {what} · {amount}</source>
            <translation>{date} · {what} · {amount}</translation>
        </message>
        <message>
            <source>Note:</source>
            <translation>Nota:</translation>
        </message>
        <message>
            <source>Split</source>
            <translation>Dividir</translation>
        </message>
        <message>
            <source>The amounts of the parts, one a line; together they are the line.</source>
            <translation>Los importes de las partes, uno por renglón; juntos suman la línea.</translation>
        </message>
        <message>
            <source>That is not an amount.</source>
            <translation>Eso no es un importe.</translation>
        </message>
        <message>
            <source>Missing: {amount}</source>
            <translation>Falta: {amount}</translation>
        </message>
    </context>
    <context>
        <name>StepDialog</name>
        <message>
            <source>Why, all the same:</source>
            <translation>Por qué, de todos modos:</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>Your name goes into the journal: {actor}</source>
            <translation>Su nombre queda en la bitácora: {actor}</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Izquierda</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Derecha</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Partidas abiertas</translation>
        </message>
        <message>
            <source>{count} lines go into the next month</source>
            <translation>{count} líneas pasan al mes siguiente</translation>
        </message>
        <message>
            <source>To explain</source>
            <translation>Por explicar</translation>
        </message>
        <message>
            <source>Prepared</source>
            <translation>Preparó</translation>
        </message>
        <message>
            <source>Reviewed</source>
            <translation>Revisó</translation>
        </message>
        <message>
            <source>Signed</source>
            <translation>Firmó</translation>
        </message>
        <message>
            <source>{lines} lines, debit {debit}, credit {credit}</source>
            <translation>{lines} líneas, cargos {debit}, abonos {credit}</translation>
        </message>
        <message>
            <source>Not everything is decided or explained. It is signed so only with a reason, which goes onto the paper.</source>
            <translation>No todo está decidido o explicado. Así sólo se firma con un motivo, que va en el papel de trabajo.</translation>
        </message>
        <message>
            <source>You did a step before this one yourself. Another person should sign.</source>
            <translation>Usted mismo dio un paso anterior. Otra persona debería firmar.</translation>
        </message>
        <message>
            <source>The month is signed. Opened again, it has to be prepared, reviewed and signed anew; the journal keeps both.</source>
            <translation>El mes está firmado. Si se reabre, hay que prepararlo, revisarlo y firmarlo de nuevo; la bitácora conserva ambos.</translation>
        </message>
    </context>
    <context>
        <name>StoryDialog</name>
        <message>
            <source>Story of {document}</source>
            <translation>Historia de {document}</translation>
        </message>
        <message>
            <source>When</source>
            <translation>Cuándo</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Quién</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Qué</translation>
        </message>
        <message>
            <source>Facts</source>
            <translation>Datos</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
    </context>
    <context>
        <name>SupportDialog</name>
        <message>
            <source>Support bundle</source>
            <translation>Paquete de soporte</translation>
        </message>
        <message>
            <source>Save as…</source>
            <translation>Guardar como…</translation>
        </message>
        <message>
            <source>This is all that is saved. Nothing is sent anywhere; give the file to whom you want.</source>
            <translation>Esto es todo lo que se guarda. No se envía nada a ninguna parte; dé el archivo a quien usted quiera.</translation>
        </message>
    </context>
    <context>
        <name>SureDialog</name>
        <message>
            <source>Accept what is sure</source>
            <translation>Aceptar lo seguro</translation>
        </message>
        <message>
            <source>Accept them</source>
            <translation>Aceptarlas</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>At least as sure as:</source>
            <translation>Seguridad mínima:</translation>
        </message>
        <message>
            <source>One undo takes all of them back.</source>
            <translation>Un solo «Deshacer» las regresa todas.</translation>
        </message>
        <message>
            <source>{count} suggestions, {amount} in all</source>
            <translation>{count} sugerencias, {amount} en total</translation>
        </message>
    </context>
    <context>
        <name>TableMenu</name>
        <message>
            <source>Export this table</source>
            <translation>Exportar esta tabla</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Escrito en {path}.</translation>
        </message>
        <message>
            <source>There is no table with lines here.</source>
            <translation>Aquí no hay ninguna tabla con líneas.</translation>
        </message>
    </context>
    <context>
        <name>TaskBar</name>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>Stopping…</source>
            <translation>Deteniendo…</translation>
        </message>
        <message>
            <source>{share} % · {seconds} s left</source>
            <translation>{share} % · faltan {seconds} s</translation>
        </message>
        <message>
            <source>{share} % · {rate} MB/s · {seconds} s left</source>
            <translation>{share} % · {rate} MB/s · faltan {seconds} s</translation>
        </message>
        <message>
            <source>Working…</source>
            <translation>Trabajando…</translation>
        </message>
    </context>
    <context>
        <name>VouchersDialog</name>
        <message>
            <source>Adjustments proposed</source>
            <translation>Ajustes propuestos</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contrapartida</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Póliza</translation>
        </message>
        <message>
            <source>Withdraw</source>
            <translation>Retirar</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>Cerrar</translation>
        </message>
        <message>
            <source>One that was sent stays: what is wrong with it is corrected in the target.</source>
            <translation>El que ya se envió se queda: lo que esté mal se corrige en el destino.</translation>
        </message>
    </context>
    <context>
        <name>Workbook</name>
        <message>
            <source>Mark as prepared</source>
            <translation>Marcar preparada</translation>
        </message>
        <message>
            <source>Mark as reviewed</source>
            <translation>Marcar revisada</translation>
        </message>
        <message>
            <source>Sign…</source>
            <translation>Firmar…</translation>
        </message>
        <message>
            <source>Open again…</source>
            <translation>Reabrir…</translation>
        </message>
        <message>
            <source>Selected: left {left} · right {right} · missing {missing}</source>
            <translation>Seleccionado: izquierda {left} · derecha {right} · falta {missing}</translation>
        </message>
        <message>
            <source>matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation>conciliados {matched} · sugeridos {suggested} · diferentes {different} · sólo izquierda {only_left} ({only_left_explained} explicados) · sólo derecha {only_right}</translation>
        </message>
        <message>
            <source>Left {left} · Right {right} · explained {explained} · to explain</source>
            <translation>Izquierda {left} · Derecha {right} · explicado {explained} · por explicar</translation>
        </message>
    </context>
    <context>
        <name>adjustment</name>
        <message>
            <source>Reconciliation {period}: {what}</source>
            <translation>Conciliación {period}: {what}</translation>
        </message>
        <message>
            <source>adjustments {period}.csv</source>
            <translation>ajustes {period}.csv</translation>
        </message>
    </context>
    <context>
        <name>alerts</name>
        <message>
            <source>Documents take too long to reach the target: 95 % within {p95} s, {count} over 5 minutes.</source>
            <translation>Los documentos tardan demasiado en llegar al destino: 95 % en {p95} s, {count} con más de 5 minutos.</translation>
        </message>
        <message>
            <source>{count} documents were refused or differ ({rate}); the target is under 0.1 %.</source>
            <translation>{count} documentos rechazados o con diferencia ({rate}); la meta es menos de 0.1 %.</translation>
        </message>
        <message>
            <source>{count} orphan records: confirmed here and not there, or the other way round.</source>
            <translation>{count} registros huérfanos: confirmados aquí y no allá, o al revés.</translation>
        </message>
        <message>
            <source>{count} documents wait to be sent, the oldest since {since}.</source>
            <translation>{count} documentos esperan envío, el más antiguo desde {since}.</translation>
        </message>
        <message>
            <source>Connection {connection} has not answered since {since}: {words}</source>
            <translation>La conexión {connection} no responde desde {since}: {words}</translation>
        </message>
        <message>
            <source>{count} documents came in several files with different content ({documents}); nothing of them is sent until somebody says which file counts.</source>
            <translation>{count} documentos llegaron en varios archivos con contenido distinto ({documents}); no se envían hasta que alguien diga cuál archivo vale.</translation>
        </message>
        <message>
            <source>{count} documents were probably sent already under another reference ({documents}); they wait until somebody says whether they are the same.</source>
            <translation>{count} documentos probablemente ya se enviaron con otra referencia ({documents}); esperan a que alguien diga si son los mismos.</translation>
        </message>
        <message>
            <source>{count} documents came otherwise than they were sent ({documents}); correct them in the target, then say so.</source>
            <translation>{count} documentos llegaron distintos de como se enviaron ({documents}); corríjalos en el destino y después indíquelo.</translation>
        </message>
        <message>
            <source>The anchors of the journal in {path} were garbled: that nothing before them was changed is no longer proved. Verify the journal, then settle it with a reason.</source>
            <translation>Las anclas de la bitácora en {path} están estropeadas: ya no prueban que nada anterior se cambió. Verifique la bitácora y después resuélvalo con un motivo.</translation>
        </message>
        <message>
            <source>{count} documents stand in {connection} more than once: {documents}. Keep one of each and cancel the others there.</source>
            <translation>{count} documentos están más de una vez en {connection}: {documents}. Conserve uno de cada uno y cancele allá los demás.</translation>
        </message>
        <message>
            <source>The journal is an older one than this machine last saw here. What was sent since is unknown: until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>La bitácora es más antigua que la última que este equipo vio aquí. No se sabe qué se envió después: hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>The journal went another way than this machine last saw here (two copies of it were used). Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>La bitácora siguió otro camino que la última que este equipo vio aquí (se usaron dos copias). Hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>Another journal of this machine was used here, or sends to the same company. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>Otra bitácora de este equipo se usó aquí o envía a la misma empresa. Hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>The journal is a copy of one that still lies elsewhere on this machine; use only one of them. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>La bitácora es copia de otra que sigue en este equipo; use solo una de las dos. Hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>The journal was restored from a copy. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>La bitácora se restauró de una copia. Hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>The journal was saved from damage. Until the books of {connection} are read for {days}, everything is looked up before it is sent and no figure counts.</source>
            <translation>La bitácora se rescató de un daño. Hasta que se lean los libros de {connection} de {days}, todo se busca antes de enviarse y ningún indicador es confiable.</translation>
        </message>
        <message>
            <source>The watched folder {path} cannot be listed since {since}: {words}</source>
            <translation>La carpeta vigilada {path} no se puede listar desde {since}: {words}</translation>
        </message>
        <message>
            <source>{count} files in watched folders are not whole or cannot be read ({files}); nothing of them was imported.</source>
            <translation>{count} archivos en carpetas vigiladas no están completos o no se pueden leer ({files}); nada de ellos se importó.</translation>
        </message>
        <message>
            <source>{count} documents imported before {since} were never sent.</source>
            <translation>{count} documentos importados antes del {since} nunca se enviaron.</translation>
        </message>
        <message>
            <source>The journal lies on a network share ({home}), where SQLite can lose events. Keep it on this machine's own disk, or use a shared journal (PostgreSQL) for several people.</source>
            <translation>La bitácora está en una carpeta de red ({home}), donde SQLite puede perder eventos. Guárdela en el disco de este equipo o use una bitácora compartida (PostgreSQL) para varias personas.</translation>
        </message>
        <message>
            <source>The journal lies in a folder that is synchronised ({home}): an older copy may take its place. Keep it elsewhere on this machine, or use a shared journal (PostgreSQL) for several people.</source>
            <translation>La bitácora está en una carpeta sincronizada ({home}): una copia anterior puede tomar su lugar. Guárdela en otra parte de este equipo o use una bitácora compartida (PostgreSQL) para varias personas.</translation>
        </message>
        <message>
            <source>Cuadre: {count} alerts</source>
            <translation>Cuadre: {count} alertas</translation>
        </message>
        <message>
            <source>Cuadre: a test</source>
            <translation>Cuadre: una prueba</translation>
        </message>
        <message>
            <source>Alerts arrive here.</source>
            <translation>Aquí llegan las alertas.</translation>
        </message>
        <message>
            <source>{count} events were set apart because what they are about cannot be read (cuadre inbox list --state dead).</source>
            <translation>Se apartaron {count} eventos porque no se puede leer aquello de lo que tratan (cuadre inbox list --state dead).</translation>
        </message>
        <message>
            <source>Events have waited to be looked at since {since}: no account that runs “cuadre work” has the connection's secret, or the target does not answer (cuadre inbox list).</source>
            <translation>Hay eventos sin ver desde {since}: ninguna cuenta que corre «cuadre work» tiene el secreto de la conexión, o el destino no responde (cuadre inbox list).</translation>
        </message>
        <message>
            <source>{connection}: {missed} of {count} changes of a day were announced by no webhook; they were found by asking. Look at the subscription there.</source>
            <translation>{connection}: ningún webhook avisó de {missed} de los {count} cambios de un día; se hallaron preguntando. Revise la suscripción allá.</translation>
        </message>
        <message>
            <source>{connection}: what changed cannot be read ({streams}): {words}</source>
            <translation>{connection}: no se puede leer lo que cambió ({streams}): {words}</translation>
        </message>
        <message>
            <source>{connection}: {count} of {of} records seem to be gone at once; nothing was believed. Look whether its user may still see them and the company is the right one.</source>
            <translation>{connection}: {count} de {of} registros parecen haber desaparecido de golpe; no se dio por cierto. Revise si su usuario aún puede verlos y si la empresa es la correcta.</translation>
        </message>
        <message>
            <source>This machine's clock is {seconds} s behind that of {connection}; set it (Windows: w32tm /resync).</source>
            <translation>El reloj de este equipo va {seconds} s atrasado respecto al de {connection}; ajústelo (Windows: w32tm /resync).</translation>
        </message>
        <message>
            <source>This machine's clock is {seconds} s ahead of that of {connection}; set it (Windows: w32tm /resync).</source>
            <translation>El reloj de este equipo va {seconds} s adelantado respecto al de {connection}; ajústelo (Windows: w32tm /resync).</translation>
        </message>
        <message>
            <source>{count} deliveries with a wrong signature came for {connection} within ten minutes: its key was changed there, or somebody tries (cuadre door key).</source>
            <translation>Llegaron {count} entregas con firma equivocada para {connection} en diez minutos: allá cambió la clave, o alguien lo intenta (cuadre door key).</translation>
        </message>
        <message>
            <source>“cuadre work” cannot do {job}: {words}</source>
            <translation>«cuadre work» no puede hacer {job}: {words}</translation>
        </message>
        <message>
            <source>Nothing has been done by itself since {since} although a task is registered: its password may have changed (cuadre schedule test).</source>
            <translation>Nada se ha hecho solo desde {since} aunque hay una tarea registrada: quizá cambió su contraseña (cuadre schedule test).</translation>
        </message>
        <message>
            <source>{names}: {count} contacts wait for a person (cuadre contacts sync).</source>
            <translation>{names}: {count} contactos esperan a una persona (cuadre contacts sync).</translation>
        </message>
        <message>
            <source>{names}: fields of contacts are changed back again and again, or too many are gone; they are left alone (cuadre contacts sync).</source>
            <translation>{names}: hay campos de contactos que se regresan una y otra vez, o demasiados desaparecieron; se dejan como están (cuadre contacts sync).</translation>
        </message>
        <message>
            <source>Close of {period} with {connection}: {differences} reconciliations with differences, {waiting} documents wait.</source>
            <translation>Cierre de {period} con {connection}: {differences} conciliaciones con diferencias, {waiting} documentos en espera.</translation>
        </message>
        <message>
            <source>The close of {period} with {connection} has waited for hours: files are held or still coming, events are open, or the target was not read (cuadre jobs list).</source>
            <translation>El cierre de {period} con {connection} lleva horas esperando: hay archivos retenidos o que aún llegan, eventos abiertos, o no se leyó el destino (cuadre jobs list).</translation>
        </message>
        <message>
            <source>Close of {period} with {connection}: nothing to explain; it can be signed.</source>
            <translation>Cierre de {period} con {connection}: nada por explicar; se puede firmar.</translation>
        </message>
    </context>
    <context>
        <name>argparse</name>
        <message>
            <source>usage: </source>
            <translation>uso: </translation>
        </message>
        <message>
            <source>positional arguments</source>
            <translation>argumentos</translation>
        </message>
        <message>
            <source>options</source>
            <translation>opciones</translation>
        </message>
        <message>
            <source>show this help message and exit</source>
            <translation>muestra esta ayuda y termina</translation>
        </message>
        <message>
            <source>the following arguments are required: %s</source>
            <translation>faltan estos argumentos: %s</translation>
        </message>
        <message>
            <source>unrecognized arguments: %s</source>
            <translation>argumentos desconocidos: %s</translation>
        </message>
        <message>
            <source>%(prog)s: error: %(message)s
</source>
            <translation>%(prog)s: error: %(message)s
</translation>
        </message>
        <message>
            <source>argument %(argument_name)s: %(message)s</source>
            <translation>argumento %(argument_name)s: %(message)s</translation>
        </message>
        <message>
            <source>invalid choice: %(value)r (choose from %(choices)s)</source>
            <translation>opción no válida: %(value)r (elija entre %(choices)s)</translation>
        </message>
        <message>
            <source>invalid %(type)s value: %(value)r</source>
            <translation>valor %(type)s no válido: %(value)r</translation>
        </message>
        <message>
            <source>expected one argument</source>
            <translation>se esperaba un argumento</translation>
        </message>
    </context>
    <context>
        <name>blocked</name>
        <message>
            <source>voucher does not balance</source>
            <translation>póliza descuadrada</translation>
        </message>
        <message>
            <source>voucher without movements</source>
            <translation>póliza sin movimientos</translation>
        </message>
        <message>
            <source>number used twice</source>
            <translation>folio repetido</translation>
        </message>
        <message>
            <source>voucher without number</source>
            <translation>póliza sin folio</translation>
        </message>
        <message>
            <source>a line could not be read</source>
            <translation>una línea no se pudo leer</translation>
        </message>
        <message>
            <source>movement without account</source>
            <translation>movimiento sin cuenta</translation>
        </message>
        <message>
            <source>date outside the period</source>
            <translation>fecha fuera del período</translation>
        </message>
        <message>
            <source>the file is cut</source>
            <translation>el archivo está cortado</translation>
        </message>
        <message>
            <source>neither party is the company</source>
            <translation>ninguna de las partes es la empresa</translation>
        </message>
        <message>
            <source>both parties are the company</source>
            <translation>ambas partes son la empresa</translation>
        </message>
        <message>
            <source>from the authority's test environment</source>
            <translation>del ambiente de pruebas de la autoridad</translation>
        </message>
        <message>
            <source>a draft without the authority's stamp</source>
            <translation>un borrador sin el timbre de la autoridad</translation>
        </message>
        <message>
            <source>without an exchange rate</source>
            <translation>sin tipo de cambio</translation>
        </message>
        <message>
            <source>its day cannot be read</source>
            <translation>su fecha no se puede leer</translation>
        </message>
        <message>
            <source>an amount cannot be read</source>
            <translation>un importe no se puede leer</translation>
        </message>
        <message>
            <source>its amounts do not add up</source>
            <translation>sus importes no cuadran</translation>
        </message>
        <message>
            <source>waiting to be sent</source>
            <translation>en espera de envío</translation>
        </message>
        <message>
            <source>being sent</source>
            <translation>en envío</translation>
        </message>
        <message>
            <source>sent without an answer</source>
            <translation>enviada sin respuesta</translation>
        </message>
        <message>
            <source>refused by the target</source>
            <translation>rechazada por el destino</translation>
        </message>
        <message>
            <source>differs in the target</source>
            <translation>difiere en el destino</translation>
        </message>
        <message>
            <source>skipped by a person</source>
            <translation>omitido por una persona</translation>
        </message>
    </context>
    <context>
        <name>cli</name>
        <message>
            <source>Interrupted. What was done is in the journal; run the same command again to go on.</source>
            <translation>Interrumpido. Lo hecho está en la bitácora; repita el mismo comando para continuar.</translation>
        </message>
        <message>
            <source>Unexpected error: {error}. A report without secrets was written to {path}.</source>
            <translation>Error inesperado: {error}. Se escribió un informe, sin claves, en {path}.</translation>
        </message>
        <message>
            <source>There is nothing called {side}. Use a file, batch:ID or pull:NAME (after a pull).</source>
            <translation>No existe {side}. Use un archivo, batch:ID o pull:NOMBRE (después de un pull).</translation>
        </message>
        <message>
            <source>The report cannot be written to {path} ({reason}). Is it open in Excel?</source>
            <translation>No se puede escribir el papel de trabajo en {path} ({reason}). ¿Está abierto en Excel?</translation>
        </message>
        <message>
            <source>{name}: {lines} lines, debits {debit}, credits {credit}, net {total}</source>
            <translation>{name}: {lines} líneas, cargos {debit}, abonos {credit}, neto {total}</translation>
        </message>
        <message>
            <source>Matched {matched} · suggested {suggested} · different {different} · only left {only_left} ({only_left_explained} explained) · only right {only_right}</source>
            <translation>Conciliados {matched} · sugeridos {suggested} · diferentes {different} · sólo izquierda {only_left} ({only_left_explained} explicados) · sólo derecha {only_right}</translation>
        </message>
        <message>
            <source>PROOF (debit positive)</source>
            <translation>CUADRE (cargo positivo)</translation>
        </message>
        <message numerus="yes">
            <source>… and %n more</source>
            <translation>
                <numerusform>… y %n más</numerusform>
                <numerusform>… y %n más</numerusform>
            </translation>
        </message>
        <message>
            <source>Rules {name}, version {version}, hold from now on.</source>
            <translation>Desde ahora valen las reglas {name}, versión {version}.</translation>
        </message>
        <message>
            <source>By the rules that hold</source>
            <translation>Con las reglas vigentes</translation>
        </message>
        <message>
            <source>By these</source>
            <translation>Con éstas</translation>
        </message>
        <message>
            <source>{title}: matched {matched} · suggested {suggested} · different {different} · only left {only_left} · only right {only_right} · to explain {difference}</source>
            <translation>{title}: conciliados {matched} · sugeridos {suggested} · distintos {different} · sólo a la izquierda {only_left} · sólo a la derecha {only_right} · por explicar {difference}</translation>
        </message>
        <message>
            <source>Matched by these only</source>
            <translation>Sólo con éstas se concilian</translation>
        </message>
        <message>
            <source>No longer matched</source>
            <translation>Ya no se concilian</translation>
        </message>
        <message numerus="yes">
            <source>%n adjustment(s) proposed as batch:{batch}; cuadre push {connection} sends them.</source>
            <translation>
                <numerusform>%n ajuste propuesto como batch:{batch}; cuadre push {connection} lo envía.</numerusform>
                <numerusform>%n ajustes propuestos como batch:{batch}; cuadre push {connection} los envía.</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>▲ %n difference(s) without an account to be posted to; give --contra or name it in the rule.</source>
            <translation>
                <numerusform>▲ %n diferencia sin cuenta a la cual llevarla; indique --contra o nómbrela en la regla.</numerusform>
                <numerusform>▲ %n diferencias sin cuenta a la cual llevarlas; indique --contra o nómbrela en la regla.</numerusform>
            </translation>
        </message>
        <message>
            <source>What is added opens the reconciliation again: prepare it first (--advance prepared).</source>
            <translation>Lo que se agrega vuelve a abrir la conciliación: prepárela primero (--advance prepared).</translation>
        </message>
        <message>
            <source>{path}: rule {place}: {what} cannot be understood.</source>
            <translation>{path}: regla {place}: no se entiende {what}.</translation>
        </message>
        <message>
            <source>{path} is kept as evidence.</source>
            <translation>{path} queda guardado como evidencia.</translation>
        </message>
        <message>
            <source>Adjustments go to the target whose books are a side: pull:NAME.</source>
            <translation>Los ajustes van al destino cuyos libros son un lado: pull:NOMBRE.</translation>
        </message>
        <message>
            <source>The rules let nothing differ: there is nothing to adjust.</source>
            <translation>Las reglas no dejan diferencias: no hay nada que ajustar.</translation>
        </message>
        <message>
            <source>{path} cannot be written ({reason}).</source>
            <translation>No se puede escribir {path} ({reason}).</translation>
        </message>
        <message>
            <source>Explained: {why}, {amount}</source>
            <translation>Explicado: {why}, {amount}</translation>
        </message>
        <message>
            <source>It was signed, but would no longer come out as it was signed.</source>
            <translation>Está firmada, pero ya no resultaría como se firmó.</translation>
        </message>
        <message>
            <source>State: {state}</source>
            <translation>Estado: {state}</translation>
        </message>
        <message>
            <source>Difference to explain: {amount}</source>
            <translation>Diferencia por explicar: {amount}</translation>
        </message>
        <message>
            <source>The accounts differ by {amount} in all, though the net is zero.</source>
            <translation>Las cuentas difieren en {amount} en total, aunque el neto es cero.</translation>
        </message>
        <message>
            <source>Some lines name no currency and pair with none that does. Say what the books are in: cuadre company --currency.</source>
            <translation>Algunas líneas no nombran moneda y no se cruzan con las que sí. Indique en qué moneda están los libros: cuadre company --currency.</translation>
        </message>
        <message>
            <source>{name}: {lines} lines</source>
            <translation>{name}: {lines} líneas</translation>
        </message>
        <message>
            <source>  {currency}: debits {debit}, credits {credit}</source>
            <translation>  {currency}: cargos {debit}, abonos {credit}</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Opening</source>
            <translation>Saldo inicial</translation>
        </message>
        <message>
            <source>Movements left</source>
            <translation>Movimientos izq.</translation>
        </message>
        <message>
            <source>Closing left</source>
            <translation>Saldo final izq.</translation>
        </message>
        <message>
            <source>Explained</source>
            <translation>Explicado</translation>
        </message>
        <message>
            <source>Movements right</source>
            <translation>Movimientos der.</translation>
        </message>
        <message>
            <source>Closing right</source>
            <translation>Saldo final der.</translation>
        </message>
        <message>
            <source>Unexplained</source>
            <translation>Sin explicar</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Partidas abiertas</translation>
        </message>
        <message>
            <source>… and {count} more accounts without a difference to explain</source>
            <translation>… y {count} cuentas más sin diferencia por explicar</translation>
        </message>
        <message>
            <source>… and {count} more accounts; see the report</source>
            <translation>… y {count} cuentas más; vea el papel de trabajo</translation>
        </message>
        <message>
            <source>OURS</source>
            <translation>LO NUESTRO</translation>
        </message>
        <message>
            <source>IN THE TARGET: {number} ({state})</source>
            <translation>EN EL DESTINO: {number} ({state})</translation>
        </message>
        <message>
            <source>the same</source>
            <translation>lo mismo</translation>
        </message>
        <message>
            <source>The target has no such document.</source>
            <translation>El destino no tiene ese documento.</translation>
        </message>
        <message>
            <source>THE NEWEST FILE DIFFERS FROM WHAT WAS SENT</source>
            <translation>EL ARCHIVO MÁS NUEVO DIFIERE DE LO ENVIADO</translation>
        </message>
        <message>
            <source>{document} goes again at the next sending.</source>
            <translation>{document} vuelve a salir en el próximo envío.</translation>
        </message>
        <message>
            <source>{document} is skipped: {reason}</source>
            <translation>{document} se omite: {reason}</translation>
        </message>
        <message>
            <source>{document} is {number} in the target.</source>
            <translation>{document} es {number} en el destino.</translation>
        </message>
        <message>
            <source>{document}: {number} in the target says what the newest file says.</source>
            <translation>{document}: {number} en el destino dice lo del archivo más reciente.</translation>
        </message>
        <message>
            <source>The journal knows no {subject}.</source>
            <translation>La bitácora no conoce {subject}.</translation>
        </message>
        <message>
            <source>{file}: let go.</source>
            <translation>{file}: visto bueno registrado.</translation>
        </message>
        <message>
            <source>Nobody was given a role: everybody may do everything.</source>
            <translation>Nadie tiene permisos asignados: todos pueden todo.</translation>
        </message>
        <message>
            <source>No alert.</source>
            <translation>Sin alertas.</translation>
        </message>
        <message>
            <source>Alerts go to the window only.</source>
            <translation>Las alertas solo van a la ventana.</translation>
        </message>
        <message>
            <source>Address of the alerts (mailto://…, slack://…, msteams://…, tgram://…): </source>
            <translation>Dirección de las alertas (mailto://…, slack://…, msteams://…, tgram://…): </translation>
        </message>
        <message>
            <source>That is not an address alerts can be sent to; see the help page on alerts.</source>
            <translation>A esa dirección no se pueden enviar alertas; vea la página de ayuda sobre alertas.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the address was not kept.</source>
            <translation>Este equipo no tiene almacén de secretos: la dirección no se guardó.</translation>
        </message>
        <message>
            <source>{sent} delivered, {failed} failed.</source>
            <translation>{sent} entregadas, {failed} fallidas.</translation>
        </message>
        <message>
            <source>Own tax ids</source>
            <translation>RFC o NIT propios</translation>
        </message>
        <message>
            <source>The lines of {file} are in the archive {archive}.</source>
            <translation>Las líneas de {file} están en el archivo histórico {archive}.</translation>
        </message>
        <message>
            <source>{path} holds no anchor of a journal.</source>
            <translation>{path} no contiene ningún ancla de una bitácora.</translation>
        </message>
        <message>
            <source>An authority saw the journal at event {sequence} on {at}.</source>
            <translation>Una autoridad vio la bitácora en el evento {sequence} el {at}.</translation>
        </message>
        <message>
            <source>The journal holds together: {events} events in an unbroken chain, and every row of it has its event.</source>
            <translation>La bitácora es coherente: {events} eventos en una cadena sin roturas, y cada fila tiene su evento.</translation>
        </message>
        <message>
            <source>Nothing before the anchor given is missing or changed.</source>
            <translation>Nada anterior al ancla indicada falta ni se cambió.</translation>
        </message>
        <message>
            <source>Whether its end was cut off together with the anchors beside it, only an anchor kept elsewhere can show (journal anchor, journal verify --anchor).</source>
            <translation>Si se cortó su final junto con las anclas que están a su lado, sólo lo muestra un ancla guardada en otra parte (journal anchor, journal verify --anchor).</translation>
        </message>
        <message>
            <source>THE JOURNAL HAS BEEN CHANGED.</source>
            <translation>LA BITÁCORA FUE ALTERADA.</translation>
        </message>
        <message>
            <source>Settled: {reason}</source>
            <translation>Resuelto: {reason}</translation>
        </message>
        <message>
            <source>The garbled file lies in {path} now.</source>
            <translation>El archivo estropeado quedó en {path}.</translation>
        </message>
        <message>
            <source>Built anew; what differed: {tables}.</source>
            <translation>Reconstruido; lo que difería: {tables}.</translation>
        </message>
        <message>
            <source>Built anew; nothing differed.</source>
            <translation>Reconstruido; nada difería.</translation>
        </message>
        <message>
            <source>First event that does not fit: {number}</source>
            <translation>Primer evento que no encaja: {number}</translation>
        </message>
        <message>
            <source>The journal holds no event yet.</source>
            <translation>La bitácora aún no tiene ningún evento.</translation>
        </message>
        <message>
            <source>Event {sequence}, hash {hash}, {at}. Keep it where nobody who writes the journal can change it.</source>
            <translation>Evento {sequence}, huella {hash}, {at}. Guárdela donde no pueda cambiarla nadie que escriba en la bitácora.</translation>
        </message>
        <message>
            <source>The ending of {path} says no format; use one of {known}.</source>
            <translation>La extensión de {path} no indica un formato; use una de {known}.</translation>
        </message>
        <message>
            <source>{count} events written to {path}.</source>
            <translation>{count} eventos escritos en {path}.</translation>
        </message>
        <message>
            <source>A shared journal is backed up with PostgreSQL's own tools (pg_dump).</source>
            <translation>Una bitácora compartida se respalda con las herramientas de PostgreSQL (pg_dump).</translation>
        </message>
        <message>
            <source>{events} events copied to {path} and proven.</source>
            <translation>{events} eventos copiados a {path} y comprobados.</translation>
        </message>
        <message>
            <source>{events} events restored. The journal there was is kept as {path}.</source>
            <translation>{events} eventos restaurados. La bitácora anterior se conserva como {path}.</translation>
        </message>
        <message>
            <source>{rows} rows saved. The damaged file is kept as {path}.</source>
            <translation>{rows} renglones salvados. El archivo dañado se conserva como {path}.</translation>
        </message>
        <message>
            <source>Not read to the end: {tables}.</source>
            <translation>No se leyó hasta el final: {tables}.</translation>
        </message>
        <message>
            <source>The journal is whole again.</source>
            <translation>La bitácora está completa de nuevo.</translation>
        </message>
        <message>
            <source>Restore a backup if there is one (journal restore); else import again the files that are missing.</source>
            <translation>Restaure un respaldo si lo hay (journal restore); si no, importe de nuevo los archivos que falten.</translation>
        </message>
        <message>
            <source>The copy is not whole (first event that does not fit: {number}). Nothing was changed.</source>
            <translation>La copia no está íntegra (primer evento que no encaja: {number}). No se cambió nada.</translation>
        </message>
        <message>
            <source>{count} findings written to {path}.</source>
            <translation>{count} hallazgos escritos en {path}.</translation>
        </message>
        <message>
            <source>{path} exists already; name a new archive.</source>
            <translation>{path} ya existe; dé otro nombre al archivo histórico.</translation>
        </message>
        <message>
            <source>{name} could not be proven in the archive. Nothing was removed.</source>
            <translation>{name} no se pudo comprobar en el archivo histórico. No se quitó nada.</translation>
        </message>
        <message>
            <source>{count} files moved to {path}, {size} bytes freed; their events, documents and digests stay.</source>
            <translation>{count} archivos pasaron a {path}, {size} bytes liberados; sus eventos, documentos y huellas se quedan.</translation>
        </message>
        <message>
            <source>{count} files stay: some document of theirs is neither confirmed nor skipped.</source>
            <translation>{count} archivos se quedan: algún documento suyo no está ni confirmado ni omitido.</translation>
        </message>
        <message>
            <source>There may be more; say more words, or raise --limit.</source>
            <translation>Puede haber más; escriba más palabras o suba --limit.</translation>
        </message>
        <message>
            <source>Nothing found.</source>
            <translation>No se encontró nada.</translation>
        </message>
        <message>
            <source>This data home belongs to company {code}; use another --home for another company.</source>
            <translation>Esta carpeta de datos es de la empresa {code}; use otra --home para otra empresa.</translation>
        </message>
        <message>
            <source>There is no file in {path}.</source>
            <translation>No hay ningún archivo en {path}.</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Hallazgos</translation>
        </message>
        <message>
            <source>not recognised</source>
            <translation>no reconocido</translation>
        </message>
        <message>
            <source>Not imported, nothing to read in them: {names}</source>
            <translation>No importados, no hay nada que leer en ellos: {names}</translation>
        </message>
        <message>
            <source>Batch</source>
            <translation>Lote</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Records</source>
            <translation>Registros</translation>
        </message>
        <message>
            <source>Ready</source>
            <translation>Listas</translation>
        </message>
        <message>
            <source>Blocked</source>
            <translation>Bloqueadas</translation>
        </message>
        <message>
            <source>Errors</source>
            <translation>Errores</translation>
        </message>
        <message>
            <source>imported before</source>
            <translation>ya importado</translation>
        </message>
        <message>
            <source>a real file</source>
            <translation>un archivo real</translation>
        </message>
        <message>
            <source>the vendor's document or the standard</source>
            <translation>el documento del fabricante o la norma</translation>
        </message>
        <message>
            <source>public programs that write or read it</source>
            <translation>programas públicos que lo escriben o lo leen</translation>
        </message>
        <message>
            <source>what is likely; have a look at what is read</source>
            <translation>lo que es probable; revise lo que se lee</translation>
        </message>
        <message>
            <source>ERROR</source>
            <translation>ERROR</translation>
        </message>
        <message>
            <source>warning</source>
            <translation>advertencia</translation>
        </message>
        <message>
            <source>note</source>
            <translation>nota</translation>
        </message>
        <message>
            <source>line {line}</source>
            <translation>línea {line}</translation>
        </message>
        <message>
            <source>… and {count} more: {kind}</source>
            <translation>… y {count} más: {kind}</translation>
        </message>
        <message>
            <source>{file}: the same bytes were imported before, as batch {batch}. Nothing was doubled.</source>
            <translation>{file}: este mismo archivo ya se había importado, como lote {batch}. No se duplicó nada.</translation>
        </message>
        <message>
            <source>complete</source>
            <translation>completo</translation>
        </message>
        <message>
            <source>INCOMPLETE</source>
            <translation>INCOMPLETO</translation>
        </message>
        <message>
            <source>NOT READ</source>
            <translation>NO LEÍDO</translation>
        </message>
        <message>
            <source>{file}: batch {batch}, {state}</source>
            <translation>{file}: lote {batch}, {state}</translation>
        </message>
        <message>
            <source>Lines {total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation>Líneas {total} = registros {record} + encabezados {heading} + rechazadas {rejected}</translation>
        </message>
        <message>
            <source>Vouchers ready {ready}, blocked {blocked}</source>
            <translation>Pólizas listas {ready}, bloqueadas {blocked}</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Archivo</translation>
        </message>
        <message>
            <source>Container</source>
            <translation>Contenedor</translation>
        </message>
        <message>
            <source>Encoding</source>
            <translation>Codificación</translation>
        </message>
        <message>
            <source>Delimiter</source>
            <translation>Separador</translation>
        </message>
        <message>
            <source>Heading in line</source>
            <translation>Encabezado en la línea</translation>
        </message>
        <message>
            <source>Report</source>
            <translation>Reporte</translation>
        </message>
        <message>
            <source>Runner-up</source>
            <translation>Segunda opción</translation>
        </message>
        <message>
            <source>Company</source>
            <translation>Empresa</translation>
        </message>
        <message>
            <source>Period</source>
            <translation>Período</translation>
        </message>
        <message>
            <source>{total} = records {record} + headings {heading} + rejected {rejected}</source>
            <translation>{total} = registros {record} + encabezados {heading} + rechazadas {rejected}</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Líneas</translation>
        </message>
        <message>
            <source>▲ {count} came in another file with different content ({documents}). Nothing of them is sent until you say which file counts (cuadre approve FILE --what folios), or import one of them with --source.</source>
            <translation>▲ {count} llegaron en otro archivo con contenido distinto ({documents}). No se envían hasta que diga cuál archivo vale (cuadre approve ARCHIVO --what folios), o importe uno de ellos con --source.</translation>
        </message>
        <message>
            <source>Vouchers</source>
            <translation>Pólizas</translation>
        </message>
        <message>
            <source>Movements</source>
            <translation>Movimientos</translation>
        </message>
        <message>
            <source>The layout stands on</source>
            <translation>El formato se apoya en</translation>
        </message>
        <message>
            <source>Debits / credits</source>
            <translation>Cargos / abonos</translation>
        </message>
        <message>
            <source>Headings not used</source>
            <translation>Encabezados sin usar</translation>
        </message>
        <message>
            <source>{value} is not a month; write it as 2026-01.</source>
            <translation>{value} no es un mes; escríbalo como 2026-01.</translation>
        </message>
        <message>
            <source>{path} is a folder; give one file.</source>
            <translation>{path} es una carpeta; indique un archivo.</translation>
        </message>
        <message>
            <source>There is no file {path}.</source>
            <translation>No existe el archivo {path}.</translation>
        </message>
        <message>
            <source>Accounting exports into modern ERPs: journaled, sent exactly once, reconciled.</source>
            <translation>Exportaciones contables hacia ERP modernos: en bitácora, enviadas una sola vez, conciliadas.</translation>
        </message>
        <message>
            <source>say which version this is</source>
            <translation>dice qué versión es</translation>
        </message>
        <message>
            <source>COMMAND</source>
            <translation>COMANDO</translation>
        </message>
        <message>
            <source>open the window</source>
            <translation>abre la ventana</translation>
        </message>
        <message>
            <source>say what a file is and what is in it</source>
            <translation>dice qué es un archivo y qué contiene</translation>
        </message>
        <message>
            <source>journal a file, line by line</source>
            <translation>registra un archivo en la bitácora, línea por línea</translation>
        </message>
        <message>
            <source>short code of the company</source>
            <translation>clave corta de la empresa</translation>
        </message>
        <message>
            <source>FILE</source>
            <translation>ARCHIVO</translation>
        </message>
        <message>
            <source>read it by this profile</source>
            <translation>leerlo con este perfil</translation>
        </message>
        <message>
            <source>read it in this encoding</source>
            <translation>leerlo con esta codificación</translation>
        </message>
        <message>
            <source>every date must lie in it</source>
            <translation>toda fecha debe caer en él</translation>
        </message>
        <message>
            <source>the systems to send to</source>
            <translation>los sistemas de destino</translation>
        </message>
        <message>
            <source>keep a connection</source>
            <translation>guarda una conexión</translation>
        </message>
        <message>
            <source>NAME</source>
            <translation>NOMBRE</translation>
        </message>
        <message>
            <source>say what Cuadre reads in a file, without a journal</source>
            <translation>decir qué lee Cuadre en un archivo, sin diario</translation>
        </message>
        <message>
            <source>write the records to a file</source>
            <translation>escribir los registros en un archivo</translation>
        </message>
        <message>
            <source>why encoding, profile or signs are overridden</source>
            <translation>por qué se cambia la codificación, el reporte o los signos</translation>
        </message>
        <message>
            <source>invoices, notes, payments and payroll of files</source>
            <translation>facturas, notas, pagos y nómina de archivos</translation>
        </message>
        <message>
            <source>what documents files hold, as they would be sent</source>
            <translation>qué documentos hay en los archivos, como se enviarían</translation>
        </message>
        <message>
            <source>an XML, a folder of them, or a zip</source>
            <translation>un XML, una carpeta de ellos o un zip</translation>
        </message>
        <message>
            <source>PATH</source>
            <translation>RUTA</translation>
        </message>
        <message>
            <source>the company's own tax id; without it the company's settings</source>
            <translation>RFC o NIT propio; sin él, los de la empresa</translation>
        </message>
        <message>
            <source>journaled documents, and how far each is</source>
            <translation>los documentos en la bitácora y en qué va cada uno</translation>
        </message>
        <message>
            <source>only of this month</source>
            <translation>solo de este mes</translation>
        </message>
        <message>
            <source>one document: lines, taxes, relations, files, state</source>
            <translation>un documento: partidas, impuestos, relaciones, archivos, estado</translation>
        </message>
        <message>
            <source>a month's documents against the books of a target</source>
            <translation>los documentos de un mes contra los libros de un destino</translation>
        </message>
        <message>
            <source>write all of it to a sheet</source>
            <translation>escribirlo todo en una hoja</translation>
        </message>
        <message>
            <source>its number, identifier or reference</source>
            <translation>su número, identificador o referencia</translation>
        </message>
        <message>
            <source>DOCUMENT</source>
            <translation>DOCUMENTO</translation>
        </message>
        <message>
            <source>files and folders to look at</source>
            <translation>archivos y carpetas que se van a ver</translation>
        </message>
        <message>
            <source>exported files, folders of them, zips, or patterns such as *.csv</source>
            <translation>archivos exportados, carpetas, zip, o patrones como *.csv</translation>
        </message>
        <message>
            <source>decimal mark of a table</source>
            <translation>signo decimal de una tabla</translation>
        </message>
        <message>
            <source>how a table writes dates</source>
            <translation>cómo escribe las fechas una tabla</translation>
        </message>
        <message>
            <source>BRANCH</source>
            <translation>SUCURSAL</translation>
        </message>
        <message>
            <source>whose debit and credit a table's columns are</source>
            <translation>de quién son el cargo y el abono de una tabla: de la empresa (books) o del banco (bank)</translation>
        </message>
        <message>
            <source>the company's own tax id: it decides the side; may be repeated; import keeps it</source>
            <translation>el RFC o NIT de la propia empresa: decide el lado; se puede repetir; import lo conserva</translation>
        </message>
        <message>
            <source>the report layouts, and new ones</source>
            <translation>los formatos de reporte, y otros nuevos</translation>
        </message>
        <message>
            <source>list the layouts there are</source>
            <translation>lista los formatos que hay</translation>
        </message>
        <message>
            <source>write a layout for a table</source>
            <translation>escribe un formato para una tabla</translation>
        </message>
        <message>
            <source>line of the heading</source>
            <translation>línea del encabezado</translation>
        </message>
        <message>
            <source>ROLE=HEADING</source>
            <translation>PAPEL=ENCABEZADO</translation>
        </message>
        <message>
            <source>which column is what; may be repeated</source>
            <translation>qué es cada columna; se puede repetir</translation>
        </message>
        <message>
            <source>the decimal mark</source>
            <translation>el signo decimal</translation>
        </message>
        <message>
            <source>order of dates</source>
            <translation>orden de las fechas</translation>
        </message>
        <message>
            <source>rows to leave out</source>
            <translation>filas que se omiten</translation>
        </message>
        <message>
            <source>where to write it</source>
            <translation>dónde escribirlo</translation>
        </message>
        <message>
            <source>show what a layout makes of a file</source>
            <translation>muestra qué lee un formato de un archivo</translation>
        </message>
        <message>
            <source>NAME|F.toml</source>
            <translation>NOMBRE|F.toml</translation>
        </message>
        <message>
            <source>the vendor's own where there is one</source>
            <translation>la del proveedor, si tiene una sola</translation>
        </message>
        <message>
            <source>REASON</source>
            <translation>MOTIVO</translation>
        </message>
        <message>
            <source>why an address that is not encrypted may be used</source>
            <translation>por qué se puede usar una dirección sin cifrar</translation>
        </message>
        <message>
            <source>calls allowed per minute</source>
            <translation>llamadas permitidas por minuto</translation>
        </message>
        <message>
            <source>calls allowed per day</source>
            <translation>llamadas permitidas por día</translation>
        </message>
        <message>
            <source>NAME=VALUE</source>
            <translation>NOMBRE=VALOR</translation>
        </message>
        <message>
            <source>of this system only: {known}</source>
            <translation>propias de cada sistema: {known}</translation>
        </message>
        <message>
            <source>log in through the browser (Sage, Xero, Zoho)</source>
            <translation>entrar con el navegador (Sage, Xero, Zoho)</translation>
        </message>
        <message>
            <source>show the server's certificate, and trust it</source>
            <translation>muestra el certificado del servidor, y confía en él</translation>
        </message>
        <message>
            <source>trust exactly this one from now on</source>
            <translation>confiar exactamente en este de aquí en adelante</translation>
        </message>
        <message>
            <source>list the connections</source>
            <translation>lista las conexiones</translation>
        </message>
        <message>
            <source>take away a connection that was never used</source>
            <translation>quitar una conexión que nunca se usó</translation>
        </message>
        <message>
            <source>log in and say who and where</source>
            <translation>inicia sesión y dice quién y dónde</translation>
        </message>
        <message>
            <source>whose account is whose</source>
            <translation>equivalencias de cuentas, diarios y terceros</translation>
        </message>
        <message>
            <source>what is not mapped, with suggestions</source>
            <translation>qué no tiene equivalencia, con sugerencias</translation>
        </message>
        <message>
            <source>take over every suggestion</source>
            <translation>acepta todas las sugerencias</translation>
        </message>
        <message>
            <source>what invoices and payments ask for, too</source>
            <translation>también lo que piden facturas y pagos</translation>
        </message>
        <message>
            <source>set one link</source>
            <translation>asigna una equivalencia</translation>
        </message>
        <message>
            <source>SOURCE</source>
            <translation>ORIGEN</translation>
        </message>
        <message>
            <source>TARGET</source>
            <translation>DESTINO</translation>
        </message>
        <message>
            <source>take one link away</source>
            <translation>quitar una equivalencia</translation>
        </message>
        <message>
            <source>read a map from CSV or xlsx</source>
            <translation>lee equivalencias de CSV o xlsx</translation>
        </message>
        <message>
            <source>write the map to CSV or xlsx</source>
            <translation>escribe las equivalencias en CSV o xlsx</translation>
        </message>
        <message>
            <source>send what is ready, each document once</source>
            <translation>envía lo que está listo, cada documento una sola vez</translation>
        </message>
        <message>
            <source>only say what would be sent</source>
            <translation>sólo dice qué se enviaría</translation>
        </message>
        <message>
            <source>send what is mapped, hold the rest</source>
            <translation>envía lo que tiene equivalencia y retiene el resto</translation>
        </message>
        <message>
            <source>take up again what was refused or differs</source>
            <translation>retoma lo que se rechazó o difiere</translation>
        </message>
        <message>
            <source>seconds to go on retrying</source>
            <translation>segundos que se sigue reintentando</translation>
        </message>
        <message>
            <source>go on, every so many seconds</source>
            <translation>seguir, cada tantos segundos</translation>
        </message>
        <message>
            <source>customers and suppliers of imported listings too</source>
            <translation>también los clientes y proveedores de los listados importados</translation>
        </message>
        <message>
            <source>invoices, credit notes, payments and their files too</source>
            <translation>también facturas, notas de crédito, pagos y sus archivos</translation>
        </message>
        <message>
            <source>read the target's own ledger</source>
            <translation>lee el mayor del destino</translation>
        </message>
        <message>
            <source>which system owns which field</source>
            <translation>qué sistema es dueño de qué campo</translation>
        </message>
        <message>
            <source>the map of owners</source>
            <translation>el mapa de dueños</translation>
        </message>
        <message>
            <source>give a field an owner</source>
            <translation>dar dueño a un campo</translation>
        </message>
        <message>
            <source>read the map from CSV</source>
            <translation>leer el mapa de CSV</translation>
        </message>
        <message>
            <source>what changed on the wrong side</source>
            <translation>qué cambió en el lado equivocado</translation>
        </message>
        <message>
            <source>what is sent, and what to decide</source>
            <translation>qué se envía y qué hay que decidir</translation>
        </message>
        <message>
            <source>why each document waits</source>
            <translation>por qué espera cada documento</translation>
        </message>
        <message>
            <source>confirmed ones too</source>
            <translation>también los confirmados</translation>
        </message>
        <message>
            <source>ours beside the target's</source>
            <translation>lo nuestro junto a lo del destino</translation>
        </message>
        <message>
            <source>look it up and send it again</source>
            <translation>buscarlo y enviarlo otra vez</translation>
        </message>
        <message>
            <source>never send it, with a reason</source>
            <translation>no enviarlo nunca, con un motivo</translation>
        </message>
        <message>
            <source>it is a document the target has</source>
            <translation>es un documento que el destino ya tiene</translation>
        </message>
        <message>
            <source>the target says by now what the newest file says</source>
            <translation>el destino ya dice lo del archivo más reciente</translation>
        </message>
        <message>
            <source>what the target put on another day</source>
            <translation>lo que el destino puso en otro día</translation>
        </message>
        <message>
            <source>move it to its own day, once its period is open</source>
            <translation>devolverlo a su día, una vez abierto su periodo</translation>
        </message>
        <message>
            <source>what was probably sent already under another reference</source>
            <translation>lo que probablemente ya se envió con otra referencia</translation>
        </message>
        <message>
            <source>they are there already</source>
            <translation>ya están en el destino</translation>
        </message>
        <message>
            <source>they are others</source>
            <translation>son otros</translation>
        </message>
        <message>
            <source>KIND|REFERENCE</source>
            <translation>CLASE|REFERENCIA</translation>
        </message>
        <message>
            <source>those of one kind, or one; all where nothing is said</source>
            <translation>los de una clase, o uno solo; todos si no se indica</translation>
        </message>
        <message>
            <source>REFERENCE</source>
            <translation>REFERENCIA</translation>
        </message>
        <message>
            <source>it goes as it is: another than the target has, or at a rate that is right</source>
            <translation>sale como está: es otro que el del destino, o su tipo de cambio es correcto</translation>
        </message>
        <message>
            <source>folders whose files are imported by themselves</source>
            <translation>carpetas cuyos archivos se importan solos</translation>
        </message>
        <message>
            <source>watch a folder</source>
            <translation>vigilar una carpeta</translation>
        </message>
        <message>
            <source>the branch or series its files are of</source>
            <translation>la sucursal o serie de sus archivos</translation>
        </message>
        <message>
            <source>the folders, and how far each file is</source>
            <translation>las carpetas y en qué va cada archivo</translation>
        </message>
        <message>
            <source>watch it no more</source>
            <translation>dejar de vigilarla</translation>
        </message>
        <message>
            <source>folders, events, sending and alerts, by themselves</source>
            <translation>carpetas, eventos, envíos y avisos, por sí solos</translation>
        </message>
        <message>
            <source>events that came in</source>
            <translation>eventos que llegaron</translation>
        </message>
        <message>
            <source>NUMBER</source>
            <translation>NÚMERO</translation>
        </message>
        <message>
            <source>the newest, and how many are in each state</source>
            <translation>los más recientes, y cuántos hay en cada estado</translation>
        </message>
        <message>
            <source>one, with its body</source>
            <translation>uno, con su contenido</translation>
        </message>
        <message>
            <source>look again at what was set apart; without a number at all of it</source>
            <translation>volver a ver lo que se apartó; sin número, todo</translation>
        </message>
        <message>
            <source>it is of no use</source>
            <translation>no sirve</translation>
        </message>
        <message>
            <source>look again at all that came in between; today's state is read</source>
            <translation>volver a ver todo lo que llegó entre dos momentos; se lee el estado de hoy</translation>
        </message>
        <message>
            <source>forget what was read of a connection and read all of it anew</source>
            <translation>olvidar lo leído de una conexión y leerlo todo de nuevo</translation>
        </message>
        <message>
            <source>empty the bodies of all that came about a record</source>
            <translation>vaciar el contenido de todo lo que llegó sobre un registro</translation>
        </message>
        <message>
            <source>look at a record of a connection now</source>
            <translation>ver ahora un registro de una conexión</translation>
        </message>
        <message>
            <source>secret addresses at which vendors' events arrive</source>
            <translation>direcciones secretas a las que llegan los eventos de los proveedores</translation>
        </message>
        <message>
            <source>open one</source>
            <translation>abrir una</translation>
        </message>
        <message>
            <source>the public address it is behind (https://…)</source>
            <translation>la dirección pública detrás de la que está (https://…)</translation>
        </message>
        <message>
            <source>read the vendor's signing key from standard input</source>
            <translation>leer la clave de firma del proveedor de la entrada estándar</translation>
        </message>
        <message>
            <source>take a new key from standard input; the old one counts two days more</source>
            <translation>tomar una clave nueva de la entrada estándar; la anterior vale dos días más</translation>
        </message>
        <message>
            <source>those that are open</source>
            <translation>las que están abiertas</translation>
        </message>
        <message>
            <source>close one</source>
            <translation>cerrar una</translation>
        </message>
        <message>
            <source>receive the events vendors send</source>
            <translation>recibir los eventos que envían los proveedores</translation>
        </message>
        <message>
            <source>what goes on by itself, and when</source>
            <translation>lo que se hace solo, y cuándo</translation>
        </message>
        <message>
            <source>each with its rule</source>
            <translation>cada uno con su regla</translation>
        </message>
        <message>
            <source>do it by another rule</source>
            <translation>hacerlo con otra regla</translation>
        </message>
        <message>
            <source>RULE</source>
            <translation>REGLA</translation>
        </message>
        <message>
            <source>an address fetched after each good round, read from standard input</source>
            <translation>una dirección que se visita tras cada ronda buena, leída de la entrada estándar</translation>
        </message>
        <message>
            <source>how often targets are asked what changed</source>
            <translation>cada cuánto se pregunta a los destinos qué cambió</translation>
        </message>
        <message>
            <source>of every connection</source>
            <translation>de cada conexión</translation>
        </message>
        <message>
            <source>another interval</source>
            <translation>otro intervalo</translation>
        </message>
        <message>
            <source>0: never</source>
            <translation>0: nunca</translation>
        </message>
        <message>
            <source>the task or service that starts the work by itself</source>
            <translation>la tarea o el servicio que inicia el trabajo solo</translation>
        </message>
        <message>
            <source>write its file, to be registered by hand</source>
            <translation>escribir su archivo, para registrarlo a mano</translation>
        </message>
        <message>
            <source>register it</source>
            <translation>registrarlo</translation>
        </message>
        <message>
            <source>what is registered, and when each job was done last</source>
            <translation>lo que está registrado, y cuándo se hizo cada trabajo por última vez</translation>
        </message>
        <message>
            <source>take it out</source>
            <translation>quitarlo</translation>
        </message>
        <message>
            <source>check as this account all that the work needs</source>
            <translation>revisar con esta cuenta todo lo que el trabajo necesita</translation>
        </message>
        <message>
            <source>contacts of a CRM and an ERP kept the same, each field by its owner</source>
            <translation>contactos de un CRM y un ERP que se mantienen iguales, cada campo según su dueño</translation>
        </message>
        <message>
            <source>keep them the same</source>
            <translation>mantenerlos iguales</translation>
        </message>
        <message>
            <source>keep them the same no more</source>
            <translation>dejar de mantenerlos iguales</translation>
        </message>
        <message>
            <source>compare them now</source>
            <translation>compararlos ahora</translation>
        </message>
        <message>
            <source>what is gone or merged is settled</source>
            <translation>lo que desapareció o se fusionó queda resuelto</translation>
        </message>
        <message>
            <source>which are one</source>
            <translation>cuáles son el mismo</translation>
        </message>
        <message>
            <source>two of them are one</source>
            <translation>dos de ellos son el mismo</translation>
        </message>
        <message>
            <source>two of them are two</source>
            <translation>dos de ellos son distintos</translation>
        </message>
        <message>
            <source>try once more what was refused</source>
            <translation>intentar otra vez lo que se rechazó</translation>
        </message>
        <message>
            <source>what is kept the same, and who owns which field</source>
            <translation>lo que se mantiene igual, y de quién es cada campo</translation>
        </message>
        <message>
            <source>say who owns a field</source>
            <translation>decir de quién es un campo</translation>
        </message>
        <message>
            <source>FIELD</source>
            <translation>CAMPO</translation>
        </message>
        <message>
            <source>it does not flow</source>
            <translation>no pasa al otro lado</translation>
        </message>
        <message>
            <source>put back what the other side changed, instead of reporting it</source>
            <translation>regresar lo que cambió el otro lado, en vez de avisar</translation>
        </message>
        <message>
            <source>payouts of a wallet, proposed as vouchers</source>
            <translation>retiros de una pasarela, propuestos como pólizas</translation>
        </message>
        <message>
            <source>how they are booked</source>
            <translation>cómo se contabilizan</translation>
        </message>
        <message>
            <source>account of the bank they arrive at</source>
            <translation>cuenta del banco al que llegan</translation>
        </message>
        <message>
            <source>account of the wallet's fees</source>
            <translation>cuenta de las comisiones de la pasarela</translation>
        </message>
        <message>
            <source>account of what customers owed</source>
            <translation>cuenta de lo que debían los clientes</translation>
        </message>
        <message>
            <source>ACCOUNT</source>
            <translation>CUENTA</translation>
        </message>
        <message>
            <source>what is proposed</source>
            <translation>lo que se propone</translation>
        </message>
        <message>
            <source>what is over too</source>
            <translation>también lo terminado</translation>
        </message>
        <message>
            <source>book one</source>
            <translation>contabilizar una</translation>
        </message>
        <message>
            <source>let one be over</source>
            <translation>dar una por terminada</translation>
        </message>
        <message>
            <source>one round, for a scheduler</source>
            <translation>una ronda, para un programador de tareas</translation>
        </message>
        <message>
            <source>only this; may be given several times</source>
            <translation>solo esto; puede darse varias veces</translation>
        </message>
        <message>
            <source>send what is ready to this connection; may be given several times</source>
            <translation>enviar lo listo a esta conexión; puede darse varias veces</translation>
        </message>
        <message>
            <source>the account it runs under; yours without it</source>
            <translation>la cuenta con la que corre; sin ella, la suya</translation>
        </message>
        <message>
            <source>the program, where it is not this one</source>
            <translation>el programa, si no es este</translation>
        </message>
        <message>
            <source>the target's own number of it</source>
            <translation>el número que tiene en el destino</translation>
        </message>
        <message>
            <source>let a held file go, with a reason</source>
            <translation>dejar pasar un archivo detenido, con un motivo</translation>
        </message>
        <message>
            <source>what is known of the company: its currency and tax ids</source>
            <translation>lo que se sabe de la empresa: su moneda y sus RFC o NIT</translation>
        </message>
        <message>
            <source>the currency its books are in</source>
            <translation>la moneda de sus libros</translation>
        </message>
        <message>
            <source>what holds a file back in this company</source>
            <translation>qué detiene un archivo en esta empresa</translation>
        </message>
        <message>
            <source>who may do what</source>
            <translation>quién puede hacer qué</translation>
        </message>
        <message>
            <source>list the people with roles</source>
            <translation>lista las personas con permisos</translation>
        </message>
        <message>
            <source>let a person have exactly these roles</source>
            <translation>deja a una persona exactamente estos permisos</translation>
        </message>
        <message>
            <source>USER[@MACHINE]</source>
            <translation>USUARIO[@EQUIPO]</translation>
        </message>
        <message>
            <source>what is wrong, and who is told</source>
            <translation>qué anda mal y a quién se avisa</translation>
        </message>
        <message>
            <source>raise what is new, deliver it, list what stands</source>
            <translation>avisa lo nuevo, lo entrega y lista lo vigente</translation>
        </message>
        <message>
            <source>where alerts go</source>
            <translation>a dónde van las alertas</translation>
        </message>
        <message>
            <source>one more address, read from the keyboard</source>
            <translation>una dirección más, leída del teclado</translation>
        </message>
        <message>
            <source>forget every address</source>
            <translation>olvida todas las direcciones</translation>
        </message>
        <message>
            <source>send a test to every address</source>
            <translation>envía una prueba a cada dirección</translation>
        </message>
        <message>
            <source>match two sides and prove it</source>
            <translation>concilia dos lados y lo demuestra</translation>
        </message>
        <message>
            <source>LEFT</source>
            <translation>IZQUIERDA</translation>
        </message>
        <message>
            <source>RIGHT</source>
            <translation>DERECHA</translation>
        </message>
        <message>
            <source>write the matched pairs</source>
            <translation>escribe los pares conciliados</translation>
        </message>
        <message>
            <source>write what is proposed, best first</source>
            <translation>escribir lo que se propone, lo mejor primero</translation>
        </message>
        <message>
            <source>match by these rules</source>
            <translation>conciliar con estas reglas</translation>
        </message>
        <message>
            <source>write the working paper</source>
            <translation>escribe el papel de trabajo</translation>
        </message>
        <message>
            <source>write the paper to be signed</source>
            <translation>escribir el papel para firma</translation>
        </message>
        <message>
            <source>one step on towards signing</source>
            <translation>un paso más hacia la firma</translation>
        </message>
        <message>
            <source>what this pair of books is called every month</source>
            <translation>cómo se llama este par de libros cada mes</translation>
        </message>
        <message>
            <source>CODE</source>
            <translation>CÓDIGO</translation>
        </message>
        <message>
            <source>only accounts that begin so; may be given several times</source>
            <translation>solo cuentas que empiezan así; se puede repetir</translation>
        </message>
        <message>
            <source>JOURNAL</source>
            <translation>DIARIO</translation>
        </message>
        <message>
            <source>propose vouchers in this journal of the target for what the rules let differ</source>
            <translation>proponer pólizas en este diario del destino por lo que las reglas dejan diferir</translation>
        </message>
        <message>
            <source>account of differences whose rule names none</source>
            <translation>cuenta de las diferencias cuya regla no nombra ninguna</translation>
        </message>
        <message>
            <source>keep a file as evidence</source>
            <translation>guardar un archivo como evidencia</translation>
        </message>
        <message>
            <source>open it again, with a reason</source>
            <translation>reabrirla, con un motivo</translation>
        </message>
        <message>
            <source>by which rules this company matches</source>
            <translation>con qué reglas concilia esta empresa</translation>
        </message>
        <message>
            <source>the rules as TOML</source>
            <translation>las reglas en TOML</translation>
        </message>
        <message>
            <source>what other rules would match of two sides; nothing is kept</source>
            <translation>qué emparejarían otras reglas entre dos lados; no se guarda nada</translation>
        </message>
        <message>
            <source>make these the company's rules</source>
            <translation>hacer de estas las reglas de la empresa</translation>
        </message>
        <message>
            <source>over this time, by hour: 24h, 7d, 30d</source>
            <translation>en este tiempo, por hora: 24h, 7d, 30d</translation>
        </message>
        <message>
            <source>what happened to each line</source>
            <translation>qué pasó con cada línea</translation>
        </message>
        <message>
            <source>list the imported files</source>
            <translation>lista los archivos importados</translation>
        </message>
        <message>
            <source>the lines of a batch, or a document's story</source>
            <translation>las líneas de un lote, o la historia de un documento</translation>
        </message>
        <message>
            <source>BATCH[:LINE]|FILE[:LINE]|REFERENCE</source>
            <translation>LOTE[:LÍNEA]|ARCHIVO[:LÍNEA]|REFERENCIA</translation>
        </message>
        <message>
            <source>prove that nothing was edited or removed</source>
            <translation>demuestra que nada se editó ni se borró</translation>
        </message>
        <message>
            <source>an anchor exported before; may be given several times</source>
            <translation>un ancla exportada antes; puede darse varias veces</translation>
        </message>
        <message>
            <source>export the head of the chain, to check it later</source>
            <translation>exporta la cabeza de la cadena, para comprobarla después</translation>
        </message>
        <message>
            <source>an authority for time stamps (RFC 3161) that vouches for when</source>
            <translation>una autoridad de sellos de tiempo (RFC 3161) que da fe de la fecha</translation>
        </message>
        <message>
            <source>the root certificate of the authority for time stamps</source>
            <translation>el certificado raíz de la autoridad de sellos de tiempo</translation>
        </message>
        <message>
            <source>settle a finding of verify, with a reason</source>
            <translation>resolver un hallazgo de la verificación, con un motivo</translation>
        </message>
        <message>
            <source>build anew what is derived from the rest</source>
            <translation>reconstruir lo que se deriva de lo demás</translation>
        </message>
        <message>
            <source>write events to CSV, xlsx or JSON Lines</source>
            <translation>escribe los eventos en CSV, xlsx o JSON Lines</translation>
        </message>
        <message>
            <source>write a batch's findings to xlsx</source>
            <translation>escribe los hallazgos de un lote en xlsx</translation>
        </message>
        <message>
            <source>BATCH|FILE</source>
            <translation>LOTE|ARCHIVO</translation>
        </message>
        <message>
            <source>copy the journal while it is in use</source>
            <translation>copia la bitácora mientras está en uso</translation>
        </message>
        <message>
            <source>put a proven copy in its place</source>
            <translation>pone en su lugar una copia comprobada</translation>
        </message>
        <message>
            <source>save what a damaged journal still holds</source>
            <translation>salva lo que aún contiene una bitácora dañada</translation>
        </message>
        <message>
            <source>the four figures</source>
            <translation>las cuatro cifras</translation>
        </message>
        <message>
            <source>a branch or series whose folios are its own, apart from others'; it is remembered of files called alike (- is none)</source>
            <translation>sucursal o serie cuyos folios son propios, aparte de los demás; se recuerda para archivos de nombre parecido (- es ninguna)</translation>
        </message>
        <message>
            <source>the embedded ERP to try things on</source>
            <translation>el ERP de práctica incluido</translation>
        </message>
        <message>
            <source>serve it on this machine</source>
            <translation>lo pone en marcha en este equipo</translation>
        </message>
        <message>
            <source>the whole way on a sample</source>
            <translation>el camino completo con un ejemplo</translation>
        </message>
        <message>
            <source>never open the window</source>
            <translation>no abrir la ventana</translation>
        </message>
        <message>
            <source>FOLDER</source>
            <translation>CARPETA</translation>
        </message>
        <message>
            <source>work in this folder</source>
            <translation>trabajar en esta carpeta</translation>
        </message>
        <message>
            <source>move settled old files to an archive</source>
            <translation>pasa archivos viejos y resueltos a un archivo histórico</translation>
        </message>
        <message>
            <source>find by folio, tax id, amount or text</source>
            <translation>busca por folio, RFC/NIT, importe o texto</translation>
        </message>
        <message>
            <source>TEXT</source>
            <translation>TEXTO</translation>
        </message>
        <message>
            <source>answer in JSON</source>
            <translation>responder en JSON</translation>
        </message>
        <message>
            <source>the company's data home</source>
            <translation>la carpeta de datos de la empresa</translation>
        </message>
        <message>
            <source>a shared journal: postgresql://…</source>
            <translation>una bitácora compartida: postgresql://…</translation>
        </message>
        <message>
            <source>language of texts</source>
            <translation>idioma de los textos</translation>
        </message>
        <message numerus="yes">
            <source>%n document(s)</source>
            <translation>
                <numerusform>%n documento</numerusform>
                <numerusform>%n documentos</numerusform>
            </translation>
        </message>
        <message>
            <source>{value} is not an address; it begins with https:// (or http://).</source>
            <translation>{value} no es una dirección; empieza con https:// (o http://).</translation>
        </message>
        <message>
            <source>Documents were sent to {name} at {url}. Use another name for another target.</source>
            <translation>Ya se enviaron documentos a {name} en {url}. Use otro nombre para otro destino.</translation>
        </message>
        <message>
            <source>Name the reason with --allow-http.</source>
            <translation>Indique el motivo con --allow-http.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the secret was not kept. It will be asked each time, or taken from {variable}.</source>
            <translation>Este equipo no tiene almacén de claves: la clave no se guardó. Se pedirá cada vez, o se tomará de {variable}.</translation>
        </message>
        <message>
            <source>Connection {name} saved.</source>
            <translation>Conexión {name} guardada.</translation>
        </message>
        <message>
            <source>Client secret, if any: </source>
            <translation>Secreto del cliente, si lo hay: </translation>
        </message>
        <message>
            <source>Log in in the browser. If it does not open, go to {address}</source>
            <translation>Inicie sesión en el navegador. Si no se abre, vaya a {address}</translation>
        </message>
        <message>
            <source>{name} does not log in through the browser.</source>
            <translation>{name} no inicia sesión por el navegador.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the log-in cannot be kept.</source>
            <translation>Este equipo no tiene almacén de secretos: el inicio de sesión no se puede guardar.</translation>
        </message>
        <message>
            <source>Logged in.</source>
            <translation>Sesión iniciada.</translation>
        </message>
        <message>
            <source>From now on exactly this certificate is trusted for {name}.</source>
            <translation>De aquí en adelante se confía exactamente en este certificado para {name}.</translation>
        </message>
        <message>
            <source>Compare it with what the server's administrator says; then repeat with --pin.</source>
            <translation>Compárelo con lo que diga el administrador del servidor; luego repita con --pin.</translation>
        </message>
        <message>
            <source>none</source>
            <translation>ninguno</translation>
        </message>
        <message>
            <source>{system} has no option {name}; it has: {known}.</source>
            <translation>{system} no tiene la opción {name}; tiene: {known}.</translation>
        </message>
        <message>
            <source>a number</source>
            <translation>un número</translation>
        </message>
        <message>
            <source>{name}={value}: it has to be {wanted}.</source>
            <translation>{name}={value}: tiene que ser {wanted}.</translation>
        </message>
        <message>
            <source>{system} needs {options}; give each with --option.</source>
            <translation>{system} necesita {options}; dé cada una con --option.</translation>
        </message>
        <message>
            <source>The connection {name} is taken away.</source>
            <translation>Se quitó la conexión {name}.</translation>
        </message>
        <message>
            <source>User</source>
            <translation>Usuario</translation>
        </message>
        <message>
            <source>Not sent to it: {names}.</source>
            <translation>No se le envía: {names}.</translation>
        </message>
        <message>
            <source>▲ User {user} may only read: every voucher would be refused.</source>
            <translation>▲ El usuario {user} sólo puede leer: se le rechazarían todas las pólizas.</translation>
        </message>
        <message>
            <source>▲ The target does not show its books ({words}): whether documents were entered there under another reference was not looked at.</source>
            <translation>▲ El destino no muestra sus libros ({words}): no se revisó si hay documentos capturados allá con otra referencia.</translation>
        </message>
        <message>
            <source>This takes about {calls} calls, which the target's plan counts.</source>
            <translation>Esto toma unas {calls} llamadas, que el plan del destino cuenta.</translation>
        </message>
        <message>
            <source>{document} came in several files; as decided, one of them counts.</source>
            <translation>{document} vino en varios archivos; cuenta el que se decidió.</translation>
        </message>
        <message>
            <source>Currency</source>
            <translation>Moneda</translation>
        </message>
        <message>
            <source>Server</source>
            <translation>Servidor</translation>
        </message>
        <message>
            <source>Locked periods</source>
            <translation>Períodos cerrados</translation>
        </message>
        <message>
            <source>{accepted} suggestions taken over; {left} still without a counterpart.</source>
            <translation>{accepted} sugerencias aceptadas; {left} siguen sin equivalencia.</translation>
        </message>
        <message>
            <source>{count} links read.</source>
            <translation>{count} equivalencias leídas.</translation>
        </message>
        <message>
            <source>▲ Without the target's names: {words}</source>
            <translation>▲ Sin los nombres del destino: {words}</translation>
        </message>
        <message>
            <source>{count} links written.</source>
            <translation>{count} equivalencias escritas.</translation>
        </message>
        <message>
            <source>▲ Sent before with another counterpart, and left as it is there:</source>
            <translation>▲ Ya enviados con otra equivalencia; allá se quedan como están:</translation>
        </message>
        <message>
            <source>{source} may be: {candidates}</source>
            <translation>{source} puede ser: {candidates}</translation>
        </message>
        <message>
            <source>▲ {count} of ours go to {target}:</source>
            <translation>▲ {count} de las nuestras van a {target}:</translation>
        </message>
        <message>
            <source>Sending</source>
            <translation>Envío</translation>
        </message>
        <message>
            <source>{value} is not a date; write it as 2026-01-31.</source>
            <translation>{value} no es una fecha; escríbala como 2026-01-31.</translation>
        </message>
        <message>
            <source>The period ends before it begins: {start} … {end}.</source>
            <translation>El período termina antes de empezar: {start} … {end}.</translation>
        </message>
        <message>
            <source>Pull {pull}: {lines} ledger lines from {start} to {end}.</source>
            <translation>Lectura {pull}: {lines} movimientos del {start} al {end}.</translation>
        </message>
        <message>
            <source>▲ The target did not hand out its trial balance: {words}</source>
            <translation>▲ El destino no entregó su balanza (balance de prueba): {words}</translation>
        </message>
        <message>
            <source>{document} was changed by the target: {changes}</source>
            <translation>El destino modificó {document}: {changes}</translation>
        </message>
        <message>
            <source>Nothing was sent. {ready} documents are ready, {held} are held.</source>
            <translation>No se envió nada. {ready} documentos están listos, {held} retenidos.</translation>
        </message>
        <message>
            <source>Looked up before the first sending: {looked_up} document(s), {seconds} s (the target would take them twice, or the journal may not know what was sent).</source>
            <translation>Buscados antes del primer envío: {looked_up} documento(s), {seconds} s (el destino los aceptaría dos veces, o la bitácora puede no saber qué se envió).</translation>
        </message>
        <message>
            <source>Confirmed {confirmed} · already there {already} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>Confirmadas {confirmed} · ya estaban {already} · rechazadas {rejected} · inciertas {uncertain} · en espera {waiting}</translation>
        </message>
        <message>
            <source>{mapped} links; {unmapped} codes without one.</source>
            <translation>{mapped} equivalencias; {unmapped} códigos sin ella.</translation>
        </message>
        <message>
            <source>? are proposals: they are not taken over by 'map accept'; set each with 'map set'.</source>
            <translation>? son propuestas: 'map accept' no las acepta; fije cada una con 'map set'.</translation>
        </message>
        <message>
            <source>There is no connection {name}. Known: {known}.</source>
            <translation>No existe la conexión {name}. Conocidas: {known}.</translation>
        </message>
        <message>
            <source>Secret of {name}: </source>
            <translation>Clave de {name}: </translation>
        </message>
        <message>
            <source>No secret was given. Type it, pipe it in, or set {variable} for this process.</source>
            <translation>No se dio ninguna clave. Escríbala, pásela por la entrada estándar o defina {variable} para este proceso.</translation>
        </message>
        <message>
            <source>No heading row was found. Say which line it is with --header-line.</source>
            <translation>No se encontró la fila de encabezado. Indique qué línea es con --header-line.</translation>
        </message>
        <message>
            <source>Profile {name} written to {path}. Try it with: cuadre profile test {file} --profile {name}</source>
            <translation>Perfil {name} escrito en {path}. Pruébelo con: cuadre profile test {file} --profile {name}</translation>
        </message>
        <message>
            <source>{value}: write ROLE=HEADING, where ROLE is one of {roles}.</source>
            <translation>{value}: escriba PAPEL=ENCABEZADO, donde PAPEL es uno de {roles}.</translation>
        </message>
        <message>
            <source>There is no column {heading}. There are: {known}.</source>
            <translation>No existe la columna {heading}. Hay: {known}.</translation>
        </message>
        <message>
            <source>A profile's name has lower-case letters, digits and hyphens only.</source>
            <translation>El nombre de un perfil sólo lleva minúsculas, dígitos y guiones.</translation>
        </message>
        <message>
            <source>--totals is not a regular expression.</source>
            <translation>--totals no es una expresión regular válida.</translation>
        </message>
        <message>
            <source>A chosen heading stands twice in the table; rename one of the two in the file first.</source>
            <translation>Un encabezado elegido aparece dos veces en la tabla; primero cambie el nombre de uno de los dos en el archivo.</translation>
        </message>
        <message>
            <source>Say which column is the date: --column date=HEADING.</source>
            <translation>Indique qué columna es la fecha: --column date=ENCABEZADO.</translation>
        </message>
        <message>
            <source>Say which column is the amount: --column debit=… and credit=…, or amount=….</source>
            <translation>Indique qué columna es el importe: --column debit=… y credit=…, o amount=….</translation>
        </message>
        <message>
            <source>{path} is no profile: {reason}</source>
            <translation>{path} no es un perfil: {reason}</translation>
        </message>
        <message>
            <source>{count} rules read.</source>
            <translation>{count} reglas leídas.</translation>
        </message>
        <message>
            <source>{count} rules written.</source>
            <translation>{count} reglas escritas.</translation>
        </message>
        <message>
            <source>{count} fields changed on the side that does not own them.</source>
            <translation>{count} campos cambiaron en el lado que no es su dueño.</translation>
        </message>
        <message>
            <source>{count} records in all</source>
            <translation>{count} registros en total</translation>
        </message>
        <message>
            <source>{count} are there already and will not be sent.</source>
            <translation>{count} ya están en el destino y no se enviarán.</translation>
        </message>
        <message>
            <source>{count} are others and go at the next sending.</source>
            <translation>{count} son otros y van en el próximo envío.</translation>
        </message>
        <message>
            <source>No document that was probably sent already is meant by that.</source>
            <translation>Eso no corresponde a ningún documento que probablemente ya se envió.</translation>
        </message>
        <message>
            <source>No document was probably sent already.</source>
            <translation>Ningún documento parece haberse enviado ya.</translation>
        </message>
        <message>
            <source>Say of each kind (or reference) whether they are the same or others: cuadre queue same, cuadre queue other.</source>
            <translation>Diga de cada clase (o referencia) si son los mismos u otros: cuadre queue same, cuadre queue other.</translation>
        </message>
        <message>
            <source>Everything stands on the day it was sent for.</source>
            <translation>Todo está en el día con que se envió.</translation>
        </message>
        <message>
            <source>{reference} does not stand on another day: see 'queue moved'.</source>
            <translation>{reference} no está en otro día: véase 'queue moved'.</translation>
        </message>
        <message>
            <source>Nothing stands on another day.</source>
            <translation>Nada está en otro día.</translation>
        </message>
        <message>
            <source>document</source>
            <translation>documento</translation>
        </message>
        <message>
            <source>number</source>
            <translation>número</translation>
        </message>
        <message>
            <source>date</source>
            <translation>fecha</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>moneda</translation>
        </message>
        <message>
            <source>net</source>
            <translation>neto</translation>
        </message>
        <message>
            <source>taxes</source>
            <translation>impuestos</translation>
        </message>
        <message>
            <source>withheld</source>
            <translation>retenido</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>The journal has no fiscal document {name}.</source>
            <translation>La bitácora no tiene el documento fiscal {name}.</translation>
        </message>
        <message>
            <source>how it stands</source>
            <translation>cómo está</translation>
        </message>
        <message>
            <source>{documents} goes at the next sending.</source>
            <translation>{documents} sale en el próximo envío.</translation>
        </message>
        <message>
            <source>in the books</source>
            <translation>en los libros</translation>
        </message>
        <message>
            <source>open</source>
            <translation>abierta</translation>
        </message>
        <message>
            <source>open in the books</source>
            <translation>abierto en libros</translation>
        </message>
        <message>
            <source>booked as</source>
            <translation>registrado como</translation>
        </message>
        <message>
            <source>booked on</source>
            <translation>registrado el</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identificador</translation>
        </message>
        <message>
            <source>state</source>
            <translation>estado</translation>
        </message>
        <message>
            <source>due</source>
            <translation>por pagar</translation>
        </message>
        <message>
            <source>{id}: {status} at the tax authority</source>
            <translation>{id}: {status} ante la autoridad</translation>
        </message>
        <message>
            <source>{id}: no XML here; nothing is made of it</source>
            <translation>{id}: no está su XML; no se hace nada con él</translation>
        </message>
        <message>
            <source>sales invoice</source>
            <translation>factura emitida</translation>
        </message>
        <message>
            <source>credit note issued</source>
            <translation>nota de crédito emitida</translation>
        </message>
        <message>
            <source>debit note issued</source>
            <translation>nota de débito emitida</translation>
        </message>
        <message>
            <source>bill</source>
            <translation>factura recibida</translation>
        </message>
        <message>
            <source>credit note received</source>
            <translation>nota de crédito recibida</translation>
        </message>
        <message>
            <source>debit note received</source>
            <translation>nota de débito recibida</translation>
        </message>
        <message>
            <source>receipt</source>
            <translation>cobro</translation>
        </message>
        <message>
            <source>payment</source>
            <translation>pago</translation>
        </message>
        <message>
            <source>payroll</source>
            <translation>nómina</translation>
        </message>
        <message>
            <source>certificate of withholding</source>
            <translation>constancia de retención</translation>
        </message>
        <message>
            <source>event</source>
            <translation>evento</translation>
        </message>
        <message>
            <source>ignored</source>
            <translation>se ignora</translation>
        </message>
        <message>
            <source>before discounts</source>
            <translation>antes de descuentos</translation>
        </message>
        <message>
            <source>discounts</source>
            <translation>descuentos</translation>
        </message>
        <message>
            <source>withholdings the paper states</source>
            <translation>retenciones que declara el papel</translation>
        </message>
        <message>
            <source>local taxes</source>
            <translation>impuestos locales</translation>
        </message>
        <message>
            <source>local taxes withheld</source>
            <translation>impuestos locales retenidos</translation>
        </message>
        <message>
            <source>charges</source>
            <translation>cargos</translation>
        </message>
        <message>
            <source>allowances</source>
            <translation>descuentos globales</translation>
        </message>
        <message>
            <source>prepaid</source>
            <translation>anticipos</translation>
        </message>
        <message>
            <source>rounding</source>
            <translation>redondeo</translation>
        </message>
        <message>
            <source>valid</source>
            <translation>vigente</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelado</translation>
        </message>
        <message>
            <source>unknown</source>
            <translation>desconocido</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rechazado</translation>
        </message>
        <message>
            <source>Files in {path} are imported once they are whole.</source>
            <translation>Los archivos de {path} se importan en cuanto están completos.</translation>
        </message>
        <message>
            <source>{path} is watched no more; what was imported stays.</source>
            <translation>{path} ya no se vigila; lo importado se queda.</translation>
        </message>
        <message>
            <source>  ▲ cannot be listed since {since}: {words}</source>
            <translation>  ▲ no se puede listar desde {since}: {words}</translation>
        </message>
        <message>
            <source>{connection}: confirmed {confirmed} · rejected {rejected} · uncertain {uncertain} · waiting {waiting}</source>
            <translation>{connection}: confirmados {confirmed} · rechazados {rejected} · inciertos {uncertain} · en espera {waiting}</translation>
        </message>
        <message>
            <source>{count} alerts raised.</source>
            <translation>{count} alertas nuevas.</translation>
        </message>
        <message>
            <source>{connection}: {news} changes there, {gone} gone</source>
            <translation>{connection}: {news} cambios allá, {gone} desaparecidos</translation>
        </message>
        <message>
            <source>{connection}: {records} records looked at, {news} were news</source>
            <translation>{connection}: {records} registros vistos, {news} eran novedad</translation>
        </message>
        <message>
            <source>{names}: {written} fields written, {asked} for a person</source>
            <translation>{names}: {written} campos escritos, {asked} para una persona</translation>
        </message>
        <message>
            <source>{count} payouts proposed.</source>
            <translation>{count} retiros propuestos.</translation>
        </message>
        <message>
            <source>Contacts of {crm} and {erp} are kept the same by “cuadre work”.</source>
            <translation>«cuadre work» mantiene iguales los contactos de {crm} y {erp}.</translation>
        </message>
        <message>
            <source>They are kept the same no more; what they hold stays.</source>
            <translation>Ya no se mantienen iguales; lo que tienen se queda.</translation>
        </message>
        <message>
            <source>{crm} ↔ {erp}: {count} pairs</source>
            <translation>{crm} ↔ {erp}: {count} pares</translation>
        </message>
        <message>
            <source>flows</source>
            <translation>pasa</translation>
        </message>
        <message>
            <source>stays</source>
            <translation>se queda</translation>
        </message>
        <message>
            <source>put back</source>
            <translation>se regresa</translation>
        </message>
        <message>
            <source>{field} is owned by {owner}.</source>
            <translation>{field} es de {owner}.</translation>
        </message>
        <message>
            <source>{count} questions are settled.</source>
            <translation>{count} preguntas quedan resueltas.</translation>
        </message>
        <message>
            <source>No contacts are paired.</source>
            <translation>No hay contactos emparejados.</translation>
        </message>
        <message>
            <source>They are one; the next comparison lets their fields flow.</source>
            <translation>Son el mismo; en la próxima comparación se pasan sus campos.</translation>
        </message>
        <message>
            <source>They are two; they are not paired, nor asked about again.</source>
            <translation>Son distintos; no se emparejan ni se vuelve a preguntar por ellos.</translation>
        </message>
        <message>
            <source>{paired} paired · {written} fields written · {agreed} agreed</source>
            <translation>{paired} emparejados · {written} campos escritos · {agreed} acordados</translation>
        </message>
        <message>
            <source>both sides had changed it; the journal has what the other one said</source>
            <translation>había cambiado en ambos lados; la bitácora guarda lo que decía el otro</translation>
        </message>
        <message>
            <source>Say it with “cuadre contacts pair CRM ERP ID ID” or “cuadre contacts apart CRM ERP ID ID”.</source>
            <translation>Dígalo con «cuadre contacts pair CRM ERP ID ID» o «cuadre contacts apart CRM ERP ID ID».</translation>
        </message>
        <message>
            <source>What was refused is tried once more with --again.</source>
            <translation>Lo que se rechazó se intenta otra vez con --again.</translation>
        </message>
        <message>
            <source>Payouts of {connection} are proposed so; a person accepts each.</source>
            <translation>Los retiros de {connection} se proponen así; una persona acepta cada uno.</translation>
        </message>
        <message>
            <source>does not add up</source>
            <translation>no suma</translation>
        </message>
        <message>
            <source>Nothing is proposed.</source>
            <translation>No hay nada propuesto.</translation>
        </message>
        <message>
            <source>Accepted: batch {batch}. It is mapped and sent like any other.</source>
            <translation>Aceptada: lote {batch}. Se mapea y se envía como cualquier otro.</translation>
        </message>
        <message>
            <source>Proposal {number} is over.</source>
            <translation>La propuesta {number} quedó terminada.</translation>
        </message>
        <message>
            <source>Give the vendor this address; it is shown only now:</source>
            <translation>Dé esta dirección al proveedor; solo se muestra ahora:</translation>
        </message>
        <message>
            <source>The vendor signs nothing: keep the address secret.</source>
            <translation>El proveedor no firma nada: mantenga la dirección en secreto.</translation>
        </message>
        <message>
            <source>The new key is read from standard input; nothing came.</source>
            <translation>La clave nueva se lee de la entrada estándar; no llegó nada.</translation>
        </message>
        <message>
            <source>The new key counts from now on, the old one for two days more.</source>
            <translation>La clave nueva vale desde ahora, la anterior dos días más.</translation>
        </message>
        <message>
            <source>not signed</source>
            <translation>sin firma</translation>
        </message>
        <message>
            <source>No door, or more than one, begins with {id}.</source>
            <translation>Ninguna puerta, o más de una, comienza con {id}.</translation>
        </message>
        <message>
            <source>Closed: {vendor} for {connection}. What came stays.</source>
            <translation>Cerrada: {vendor} para {connection}. Lo que llegó se queda.</translation>
        </message>
        <message>
            <source>{text} is no address; write one such as 127.0.0.1:8770.</source>
            <translation>{text} no es una dirección; escriba una como 127.0.0.1:8770.</translation>
        </message>
        <message>
            <source>▲ It listens beyond this machine without TLS: put a proxy in front, and let only that reach it.</source>
            <translation>▲ Escucha fuera de este equipo sin TLS: ponga un proxy delante y que solo él lo alcance.</translation>
        </message>
        <message>
            <source>{address} cannot be listened at: {words}.</source>
            <translation>No se puede escuchar en {address}: {words}.</translation>
        </message>
        <message>
            <source>Receiving at {address}.</source>
            <translation>Recibiendo en {address}.</translation>
        </message>
        <message>
            <source>Nothing has come in.</source>
            <translation>No ha llegado nada.</translation>
        </message>
        <message>
            <source>{count} rows will be looked at again.</source>
            <translation>Se volverán a ver {count} filas.</translation>
        </message>
        <message>
            <source>{count} rows are of no use.</source>
            <translation>{count} filas no sirven.</translation>
        </message>
        <message>
            <source>{count} records are forgotten; everything is read anew.</source>
            <translation>Se olvidaron {count} registros; todo se lee de nuevo.</translation>
        </message>
        <message>
            <source>{count} bodies are erased; that they came stays in the journal.</source>
            <translation>Se borraron {count} contenidos; que llegaron queda en el diario.</translation>
        </message>
        <message>
            <source>{count} rows will be looked at.</source>
            <translation>Se verán {count} filas.</translation>
        </message>
        <message>
            <source>There is no row {number}.</source>
            <translation>No existe la fila {number}.</translation>
        </message>
        <message>
            <source>{text} is no day, instant or span (2026-03-01, 36h, 7d).</source>
            <translation>{text} no es un día, un momento ni un lapso (2026-03-01, 36h, 7d).</translation>
        </message>
        <message>
            <source>This is no address (https://…).</source>
            <translation>Esto no es una dirección (https://…).</translation>
        </message>
        <message>
            <source>This account has no secret store; nothing was kept.</source>
            <translation>Esta cuenta no tiene almacén de secretos; no se guardó nada.</translation>
        </message>
        <message>
            <source>Each good round fetches it from now on.</source>
            <translation>Desde ahora cada ronda buena la visita.</translation>
        </message>
        <message>
            <source>Nothing is fetched any more.</source>
            <translation>Ya no se visita nada.</translation>
        </message>
        <message>
            <source>take a company's set-up from one desk to another</source>
            <translation>llevar la configuración de una empresa de un puesto a otro</translation>
        </message>
        <message>
            <source>write profiles, maps, rules, owners, policy and schedules; no secrets</source>
            <translation>escribir formatos, equivalencias, reglas, dueños, política y horarios; sin claves</translation>
        </message>
        <message>
            <source>take over what such a file has</source>
            <translation>adoptar lo que trae un archivo así</translation>
        </message>
        <message>
            <source>why</source>
            <translation>por qué</translation>
        </message>
        <message>
            <source>only say what would change</source>
            <translation>sólo decir qué cambiaría</translation>
        </message>
        <message>
            <source>what somebody who helps has to know</source>
            <translation>lo que debe saber quien ayuda</translation>
        </message>
        <message>
            <source>show it redacted, and save it once you say so</source>
            <translation>mostrarlo sin datos privados, y guardarlo cuando usted lo diga</translation>
        </message>
        <message>
            <source>save it without showing it</source>
            <translation>guardarlo sin mostrarlo</translation>
        </message>
        <message>
            <source>newer versions, when you ask</source>
            <translation>versiones nuevas, cuando usted pregunte</translation>
        </message>
        <message>
            <source>whether there is one</source>
            <translation>si hay una</translation>
        </message>
        <message>
            <source>download it and start its installer, after asking</source>
            <translation>descargarla e iniciar su instalador, después de preguntar</translation>
        </message>
        <message>
            <source>where they are announced; empty for never</source>
            <translation>dónde se anuncian; vacío para nunca</translation>
        </message>
    </context>
    <context>
        <name>close</name>
        <message>
            <source>a file that came is not whole or cannot be read</source>
            <translation>un archivo que llegó no está completo o no se puede leer</translation>
        </message>
        <message>
            <source>events that came were not looked at yet</source>
            <translation>hay eventos que llegaron y aún no se han visto</translation>
        </message>
        <message>
            <source>files are still coming in</source>
            <translation>todavía están llegando archivos</translation>
        </message>
        <message>
            <source>what changed in the target was not read for an hour</source>
            <translation>lo que cambió en el destino no se ha leído desde hace una hora</translation>
        </message>
        <message>
            <source>closed: nothing to explain</source>
            <translation>cerrado: nada por explicar</translation>
        </message>
        <message>
            <source>nothing of this month was imported: nothing was reconciled</source>
            <translation>no se importó nada de este mes: no se concilió nada</translation>
        </message>
        <message>
            <source>{differences} differences to explain, {waiting} documents wait</source>
            <translation>{differences} diferencias por explicar, {waiting} documentos en espera</translation>
        </message>
    </context>
    <context>
        <name>contacts</name>
        <message>
            <source>“{name}” has the same name in both ({left}, {right}): are they one?</source>
            <translation>«{name}» se llama igual en ambos ({left}, {right}): ¿son el mismo?</translation>
        </message>
        <message>
            <source>“{name}” is one of several ({left} and {right}): which are one?</source>
            <translation>«{name}» es uno de varios ({left} y {right}): ¿cuáles son el mismo?</translation>
        </message>
        <message>
            <source>“{name}”: {field} is “{theirs}” in {other}, but “{ours}” in its owner {owner}</source>
            <translation>«{name}»: {field} es «{theirs}» en {other}, pero «{ours}» en {owner}, que es su dueño</translation>
        </message>
        <message>
            <source>“{name}”: {other} did not take “{ours}” as {field}: {words}</source>
            <translation>«{name}»: {other} no aceptó «{ours}» como {field}: {words}</translation>
        </message>
        <message>
            <source>“{name}”: {field} was changed back again and again by a rule of {other}; it is left alone</source>
            <translation>«{name}»: una regla de {other} regresa {field} una y otra vez; se deja como está</translation>
        </message>
        <message>
            <source>“{name}” is gone from {place}</source>
            <translation>«{name}» desapareció de {place}</translation>
        </message>
        <message>
            <source>“{name}” was merged in {place} with another that is paired too</source>
            <translation>«{name}» se fusionó en {place} con otro que también está emparejado</translation>
        </message>
        <message>
            <source>{count} contacts are gone at once: nothing was done; look at the permissions</source>
            <translation>{count} contactos desaparecieron de golpe: no se hizo nada; revise los permisos</translation>
        </message>
        <message>
            <source>{names}: contacts are not kept the same between these.</source>
            <translation>{names}: entre estas no se mantienen iguales los contactos.</translation>
        </message>
        <message>
            <source>same reference</source>
            <translation>misma referencia</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>mismo RFC o NIT</translation>
        </message>
        <message>
            <source>same e-mail</source>
            <translation>mismo correo</translation>
        </message>
        <message>
            <source>merged there</source>
            <translation>fusionado allá</translation>
        </message>
        <message>
            <source>a person said so</source>
            <translation>lo dijo una persona</translation>
        </message>
        <message>
            <source>{names}: one of them is paired with another; say first that those are two.</source>
            <translation>{names}: uno de ellos está emparejado con otro; diga primero que esos son distintos.</translation>
        </message>
    </context>
    <context>
        <name>decide</name>
        <message>
            <source>A decision needs a reason.</source>
            <translation>Una decisión necesita un motivo.</translation>
        </message>
        <message>
            <source>The document is {state}; this cannot be decided now.</source>
            <translation>El documento está {state}; ahora no se puede decidir.</translation>
        </message>
        <message>
            <source>The journal knows no such document.</source>
            <translation>La bitácora no conoce ese documento.</translation>
        </message>
        <message>
            <source>The target has {count} such documents; exactly one is needed.</source>
            <translation>El destino tiene {count} documentos así; se necesita exactamente uno.</translation>
        </message>
        <message>
            <source>The target still says otherwise than the newest file: {differences}.</source>
            <translation>El destino todavía no dice lo del archivo más reciente: {differences}.</translation>
        </message>
        <message>
            <source>That document of the target is {document} already.</source>
            <translation>Ese documento del destino ya es {document}.</translation>
        </message>
        <message>
            <source>{person} is importing this file right now.</source>
            <translation>{person} está importando este archivo en este momento.</translation>
        </message>
        <message>
            <source>{person} imported it; another person has to approve it.</source>
            <translation>Lo importó {person}; otra persona tiene que dar el visto bueno.</translation>
        </message>
        <message>
            <source>The reconciliation is signed. Open it again first, with a reason.</source>
            <translation>La conciliación está firmada. Reábrala primero, con un motivo.</translation>
        </message>
        <message>
            <source>There are differences or lines to decide; signing nevertheless needs a reason.</source>
            <translation>Hay diferencias o renglones por decidir; para firmar así hace falta un motivo.</translation>
        </message>
        <message>
            <source>The reconciliation is {state}; that is not the next step.</source>
            <translation>La conciliación está {state}; ese no es el siguiente paso.</translation>
        </message>
        <message>
            <source>It is no longer what was prepared; look at it and prepare it again.</source>
            <translation>Ya no es lo que se preparó; revísela y prepárela de nuevo.</translation>
        </message>
        <message>
            <source>{period} is signed; open that month again first.</source>
            <translation>{period} está firmado; reabra primero ese mes.</translation>
        </message>
        <message>
            <source>These lines have an adjustment already: {document}.</source>
            <translation>Estas líneas ya tienen un ajuste: {document}.</translation>
        </message>
        <message>
            <source>{document} was sent already; it is corrected in the target, not taken back.</source>
            <translation>{document} ya se envió; se corrige en el destino, no se deshace.</translation>
        </message>
        <message>
            <source>Neither side has an account that begins with {account}.</source>
            <translation>Ningún lado tiene una cuenta que empiece con {account}.</translation>
        </message>
        <message>
            <source>The parts have to add up to the line; {missing} is missing.</source>
            <translation>Las partes tienen que sumar lo que la línea; faltan {missing}.</translation>
        </message>
        <message>
            <source>The file is larger than {limit} MB; attach a smaller one.</source>
            <translation>El archivo pasa de {limit} MB; adjunte uno más pequeño.</translation>
        </message>
        <message>
            <source>Adjustments go to the target whose books are a side.</source>
            <translation>Los ajustes van al destino cuyos libros son un lado.</translation>
        </message>
        <message>
            <source>The account and its contra account are the same.</source>
            <translation>La cuenta y la contrapartida son la misma.</translation>
        </message>
        <message>
            <source>An adjustment needs an account and a contra account.</source>
            <translation>Un ajuste necesita una cuenta y una contrapartida.</translation>
        </message>
        <message>
            <source>An adjustment needs the journal of the target it goes to.</source>
            <translation>Un ajuste necesita el diario del destino al que va.</translation>
        </message>
        <message>
            <source>The chosen lines differ by nothing: there is nothing to adjust.</source>
            <translation>Las líneas elegidas no difieren: no hay nada que ajustar.</translation>
        </message>
        <message>
            <source>Somebody has to stay administrator.</source>
            <translation>Alguien tiene que quedar como administrador.</translation>
        </message>
        <message>
            <source>The journal in {home} is gone or empty, but its anchors show that it held events: what was sent would be forgotten and could be sent again. Restore a backup. To begin anew on purpose, move the file anchors.jsonl elsewhere first.</source>
            <translation>La bitácora de {home} falta o está vacía, pero sus anclas muestran que tuvo eventos: lo enviado se olvidaría y podría enviarse otra vez. Restaure un respaldo. Para empezar de nuevo a propósito, mueva antes el archivo anchors.jsonl a otra parte.</translation>
        </message>
        <message>
            <source>{text} is no currency; write its code, such as MXN or COP.</source>
            <translation>{text} no es una moneda; escriba su código, como MXN o COP.</translation>
        </message>
        <message>
            <source>{name} stays: the journal has documents, books or events of it. Only a connection that was never used can be taken away.</source>
            <translation>{name} se queda: la bitácora tiene documentos, libros o eventos de ella. Sólo se puede quitar una conexión que nunca se usó.</translation>
        </message>
        <message>
            <source>{url} is not encrypted: anybody on the way could read the password. Use https://, or say why this address may be used all the same.</source>
            <translation>{url} no va cifrada: cualquiera en el camino podría leer la contraseña. Use https://, o indique por qué se puede usar de todos modos.</translation>
        </message>
        <message>
            <source>{path} is the journal itself; name another file.</source>
            <translation>{path} es la bitácora misma; indique otro archivo.</translation>
        </message>
        <message>
            <source>{what} is open in another program: the window of Cuadre, or its work by itself. Close it and try again; nothing was changed.</source>
            <translation>{what} está abierto en otro programa: la ventana de Cuadre, o su trabajo por sí solo. Ciérrelo e intente de nuevo; no se cambió nada.</translation>
        </message>
        <message>
            <source>This target's entries cannot be moved to another day.</source>
            <translation>Los asientos de este destino no se pueden pasar a otro día.</translation>
        </message>
        <message>
            <source>The connection {name} is {old} here and {new} in the file. Change it by hand first, if it is to be so. Nothing was changed.</source>
            <translation>La conexión {name} es {old} aquí y {new} en el archivo. Si ha de ser así, cámbiela antes a mano. No se cambió nada.</translation>
        </message>
        <message>
            <source>This is no set-up of Cuadre that this version can read ({what}). Nothing was changed.</source>
            <translation>Esto no es una configuración de Cuadre que esta versión pueda leer ({what}). No se cambió nada.</translation>
        </message>
        <message>
            <source>This Cuadre does not look for updates: it was built without the key of its makers, or no address is set (cuadre update address).</source>
            <translation>Este Cuadre no busca actualizaciones: se construyó sin la clave de sus autores, o no hay dirección (cuadre update address).</translation>
        </message>
        <message>
            <source>What came is not what the makers of Cuadre signed ({what}). Nothing was installed.</source>
            <translation>Lo que llegó no es lo que firmaron los autores de Cuadre ({what}). No se instaló nada.</translation>
        </message>
        <message>
            <source>The address of the updates does not answer: {what}.</source>
            <translation>La dirección de las actualizaciones no contesta: {what}.</translation>
        </message>
        <message>
            <source>{what} rows do not fit on a sheet of Excel. Export them as CSV.</source>
            <translation>{what} filas no caben en una hoja de Excel. Expórtelas como CSV.</translation>
        </message>
    </context>
    <context>
        <name>demo</name>
        <message>
            <source>Picture of the window: {path}</source>
            <translation>Imagen de la ventana: {path}</translation>
        </message>
        <message>
            <source>Port {port} cannot be used ({reason}). Choose another one with --port.</source>
            <translation>El puerto {port} no se puede usar ({reason}). Elija otro con --port.</translation>
        </message>
        <message>
            <source>Sandbox ERP on {url} (user {user}, password {password}); Ctrl+C ends it.</source>
            <translation>ERP de práctica en {url} (usuario {user}, contraseña {password}); Ctrl+C lo termina.</translation>
        </message>
        <message>
            <source>Sandbox ended.</source>
            <translation>ERP de práctica terminado.</translation>
        </message>
        <message>
            <source>Import {file}</source>
            <translation>Importar {file}</translation>
        </message>
        <message>
            <source>Map: {accepted} of {found} accounts and journals by suggestion</source>
            <translation>Equivalencias: {accepted} de {found} cuentas y diarios por sugerencia</translation>
        </message>
        <message>
            <source>Push to {url}</source>
            <translation>Enviar a {url}</translation>
        </message>
        <message>
            <source>Pull: {lines} ledger lines of the target's own books</source>
            <translation>Leer: {lines} movimientos de los libros del destino</translation>
        </message>
        <message>
            <source>Reconcile</source>
            <translation>Conciliar</translation>
        </message>
        <message>
            <source>Invoices and payments of {file}</source>
            <translation>Facturas y pagos de {file}</translation>
        </message>
        <message>
            <source>Documents against the books:</source>
            <translation>Documentos contra los libros:</translation>
        </message>
        <message>
            <source>Working paper: {path}</source>
            <translation>Papel de trabajo: {path}</translation>
        </message>
    </context>
    <context>
        <name>differences</name>
        <message>
            <source>date</source>
            <translation>fecha</translation>
        </message>
        <message>
            <source>account</source>
            <translation>cuenta</translation>
        </message>
        <message>
            <source>lines</source>
            <translation>líneas</translation>
        </message>
        <message>
            <source>party</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>contact</source>
            <translation>contacto</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>RFC/NIT</translation>
        </message>
        <message>
            <source>name</source>
            <translation>nombre</translation>
        </message>
        <message>
            <source>description</source>
            <translation>concepto</translation>
        </message>
        <message>
            <source>journal</source>
            <translation>diario</translation>
        </message>
        <message>
            <source>without a counterpart in the map</source>
            <translation>sin equivalencia</translation>
        </message>
        <message>
            <source>posted</source>
            <translation>contabilizado</translation>
        </message>
        <message>
            <source>draft</source>
            <translation>borrador</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelado</translation>
        </message>
        <message>
            <source>the target says it has it, but not under our reference</source>
            <translation>el destino dice que ya lo tiene, pero no con nuestra referencia</translation>
        </message>
        <message>
            <source>{number}: cancelled in the target</source>
            <translation>{number}: cancelado en el destino</translation>
        </message>
        <message>
            <source>waits for what it names: {names}</source>
            <translation>espera a lo que nombra: {names}</translation>
        </message>
        <message>
            <source>{count} documents with this reference: {numbers}</source>
            <translation>{count} documentos con esta referencia: {numbers}</translation>
        </message>
        <message>
            <source>two senders were answered: {late} came after the lease was taken over, {known} is what was confirmed; look at both in the target</source>
            <translation>dos envíos obtuvieron respuesta: {late} llegó cuando otro equipo ya había tomado el documento y {known} es el confirmado; revise ambos en el destino</translation>
        </message>
        <message>
            <source>the target confirmed {late} after the lease was taken over</source>
            <translation>el destino confirmó {late} cuando otro equipo ya había tomado el documento</translation>
        </message>
    </context>
    <context>
        <name>documents</name>
        <message>
            <source>contact</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>voucher</source>
            <translation>póliza</translation>
        </message>
        <message>
            <source>attached file</source>
            <translation>archivo adjunto</translation>
        </message>
        <message>
            <source>other fiscal document</source>
            <translation>otro documento fiscal</translation>
        </message>
        <message>
            <source>state of a document</source>
            <translation>estado de un documento</translation>
        </message>
        <message>
            <source>invoice</source>
            <translation>factura</translation>
        </message>
        <message>
            <source>credit note</source>
            <translation>nota de crédito</translation>
        </message>
        <message>
            <source>party of a document</source>
            <translation>tercero de un documento</translation>
        </message>
        <message>
            <source>payment</source>
            <translation>pago</translation>
        </message>
        <message>
            <source>the same</source>
            <translation>lo mismo</translation>
        </message>
        <message>
            <source>missing in the books</source>
            <translation>falta en libros</translation>
        </message>
        <message>
            <source>another amount in the books</source>
            <translation>otro importe en libros</translation>
        </message>
        <message>
            <source>another month in the books</source>
            <translation>otro mes en libros</translation>
        </message>
        <message>
            <source>another day in the books</source>
            <translation>otro día en libros</translation>
        </message>
        <message>
            <source>another amount open in the books</source>
            <translation>otro saldo abierto en libros</translation>
        </message>
        <message>
            <source>another currency in the books</source>
            <translation>otra moneda en libros</translation>
        </message>
        <message>
            <source>another party in the books</source>
            <translation>otro tercero en libros</translation>
        </message>
        <message>
            <source>a paper is missing: less is open by its last payment</source>
            <translation>falta un papel: según su último pago queda menos abierto</translation>
        </message>
        <message>
            <source>cancelled, and in the books</source>
            <translation>cancelado, y en libros</translation>
        </message>
        <message>
            <source>cancelled, not in the books</source>
            <translation>cancelado, no en libros</translation>
        </message>
        <message>
            <source>in the books without a document</source>
            <translation>en libros sin documento</translation>
        </message>
        <message>
            <source>at the authority, without an XML here</source>
            <translation>ante la autoridad, sin XML aquí</translation>
        </message>
        <message>
            <source>not in the authority's listing</source>
            <translation>no está en el listado de la autoridad</translation>
        </message>
        <message>
            <source>pay slip</source>
            <translation>recibo de nómina</translation>
        </message>
    </context>
    <context>
        <name>doors</name>
        <message>
            <source>{vendor} is none of {known}.</source>
            <translation>{vendor} no es ninguno de {known}.</translation>
        </message>
        <message>
            <source>{vendor} signs what it sends: its key is needed.</source>
            <translation>{vendor} firma lo que envía: se necesita su clave.</translation>
        </message>
        <message>
            <source>This is no signing key: it has blanks or letters no vendor uses.</source>
            <translation>Esto no es una clave de firma: tiene espacios o letras que ningún proveedor usa.</translation>
        </message>
        <message>
            <source>{vendor} signs the address too: say the public one it is given (https://…).</source>
            <translation>{vendor} firma también la dirección: diga la pública que se le da (https://…).</translation>
        </message>
        <message>
            <source>This account has no secret store; nothing was opened. Hand the key over in the environment variable {variable} or as a credential “{name}” of the service.</source>
            <translation>Esta cuenta no tiene almacén de secretos; no se abrió nada. Entregue la clave en la variable de entorno {variable} o como credencial «{name}» del servicio.</translation>
        </message>
        <message>
            <source>The key comes from the environment variable {variable} or from the credential “{name}” of the service, which stands above a kept one: change it there.</source>
            <translation>La clave viene de la variable de entorno {variable} o de la credencial «{name}» del servicio, que vale antes que una guardada: cámbiela allí.</translation>
        </message>
    </context>
    <context>
        <name>events</name>
        <message>
            <source>journal backed up</source>
            <translation>bitácora respaldada</translation>
        </message>
        <message>
            <source>set-up taken over from a file</source>
            <translation>configuración adoptada de un archivo</translation>
        </message>
        <message>
            <source>journal restored from a copy</source>
            <translation>bitácora restaurada de una copia</translation>
        </message>
        <message>
            <source>journal saved from a damaged file</source>
            <translation>bitácora salvada de un archivo dañado</translation>
        </message>
        <message>
            <source>found not to know everything that was sent</source>
            <translation>se notó que no sabe todo lo que se envió</translation>
        </message>
        <message>
            <source>finding of verify settled by a person</source>
            <translation>hallazgo de la verificación resuelto por una persona</translation>
        </message>
        <message>
            <source>derived tables built anew</source>
            <translation>tablas derivadas reconstruidas</translation>
        </message>
        <message>
            <source>signing key registered</source>
            <translation>llave de firma registrada</translation>
        </message>
        <message>
            <source>company of a connection seen</source>
            <translation>empresa de una conexión identificada</translation>
        </message>
        <message>
            <source>documents told apart from what the target has by a person</source>
            <translation>documentos que una persona distinguió de lo que tiene el destino</translation>
        </message>
        <message>
            <source>likely repeats told apart by a person</source>
            <translation>posibles repetidos distinguidos por una persona</translation>
        </message>
        <message>
            <source>import started</source>
            <translation>importación iniciada</translation>
        </message>
        <message>
            <source>import closed</source>
            <translation>importación terminada</translation>
        </message>
        <message>
            <source>file imported before</source>
            <translation>archivo ya importado antes</translation>
        </message>
        <message>
            <source>import abandoned</source>
            <translation>importación abandonada</translation>
        </message>
        <message>
            <source>could not be made searchable</source>
            <translation>no se pudo indexar para buscar</translation>
        </message>
        <message>
            <source>import cancelled</source>
            <translation>importación cancelada</translation>
        </message>
        <message>
            <source>import failed</source>
            <translation>importación fallida</translation>
        </message>
        <message>
            <source>open lines explained</source>
            <translation>partidas abiertas explicadas</translation>
        </message>
        <message>
            <source>line split by a person</source>
            <translation>renglón partido por una persona</translation>
        </message>
        <message>
            <source>file kept as evidence</source>
            <translation>archivo guardado como evidencia</translation>
        </message>
        <message>
            <source>adjustment proposed</source>
            <translation>ajuste propuesto</translation>
        </message>
        <message>
            <source>decision done again</source>
            <translation>decisión rehecha</translation>
        </message>
        <message>
            <source>reconciliation prepared</source>
            <translation>conciliación preparada</translation>
        </message>
        <message>
            <source>reconciliation reviewed</source>
            <translation>conciliación revisada</translation>
        </message>
        <message>
            <source>reconciliation signed</source>
            <translation>conciliación firmada</translation>
        </message>
        <message>
            <source>reconciliation opened again</source>
            <translation>conciliación reabierta</translation>
        </message>
        <message>
            <source>fields of contacts compared</source>
            <translation>campos de terceros comparados</translation>
        </message>
        <message>
            <source>queued</source>
            <translation>en cola</translation>
        </message>
        <message>
            <source>sending</source>
            <translation>enviando</translation>
        </message>
        <message>
            <source>confirmed by the target</source>
            <translation>confirmada por el destino</translation>
        </message>
        <message>
            <source>found in the target and adopted</source>
            <translation>encontrada en el destino y adoptada</translation>
        </message>
        <message>
            <source>refused by the target</source>
            <translation>rechazada por el destino</translation>
        </message>
        <message>
            <source>sent, answer lost</source>
            <translation>enviada, se perdió la respuesta</translation>
        </message>
        <message>
            <source>looking it up</source>
            <translation>buscándola en el destino</translation>
        </message>
        <message>
            <source>waits for a document it names</source>
            <translation>espera a un documento que nombra</translation>
        </message>
        <message>
            <source>not in the target; will be sent</source>
            <translation>no está en el destino; se enviará</translation>
        </message>
        <message>
            <source>not in the target yet; looked up again before it is sent</source>
            <translation>aún no está en el destino; se busca otra vez antes de enviarlo</translation>
        </message>
        <message>
            <source>not sent; will be repeated</source>
            <translation>no se envió; se repetirá</translation>
        </message>
        <message>
            <source>target asks to wait</source>
            <translation>el destino pide esperar</translation>
        </message>
        <message>
            <source>taken over from a sender that died</source>
            <translation>tomada de un envío que se interrumpió</translation>
        </message>
        <message>
            <source>differs from what the target holds</source>
            <translation>difiere de lo que tiene el destino</translation>
        </message>
        <message>
            <source>batch refused; each will go alone</source>
            <translation>lote rechazado; irán uno por uno</translation>
        </message>
        <message>
            <source>looking it up failed; will be repeated</source>
            <translation>falló la búsqueda; se repetirá</translation>
        </message>
        <message>
            <source>answer came after another sender took over</source>
            <translation>la respuesta llegó cuando otro envío ya la había tomado</translation>
        </message>
        <message>
            <source>prepared again with the corrected map</source>
            <translation>preparada de nuevo con las equivalencias corregidas</translation>
        </message>
        <message>
            <source>came again in a newer file</source>
            <translation>llegó de nuevo en un archivo más reciente</translation>
        </message>
        <message>
            <source>retry asked by a person</source>
            <translation>reintento pedido por una persona</translation>
        </message>
        <message>
            <source>skipped by a person</source>
            <translation>omitido por una persona</translation>
        </message>
        <message>
            <source>corrected in the target, as a person says</source>
            <translation>corregido en el destino, según una persona</translation>
        </message>
        <message>
            <source>linked by a person to a document of the target</source>
            <translation>ligado por una persona a un documento del destino</translation>
        </message>
        <message>
            <source>target silent; left alone for a while</source>
            <translation>el destino calla; se le deja en paz un rato</translation>
        </message>
        <message>
            <source>target answers again</source>
            <translation>el destino responde otra vez</translation>
        </message>
        <message>
            <source>file let go by a person</source>
            <translation>archivo con visto bueno de una persona</translation>
        </message>
        <message>
            <source>file's lines moved to the archive</source>
            <translation>líneas del archivo pasadas al histórico</translation>
        </message>
        <message>
            <source>roles of a person changed</source>
            <translation>permisos de una persona cambiados</translation>
        </message>
        <message>
            <source>alert raised</source>
            <translation>alerta emitida</translation>
        </message>
        <message>
            <source>alert is over</source>
            <translation>alerta terminada</translation>
        </message>
        <message>
            <source>alert could not be delivered</source>
            <translation>la alerta no se pudo entregar</translation>
        </message>
        <message>
            <source>sending started</source>
            <translation>envío iniciado</translation>
        </message>
        <message>
            <source>sending ended</source>
            <translation>envío terminado</translation>
        </message>
        <message>
            <source>target's books read</source>
            <translation>libros del destino leídos</translation>
        </message>
        <message>
            <source>reading the target failed</source>
            <translation>falló la lectura del destino</translation>
        </message>
        <message>
            <source>map changed</source>
            <translation>equivalencias modificadas</translation>
        </message>
        <message>
            <source>link removed from the map</source>
            <translation>equivalencia quitada del mapa</translation>
        </message>
        <message>
            <source>connection saved</source>
            <translation>conexión guardada</translation>
        </message>
        <message>
            <source>connection taken away</source>
            <translation>conexión quitada</translation>
        </message>
        <message>
            <source>setting changed</source>
            <translation>ajuste modificado</translation>
        </message>
        <message>
            <source>reconciled</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>match accepted by a person</source>
            <translation>cruce aceptado por una persona</translation>
        </message>
        <message>
            <source>match taken apart by a person</source>
            <translation>cruce separado por una persona</translation>
        </message>
        <message>
            <source>adjustment withdrawn</source>
            <translation>ajuste retirado</translation>
        </message>
        <message>
            <source>decision taken back</source>
            <translation>decisión deshecha</translation>
        </message>
        <message>
            <source>encoding or report chosen by a person</source>
            <translation>codificación o reporte elegido por una persona</translation>
        </message>
        <message>
            <source>events came in</source>
            <translation>llegaron eventos</translation>
        </message>
        <message>
            <source>bodies of events erased</source>
            <translation>contenidos de eventos borrados</translation>
        </message>
        <message>
            <source>events looked at</source>
            <translation>eventos vistos</translation>
        </message>
        <message>
            <source>event set apart</source>
            <translation>evento apartado</translation>
        </message>
        <message>
            <source>event to be looked at again, by a person</source>
            <translation>evento por ver de nuevo, por una persona</translation>
        </message>
        <message>
            <source>event of no use, as a person says</source>
            <translation>evento sin uso, según una persona</translation>
        </message>
        <message>
            <source>events to be looked at again</source>
            <translation>eventos por ver de nuevo</translation>
        </message>
        <message>
            <source>door for events opened</source>
            <translation>puerta para eventos abierta</translation>
        </message>
        <message>
            <source>door for events closed</source>
            <translation>puerta para eventos cerrada</translation>
        </message>
        <message>
            <source>deliveries with a wrong signature refused</source>
            <translation>entregas con firma equivocada rechazadas</translation>
        </message>
        <message>
            <source>contacts paired</source>
            <translation>contactos emparejados</translation>
        </message>
        <message>
            <source>pair of contacts ended</source>
            <translation>par de contactos terminado</translation>
        </message>
        <message>
            <source>field of a contact written</source>
            <translation>campo de un contacto escrito</translation>
        </message>
        <message>
            <source>both sides changed a field; its owner won</source>
            <translation>ambos lados cambiaron un campo; ganó su dueño</translation>
        </message>
        <message>
            <source>payment proposed</source>
            <translation>cobro propuesto</translation>
        </message>
        <message>
            <source>proposal settled</source>
            <translation>propuesta resuelta</translation>
        </message>
        <message>
            <source>unattended job failed, or went well again</source>
            <translation>un trabajo automático falló, o volvió a salir bien</translation>
        </message>
        <message>
            <source>unattended work tested</source>
            <translation>trabajo automático probado</translation>
        </message>
        <message>
            <source>journal written to as a test</source>
            <translation>escritura de prueba en el diario</translation>
        </message>
        <message>
            <source>unexpected error</source>
            <translation>error inesperado</translation>
        </message>
    </context>
    <context>
        <name>evidence</name>
        <message>
            <source>The XML declares {encoding}, and every byte fits.</source>
            <translation>El XML declara {encoding}, y todos los bytes corresponden.</translation>
        </message>
        <message>
            <source>The file is large: its first {size} MB of lines with accents decided; the others are checked one by one.</source>
            <translation>El archivo es grande: decidieron sus primeros {size} MB de líneas con acentos; las demás se revisan una por una.</translation>
        </message>
        <message>
            <source>The file begins with the byte-order mark of {encoding}.</source>
            <translation>El archivo empieza con la marca de orden de bytes de {encoding}.</translation>
        </message>
        <message>
            <source>Every second byte is zero in {share} % of the file: {encoding}.</source>
            <translation>Uno de cada dos bytes es cero en {share} % del archivo: {encoding}.</translation>
        </message>
        <message>
            <source>Every byte is plain ASCII; no accent can be wrong.</source>
            <translation>Todos los bytes son ASCII simple; ningún acento puede estar mal.</translation>
        </message>
        <message>
            <source>Valid UTF-8 up to a last character that is cut.</source>
            <translation>UTF-8 válido hasta un último carácter cortado.</translation>
        </message>
        <message>
            <source>{valid} of {total} lines with accents are valid UTF-8; the others are read as cp1252.</source>
            <translation>{valid} de {total} líneas con acentos son UTF-8 válido; las demás se leen como cp1252.</translation>
        </message>
        <message>
            <source>A second detector (chardet) reads the same text.</source>
            <translation>Un segundo detector (chardet) lee el mismo texto.</translation>
        </message>
        <message>
            <source>A second detector (chardet) disagrees: {encoding}. Check the accents.</source>
            <translation>Un segundo detector (chardet) no coincide: {encoding}. Revise los acentos.</translation>
        </message>
        <message>
            <source>Read as {encoding}, the {total} characters outside ASCII are: {letters}.</source>
            <translation>Leídos como {encoding}, los {total} caracteres fuera de ASCII son: {letters}.</translation>
        </message>
        <message>
            <source>Line {line}: {reading} | as {rival} it would read: {other}</source>
            <translation>Línea {line}: {reading} | como {rival} se leería: {other}</translation>
        </message>
        <message>
            <source>All {count} multi-byte sequences are valid UTF-8; by chance that does not happen.</source>
            <translation>Las {count} secuencias de varios bytes son UTF-8 válido; por azar eso no ocurre.</translation>
        </message>
        <message>
            <source>{encoding} was chosen by a person.</source>
            <translation>{encoding} fue elegida por una persona.</translation>
        </message>
        <message>
            <source>The header names {named}, but the letters are plainly {encoding}.</source>
            <translation>El encabezado indica {named}, pero las letras son claramente {encoding}.</translation>
        </message>
        <message>
            <source>The header of the table names {encoding}.</source>
            <translation>El encabezado de la tabla indica {encoding}.</translation>
        </message>
    </context>
    <context>
        <name>facts</name>
        <message>
            <source>attempt</source>
            <translation>intento</translation>
        </message>
        <message>
            <source>target id</source>
            <translation>id en el destino</translation>
        </message>
        <message>
            <source>number in the target</source>
            <translation>número en el destino</translation>
        </message>
        <message>
            <source>connection</source>
            <translation>conexión</translation>
        </message>
        <message>
            <source>error</source>
            <translation>error</translation>
        </message>
        <message>
            <source>the target's words</source>
            <translation>palabras del destino</translation>
        </message>
        <message>
            <source>changes</source>
            <translation>cambios</translation>
        </message>
        <message>
            <source>seconds to wait</source>
            <translation>segundos de espera</translation>
        </message>
        <message>
            <source>file</source>
            <translation>archivo</translation>
        </message>
        <message>
            <source>path</source>
            <translation>ruta</translation>
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
            <translation>opciones</translation>
        </message>
        <message>
            <source>state</source>
            <translation>estado</translation>
        </message>
        <message>
            <source>lines</source>
            <translation>líneas</translation>
        </message>
        <message>
            <source>digest</source>
            <translation>huella</translation>
        </message>
        <message>
            <source>report</source>
            <translation>reporte</translation>
        </message>
        <message>
            <source>encoding</source>
            <translation>codificación</translation>
        </message>
        <message>
            <source>failure</source>
            <translation>falla</translation>
        </message>
        <message>
            <source>last line</source>
            <translation>última línea</translation>
        </message>
        <message>
            <source>documents</source>
            <translation>documentos</translation>
        </message>
        <message>
            <source>held back</source>
            <translation>retenidas</translation>
        </message>
        <message>
            <source>batch</source>
            <translation>lote</translation>
        </message>
        <message>
            <source>confirmed</source>
            <translation>confirmadas</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>rechazada</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>incierta</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>en espera</translation>
        </message>
        <message>
            <source>from</source>
            <translation>desde</translation>
        </message>
        <message>
            <source>to</source>
            <translation>hasta</translation>
        </message>
        <message>
            <source>reason</source>
            <translation>motivo</translation>
        </message>
        <message>
            <source>what</source>
            <translation>qué</translation>
        </message>
        <message>
            <source>roles</source>
            <translation>permisos</translation>
        </message>
        <message>
            <source>archive</source>
            <translation>archivo histórico</translation>
        </message>
        <message>
            <source>text</source>
            <translation>texto</translation>
        </message>
        <message>
            <source>sent to</source>
            <translation>enviado a</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>sugeridos</translation>
        </message>
        <message>
            <source>different</source>
            <translation>diferente</translation>
        </message>
        <message>
            <source>only left</source>
            <translation>sólo izquierda</translation>
        </message>
        <message>
            <source>only right</source>
            <translation>sólo derecha</translation>
        </message>
        <message>
            <source>difference</source>
            <translation>diferencia</translation>
        </message>
        <message>
            <source>unexplained</source>
            <translation>sin explicar</translation>
        </message>
        <message>
            <source>settled</source>
            <translation>resuelto</translation>
        </message>
        <message>
            <source>explained</source>
            <translation>explicado</translation>
        </message>
        <message>
            <source>left</source>
            <translation>izquierda</translation>
        </message>
        <message>
            <source>right</source>
            <translation>derecha</translation>
        </message>
        <message>
            <source>links</source>
            <translation>equivalencias</translation>
        </message>
        <message>
            <source>events</source>
            <translation>eventos</translation>
        </message>
        <message>
            <source>events lost by it</source>
            <translation>eventos que se pierden</translation>
        </message>
        <message>
            <source>level</source>
            <translation>nivel</translation>
        </message>
        <message>
            <source>damaged</source>
            <translation>dañado</translation>
        </message>
        <message>
            <source>value</source>
            <translation>valor</translation>
        </message>
        <message>
            <source>events known</source>
            <translation>eventos conocidos</translation>
        </message>
        <message>
            <source>events there</source>
            <translation>eventos presentes</translation>
        </message>
        <message>
            <source>place</source>
            <translation>lugar</translation>
        </message>
        <message>
            <source>company</source>
            <translation>empresa</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>RFC/NIT</translation>
        </message>
        <message>
            <source>system</source>
            <translation>sistema</translation>
        </message>
        <message>
            <source>address</source>
            <translation>dirección</translation>
        </message>
        <message>
            <source>public key</source>
            <translation>llave pública</translation>
        </message>
        <message>
            <source>number of the claim</source>
            <translation>número de la toma</translation>
        </message>
        <message>
            <source>sender</source>
            <translation>quien envía</translation>
        </message>
        <message>
            <source>answer</source>
            <translation>respuesta</translation>
        </message>
        <message>
            <source>door</source>
            <translation>puerta</translation>
        </message>
        <message>
            <source>rows</source>
            <translation>filas</translation>
        </message>
        <message>
            <source>how many</source>
            <translation>cuántos</translation>
        </message>
        <message>
            <source>seconds behind</source>
            <translation>segundos de atraso</translation>
        </message>
        <message>
            <source>kind of record</source>
            <translation>tipo de registro</translation>
        </message>
        <message>
            <source>number</source>
            <translation>número</translation>
        </message>
        <message>
            <source>done</source>
            <translation>hecho</translation>
        </message>
        <message>
            <source>known already</source>
            <translation>ya conocido</translation>
        </message>
        <message>
            <source>of no use</source>
            <translation>sin uso</translation>
        </message>
        <message>
            <source>to be tried again</source>
            <translation>por reintentar</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>apartados</translation>
        </message>
        <message>
            <source>connections</source>
            <translation>conexiones</translation>
        </message>
        <message>
            <source>accounts</source>
            <translation>cuentas</translation>
        </message>
        <message>
            <source>accounts told as one</source>
            <translation>cuentas reconocidas como una</translation>
        </message>
        <message>
            <source>balances</source>
            <translation>saldos</translation>
        </message>
        <message>
            <source>balances refused</source>
            <translation>saldos negados</translation>
        </message>
        <message>
            <source>carried forward</source>
            <translation>vienen de antes</translation>
        </message>
        <message>
            <source>sides turned</source>
            <translation>lados invertidos</translation>
        </message>
        <message>
            <source>by currency</source>
            <translation>por moneda</translation>
        </message>
        <message>
            <source>database</source>
            <translation>base de datos</translation>
        </message>
        <message>
            <source>fiscal documents</source>
            <translation>documentos fiscales</translation>
        </message>
        <message>
            <source>name</source>
            <translation>nombre</translation>
        </message>
        <message>
            <source>version</source>
            <translation>versión</translation>
        </message>
        <message>
            <source>not searched</source>
            <translation>sin buscar</translation>
        </message>
        <message>
            <source>calls a day</source>
            <translation>llamadas por día</translation>
        </message>
        <message>
            <source>calls a minute</source>
            <translation>llamadas por minuto</translation>
        </message>
        <message>
            <source>month</source>
            <translation>mes</translation>
        </message>
        <message>
            <source>rules</source>
            <translation>reglas</translation>
        </message>
        <message>
            <source>shares</source>
            <translation>proporciones</translation>
        </message>
        <message>
            <source>user</source>
            <translation>usuario</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>cargo (débito)</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>abono (crédito)</translation>
        </message>
        <message>
            <source>total</source>
            <translation>total</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>lista</translation>
        </message>
        <message>
            <source>blocked</source>
            <translation>bloqueada</translation>
        </message>
        <message>
            <source>headings</source>
            <translation>encabezados</translation>
        </message>
        <message>
            <source>notes</source>
            <translation>notas</translation>
        </message>
        <message>
            <source>warnings</source>
            <translation>advertencias</translation>
        </message>
        <message>
            <source>whole</source>
            <translation>completo</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>incompleto</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>falló</translation>
        </message>
        <message>
            <source>open</source>
            <translation>abierta</translation>
        </message>
        <message>
            <source>prepared</source>
            <translation>preparada</translation>
        </message>
        <message>
            <source>reviewed</source>
            <translation>revisada</translation>
        </message>
        <message>
            <source>signed</source>
            <translation>firmada</translation>
        </message>
        <message>
            <source>yes</source>
            <translation>sí</translation>
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
            <translation>Nombre</translation>
        </message>
        <message>
            <source>Tax id</source>
            <translation>RFC o NIT</translation>
        </message>
        <message>
            <source>E-mail</source>
            <translation>Correo</translation>
        </message>
        <message>
            <source>Phone</source>
            <translation>Teléfono</translation>
        </message>
        <message>
            <source>Street</source>
            <translation>Dirección</translation>
        </message>
        <message>
            <source>City</source>
            <translation>Ciudad</translation>
        </message>
        <message>
            <source>Region</source>
            <translation>Estado o departamento</translation>
        </message>
        <message>
            <source>Postcode</source>
            <translation>Código postal</translation>
        </message>
        <message>
            <source>Country</source>
            <translation>País</translation>
        </message>
        <message>
            <source>Days of credit</source>
            <translation>Días de crédito</translation>
        </message>
        <message>
            <source>Credit limit</source>
            <translation>Límite de crédito</translation>
        </message>
        <message>
            <source>Balance</source>
            <translation>Saldo</translation>
        </message>
        <message>
            <source>the legacy system</source>
            <translation>el sistema de origen</translation>
        </message>
        <message>
            <source>the target</source>
            <translation>el destino</translation>
        </message>
        <message>
            <source>goes to the target</source>
            <translation>va al destino</translation>
        </message>
        <message>
            <source>is taken over by hand in the legacy system</source>
            <translation>se pasa a mano al sistema de origen</translation>
        </message>
        <message>
            <source>stays where it is</source>
            <translation>se queda donde está</translation>
        </message>
        <message>
            <source>the legacy system says otherwise, but the target owns it</source>
            <translation>el sistema de origen dice otra cosa, pero el dueño es el destino</translation>
        </message>
        <message>
            <source>the target says otherwise, but the legacy system owns it</source>
            <translation>el destino dice otra cosa, pero el dueño es el sistema de origen</translation>
        </message>
        <message>
            <source>changed in the legacy system since it was sent</source>
            <translation>cambió en el sistema de origen desde que se envió</translation>
        </message>
        <message>
            <source>Line {line}: there is no field “{seen}”.</source>
            <translation>Línea {line}: no existe el campo «{seen}».</translation>
        </message>
        <message>
            <source>Line {line}: “{seen}” is no owner; write source or target.</source>
            <translation>Línea {line}: «{seen}» no es un dueño; escriba source (origen) o target (destino).</translation>
        </message>
        <message>
            <source>Line {line}: “{seen}”: a field flows away from its owner (to-target, to-source) or nowhere (none).</source>
            <translation>Línea {line}: «{seen}»: un campo sale de su dueño (to-target, to-source) o no sale (none).</translation>
        </message>
        <message>
            <source>Line {line}: field “{seen}” has an owner already.</source>
            <translation>Línea {line}: el campo «{seen}» ya tiene dueño.</translation>
        </message>
        <message>
            <source>There is no “{text}”.</source>
            <translation>No existe «{text}».</translation>
        </message>
        <message>
            <source>{field} is never put back by itself: documents are under it.</source>
            <translation>{field} nunca se repone por sí solo: hay documentos a su nombre.</translation>
        </message>
    </context>
    <context>
        <name>findings</name>
        <message>
            <source>The file is empty (0 bytes). Export it again.</source>
            <translation>El archivo está vacío (0 bytes). Expórtelo de nuevo.</translation>
        </message>
        <message>
            <source>The file holds {size} bytes, all zero: the copy or the disk failed. Export it again and check the disk it was copied from.</source>
            <translation>El archivo tiene {size} bytes y todos son cero: falló la copia o el disco. Expórtelo de nuevo y revise el disco de donde se copió.</translation>
        </message>
        <message>
            <source>{seen} cells hold a formula without a stored result and read as blank. Open the workbook in Excel, save it and import it again.</source>
            <translation>{seen} celdas contienen una fórmula sin resultado guardado y se leen vacías. Abra el libro en Excel, guárdelo e impórtelo de nuevo.</translation>
        </message>
        <message>
            <source>This is a {kind}, whatever its name says; it holds no lines to read. Export the report as text or Excel.</source>
            <translation>Esto es un {kind}, diga lo que diga su nombre; no tiene líneas que leer. Exporte el reporte como texto o Excel.</translation>
        </message>
        <message>
            <source>The workbook is protected with a password. Open it in Excel, remove the password (File &gt; Info &gt; Protect) and save it again.</source>
            <translation>El libro está protegido con contraseña. Ábralo en Excel, quite la contraseña (Archivo &gt; Información &gt; Proteger) y guárdelo de nuevo.</translation>
        </message>
        <message>
            <source>The header of the table states {seen} records; the file holds {expected}. Nothing of it will be sent; copy it again while the program that writes it is closed.</source>
            <translation>El encabezado de la tabla indica {seen} registros; el archivo contiene {expected}. No se enviará nada de él; cópielo de nuevo con el programa que lo escribe cerrado.</translation>
        </message>
        <message>
            <source>The report states no total: each amount is quantity times unit price less the discount, before taxes.</source>
            <translation>El reporte no indica ningún total: cada importe es cantidad por precio unitario menos el descuento, antes de impuestos.</translation>
        </message>
        <message>
            <source>The statement cannot be read: {reason}. Download it again from the bank.</source>
            <translation>No se puede leer el estado de cuenta: {reason}. Descárguelo de nuevo del banco.</translation>
        </message>
        <message>
            <source>This is a CFDI {seen}; versions 3.3 and 4.0 are read. Ask for the document in one of them, or enter it by hand.</source>
            <translation>Es un CFDI {seen}; se leen las versiones 3.3 y 4.0. Pida el comprobante en una de ellas o captúrelo a mano.</translation>
        </message>
        <message>
            <source>Sheet “{name}” is another table and was not read ({count} rows). Import it from a workbook of its own if it is needed.</source>
            <translation>La hoja «{name}» es otra tabla y no se leyó ({count} filas). Si hace falta, impórtela desde un libro propio.</translation>
        </message>
        <message>
            <source>The movement carries {seen} in a foreign currency the file does not name (at {rate} they are {amount}). The target would get only the local amount, so the voucher is held; enter it there by hand.</source>
            <translation>El movimiento lleva {seen} en una moneda extranjera que el archivo no nombra (a {rate} son {amount}). El destino recibiría sólo el importe local, por lo que la póliza queda detenida; captúrela ahí a mano.</translation>
        </message>
        <message>
            <source>The pattern “{seen}” of the chosen report does not come to an end on this file. Correct the report, or choose another.</source>
            <translation>El patrón «{seen}» del reporte elegido no termina con este archivo. Corrija el reporte o elija otro.</translation>
        </message>
        <message>
            <source>Amounts of which the file names no currency were taken to be in the company's, {currency}.</source>
            <translation>Los importes cuya moneda el archivo no nombra se tomaron en la de la empresa, {currency}.</translation>
        </message>
        <message>
            <source>Its folios are those of branch {branch}, as was said of files like it before. Where it is of none, import it with - as the branch.</source>
            <translation>Sus folios son los de la sucursal {branch}, como se dijo antes de archivos parecidos. Si no es de ninguna, impórtelo con - como sucursal.</translation>
        </message>
        <message>
            <source>Only the total of this document can be read, so it cannot be sent as a document: {seen} ({reason}).</source>
            <translation>De este documento solo se puede leer el total, por lo que no se puede enviar como documento: {seen} ({reason}).</translation>
        </message>
        <message>
            <source>Document {identifier} was imported with batch {batch} before; it is not counted again.</source>
            <translation>El documento {identifier} ya se importó con el lote {batch}; no se cuenta otra vez.</translation>
        </message>
        <message>
            <source>{seen} documents were imported before (the first with batch {batch}); they are kept here and not counted again.</source>
            <translation>{seen} documentos ya se habían importado (el primero con el lote {batch}); se conservan aquí y no se cuentan otra vez.</translation>
        </message>
        <message>
            <source>{seen} documents stand more than once among these files; each is counted once.</source>
            <translation>{seen} documentos están repetidos entre estos archivos; cada uno se cuenta una vez.</translation>
        </message>
        <message>
            <source>{seen} files that hold nothing to read ({name} and others) lie beside no XML of their name; they are kept without a document.</source>
            <translation>{seen} archivos sin nada que leer ({name} y otros) no están junto a un XML de su nombre; se conservan sin documento.</translation>
        </message>
        <message>
            <source>This is no electronic document but “{seen}”. Import it by itself.</source>
            <translation>Esto no es un documento electrónico sino «{seen}». Impórtelo por separado.</translation>
        </message>
        <message>
            <source>The document has {seen} bytes; no electronic document is that large. It was kept and not read.</source>
            <translation>El documento tiene {seen} bytes; ningún documento electrónico es tan grande. Se conservó y no se leyó.</translation>
        </message>
        <message>
            <source>Sheet “{name}” only repeats rows of another sheet ({count}); they are not counted twice.</source>
            <translation>La hoja «{name}» sólo repite filas de otra hoja ({count}); no se cuentan dos veces.</translation>
        </message>
        <message>
            <source>{seen} of the {count} rows of sheet “{name}” stand in another sheet already: are they the same movements?</source>
            <translation>{seen} de las {count} filas de la hoja «{name}» ya están en otra hoja: ¿son los mismos movimientos?</translation>
        </message>
        <message>
            <source>{what}: a document without effect on the books; it is not counted.</source>
            <translation>{what}: documento sin efecto en los libros; no se cuenta.</translation>
        </message>
        <message>
            <source>“{name}” says “{seen}”, and the row was counted all the same. If nothing moved, name that value in a layout (skip_where) or take the row out of the file.</source>
            <translation>«{name}» dice «{seen}» y la fila se contó de todos modos. Si no movió nada, nombre ese valor en un formato (skip_where) o quite la fila del archivo.</translation>
        </message>
        <message>
            <source>{name} is “{seen}”: the row moved nothing and is not counted.</source>
            <translation>{name} es «{seen}»: la fila no movió nada y no se cuenta.</translation>
        </message>
        <message>
            <source>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is read as if it had issued it. Check whose it is.</source>
            <translation>Ni {issuer} (emisor) ni {receiver} (receptor) es la empresa: el documento se lee como si ella lo hubiera emitido. Revise de quién es.</translation>
        </message>
        <message>
            <source>Nobody said whose books these are: the document of {issuer} for {receiver} is read as issued. Set the company's own tax id.</source>
            <translation>Nadie ha dicho de quién son los libros: el documento de {issuer} para {receiver} se lee como emitido. Registre el RFC o NIT propio de la empresa.</translation>
        </message>
        <message>
            <source>The CFDI has more than one stamp: {seen}. The first one counts.</source>
            <translation>El CFDI tiene más de un timbre: {seen}. Cuenta el primero.</translation>
        </message>
        <message>
            <source>The bank's identifier {seen} stands twice in the statement: is it the same movement?</source>
            <translation>El identificador del banco {seen} está dos veces en el extracto: ¿es el mismo movimiento?</translation>
        </message>
        <message>
            <source>The CFDI has no UUID: it is not stamped (timbrado).</source>
            <translation>El CFDI no tiene UUID: no está timbrado.</translation>
        </message>
        <message>
            <source>Files of the kind {kind} are recognised but not read by this version. Export the report as text, CSV or Excel.</source>
            <translation>Los archivos de tipo {kind} se reconocen pero esta versión no los lee. Exporte el reporte como texto, CSV o Excel.</translation>
        </message>
        <message>
            <source>No known report fits this file (best guess {guess} with {score} %). Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</source>
            <translation>Ningún reporte conocido corresponde a este archivo (el más parecido es {guess} con {score} %). Elija un reporte a mano o indique qué son sus columnas con «Formato…» (cuadre profile new).</translation>
        </message>
        <message>
            <source>There is no profile called {seen}.</source>
            <translation>No existe un perfil llamado {seen}.</translation>
        </message>
        <message>
            <source>The profile {seen} cannot read this file: {reason}</source>
            <translation>El perfil {seen} no puede leer este archivo: {reason}</translation>
        </message>
        <message>
            <source>The file is cut in the middle of line {line}: {seen} characters where {expected} belong and no end of line. Nothing of it will be sent; export it again.</source>
            <translation>El archivo está cortado a la mitad de la línea {line}: tiene {seen} donde van {expected} y le falta el fin de línea. No se enviará nada de él; expórtelo de nuevo.</translation>
        </message>
        <message>
            <source>The layout was recognised, but the file has no movement.</source>
            <translation>Se reconoció el formato, pero el archivo no tiene movimientos.</translation>
        </message>
        <message>
            <source>The file cannot be read with the encoding {seen}. Choose another one.</source>
            <translation>El archivo no se puede leer con la codificación {seen}. Elija otra.</translation>
        </message>
        <message>
            <source>The encoding is a guess ({encoding}, {confidence} % sure). Check the accents in the preview before going on.</source>
            <translation>La codificación es una conjetura ({encoding}, {confidence} % de certeza). Revise los acentos en la vista previa antes de continuar.</translation>
        </message>
        <message>
            <source>This line is written in {seen} while the file is in {expected}; it was read as {seen}.</source>
            <translation>Esta línea está escrita en {seen} y el archivo en {expected}; se leyó como {seen}.</translation>
        </message>
        <message>
            <source>The letters {seen} are unlikely in {encoding}, the encoding of the rest of the file; they were read so. Check this line.</source>
            <translation>Las letras {seen} son poco probables en {encoding}, la codificación del resto del archivo; así se leyeron. Revise esta línea.</translation>
        </message>
        <message>
            <source>From byte {offset} on, {seen} bytes follow without an end of line; that is no line of an export. Nothing was read beyond it.</source>
            <translation>Desde el byte {offset} siguen {seen} bytes sin fin de línea; eso no es una línea de una exportación. No se leyó nada más allá.</translation>
        </message>
        <message>
            <source>The line has {seen} characters that mean nothing in this encoding. Check the encoding of the file.</source>
            <translation>La línea tiene {seen} caracteres que no significan nada en esta codificación. Revise la codificación del archivo.</translation>
        </message>
        <message>
            <source>The line has {seen} NUL characters; they were read as blanks.</source>
            <translation>La línea tiene {seen} caracteres NUL; se leyeron como espacios.</translation>
        </message>
        <message>
            <source>The line begins with {seen}, which is no record of this layout.</source>
            <translation>La línea empieza con {seen}, que no es un registro de este formato.</translation>
        </message>
        <message>
            <source>The line has {seen} characters; a {record} record has {expected}. Its fields cannot be located safely.</source>
            <translation>La línea tiene {seen} caracteres; un registro {record} tiene {expected}. No se pueden ubicar sus campos con seguridad.</translation>
        </message>
        <message>
            <source>A {record} record with no voucher above it.</source>
            <translation>Un registro {record} sin póliza arriba.</translation>
        </message>
        <message>
            <source>{field}: {seen} is not an amount.</source>
            <translation>{field}: {seen} no es un importe.</translation>
        </message>
        <message>
            <source>{field}: {seen} is not a date; expected {expected}.</source>
            <translation>{field}: {seen} no es una fecha; se esperaba {expected}.</translation>
        </message>
        <message>
            <source>The row has {seen} cells, the heading {expected}: a cell holds the delimiter without quotes, so that none can be placed. Export it again with another delimiter, or as Excel.</source>
            <translation>La fila tiene {seen} celdas y el encabezado {expected}: una celda contiene el separador sin comillas y ninguna se puede ubicar. Expórtelo de nuevo con otro separador o como Excel.</translation>
        </message>
        <message>
            <source>The table names vouchers and accounts, but most of its vouchers do not balance in it: its lines are read one by one. They can be reconciled, not sent.</source>
            <translation>La tabla indica pólizas y cuentas, pero la mayoría de sus pólizas no cuadran en ella: sus líneas se leen una por una. Se pueden conciliar, no enviar.</translation>
        </message>
        <message>
            <source>The running balance fits only if debits and credits change places: this is not a statement of the bank it was taken for. Choose the report by hand.</source>
            <translation>El saldo corrido solo resulta si cargos y abonos se intercambian: no es un estado de cuenta del banco que parecía. Elija el reporte a mano.</translation>
        </message>
        <message>
            <source>The last row, in line {line}, has {seen} of {expected} columns and no end of line: the file is cut. Nothing of it will be sent; export it again.</source>
            <translation>La última fila, en la línea {line}, tiene {seen} de {expected} columnas y no termina: el archivo está cortado. No se enviará nada de él; expórtelo de nuevo.</translation>
        </message>
        <message>
            <source>The date {seen} has no year and the file names none. Enter the period (yyyy-mm) and read it again.</source>
            <translation>La fecha {seen} no tiene año y el archivo no indica ninguno. Escriba el periodo (aaaa-mm) y léalo de nuevo.</translation>
        </message>
        <message>
            <source>The statement opens with {opening}; with its movements it would close with {expected}, but it closes with {seen}. A movement is missing or was read wrong.</source>
            <translation>El estado abre con {opening}; con sus movimientos cerraría con {expected}, pero cierra con {seen}. Falta un movimiento o se leyó mal.</translation>
        </message>
        <message>
            <source>The report states a balance of {seen}; by its running balance it is {expected}. A movement is missing or was read wrong.</source>
            <translation>El reporte indica un saldo de {seen}; según su saldo corrido es {expected}. Falta un movimiento o se leyó mal.</translation>
        </message>
        <message>
            <source>{count} of {total} running balances do not follow from the movement; the first says {seen} where {expected} results. A movement is missing or stands on the wrong side.</source>
            <translation>{count} de {total} saldos corridos no resultan del movimiento; el primero dice {seen} y resulta {expected}. Falta un movimiento o está del lado contrario.</translation>
        </message>
        <message>
            <source>The movement type is {seen}; expected {expected}.</source>
            <translation>El tipo de movimiento es {seen}; se esperaba {expected}.</translation>
        </message>
        <message>
            <source>The amount {seen} has more than two decimals; it was read as {expected}.</source>
            <translation>El importe {seen} tiene más de dos decimales; se leyó como {expected}.</translation>
        </message>
        <message>
            <source>The row has no amount in the columns that are read, but {seen} stands under “{field}”. Say what that column is with the layout editor.</source>
            <translation>La fila no tiene importe en las columnas que se leen, pero hay {seen} en «{field}». Diga qué es esa columna con el editor de formatos.</translation>
        </message>
        <message>
            <source>The amount is in {seen}, the row in {expected}. Correct one of them in the file.</source>
            <translation>El importe está en {seen} y la fila en {expected}. Corrija uno de los dos en el archivo.</translation>
        </message>
        <message>
            <source>{seen} was read as {expected}; it may be thousands written the other way. Compare it with the document.</source>
            <translation>{seen} se leyó como {expected}; pueden ser miles escritos de la otra manera. Compárelo con el documento.</translation>
        </message>
        <message>
            <source>The dates read two ways and nothing in the table decides: {seen} was read as {expected} and may be {other}. Choose the order of the dates if that is wrong.</source>
            <translation>Las fechas se leen de dos maneras y nada en la tabla decide: {seen} se leyó como {expected} y puede ser {other}. Si no es así, elija el orden de las fechas.</translation>
        </message>
        <message>
            <source>What the words of “{seen}” mean was learnt from the balance: {inward} come in, {outward} go out. Check one of each.</source>
            <translation>Lo que significan las palabras de «{seen}» se aprendió del saldo: {inward} entran, {outward} salen. Revise una de cada clase.</translation>
        </message>
        <message>
            <source>“{seen}” is written as the bank sees it: its balances or texts say so. It was turned to the company's books, where money in is a debit.</source>
            <translation>«{seen}» está escrito como lo ve el banco: lo dicen sus saldos o sus textos. Se pasó a los libros de la empresa, donde el dinero que entra es un cargo.</translation>
        </message>
        <message>
            <source>No column is a date. The headings are: {seen}. Say which column holds the date with the layout editor.</source>
            <translation>Ninguna columna es una fecha. Los encabezados son: {seen}. Diga qué columna tiene la fecha con el editor de formatos.</translation>
        </message>
        <message>
            <source>The document {seen} is cancelled; it is kept and counts nowhere.</source>
            <translation>El documento {seen} está cancelado; se conserva y no cuenta en ningún lado.</translation>
        </message>
        <message>
            <source>The date {seen} lies far from today. Check its century, and whether a spreadsheet has made it of another text.</source>
            <translation>La fecha {seen} está lejos de hoy. Revise el siglo y si una hoja de cálculo la sacó de otro texto.</translation>
        </message>
        <message>
            <source>“{seen}” holds amounts too; only “{expected}” was read. Say what both columns are with the layout editor if both count.</source>
            <translation>«{seen}» también tiene importes; sólo se leyó «{expected}». Si cuentan las dos, diga qué es cada columna con el editor de formatos.</translation>
        </message>
        <message>
            <source>What kind of document “{seen}” is, is not known here; it was read like an invoice. Check whether it adds or takes away.</source>
            <translation>No se sabe qué clase de documento es «{seen}»; se leyó como una factura. Revise si suma o resta.</translation>
        </message>
        <message>
            <source>{seen} adjusts a pay slip: it replaces or voids another, and the listing does not say which. It was not counted; import its XML.</source>
            <translation>{seen} ajusta un recibo de nómina: reemplaza o anula otro, y el listado no dice cuál. No se contó; importe su XML.</translation>
        </message>
        <message>
            <source>Balances are printed here in each account's own nature, and nothing says which that of {what} is: it was read as a debit. Check its sign.</source>
            <translation>Los saldos se imprimen aquí según la naturaleza de cada cuenta, y nada dice cuál es la de {what}: se leyó como deudora. Revise su signo.</translation>
        </message>
        <message>
            <source>All amounts of one side of “{seen}” are negative; the sign was taken to repeat the side, not to reverse it. Compare one with its document.</source>
            <translation>Todos los importes de un lado de «{seen}» son negativos; se tomó que el signo repite el lado y no lo invierte. Compare uno con su documento.</translation>
        </message>
        <message>
            <source>Numbers such as {seen} can be read two ways; they were read as {expected}. Check the totals.</source>
            <translation>Números como {seen} se pueden leer de dos maneras; se leyeron como {expected}. Revise los totales.</translation>
        </message>
        <message>
            <source>The last line has no end of line. Check that the file is complete.</source>
            <translation>La última línea no tiene fin de línea. Revise que el archivo esté completo.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has no closing row (Total póliza): the report may be cut.</source>
            <translation>La póliza {voucher} no tiene renglón de cierre (Total póliza): el reporte puede estar cortado.</translation>
        </message>
        <message>
            <source>The movement has no account code.</source>
            <translation>El movimiento no tiene cuenta.</translation>
        </message>
        <message>
            <source>{field}: {seen} is a code the spreadsheet stored as a number and damaged: digits are lost. Export it again with that column as text.</source>
            <translation>{field}: {seen} es un código que la hoja de cálculo guardó como número y dañó: se perdieron dígitos. Expórtelo de nuevo con esa columna como texto.</translation>
        </message>
        <message>
            <source>The lines of this file are in the archive {archive}. Import the original from there into a data home of its own.</source>
            <translation>Las líneas de este archivo están en el histórico {archive}. Importe de ahí el original en una carpeta de datos aparte.</translation>
        </message>
        <message>
            <source>No known report looks like this file. Choose a report by hand, or say what its columns are with the layout editor (cuadre profile new).</source>
            <translation>Ningún reporte conocido se parece a este archivo. Elija un reporte a mano o indique qué son sus columnas con «Formato…» (cuadre profile new).</translation>
        </message>
        <message>
            <source>Neither {issuer} (issuer) nor {receiver} (receiver) is the company: the document is somebody else's and is not sent.</source>
            <translation>Ni {issuer} (emisor) ni {receiver} (receptor) son la empresa: el documento es de alguien más y no se envía.</translation>
        </message>
        <message>
            <source>“{seen}” holds sums of a year by third party, no movements. There is nothing in it to journal or to send.</source>
            <translation>«{seen}» son sumas de un año por tercero, no movimientos. No tiene nada que registrar ni enviar.</translation>
        </message>
        <message>
            <source>The movement carries a debit ({debit}) and a credit ({credit}).</source>
            <translation>El movimiento trae cargo ({debit}) y abono ({credit}).</translation>
        </message>
        <message>
            <source>The workbook is damaged and cannot be opened. Open it in Excel, save it again as .xlsx and retry.</source>
            <translation>El libro está dañado y no se puede abrir. Ábralo en Excel, guárdelo de nuevo como .xlsx y reintente.</translation>
        </message>
        <message>
            <source>The DBF table is damaged or was not copied whole. Copy it again while the program that writes it is closed.</source>
            <translation>La tabla DBF está dañada o no se copió completa. Cópiela otra vez con el programa que la escribe cerrado.</translation>
        </message>
        <message>
            <source>The XML is cut off or not well formed, seen in line {line}. Download it again.</source>
            <translation>El XML está cortado o mal formado; se notó en la línea {line}. Descárguelo de nuevo.</translation>
        </message>
        <message>
            <source>The zip is damaged, protected with a password, or says otherwise of its files than they are. Download or pack it again without a password.</source>
            <translation>El zip está dañado, tiene contraseña o no dice la verdad sobre sus archivos. Descárguelo o empáquelo otra vez, sin contraseña.</translation>
        </message>
        <message>
            <source>Cuadre stumbled over this file ({reason}). Nothing of it will be sent; the file is kept as it is. Please send it to support.</source>
            <translation>Cuadre tropezó con este archivo ({reason}). No se enviará nada de él; el archivo se conserva tal cual. Por favor envíelo a soporte.</translation>
        </message>
        <message>
            <source>{field} is {seen} characters long; at most {most} are kept. The document is held.</source>
            <translation>{field} tiene {seen} caracteres; se guardan {most} como máximo. El documento queda detenido.</translation>
        </message>
        <message>
            <source>The archive is damaged or was not copied whole. Copy or pack it again.</source>
            <translation>El archivo comprimido está dañado o no se copió completo. Cópielo o empáquelo otra vez.</translation>
        </message>
        <message>
            <source>Nothing in the table says whose books “{seen}” are; it was read as the company's: debit is money in. If a bank wrote it, choose that debit and credit are as the bank has them.</source>
            <translation>Nada en la tabla dice de quién son los libros de «{seen}»; se leyó como de la empresa: el cargo es dinero que entra. Si lo escribió un banco, elija que cargo y abono son como los tiene el banco.</translation>
        </message>
        <message>
            <source>Voucher {voucher} does not balance: debits {debit}, credits {credit}, difference {difference}.</source>
            <translation>La póliza {voucher} no cuadra: cargos {debit}, abonos {credit}, diferencia {difference}.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has no movements (cancelled?); there is nothing to send.</source>
            <translation>La póliza {voucher} no tiene movimientos (¿cancelada?); no hay nada que enviar.</translation>
        </message>
        <message>
            <source>Voucher {voucher} appears twice in {period}; the first is in line {first}.</source>
            <translation>La póliza {voucher} aparece dos veces en {period}; la primera está en la línea {first}.</translation>
        </message>
        <message>
            <source>The voucher has no number; without it, it could be sent twice.</source>
            <translation>La póliza no tiene folio; sin él se podría enviar dos veces.</translation>
        </message>
        <message>
            <source>Voucher {voucher} has a line that could not be read (line {first}); the whole voucher waits.</source>
            <translation>La póliza {voucher} tiene una línea que no se pudo leer (línea {first}); toda la póliza espera.</translation>
        </message>
        <message>
            <source>The date {seen} is outside the period {expected}.</source>
            <translation>La fecha {seen} está fuera del período {expected}.</translation>
        </message>
        <message>
            <source>The movement applies on {seen}, in another month than its voucher ({expected}).</source>
            <translation>El movimiento se aplica el {seen}, en otro mes que su póliza ({expected}).</translation>
        </message>
        <message>
            <source>Voucher {voucher} is not posted in the source system (sin afectar).</source>
            <translation>La póliza {voucher} está sin afectar en el sistema de origen.</translation>
        </message>
        <message>
            <source>The amount is negative ({seen}); it stays on its side with its sign.</source>
            <translation>El importe es negativo ({seen}); se conserva en su lado con su signo.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of an RFC.</source>
            <translation>{seen} no tiene la forma de un RFC.</translation>
        </message>
        <message>
            <source>The check digit of the RFC {seen} is not right; expected {expected}.</source>
            <translation>El dígito verificador del RFC {seen} no es correcto; se esperaba {expected}.</translation>
        </message>
        <message>
            <source>The check digit of the NIT {seen} is not right; expected {expected}.</source>
            <translation>El dígito de verificación del NIT {seen} no es correcto; se esperaba {expected}.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of a CUFE (96 hexadecimal digits).</source>
            <translation>{seen} no tiene la forma de un CUFE (96 dígitos hexadecimales).</translation>
        </message>
        <message>
            <source>No pull of {name} covers {start} … {end}. Read the target's books for those dates first.</source>
            <translation>Ninguna lectura de {name} cubre {start} … {end}. Lea primero los libros del destino de esas fechas.</translation>
        </message>
        <message>
            <source>The table has no voucher column (póliza, comprobante): its lines can be reconciled, not sent.</source>
            <translation>La tabla no tiene columna de póliza o comprobante: sus líneas se pueden conciliar, no enviar.</translation>
        </message>
        <message>
            <source>No heading row names the columns of {seen}.</source>
            <translation>Ninguna fila de encabezado nombra las columnas de {seen}.</translation>
        </message>
        <message>
            <source>The XML declares entities (line {line}); such files are not opened.</source>
            <translation>El XML declara entidades (línea {line}); esos archivos no se abren.</translation>
        </message>
        <message>
            <source>The AttachedDocument carries no invoice or note inside.</source>
            <translation>El AttachedDocument no trae adentro ninguna factura ni nota.</translation>
        </message>
        <message>
            <source>Document {seen} was claimed (031): its payment should wait.</source>
            <translation>El documento {seen} fue reclamado (031): su pago debe esperar.</translation>
        </message>
        <message>
            <source>Both parties, {issuer} and {receiver}, are the company: say in whose books it stands.</source>
            <translation>Las dos partes, {issuer} y {receiver}, son la empresa: indique en qué libros va.</translation>
        </message>
        <message>
            <source>The document is in {currency} and its exchange rate is {seen}. Without the rate of the paper a target takes its own.</source>
            <translation>El documento está en {currency} y su tipo de cambio es {seen}. Sin el tipo de cambio del papel, el destino toma el suyo.</translation>
        </message>
        <message>
            <source>The document comes from the authority's test environment.</source>
            <translation>El documento viene del ambiente de pruebas de la autoridad.</translation>
        </message>
        <message>
            <source>Document {document} was read from {other} already; it counts once.</source>
            <translation>El documento {document} ya se leyó de {other}; cuenta una vez.</translation>
        </message>
        <message>
            <source>Document {document} stands in {other} with other content. Find out which is the legal one; the first was read.</source>
            <translation>El documento {document} está en {other} con otro contenido. Averigüe cuál es el legal; se leyó el primero.</translation>
        </message>
        <message>
            <source>No layout knows this table. It was read as it seems: date “{date}”, debit “{debit}”, credit “{credit}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</source>
            <translation>Ningún formato conoce esta tabla. Se leyó como parece: fecha «{date}», débito «{debit}», crédito «{credit}». Si no es así, indique qué son sus columnas con «Formato…» (cuadre profile new); si se importa así, se recuerda.</translation>
        </message>
        <message>
            <source>No layout knows this table. It was read as it seems: date “{date}”, amount with its sign “{amount}”. If that is not so, say what its columns are with the layout editor (cuadre profile new); imported like this, it is remembered.</source>
            <translation>Ningún formato conoce esta tabla. Se leyó como parece: fecha «{date}», importe con su signo «{amount}». Si no es así, indique qué son sus columnas con «Formato…» (cuadre profile new); si se importa así, se recuerda.</translation>
        </message>
        <message>
            <source>{seen} replaces {other}: only one of them counts. Check that {other} is not in the books too.</source>
            <translation>{seen} sustituye a {other}: solo cuenta uno de los dos. Revise que {other} no esté también en los libros.</translation>
        </message>
        <message>
            <source>{seen} voids {other}: it moves nothing itself. Take {other} out of the books if it is there.</source>
            <translation>{seen} anula a {other}: por sí mismo no mueve nada. Saque {other} de los libros si está en ellos.</translation>
        </message>
        <message>
            <source>{seen} is a movement of an investment account, which a QIF does not say the sides of. It was not read; export the cash account.</source>
            <translation>{seen} es un movimiento de una cuenta de inversión y un QIF no dice si entra o sale dinero. No se leyó; exporte la cuenta de efectivo.</translation>
        </message>
        <message>
            <source>The file ends without its closing record {seen}: it is cut. Download it again.</source>
            <translation>El archivo termina sin su registro de cierre {seen}: está cortado. Descárguelo de nuevo.</translation>
        </message>
        <message>
            <source>No amount of the statement has a sign; which way the money went was taken from the kind of each transaction. Check one of each.</source>
            <translation>Ningún importe del estado de cuenta lleva signo; si el dinero entra o sale se tomó del tipo de cada transacción. Revise una de cada tipo.</translation>
        </message>
        <message>
            <source>The transaction is a {kind}, but its amount {seen} has the other sign. Check which way the money went.</source>
            <translation>La transacción es {kind}, pero su importe {seen} lleva el signo contrario. Revise si el dinero entró o salió.</translation>
        </message>
        <message>
            <source>This transaction corrects {other} ({seen}). Check that only what is right counts.</source>
            <translation>Esta transacción corrige a {other} ({seen}). Revise que solo cuente lo correcto.</translation>
        </message>
        <message>
            <source>A statement opens with {seen}, but the one before it closes with {expected}: one between them is missing.</source>
            <translation>Un estado de cuenta abre con {seen}, pero el anterior cierra con {expected}: falta uno entre ellos.</translation>
        </message>
        <message>
            <source>The bank says that this corrects what it sent before. Check that what it replaces is not counted too.</source>
            <translation>El banco dice que esto corrige lo que envió antes. Revise que lo que sustituye no se cuente también.</translation>
        </message>
        <message>
            <source>This is what the bank knew during the day; the statement of the day repeats it. Do not count both.</source>
            <translation>Es lo que el banco sabía durante el día; el estado de cuenta del día lo repite. No cuente ambos.</translation>
        </message>
        <message>
            <source>The bank calls this entry pending; it was not used.</source>
            <translation>El banco marca este movimiento como pendiente; no se usó.</translation>
        </message>
        <message>
            <source>The zip holds {seen} files ({names}). Extract it and import them one by one.</source>
            <translation>El zip contiene {seen} archivos ({names}). Extráigalo e impórtelos uno por uno.</translation>
        </message>
        <message>
            <source>The zip holds no file.</source>
            <translation>El zip no contiene ningún archivo.</translation>
        </message>
        <message>
            <source>A sheet reaches to row {row} and column {columns} with only {cells} cells filled. In Excel, delete the empty rows and columns beyond the data and save the workbook again.</source>
            <translation>Una hoja llega hasta la fila {row} y la columna {columns} con solo {cells} celdas llenas. En Excel, elimine las filas y columnas vacías más allá de los datos y guarde el libro otra vez.</translation>
        </message>
        <message>
            <source>The zip would unpack to {seen} bytes; that is no export. Nothing was unpacked.</source>
            <translation>El zip se extendería a {seen} bytes; eso no es una exportación. No se extrajo nada.</translation>
        </message>
        <message>
            <source>{seen} does not have the form of a CFDI UUID.</source>
            <translation>{seen} no tiene la forma del UUID de un CFDI.</translation>
        </message>
        <message>
            <source>The printed total of {what} is {seen}; its movements add up to {expected}.</source>
            <translation>El total impreso de {what} es {seen}; sus movimientos suman {expected}.</translation>
        </message>
        <message>
            <source>The report says {seen} {what}; {expected} were read.</source>
            <translation>El reporte dice {seen} {what}; se leyeron {expected}.</translation>
        </message>
    </context>
    <context>
        <name>folders</name>
        <message>
            <source>waits to be whole</source>
            <translation>espera a estar completo</translation>
        </message>
        <message>
            <source>imported</source>
            <translation>importado</translation>
        </message>
        <message>
            <source>imported before</source>
            <translation>ya importado</translation>
        </message>
        <message>
            <source>held: not whole, or not to be read</source>
            <translation>retenido: incompleto o ilegible</translation>
        </message>
        <message>
            <source>{path} is not a folder.</source>
            <translation>{path} no es una carpeta.</translation>
        </message>
        <message>
            <source>{path} is not watched.</source>
            <translation>{path} no está vigilada.</translation>
        </message>
    </context>
    <context>
        <name>imports</name>
        <message>
            <source>imported</source>
            <translation>importado</translation>
        </message>
        <message>
            <source>incomplete, nothing of it is sent</source>
            <translation>incompleto, no se envía nada de él</translation>
        </message>
        <message>
            <source>failed</source>
            <translation>falló</translation>
        </message>
        <message>
            <source>abandoned</source>
            <translation>abandonado</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelado</translation>
        </message>
        <message>
            <source>being read</source>
            <translation>en lectura</translation>
        </message>
    </context>
    <context>
        <name>inbox</name>
        <message>
            <source>waiting</source>
            <translation>en espera</translation>
        </message>
        <message>
            <source>being looked at</source>
            <translation>en revisión</translation>
        </message>
        <message>
            <source>done</source>
            <translation>hecho</translation>
        </message>
        <message>
            <source>of no use</source>
            <translation>sin uso</translation>
        </message>
        <message>
            <source>known already</source>
            <translation>ya conocido</translation>
        </message>
        <message>
            <source>set apart</source>
            <translation>apartados</translation>
        </message>
    </context>
    <context>
        <name>jobs</name>
        <message>
            <source>import what came into the watched folders</source>
            <translation>importar lo que llegó a las carpetas vigiladas</translation>
        </message>
        <message>
            <source>look at the events that came</source>
            <translation>ver los eventos que llegaron</translation>
        </message>
        <message>
            <source>ask the targets what changed</source>
            <translation>preguntar a los destinos qué cambió</translation>
        </message>
        <message>
            <source>ask the targets what was deleted</source>
            <translation>preguntar a los destinos qué se borró</translation>
        </message>
        <message>
            <source>keep contacts of two systems the same</source>
            <translation>mantener iguales los contactos de dos sistemas</translation>
        </message>
        <message>
            <source>propose receipts for payments that arrived</source>
            <translation>proponer cobros por pagos que llegaron</translation>
        </message>
        <message>
            <source>send what is ready</source>
            <translation>enviar lo que está listo</translation>
        </message>
        <message>
            <source>read books anew in which something changed</source>
            <translation>leer de nuevo los libros en que algo cambió</translation>
        </message>
        <message>
            <source>look for orphan records</source>
            <translation>buscar registros huérfanos</translation>
        </message>
        <message>
            <source>close the month as far as no person is needed</source>
            <translation>cerrar el mes hasta donde no haga falta una persona</translation>
        </message>
        <message>
            <source>keep the figures</source>
            <translation>guardar las cifras</translation>
        </message>
        <message>
            <source>raise and deliver alerts</source>
            <translation>levantar y entregar avisos</translation>
        </message>
        <message>
            <source>“{rule}” says no time. Write never, every 10 min, daily 06:30, weekdays 06:30, weekly mon 05:00, monthly day 3 20:00 or monthly last working day 20:00.</source>
            <translation>«{rule}» no dice cuándo. Escriba never, every 10 min, daily 06:30, weekdays 06:30, weekly mon 05:00, monthly day 3 20:00 o monthly last working day 20:00.</translation>
        </message>
        <message>
            <source>{zone} is no time zone known here; write one such as America/Mexico_City.</source>
            <translation>{zone} no es una zona horaria conocida aquí; escriba una como America/Mexico_City.</translation>
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
            <translation>el tercero del renglón</translation>
        </message>
        <message>
            <source>the segment of a line</source>
            <translation>el segmento del renglón</translation>
        </message>
        <message>
            <source>the fiscal documents of a voucher</source>
            <translation>los documentos fiscales de la póliza</translation>
        </message>
        <message>
            <source>the number of a voucher</source>
            <translation>el número de la póliza</translation>
        </message>
        <message>
            <source>the files of a document; Cuadre keeps them</source>
            <translation>los archivos de un documento; Cuadre los conserva</translation>
        </message>
        <message>
            <source>what a credit note settles, because no file brings that invoice: it stays open there</source>
            <translation>lo que una nota de crédito salda, porque ningún archivo trae esa factura: allí queda abierta</translation>
        </message>
        <message>
            <source>Lines on {value} name no customer or supplier; give the accounts or parties a partner in the map.</source>
            <translation>Los renglones de {value} no nombran cliente ni proveedor; dé un tercero a las cuentas o terceros en el mapa.</translation>
        </message>
        <message>
            <source>Not sent, the target has no place for it: {what}</source>
            <translation>No se envía, el destino no tiene dónde ponerlo: {what}</translation>
        </message>
        <message>
            <source>of a contact: {field}</source>
            <translation>del contacto: {field}</translation>
        </message>
    </context>
    <context>
        <name>limits</name>
        <message>
            <source>Its ledger lines cannot be listed: journals are read as documents, the lines invoices and purchases make are not.</source>
            <translation>Sus movimientos contables no se pueden listar: los comprobantes se leen como documentos; los renglones que hacen facturas y compras, no.</translation>
        </message>
        <message>
            <source>The trial balance comes only as an Excel file; import that file to compare it.</source>
            <translation>El balance de prueba solo sale en Excel; importe ese archivo para compararlo.</translation>
        </message>
        <message>
            <source>Invoices are not sent to the DIAN unless the option stamp=yes is set; history never should be.</source>
            <translation>Las facturas no se envían a la DIAN salvo con la opción stamp=yes; lo histórico nunca debe enviarse.</translation>
        </message>
        <message>
            <source>Siigo blocks the user of the API when most of a week's calls are errors: what it would refuse (a line without third party, without due date, tax or product where the account asks for it, a contact without address) is refused here first.</source>
            <translation>Siigo bloquea al usuario del API cuando la mayor parte de las llamadas de una semana son errores: lo que rechazaría (un renglón sin tercero, sin vencimiento, impuesto o producto donde la cuenta lo pide, un contacto sin dirección) se detiene aquí antes.</translation>
        </message>
        <message>
            <source>The name of a natural person goes whole into its first names: a listing does not say which of its words are surnames.</source>
            <translation>El nombre de una persona natural va completo en los nombres: un listado no dice cuáles de sus palabras son apellidos.</translation>
        </message>
        <message>
            <source>Its journals have no reference: ours stands in front of the narration.</source>
            <translation>Sus asientos no tienen referencia: la nuestra va al inicio de la descripción.</translation>
        </message>
        <message>
            <source>Its general ledger is a paid tier: only manual journals are read.</source>
            <translation>Su libro mayor es de un plan de pago: solo se leen los asientos manuales.</translation>
        </message>
        <message>
            <source>Its free tier allows 1,000 calls a day; set the limit of the connection.</source>
            <translation>Su plan gratuito permite 1,000 llamadas al día; ponga el límite en la conexión.</translation>
        </message>
        <message>
            <source>It takes the same document twice without a word: let one sender write to it.</source>
            <translation>Acepta dos veces el mismo documento sin avisar: que un solo emisor le escriba.</translation>
        </message>
        <message>
            <source>Each session holds a licence seat while it is open.</source>
            <translation>Cada sesión ocupa una licencia mientras está abierta.</translation>
        </message>
        <message>
            <source>Without a user field (option udf=U_…) our reference stands in the comments of invoices and in the reference of entries: nobody should change it there.</source>
            <translation>Sin un campo de usuario (opción udf=U_…) nuestra referencia va en los comentarios de las facturas y en la referencia de los asientos: nadie debe cambiarla allá.</translation>
        </message>
        <message>
            <source>It recognises a repetition for seven days; after that our own record is the guard.</source>
            <translation>Reconoce una repetición durante siete días; después el resguardo es nuestro propio registro.</translation>
        </message>
        <message>
            <source>Journals dated more than a month ahead are not sent: they could not be found again.</source>
            <translation>No se envían asientos con fecha a más de un mes en el futuro: no se podrían volver a encontrar.</translation>
        </message>
        <message>
            <source>Sales invoices are left as drafts: mark them as sent there to post them.</source>
            <translation>Las facturas de venta quedan como borrador: márquelas allá como enviadas para contabilizarlas.</translation>
        </message>
        <message>
            <source>Over 100 calls a minute it blocks the company for half an hour: set the limit of the connection to 80.</source>
            <translation>Con más de 100 llamadas por minuto bloquea a la empresa media hora: ponga el límite de la conexión en 80.</translation>
        </message>
        <message>
            <source>Only its Mexican edition has a field for a tax number (RFC): any other tax id goes into the notes of the contact.</source>
            <translation>Solo su edición mexicana tiene un campo para el RFC; cualquier otro número de identificación (NIT) va en las notas del contacto.</translation>
        </message>
        <message>
            <source>It is only read: nothing is ever written to it.</source>
            <translation>Solo se lee: nunca se escribe nada en él.</translation>
        </message>
        <message>
            <source>Lines of an entry name no party: the party is an account of its own there.</source>
            <translation>Los renglones de un asiento no llevan tercero: allí el tercero es una cuenta.</translation>
        </message>
        <message>
            <source>The plan allows so many calls a month: what is left of them is a stop, not a wait.</source>
            <translation>El plan permite tantas llamadas al mes: al acabarse, el envío se detiene hasta el mes siguiente.</translation>
        </message>
        <message>
            <source>It does not say whose key it is nor of which company: compare the chart of accounts.</source>
            <translation>No dice de quién es la clave ni de qué empresa: compare el plan de cuentas.</translation>
        </message>
        <message>
            <source>How version 2 takes entries and payments is inferred from version 1: try one by hand first.</source>
            <translation>Cómo toma la versión 2 los asientos y pagos se infiere de la versión 1: pruebe uno a mano antes.</translation>
        </message>
        <message>
            <source>Lines of a document go without an account: its default is taken.</source>
            <translation>Los renglones de un documento van sin cuenta: se toma la predeterminada.</translation>
        </message>
        <message>
            <source>Documents are left as drafts unless the option approve=yes is set.</source>
            <translation>Los documentos quedan en borrador salvo con la opción approve=yes.</translation>
        </message>
        <message>
            <source>Customers and suppliers become contacts, recognised by our reference or their e-mail; its companies are not written.</source>
            <translation>Los clientes y proveedores pasan a ser contactos, reconocidos por nuestra referencia o su correo; sus empresas no se escriben.</translation>
        </message>
    </context>
    <context>
        <name>map</name>
        <message>
            <source>same code</source>
            <translation>mismo código</translation>
        </message>
        <message>
            <source>its group</source>
            <translation>su grupo</translation>
        </message>
        <message>
            <source>same code, another name</source>
            <translation>mismo código, otro nombre</translation>
        </message>
        <message>
            <source>same name</source>
            <translation>mismo nombre</translation>
        </message>
        <message>
            <source>similar name</source>
            <translation>nombre parecido</translation>
        </message>
        <message>
            <source>general journal</source>
            <translation>diario general</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>mismo RFC o NIT</translation>
        </message>
        <message>
            <source>its parent, and the partner of that name</source>
            <translation>su cuenta padre y el tercero de ese nombre</translation>
        </message>
        <message>
            <source>money in or out</source>
            <translation>ingreso o egreso</translation>
        </message>
        <message>
            <source>same tax, rate and side</source>
            <translation>mismo impuesto, tasa y lado</translation>
        </message>
        <message>
            <source>account</source>
            <translation>cuenta</translation>
        </message>
        <message>
            <source>journal</source>
            <translation>diario</translation>
        </message>
        <message>
            <source>party</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>segment</source>
            <translation>segmento</translation>
        </message>
        <message>
            <source>tax</source>
            <translation>impuesto</translation>
        </message>
        <message>
            <source>lines of</source>
            <translation>partidas de</translation>
        </message>
        <message>
            <source>money of</source>
            <translation>dinero de</translation>
        </message>
        <message>
            <source>The map has no such link.</source>
            <translation>El mapa no tiene esa equivalencia.</translation>
        </message>
        <message>
            <source>line {line} gives it another counterpart, {target}.</source>
            <translation>el renglón {line} le da otra equivalencia, {target}.</translation>
        </message>
        <message>
            <source>Not a line of a map: {line}. Expected: account|journal|party|dimension|tax|item|bank, source, target, partner.</source>
            <translation>No es una línea de un mapa: {line}. Se espera: account|journal|party|dimension|tax|item|bank, origen, destino, tercero.</translation>
        </message>
        <message>
            <source>accounts</source>
            <translation>cuentas</translation>
        </message>
        <message>
            <source>journals</source>
            <translation>diarios</translation>
        </message>
        <message>
            <source>partners</source>
            <translation>terceros</translation>
        </message>
        <message>
            <source>cost centres</source>
            <translation>centros de costo</translation>
        </message>
        <message>
            <source>taxes</source>
            <translation>impuestos</translation>
        </message>
        <message>
            <source>“{words}” is neither the code nor the name of one of the target's {list}.</source>
            <translation>«{words}» no es ni el código ni el nombre de ninguno de estos en el destino: {list}.</translation>
        </message>
        <message>
            <source>“{words}” is the name of several of the target's {list}; say which by its code: {near}.</source>
            <translation>«{words}» es el nombre de varios en el destino ({list}); diga cuál por su código: {near}.</translation>
        </message>
        <message>
            <source>Perhaps: {near}.</source>
            <translation>Quizá: {near}.</translation>
        </message>
        <message>
            <source>the journal of the bank or cash each voucher moves</source>
            <translation>el diario del banco o la caja que mueve cada póliza</translation>
        </message>
        <message>
            <source>The target has no cost centres for entry lines.</source>
            <translation>El destino no tiene centros de costo para los renglones de asientos.</translation>
        </message>
        <message>
            <source>Say which code of yours it is for.</source>
            <translation>Diga para qué código suyo es.</translation>
        </message>
    </context>
    <context>
        <name>payments</name>
        <message>
            <source>No rule says how payouts of {connection} are booked (cuadre payments rule).</source>
            <translation>Ninguna regla dice cómo se contabilizan los retiros de {connection} (cuadre payments rule).</translation>
        </message>
        <message>
            <source>Proposal {number} is not open, or what is in the payout does not add up to it: look at it in the wallet, then dismiss it.</source>
            <translation>La propuesta {number} no está abierta, o lo que trae el retiro no suma su importe: revíselo en la pasarela y luego descártela.</translation>
        </message>
        <message>
            <source>The payout is in {theirs}, the books are in {ours}: book it by hand with its rate, then dismiss the proposal.</source>
            <translation>El retiro está en {theirs} y los libros en {ours}: contabilícelo a mano con su tipo de cambio y luego descarte la propuesta.</translation>
        </message>
    </context>
    <context>
        <name>policy</name>
        <message>
            <source>A file with errors: send its valid vouchers</source>
            <translation>Archivo con errores: enviar sus pólizas válidas</translation>
        </message>
        <message>
            <source>A file with errors: send nothing of it until somebody lets it go</source>
            <translation>Archivo con errores: no enviar nada hasta que alguien lo deje pasar</translation>
        </message>
        <message>
            <source>Vouchers with warnings: send them</source>
            <translation>Pólizas con advertencias: enviarlas</translation>
        </message>
        <message>
            <source>Vouchers with warnings: send them once somebody accepts them</source>
            <translation>Pólizas con advertencias: enviarlas cuando alguien las acepte</translation>
        </message>
        <message>
            <source>Approval: whoever imports may send</source>
            <translation>Visto bueno: quien importa puede enviar</translation>
        </message>
        <message>
            <source>Approval: another person than who imported has to approve</source>
            <translation>Visto bueno: debe darlo otra persona que la que importó</translation>
        </message>
    </context>
    <context>
        <name>preflight</name>
        <message>
            <source>Account {what} has no counterpart in the map.</source>
            <translation>La cuenta {what} no tiene equivalencia.</translation>
        </message>
        <message>
            <source>Voucher type {what} has no journal in the map.</source>
            <translation>El tipo de póliza {what} no tiene diario asignado.</translation>
        </message>
        <message>
            <source>Party {what} has no counterpart in the map.</source>
            <translation>El tercero {what} no tiene equivalencia.</translation>
        </message>
        <message>
            <source>Account {what} of the map does not exist in the target.</source>
            <translation>La cuenta {what} de las equivalencias no existe en el destino.</translation>
        </message>
        <message>
            <source>Journal {what} of the map does not exist in the target.</source>
            <translation>El diario {what} de las equivalencias no existe en el destino.</translation>
        </message>
        <message>
            <source>Partner {what} of the map does not exist in the target.</source>
            <translation>El tercero {what} de las equivalencias no existe en el destino.</translation>
        </message>
        <message>
            <source>Segment {what} has no counterpart in the map; map it to a cost centre of the target, or to “-” to send without.</source>
            <translation>El segmento {what} no tiene equivalencia en el mapa; asígnele un centro de costo del destino, o «-» para enviar sin él.</translation>
        </message>
        <message>
            <source>Cost centre {what} of the map does not exist in the target.</source>
            <translation>El centro de costo {what} del mapa no existe en el destino.</translation>
        </message>
        <message>
            <source>Account {what} is a bank account of the target, on which it takes no journal entries; map a clearing account, or enter the movement there as a bank transaction.</source>
            <translation>La cuenta {what} es una cuenta bancaria del destino y no admite asientos de diario; asigne una cuenta puente, o capture allá el movimiento como transacción bancaria.</translation>
        </message>
        <message>
            <source>The target keeps account {what} itself from invoices and payments and takes no journal entries on it; map a clearing account, or enter the documents there as invoices.</source>
            <translation>El destino lleva por sí mismo la cuenta {what} con facturas y pagos y no admite asientos en ella; asigne una cuenta puente, o capture allá los documentos como facturas.</translation>
        </message>
        <message>
            <source>The target takes no journal entries on account {what}; map another one.</source>
            <translation>El destino no admite asientos de diario en la cuenta {what}; asigne otra.</translation>
        </message>
        <message>
            <source>Account {what} of the target is kept in its own currency, which the voucher does not state; map an account in the currency of the books.</source>
            <translation>La cuenta {what} del destino se lleva en moneda propia, que la póliza no indica; asigne una cuenta en la moneda de los libros.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a customer or supplier on every line; give the party a counterpart, or the account a partner in the map.</source>
            <translation>La cuenta {what} del destino pide un cliente o proveedor en cada renglón; dé equivalencia al tercero, o un tercero a la cuenta en el mapa.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for the invoice each line is about, and the voucher names none; complete the reference in the source, or map an account without due dates.</source>
            <translation>La cuenta {what} del destino pide la factura de cada renglón y la póliza no nombra ninguna; complete la referencia en el origen, o asigne una cuenta sin vencimientos.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a tax and its base on every line, which vouchers do not state; map a tax account without that, or enter the document there.</source>
            <translation>La cuenta {what} del destino pide en cada renglón un impuesto y su base, que las pólizas no indican; asigne una cuenta de impuestos que no lo pida, o capture allá el documento.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a product on every line, which vouchers do not state; map another account, or enter the movement there.</source>
            <translation>La cuenta {what} del destino pide un producto en cada renglón, que las pólizas no indican; asigne otra cuenta, o capture allá el movimiento.</translation>
        </message>
        <message>
            <source>Account {what} of the target asks for a cost centre on every line; give the segment a counterpart in the map.</source>
            <translation>La cuenta {what} del destino pide un centro de costo en cada renglón; dé equivalencia al segmento en el mapa.</translation>
        </message>
        <message>
            <source>The target's books are closed up to {what}.</source>
            <translation>Los libros del destino están cerrados hasta el {what}.</translation>
        </message>
        <message>
            <source>The voucher is in {what}, the target's books in another currency; such entries are not sent by this version.</source>
            <translation>La póliza está en {what} y los libros del destino en otra moneda; esta versión no envía esas pólizas.</translation>
        </message>
        <message>
            <source>Blocked at import: {what}.</source>
            <translation>Bloqueada al importar: {what}.</translation>
        </message>
        <message>
            <source>Already sent with other content; correct it in the target: {what}.</source>
            <translation>Ya se envió con otro contenido; corríjala en el destino: {what}.</translation>
        </message>
        <message>
            <source>Skipped by a person, and its content has changed since: {what}.</source>
            <translation>Omitido por una persona, y su contenido cambió después: {what}.</translation>
        </message>
        <message>
            <source>File {what} has errors; by the company's policy nothing of it goes until somebody lets it go.</source>
            <translation>El archivo {what} tiene errores; por regla de la empresa no sale nada de él hasta que alguien lo deje pasar.</translation>
        </message>
        <message>
            <source>File {what} has warnings nobody has accepted.</source>
            <translation>El archivo {what} tiene advertencias que nadie ha aceptado.</translation>
        </message>
        <message>
            <source>File {what} waits for another person's approval.</source>
            <translation>El archivo {what} espera el visto bueno de otra persona.</translation>
        </message>
        <message>
            <source>{what} is not what was journaled: somebody changed it past the program. Verify the journal and restore a backup.</source>
            <translation>{what} no es lo que se registró: alguien lo cambió por fuera del programa. Verifique la bitácora y restaure un respaldo.</translation>
        </message>
        <message>
            <source>{what}: the same folios with different content; let the one go that counts.</source>
            <translation>{what}: mismos folios con contenido distinto; deje pasar el que vale.</translation>
        </message>
        <message>
            <source>Probably sent already ({what}): compare and say whether they are the same.</source>
            <translation>Probablemente ya se envió ({what}): compare y diga si son los mismos.</translation>
        </message>
        <message>
            <source>Fiscal documents are not sent to {what} by this version: not everything of them would go along.</source>
            <translation>Esta versión no envía documentos fiscales a {what}: no todo lo que dicen llegaría.</translation>
        </message>
        <message>
            <source>Tax {what} has no counterpart in the map; link it to one tax of the target, or to “-” to send without.</source>
            <translation>El impuesto {what} no tiene contraparte en el mapa; enlácelo a un impuesto del destino, o a «-» para enviar sin él.</translation>
        </message>
        <message>
            <source>The local tax {what} has no account in the map; it is sent as a line of its own.</source>
            <translation>El impuesto local {what} no tiene cuenta en el mapa; se envía como una partida propia.</translation>
        </message>
        <message>
            <source>Nothing says on which account lines of {what} go; link it, or a product, a class or all of that side, to an account.</source>
            <translation>Nada dice a qué cuenta van las partidas de {what}; enlácelo a una cuenta, o un producto, una clase o todo ese lado.</translation>
        </message>
        <message>
            <source>Nothing says on which bank or cash account money of {what} goes; link the form of payment, or all of them, to an account.</source>
            <translation>Nada dice a qué cuenta de banco o caja va el dinero de {what}; enlace a una cuenta la forma de pago, o todas.</translation>
        </message>
        <message>
            <source>Tax {what} of the map does not exist in the target.</source>
            <translation>El impuesto {what} del mapa no existe en el destino.</translation>
        </message>
        <message>
            <source>The target has several partners of one tax id: {what}. Link the party to one of them.</source>
            <translation>El destino tiene varios terceros con un mismo RFC o NIT: {what}. Enlace el tercero a uno de ellos.</translation>
        </message>
        <message>
            <source>The document is in {what}, and the target would take its own rate instead of the paper's; enter it there.</source>
            <translation>El documento está en {what}, y el destino tomaría su propio tipo de cambio en vez del que trae el papel; captúrelo allí.</translation>
        </message>
        <message>
            <source>The payment, or what it pays, is in {what}, and the target would take its own rate instead of the paper's; enter it there.</source>
            <translation>El pago, o lo que paga, está en {what}, y el destino tomaría su propio tipo de cambio en vez del que trae el papel; captúrelo allí.</translation>
        </message>
        <message>
            <source>{what} states no exchange rate that can be meant; correct the document, or enter it in the target.</source>
            <translation>{what} no trae un tipo de cambio que pueda ser cierto; corrija el documento, o captúrelo en el destino.</translation>
        </message>
        <message>
            <source>{what}: the rate is far from that of the other documents of the currency; correct the document, or let it go as it is (documents accept).</source>
            <translation>{what}: el tipo de cambio está lejos del de los demás documentos de esa moneda; corrija el documento, o déjelo ir como está (documents accept).</translation>
        </message>
        <message>
            <source>Dated in the future: {what}. It goes once that day is there.</source>
            <translation>Con fecha futura: {what}. Sale cuando llegue ese día.</translation>
        </message>
        <message>
            <source>The lines and taxes of the document do not come to its total: {what}. It is not written otherwise than its paper: have it corrected, or enter it in the target.</source>
            <translation>Las partidas y los impuestos del documento no dan su total: {what}. No se escribe de otro modo que como está en su papel: pida que lo corrijan, o captúrelo en el destino.</translation>
        </message>
        <message>
            <source>Takes the place of a document that is in the target or on its way ({what}); cancel that one there, then let this one go (documents accept).</source>
            <translation>Sustituye a un documento que está en el destino o en camino ({what}); cancele aquel allí y luego deje ir este (documents accept).</translation>
        </message>
        <message>
            <source>Another document takes its place ({what}), so it is not sent; import the authority's listing, or skip it.</source>
            <translation>Otro documento lo sustituye ({what}), por lo que no se envía; importe el listado de la autoridad, u omítalo.</translation>
        </message>
        <message>
            <source>The document is of another company than the target ({what}); choose the connection of its company.</source>
            <translation>El documento es de otra empresa que el destino ({what}); elija la conexión de su empresa.</translation>
        </message>
        <message>
            <source>The payment names another currency than its invoice is in ({what}); have the complement corrected, or enter the payment in the target.</source>
            <translation>El pago nombra otra moneda que la de su factura ({what}); pida que corrijan el complemento, o capture el pago en el destino.</translation>
        </message>
        <message>
            <source>What a unit of the invoice is paid with is far from what the rates of both papers say ({what}): the equivalence may be upside down. Have the complement corrected, or enter the payment in the target.</source>
            <translation>Lo que se paga por cada unidad de la factura está lejos de lo que dicen los tipos de cambio de ambos papeles ({what}): la equivalencia puede estar al revés. Pida que corrijan el complemento, o capture el pago en el destino.</translation>
        </message>
        <message>
            <source>Nothing says on which lines {what} is withheld; enter the document in the target.</source>
            <translation>Nada dice en qué partidas se retiene {what}; capture el documento en el destino.</translation>
        </message>
        <message>
            <source>The target has a document of this party and amount that did not come from here ({what}); link it (queue link), or let it go as another (documents accept).</source>
            <translation>El destino tiene un documento de este tercero e importe que no vino de aquí ({what}); enlácelo (queue link), o déjelo ir como otro (documents accept).</translation>
        </message>
        <message>
            <source>Waits for the invoice it pays: {what}. Import the invoice, or enter the payment in the target.</source>
            <translation>Espera a la factura que paga: {what}. Importe la factura, o capture el pago en el destino.</translation>
        </message>
        <message>
            <source>{what}: this form of payment moves no money; link it to a clearing account, or enter the payment in the target.</source>
            <translation>{what}: esta forma de pago no mueve dinero; enlácela a una cuenta puente, o capture el pago en el destino.</translation>
        </message>
        <message>
            <source>A voucher that was sent names this document already ({what}); sent as well it would be in the books twice.</source>
            <translation>Una póliza ya enviada nombra este documento ({what}); enviado también quedaría dos veces en los libros.</translation>
        </message>
        <message>
            <source>Cancelled at the tax authority after it was sent ({what}); cancel or reverse it in the target.</source>
            <translation>Cancelado ante la autoridad después de enviarse ({what}); cancélelo o reviértalo en el destino.</translation>
        </message>
        <message>
            <source>{what} takes no contacts.</source>
            <translation>{what} no recibe terceros.</translation>
        </message>
        <message>
            <source>No reconciliation proposes this adjustment as it stands here: {what}.</source>
            <translation>Ninguna conciliación propone este ajuste tal como está aquí: {what}.</translation>
        </message>
        <message>
            <source>The lines this adjustment settles have changed; withdraw it or look at its reconciliation: {what}.</source>
            <translation>Las líneas que salda este ajuste cambiaron; retírelo o revise su conciliación: {what}.</translation>
        </message>
        <message>
            <source>Its lines were moved to an archive on {what}; import the file again from there.</source>
            <translation>Sus líneas pasaron a un archivo histórico el {what}; importe de ahí el archivo otra vez.</translation>
        </message>
    </context>
    <context>
        <name>pull</name>
        <message>
            <source>Only the lines of its journal entries can be read, not those its invoices and payments make: compare vouchers with it, not balances.</source>
            <translation>Sólo se pueden leer los renglones de sus asientos de diario, no los que hacen sus facturas y pagos: compare con ellos pólizas, no saldos.</translation>
        </message>
    </context>
    <context>
        <name>push</name>
        <message>
            <source>cancelled or rejected at the tax authority while it waited</source>
            <translation>cancelado o rechazado ante la autoridad mientras esperaba</translation>
        </message>
    </context>
    <context>
        <name>queue</name>
        <message>
            <source>goes at the next sending</source>
            <translation>sale en el próximo envío</translation>
        </message>
        <message>
            <source>is being sent</source>
            <translation>se está enviando</translation>
        </message>
        <message>
            <source>no answer came; it is looked up before anything else</source>
            <translation>no llegó respuesta; primero se busca en el destino</translation>
        </message>
        <message>
            <source>correct it, then retry, or skip it with a reason</source>
            <translation>corríjalo y reintente, u omítalo con un motivo</translation>
        </message>
        <message>
            <source>compare both; then link it, skip it, or correct the target and retry</source>
            <translation>compare los dos; luego líguelo, omítalo, o corrija el destino y reintente</translation>
        </message>
        <message>
            <source>not sent by decision; retry takes it up again</source>
            <translation>no se envía por decisión; reintentar lo retoma</translation>
        </message>
        <message>
            <source>done</source>
            <translation>hecho</translation>
        </message>
        <message>
            <source>attempt {attempts} failed; next not before {due}</source>
            <translation>falló el intento {attempts}; el siguiente no antes de las {due}</translation>
        </message>
        <message>
            <source>waiting</source>
            <translation>en espera</translation>
        </message>
        <message>
            <source>being sent</source>
            <translation>enviándose</translation>
        </message>
        <message>
            <source>uncertain</source>
            <translation>incierto</translation>
        </message>
        <message>
            <source>confirmed</source>
            <translation>confirmado</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>rechazado</translation>
        </message>
        <message>
            <source>in conflict</source>
            <translation>en conflicto</translation>
        </message>
        <message>
            <source>skipped</source>
            <translation>omitido</translation>
        </message>
    </context>
    <context>
        <name>reconcile</name>
        <message>
            <source>matched</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>suggested</source>
            <translation>sugerido</translation>
        </message>
        <message>
            <source>different</source>
            <translation>diferente</translation>
        </message>
        <message>
            <source>same document</source>
            <translation>mismo documento</translation>
        </message>
        <message>
            <source>reference and amount</source>
            <translation>referencia e importe</translation>
        </message>
        <message>
            <source>reference written otherwise</source>
            <translation>referencia escrita de otro modo</translation>
        </message>
        <message>
            <source>lines that say the same add up</source>
            <translation>renglones que dicen lo mismo y suman</translation>
        </message>
        <message>
            <source>several lines of one reference</source>
            <translation>varios renglones de una referencia</translation>
        </message>
        <message>
            <source>references listed in the text</source>
            <translation>referencias listadas en el texto</translation>
        </message>
        <message>
            <source>amount, date and party or reference</source>
            <translation>importe, fecha y tercero o referencia</translation>
        </message>
        <message>
            <source>tolerance</source>
            <translation>tolerancia</translation>
        </message>
        <message>
            <source>fee or withholding</source>
            <translation>comisión o retención</translation>
        </message>
        <message>
            <source>a share that recurs: a fee or a withholding</source>
            <translation>una proporción que se repite: comisión o retención</translation>
        </message>
        <message>
            <source>exchange rate</source>
            <translation>tipo de cambio</translation>
        </message>
        <message>
            <source>sum of one party</source>
            <translation>suma de un tercero</translation>
        </message>
        <message>
            <source>sum of a day</source>
            <translation>suma de un día</translation>
        </message>
        <message>
            <source>reversal</source>
            <translation>reversión</translation>
        </message>
        <message>
            <source>amount and date only</source>
            <translation>solo importe y fecha</translation>
        </message>
        <message>
            <source>reference with another amount</source>
            <translation>referencia con otro importe</translation>
        </message>
        <message>
            <source>a person</source>
            <translation>una persona</translation>
        </message>
        <message>
            <source>decided by a person: {said}</source>
            <translation>decidido por una persona: {said}</translation>
        </message>
        <message>
            <source>same reference {reference}</source>
            <translation>misma referencia {reference}</translation>
        </message>
        <message>
            <source>{reference} is {other} written otherwise</source>
            <translation>{reference} es {other} escrita de otro modo</translation>
        </message>
        <message>
            <source>same number in {reference} and {other}</source>
            <translation>mismo número en {reference} y {other}</translation>
        </message>
        <message>
            <source>the text of one names the reference of the other</source>
            <translation>el texto de uno nombra la referencia del otro</translation>
        </message>
        <message>
            <source>{reference} is nearly {other}</source>
            <translation>{reference} es casi {other}</translation>
        </message>
        <message>
            <source>the references differ: {reference}, {other}</source>
            <translation>las referencias difieren: {reference}, {other}</translation>
        </message>
        <message>
            <source>same document {document}</source>
            <translation>mismo documento {document}</translation>
        </message>
        <message>
            <source>same tax id</source>
            <translation>mismo RFC o NIT</translation>
        </message>
        <message>
            <source>same party</source>
            <translation>mismo tercero</translation>
        </message>
        <message>
            <source>similar party</source>
            <translation>tercero parecido</translation>
        </message>
        <message>
            <source>another party</source>
            <translation>otro tercero</translation>
        </message>
        <message>
            <source>same amount {amount}</source>
            <translation>mismo importe {amount}</translation>
        </message>
        <message>
            <source>{amount} against {other}, difference {gap}</source>
            <translation>{amount} contra {other}, diferencia {gap}</translation>
        </message>
        <message>
            <source>local amount of {foreign}</source>
            <translation>importe local de {foreign}</translation>
        </message>
        <message>
            <source>to be posted to {account}</source>
            <translation>por registrar en {account}</translation>
        </message>
        <message>
            <source>{amount} and its opposite on one side</source>
            <translation>{amount} y su contrario en un solo lado</translation>
        </message>
        <message>
            <source>same day</source>
            <translation>mismo día</translation>
        </message>
        <message numerus="yes">
            <source>%n day(s) apart</source>
            <translation>
                <numerusform>a %n día</numerusform>
                <numerusform>a %n días</numerusform>
            </translation>
        </message>
        <message>
            <source>a rare word in both texts</source>
            <translation>una palabra poco común en ambos textos</translation>
        </message>
        <message>
            <source>accounts that go together elsewhere</source>
            <translation>cuentas que van juntas en otros renglones</translation>
        </message>
        <message>
            <source>repeated on both sides, paired by date</source>
            <translation>repetido en ambos lados, emparejado por fecha</translation>
        </message>
        <message>
            <source>nothing else agrees</source>
            <translation>nada más coincide</translation>
        </message>
        <message>
            <source>no line of the other side has this amount</source>
            <translation>ningún renglón del otro lado tiene este importe</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) of the other side have this amount, none fits well enough</source>
            <translation>
                <numerusform>%n renglón del otro lado tiene este importe, pero no encaja lo suficiente</numerusform>
                <numerusform>%n renglones del otro lado tienen este importe, ninguno encaja lo suficiente</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%n combination(s) add up to it</source>
            <translation>
                <numerusform>%n combinación lo suma</numerusform>
                <numerusform>%n combinaciones lo suman</numerusform>
            </translation>
        </message>
        <message>
            <source>repeats row {row} of the same side, which is matched</source>
            <translation>repite la fila {row} del mismo lado, que ya está conciliada</translation>
        </message>
    </context>
    <context>
        <name>refusal</name>
        <message>
            <source>The entry does not balance.</source>
            <translation>El asiento no cuadra.</translation>
        </message>
        <message>
            <source>The account is archived in the target.</source>
            <translation>La cuenta está archivada en el destino.</translation>
        </message>
        <message>
            <source>The user has no right to do this in the target.</source>
            <translation>El usuario no tiene permiso para esto en el destino.</translation>
        </message>
        <message>
            <source>The period is closed in the target.</source>
            <translation>El periodo está cerrado en el destino.</translation>
        </message>
        <message>
            <source>The target has one of that number or name already.</source>
            <translation>El destino ya tiene uno con ese número o nombre.</translation>
        </message>
        <message>
            <source>Something the document names is not in the target.</source>
            <translation>Algo que el documento nombra no está en el destino.</translation>
        </message>
        <message>
            <source>A line has no account.</source>
            <translation>Un renglón no tiene cuenta.</translation>
        </message>
        <message>
            <source>The account is not in the target.</source>
            <translation>La cuenta no está en el destino.</translation>
        </message>
        <message>
            <source>An account of the entry is not in the target.</source>
            <translation>Una cuenta del asiento no está en el destino.</translation>
        </message>
        <message>
            <source>The entry is posted in the target and cannot be changed.</source>
            <translation>El asiento ya está contabilizado en el destino y no se puede cambiar.</translation>
        </message>
        <message>
            <source>The tax id is not valid for the target.</source>
            <translation>El RFC o NIT no es válido para el destino.</translation>
        </message>
        <message>
            <source>The user does not belong to that company.</source>
            <translation>El usuario no pertenece a esa empresa.</translation>
        </message>
    </context>
    <context>
        <name>report</name>
        <message>
            <source>Reconciliation</source>
            <translation>Conciliación</translation>
        </message>
        <message>
            <source>Prepared</source>
            <translation>Preparó</translation>
        </message>
        <message>
            <source>Left</source>
            <translation>Izquierda</translation>
        </message>
        <message>
            <source>page {number} of {count}</source>
            <translation>página {number} de {count}</translation>
        </message>
        <message>
            <source>Tax id</source>
            <translation>RFC o NIT</translation>
        </message>
        <message>
            <source>Right</source>
            <translation>Derecha</translation>
        </message>
        <message>
            <source>Rules</source>
            <translation>Reglas</translation>
        </message>
        <message>
            <source>Proof</source>
            <translation>Prueba</translation>
        </message>
        <message>
            <source>Matches by rule</source>
            <translation>Conciliado por regla</translation>
        </message>
        <message>
            <source>Closing right</source>
            <translation>Saldo final der.</translation>
        </message>
        <message>
            <source>Rule</source>
            <translation>Regla</translation>
        </message>
        <message>
            <source>… and {count} more; see the working paper</source>
            <translation>… y {count} más; vea el papel de trabajo</translation>
        </message>
        <message>
            <source>Voucher</source>
            <translation>Póliza</translation>
        </message>
        <message>
            <source>Contra account</source>
            <translation>Contrapartida</translation>
        </message>
        <message>
            <source>File</source>
            <translation>Archivo</translation>
        </message>
        <message>
            <source>Note</source>
            <translation>Nota</translation>
        </message>
        <message>
            <source>Attached files</source>
            <translation>Archivos adjuntos</translation>
        </message>
        <message>
            <source>Reviewed</source>
            <translation>Revisada</translation>
        </message>
        <message>
            <source>Signed</source>
            <translation>Firmada</translation>
        </message>
        <message>
            <source>Adjustments</source>
            <translation>Ajustes</translation>
        </message>
        <message>
            <source>Decisions</source>
            <translation>Decisiones</translation>
        </message>
        <message>
            <source>Matched groups</source>
            <translation>Grupos conciliados</translation>
        </message>
        <message>
            <source>Suggested</source>
            <translation>Sugeridos</translation>
        </message>
        <message>
            <source>Different</source>
            <translation>Diferentes</translation>
        </message>
        <message>
            <source>Only left</source>
            <translation>Sólo izquierda</translation>
        </message>
        <message>
            <source>Only right</source>
            <translation>Sólo derecha</translation>
        </message>
        <message>
            <source>Days open</source>
            <translation>Días abierta</translation>
        </message>
        <message>
            <source>Why it is open</source>
            <translation>Por qué está abierta</translation>
        </message>
        <message>
            <source>Opening right</source>
            <translation>Saldo inicial der.</translation>
        </message>
        <message>
            <source>Post to</source>
            <translation>Registrar en</translation>
        </message>
        <message>
            <source>Difference</source>
            <translation>Diferencia</translation>
        </message>
        <message>
            <source>When</source>
            <translation>Cuándo</translation>
        </message>
        <message>
            <source>Who</source>
            <translation>Quién</translation>
        </message>
        <message>
            <source>What</source>
            <translation>Qué</translation>
        </message>
        <message>
            <source>Lines</source>
            <translation>Renglones</translation>
        </message>
        <message>
            <source>Account</source>
            <translation>Cuenta</translation>
        </message>
        <message>
            <source>Matches</source>
            <translation>Cruces</translation>
        </message>
        <message>
            <source>Open items</source>
            <translation>Partidas abiertas</translation>
        </message>
        <message>
            <source>Summary</source>
            <translation>Resumen</translation>
        </message>
        <message>
            <source>Journal anchor</source>
            <translation>Ancla de la bitácora</translation>
        </message>
        <message>
            <source>Opening left</source>
            <translation>Saldo inicial izq.</translation>
        </message>
        <message>
            <source>Movements left</source>
            <translation>Movimientos izq.</translation>
        </message>
        <message>
            <source>Closing left</source>
            <translation>Saldo final izq.</translation>
        </message>
        <message>
            <source>Explained</source>
            <translation>Explicado</translation>
        </message>
        <message>
            <source>Amount differences</source>
            <translation>Diferencias de importe</translation>
        </message>
        <message>
            <source>Movements right</source>
            <translation>Movimientos der.</translation>
        </message>
        <message>
            <source>Unexplained</source>
            <translation>Sin explicar</translation>
        </message>
        <message>
            <source>Total</source>
            <translation>Total</translation>
        </message>
        <message>
            <source>State</source>
            <translation>Estado</translation>
        </message>
        <message>
            <source>Reason</source>
            <translation>Motivo</translation>
        </message>
        <message>
            <source>Side</source>
            <translation>Lado</translation>
        </message>
        <message>
            <source>Row</source>
            <translation>Fila</translation>
        </message>
        <message>
            <source>Date</source>
            <translation>Fecha</translation>
        </message>
        <message>
            <source>Reference</source>
            <translation>Referencia</translation>
        </message>
        <message>
            <source>Text</source>
            <translation>Concepto</translation>
        </message>
        <message>
            <source>Amount</source>
            <translation>Importe</translation>
        </message>
        <message>
            <source>books of {name}</source>
            <translation>libros de {name}</translation>
        </message>
    </context>
    <context>
        <name>roles</name>
        <message>
            <source>read the journal</source>
            <translation>leer la bitácora</translation>
        </message>
        <message>
            <source>import</source>
            <translation>importar</translation>
        </message>
        <message>
            <source>send</source>
            <translation>enviar</translation>
        </message>
        <message>
            <source>sign off</source>
            <translation>firmar</translation>
        </message>
        <message>
            <source>administer</source>
            <translation>administrar</translation>
        </message>
    </context>
    <context>
        <name>schedule</name>
        <message>
            <source>Written. Register it: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /F</source>
            <translation>Escrito. Regístrela: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /F</translation>
        </message>
        <message>
            <source>Written. Register it with the account's password, which is asked for: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /RU ACCOUNT /RP * /F. Store the connections' secrets as that account first.</source>
            <translation>Escrito. Regístrela con la contraseña de la cuenta, que se pide: schtasks /Create /TN "\Cuadre\{name}" /XML {path} /RU CUENTA /RP * /F. Guarde antes los secretos de las conexiones con esa cuenta.</translation>
        </message>
        <message>
            <source>Written. Put it beside WinSW's program under the same name: NAME.exe install</source>
            <translation>Escrito. Póngalo junto al programa de WinSW con el mismo nombre: NOMBRE.exe install</translation>
        </message>
        <message>
            <source>Written. Copy it to /etc/systemd/system/cuadre-{name}.service: systemctl enable --now cuadre-{name}</source>
            <translation>Escrito. Cópielo a /etc/systemd/system/cuadre-{name}.service: systemctl enable --now cuadre-{name}</translation>
        </message>
        <message>
            <source>Registered as {name}; it runs as {user}.</source>
            <translation>Registrado como {name}; corre con la cuenta {user}.</translation>
        </message>
        <message>
            <source>It runs as another account: run “cuadre schedule test” as that one too, secrets and shares are its own.</source>
            <translation>Corre con otra cuenta: ejecute «cuadre schedule test» también con ella; los secretos y las carpetas compartidas son suyos.</translation>
        </message>
        <message>
            <source>Nothing is registered from this home.</source>
            <translation>Nada está registrado desde esta carpeta.</translation>
        </message>
        <message>
            <source>Tested {at} by {actor}: {result}</source>
            <translation>Probado {at} por {actor}: {result}</translation>
        </message>
        <message>
            <source>well</source>
            <translation>bien</translation>
        </message>
        <message>
            <source>not well</source>
            <translation>no bien</translation>
        </message>
        <message>
            <source>{name} was not registered from this home.</source>
            <translation>{name} no se registró desde esta carpeta.</translation>
        </message>
        <message>
            <source>{name} is taken out of the system; the home stays as it is.</source>
            <translation>{name} se quitó del sistema; la carpeta queda como está.</translation>
        </message>
        <message>
            <source>The system did not take it ({words}). The file is {path}; run: {command}</source>
            <translation>El sistema no lo aceptó ({words}). El archivo es {path}; ejecute: {command}</translation>
        </message>
    </context>
    <context>
        <name>search</name>
        <message>
            <source>movement</source>
            <translation>movimiento</translation>
        </message>
        <message>
            <source>line</source>
            <translation>línea</translation>
        </message>
        <message>
            <source>document</source>
            <translation>documento</translation>
        </message>
        <message>
            <source>event</source>
            <translation>evento</translation>
        </message>
    </context>
    <context>
        <name>selftest</name>
        <message>
            <source>account and roles</source>
            <translation>cuenta y permisos</translation>
        </message>
        <message>
            <source>journal can be written</source>
            <translation>se puede escribir el diario</translation>
        </message>
        <message>
            <source>folder can be listed</source>
            <translation>se puede listar la carpeta</translation>
        </message>
        <message>
            <source>secret is there</source>
            <translation>el secreto está</translation>
        </message>
        <message>
            <source>target answers</source>
            <translation>el destino responde</translation>
        </message>
        <message>
            <source>clocks agree</source>
            <translation>los relojes coinciden</translation>
        </message>
        <message>
            <source>this account ({actor}) has none; run: {command}</source>
            <translation>esta cuenta ({actor}) no tiene; ejecute: {command}</translation>
        </message>
    </context>
    <context>
        <name>setup</name>
        <message>
            <source>setting</source>
            <translation>ajuste</translation>
        </message>
        <message>
            <source>connection</source>
            <translation>conexión</translation>
        </message>
        <message>
            <source>map</source>
            <translation>equivalencias</translation>
        </message>
        <message>
            <source>profile</source>
            <translation>formato</translation>
        </message>
        <message>
            <source>{count} parts written to {path}, without secrets.</source>
            <translation>{count} partes escritas en {path}, sin claves.</translation>
        </message>
        <message>
            <source>Say why with --reason, or look first with --dry-run.</source>
            <translation>Diga por qué con --reason, o mire primero con --dry-run.</translation>
        </message>
        <message>
            <source>A connection of this name sent to {url} already; the import stopped there.</source>
            <translation>Una conexión con este nombre ya envió a {url}; la importación se detuvo ahí.</translation>
        </message>
        <message>
            <source>This would be saved to {path}. Save it? (yes/no)</source>
            <translation>Esto se guardaría en {path}. ¿Guardarlo? (sí/no)</translation>
        </message>
        <message>
            <source>Nothing was saved.</source>
            <translation>No se guardó nada.</translation>
        </message>
        <message>
            <source>{count} parts written to {path}.</source>
            <translation>{count} partes escritas en {path}.</translation>
        </message>
        <message>
            <source>This is the newest version.</source>
            <translation>Esta es la versión más nueva.</translation>
        </message>
        <message>
            <source>Version {version} is there.</source>
            <translation>Ya hay una versión {version}.</translation>
        </message>
        <message>
            <source>Download and install it? (yes/no)</source>
            <translation>¿Descargarla e instalarla? (sí/no)</translation>
        </message>
        <message>
            <source>The installer lies in {path}.</source>
            <translation>El instalador está en {path}.</translation>
        </message>
        <message>
            <source>Updates are looked for at {url} when you ask.</source>
            <translation>Las actualizaciones se buscan en {url} cuando usted lo pida.</translation>
        </message>
        <message>
            <source>Updates are not looked for.</source>
            <translation>No se buscan actualizaciones.</translation>
        </message>
        <message>
            <source>Everything is set up so already.</source>
            <translation>Todo está configurado así ya.</translation>
        </message>
        <message>
            <source>new</source>
            <translation>nuevo</translation>
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
            <translation>advertencia</translation>
        </message>
        <message>
            <source>note</source>
            <translation>nota</translation>
        </message>
        <message>
            <source>Severity</source>
            <translation>Gravedad</translation>
        </message>
        <message>
            <source>Line</source>
            <translation>Línea</translation>
        </message>
        <message>
            <source>Column</source>
            <translation>Columna</translation>
        </message>
        <message>
            <source>Finding</source>
            <translation>Hallazgo</translation>
        </message>
        <message>
            <source>Text of the line</source>
            <translation>Texto de la línea</translation>
        </message>
        <message>
            <source>Document</source>
            <translation>Documento</translation>
        </message>
        <message>
            <source>Findings</source>
            <translation>Hallazgos</translation>
        </message>
    </context>
    <context>
        <name>state</name>
        <message>
            <source>being read</source>
            <translation>en lectura</translation>
        </message>
        <message>
            <source>complete</source>
            <translation>completo</translation>
        </message>
        <message>
            <source>incomplete</source>
            <translation>incompleto</translation>
        </message>
        <message>
            <source>not read</source>
            <translation>no leído</translation>
        </message>
        <message>
            <source>cancelled</source>
            <translation>cancelado</translation>
        </message>
        <message>
            <source>abandoned</source>
            <translation>abandonado</translation>
        </message>
        <message>
            <source>ready</source>
            <translation>lista</translation>
        </message>
        <message>
            <source>blocked</source>
            <translation>bloqueada</translation>
        </message>
        <message>
            <source>record</source>
            <translation>registro</translation>
        </message>
        <message>
            <source>heading</source>
            <translation>encabezado</translation>
        </message>
        <message>
            <source>rejected</source>
            <translation>rechazada</translation>
        </message>
    </context>
    <context>
        <name>status</name>
        <message>
            <source>met</source>
            <translation>cumple</translation>
        </message>
        <message>
            <source>NOT MET</source>
            <translation>NO CUMPLE</translation>
        </message>
        <message>
            <source>ALARM</source>
            <translation>ALARMA</translation>
        </message>
        <message>
            <source>median {median} s, 95 % within {p95} s</source>
            <translation>mediana {median} s, 95 % en {p95} s</translation>
        </message>
        <message>
            <source>{queue} ({uncertain} uncertain, {trend} in the last hour)</source>
            <translation>{queue} ({uncertain} inciertos, {trend} en la última hora)</translation>
        </message>
        <message>
            <source>Late</source>
            <translation>Tardíos</translation>
        </message>
        <message>
            <source>Refused or in conflict</source>
            <translation>Rechazados o en conflicto</translation>
        </message>
        <message>
            <source>Orphans</source>
            <translation>Huérfanos</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>En espera</translation>
        </message>
        <message>
            <source>Waiting for an answer</source>
            <translation>Esperan una respuesta</translation>
        </message>
        <message>
            <source>Sync latency</source>
            <translation>Latencia de sincronización</translation>
        </message>
        <message>
            <source>{text} is no time to look back: write 24h, 7d or 30d.</source>
            <translation>{text} no es un tiempo hacia atrás: escriba 24h, 7d o 30d.</translation>
        </message>
        <message>
            <source>sent</source>
            <translation>enviados</translation>
        </message>
        <message>
            <source>median</source>
            <translation>mediana</translation>
        </message>
        <message>
            <source>refused</source>
            <translation>rechazados</translation>
        </message>
        <message>
            <source>No document came to an end in this time.</source>
            <translation>Ningún documento terminó en este tiempo.</translation>
        </message>
        <message>
            <source>nothing in this time</source>
            <translation>nada en este tiempo</translation>
        </message>
        <message>
            <source>{wrong} of {ended}</source>
            <translation>{wrong} de {ended}</translation>
        </message>
        <message>
            <source>Error rate</source>
            <translation>Tasa de error</translation>
        </message>
        <message>
            <source>Orphan records</source>
            <translation>Registros huérfanos</translation>
        </message>
        <message>
            <source>Retry queue</source>
            <translation>Cola de reintentos</translation>
        </message>
    </context>
    <context>
        <name>story</name>
        <message>
            <source>{file}, lines {first} to {last}, {movements} movements</source>
            <translation>{file}, líneas {first} a {last}, {movements} movimientos</translation>
        </message>
        <message>
            <source>read from a file and blocked</source>
            <translation>leído de un archivo y bloqueado</translation>
        </message>
        <message>
            <source>read from a file</source>
            <translation>leído de un archivo</translation>
        </message>
        <message>
            <source>journal {journal}, accounts {accounts}</source>
            <translation>diario {journal}, cuentas {accounts}</translation>
        </message>
        <message>
            <source>mapped to the target</source>
            <translation>traducido al destino</translation>
        </message>
        <message>
            <source>reconciled: matched</source>
            <translation>conciliado: coincide</translation>
        </message>
        <message>
            <source>reconciled: not matched</source>
            <translation>conciliado: no coincide</translation>
        </message>
        <message>
            <source>{left} against {right}</source>
            <translation>{left} contra {right}</translation>
        </message>
        <message>
            <source>file {name} of {of}</source>
            <translation>archivo {name} de {of}</translation>
        </message>
        <message>
            <source>{total} {currency}, accounts {accounts}</source>
            <translation>{total} {currency}, cuentas {accounts}</translation>
        </message>
        <message>
            <source>{amount} {currency} on {account}, {count} parts</source>
            <translation>{amount} {currency} en {account}, {count} partes</translation>
        </message>
    </context>
    <context>
        <name>structure</name>
        <message>
            <source>No layout knows this table. By what stands in it:</source>
            <translation>Ningún formato conoce esta tabla. Por lo que contiene:</translation>
        </message>
        <message>
            <source>titles</source>
            <translation>títulos</translation>
        </message>
        <message>
            <source>headings</source>
            <translation>encabezados</translation>
        </message>
        <message>
            <source>repeated headings</source>
            <translation>encabezados repetidos</translation>
        </message>
        <message>
            <source>data</source>
            <translation>datos</translation>
        </message>
        <message>
            <source>totals and balances</source>
            <translation>totales y saldos</translation>
        </message>
        <message>
            <source>groups</source>
            <translation>grupos</translation>
        </message>
        <message>
            <source>blank lines and notes</source>
            <translation>renglones en blanco y notas</translation>
        </message>
        <message>
            <source>?</source>
            <translation>?</translation>
        </message>
        <message>
            <source>date</source>
            <translation>fecha</translation>
        </message>
        <message>
            <source>account</source>
            <translation>cuenta</translation>
        </message>
        <message>
            <source>account name</source>
            <translation>nombre de la cuenta</translation>
        </message>
        <message>
            <source>reference</source>
            <translation>referencia</translation>
        </message>
        <message>
            <source>description</source>
            <translation>descripción</translation>
        </message>
        <message>
            <source>third party</source>
            <translation>tercero</translation>
        </message>
        <message>
            <source>tax id</source>
            <translation>RFC o NIT</translation>
        </message>
        <message>
            <source>identifier</source>
            <translation>identificador</translation>
        </message>
        <message>
            <source>currency</source>
            <translation>moneda</translation>
        </message>
        <message>
            <source>debit</source>
            <translation>cargo (débito)</translation>
        </message>
        <message>
            <source>credit</source>
            <translation>abono (crédito)</translation>
        </message>
        <message>
            <source>amount</source>
            <translation>importe</translation>
        </message>
        <message>
            <source>balance</source>
            <translation>saldo</translation>
        </message>
    </context>
    <context>
        <name>sync</name>
        <message>
            <source>never</source>
            <translation>nunca</translation>
        </message>
        <message>
            <source>every {minutes} min</source>
            <translation>cada {minutes} min</translation>
        </message>
        <message>
            <source>no more often: the plan's calls would be used up</source>
            <translation>no más seguido: se agotarían las llamadas del plan</translation>
        </message>
        <message>
            <source>Documents</source>
            <translation>Documentos</translation>
        </message>
        <message>
            <source>Catalogues</source>
            <translation>Catálogos</translation>
        </message>
        <message>
            <source>What was deleted</source>
            <translation>Lo borrado</translation>
        </message>
        <message>
            <source>{seconds} is no interval: write 0 (never) or at least 10 seconds.</source>
            <translation>{seconds} no es un intervalo: escriba 0 (nunca) o al menos 10 segundos.</translation>
        </message>
    </context>
    <context>
        <name>system</name>
        <message>
            <source>it may not be opened: it is open in another program, such as Excel, or this user may not. Close it there and try again.</source>
            <translation>no se puede abrir: está abierto en otro programa, como Excel, o este usuario no tiene permiso. Ciérrelo ahí e intente de nuevo.</translation>
        </message>
        <message>
            <source>it is not there.</source>
            <translation>no existe.</translation>
        </message>
        <message>
            <source>it is not there: a part of its path is a file.</source>
            <translation>no existe: una parte de su ruta es un archivo.</translation>
        </message>
        <message>
            <source>it is a folder.</source>
            <translation>es una carpeta.</translation>
        </message>
        <message>
            <source>the disk is full.</source>
            <translation>el disco está lleno.</translation>
        </message>
        <message>
            <source>the disk can only be read.</source>
            <translation>el disco es de sólo lectura.</translation>
        </message>
        <message>
            <source>it is there already.</source>
            <translation>ya existe.</translation>
        </message>
        <message>
            <source>its name is too long.</source>
            <translation>su nombre es demasiado largo.</translation>
        </message>
        <message>
            <source>another program listens there.</source>
            <translation>otro programa ya escucha ahí.</translation>
        </message>
        <message>
            <source>the disk or the network cannot read or write it.</source>
            <translation>el disco o la red no lo puede leer ni escribir.</translation>
        </message>
    </context>
    <context>
        <name>systems</name>
        <message>
            <source>Password or API key</source>
            <translation>Contraseña o clave de API</translation>
        </message>
        <message>
            <source>User</source>
            <translation>Usuario</translation>
        </message>
        <message>
            <source>Client id of your app</source>
            <translation>Client id de su app</translation>
        </message>
        <message>
            <source>Database</source>
            <translation>Base de datos</translation>
        </message>
        <message>
            <source>API key</source>
            <translation>Clave de API</translation>
        </message>
        <message>
            <source>Company (name or id)</source>
            <translation>Empresa (nombre o id)</translation>
        </message>
        <message>
            <source>Attach the voucher's text</source>
            <translation>Adjuntar el texto de la póliza</translation>
        </message>
        <message>
            <source>Password</source>
            <translation>Contraseña</translation>
        </message>
        <message>
            <source>API key or token</source>
            <translation>Clave de API o token</translation>
        </message>
        <message>
            <source>Version of the API</source>
            <translation>Versión de la API</translation>
        </message>
        <message>
            <source>Approve documents</source>
            <translation>Aprobar documentos</translation>
        </message>
        <message>
            <source>Token of the private app</source>
            <translation>Token de la app privada</translation>
        </message>
        <message>
            <source>Client secret of your app</source>
            <translation>Client secret de su app</translation>
        </message>
        <message>
            <source>Business id</source>
            <translation>Id del negocio</translation>
        </message>
        <message>
            <source>Company database</source>
            <translation>Base de la compañía</translation>
        </message>
        <message>
            <source>User field for our reference (U_…)</source>
            <translation>Campo de usuario (U_…)</translation>
        </message>
        <message>
            <source>Version of the Service Layer</source>
            <translation>Versión del Service Layer</translation>
        </message>
        <message>
            <source>Number of the branch</source>
            <translation>Número de la sucursal</translation>
        </message>
        <message>
            <source>Field of a line's tax</source>
            <translation>Campo del impuesto del renglón</translation>
        </message>
        <message>
            <source>Pinned certificate (PEM)</source>
            <translation>Certificado de confianza (PEM)</translation>
        </message>
        <message>
            <source>User of the API (e-mail)</source>
            <translation>Usuario de la API (correo)</translation>
        </message>
        <message>
            <source>Access key</source>
            <translation>Access key</translation>
        </message>
        <message>
            <source>Send invoices to the DIAN</source>
            <translation>Enviar facturas a la DIAN</translation>
        </message>
        <message>
            <source>Id of the seller</source>
            <translation>Id del vendedor</translation>
        </message>
        <message>
            <source>Id of the way of payment</source>
            <translation>Id de la forma de pago</translation>
        </message>
        <message>
            <source>Accounts with due dates, by their beginnings (1305,2205; - for none)</source>
            <translation>Cuentas con vencimientos, por su comienzo (1305,2205; - si ninguna)</translation>
        </message>
        <message>
            <source>Accounts that ask for a tax and its base (2408; - for none)</source>
            <translation>Cuentas que piden impuesto y base (2408; - si ninguna)</translation>
        </message>
        <message>
            <source>Accounts that ask for a product (1435; - for none)</source>
            <translation>Cuentas que piden producto (1435; - si ninguna)</translation>
        </message>
        <message>
            <source>Restricted key (read only)</source>
            <translation>Clave restringida (solo lectura)</translation>
        </message>
        <message>
            <source>Time zone (America/Mexico_City)</source>
            <translation>Zona horaria (America/Mexico_City)</translation>
        </message>
        <message>
            <source>Organisation (tenant id)</source>
            <translation>Organización (tenant id)</translation>
        </message>
        <message>
            <source>Leave documents as drafts</source>
            <translation>Dejar en borrador</translation>
        </message>
        <message>
            <source>Client secret of your app (where it has one)</source>
            <translation>Secreto de cliente de su app (si lo tiene)</translation>
        </message>
        <message>
            <source>Organisation id</source>
            <translation>Id de la organización</translation>
        </message>
        <message>
            <source>Address of the log-in (data centre)</source>
            <translation>Dirección para entrar</translation>
        </message>
        <message>
            <source>Unique field of contacts (cf_…)</source>
            <translation>Campo único de terceros (cf_…)</translation>
        </message>
        <message>
            <source>No</source>
            <translation>No</translation>
        </message>
        <message>
            <source>Yes</source>
            <translation>Sí</translation>
        </message>
    </context>
    <context>
        <name>target</name>
        <message>
            <source>The journal cannot be used: {reason}. Nothing was written. Restore a backup, save what can be read, or choose another folder.</source>
            <translation>La bitácora no se puede usar: {reason}. No se escribió nada. Restaure un respaldo, rescate lo que se pueda leer o elija otra carpeta.</translation>
        </message>
        <message>
            <source>The disk is full. Nothing was written and the journal is as it was. Make room and do the same again.</source>
            <translation>El disco está lleno. No se escribió nada y la bitácora está como estaba. Libere espacio y repita lo mismo.</translation>
        </message>
        <message>
            <source>The server of the shared journal does not answer ({reason}). Nothing was written. Check the network, or ask whoever runs the server, and do the same again.</source>
            <translation>El servidor de la bitácora compartida no responde ({reason}). No se escribió nada. Revise la red o pregunte a quien administra el servidor, y repita lo mismo.</translation>
        </message>
        <message>
            <source>Another program holds the journal (a synchronised folder, an antivirus). Nothing was written. Wait for it or close it, and do the same again.</source>
            <translation>Otro programa tiene tomada la bitácora (una carpeta sincronizada, un antivirus). No se escribió nada. Espérelo o ciérrelo, y repita lo mismo.</translation>
        </message>
        <message>
            <source>The journal may not be written here ({reason}). Check the permissions of its folder.</source>
            <translation>No se permite escribir la bitácora aquí ({reason}). Revise los permisos de su carpeta.</translation>
        </message>
        <message>
            <source>The database does not take a value ({reason}). Nothing was written and the journal is as it was. Please send the file to support.</source>
            <translation>La base de datos no acepta un valor ({reason}). No se escribió nada y la bitácora está como estaba. Por favor envíe el archivo a soporte.</translation>
        </message>
        <message>
            <source>The journal was written by a newer version of Cuadre ({revision}); install that version.</source>
            <translation>La bitácora es de una versión más nueva de Cuadre ({revision}); instale esa versión.</translation>
        </message>
        <message>
            <source>The target refused the log-in: {words}. Check user, secret and company.</source>
            <translation>El destino rechazó el inicio de sesión: {words}. Revise usuario, clave y empresa.</translation>
        </message>
        <message>
            <source>The target does not answer: {words}. Check address and network; nothing is lost.</source>
            <translation>El destino no responde: {words}. Revise la dirección y la red; no se pierde nada.</translation>
        </message>
        <message>
            <source>The target asks to wait: {words}.</source>
            <translation>El destino pide esperar: {words}.</translation>
        </message>
        <message>
            <source>The target refused: {words}.</source>
            <translation>El destino rechazó: {words}.</translation>
        </message>
        <message>
            <source>{person} may not {what} in this journal. Ask an administrator.</source>
            <translation>{person} no puede {what} en esta bitácora. Pídalo a un administrador.</translation>
        </message>
        <message>
            <source>Nothing could be read of {name}; it was left as it is. Restore a backup; without one, begin a new journal in another folder and import the files again: what was sent is looked up in the target before anything is sent a second time.</source>
            <translation>No se pudo leer nada de {name}; se dejó como está. Restaure un respaldo; si no hay, empiece una bitácora nueva en otra carpeta e importe los archivos otra vez: lo enviado se busca en el destino antes de enviar algo por segunda vez.</translation>
        </message>
        <message>
            <source>{name} reaches the same company as {other}, with which documents were sent already: what was sent by one is unknown to the other. Send with {other}; {name} may read.</source>
            <translation>{name} llega a la misma empresa que {other}, con la que ya se enviaron documentos: lo que envía una la otra no lo sabe. Envíe con {other}; {name} puede leer.</translation>
        </message>
        <message>
            <source>{name} reaches {now}, but documents were sent with it to {before}. Nothing was sent. Check its user and secret, or add another connection for the other company.</source>
            <translation>{name} llega a {now}, pero con ella se enviaron documentos a {before}. No se envió nada. Revise su usuario y contraseña, o agregue otra conexión para la otra empresa.</translation>
        </message>
    </context>
    <context>
        <name>tax</name>
        <message>
            <source>sales</source>
            <translation>ventas</translation>
        </message>
        <message>
            <source>purchases</source>
            <translation>compras</translation>
        </message>
        <message>
            <source>exempt</source>
            <translation>exento</translation>
        </message>
        <message>
            <source>excluded</source>
            <translation>excluido</translation>
        </message>
        <message>
            <source>withheld</source>
            <translation>retenido</translation>
        </message>
        <message>
            <source>{amount} a unit</source>
            <translation>{amount} por unidad</translation>
        </message>
    </context>
    <context>
        <name>upkeep</name>
        <message>
            <source>Export the set-up</source>
            <translation>Exportar la configuración</translation>
        </message>
        <message>
            <source>Import a set-up</source>
            <translation>Importar una configuración</translation>
        </message>
        <message>
            <source>Support bundle</source>
            <translation>Paquete de soporte</translation>
        </message>
        <message>
            <source>Updates</source>
            <translation>Actualizaciones</translation>
        </message>
        <message>
            <source>Version {version} is there. Download and install it?</source>
            <translation>Ya hay una versión {version}. ¿Descargarla e instalarla?</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>Cancelar</translation>
        </message>
        <message>
            <source>Written to {path}.</source>
            <translation>Escrito en {path}.</translation>
        </message>
    </context>
    <context>
        <name>verify</name>
        <message>
            <source>lines</source>
            <translation>sus líneas</translation>
        </message>
        <message>
            <source>movements</source>
            <translation>sus movimientos</translation>
        </message>
        <message>
            <source>documents</source>
            <translation>sus documentos</translation>
        </message>
        <message>
            <source>balances</source>
            <translation>sus saldos</translation>
        </message>
        <message>
            <source>findings</source>
            <translation>sus hallazgos</translation>
        </message>
        <message>
            <source>records</source>
            <translation>fichas</translation>
        </message>
        <message>
            <source>{check} could not be checked: {error}</source>
            <translation>no se pudo revisar {check}: {error}</translation>
        </message>
        <message>
            <source>the anchors in {path} are damaged</source>
            <translation>las anclas de {path} están dañadas</translation>
        </message>
        <message>
            <source>an anchor is of another journal, or the first event was changed</source>
            <translation>un ancla es de otra bitácora, o se cambió el primer evento</translation>
        </message>
        <message>
            <source>an anchor disagrees: event {first} is the first that was changed, removed or added</source>
            <translation>un ancla no concuerda: el evento {first} es el primero que se cambió, quitó o agregó</translation>
        </message>
        <message>
            <source>an anchor disagrees: something from event {first} to event {last} was changed</source>
            <translation>un ancla no concuerda: se cambió algo entre el evento {first} y el {last}</translation>
        </message>
        <message>
            <source>{name}: the original kept is not the file that was read</source>
            <translation>{name}: el original guardado no es el archivo que se leyó</translation>
        </message>
        <message>
            <source>{subject}: gone</source>
            <translation>{subject}: ya no está</translation>
        </message>
        <message>
            <source>{subject}: a block of its lines is damaged</source>
            <translation>{subject}: un bloque de sus líneas está dañado</translation>
        </message>
        <message>
            <source>{subject}: has lines, but its import never closed</source>
            <translation>{subject}: tiene líneas, pero su importación nunca se cerró</translation>
        </message>
        <message>
            <source>{subject}: its state or digest is not what was journaled</source>
            <translation>{subject}: su estado o su huella no son los anotados</translation>
        </message>
        <message>
            <source>{subject}: its counts of lines are not those of its lines</source>
            <translation>{subject}: sus conteos de líneas no son los de sus líneas</translation>
        </message>
        <message>
            <source>{subject}: its {name} are not those that were journaled</source>
            <translation>{subject}: {name} no son los que se anotaron</translation>
        </message>
        <message>
            <source>{subject}: its ledger lines or balances are not those that were read</source>
            <translation>{subject}: sus movimientos o saldos no son los que se leyeron</translation>
        </message>
        <message>
            <source>the documents of the outbox are not those that were queued</source>
            <translation>los documentos de la bandeja de salida no son los que se pusieron en cola</translation>
        </message>
        <message>
            <source>{reference} is called confirmed, but never was</source>
            <translation>{reference} aparece como confirmado, pero nunca lo fue</translation>
        </message>
        <message>
            <source>{reference} is called {state}, its events say {known}</source>
            <translation>{reference} figura como {state}, sus eventos dicen {known}</translation>
        </message>
        <message>
            <source>{reference} is called skipped, but nobody decided it</source>
            <translation>{reference} figura como omitido, pero nadie lo decidió</translation>
        </message>
        <message>
            <source>{reference}: what is to be sent is not what was queued</source>
            <translation>{reference}: lo que se va a enviar no es lo que se puso en cola</translation>
        </message>
        <message>
            <source>setting {name} is not what its events say</source>
            <translation>el ajuste {name} no es lo que dicen sus eventos</translation>
        </message>
        <message>
            <source>the map of {name} is not what its events say</source>
            <translation>las equivalencias de {name} no son lo que dicen sus eventos</translation>
        </message>
        <message>
            <source>{batch} is not what was journaled: somebody changed it past the program. Nothing of it is sent or signed. Verify the journal and restore a backup.</source>
            <translation>{batch} no es lo que se registró: alguien lo cambió por fuera del programa. No se envía ni se firma nada de él. Verifique la bitácora y restaure un respaldo.</translation>
        </message>
        <message>
            <source>{subject}: no event tells of it</source>
            <translation>{subject}: ningún evento da cuenta de él</translation>
        </message>
        <message>
            <source>{subject}: what it says of itself is not what was journaled</source>
            <translation>{subject}: lo que dice de sí no es lo que se registró</translation>
        </message>
        <message>
            <source>{subject}: has rows in {table} that no import brought</source>
            <translation>{subject}: tiene filas en {table} que ninguna importación trajo</translation>
        </message>
        <message>
            <source>{name}: no event tells of this file</source>
            <translation>{name}: ningún evento da cuenta de este archivo</translation>
        </message>
        <message>
            <source>{name}: it was imported as {first}</source>
            <translation>{name}: se importó como {first}</translation>
        </message>
        <message>
            <source>{subject}: its connection or days were changed</source>
            <translation>{subject}: su conexión o sus días se cambiaron</translation>
        </message>
        <message>
            <source>{subject}: has rows of no pull</source>
            <translation>{subject}: tiene filas de ninguna lectura</translation>
        </message>
        <message>
            <source>connection {name} is gone</source>
            <translation>falta la conexión {name}</translation>
        </message>
        <message>
            <source>connection {name} is not what its events say</source>
            <translation>la conexión {name} no es lo que dicen sus eventos</translation>
        </message>
        <message>
            <source>decision {number} is called {action}, but is not</source>
            <translation>la decisión {number} se llama {action}, pero no lo es</translation>
        </message>
        <message>
            <source>{reference}: its connection or kind is not what was queued</source>
            <translation>{reference}: su conexión o su tipo no es lo que se puso en la cola</translation>
        </message>
        <message>
            <source>{reference} belongs to another document now</source>
            <translation>{reference} pertenece ahora a otro documento</translation>
        </message>
        <message>
            <source>{reference}: the target's answer is not what was journaled</source>
            <translation>{reference}: la respuesta del destino no es la que se registró</translation>
        </message>
        <message>
            <source>decision {number} of {reconciliation} is not what its events say</source>
            <translation>la decisión {number} de {reconciliation} no es lo que dicen sus eventos</translation>
        </message>
        <message>
            <source>decision {number} was never taken</source>
            <translation>la decisión {number} nunca se tomó</translation>
        </message>
        <message>
            <source>It changed while it was being read; nothing of it was kept. Close the program that writes it.</source>
            <translation>Cambió mientras se leía; no se guardó nada de él. Cierre el programa que lo escribe.</translation>
        </message>
        <message>
            <source>This machine has no secret store: the key that signs the journal lies in {path}, readable by you alone. Keep it with the backups.</source>
            <translation>Este equipo no tiene almacén de secretos: la llave que firma la bitácora está en {path} y solo usted puede leerla. Guárdela junto con los respaldos.</translation>
        </message>
        <message>
            <source>the signature of event {sequence} is not genuine</source>
            <translation>la firma del evento {sequence} no es auténtica</translation>
        </message>
        <message>
            <source>event {sequence} settles signatures, but is not signed itself</source>
            <translation>el evento {sequence} resuelve firmas, pero él mismo no está firmado</translation>
        </message>
        <message>
            <source>events {first} to {last} are not signed</source>
            <translation>los eventos {first} a {last} no están firmados</translation>
        </message>
        <message>
            <source>Signatures up to event {sequence} are missing; that was settled: {reason}</source>
            <translation>Faltan firmas hasta el evento {sequence}; quedó resuelto: {reason}</translation>
        </message>
        <message>
            <source>event {sequence} registers a key in the name of {actor} that is not the one of this machine</source>
            <translation>el evento {sequence} registra a nombre de {actor} una llave que no es la de este equipo</translation>
        </message>
        <message>
            <source>{subject}: the codes it is said to use are not those of its movements</source>
            <translation>{subject}: los códigos que dice usar no son los de sus movimientos</translation>
        </message>
        <message>
            <source>the fiscal documents called imported are not those of the batches</source>
            <translation>los documentos fiscales que constan como importados no son los de los lotes</translation>
        </message>
        <message>
            <source>{subject}: {column} is not what its events say</source>
            <translation>{subject}: {column} no es lo que dicen sus eventos</translation>
        </message>
        <message>
            <source>The time stamp is not valid: {reason}.</source>
            <translation>El sello de tiempo no es válido: {reason}.</translation>
        </message>
        <message>
            <source>{table} {name} is not what its events say, or is gone</source>
            <translation>{table} {name} no es lo que dicen sus eventos, o ya no está</translation>
        </message>
        <message>
            <source>inbox: delivery {name} is not what was journaled when it came</source>
            <translation>buzón: la entrega {name} no es la que se anotó al llegar</translation>
        </message>
        <message>
            <source>inbox: {count} bodies are gone that nobody erased</source>
            <translation>buzón: faltan {count} contenidos que nadie borró</translation>
        </message>
        <message>
            <source>inbox: the body of {name} was changed</source>
            <translation>buzón: se cambió el contenido de {name}</translation>
        </message>
    </context>
    <context>
        <name>work</name>
        <message>
            <source>{connection}: this account ({actor}) has no secret for it. Run “cuadre connection check {connection}” once as the account the work runs under.</source>
            <translation>{connection}: esta cuenta ({actor}) no tiene su secreto. Ejecute una vez «cuadre connection check {connection}» con la cuenta bajo la que corre el trabajo.</translation>
        </message>
        <message>
            <source>There is no connection of this name.</source>
            <translation>No hay conexión con ese nombre.</translation>
        </message>
    </context>
    <context>
        <name>workbook</name>
        <message>
            <source>open</source>
            <translation>abierta</translation>
        </message>
        <message>
            <source>prepared</source>
            <translation>preparada</translation>
        </message>
        <message>
            <source>reviewed</source>
            <translation>revisada</translation>
        </message>
        <message>
            <source>signed</source>
            <translation>firmada</translation>
        </message>
        <message>
            <source>in transit</source>
            <translation>en tránsito</translation>
        </message>
        <message>
            <source>of another month</source>
            <translation>de otro mes</translation>
        </message>
        <message>
            <source>fee or withholding to be posted</source>
            <translation>comisión o retención por registrar</translation>
        </message>
        <message>
            <source>our error, to be corrected</source>
            <translation>error nuestro, por corregir</translation>
        </message>
        <message>
            <source>the other side's error</source>
            <translation>error del otro lado</translation>
        </message>
        <message>
            <source>other reason</source>
            <translation>otro motivo</translation>
        </message>
        <message>
            <source>other side of an adjustment</source>
            <translation>contrapartida de un ajuste</translation>
        </message>
        <message>
            <source>its account agrees by balance</source>
            <translation>su cuenta cuadra por saldo</translation>
        </message>
        <message>
            <source>settles items of an earlier month</source>
            <translation>salda partidas de un mes anterior</translation>
        </message>
        <message>
            <source>agrees</source>
            <translation>cuadra</translation>
        </message>
        <message>
            <source>to decide</source>
            <translation>por decidir</translation>
        </message>
        <message>
            <source>DIFFERS</source>
            <translation>NO CUADRA</translation>
        </message>
        <message>
            <source>to be posted to {account}</source>
            <translation>por registrar en {account}</translation>
        </message>
        <message>
            <source>matched</source>
            <translation>conciliado</translation>
        </message>
        <message>
            <source>parted</source>
            <translation>separado</translation>
        </message>
        <message>
            <source>adjustment withdrawn</source>
            <translation>ajuste retirado</translation>
        </message>
        <message>
            <source>Accounts taken for one: {pairs}. Change it with [accounts] in the rules.</source>
            <translation>Cuentas que se toman por una misma: {pairs}. Cámbielo con [accounts] en las reglas.</translation>
        </message>
        <message>
            <source>Differences that recur and look like fees or withholdings: {shares}. A rule of kind fee with its percent and cents, a name and an account confirms one (cuadre rules try).</source>
            <translation>Diferencias que se repiten y parecen comisiones o retenciones: {shares}. Una regla de tipo fee con su percent y cents, un nombre y una cuenta las concilia (cuadre rules try).</translation>
        </message>
        <message>
            <source>{percent} % (cents {cents}, in {amounts} amounts)</source>
            <translation>{percent} % (cents {cents}, en {amounts} importes)</translation>
        </message>
        <message numerus="yes">
            <source>%n line(s) have too many possible partners or sums; not all were searched.</source>
            <translation>
                <numerusform>%n renglón tiene demasiados posibles pares o sumas; no se buscaron todos.</numerusform>
                <numerusform>%n renglones tienen demasiados posibles pares o sumas; no se buscaron todos.</numerusform>
            </translation>
        </message>
        <message>
            <source>{account}: the left side states a closing balance of {stated}, opening and movements give {computed}</source>
            <translation>{account}: el lado izquierdo declara un saldo final de {stated}; el inicial y los movimientos dan {computed}</translation>
        </message>
        <message>
            <source>{account}: the right side states a closing balance of {stated}, opening and movements give {computed}</source>
            <translation>{account}: el lado derecho declara un saldo final de {stated}; el inicial y los movimientos dan {computed}</translation>
        </message>
        <message>
            <source>explained</source>
            <translation>explicado</translation>
        </message>
        <message>
            <source>split</source>
            <translation>dividida</translation>
        </message>
        <message>
            <source>file kept</source>
            <translation>archivo guardado</translation>
        </message>
        <message>
            <source>adjustment proposed</source>
            <translation>ajuste propuesto</translation>
        </message>
        <message>
            <source>taken back</source>
            <translation>deshecho</translation>
        </message>
        <message>
            <source>done again</source>
            <translation>rehecho</translation>
        </message>
        <message>
            <source>opened again</source>
            <translation>reabierta</translation>
        </message>
        <message>
            <source>{state}, BUT THIS IS NOT WHAT WAS SIGNED</source>
            <translation>{state}, PERO ESTO NO ES LO QUE SE FIRMÓ</translation>
        </message>
        <message>
            <source>in the books</source>
            <translation>en los libros</translation>
        </message>
        <message>
            <source>held: its lines changed</source>
            <translation>retenido: sus líneas cambiaron</translation>
        </message>
        <message>
            <source>to be sent</source>
            <translation>por enviar</translation>
        </message>
        <message numerus="yes">
            <source>%n decision(s) about lines that changed</source>
            <translation>
                <numerusform>%n decisión sobre líneas que cambiaron</numerusform>
                <numerusform>%n decisiones sobre líneas que cambiaron</numerusform>
            </translation>
        </message>
        <message>
            <source>left</source>
            <translation>izquierda</translation>
        </message>
        <message>
            <source>right</source>
            <translation>derecha</translation>
        </message>
        <message>
            <source>{side}: {day} {reference} {amount}: no longer there</source>
            <translation>{side}: {day} {reference} {amount}: ya no está</translation>
        </message>
        <message>
            <source>{side}: {day} {reference} {amount}: now {now_day}, {now}</source>
            <translation>{side}: {day} {reference} {amount}: ahora {now_day}, {now}</translation>
        </message>
    </context>
</TS>
