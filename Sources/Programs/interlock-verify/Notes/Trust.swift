/// The auditor's trust: keys of logs, witnesses, the quorum. None of it comes from the evidence.
struct Trust {
    let policy: TrustPolicy?
    /// The keys of logs and of witnesses.
    let keys: [VerifierKey]

    init(_ arguments: Arguments) throws(Refusal) {
        var keys: [VerifierKey] = []
        for text in arguments.all("--vkey") {
            guard let key = VerifierKey(Array(text.utf8)), key.kind == .note else {
                throw Refusal(.usage, "`\(text)` is no verifier key of a log")
            }
            keys.append(key)
        }
        if let path = arguments["--trust"] {
            let bytes = try Files.required(path, limit: TrustPolicy.maximumBytes)
            let policy: TrustPolicy
            do { policy = try TrustPolicy(bytes) } catch {
                let place = error.number > 0 ? ":\(error.number)" : ""
                throw Refusal(.malformed, "`\(path)\(place)` is no trust policy")
            }
            keys += policy.logs + policy.witnesses
            self.policy = policy
        } else {
            policy = nil
        }
        guard keys.contains(where: { $0.kind == .note }) else {
            throw Refusal(.usage, "the trust policy names no log: give its key with --vkey")
        }
        self.keys = keys
    }

    /// Checks the cosignatures of a checkpoint, and warns if none are required.
    func checkQuorum(_ checkpoint: Checkpoint, _ findings: inout Findings) {
        guard let policy, policy.quorum != nil else {
            findings.lacksOutsideMemory = true
            findings.warn(
                policy == nil
                    ? "no trust file: cosignatures were not required"
                    : "no quorum in the trust file: cosignatures were not required")
            return
        }
        if !policy.isMet(by: checkpoint.witnesses) {
            findings.fault(
                "the quorum is not met: \(checkpoint.witnesses.count) known witnesses have cosigned"
            )
        }
    }
}
