import InterlockEvidence
import InterlockLedger
import InterlockMarkup

/// A session of a coding agent in words.
extension HostSessionView {
    /// The coding agent and its version.
    @HTMLBuilder var program: [HTML] {
        if let host {
            SafeText.text(HostLabels.program(host))
        } else {
            "Unknown"
        }
        if let version {
            " "
            HostLabels.name(version)
        }
    }

    var badge: HTML {
        switch health {
        case .active: InterlockMarkup.badge("active", .good)
        case .silent: InterlockMarkup.badge("silent", .bad)
        case .unknown: InterlockMarkup.badge("unknown", .unknown)
        case .ended: InterlockMarkup.badge("ended")
        }
    }

    /// The records about its hooks, with how many there are of each kind; a dash if there is none.
    @HTMLBuilder var warnings: [HTML] {
        let parts =
            findings.map { (HostLabels.finding($0.type), $0.count) }
            + (unmatched > 0 ? [("Call ended without a record of its begin", unmatched)] : [])
        if parts.isEmpty { "–" }
        for (words, count) in parts {
            element(.p) {
                SafeText.text(words)
                if count > 1 { ", \(count) times" }
            }
        }
    }
}

extension [HostSessionView] {
    /// The state of all together, which is that of the worst.
    var status: StatusBadge {
        let evidence = "The newest records of hooks, as they were when this page was made."
        func count(_ health: HostSessionView.Health) -> Int { self.count { $0.health == health } }
        if count(.silent) > 0 {
            return StatusBadge(.problem, "\(count(.silent)) silent", from: evidence)
        }
        if count(.unknown) > 0 {
            return StatusBadge(.unknown, "\(count(.unknown)) unknown", from: evidence)
        }
        if count(.active) > 0 {
            return StatusBadge(.working, "\(count(.active)) active", from: evidence)
        }
        return StatusBadge(.plain, isEmpty ? "No sessions" : "All ended", from: evidence)
    }
}
