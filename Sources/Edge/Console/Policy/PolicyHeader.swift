import InterlockAPI
import InterlockAdministration
import InterlockMarkup

/// The header of the pages of the policy: who signed it and when, and the step that is next. It is amber until people other
/// than the author have signed, and while the files on disk are refused.
struct PolicyHeader {
    let view: PolicyOverview
    /// The name of the page, a literal of this program.
    let name: String
    var back: PageHeader.Back?

    var header: PageHeader {
        var header = PageHeader(name, back: back, badge)
        if isRefused {
            header.say { "Last reload refused: the files on disk are not in force" }
        } else if isAwaited, !view.status.isFounding {
            header.say { "A revision waits for signatures" }
        }
        if !view.status.isFounding {
            header.fact("Signed by") {
                if view.status.signers.isEmpty { "not shown by its file" }
                PolicyLabels.people(view.status.signers)
            }
            if let signed = view.signed { header.fact("Signed") { Shape.time(signed) } }
        }
        header.fact("Read") { Shape.time(view.compiled) }
        if view.agents > 0 { header.fact("Agents") { "\(view.agents)" } }
        let open = view.findings.count { !$0.isWaived }
        if open > 0 { header.fact("Open findings") { "\(open)" } }
        header.primary = primary
        return header
    }

    private var primary: HeaderAction? {
        guard view.isProposed else { return nil }
        return HeaderAction(
            view.status.isFounding ? "Review and sign" : "Review changes", PolicyRoute.proposed.link
        )
    }

    private var badge: StatusBadge {
        let (look, words): (StatusBadge.Kind, String) =
            switch view.status {
            case .founding: (.attention, "Not signed")
            case .signedByAuthorAlone: (.attention, "Signed by its author alone")
            case .signed where isRefused: (.attention, "Signed, reload refused")
            case .signed:
                isAwaited ? (.pending, "Signed, changes wait") : (.working, "Signed")
            }
        return StatusBadge(
            look, words,
            from: "The signatures of the revision in force, as this gateway accepted them, "
                + "and the last reload of its files.")
    }

    /// True if what lies on disk was refused for anything but missing signatures, which are waited for.
    private var isRefused: Bool {
        view.last?.refusal.map { !$0.waitsForSignOff } ?? false
    }

    /// True if a revision waits, also for a reader who may not read it.
    private var isAwaited: Bool {
        view.isProposed || view.last?.refusal?.waitsForSignOff ?? false
    }
}
