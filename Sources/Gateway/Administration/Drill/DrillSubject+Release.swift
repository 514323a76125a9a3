import InterlockGovernor
import InterlockModel
package import InterlockPorts

extension DrillSubject {
    /// Returns a halt by the first person.
    func signedHalt() throws -> Envelope {
        let order = try HaltOrder(
            id: newID(), org: org, target: target, reason: "a drill of the kill switch",
            author: people[0].person.pseudonym, at: gateway.clock.wall)
        return try people[0].sign(.halt, try order.canonical())
    }

    /// Returns a release of these halts, which all three people may sign, and its bytes.
    func release(of halts: [OrderID]) throws -> (id: OrderID, bytes: [UInt8]) {
        let id = newID()
        let order = try ReleaseOrder(
            id: id, org: org, halts: halts, afterEpoch: kill.ownEpoch,
            reason: "the drill of the kill switch is over",
            authors: people.map(\.person.pseudonym))
        return (id, try order.canonical())
    }

    /// Halts all canaries.
    package func haltAll() async throws(StoreFailure) {
        do { _ = try await kill.halt(try signedHalt(), source: "drill") } catch {
            throw StoreFailure(reason: "\(error)")
        }
    }

    /// Releases all halts of drills by two people; does nothing if there are none.
    package func releaseAll() async throws(StoreFailure) {
        guard !halts.isEmpty else { return }
        do {
            let (id, bytes) = try release(of: halts.map(\.id))
            _ = try await kill.propose(try people[0].sign(.release, bytes))
            _ = try await kill.confirm(id, try people[1].sign(.release, bytes))
        } catch { throw StoreFailure(reason: "\(error)") }
    }
}
