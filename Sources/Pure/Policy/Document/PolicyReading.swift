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

    /// Types, merges and resolves the files.
    ///
    /// - Parameter nodeCount: of all files together, for the limit of the whole policy.
    package static func type(
        _ files: [ParsedPolicyFile], nodeCount: Int, findings early: Findings
    ) -> PolicyReading {
        var merge = PolicyMerge()
        merge.findings.add(contentsOf: early.all)
        // Sorted, so that which of two duplicates is reported does not depend on the caller.
        for file in files.sorted(by: { $0.path < $1.path }) { merge.take(file) }
        let start = merge.start
        if nodeCount > YAMLLimits.policyNodes {
            merge.findings.add(
                .tooLarge, at: start, "the policy has more than \(YAMLLimits.policyNodes) values")
        }
        guard let root = merge.finish() else {
            return PolicyReading(document: nil, findings: merge.findings)
        }
        var findings = merge.findings
        let document = PolicyDocument(root: root, start: start, findings: &findings)
        NameCheck(document: document).run(&findings)
        return PolicyReading(
            document: findings.hasErrors ? nil : document, findings: findings)
    }
}
