package import InterlockModel

/// The result of reading a policy's files: a document, or the E findings that prevent it.
package struct ParsedPolicy: Sendable {
    package let document: PolicyDocument?
    /// E findings. Lints and warnings are found in the document, as of a time (`PolicyCheck`).
    package let findings: Findings

    /// The findings to print: errors, or else lints and warnings as of `now`; at most `Findings.most`.
    package func report(
        lock: LockUse = .ignored, with engines: PolicyEngines, at now: Timestamp
    ) -> [Finding] {
        var all = findings
        if let document {
            all.add(contentsOf: PolicyCheck(document, lock: lock, with: engines, at: now).findings)
        }
        return all.reported
    }

    /// Reads and types the files, in parallel if there are workers; then merges and resolves.
    ///
    /// - Parameter keepsTrees: false if the policy is only used for decisions, so that thousands of agents
    ///   take less memory; the document then has no mutants.
    /// - Parameter namesCanaries: true for the policy of a drill, the only one that may name canaries.
    package static func read(
        _ files: [PolicyFile], findings early: [Finding], keepsTrees: Bool,
        namesCanaries: Bool = false,
        by workers: any Workers = OneWorker(),
        parse: @escaping @Sendable (PolicyFile) -> ParsedPolicyFile
    ) -> ParsedPolicy {
        // The files are sorted, so that which of two duplicates is reported does not depend on the caller.
        let files = files.sorted { $0.path < $1.path }
        var merge = PolicyMerge(early)
        let typed = workers.map(files.count) {
            TypedPolicyFile(parse(files[$0]), keepsTrees: keepsTrees)
        }
        for file in typed { merge.take(file) }
        let root = merge.finish()
        var findings = merge.findings
        let document = PolicyDocument(
            root: root, agents: merge.agents, start: merge.start, findings: &findings)
        // A file that could not be read defines names that others mention, so their absence says nothing.
        if typed.allSatisfy(\.isTyped) {
            let names = NameCheck(document: document, reported: ReportedPaths(findings))
            findings.add(contentsOf: names.run().unsorted)
            if !namesCanaries { findings.add(contentsOf: document.canaryNames) }
        }
        return ParsedPolicy(document: findings.hasErrors ? nil : document, findings: findings)
    }
}

extension PolicyDocument {
    /// Returns an E finding for each name that is reserved for canaries.
    fileprivate var canaryNames: [Finding] {
        let named =
            servers.filter(\.name.isOfCanaries).map { ($0.name.text, $0.place, $0.path) }
            + agents.filter(\.name.isCanary).map { ($0.name.text, $0.place, $0.path) }
        return named.map { name, place, path in
            Finding(
                .malformedName, at: place, path: path, "`\(name)` is a name for canaries of drills",
                help: "names that begin with `\(CanaryNames.prefix)` are reserved")
        }
    }
}
