import Synchronization

/// Numbers of one pool. None is given twice, also where a server is begun anew.
final class UpstreamNumbers: Sendable {
    private let lastID = Atomic<Int64>(0)
    private let lastGeneration = Atomic<UInt64>(0)

    /// Of requests and progress tokens.
    func nextID() -> Int64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

    /// Of what a server offers: whoever has compared one generation need not look at it again.
    func nextGeneration() -> UInt64 { lastGeneration.wrappingAdd(1, ordering: .relaxed).newValue }
}
