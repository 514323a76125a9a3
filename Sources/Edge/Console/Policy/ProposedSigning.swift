import InterlockGateway
import InterlockModel

/// Who has signed a revision that waits, who still has to, and how the reader signs.
struct ProposedSigning {
    let view: PolicyProposal
    let viewer: Person

    @HTMLBuilder var content: [HTML] {
        if let signing = view.signing {
            facts(signing).html
            if signing.awaits(viewer) { way(signing) }
        } else {
            Notice(.bad) { "Who is enrolled cannot be read, so no signature can be judged." }.html
        }
    }

    private func facts(_ signing: PolicySigning) -> Facts {
        var facts = Facts()
        facts.add("Needed") {
            signing.need == 1
                ? "one person other than the author"
                : "\(signing.need) people other than the author"
        }
        facts.add("Author") {
            if let author = signing.author {
                Shown.text(author.address)
                signing.hasAuthorSigned ? ", who has signed" : ", who has not signed yet"
            } else {
                "whoever signs first"
            }
        }
        facts.add("Signed by") {
            if signing.signers.isEmpty { "nobody who counts" }
            PolicyWords.people(signing.signers)
            if signing.uncounted > 0 { "; \(signing.uncounted) signatures count for nothing" }
        }
        facts.add("May sign") {
            if signing.eligible.isEmpty { "nobody is enrolled who may" }
            PolicyWords.people(signing.eligible)
        }
        return facts
    }

    /// The place for the passkey's button: what it signs is `PolicyReading.draft`.
    @HTMLBuilder private func way(_ signing: PolicySigning) -> [HTML] {
        element(.div, .id(Anchor("sign-off"))) {
            if signing.author == nil {
                element(.p) { "Whoever signs first says that it is their work." }
            }
            element(.p) {
                "Where the policy lies: "
                element(.code) { "interlock policy diff OLD NEW --sign KEY" }
            }
        }
    }
}
