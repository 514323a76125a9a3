import InterlockJSON
package import InterlockLedger
package import InterlockModel
import InterlockPolicy
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
    /// Searches texts that a connection of a run would send, as the arguments of a call are. Nothing states which
    /// connections may have numbers of cards, accounts and people, so those refuse none.
    package func search(connection texts: [String], of run: RunContext) async -> ConnectionSearch {
        let all = ResultTexts(.array(texts.map(JSONValue.string)))
        let inspection = await self.inspection(ofSent: all, by: run.run, of: run.agent)
        switch inspection.weighed(lowering: \.isOfNumber) {
        case .clean: return .clean
        case .undecodable: return .undecodable
        case .marked(_, let isUndecodable): return isUndecodable ? .undecodable : .clean
        case .failed: return .failed
        case .found(let findings, _, _):
            return .found(
                ConnectionFinding(search: ArgumentSearch(findings, worst: findings.worst)))
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
}
