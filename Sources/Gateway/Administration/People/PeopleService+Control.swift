import InterlockApprovals
import InterlockGovernor
import InterlockModel
package import InterlockPorts

extension PeopleService {
    /// Appends an entry for each person whose newest entry is not what was decided: after an update from a version
    /// without a control log, after `init`, and if the process died between the trust file and the store. Called once,
    /// at start, after `restore`: the audit log and the trust file decide, the control log follows.
    package func recordDecided(in log: any ControlLog) async throws(StoreFailure) {
        await gate.enter()
        defer { gate.leave() }
        let known = try await log.newest(of: [.person])
        let before = Dictionary(
            known.map { ($0.subject, $0.body) }, uniquingKeysWith: { _, newer in newer })
        try await log.append(book.entries(since: before))
    }
}
