import Synchronization

/// The context for new connections of a listener; a reload replaces it as a whole.
package final class TLSIdentity: Sendable {
    private let current: Mutex<TLSContext>

    package init(_ context: TLSContext) { current = Mutex(context) }

    package func replace(with context: TLSContext) { current.withLock { $0 = context } }

    var context: TLSContext { current.withLock { $0 } }
}
