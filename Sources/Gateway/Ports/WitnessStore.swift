package import InterlockLedger
import InterlockModel

/// Where a witness keeps what it remembers.
package protocol WitnessStore: Sendable {
    /// The stored note of the origin with this name (64 hexadecimal digits); nil when there is none.
    func note(_ name: String) async throws(StoreFailure) -> [UInt8]?
    /// Replaces it as a whole; durable on return. After an error the old or the new one stands.
    func remember(_ memory: WitnessMemory, as name: String) async throws(StoreFailure)
    /// Keeps a note that may prove misbehaviour, as far as there is room.
    func keep(evidence note: [UInt8]) async
}
