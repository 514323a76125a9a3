import InterlockAdministration
import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockStore

/// Records with their proofs in one tar archive, each of which can be verified separately: `interlock-verify PROOF
/// RECORD`. The format is that of evidence bundles.
struct ProofArchive {
    let file: EvidenceFileBody

    static let mostRecords = 2000

    /// - Parameter found: the records, oldest first.
    init(_ found: [ProvedRecord], in log: ProvedLog) throws {
        var log = log
        var bytes: [UInt8] = []
        func add(_ name: String, _ content: [UInt8]) throws {
            try UstarArchive.write(name, content) { bytes += $0 }
        }
        try add("checkpoint", log.publishedNote)
        for record in found {
            guard let evidence = try log.evidence(of: record) else { continue }
            try add("records/\(record.index).json", Array(record.entry.leaf.bytes))
            try add("records/\(record.index).tlog-proof", evidence.proof.encoded())
        }
        try add("VERIFY.txt", Array(Self.instructions.utf8))
        bytes += UstarArchive.end
        file = EvidenceFileBody(name: "records.tar", bytes: bytes, count: found.count)
    }

    private static let instructions = """
        Records of an audit log, each as it is stored, with the proof that it is in the log.

        With a verifier that shares no code with the gateway, and keys that you did not get from here:

            interlock-verify --trust YOUR-trust.policy records/12.tlog-proof records/12.json

        Without it: the page `auditing` of Interlock's documentation describes every file to the byte. Each
        proof is a C2SP tlog-proof. Which records were asked for, the log itself has on record; that none is
        missing here, only the whole log shows.

        """
}
