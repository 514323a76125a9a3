import InterlockAdministration
import InterlockCredentials
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockStore

@Suite final class WitnessFolderTests {
    private let folder: String
    private let name = String(repeating: "a", count: 64)

    init() throws { folder = try makeFolder() }
    deinit { removeFolder(folder) }

    private func memory(size: Int) throws -> WitnessMemory {
        let secret = try #require(Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32)))
        let key = try #require(
            CosignerKey(
                name: "acme/gw2", publicKey: secret.publicKey.bytes, hashing: OpenSSLHashing()))
        let logKey = try #require(
            VerifierKey(
                name: "acme/gw1/2026", publicKey: secret.publicKey.bytes,
                hashing: OpenSSLHashing()))
        let signer = LogKey(name: logKey.name, publicKey: secret.publicKey) { secret.sign($0) }
        let head = Checkpoint(
            origin: logKey.name, size: UInt64(size), root: Digest(words: (1, 2, 3, 4)))
        let body = AddCheckpoint.body(
            oldSize: 0, proof: [], note: head.signed(id: logKey.id, by: signer))
        return WitnessMemory(
            accepting: try AddCheckpoint(parsing: body), keys: [logKey], at: 5, by: key,
            sign: secret.sign)
    }

    @Test func `what is remembered is there for the next process, the newest alone`() async throws {
        let first = try WitnessFolder(folder + "/witness", hashing: OpenSSLHashing())
        #expect(try await first.note(name) == nil)
        try await first.remember(try memory(size: 1), as: name)
        try await first.remember(try memory(size: 2), as: name)
        first.close()
        let second = try WitnessFolder(folder + "/witness", hashing: OpenSSLHashing())
        #expect(try await second.note(name) == memory(size: 2).note)
        second.close()
        await #expect(throws: StoreFailure.self) { try await second.note(name) }
    }

    @Test func `a memory that cannot be written is an error, and the old one stands`() async throws
    {
        let path = folder + "/witness"
        let store = try WitnessFolder(path, hashing: OpenSSLHashing())
        defer { store.close() }
        try await store.remember(try memory(size: 1), as: name)
        // A folder occupies the path of the draft.
        try Folder.make("\(path)/\(name).note.tmp")
        await #expect(throws: StoreFailure.self) {
            try await store.remember(try memory(size: 2), as: name)
        }
        #expect(try await store.note(name) == memory(size: 1).note)
    }

    @Test func `refused notes are kept once each, up to a bound`() async throws {
        let path = folder + "/witness"
        let store = try WitnessFolder(path, hashing: OpenSSLHashing())
        defer { store.close() }
        for _ in 0..<2 { await store.keep(evidence: [1, 2, 3]) }
        #expect(try Folder.names(path + "/refused").count == 1)
        for number in 0..<WitnessFolder.maximumEvidence + 5 {
            await store.keep(evidence: Array("note \(number)".utf8))
        }
        #expect(try Folder.names(path + "/refused").count == WitnessFolder.maximumEvidence)
    }
}
