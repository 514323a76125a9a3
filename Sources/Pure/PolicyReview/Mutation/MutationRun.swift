package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// The result of testing one mutant.
package struct MutantResult: Sendable {
    package enum Fate: Sendable, Equatable {
        /// The mutant decides alike. It does not count in the score.
        case equal
        /// The mutant does not compile, or is never loaded.
        case refused
        /// The names of the tests that failed.
        case killed([String])
        /// No test failed. The value is the first difference in decisions.
        case survived(Difference)
    }

    package let mutant: PolicyMutant
    package let fate: Fate

    /// One line, and for a survivor the difference that no test notices with the test that would.
    package var text: String {
        let head = "\(mutant.place) "
        switch fate {
        case .equal: return head + "equal \(mutant.change)"
        case .refused: return head + "refused \(mutant.change)"
        case .killed(let tests): return head + "killed \(mutant.change): \(tests.first ?? "")"
        case .survived(let difference):
            let paste = difference.missingTest.map { "\n  help: add under `tests`:\n  \($0)" } ?? ""
            return head + "SURVIVED \(mutant.change)\n  no test notices: \(difference.text)" + paste
        }
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "at": .string(mutant.place.description), "change": .string(mutant.change),
        ]
        switch fate {
        case .equal: object["fate"] = "equal"
        case .refused: object["fate"] = "refused"
        case .killed(let tests):
            object["fate"] = "killed"
            object["tests"] = .array(tests.map { .string($0) })
        case .survived(let difference):
            object["fate"] = "survived"
            object["difference"] = .string(difference.text)
            object["test"] = difference.missingTest.map { .string($0) }
        }
        return .object(object)
    }
}

/// Judges the mutants of a policy by the policy's own tests (docs/specs/policy.md, section 8.4).
package struct MutationRun: Sendable {
    private let policy: PolicySnapshot
    private let now: Timestamp
    private let hashing: any Hashing
    /// The paths of the tests that pass on the unchanged policy. Tests that fail anyway detect nothing.
    private let passing: Set<String>

    package init(_ policy: PolicySnapshot, at now: Timestamp, hashing: any Hashing) {
        self.policy = policy
        self.now = now
        self.hashing = hashing
        passing = Set(PolicyTestRunner(policy, at: now).run().filter(\.passed).map(\.path))
    }

    package var mutants: [PolicyMutant] { policy.document.mutants }

    package func judge(_ mutant: PolicyMutant) -> MutantResult {
        MutantResult(mutant: mutant, fate: fate(of: mutant))
    }

    private func fate(of mutant: PolicyMutant) -> MutantResult.Fate {
        guard let changed = compiled(mutant) else { return .refused }
        let failing = PolicyTestRunner(changed, at: now).run()
            .filter { !$0.passed && passing.contains($0.path) }
        if !failing.isEmpty { return .killed(failing.map(\.name)) }
        let comparison = PolicyComparison.compare(policy, changed, at: now, latent: false)
        return comparison.differences.first.map { .survived($0) } ?? .equal
    }

    private func compiled(_ mutant: PolicyMutant) -> PolicySnapshot? {
        policy.compiled(
            from: policy.document.root.edited(at: mutant.target, mutant.edit), at: now, hashing)
    }
}

extension PolicySnapshot {
    /// Compiles the policy anew from another tree, with its own lock and engines.
    ///
    /// - Returns: nil if the tree is of no policy that is ever loaded.
    func compiled(
        from root: TypedValue, at now: Timestamp, _ hashing: any Hashing
    ) -> PolicySnapshot? {
        var findings = Findings()
        let agents = (root["agents"]?.members ?? []).compactMap { AgentSpec($0, &findings) }
        let changed = PolicyDocument(
            root: root, agents: agents, start: document.start, findings: &findings)
        guard !findings.hasErrors else { return nil }
        return try? PolicySnapshot(
            compiling: changed, lock: lock.map { .read($0) } ?? .ignored,
            with: maker.engines, at: now, hashing: hashing)
    }
}

/// The share of mutants that tests detect.
package struct MutationScore: Sendable, Equatable {
    package let killed: Int
    /// The number of mutants without equal ones.
    package let judged: Int

    package init(_ results: [MutantResult]) {
        let counted = results.filter { $0.fate != .equal }
        judged = counted.count
        killed =
            counted.filter {
                switch $0.fate {
                case .refused, .killed: true
                case .equal, .survived: false
                }
            }.count
    }

    /// The share, from 0 to 1; 1 if no mutant is counted.
    package var share: Double { judged == 0 ? 1 : Double(killed) / Double(judged) }
}
