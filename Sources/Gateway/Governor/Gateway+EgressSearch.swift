import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// The values of a search in what a connection of a run would send, for the alert; never a value.
package struct ConnectionFinding: Sendable {
    fileprivate let search: ArgumentSearch
}

/// The result of such a search.
package enum ConnectionSearch: Sendable {
    case clean
    case found(ConnectionFinding)
    /// Nothing was found in what was searched; something was not decoded within the limits.
    case undecodable
    /// The search has no answer.
    case failed
}

extension Gateway {
    /// Searches texts that a connection of a run would send, as the arguments of a call are.
    package func search(connection texts: [String], of run: RunContext) async -> ConnectionSearch {
        let all = ResultTexts(.array(texts.map(JSONValue.string)))
        switch await inspection(of: all, for: run.agent) {
        case .clean: return .clean
        case .undecodable: return .undecodable
        case .marked(_, let isUndecodable): return isUndecodable ? .undecodable : .clean
        case .failed: return .failed
        case .found(let findings, _):
            return .found(ConnectionFinding(search: ArgumentSearch(ofConnection: findings)))
        }
    }

    /// Raises the alert about values that a connection was about to send, after its refusal was noted, and stops its run
    /// for those for which a call would.
    package func alarm(
        connection call: CallID, of run: RunContext, _ finding: ConnectionFinding,
        under policy: Digest
    ) {
        let refused = RefusedCall(id: call, run: run, policy: policy)
        alarm(registeredIn: refused, finding.search)
        if finding.search.finding == .secret {
            alarm(blocked: refused, .secretInArguments, rule: "egress-side-channel")
        }
    }

    /// The most bytes of path and query that are not of the user's request, in a run that has read untrusted content.
    package static let longestQuery = 256

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
        guard target.utf8.count > Self.longestQuery else { return false }
        let count =
            runs.labelled.read(run) { $0.bytesBeyondRequest(inTarget: target) }
            ?? target.utf8.count
        return count > Self.longestQuery
    }
}

extension ArgumentSearch {
    fileprivate init(ofConnection findings: [ResultFinding]) {
        let worst = findings.gravest
        self.init(
            finding: worst?.argumentFinding, found: nil, detail: nil, generation: 0,
            planted: worst?.planted, stopsRun: findings.stopRun)
    }
}
