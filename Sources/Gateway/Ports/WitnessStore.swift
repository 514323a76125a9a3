package import InterlockLedger
import InterlockModel

/// Storage of the state that a witness remembers.
package protocol WitnessStore: Sendable {
    /// Returns the stored note of the origin with this name (64 hexadecimal digits), or nil if none is stored.
    func note(_ name: String) async throws(StoreFailure) -> [UInt8]?
    /// Replaces the whole note; durable on return. After an error either the old or the new note is stored.
    func remember(_ memory: WitnessMemory, as name: String) async throws(StoreFailure)
    /// Stores a note that may prove misbehaviour, if there is space.
    func keep(evidence note: [UInt8]) async
}
