package import InterlockAdministration
package import InterlockCommandLine
import InterlockCredentials
import InterlockModel
package import InterlockPolicyReview

extension RevisionSource {
    /// Reads what a node would serve.
    ///
    /// - Returns: what was read, and its revision; without servers if the lock cannot be used.
    /// - Throws: exit 66 if there is no policy, 65 if it cannot be served.
    package func served() throws(Failure) -> (RevisionOnDisk, PolicyRevision) {
        let found = read(at: SystemClock().now.wall)
        do throws(RevisionRefusal) {
            if case .failure(.lock(let problem)) = found.revision,
                let without = found.withoutServers
            {
                return (found, try without(problem).revision.get())
            }
            return (found, try found.revision.get())
        } catch { throw Failure(error) }
    }
}

extension Failure {
    package init(_ refusal: RevisionRefusal) {
        switch refusal {
        case .unreadable(let reason):
            self.init(
                .notFound, reason, help: "write a policy folder, or name it with `policy.path`")
        case .findings(let findings): self.init(.data, findings: findings)
        case .rules, .newLints, .failingTests, .otherOrganisation, .lockIsGone, .lock:
            self.init(.data, "\(refusal)")
        case .signOff(let reason):
            self.init(
                .data, "the policy is not signed off, and this node loads nothing else: \(reason)",
                help: reason.remedy ?? "`interlock policy diff OLD NEW --sign KEY` signs")
        case .notRecorded(let code):
            self.init(
                .io, "\(refusal)",
                help: code == "audit.full"
                    ? "the disk of the log is full: free space on it, then start again" : nil)
        case .stale:
            self.init(
                .data, "\(refusal)", help: "start again once the policy's files no longer change")
        }
    }
}
