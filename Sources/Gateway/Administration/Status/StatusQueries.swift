package import InterlockModel

/// The status of the gateway for pages, read from memory except for alerts.
package protocol StatusQueries: Sendable {
    func now(for sight: Visibility) async -> GatewayStatus

    /// The halts in force, newest first; every signed-in person sees them.
    var halts: [HaltOrder] { get }

    /// True if the policy in force was never signed off; every signed-in person sees that.
    var isPolicyUnsigned: Bool { get }

    /// Returns a stream with one element within half a second of a change of what `now` returns; several changes may be
    /// merged into one. It ends with the process. The caller must drop it when it is no longer needed.
    func changes() -> AsyncStream<Void>
}
