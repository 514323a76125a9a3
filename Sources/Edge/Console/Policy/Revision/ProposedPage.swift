import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel
import InterlockPolicyReview

/// `/policy/proposed`: what a revision on disk changes, or the first one states, in meaning and text, and the signatures
/// it requires.
struct ProposedPage {
    let view: PolicyProposal
    let viewer: Person
    /// The signer, or nil if nothing can be signed.
    let signer: OrderSigner?
    let changes: RevisionChanges
    /// Nil if no log is behind the console, or for the first revision, which has decided the calls already.
    let simulation: SimulationCard?

    init(
        view: PolicyProposal, viewer: Person, signer: OrderSigner?, page: Int,
        simulation: SimulationCard? = nil
    ) {
        self.view = view
        self.viewer = viewer
        self.signer = signer
        self.simulation = simulation
        changes = RevisionChanges(view.changes, page: page, isFirst: view.isFirst)
    }

    var title: String { view.isFirst ? "First revision" : "Proposed revision" }

    var header: PageHeader {
        var header = PageHeader(
            title, kind: "Revision",
            back: .init(words: "Policy", link: PolicyRoute.overview.link), badge)
        header.say {
            if view.isFirst {
                "In force without a sign-off: anyone who can write its files decides"
            } else {
                "\(Shape.count(view.changes.count, "change")), \(changes.wideningWords)"
            }
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

    private var badge: StatusBadge {
        let evidence =
            view.isFirst
            ? "The policy in force, and the signatures in its file."
            : "The revision on disk, compared with the policy in force, and its signatures."
        return switch (view.waitsForSignOff, view.isFirst) {
        case (true, true): StatusBadge(.attention, "Not signed", from: evidence)
        case (true, false): StatusBadge(.pending, "Waiting for signatures", from: evidence)
        case (false, true): StatusBadge(.problem, "Cannot be signed yet", from: evidence)
        case (false, false): StatusBadge(.problem, "Refused", from: evidence)
        }
    }

    @HTMLBuilder var content: [HTML] {
        element(
            .section, .style(.card), .id(Anchor("proposed")), .flag(.isLive),
            .text(.version, "\(view.digest.hex) \(view.active.hex) \(view.refusal.sentence)")
        ) {
            element(.h2) { view.isFirst ? "Why it is not signed" : "Why it waits" }
            notice(view.waitsForSignOff ? .warning : .bad) { why }
            if view.waitsForSignOff {
                element(.p, .style(.hint)) { SafeText.own(view.refusal.sentence) }
            }
            if !view.refusal.findings.isEmpty {
                PolicyLabels.findings(view.refusal.findings, caption: "Why it is refused")
            }
            facts.html
        }
        card(view.isFirst ? "What it states" : "What it changes") { changes.content }
        card("Worst case") { WorstCaseChanges(worst: view.worst, isFirst: view.isFirst).content }
        if let simulation { simulation.html }
        if !view.findings.isEmpty {
            card("What was found in it") {
                PolicyLabels.findings(
                    Array(view.findings.prefix(Paging.size)),
                    caption: Shape.count(view.findings.count, "finding")
                        + (view.isFirst ? "" : " that the policy in force has not"))
            }
        }
        card("Text of the files") { FileDiffView(diff: view.texts).content }
        card("Identity") { identity.html }
        if view.waitsForSignOff {
            ProposedSigning(view: view, viewer: viewer, signer: signer).html
        }
    }

    private var why: [HTML] {
        guard view.waitsForSignOff else { return SafeText.own(view.refusal.sentence) }
        return [.text(view.isFirst ? "No person has signed it off." : missing)]
    }

    /// The signatures that make the revision active.
    private var missing: String {
        guard let signing = view.signing else {
            return "It becomes active once enough people have signed it."
        }
        let have = signing.need > 1 ? "have" : "has"
        return "It becomes active once \(signing.neededSigners) \(have) signed it."
    }

    private var facts: Facts {
        var facts = Facts()
        if !view.isFirst { facts.add("Effect") { Self.words(of: view.meaning) } }
        facts.add("Revision", text: view.revision)
        facts.add("Read from its files") { Shape.time(view.seen) }
        if !view.files.isEmpty {
            // All of them are listed, since a signature covers each.
            let files = view.isFirst ? "other files" : "other files that differ"
            facts.add("\(view.files.count) \(files), whose meaning is not known") {
                element(.ul, .style(.tree)) { for path in view.files { file(path) } }
            }
        }
        return facts
    }

    /// The digests that a signature covers besides the texts above.
    private var identity: Facts {
        var facts = Facts()
        facts.add("Its digest") { Shape.whole(view.digest.prefixed) }
        facts.add("Digest of its tests") { Shape.whole(view.tests.prefixed) }
        facts.add("Digest of its lock") {
            if let lock = view.lock {
                Shape.whole(lock.prefixed)
            } else {
                "no lock: the first definition that a server offers is pinned"
            }
        }
        if !view.isFirst { facts.add("Active revision") { Shape.whole(view.active.prefixed) } }
        return facts
    }

    /// A path that a signature covers, with its digest unless the file is gone.
    private func file(_ path: String) -> HTML {
        element(.li) {
            SafeText.text(path)
            if let digest = view.signedFiles.first(where: { $0.path == path })?.digest {
                " "
                element(.code) { digest.prefixed }
            }
        }
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
