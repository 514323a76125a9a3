import InterlockCommandLine
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

/// The policies under which captured calls were decided, kept with the suite: `fixtures/policies/DIGEST.json` has the
/// files of one (`PolicyBundle`), so that a case can be run on it where there is no log.
final class PolicyCopies {
    private let suite: String
    private let folder: String
    /// The policies that were compiled; nil for one that cannot be.
    private var known: [Digest: PolicySnapshot?] = [:]

    init(of suite: SuiteFolder) {
        self.suite = suite.path
        folder = suite.path + "/fixtures/policies"
    }

    /// Durable on return. Keeping the same policy again changes nothing.
    ///
    /// - Returns: false if the policy is larger than a fixture may be.
    /// - Throws: exit 73 if the file cannot be written.
    func keep(_ bundle: [UInt8], as policy: Digest) throws(Failure) -> Bool {
        guard bundle.count <= EvalLimits.fixtureBytes else { return false }
        guard !File.exists(path(of: policy)) else { return true }
        try ResultWriter.makeFolder(suite + "/fixtures")
        try ResultWriter.makeFolder(folder)
        try ResultWriter.write(bundle, to: path(of: policy))
        return true
    }

    func has(_ policy: Digest) -> Bool { File.exists(path(of: policy)) }

    /// Returns true if the case fails under the policy, or nil if the policy is not here, is another one than its name
    /// says, or does not have the tool.
    func fails(_ one: EvalCase, on policy: Digest, at now: Timestamp) -> Bool? {
        guard case .policy(let call) = one.body, let snapshot = snapshot(policy, at: now),
            let result = PolicyTestRunner(snapshot, at: now).run([call.test]).first ?? nil
        else { return nil }
        return !result.failures.isEmpty
    }

    private func snapshot(_ policy: Digest, at now: Timestamp) -> PolicySnapshot? {
        if let found = known[policy] { return found }
        let made = compiled(policy, at: now)
        known[policy] = .some(made)
        return made
    }

    private func compiled(_ policy: Digest, at now: Timestamp) -> PolicySnapshot? {
        let bytes = try? File.readRegular(
            path(of: policy), limit: EvalLimits.fixtureBytes, followsLink: false)
        return bytes.flatMap { ArchivedPolicy.compiled($0, as: policy, at: now) }
    }

    private func path(of policy: Digest) -> String { folder + "/" + policy.hex + ".json" }
}
