import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// `/policy/proposed`: what a revision on disk changes, in meaning and text, and the signatures it requires.
struct ProposedPage {
    let view: PolicyProposal
    let viewer: Person
    /// The signer, or nil if nothing can be signed.
    let signer: OrderSigner?
    let changes: RevisionChanges
    /// Nil if no log is behind the console.
    let simulation: SimulationCard?

    init(
        view: PolicyProposal, viewer: Person, signer: OrderSigner?, page: Int,
        simulation: SimulationCard? = nil
    ) {
        self.view = view
        self.viewer = viewer
        self.signer = signer
        self.simulation = simulation
        changes = RevisionChanges(view.changes, page: page)
    }

    var header: PageHeader {
        var header = PageHeader(
            "Proposed revision", kind: "Revision",
            back: .init(words: "Policy", link: PolicyRoute.overview.link),
            view.waitsForSignOff
                ? StatusBadge(.pending, "Waiting for signatures", from: Self.evidence)
                : StatusBadge(.problem, "Refused", from: Self.evidence))
        header.say {
            "\(Shape.count(view.changes.count, "change")), \(changes.widening) allow more"
        }
        if let signing = view.signing {
            header.fact("Signatures") { "\(signing.signers.count) of \(max(1, signing.need))" }
            header.fact("Written by") {
                if let author = signing.author { SafeText.text(author.address) } else { "not set" }
            }
            if view.waitsForSignOff, signing.awaits(viewer) {
                header.primary = HeaderAction("Go to sign-off", .to(ProposedSigning.anchor))
            }
        }
        header.fact("Read") { Shape.time(view.seen) }
        return header
    }

    private static let evidence =
        "The revision on disk, compared with the policy in force, and its signatures."

    @HTMLBuilder var content: [HTML] {
        element(
            .section, .style(.card), .id(Anchor("proposed")), .flag(.isLive),
            .text(.version, "\(view.digest.hex) \(view.active.hex) \(view.refusal.sentence)")
        ) {
            element(.h2) { "Why it waits" }
            notice(view.waitsForSignOff ? .warning : .bad) { SafeText.text(view.refusal.sentence) }
            if !view.refusal.findings.isEmpty {
                PolicyLabels.findings(view.refusal.findings, caption: "Why it is refused")
            }
            facts.html
        }
        card("What it changes") { changes.content }
        card("Worst case") { WorstCaseChanges(worst: view.worst).content }
        if let simulation { simulation.html }
        if !view.findings.isEmpty {
            card("What was found in it") {
                PolicyLabels.findings(
                    Array(view.findings.prefix(Paging.size)),
                    caption: "\(view.findings.count) findings that the policy in force has not")
            }
        }
        card("Text of the files") { FileDiffView(diff: view.texts).content }
        if view.waitsForSignOff {
            ProposedSigning(view: view, viewer: viewer, signer: signer).html
        }
    }

    private var facts: Facts {
        var facts = Facts()
        facts.add("Its digest") { Shape.whole(view.digest.prefixed) }
        facts.add("Digest of its tests") { Shape.whole(view.tests.prefixed) }
        facts.add("Revision", text: view.revision)
        facts.add("Active revision") { Shape.whole(view.active.prefixed) }
        facts.add("Read from its files") { Shape.time(view.seen) }
        facts.add("Effect") { Self.words(of: view.meaning) }
        if !view.files.isEmpty {
            // All of them are listed, since a signature covers each.
            facts.add("\(view.files.count) other files that differ, whose meaning is not known") {
                PolicyLabels.lines(view.files)
            }
        }
        return facts
    }

    private static func words(of meaning: String) -> String {
        switch meaning {
        case "equal": "Same decisions"
        case "narrows": "Allows less"
        case "widens": "Allows more"
        default: "Not comparable, which counts as allowing more"
        }
    }
}
