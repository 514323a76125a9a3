import Synchronization

/// The context that new connections of a listener begin with; replaced whole by a reload.
package final class TLSIdentity: Sendable {
    private let current: Mutex<TLSContext>

    package init(_ context: TLSContext) { current = Mutex(context) }

    package func replace(with context: TLSContext) { current.withLock { $0 = context } }

    var context: TLSContext { current.withLock { $0 } }
}
