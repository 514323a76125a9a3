package import InterlockCommandLine
import InterlockCredentials
package import InterlockLogReading
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyReview
package import InterlockReview
package import InterlockReviews

/// The scopes of the agents of a sample against their use, and what is to be retired.
package struct ScopeComparison {
    let reading: ScopeReading
    let proposal: RetireProposal
    /// The text of the patch; nil if nothing is retired, or the policy's text is not edited here.
    let patch: String?
    let notes: [String]

    /// - Parameters:
    ///   - path: the file or folder of the policy.
    ///   - progress: counts the records that were read.
    ///   - isGoing: returns false to give up.
    ///   - earlier: returns the policies that were in force between two times.
    /// - Throws: exit 66 if there is no policy, 65 if it does not compile or the records are not those of the checkpoint.
    package init(
        _ sample: ReviewSample, policy path: String, in log: AuditLog,
        counting progress: Progress? = nil, while isGoing: () -> Bool = { true },
        earlier: (AuditLog, Timestamp, Timestamp) throws -> [PolicySnapshot]
    ) throws {
        let policy = try ReviewedPolicy(path, at: SystemClock().now.wall)
        let tools = sample.agents.map(\.name).flatMap { policy.granted(to: $0) }
        reading = try ScopeReading(
            of: sample.scope, sample.period, policy: policy.digest, tools: tools, in: log,
            counting: progress, while: isGoing)
        var notes: [String] = []
        let window = reading.window.period
        var former: [PolicySnapshot]?
        do { former = try earlier(log, window.start, window.end) } catch let failure as Failure {
            notes.append("no tool is retired: \(failure.message)")
        }
        let sets = former.map { policies in
            sample.agents.map(\.name).reduce(into: [AgentName: [Set<ToolAddress>]]()) {
                found, agent in
                found[agent] = policies.map { Set($0.callable(by: agent)) }
            }
        }
        let proposal = RetireProposal(reading.window) { agent, tool in
            sets?[agent]?.allSatisfy { $0.contains(tool) } ?? false
        }
        self.proposal = proposal
        let differences = policy.differences(proposal)
        let lines = differences.files.flatMap(\.unified)
        patch = lines.isEmpty ? nil : lines.joined(separator: "\n") + "\n"
        notes += differences.left.map {
            "`\($0.text)` is not in the patch: write the change of the policy's text by hand"
        }
        self.notes = notes
    }

    var patchDigest: Digest? { patch.map { OpenSSLHashing().sha256(Array($0.utf8)) } }

    /// The comparison for pages.
    package var use: ReviewUse {
        ReviewUse(
            use: reading.use, proposal: proposal,
            patch: patch.flatMap { text in patchDigest.map { (text: text, digest: $0) } },
            notes: notes, count: reading.count)
    }
}
