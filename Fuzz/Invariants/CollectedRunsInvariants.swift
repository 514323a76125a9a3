import InterlockModel
import InterlockTrust

extension Invariants {
    /// The runs of an accepted cache are unchanged after they are written and read again. The code of each file is
    /// zeros here.
    package static func collectedRuns(_ bytes: [UInt8]) {
        guard let runs = collected(bytes) else { return }
        let written = runs.encoded(basis: zeros) { _ in zeros }
        precondition(
            collected(written)?.encoded(basis: zeros) { _ in zeros } == written,
            "collected runs are read back")
    }

    private static let zeros = Digest(words: (0, 0, 0, 0))

    private static func collected(_ bytes: [UInt8]) -> CollectedRuns? {
        guard let agent = AgentName("refunds"), let server = ServerName("billing") else {
            return nil
        }
        return try? CollectedRuns(
            parsing: bytes, basis: zeros, of: [agent: [server]], under: .standard
        ) { _ in zeros }
    }
}
