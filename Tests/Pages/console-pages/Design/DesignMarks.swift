import InterlockLedger
import InterlockModel

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

/// People, ids and proofs, as lists and pages name them.
enum DesignMarks {
    private static let id = "01kag0q9m2c4e6g8j0k2n4p6r8"
    private static let digest = "sha256:1f3385aa90b2c4e677d01f9c5e2a48b3"
    private static let words: [PersonWord?] = [nil, .revoked, .former, .service]

    static let specimens =
        words.map { word in
            DesignPage.Specimen("Person: \(word?.rawValue ?? "active")", "HTML.person(_, _)") {
                if let person = Person("ines@acme.example") {
                    HTML.person(person, word)
                }
            }
        } + [
            DesignPage.Specimen("Person: unknown", "Shape.person(nil)") { Shape.person(nil) },
            DesignPage.Specimen("Person of another domain", "Shape.person(_)") {
                Shape.person(Person("rui@other.example"))
            },
            DesignPage.Specimen("Id in a list", "Shape.id(_)") { Shape.id(id) },
            DesignPage.Specimen("Digest in a list", "Shape.digest(_)") { Shape.digest(digest) },
            DesignPage.Specimen("Digest where a person signs", "Shape.whole(_)") {
                Shape.whole(digest)
            },
        ]
        + proofs.enumerated().map { number, proof in
            DesignPage.Specimen("Proof: \(proof.name)", "ProofBadge(\(proof.code), of: _, _)") {
                ProofBadge(
                    proof.state, of: "Record \(number)", Anchor("specimen-proof", number)
                )
                .html
            }
        }

    private static let proofs: [(name: String, code: String, state: ProofBadge.State)] = {
        guard let root = Digest(bytes: [UInt8](repeating: 7, count: 32)) else { return [] }
        let cosigned = CheckpointWitnesses(
            names: ["witness.example"], quorum: .reached("witness.example"))
        return [
            (
                "proved and cosigned", ".proved(_)",
                .proved(RecordProof(size: 1_234, root: root, witnesses: cosigned))
            ),
            ("proved", ".proved(_)", .proved(RecordProof(size: 1_234, root: root))),
            ("not proved", ".notProved", .notProved),
            ("not checked", ".notChecked", .notChecked),
        ]
    }()
}
