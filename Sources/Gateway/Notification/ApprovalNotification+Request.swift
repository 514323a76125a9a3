package import InterlockAlerts
package import InterlockApprovals
import InterlockModel

extension ApprovalNotification {
    /// - Parameter withArguments: whether the call's arguments are also shown outside the console; those of an erased run
    ///   never are.
    package init(_ kind: Kind, _ request: ApprovalRequest, withArguments: Bool) {
        let call = request.review.call
        self.init(
            kind, request: request.id, revision: request.revision, run: call.run,
            agent: call.agent, tool: call.address, tier: request.decision.tier,
            deadline: request.expires,
            arguments: withArguments && request.cause != .erased ? call.arguments : nil)
    }
}
