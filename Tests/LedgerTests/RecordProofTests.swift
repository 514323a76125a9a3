import InterlockCredentials
import InterlockLedger
import InterlockModel
import Testing

/// Cosignatures of a checkpoint, and what they say about the required witnesses.
@Suite struct RecordProofTests {
    private let witness = TestWitness(seed: 7, name: "witness.example/w7")
    private let text =
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"

    private func proof(_ note: [UInt8], _ policy: TrustPolicy?) throws -> RecordProof {
        let root = try #require(Digest(base64: "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="))
        return RecordProof(
            size: 20_852_163, root: root,
            witnesses: CheckpointWitnesses(of: note, policy, OpenSSLVerifier()))
    }

    @Test func `a quorum that cosigned is reached, with its time and names`() throws {
        let note = try witness.cosigned(text, at: 1_679_315_147).bytes(under: text)
        let found = try proof(note, try witness.policy(quorum: true))
        #expect(found.isCosigned)
        #expect(found.witnesses.names.count == 1)
        #expect(found.witnesses.newest?.seconds == 1_679_315_147)
        #expect(
            !RecordProof(size: 1, root: found.root, witnesses: found.witnesses.unseen).isCosigned)
        #expect(found.witnesses.unseen.names.isEmpty)
    }

    @Test func `a cosignature that no policy requires proves no more`() throws {
        let note = try witness.cosigned(text, at: 5).bytes(under: text)
        let found = try proof(note, try witness.policy(quorum: false))
        #expect(found.witnesses.names.count == 1)
        #expect(found.witnesses.quorum == .notRequired)
        #expect(!found.isCosigned)
        #expect(try !proof(note, nil).isCosigned)
    }

    @Test func `without a cosignature, with a false one and without a note nothing is cosigned`()
        throws
    {
        let policy = try witness.policy(quorum: true)
        let note = try witness.cosigned(text, at: 5)
        let moved = note.bytes(under: text.replacing("20852163", with: "20852164"))
        for bytes in [moved, [], Array("note".utf8)] {
            let found = try proof(bytes, policy)
            #expect(!found.isCosigned)
            #expect(found.witnesses.names.isEmpty)
            if case .missing = found.witnesses.quorum {} else { Issue.record("not missing") }
        }
    }
}
