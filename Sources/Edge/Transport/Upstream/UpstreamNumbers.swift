import Synchronization

/// The numbers of one pool. Each is unique, even if a server is recreated.
final class UpstreamNumbers: Sendable {
    private let lastID = Atomic<Int64>(0)
    private let lastGeneration = Atomic<UInt64>(0)

    /// Returns a number for a request and its progress token.
    func nextID() -> Int64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Returns the generation of a server's lists: equal generations mean equal lists.
    func nextGeneration() -> UInt64 { lastGeneration.wrappingAdd(1, ordering: .relaxed).newValue }
}
