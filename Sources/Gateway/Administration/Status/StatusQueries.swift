package import InterlockModel

/// How the house stands, for pages. From memory, but for alarms.
package protocol StatusQueries: Sendable {
    func now(for sight: Visibility) async -> GatewayStatus

    /// The halts in force, the newest first; everybody who is signed in sees them.
    var halts: [HaltOrder] { get }

    /// Whether the policy in force was never signed off; everybody who is signed in sees that.
    var isPolicyUnsigned: Bool { get }

    /// One element within half a second of a change of what `now` tells, several changes at once perhaps as one; ends
    /// with the process. The caller lets it go when nobody listens.
    func changes() -> AsyncStream<Void>
}
