package import InterlockJSON
package import InterlockModel

/// The exact call that people approve (docs/specs/approvals.md, section 3.1). A different digest is a different call:
/// the bytes of this value are signed, rechecked and sent.
package struct CanonicalCall: Hashable, Sendable {
    package let org: String
    package let agent: AgentName
    package let run: RunID
    /// The person on whose behalf the call is made; nil is written as the empty string.
    package let subject: Pseudonym?
    package let address: ToolAddress
    package let stage: TrustStage
    /// The environment of the server's entry in the policy.
    package let environment: String
    /// The digest of the tool's pin.
    package let pin: Digest
    /// The arguments after normalisation and obligations, before credentials; an object.
    package let arguments: JSONValue
    /// The RFC 8785 bytes of the whole call.
    package let bytes: [UInt8]

    /// - Throws: if the arguments are not an object or have no canonical form.
    package init(
        org: String, agent: AgentName, run: RunID, subject: Pseudonym?, address: ToolAddress,
        stage: TrustStage, environment: String, pin: Digest, arguments: JSONValue
    ) throws(FormError) {
        guard arguments.object != nil else { throw .notObject("args") }
        self.org = org
        self.agent = agent
        self.run = run
        self.subject = subject
        self.address = address
        self.stage = stage
        self.environment = environment
        self.pin = pin
        self.arguments = arguments
        let json: JSONValue = [
            "v": 1, "type": "call", "org": .string(org), "agent": .string(agent.text),
            "run": .string(run.text), "subject": .string(subject?.text ?? ""),
            "server": .string(address.server.text), "tool": .string(address.tool.text),
            "stage": .string(stage.rawValue), "environment": .string(environment),
            "pin": .string(pin.prefixed), "args": arguments,
        ]
        do { bytes = try json.canonical() } catch { throw .json(error) }
        self.json = json
    }

    package let json: JSONValue

    /// A copy under another trust stage or environment, which makes it a different call.
    package func moved(to stage: TrustStage, _ environment: String) throws(FormError)
        -> CanonicalCall
    {
        try CanonicalCall(
            org: org, agent: agent, run: run, subject: subject, address: address, stage: stage,
            environment: environment, pin: pin, arguments: arguments)
    }

    /// Returns whether the calls differ in trust stage and environment at most.
    func isMoved(from other: CanonicalCall) -> Bool {
        (try? other.moved(to: stage, environment)) == self
    }

    /// The unsalted digest, which must not appear in a record's leaf.
    package func digest(_ hashing: some Hashing) -> Digest { hashing.sha256(bytes) }

    package init(json: JSONValue, at path: String = "call") throws(FormError) {
        let fields = try StrictFields(
            json, at: path,
            required: [
                "v", "type", "org", "agent", "run", "subject", "server", "tool", "stage",
                "environment", "pin", "args",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "call")
        let subject = try fields.string("subject", length: 0...24)
        try self.init(
            org: try fields.string("org"),
            agent: try fields.made("agent", "an agent's name", AgentName.init),
            run: try fields.made("run", "a run's id") { RunID($0) },
            subject: subject.isEmpty ? nil : try fields.pseudonym("subject"),
            address: ToolAddress(
                server: try fields.made("server", "a server's name", ServerName.init),
                tool: try fields.made("tool", "a tool's name") { ToolName(item: $0) }),
            stage: try fields.made("stage", "a stage") { TrustStage(rawValue: $0) },
            environment: try fields.string("environment", length: 0...128),
            pin: try fields.made("pin", "a digest") { Digest(prefixed: $0) },
            arguments: try fields.value("args"))
    }
}

extension CanonicalCall {
    /// A copy with other arguments, which makes it a different call.
    package func with(_ arguments: JSONValue) throws(FormError) -> CanonicalCall {
        try CanonicalCall(
            org: org, agent: agent, run: run, subject: subject, address: address, stage: stage,
            environment: environment, pin: pin, arguments: arguments)
    }
}
