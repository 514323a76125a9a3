package import InterlockModel

/// Whether enough of the witnesses stand behind a checkpoint.
extension TrustPolicy {
    /// The cosignatures under a note by witnesses of this policy, in the note's order. Lines of other
    /// keys are skipped.
    ///
    /// - Throws: `badSignature` when a line names a witness of the policy but is not its.
    package func cosignatures(
        on note: SignedNote, _ verifier: any SignatureVerifier
    ) throws(NoteError) -> [Cosignature] {
        var found: [Cosignature] = []
        for line in note.signatures {
            for witness in witnesses {
                if let cosignature = try Cosignature(
                    line, under: note.text, by: witness.key, verifier)
                {
                    found.append(cosignature)
                }
            }
        }
        return found
    }

    /// Whether the note bears cosignatures of a quorum. Always so when the quorum is `none`; whether a
    /// log of the policy signed it is another question (`SignedNote.verify`).
    package func isSatisfied(
        by note: SignedNote, _ verifier: any SignatureVerifier
    ) throws(NoteError) -> Bool {
        let keys = Set(try cosignatures(on: note, verifier).map(\.key))
        return isSatisfied { keys.contains($0.key) }
    }

    /// Whether the quorum is reached when these witnesses have cosigned.
    package func isSatisfied(by cosigned: (Witness) -> Bool) -> Bool {
        guard let quorum else { return true }
        var reached = Set(witnesses.filter(cosigned).map(\.name))
        // Members stand before their group, so one pass in order is enough.
        for group in groups where group.members.filter(reached.contains).count >= group.threshold {
            reached.insert(group.name)
        }
        return reached.contains(quorum)
    }

    /// The keys by which a log of this origin signs; empty for an unknown origin.
    package func keys(of origin: String) -> [VerifierKey] {
        logs.map(\.key).filter { $0.name == origin }
    }
}
