import CLinux
import Glibc
import Synchronization

extension LoopGroup {
    /// Runs the work on a loop and blocks this thread until it is done. For threads that exist to wait; must not be
    /// called on a loop of the group.
    package func blocking<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value {
        let done = eventfd(0, Int32(EFD_CLOEXEC))
        precondition(done >= 0, "no descriptor is left to wait on")
        defer { close(done) }
        let answer = Answer<Value>()
        Task(executorPreference: next()) {
            let value = await work()
            answer.value.withLock { $0 = value }
            var one: UInt64 = 1
            _ = unsafe write(done, &one, 8)
        }
        while true {
            var count: UInt64 = 0
            _ = unsafe read(done, &count, 8)
            if let value = answer.value.withLock({ $0 }) { return value }
        }
    }
}

private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
