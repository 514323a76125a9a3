/// A parser under test and the folder below `Fuzz` that holds its corpus.
package struct FuzzTarget: Sendable {
    package let folder: String
    /// Ends the process with a message if the bytes break an invariant.
    package let check: @Sendable ([UInt8]) -> Void

    private init(_ folder: String, _ check: @escaping @Sendable ([UInt8]) -> Void) {
        self.folder = folder
        self.check = check
    }

    package static let all = [
        FuzzTarget("Alert", Invariants.alert),
        FuzzTarget("Analysis", Invariants.analysis),
        FuzzTarget("AuthenticatorData", Invariants.authenticatorData),
        FuzzTarget("Baseline", Invariants.baseline),
        FuzzTarget("Bucket", Invariants.bucket),
        FuzzTarget("CBOR", Invariants.cbor),
        FuzzTarget("CEL", Invariants.cel),
        FuzzTarget("ClientData", Invariants.clientData),
        FuzzTarget("ClientHello", Invariants.clientHello),
        FuzzTarget("Cost", Invariants.cost),
        FuzzTarget("Cursor", Invariants.cursor),
        FuzzTarget("Decision", Invariants.decision),
        FuzzTarget("DNS", Invariants.dns),
        FuzzTarget("DenialToken", Invariants.denialToken),
        FuzzTarget("Description", Invariants.description),
        FuzzTarget("Discovery", Invariants.discovery),
        FuzzTarget("EgressHost", Invariants.egressHost),
        FuzzTarget("Envelope", Invariants.envelope),
        FuzzTarget("Frame", Invariants.frame),
        FuzzTarget("HTTP", Invariants.http),
        FuzzTarget("Heads", Invariants.heads),
        FuzzTarget("Hosts", Invariants.hosts),
        FuzzTarget("Issuer", Invariants.issuer),
        FuzzTarget("JSON", Invariants.json),
        FuzzTarget("LaunchSpec", Invariants.launchSpec),
        FuzzTarget("LaunchStatus", Invariants.launchStatus),
        FuzzTarget("Leaf", Invariants.leaf),
        FuzzTarget("Lock", Invariants.lock),
        FuzzTarget("Manifest", Invariants.manifest),
        FuzzTarget("Messages", Invariants.messages),
        FuzzTarget("ModelAnswer", Invariants.modelAnswer),
        FuzzTarget("Note", Invariants.note),
        FuzzTarget("Order", Invariants.order),
        FuzzTarget("Payload", Invariants.payload),
        FuzzTarget("Policy", Invariants.policy),
        FuzzTarget("Proof", Invariants.proof),
        FuzzTarget("ProxyHead", Invariants.proxyHead),
        FuzzTarget("SOCKS", Invariants.socks),
        FuzzTarget("SSE", Invariants.sse),
        FuzzTarget("Scan", Invariants.scan),
        FuzzTarget("ScanRules", Invariants.scanRules),
        FuzzTarget("Schema", Invariants.schema),
        FuzzTarget("Search", Invariants.search),
        FuzzTarget("Shown", Invariants.shown),
        FuzzTarget("SignOff", Invariants.signOff),
        FuzzTarget("Template", Invariants.template),
        FuzzTarget("Tile", Invariants.tile),
        FuzzTarget("Token", Invariants.token),
        FuzzTarget("Trust", Invariants.trust),
        FuzzTarget("URI", Invariants.uri),
        FuzzTarget("Vote", Invariants.vote),
        FuzzTarget("Witness", Invariants.witness),
        FuzzTarget("Workspace", Invariants.workspace),
        FuzzTarget("Zone", Invariants.zone),
    ]
}
