import InterlockAdministration
import InterlockAlerts
import InterlockModel

/// The forms for an alert's disposition and its incident. The reason is recorded.
struct AlertForms {
    let view: AlertDetail
    let formToken: String

    private var open: Incident? { view.incidents.first { $0.closed == nil } }

    var html: HTML {
        card("Say what it was") {
            Form(action: Link("alerts", view.alarm.id.text, "disposition"), formToken: formToken) {
                if view.alarm.finding == nil {
                    Form.field("It was", Anchor("as"), dispositions)
                }
                Form.field("Incident", Anchor("incident"), steps)
                Form.field(
                    "Why (1 to \(AlertDisposition.longestReason) characters, goes on record)",
                    Anchor("reason"),
                    element(
                        .textarea, .word(.name, "reason"), .id(Anchor("reason")),
                        .number(.rows, 3), .number(.maxlength, AlertDisposition.longestReason),
                        .flag(.required)))
                element(.button, .style(.approve), .word(.type, "submit")) { "Put on record" }
            }.html
        }
    }

    private var dispositions: HTML {
        element(.select, .word(.name, "as"), .id(Anchor("as"))) {
            element(.option, .text(.value, "")) { "not said now" }
            for disposition in Disposition.allCases {
                element(.option, .text(.value, disposition.rawValue)) {
                    AlertLabels.words(of: disposition)
                }
            }
        }
    }

    private var steps: HTML {
        element(.select, .word(.name, "incident"), .id(Anchor("incident"))) {
            element(.option, .text(.value, "")) { "as it is" }
            if open == nil {
                for severity in Incident.severities {
                    element(.option, .text(.value, "\(severity)")) {
                        severity == 1
                            ? "open one of severity 1, the worst"
                            : "open one of severity \(severity)"
                    }
                }
            } else {
                element(.option, .text(.value, "close")) { "close it" }
            }
        }
    }
}
