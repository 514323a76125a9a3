package import InterlockModel

/// Evaluation of the quorum of witnesses for a checkpoint.
extension TrustPolicy {
    /// Returns the cosignatures of a note by witnesses of this policy, in the order of the note. Lines of other keys
    /// are ignored.
    ///
    /// - Throws: `badSignature` if a line names a witness of the policy but does not verify.
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

    /// Returns true if the note has cosignatures of a quorum, which is always so if the quorum is `none`. It does not
    /// check the signature of the log (`SignedNote.verify`).
    package func isSatisfied(
        by note: SignedNote, _ verifier: any SignatureVerifier
    ) throws(NoteError) -> Bool {
        let keys = Set(try cosignatures(on: note, verifier).map(\.key))
        return isSatisfied { keys.contains($0.key) }
    }

    /// Returns true if the quorum is reached when these witnesses have cosigned.
    package func isSatisfied(by cosigned: (Witness) -> Bool) -> Bool {
        guard let quorum else { return true }
        var reached = Set(witnesses.filter(cosigned).map(\.name))
        // Members precede their group, so one pass in order suffices.
        for group in groups where group.members.filter(reached.contains).count >= group.threshold {
            reached.insert(group.name)
        }
        return reached.contains(quorum)
    }

    /// Returns the keys of the logs with this origin; empty if the origin is unknown.
    package func keys(of origin: String) -> [VerifierKey] {
        logs.map(\.key).filter { $0.name == origin }
    }
}
