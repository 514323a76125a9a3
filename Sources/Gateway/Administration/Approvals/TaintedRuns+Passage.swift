package import InterlockApprovals
package import InterlockGovernor
package import InterlockModel

extension TaintedRuns {
    /// Returns the passage by which the run became hostile; nil if there is none, or it is not kept.
    package func passage(of run: RunID) -> MarkedPassage? {
        guard let mark = taint(of: run)?.mark, let text = mark.passage else { return nil }
        return MarkedPassage(call: mark.call, text: text)
    }
}
