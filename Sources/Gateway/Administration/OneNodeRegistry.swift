import Synchronization

/// A value behind a lock: the implementation of a port of people on one node. It never fails, and is empty after a restart.
package final class OneNodeRegistry<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    package init(_ value: Value) { self.value = Mutex(value) }

    func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        value.withLock { body(&$0) }
    }
}
