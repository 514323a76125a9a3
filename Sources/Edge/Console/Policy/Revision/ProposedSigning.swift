import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// The existing and missing signatures of a pending revision, and the viewer's means to sign.
struct ProposedSigning {
    let view: PolicyProposal
    let viewer: Person
    /// The signer, or nil if nothing can be signed.
    let signer: OrderSigner?

    static let anchor = Anchor("sign-off")

    // INVARIANT: this part does not refresh itself. The signature covers what the rest of this page was made from, and
    // a signature on a revision that is no longer pending is refused.
    var html: HTML {
        element(.section, .style(.card), .id(Self.anchor)) {
            element(.h2) { "Sign-off" }
            content
        }
    }

    @HTMLBuilder private var content: [HTML] {
        if let signing = view.signing {
            facts(signing).html
            if !signing.awaits(viewer) {
                bystander(signing)
            } else if view.texts.isWhole {
                way(signing)
            } else {
                notice(.bad) { "The files are not shown whole above, so nothing is signed here." }
            }
        } else {
            notice(.bad) { "Who is enrolled cannot be read, so no signature can be judged." }
        }
    }

    private func facts(_ signing: SignOffProgress) -> Facts {
        var facts = Facts()
        facts.add("Needed") {
            switch signing.need {
            case 0 where view.isFirst: "the author alone, as it is the first revision"
            case 0: "the author alone, as no other person is enrolled"
            default: signing.neededSigners
            }
        }
        facts.add("Author") {
            if let author = signing.author {
                Shape.person(author)
                signing.isAuthors ? ", who has signed" : ", who has not signed yet"
            } else {
                "the first signer"
            }
        }
        facts.add("Signed by") {
            if signing.signers.isEmpty { "no eligible person" }
            PolicyLabels.people(signing.signers)
            if signing.uncounted > 0 { "; \(signing.uncounted) signatures count for nothing" }
        }
        facts.add("Can sign") {
            if signing.eligible.isEmpty { "no enrolled person may" }
            PolicyLabels.people(signing.eligible)
        }
        return facts
    }

    @HTMLBuilder private func way(_ signing: SignOffProgress) -> [HTML] {
        let isAuthors = signing.author.map { $0 == viewer } ?? true
        element(.p) {
            if signing.author == nil, signing.need == 0 {
                "Your signature declares that it is your work, and signs it off. "
            } else if signing.author == nil {
                "The first signer declares that it is their work, and then others must sign. "
            } else if isAuthors {
                "You are named as its author: your signature says that it is your work, and counts for nothing else. "
            }
            "You sign what is on this page: the policy with its lock, its tests and waivers, and the other files. "
            if view.isFirst {
                "It is in force already. Once it is signed off, agents may be above supervised, and no revision is "
                "loaded without signatures."
            } else {
                "As soon as enough people have signed, it comes into force here, without a restart."
            }
        }
        if let signer {
            signer.form(.signOff(view.identity, over: view.activeIdentity, isAuthors: isAuthors))
        } else {
            element(.p, .style(.hint)) {
                "Where the policy lies: "
                element(.code) {
                    view.isFirst ? PolicyLabels.firstSignOff : PolicyLabels.signOff
                }
            }
        }
    }

    @HTMLBuilder private func bystander(_ signing: SignOffProgress) -> [HTML] {
        element(.p, .style(.hint)) {
            if signing.author == viewer || signing.signers.contains(viewer) {
                "You have signed it."
            } else {
                "It takes an owner of the policy in force or the role "
                element(.code) { Role.security.rawValue }
                ", and you are neither."
            }
        }
    }
}

extension SignOffProgress {
    /// The people whose signatures make a revision active.
    var neededSigners: String {
        switch need {
        case 0: "the author"
        case 1: "one person other than the author"
        default: "\(need) people other than the author"
        }
    }
}
