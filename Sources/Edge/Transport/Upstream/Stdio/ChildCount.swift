import Synchronization

/// Limits the number of simultaneous child processes of the node (docs/specs/mcp.md, section 12).
final class ChildCount: Sendable {
    static let limit = 64
    private let count = Mutex(0)

    func enter() -> Bool {
        count.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
    }
    func leave() { count.withLock { $0 -= 1 } }
}
