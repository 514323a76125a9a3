package import InterlockModel

/// What became of a policy's files: a document, or the E findings that say why there is none.
package struct PolicyReading: Sendable {
    package let document: PolicyDocument?
    /// E findings; lints and warnings are judged on the document, at a time (`PolicyCheck`).
    package let findings: Findings

    /// What is printed about the policy: errors, or else lints and warnings as of `now`; at most
    /// `Findings.most`.
    package func report(
        lock: LockUse = .ignored, with engines: PolicyEngines, at now: Timestamp
    ) -> [Finding] {
        var all = findings
        if let document {
            all.add(contentsOf: PolicyCheck(document, lock: lock, with: engines, at: now).findings)
        }
        return all.reported
    }

    /// Reads, types, merges and resolves the files, one after the other.
    ///
    /// - Parameter keepsTrees: off where the policy is only decided by, so that thousands of agents take
    ///   less memory; the document then has no mutants.
    package static func read(
        _ files: [PolicyFile], findings early: [Finding], keepsTrees: Bool,
        parse: (PolicyFile) -> ParsedPolicyFile
    ) -> PolicyReading {
        var merge = PolicyMerge(keepsTrees: keepsTrees)
        merge.findings.add(contentsOf: early)
        var nodeCount = 0
        // Sorted, so that which of two duplicates is reported does not depend on the caller.
        for file in files.sorted(by: { $0.path < $1.path }) {
            let parsed = parse(file)
            nodeCount += parsed.nodeCount
            merge.findings.add(contentsOf: parsed.findings)
            merge.take(parsed)
        }
        let start = merge.start
        if nodeCount > YAMLLimits.policyNodes {
            merge.findings.add(
                .tooLarge, at: start, "the policy has more than \(YAMLLimits.policyNodes) values")
        }
        guard let root = merge.finish() else {
            return PolicyReading(document: nil, findings: merge.findings)
        }
        var findings = merge.findings
        let document = PolicyDocument(
            root: root, agents: merge.agents, start: start, findings: &findings)
        NameCheck(document: document).run(&findings)
        return PolicyReading(
            document: findings.hasErrors ? nil : document, findings: findings)
    }
}
