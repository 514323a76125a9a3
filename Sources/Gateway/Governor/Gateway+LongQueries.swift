package import InterlockLedger
import InterlockModel
package import InterlockPolicy
import InterlockSafety

/// The length of paths and queries of URLs in runs that have read untrusted content (docs/specs/output-safety.md, section
/// 7, "Egress side channels").
extension Gateway {
    /// Returns true if a run that has read untrusted content would send more in a path and query than it may. Counts for
    /// agents whose policy has `taint`.
    ///
    /// - Parameter target: the path and query of a URL.
    package func isLongQuery(
        _ target: String, of run: RunContext, under policy: PolicySnapshot
    ) -> Bool {
        guard policy.agents[run.agent]?.spec.taint != nil,
            runs.tainted.taint(of: run.run) != nil
        else { return false }
        return isLongQuery(target, in: run.run)
    }

    /// Returns true if a path and query have more that is not of the user's request. Without an index of the run, every
    /// byte counts.
    func isLongQuery(_ target: String, in run: RunID) -> Bool {
        let most = DecisionFacts.SideChannel.longestQuery
        guard target.utf8.count > most else { return false }
        let count =
            runs.labelled.read(run) { $0.bytesBeyondRequest(inTarget: target) }
            ?? target.utf8.count
        return count > most
    }
}
