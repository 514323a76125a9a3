package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// `state/witness`: one file per origin with the state of this node as a witness, and signed notes that may prove
/// misbehaviour. All work runs on a dedicated thread.
package final class WitnessFolder: WitnessStore {
    private let path: String
    private let hashing: any Hashing
    private let jobs = JobThread("witness", limit: 1024)

    /// The number of signed notes that are kept as evidence; later ones are dropped, because the first already proves a
    /// fork.
    package static let maximumEvidence = 256

    private var evidence: String { path + "/refused" }

    /// Creates the folder if it does not exist.
    package init(_ path: String, hashing: any Hashing) throws(StoreFailure) {
        self.path = path
        self.hashing = hashing
        do throws(SystemError) {
            for folder in [path, path + "/refused"] { try Folder.make(folder) }
        } catch {
            throw StoreFailure(reason: error.description)
        }
    }

    /// Runs the submitted work, then ends the thread; later calls fail.
    package func close() { jobs.close() }

    package func note(_ name: String) async throws(StoreFailure) -> [UInt8]? {
        try await perform { [self] () throws(SystemError) in
            try Folder.contents(file(name), limit: AddCheckpoint.maximumBytes)
        }
    }

    package func remember(
        _ memory: WitnessMemory, as name: String
    ) async throws(StoreFailure) {
        try await perform { [self] () throws(SystemError) in
            try Folder.replace(file(name), with: memory.note)
        }
    }

    package func keep(evidence note: [UInt8]) async {
        let name = "\(evidence)/\(hashing.sha256(note).hex).note"
        try? await perform { [self] () throws(SystemError) in
            guard try Folder.names(evidence).count < Self.maximumEvidence, !Folder.exists(name)
            else { return }
            try Folder.replace(name, with: note)
        }
    }

    private func file(_ name: String) -> String { "\(path)/\(name).note" }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws(SystemError) -> Value
    ) async throws(StoreFailure) -> Value {
        try await jobs.answer(busy: "the witness's memory is busy") { () throws(StoreFailure) in
            do throws(SystemError) { return try body() } catch {
                throw StoreFailure(reason: error.description)
            }
        }
    }
}
