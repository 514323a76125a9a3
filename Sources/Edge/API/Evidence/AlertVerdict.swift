package import InterlockAdministration
package import InterlockAlerts
import InterlockMarkup
import InterlockModel

/// The disposition of an alert and the step for its incident, as submitted by form or by the API.
package struct AlertVerdict {
    package let disposition: Disposition?
    package let step: AlertDispositionService.IncidentStep
    package let reason: String

    /// - Parameters:
    ///   - disposition: empty if none is submitted.
    ///   - incident: `1` to `3` opens an incident, `close` closes it, empty leaves it.
    /// - Returns: nil if a value is not one that our forms send, if nothing is submitted, or if the reason is blank
    ///   or too long.
    package init?(_ disposition: String, incident: String, reason: String) {
        self.disposition = Disposition(rawValue: disposition)
        guard disposition.isEmpty || self.disposition != nil else { return nil }
        switch incident {
        case "": step = .none
        case "close": step = .close
        default:
            guard let severity = Int(incident), Incident.severities.contains(severity) else {
                return nil
            }
            step = .open(severity: severity)
        }
        guard self.disposition != nil || step != .none,
            (1...AlertDisposition.longestReason).contains(reason.unicodeScalars.count),
            reason.contains(where: { !$0.isWhitespace })
        else { return nil }
        self.reason = reason
    }
}

extension AlertTriageRefusal {
    package var sentence: String {
        switch self {
        case .missing: "alert not found, or no access"
        case .notTheirs: "the owner of its agent says what it was, or the role security"
        case .disposedAlready(let disposition):
            "it was disposed of already, as `\(disposition.rawValue)`"
        case .noOpenIncident: "no incident of it is open"
        case .notRecorded(let code): "the log takes no record now (\(code))"
        case .unavailable(let reason): reason
        }
    }

    package var status: Int {
        switch self {
        case .missing: 404
        case .notTheirs: 403
        case .disposedAlready, .noOpenIncident: 409
        case .notRecorded, .unavailable: 503
        }
    }
}
