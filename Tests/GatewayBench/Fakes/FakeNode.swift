import InterlockModel
import InterlockPorts
import Synchronization

/// A node of a cluster that permits every call, with a chain that a test extends.
final class FakeNode: NodePermission {
    private struct State {
        var number: Int64 = 1
        /// The only policy of the revision in force; nil if every policy is of it.
        var policy: Digest?
    }
    private let state = Mutex(State())

    /// The entry of a number, as each fake chain has it.
    static func entry(_ number: Int64) -> ChainReference {
        ChainReference(number: number, digest: Digest(words: (UInt64(number), 7, 7, 7)))
    }

    var reference: ChainReference { state.withLock { Self.entry($0.number) } }

    func reference(under policy: Digest) -> ChainReference? {
        state.withLock { $0.policy ?? policy == policy ? Self.entry($0.number) : nil }
    }

    func refusal(of action: NodeAction) -> NodeRefusal? { nil }
    func refusal(of call: NodeCall) -> NodeRefusal? { nil }
    func refusal(of call: NodeCall, using use: ApprovalUseEntry) -> NodeRefusal? { nil }

    /// Applies entries up to a number.
    ///
    /// - Parameter policy: that of a revision which one of them brings.
    func apply(_ number: Int64, policy: Digest? = nil) {
        state.withLock { state in
            state.number = number
            state.policy = policy ?? state.policy
        }
    }
}
